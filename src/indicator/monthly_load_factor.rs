//! 月用电负荷率: load factor of the month.

use super::MAX_COVERAGE;
use super::{Indicator, View};

/// Mean over months of mean over maximum.
#[derive(Debug)]
pub struct MonthlyLoadFactor;

impl Indicator for MonthlyLoadFactor {
    fn code(&self) -> &'static str {
        "monthly_load_factor"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("monthly_load_factor.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let no_load = view.no_load_kw();
        super::view::mean(view.months(MAX_COVERAGE).filter_map(|month| {
            let (max, mean) = (month.totals.max?.0.get(), month.totals.mean_kw?.get());
            (max > no_load).then(|| mean / max)
        }))
    }
}
