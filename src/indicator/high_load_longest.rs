//! 最长高负荷时段: longest high-load run.

use super::{Indicator, View};

/// The longest unbroken time of a day in which the load is closer to near-peak than to near-base, averaged over days.
#[derive(Debug)]
pub struct HighLoadLongest;

impl Indicator for HighLoadLongest {
    fn code(&self) -> &'static str {
        "high_load_longest"
    }

    fn unit(&self) -> &'static str {
        "h"
    }

    fn card(&self) -> &'static str {
        include_str!("high_load_longest.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.high_load().map(|h| h.longest))
    }
}
