//! 夏冬用电比: summer energy over winter energy.

use super::{Indicator, MIN_COVERAGE, View};
use crate::time::Season;

/// Mean daily energy in summer over that in winter.
#[derive(Debug)]
pub struct SummerWinterRatio;

impl Indicator for SummerWinterRatio {
    fn code(&self) -> &'static str {
        "summer_winter_ratio"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("summer_winter_ratio.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let summer = view.daily_kwh(|_, season| season == Season::Summer)?;
        let winter = view.daily_kwh(|_, season| season == Season::Winter)?;
        (view.covers(MIN_COVERAGE) && winter > view.no_load_kw() * 24.0).then(|| summer / winter)
    }
}
