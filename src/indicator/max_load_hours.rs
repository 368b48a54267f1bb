//! 年最大负荷利用小时: annual utilisation hours of the maximum.

use super::{Indicator, View};

/// Utilisation hours of the maximum, T_max, of the latest year.
#[derive(Debug)]
pub struct MaxLoadHours;

impl Indicator for MaxLoadHours {
    fn code(&self) -> &'static str {
        "max_load_hours"
    }

    fn unit(&self) -> &'static str {
        "h"
    }

    fn card(&self) -> &'static str {
        include_str!("max_load_hours.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.year_use().map(|year| year.kwh / year.max_kw)
    }
}
