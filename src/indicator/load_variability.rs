//! 负荷波动性: load variability.

use super::MIN_COVERAGE;
use super::{Indicator, View};

/// Departure of the load from its own mean week.
#[derive(Debug)]
pub struct LoadVariability;

impl Indicator for LoadVariability {
    fn code(&self) -> &'static str {
        "load_variability"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("load_variability.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.covers(MIN_COVERAGE).then(|| super::load_variability(view.of.load, view.no_load_kw())).flatten()
    }
}
