//! 日负荷率: mean daily load factor.

use super::{Indicator, View};

/// Mean over days of the daily load factor γ.
#[derive(Debug)]
pub struct DailyLoadFactor;

impl Indicator for DailyLoadFactor {
    fn code(&self) -> &'static str {
        "daily_load_factor"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("daily_load_factor.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.loaded().map(|[max, _, mean]| mean / max))
    }
}
