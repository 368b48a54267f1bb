//! 负荷≥95%最大负荷小时数: hours a year at or above 95 % of the maximum.

use super::{Indicator, View};

/// Hours a year at or above 95 % of the maximum.
#[derive(Debug)]
pub struct HoursAbove95;

impl Indicator for HoursAbove95 {
    fn code(&self) -> &'static str {
        "hours_above_95"
    }

    fn unit(&self) -> &'static str {
        "h/a"
    }

    fn card(&self) -> &'static str {
        include_str!("hours_above_95.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.hours_above(0.95)
    }
}
