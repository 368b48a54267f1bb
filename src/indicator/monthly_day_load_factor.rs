//! 月平均日负荷率: mean-day load factor of the month.

use super::MIN_COVERAGE;
use super::{Indicator, View};

/// Mean over months of the mean daily load factor of the month.
#[derive(Debug)]
pub struct MonthlyDayLoadFactor;

impl Indicator for MonthlyDayLoadFactor {
    fn code(&self) -> &'static str {
        "monthly_day_load_factor"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("monthly_day_load_factor.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        super::view::mean(view.months(MIN_COVERAGE).filter_map(|month| {
            let days = view.loaded_in(month.cycle.days.clone());
            super::view::mean(days.map(|[max, _, mean]| mean / max))
        }))
    }
}
