//! 日平均负荷: mean daily mean.

use super::{Indicator, View};

/// Mean over days of the mean load.
#[derive(Debug)]
pub struct DailyMeanKw;

impl Indicator for DailyMeanKw {
    fn code(&self) -> &'static str {
        "daily_mean_kw"
    }

    fn unit(&self) -> &'static str {
        "kW"
    }

    fn card(&self) -> &'static str {
        include_str!("daily_mean_kw.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.extremes().map(|[.., mean]| mean))
    }
}
