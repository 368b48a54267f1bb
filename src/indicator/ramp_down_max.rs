//! 最大下降爬坡率: greatest ramp down.

use super::MAX_COVERAGE;
use super::{Indicator, View};

/// The greatest fall from one interval to the next, per minute.
#[derive(Debug)]
pub struct RampDownMax;

impl Indicator for RampDownMax {
    fn code(&self) -> &'static str {
        "ramp_down_max"
    }

    fn unit(&self) -> &'static str {
        "kW/min"
    }

    fn card(&self) -> &'static str {
        include_str!("ramp_down_max.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let kw = view.steps?.down_kw;
        view.covers(MAX_COVERAGE).then(|| kw / f64::from(view.of.load.interval().minutes()))
    }
}
