//! 日最小负荷: mean daily minimum.

use super::{Indicator, View};

/// Mean over days of the least load.
#[derive(Debug)]
pub struct DailyMinKw;

impl Indicator for DailyMinKw {
    fn code(&self) -> &'static str {
        "daily_min_kw"
    }

    fn unit(&self) -> &'static str {
        "kW"
    }

    fn card(&self) -> &'static str {
        include_str!("daily_min_kw.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.extremes().map(|[_, min, _]| min))
    }
}
