//! V06: a day far from the days like it.

use super::{Check, Inspection, Issue};
use crate::quality::Severity::Advisory;
use crate::quality::profile::median;
use crate::quality::runs::Run;
use crate::time::DayKind;
use serde_json::json;
use std::collections::BTreeMap;

/// Earlier days of the same type whose median is the reference (Oracle MDM's high/low check).
const REFERENCE_DAYS: usize = 8;

/// Fewest of them (judgement).
const LEAST_DAYS: usize = 4;

/// Shares of the reference outside which a day is told (product decision).
const LOW: f64 = 0.4;
/// See [`LOW`].
const HIGH: f64 = 2.0;

/// Share of its intervals that a day needs to be compared (CalTRACK: 90 %).
const COVERAGE: f64 = 0.9;

/// Daily energy far from the last days of its type.
#[derive(Debug)]
pub(super) struct DailyUsage;

impl Check for DailyUsage {
    fn code(&self) -> &'static str {
        "V06"
    }

    fn name(&self) -> &'static str {
        "daily usage"
    }

    fn card(&self) -> &'static str {
        "What: a day's energy far below or above the median of the last 8 days of its type (workdays; each day of rest \
         by weekday; holidays).
Threshold: below 40 % or above 200 %; days with 90 % of their intervals; the difference at least 3 register quanta.
Action: told, days in a row together, with the event when one is known.
Source: high/low usage check of Oracle MDM; the shares are product decisions."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let load = inspection.load;
        let mut past: BTreeMap<(DayKind, u8), Vec<f64>> = BTreeMap::new();
        let mut found: Vec<Found> = Vec::new();
        let mut noise = None;
        for (day, facts) in inspection.days().iter().enumerate() {
            let (valid, expected) = (load.day_valid(day), load.days().range(day).len());
            if valid == 0 || (valid as f64) < COVERAGE * expected as f64 {
                continue;
            }
            let kind = inspection.kind(day);
            let weekday = if kind == DayKind::Restday { load.date(day).weekday() } else { 0 };
            let mean_kw = facts.sum_kw / valid as f64;
            let earlier = past.entry((kind, weekday)).or_default();
            let mut last = [0.0; REFERENCE_DAYS];
            let n = earlier.len().min(REFERENCE_DAYS);
            for (to, from) in last.iter_mut().zip(earlier.iter().rev()) {
                *to = *from;
            }
            earlier.push(mean_kw);
            let Some(last) = last.get_mut(..n).filter(|l| l.len() >= LEAST_DAYS) else { continue };
            // The median lies between the extremes; this is all that most days cost.
            let least = last.iter().copied().fold(f64::INFINITY, f64::min);
            let most = last.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if least > 0.0 && mean_kw >= LOW * most && mean_kw <= HIGH * least {
                continue;
            }
            let Some(usual) = median(last) else { continue };
            if usual <= 0.0 || (LOW * usual..=HIGH * usual).contains(&mean_kw) {
                continue;
            }
            if (mean_kw - usual).abs() < *noise.get_or_insert_with(|| inspection.noise_kw()) {
                continue;
            }
            found.push(Found { day, valid, ratio: mean_kw / usual, usual_kw: usual });
        }
        let runs = merged(&found).into_iter().map(|days| describe(inspection, days)).collect();
        inspection.listed(self.code(), Advisory, runs)
    }
}

/// A day that is told.
#[derive(Debug, Clone, Copy)]
struct Found {
    day: usize,
    valid: usize,
    ratio: f64,
    usual_kw: f64,
}

/// Days in a row that are all low or all high.
fn merged(found: &[Found]) -> Vec<&[Found]> {
    found.chunk_by(|a, b| a.day + 1 == b.day && (a.ratio < 1.0) == (b.ratio < 1.0)).collect()
}

fn describe(inspection: &Inspection<'_>, days: &[Found]) -> Run {
    let first = days.first().map_or(0, |f| f.day);
    let range = inspection.load.days().range_of(first..first + days.len());
    let ratios = || days.iter().map(|f| f.ratio);
    let low = ratios().all(|r| r < 1.0);
    let extreme = if low { ratios().fold(f64::INFINITY, f64::min) } else { ratios().fold(0.0, f64::max) };
    let evidence = json!({
        "finding": if low { "low usage" } else { "high usage" },
        "days": days.len(),
        "extreme_ratio": extreme,
        "usual_kw": days.first().map(|f| f.usual_kw),
        "event": inspection.event_during(&range).map(|e| e.kind),
    });
    Run { n: days.iter().map(|f| f.valid).sum(), range: Some(range), evidence }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;
    use crate::customer::{Event, EventKind};

    #[test]
    fn still_workdays_are_low_and_restdays_are_not() {
        let mut case = Case::one_shift(60);
        let day = case.workdays()[20];
        assert_eq!(case.workdays()[21], day + 1);
        case.kw[day * 96..(day + 2) * 96].iter_mut().for_each(|v| *v *= 0.2);
        let date = case.first.plus(day as i32);
        case.customer.events.push(Event::on_dates(date..date.plus(1), EventKind::Shutdown));
        let issues = case.issues("V06");
        assert_eq!(issues.iter().map(|i| (i.first, i.n_intervals)).collect::<Vec<_>>(), [(Some(day * 96), 192)]);
        assert_eq!(issues[0].evidence["event"], "shutdown");
        assert_eq!(issues[0].evidence["finding"], "low usage");
    }
}
