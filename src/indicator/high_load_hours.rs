//! 高负荷时长: high-load duration.

use super::{Indicator, View};

/// The hours a day in which the load is closer to near-peak than to near-base, averaged over days.
#[derive(Debug)]
pub struct HighLoadHours;

impl Indicator for HighLoadHours {
    fn code(&self) -> &'static str {
        "high_load_hours"
    }

    fn unit(&self) -> &'static str {
        "h"
    }

    fn card(&self) -> &'static str {
        include_str!("high_load_hours.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.high_load().map(|h| h.hours))
    }
}
