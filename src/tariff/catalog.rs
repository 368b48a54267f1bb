//! The tariffs that ship inside the program: the TOML files of `tariffs/`.

use super::Tariff;
use crate::error::{Error, Result};
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
    /// When no shipped tariff has that id; the message lists those there are.
    pub fn builtin(id: &str) -> Result<Self> {
        let Some(found) = SHIPPED.iter().find(|s| s.id == id) else {
            let ids: Vec<&str> = SHIPPED.iter().map(|s| s.id).collect();
            let cure = format!("give a TOML file, or one of {}", ids.join(", "));
            return Err(Error::option(format!("tariff {id:?} is not shipped"), cure));
        };
        Self::parse(Path::new(&format!("tariffs/{id}.toml")), found.text)
    }
}

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
    fn an_unknown_id_lists_those_there_are() {
        let e = Tariff::builtin("nope").map(|_| ()).map_err(|e| e.to_string());
        assert!(e.is_err_and(|e| e.contains("demo-two-part")));
    }
}
