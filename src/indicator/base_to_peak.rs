//! 基峰比: base-to-peak ratio.

use super::{Indicator, View};

/// Near-base over near-peak of each day, averaged over days.
#[derive(Debug)]
pub struct BaseToPeak;

impl Indicator for BaseToPeak {
    fn code(&self) -> &'static str {
        "base_to_peak"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("base_to_peak.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.shapes.iter().flatten().map(|s| s.near_base_kw / s.near_peak_kw))
    }
}
