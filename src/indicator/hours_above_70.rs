//! 负荷≥70%最大负荷小时数: hours a year at or above 70 % of the maximum.

use super::{Indicator, View};

/// Hours a year at or above 70 % of the maximum.
#[derive(Debug)]
pub struct HoursAbove70;

impl Indicator for HoursAbove70 {
    fn code(&self) -> &'static str {
        "hours_above_70"
    }

    fn unit(&self) -> &'static str {
        "h/a"
    }

    fn card(&self) -> &'static str {
        include_str!("hours_above_70.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.hours_above(0.70)
    }
}
