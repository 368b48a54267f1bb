//! 上升时间: rise time.

use super::{Indicator, View};

/// The time from leaving near-base to the start of the first high-load run of the day, averaged over days.
#[derive(Debug)]
pub struct RiseTime;

impl Indicator for RiseTime {
    fn code(&self) -> &'static str {
        "rise_time"
    }

    fn unit(&self) -> &'static str {
        "h"
    }

    fn card(&self) -> &'static str {
        include_str!("rise_time.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.high_load().filter_map(|h| h.rise))
    }
}
