//! 日电量变异系数: coefficient of variation of the daily energy.

use super::view::mean;
use super::{Indicator, MIN_COVERAGE, View};

/// Standard deviation of the daily energy over its mean.
#[derive(Debug)]
pub struct DailyEnergyCv;

impl Indicator for DailyEnergyCv {
    fn code(&self) -> &'static str {
        "daily_energy_cv"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("daily_energy_cv.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let days = || view.days(MIN_COVERAGE).filter_map(|(_, row)| row.totals.kwh).map(|kwh| kwh.get());
        let average = mean(days()).filter(|kwh| *kwh > view.no_load_kw() * 24.0)?;
        let variance = mean(days().map(|kwh| (kwh - average) * (kwh - average)))?;
        (view.covers(MIN_COVERAGE) && days().nth(1).is_some()).then(|| variance.sqrt() / average)
    }
}
