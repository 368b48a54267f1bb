//! 夜间电量占比: share of the energy at night.

use super::{Indicator, MIN_COVERAGE, View};
use crate::curve::{Load, sum};

/// The night begins at this hour of the wall clock (judgement; the customary night valley begins
/// between 22:00 and 24:00).
pub const NIGHT_FROM_HOUR: usize = 22;
/// It ends at this hour (judgement).
pub const NIGHT_TO_HOUR: usize = 6;

/// Share of the import that falls into the night.
#[derive(Debug)]
pub struct NightShare;

impl Indicator for NightShare {
    fn code(&self) -> &'static str {
        "night_share"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("night_share.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let load = view.of.load;
        let all = load.import_kwh(0..load.kw().len()) / load.interval().hours();
        (view.covers(MIN_COVERAGE) && all > 0.0 && view.of.duration.kw.first()? > &view.no_load_kw())
            .then(|| night_kw(load) / all)
    }
}

/// Sum of the import of all night intervals, in kW.
fn night_kw(load: &Load) -> f64 {
    let hour = load.interval().slots() / 24;
    let (dawn, dusk) = (NIGHT_TO_HOUR * hour, NIGHT_FROM_HOUR * hour);
    let export = load.has_export();
    let import = |range: std::ops::Range<usize>| {
        if export { range.map(|i| load.import_kw(i)).sum() } else { sum(&load.kw()[range]) }
    };
    let mut total = 0.0;
    for day in 0..load.days().len() {
        let range = load.days().range(day);
        if load.days().shift(day).is_none() {
            total += import(range.start..range.start + dawn) + import(range.start + dusk..range.end);
            continue;
        }
        for (k, i) in range.enumerate() {
            let slot = load.days().slot(day, k);
            if slot < dawn || slot >= dusk {
                total += import(i..i + 1);
            }
        }
    }
    total
}
