//! 季不均衡系数: seasonal imbalance factor.

use super::{Indicator, View};

/// Seasonal imbalance ρ of the latest year.
#[derive(Debug)]
pub struct SeasonalImbalance;

impl Indicator for SeasonalImbalance {
    fn code(&self) -> &'static str {
        "seasonal_imbalance"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("seasonal_imbalance.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let highest = view.year_use()?.max_kw;
        let months = view.year()?.into_iter().filter_map(|m| m.totals.max);
        Some(months.map(|(max, _)| max.get()).sum::<f64>() / (12.0 * highest))
    }
}
