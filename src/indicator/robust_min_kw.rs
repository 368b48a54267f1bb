//! 稳健最小负荷: robust minimum.

use super::MAX_COVERAGE;
use super::{Indicator, View};
use crate::units::Kw;

/// 0.5th percentile of the load.
#[derive(Debug)]
pub struct RobustMinKw;

impl Indicator for RobustMinKw {
    fn code(&self) -> &'static str {
        "robust_min_kw"
    }

    fn unit(&self) -> &'static str {
        "kW"
    }

    fn card(&self) -> &'static str {
        include_str!("robust_min_kw.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.covers(MAX_COVERAGE).then_some(())?;
        view.of.duration.kw_at(0.995).map(Kw::get)
    }
}
