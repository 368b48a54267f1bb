//! 休息日用电比: rest-day energy over workday energy.

use super::{Indicator, MIN_COVERAGE, View};
use crate::time::DayKind;

/// Mean daily energy of rest days and holidays over that of workdays.
#[derive(Debug)]
pub struct RestdayRatio;

impl Indicator for RestdayRatio {
    fn code(&self) -> &'static str {
        "restday_ratio"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("restday_ratio.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let rest = view.daily_kwh(|kind, _| kind != DayKind::Workday)?;
        let work = view.daily_kwh(|kind, _| kind == DayKind::Workday)?;
        (view.covers(MIN_COVERAGE) && work > view.no_load_kw() * 24.0).then(|| rest / work)
    }
}
