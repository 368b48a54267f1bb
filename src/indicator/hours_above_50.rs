//! 负荷≥50%最大负荷小时数: hours a year at or above 50 % of the maximum.

use super::{Indicator, View};

/// Hours a year at or above 50 % of the maximum.
#[derive(Debug)]
pub struct HoursAbove50;

impl Indicator for HoursAbove50 {
    fn code(&self) -> &'static str {
        "hours_above_50"
    }

    fn unit(&self) -> &'static str {
        "h/a"
    }

    fn card(&self) -> &'static str {
        include_str!("hours_above_50.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.hours_above(0.50)
    }
}
