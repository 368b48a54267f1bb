//! What a person should mend in a tariff file though it could be billed: prices that contradict the
//! names of their periods, windows that never hold, files of one tariff that do not chain.

use super::fault::{Fault, examine};
use super::{Compiled, Period, Tariff};
use crate::error::Result;
use crate::time::{Date, Interval};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Dates that are looked at of a tariff without an end (judgement: leap years and moving holidays
/// come round in it).
const OPEN_DAYS: i32 = 10 * 366;

/// All faults of a file, those of [`examine`] and those that billing would not notice.
///
/// # Errors
/// When a shipped calendar cannot be read.
pub fn lint(path: &Path, text: &str) -> Result<(Option<Arc<Tariff>>, Vec<Fault>)> {
    let examined = examine(path, text);
    let mut faults = examined.faults;
    let Some(tariff) = examined.tariff.map(Arc::new) else { return Ok((None, faults)) };
    let compiled = Compiled::new(Arc::clone(&tariff), Interval::M15, None)?;
    let days = Days::of(&compiled);
    // Prices that are not known yet have no order.
    if tariff.unpriced().is_empty() && tariff.price_series.is_empty() {
        days.order(&compiled, &mut faults);
    }
    days.unused(&tariff, &mut faults);
    special_days(&tariff, &mut faults);
    for fault in faults.iter_mut().filter(|f| f.place.is_none()) {
        fault.place = tariff.places.find(&fault.key);
    }
    Ok((Some(tariff), faults))
}

/// Versions of one series must follow each other day by day: a fault, with the file that it is in, for
/// every gap and overlap.
#[must_use]
pub fn chain(tariffs: &[Arc<Tariff>]) -> Vec<(PathBuf, Fault)> {
    let mut series: BTreeMap<&str, Vec<&Tariff>> = BTreeMap::new();
    for tariff in tariffs {
        series.entry(tariff.series.as_ref().unwrap_or(&tariff.id)).or_default().push(tariff);
    }
    let mut out = Vec::new();
    for (name, mut versions) in series {
        versions.sort_by_key(|t| t.effective_from);
        for pair in versions.windows(2) {
            let [before, after] = pair else { continue };
            let what = match before.effective_to {
                Some(to) if to.plus(1) == after.effective_from => continue,
                Some(to) if to < after.effective_from => {
                    format!("no version of {name} holds from {} on: {} ends on {to}", to.plus(1), before.path.display())
                }
                _ => format!("{} of {name} still holds then: it is valid {}", before.path.display(), before.validity()),
            };
            let place = after.places.find("effective_from");
            let cure = format!("let one version end the day before the next begins, {}", after.effective_from);
            out.push((after.path.clone(), Fault { place, key: "effective_from".into(), what, cure }));
        }
    }
    out
}

/// The sets of bands that share a day, each with the first date on which they do.
struct Days(BTreeMap<BTreeSet<usize>, Date>);

impl Days {
    fn of(compiled: &Compiled) -> Self {
        let tariff = compiled.tariff();
        let last = tariff.effective_to.unwrap_or(tariff.effective_from.plus(OPEN_DAYS));
        let mut out = BTreeMap::new();
        for day in tariff.effective_from.0..=last.0 {
            let bands = compiled.segments(Date(day)).iter().map(|s| s.band).collect();
            out.entry(bands).or_insert(Date(day));
        }
        Self(out)
    }

    /// On every day a sharp kWh costs at least as much as a peak one, and so on down to deep valley.
    fn order(&self, compiled: &Compiled, faults: &mut Vec<Fault>) {
        let bands = compiled.bands();
        let rank = |p: Period| Period::ALL.iter().position(|q| *q == p);
        let mut told = BTreeSet::new();
        for (set, date) in &self.0 {
            for (a, b) in set.iter().flat_map(|a| set.iter().map(move |b| (*a, *b))) {
                let (Some(dear), Some(cheap)) = (bands.get(a), bands.get(b)) else { continue };
                if rank(dear.period) < rank(cheap.period) && dear.price < cheap.price && told.insert((a, b)) {
                    faults.push(Fault {
                        place: None,
                        key: format!("band[{a}].components"),
                        what: format!(
                            "{} is {} and costs {:.6}, less than {} ({}) at {:.6} on the same day, {date}",
                            dear.name,
                            dear.period.name(),
                            dear.price,
                            cheap.name,
                            cheap.period.name(),
                            cheap.price
                        ),
                        cure: "mend the prices, or the periods of the bands".into(),
                    });
                }
            }
        }
    }

    /// Bands that no window gives a quarter hour to on any date of the validity.
    fn unused(&self, tariff: &Tariff, faults: &mut Vec<Fault>) {
        let used: BTreeSet<usize> = self.0.keys().flatten().copied().collect();
        for (i, band) in tariff.bands.iter().enumerate().filter(|(i, _)| !used.contains(i)) {
            let named = tariff.schedules.iter().any(|s| s.windows.contains_key(&*band.name));
            // A month's price list states the prices of windows of other months too.
            if !named {
                faults.push(Fault {
                    place: None,
                    key: format!("band[{i}].name"),
                    what: format!("no schedule has a window of band {:?}", band.name),
                    cure: "add its windows, or drop the band".into(),
                });
            }
        }
    }
}

fn special_days(tariff: &Tariff, faults: &mut Vec<Fault>) {
    let mut seen = BTreeSet::new();
    for (i, special) in tariff.special_days.iter().enumerate() {
        let what = match (tariff.is_effective(special.date), seen.insert(special.date)) {
            (true, true) => continue,
            (false, _) => format!("{} is outside the validity, {}", special.date, tariff.validity()),
            (true, false) => format!("{} is there twice", special.date),
        };
        let cure = "drop the table, or mend its date".into();
        faults.push(Fault { place: None, key: format!("special_day[{i}].date"), what, cure });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariff::testkit::TWO_BANDS;

    const ALL_YEAR: &str = "[[schedule]]\nwindows = { high = [\"08:00-22:00\"], low = [\"22:00-08:00\"] }\n";

    fn faults(text: &str) -> Result<Vec<String>> {
        Ok(lint(Path::new("t.toml"), text)?.1.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_peak_cheaper_than_flat_is_told_once() -> Result<()> {
        assert_eq!(faults(&format!("{TWO_BANDS}{ALL_YEAR}"))?, [""; 0]);
        let found = faults(&format!("{TWO_BANDS}{ALL_YEAR}").replace("1.0", "0.1"))?;
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].contains("high is peak and costs 0.100000, less than low (flat) at 0.250000"), "{found:#?}");
        Ok(())
    }

    #[test]
    fn prices_of_bands_that_never_share_a_day_are_not_compared() -> Result<()> {
        let seasons = "[[schedule]]\nmonths = [1, 2, 3, 4, 5, 6]\nwindows = { high = [\"00:00-24:00\"] }\n\
                       [[schedule]]\nmonths = [7, 8, 9, 10, 11, 12]\nwindows = { low = [\"00:00-24:00\"] }\n";
        assert_eq!(faults(&format!("{TWO_BANDS}{seasons}").replace("1.0", "0.1"))?, [""; 0]);
        Ok(())
    }

    #[test]
    fn versions_that_do_not_chain_are_told() -> Result<()> {
        let version = |id: &str, from: &str, to: &str| {
            let text =
                format!("{TWO_BANDS}{ALL_YEAR}").replacen("id = \"two\"", &format!("id = \"{id}\"\nseries = \"s\""), 1);
            let text = text.replace("2020-01-01", from).replace("2030-12-31", to);
            Tariff::parse(Path::new(&format!("{id}.toml")), &text).map(Arc::new)
        };
        let a = version("a", "2025-01-01", "2025-12-31")?;
        assert_eq!(chain(&[version("b", "2026-01-01", "2026-12-31")?, Arc::clone(&a)]), []);
        let gap = chain(&[Arc::clone(&a), version("b", "2026-02-01", "2026-12-31")?]);
        assert!(gap.len() == 1 && gap[0].1.what.contains("holds from 2026-01-01 on"), "{gap:?}");
        let overlap = chain(&[a, version("b", "2025-12-31", "2026-12-31")?]);
        assert!(overlap.len() == 1 && overlap[0].1.what.contains("still holds then"), "{overlap:?}");
        Ok(())
    }

    #[test]
    fn bands_without_windows_and_days_outside_the_validity_are_told() -> Result<()> {
        let text = format!(
            "{TWO_BANDS}[[schedule]]\nwindows = {{ low = [\"00:00-24:00\"] }}\n\
             [[special_day]]\ndate = \"2031-01-01\"\nkind = \"holiday\"\n"
        );
        let found = faults(&text)?;
        assert!(found.iter().any(|f| f.contains("no schedule has a window of band \"high\"")), "{found:#?}");
        assert!(found.iter().any(|f| f.contains("2031-01-01 is outside the validity")), "{found:#?}");
        Ok(())
    }
}
