//! 爬坡率99分位: 99th percentile of ramps.

use super::MIN_COVERAGE;
use super::{Indicator, View};

/// The 99th percentile of the magnitude of change from one interval to the next, per minute.
#[derive(Debug)]
pub struct RampP99;

impl Indicator for RampP99 {
    fn code(&self) -> &'static str {
        "ramp_p99"
    }

    fn unit(&self) -> &'static str {
        "kW/min"
    }

    fn card(&self) -> &'static str {
        include_str!("ramp_p99.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let kw = view.steps?.p99_kw;
        view.covers(MIN_COVERAGE).then(|| kw / f64::from(view.of.load.interval().minutes()))
    }
}
