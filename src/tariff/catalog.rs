//! The tariffs that ship inside the program: the TOML files of `tariffs/`.

use super::Tariff;
use crate::error::{Error, Result};
use crate::text::{said, say};
use std::path::Path;

/// A shipped tariff file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// Tariff id; the file is `tariffs/<id>.toml`.
    pub id: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($id:literal),* $(,)?) => {
        &[$(Shipped { id: $id, text: include_str!(concat!("../../tariffs/", $id, ".toml")) }),*]
    };
}

/// All shipped tariffs, by id.
static SHIPPED: &[Shipped] = shipped![
    "bench-j1",
    "cn-guangdong-two-part-template",
    "cn-hebei-south-two-part-template",
    "cn-hubei-2026-01-single-part-1-10kv",
    "cn-hubei-2026-01-single-part-35kv",
    "cn-hubei-2026-01-single-part-below-1kv",
    "cn-hubei-2026-01-two-part-1-10kv",
    "cn-hubei-2026-01-two-part-110kv",
    "cn-hubei-2026-01-two-part-220kv",
    "cn-hubei-2026-01-two-part-35kv",
    "cn-jiangsu-industry-two-part-template",
    "cn-shandong-2026-two-part-template",
    "cn-shanghai-2026-summer-two-part-template",
    "cn-zhejiang-2026-two-part-template",
    "demo-two-part",
    "tw-taipower-2025-10-extra-high-voltage-2-tier",
    "tw-taipower-2025-10-extra-high-voltage-batch",
    "tw-taipower-2025-10-extra-high-voltage-power",
    "tw-taipower-2025-10-extra-high-voltage-three-stage",
    "tw-taipower-2025-10-high-voltage-2-tier",
    "tw-taipower-2025-10-high-voltage-batch",
    "tw-taipower-2025-10-high-voltage-ev",
    "tw-taipower-2025-10-high-voltage-power",
    "tw-taipower-2025-10-high-voltage-three-stage",
    "tw-taipower-2025-10-lighting-business-tiered",
    "tw-taipower-2025-10-lighting-non-business-tiered",
    "tw-taipower-2025-10-lighting-standard-2-tier",
    "tw-taipower-2025-10-lighting-standard-3-tier",
    "tw-taipower-2025-10-low-voltage-2-tier",
    "tw-taipower-2025-10-low-voltage-ev",
    "tw-taipower-2025-10-low-voltage-power",
    "tw-taipower-2025-10-low-voltage-three-stage",
    "tw-taipower-2025-10-residential-non-tou",
    "tw-taipower-2025-10-residential-simple-2-tier",
    "tw-taipower-2025-10-residential-simple-3-tier",
    "us-ca-lodi-g3-industrial-secondary",
    "us-ct-wallingford-primary-northford",
    "us-illustrative-tou-demand-ratchet",
    "us-pa-kutztown-general-industrial",
];

impl Tariff {
    /// The shipped tariffs, by id.
    #[must_use]
    pub fn builtin_list() -> &'static [Shipped] {
        SHIPPED
    }

    /// The shipped tariff of an id, or all shipped versions of a series.
    ///
    /// # Errors
    /// When no shipped tariff has that id or series; the message lists the ids.
    pub fn builtin_versions(name: &str) -> Result<Vec<Self>> {
        let series = format!("\nseries = \"{name}\"\n");
        let versions: Vec<&Shipped> = SHIPPED.iter().filter(|s| s.text.contains(&series)).collect();
        if versions.is_empty() || SHIPPED.iter().any(|s| s.id == name) {
            return Ok(vec![Self::builtin(name)?]);
        }
        versions.into_iter().map(|s| Self::builtin(s.id)).collect()
    }

    /// A shipped tariff.
    ///
    /// # Errors
    /// When no shipped tariff has that id; the message names those that it may have meant.
    pub fn builtin(id: &str) -> Result<Self> {
        let Some(found) = SHIPPED.iter().find(|s| s.id == id) else {
            let plain = || said("tariff.not_shipped_cure").to_owned();
            let cure = near(id).map_or_else(plain, |near| say("tariff.not_shipped_near", &[("near", &near)]));
            return Err(Error::option(say("tariff.not_shipped", &[("id", &format_args!("{id:?}"))]), cure));
        };
        Self::parse(Path::new(&format!("tariffs/{id}.toml")), found.text)
    }
}

/// Ids that a misspelt one may have meant: those that share most of its parts, at most a few.
fn near(id: &str) -> Option<String> {
    let parts: Vec<&str> = id.split(|c: char| !c.is_alphanumeric()).filter(|p| p.len() > 2).collect();
    let shared = |shipped: &str| parts.iter().filter(|p| shipped.contains(**p)).count();
    let most = SHIPPED.iter().map(|s| shared(s.id)).max().filter(|most| *most > 0)?;
    let alike: Vec<&str> = SHIPPED.iter().map(|s| s.id).filter(|s| shared(s) == most).take(MOST_NEAR).collect();
    Some(alike.join(", "))
}

/// Ids that a message names.
const MOST_NEAR: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariff::Compiled;
    use crate::time::Interval;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    #[test]
    fn every_file_of_the_folder_is_shipped_under_its_id() -> Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tariffs");
        let files: BTreeSet<String> = std::fs::read_dir(&folder)
            .map_err(Error::io(&folder))?
            .filter_map(|f| f.ok().and_then(|f| f.file_name().into_string().ok()))
            .filter_map(|f| f.strip_suffix(".toml").map(str::to_owned))
            .collect();
        let shipped: BTreeSet<String> = SHIPPED.iter().map(|s| s.id.to_owned()).collect();
        assert_eq!(files, shipped);
        for s in SHIPPED {
            assert_eq!(&*Tariff::builtin(s.id)?.id, s.id);
        }
        Ok(())
    }

    #[test]
    fn every_shipped_day_is_covered_exactly_once() -> Result<()> {
        for s in SHIPPED {
            let tariff = Arc::new(Tariff::builtin(s.id)?);
            let (from, to) = (tariff.effective_from, tariff.effective_to.unwrap_or(tariff.effective_from.plus(3653)));
            for interval in [Interval::M5, Interval::M15, Interval::M30, Interval::M60] {
                let compiled = Compiled::new(Arc::clone(&tariff), interval, None)?;
                for day in from.0..=to.0 {
                    let mut next = 0;
                    for segment in compiled.segments(crate::time::Date(day)) {
                        assert_eq!(segment.slots.start, next, "{} {day}", s.id);
                        next = segment.slots.end;
                    }
                    assert_eq!(next, interval.slots(), "{} {day}", s.id);
                }
            }
        }
        Ok(())
    }

    #[test]
    fn an_unknown_id_is_told_what_there_is() {
        let said = |id: &str| Tariff::builtin(id).map(|_| ()).map_err(|e| e.to_string()).unwrap_err();
        assert!(said("nope").ends_with("an id that `peakwise tariff list` prints"));
        assert!(said("hubei-2026-01-two-part-10kv").contains("such as cn-hubei-2026-01-two-part-1-10kv, "));
        assert!(said("demo").ends_with("such as demo-two-part"));
    }
}
