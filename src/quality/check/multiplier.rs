//! V13: a level that jumps by the step of a transformer ratio.

use super::{Check, Inspection, Issue};
use crate::quality::Severity::Advisory;
use crate::quality::profile::{Shape, mean_profile, median};
use crate::quality::runs::Run;
use crate::time::DayKind;
use serde_json::json;

/// Ratios between customary current-transformer ratios; each also downwards (product decision).
const STEPS: [f64; 6] = [1.5, 2.0, 3.0, 4.0, 5.0, 10.0];

/// Relative distance from a step (judgement).
const STEP_TOLERANCE: f64 = 0.04;

/// Workdays that must keep each level (product decision).
const LASTING_DAYS: usize = 3;

/// Workdays before and after whose levels and profiles are compared (judgement: a working week).
const LEVEL_DAYS: usize = 5;

/// Relative distance of each day from its level (judgement).
const DAY_TOLERANCE: f64 = 0.1;

/// Correlation of the profiles before and after (product decision).
const ALIKE: f64 = 0.95;

/// Root mean square, relative to that of the profile after, of what the step leaves unexplained: a
/// wrong multiplier scales nights as well as shifts (judgement).
const UNEXPLAINED: f64 = 0.08;

/// Levels in the ratio of transformer steps with the same shape.
#[derive(Debug)]
pub(super) struct Multiplier;

impl Check for Multiplier {
    fn code(&self) -> &'static str {
        "V13"
    }

    fn name(&self) -> &'static str {
        "multiplier jump"
    }

    fn card(&self) -> &'static str {
        "What: from one workday to the next the whole profile, nights included, is multiplied by a step of customary \
         transformer ratios, and stays so.
Threshold: ratio of medians of 5 workdays within 4 % of 1.5, 2, 3, 4, 5 or 10, or downwards; 3 days on each side \
         within \
         10 % of their level; shapes correlate above 0.95; less than 8 % unexplained.
Action: told; the multiplier or a current transformer may have changed. Internal until metering staff confirm it.
Source: utility practice (CT alert); the tolerances are judgement."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let days: Vec<usize> = (0..inspection.days().len())
            .filter(|d| inspection.kind(*d) == DayKind::Workday && inspection.whole(*d))
            .collect();
        let sums: Vec<f64> = days.iter().filter_map(|d| inspection.days().get(*d)).map(|f| f.sum_kw).collect();
        let mut runs = Vec::new();
        let mut at = LASTING_DAYS;
        while at + LASTING_DAYS <= days.len() {
            match jump(inspection, &days, &sums, at) {
                None => at += 1,
                Some(run) => {
                    runs.push(run);
                    at += LASTING_DAYS;
                }
            }
        }
        inspection.listed(self.code(), Advisory, runs)
    }
}

/// The jump before the `at`-th workday, if there is one.
fn jump(inspection: &Inspection<'_>, days: &[usize], sums: &[f64], at: usize) -> Option<Run> {
    let before = at.saturating_sub(LEVEL_DAYS)..at;
    let after = at..(at + LEVEL_DAYS).min(days.len());
    // Neighbours of a jump differ; this is all that most days cost.
    let direct = sums.get(at)? / sums.get(at - 1)?;
    if !direct.is_finite() || (1.0 / 1.3..=1.3).contains(&direct) {
        return None;
    }
    let level = |r: &std::ops::Range<usize>| median(&mut sums.get(r.clone())?.to_vec());
    let (low, high) = (level(&before)?, level(&after)?);
    let ratio = high / low;
    let step = STEPS
        .into_iter()
        .flat_map(|s| [s, 1.0 / s])
        .find(|s| ratio > 0.0 && (ratio / s - 1.0).abs() <= STEP_TOLERANCE)?;
    let steady = |r: std::ops::Range<usize>, level: f64| {
        sums.get(r).is_some_and(|s| s.iter().all(|v| (v / level - 1.0).abs() <= DAY_TOLERANCE))
    };
    if !steady(at - LASTING_DAYS..at, low) || !steady(at..at + LASTING_DAYS, high) {
        return None;
    }
    let old = mean_profile(inspection, days.get(before)?)?;
    let new = mean_profile(inspection, days.get(after.clone())?)?;
    let rms = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let unexplained = rms(&mut new.iter().zip(&old).map(|(n, o)| n - step * o)) / rms(&mut new.iter().copied());
    let correlation = Shape::of(old)?.correlation(&Shape::of(new)?, 0);
    if correlation <= ALIKE || unexplained.is_nan() || unexplained > UNEXPLAINED {
        return None;
    }
    let evidence = json!({
        "finding": "level jumps by a transformer step",
        "ratio": ratio,
        "step": step,
        "correlation": correlation,
        "unexplained": unexplained,
        "date": inspection.load.date(*days.get(at)?),
    });
    let (first, last) = (*days.get(after.start)?, *days.get(after.end - 1)?);
    Some(Run::of(inspection.load.days().range_of(first..last + 1), evidence))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;

    #[test]
    fn doubling_everything_is_a_jump() {
        let mut case = Case::one_shift(90);
        let day = case.workdays()[30];
        case.kw[day * 96..].iter_mut().for_each(|v| *v *= 2.0);
        let issues = case.issues("V13");
        assert_eq!(issues.iter().map(|i| i.first).collect::<Vec<_>>(), [Some(day * 96)]);
        assert_eq!(issues[0].evidence["step"], 2.0);
    }

    #[test]
    fn a_second_line_that_leaves_the_night_alone_is_not() {
        let mut case = Case::one_shift(90);
        let day = case.workdays()[30];
        for d in day..90 {
            case.kw[d * 96 + 32..d * 96 + 72].iter_mut().for_each(|v| *v *= 2.6);
        }
        assert_eq!(case.issues("V13"), []);
    }
}
