//! 日峰谷差: mean daily peak-to-valley difference.

use super::{Indicator, View};

/// Mean over days of the difference of maximum and minimum.
#[derive(Debug)]
pub struct PeakValleyKw;

impl Indicator for PeakValleyKw {
    fn code(&self) -> &'static str {
        "peak_valley_kw"
    }

    fn unit(&self) -> &'static str {
        "kW"
    }

    fn card(&self) -> &'static str {
        include_str!("peak_valley_kw.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.extremes().map(|[max, min, _]| max - min))
    }
}
