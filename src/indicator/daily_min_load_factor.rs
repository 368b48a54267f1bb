//! 日最小负荷率: mean daily minimum load factor.

use super::{Indicator, View};

/// Mean over days of the minimum load factor β.
#[derive(Debug)]
pub struct DailyMinLoadFactor;

impl Indicator for DailyMinLoadFactor {
    fn code(&self) -> &'static str {
        "daily_min_load_factor"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("daily_min_load_factor.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.loaded().map(|[max, min, _]| min / max))
    }
}
