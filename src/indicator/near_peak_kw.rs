//! 近峰荷: mean near-peak load.

use super::{Indicator, View};

/// The 97.5th percentile of each day, averaged over days.
#[derive(Debug)]
pub struct NearPeakKw;

impl Indicator for NearPeakKw {
    fn code(&self) -> &'static str {
        "near_peak_kw"
    }

    fn unit(&self) -> &'static str {
        "kW"
    }

    fn card(&self) -> &'static str {
        include_str!("near_peak_kw.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.shapes.iter().flatten().map(|s| s.near_peak_kw))
    }
}
