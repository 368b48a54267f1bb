//! 稳健最大负荷: robust maximum.

use super::MAX_COVERAGE;
use super::{Indicator, View};
use crate::units::Kw;

/// 99.5th percentile of the load.
#[derive(Debug)]
pub struct RobustMaxKw;

impl Indicator for RobustMaxKw {
    fn code(&self) -> &'static str {
        "robust_max_kw"
    }

    fn unit(&self) -> &'static str {
        "kW"
    }

    fn card(&self) -> &'static str {
        include_str!("robust_max_kw.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.covers(MAX_COVERAGE).then_some(())?;
        view.of.duration.kw_at(0.005).map(Kw::get)
    }
}
