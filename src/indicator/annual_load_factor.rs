//! 年负荷率: annual load factor.

use super::{Indicator, View};

/// Annual load factor δ of the latest year.
#[derive(Debug)]
pub struct AnnualLoadFactor;

impl Indicator for AnnualLoadFactor {
    fn code(&self) -> &'static str {
        "annual_load_factor"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("annual_load_factor.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.year_use().map(|year| year.kwh / (year.hours * year.max_kw))
    }
}
