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
        Kwh::new(load.import_kwh(0..load.kw().len())).power_factor(Kvarh::new(kvarh)).map(Ratio::get)
    }
}
