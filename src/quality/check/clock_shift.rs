//! V12: a clock that was set.

use super::{Check, Inspection, Issue};
use crate::quality::Severity::Advisory;
use crate::quality::profile::{Shape, mean_profile};
use crate::quality::runs::Run;
use crate::time::DayKind;
use serde_json::json;

/// Days of a block whose mean working-day profile is compared (a week).
const BLOCK_DAYS: usize = 7;

/// Fewest whole workdays of a block (judgement).
const LEAST_DAYS: usize = 3;

/// Shortest shift, in intervals (product decision); an hour is told whatever the interval.
const LEAST_LAG: i32 = 2;

/// Longest shift looked for, in minutes (judgement: two hours, twice a daylight-saving hour).
const LONGEST_MINUTES: i32 = 120;

/// Correlation that the profiles must have at the lag (judgement).
const ALIKE: f64 = 0.95;

/// Gain over the correlation without lag (judgement).
const GAIN: f64 = 0.05;

/// A lag between the day profiles of weeks that lasts.
#[derive(Debug)]
pub(super) struct ClockShift;

impl Check for ClockShift {
    fn code(&self) -> &'static str {
        "V12"
    }

    fn name(&self) -> &'static str {
        "clock shift"
    }

    fn card(&self) -> &'static str {
        "What: from one week to the next the whole working day comes earlier or later, and stays so for two weeks.
Threshold: profiles of the weeks before and after correlate above 0.95 at a lag of 2 intervals (1 h with hourly \
         data) to \
         2 h, and at least 0.05 better than without lag.
Action: told; either the clock or the daylight-saving labels are wrong, or working hours changed.
Source: time-shift check by cross-correlation of day profiles; the limits are judgement."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let mut days = Vec::with_capacity(BLOCK_DAYS);
        let blocks: Vec<Option<Shape>> = (0..inspection.days().len() / BLOCK_DAYS)
            .map(|b| {
                let block = b * BLOCK_DAYS..(b + 1) * BLOCK_DAYS;
                days.clear();
                days.extend(block.filter(|d| inspection.kind(*d) == DayKind::Workday && inspection.whole(*d)));
                if days.len() < LEAST_DAYS {
                    return None;
                }
                Shape::of(mean_profile(inspection, &days)?)
            })
            .collect();
        let mut runs = Vec::new();
        let mut b = 1;
        while b + 2 < blocks.len() {
            let Some((lag, gain)) = shift_around(inspection, &blocks, b) else {
                b += 1;
                continue;
            };
            let minutes = lag * inspection.load.interval().minutes() as i32;
            let evidence = json!({
                "finding": if lag > 0 { "the day comes later" } else { "the day comes earlier" },
                "lag_minutes": minutes,
                "correlation": gain.0,
                "correlation_without_lag": gain.1,
            });
            let days = b * BLOCK_DAYS..((b + 2) * BLOCK_DAYS).min(inspection.days().len());
            runs.push(Run::of(inspection.load.days().range_of(days), evidence));
            // The next block sees the same change.
            b += 3;
        }
        inspection.listed(self.code(), Advisory, runs)
    }
}

/// The lag from the block before `b` to both blocks after it, with its correlation and the one
/// without lag.
fn shift_around(inspection: &Inspection<'_>, blocks: &[Option<Shape>], b: usize) -> Option<(i32, (f64, f64))> {
    let shape = |k: usize| blocks.get(k).and_then(Option::as_ref);
    let (before, after, later) = (shape(b - 1)?, shape(b + 1)?, shape(b + 2)?);
    let (lag, gain) = lag_between(inspection, before, after)?;
    let (again, _) = lag_between(inspection, before, later)?;
    (lag == again).then_some((lag, gain))
}

/// The lag at which two shapes agree clearly better than without one.
fn lag_between(inspection: &Inspection<'_>, before: &Shape, after: &Shape) -> Option<(i32, (f64, f64))> {
    let without = before.correlation(after, 0);
    if without > 1.0 - GAIN {
        return None; // no lag can be better by as much
    }
    let minutes = inspection.load.interval().minutes() as i32;
    let least = LEAST_LAG.min(60 / minutes).max(1);
    let longest = LONGEST_MINUTES / minutes;
    let mut best = (0, without);
    for lag in (-longest..=longest).filter(|l| l.abs() >= least) {
        let correlation = before.correlation(after, lag);
        if correlation > best.1 {
            best = (lag, correlation);
        }
    }
    (best.0 != 0 && best.1 >= ALIKE && best.1 - without >= GAIN).then_some((best.0, (best.1, without)))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;

    #[test]
    fn an_hour_that_stays_is_told_once() {
        let mut case = Case::one_shift(140);
        case.kw[80 * 96..].rotate_right(4);
        let issues = case.issues("V12");
        assert_eq!(issues.len(), 1, "{issues:?}");
        assert_eq!(issues[0].evidence["lag_minutes"], 60);
        let (first, last) = (issues[0].first.unwrap(), issues[0].last.unwrap());
        assert!(first <= 80 * 96 + 96 && last >= 80 * 96 - 96, "{first} {last}");
    }

    #[test]
    fn a_quarter_of_an_hour_is_not() {
        let mut case = Case::one_shift(140);
        case.kw[80 * 96..].rotate_right(1);
        assert_eq!(case.issues("V12"), []);
    }
}
