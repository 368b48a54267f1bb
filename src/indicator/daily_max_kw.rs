//! 日最大负荷: mean daily maximum.

use super::{Indicator, View};

/// Mean over days of the greatest load.
#[derive(Debug)]
pub struct DailyMaxKw;

impl Indicator for DailyMaxKw {
    fn code(&self) -> &'static str {
        "daily_max_kw"
    }

    fn unit(&self) -> &'static str {
        "kW"
    }

    fn card(&self) -> &'static str {
        include_str!("daily_max_kw.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.extremes().map(|[max, ..]| max))
    }
}
