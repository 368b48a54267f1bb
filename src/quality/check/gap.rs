//! V02: missing intervals.

use super::{Check, Inspection, Issue};
use crate::quality::Severity::{Advisory, Blocking};
use crate::quality::runs::{Run, gaps};
use serde_json::json;

/// Gaps of at least this length are listed one by one (the limit of point-to-point interpolation).
const LISTED_MINUTES: u32 = 120;

/// Gaps longer than this are not estimated: bills of their months are withheld (CA VEE practice).
const NOT_ESTIMATED_MINUTES: u32 = 3 * 1440;

/// Least share of valid intervals for indicators (CalTRACK: 90 % of the hours of a month).
const INDICATOR_COVERAGE: f64 = 0.90;

/// Least share for maxima and minima (product decision).
const EXTREME_COVERAGE: f64 = 0.95;

/// Intervals without a usable reading.
#[derive(Debug)]
pub(super) struct Gap;

impl Check for Gap {
    fn code(&self) -> &'static str {
        "V02"
    }

    fn name(&self) -> &'static str {
        "gap"
    }

    fn card(&self) -> &'static str {
        "What: intervals between the first and the last reading without a usable value.
Threshold: gaps of 2 h and more one by one, shorter ones together; days below 90 % of their intervals are not fit for \
         indicators, below 95 % not for maxima and minima.
Action: a gap is never a zero; it is estimated for the bill (up to 3 days), marked, and never sets a maximum. Longer \
         gaps block, and so does a coverage below 90 %.
Source: CA VEE standards; CalTRACK 2.0 (90 % of hours); 95 % is a product decision."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let runs = gaps(inspection.load);
        if runs.is_empty() {
            return Vec::new();
        }
        let mut issues = vec![self.coverage(inspection, &runs)];
        let minutes = |n: usize| n * inspection.load.interval().minutes() as usize;
        let (long, short): (Vec<_>, Vec<_>) =
            runs.into_iter().partition(|r| minutes(r.len()) >= LISTED_MINUTES as usize);
        let (blocking, fillable): (Vec<_>, Vec<_>) =
            long.into_iter().partition(|r| minutes(r.len()) > NOT_ESTIMATED_MINUTES as usize);
        for (severity, part) in [(Blocking, blocking), (Advisory, fillable)] {
            let described = part.into_iter().map(|r| {
                let event = inspection.event_during(&r).map(|e| e.kind);
                let evidence = json!({ "finding": "gap", "hours": minutes(r.len()) as f64 / 60.0, "event": event });
                Run::of(r, evidence)
            });
            issues.extend(inspection.listed(self.code(), severity, described.collect()));
        }
        if let (Some(first), Some(last)) = (short.first(), short.last()) {
            let n = short.iter().map(ExactSizeIterator::len).sum();
            let longest = short.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
            let evidence = json!({ "finding": "gaps shorter than 2 h", "runs": short.len(), "longest": longest });
            let range = Some(first.start..last.end);
            issues.push(inspection.issue(self.code(), Advisory, Run { range, n, evidence }));
        }
        for issue in &mut issues {
            name_meters(inspection, issue);
        }
        issues
    }
}

/// Of several meters names the one that lacks its readings, or all that do.
fn name_meters(inspection: &Inspection<'_>, issue: &mut Issue) {
    let (Some(first), Some(last)) = (issue.first, issue.last) else { return };
    let meters = inspection.without_reading(&(first..last + 1));
    if let [only] = meters.as_slice() {
        issue.meter = Some(std::sync::Arc::clone(only));
    } else if !meters.is_empty() {
        let ids: Vec<&str> = meters.iter().map(|m| &**m).collect();
        issue.evidence["meters"] = json!(ids);
    }
}

impl Gap {
    /// How much of the load is there.
    fn coverage(&self, inspection: &Inspection<'_>, runs: &[std::ops::Range<usize>]) -> Issue {
        let load = inspection.load;
        let missing: usize = runs.iter().map(ExactSizeIterator::len).sum();
        let expected = load.span().len();
        let coverage = 1.0 - missing as f64 / expected.max(1) as f64;
        let below = |limit: f64| {
            let low = |d: &usize| (load.day_valid(*d) as f64) < limit * load.day_expected(*d) as f64;
            (0..load.days().len()).filter(low).count()
        };
        let evidence = json!({
            "finding": "coverage",
            "coverage": coverage,
            "n_expected": expected,
            "runs": runs.len(),
            "longest": runs.iter().map(ExactSizeIterator::len).max(),
            "days_below_90_pct": below(INDICATOR_COVERAGE),
            "days_below_95_pct": below(EXTREME_COVERAGE),
        });
        let severity = if coverage < INDICATOR_COVERAGE { Blocking } else { Advisory };
        inspection.issue(self.code(), severity, Run { range: Some(load.span().clone()), n: missing, evidence })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;
    use super::*;
    use crate::curve::MeterFacts;

    #[test]
    fn long_gaps_stand_alone_and_short_ones_together() {
        let mut case = Case::one_shift(60);
        for gap in [10..11, 40..44, 900..1000, 2000..2400] {
            case.flags[gap].fill(0);
        }
        let issues = case.issues("V02");
        let found: Vec<_> = issues.iter().map(|i| (i.first, i.n_intervals, i.severity)).collect();
        assert_eq!(
            found,
            [
                (Some(0), 505, Advisory),
                (Some(10), 5, Advisory),
                (Some(900), 100, Advisory),
                (Some(2000), 400, Blocking)
            ]
        );
        assert_eq!(issues[1].evidence["runs"], 2);
    }

    #[test]
    fn many_gaps_are_bounded_and_counted_in_full() {
        let mut case = Case::one_shift(200);
        for day in 0..100 {
            case.flags[day * 96..day * 96 + 8].fill(0);
        }
        let issues = case.issues("V02");
        assert!(issues.len() <= 22);
        let gaps = issues.iter().filter(|i| i.evidence["finding"] != "coverage");
        assert_eq!(gaps.map(|i| i.n_intervals).sum::<usize>(), 800);
    }

    #[test]
    fn a_gap_names_the_meter_that_has_it() {
        let mut case = Case::one_shift(60);
        case.meters.push(crate::customer::Meter::alone(&"main".into()));
        let load = case.load();
        let utc = |r: std::ops::Range<usize>| load.instant(r.start).utc..load.instant(r.end).utc;
        let of = |meter: &str, missing| MeterFacts { meter: meter.into(), missing, ..MeterFacts::default() };
        case.flags[900..1000].fill(0);
        case.flags[2000..2400].fill(0);
        case.of_meters = vec![of("main", vec![utc(2100..2200)]), of("sub", vec![utc(900..1000), utc(2000..2400)])];
        let issues = case.issues("V02");
        let named: Vec<_> = issues.iter().map(|i| (i.n_intervals, i.meter.as_deref())).collect();
        assert_eq!(named, [(500, None), (100, Some("sub")), (400, None)]);
        assert_eq!(issues[2].evidence["meters"], json!(["main", "sub"]));
    }
}
