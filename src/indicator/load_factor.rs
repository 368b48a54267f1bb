//! 负荷率: load factor of the span.

use super::{Indicator, View};

/// Mean over maximum of the whole span.
#[derive(Debug)]
pub struct LoadFactor;

impl Indicator for LoadFactor {
    fn code(&self) -> &'static str {
        "load_factor"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("load_factor.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        Some(view.mean_kw? / view.max_kw()?)
    }
}
