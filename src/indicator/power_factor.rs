//! 平均功率因数: power factor of the span.

use super::{Indicator, MIN_COVERAGE, View};
use crate::units::{Kvarh, Kwh, Ratio};

/// cos φ of the energies of the whole span.
#[derive(Debug)]
pub struct PowerFactor;

impl Indicator for PowerFactor {
    fn code(&self) -> &'static str {
        "power_factor"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("power_factor.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        if !view.covers(MIN_COVERAGE) || !view.covers_reactive(MIN_COVERAGE) {
            return None;
        }
        let load = view.of.load;
        let kvarh = load.kvarh(0..load.kw().len())?;
        let live = |day: &usize| load.day_reactive(*day).is_none_or(|sums| sums.magnitude > 0.0);
        let kwh: f64 = (0..load.days().len()).filter(live).map(|day| load.import_kwh(load.days().range(day))).sum();
        Kwh::new(kwh).power_factor(Kvarh::new(kvarh)).map(Ratio::get)
    }
}
