//! 月不均衡系数: monthly imbalance factor.

use super::MAX_COVERAGE;
use super::{Indicator, View};
use crate::units::Kwh;

/// Mean over months of the monthly imbalance σ.
#[derive(Debug)]
pub struct MonthlyImbalance;

impl Indicator for MonthlyImbalance {
    fn code(&self) -> &'static str {
        "monthly_imbalance"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("monthly_imbalance.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.months(MAX_COVERAGE).filter_map(|month| {
            let days = || view.days_in(month.cycle.days.clone(), MAX_COVERAGE).filter_map(|(_, d)| d.totals.kwh);
            let greatest = days().map(Kwh::get).reduce(f64::max).filter(|kwh| *kwh > view.no_load_kw() * 24.0)?;
            super::view::mean(days().map(Kwh::get)).map(|mean| mean / greatest)
        }))
    }
}
