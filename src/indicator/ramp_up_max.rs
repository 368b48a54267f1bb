//! 最大上升爬坡率: greatest ramp up.

use super::MAX_COVERAGE;
use super::{Indicator, View};

/// The greatest rise from one interval to the next, per minute.
#[derive(Debug)]
pub struct RampUpMax;

impl Indicator for RampUpMax {
    fn code(&self) -> &'static str {
        "ramp_up_max"
    }

    fn unit(&self) -> &'static str {
        "kW/min"
    }

    fn card(&self) -> &'static str {
        include_str!("ramp_up_max.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let kw = view.steps?.up_kw;
        view.covers(MAX_COVERAGE).then(|| kw / f64::from(view.of.load.interval().minutes()))
    }
}
