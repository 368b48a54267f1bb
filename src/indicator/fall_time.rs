//! 下降时间: fall time.

use super::{Indicator, View};

/// The time from the end of the last high-load run of the day back to near-base, averaged over days.
#[derive(Debug)]
pub struct FallTime;

impl Indicator for FallTime {
    fn code(&self) -> &'static str {
        "fall_time"
    }

    fn unit(&self) -> &'static str {
        "h"
    }

    fn card(&self) -> &'static str {
        include_str!("fall_time.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.high_load().filter_map(|h| h.fall))
    }
}
