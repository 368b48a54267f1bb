//! 日峰谷差率: mean daily peak-to-valley ratio.

use super::{Indicator, View};

/// Mean over days of the swing relative to the maximum.
#[derive(Debug)]
pub struct PeakValleyRatio;

impl Indicator for PeakValleyRatio {
    fn code(&self) -> &'static str {
        "peak_valley_ratio"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("peak_valley_ratio.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.loaded().map(|[max, min, _]| 1.0 - min / max))
    }
}
