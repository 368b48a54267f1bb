//! 近基荷: mean near-base load.

use super::{Indicator, View};

/// The 2.5th percentile of each day, averaged over days.
#[derive(Debug)]
pub struct NearBaseKw;

impl Indicator for NearBaseKw {
    fn code(&self) -> &'static str {
        "near_base_kw"
    }

    fn unit(&self) -> &'static str {
        "kW"
    }

    fn card(&self) -> &'static str {
        include_str!("near_base_kw.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.shapes.iter().flatten().map(|s| s.near_base_kw))
    }
}
