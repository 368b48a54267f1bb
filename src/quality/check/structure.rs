//! V01: rows that do not fit the grid.

use super::{Check, Inspection, Issue};
use crate::curve::{CONFLICT, MeterFacts, Placement, PowerKind};
use crate::quality::Severity::{Advisory, Blocking};
use crate::quality::runs::{Run, extend_runs};
use serde_json::json;
use std::sync::Arc;

/// Share of rows off the grid above which the interval itself is wrong (judgement).
const WRONG_STEP_SHARE: f64 = 0.01;

/// Duplicates, conflicts, stamps off the grid, absent and repeated hours, values that are no numbers.
#[derive(Debug)]
pub(super) struct Structure;

impl Check for Structure {
    fn code(&self) -> &'static str {
        "V01"
    }

    fn name(&self) -> &'static str {
        "structure"
    }

    fn card(&self) -> &'static str {
        "What: surplus copies of a row, copies that disagree, stamps off the interval's grid, rows of a longer interval, feeds of \
         different intervals, outside 1990 to 2069 or \
         in the hour that a spring clock change leaves out, an autumn day without its repeated hour, readings that are \
         NaN or infinite, in the export and reactive channels as well.
Threshold: any; more than 1 % of rows off the grid is a wrong step and blocks.
Action: identical copies count once; disagreeing copies and values that are no numbers make the interval invalid, \
         an unknown export as well as an unknown import, while reactive power is unknown there; rows off the grid are \
         not placed.
Source: CA VEE and CalTRACK data preparation; shares are judgement."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let several = inspection.of_several();
        let mut issues = Vec::new();
        // Every row of the register for one meter has all rows of its readings.
        let first = |i: usize, m: &MeterFacts| several.iter().take(i).all(|o| o.meter != m.meter);
        for meter in several.iter().enumerate().filter(|(i, m)| first(*i, m)).map(|(_, m)| m) {
            let of_meter = self.seen(inspection, &meter.placement).into_iter();
            issues.extend(of_meter.map(|issue| Issue { meter: Some(Arc::clone(&meter.meter)), ..issue }));
            issues.extend(self.of_sum(inspection, meter));
        }
        if several.is_empty() {
            issues = self.seen(inspection, inspection.placement());
        }
        if inspection.load.power_kind() == PowerKind::Instant {
            let evidence = json!({ "finding": "power is a sample at its label: kWh is estimated, demand indicative" });
            let n = inspection.load.n_valid();
            issues.push(inspection.issue(self.code(), Advisory, Run { range: None, n, evidence }));
        }
        let averaged = inspection.load.placement().averaged;
        if averaged > 0 {
            let minutes = inspection.load.interval().minutes();
            let evidence = json!({
                "finding": "readings averaged to the longest interval of the feeds: demand is a mean over it, a lower bound",
                "interval_minutes": minutes,
                "readings": averaged,
            });
            let run = Run { range: None, n: inspection.load.n_valid(), evidence };
            issues.push(inspection.issue(self.code(), Advisory, run));
        }
        if several.is_empty() && inspection.placement().conflicts > 0 {
            issues.extend(inspection.listed(self.code(), Blocking, conflicts(inspection)));
        }
        issues.extend(inspection.listed(self.code(), Advisory, lost_hours(inspection)));
        issues
    }
}

impl Structure {
    /// What was seen while a meter's rows were placed.
    fn seen(&self, inspection: &Inspection<'_>, seen: &Placement) -> Vec<Issue> {
        let share = f64::from(seen.off_grid) / f64::from(seen.rows_in_all().max(1));
        let off_grid = if share > WRONG_STEP_SHARE { Blocking } else { Advisory };
        let facts = [
            (seen.duplicates, Advisory, "duplicate rows"),
            (seen.off_grid, off_grid, "stamps off the grid"),
            (seen.coarser, Advisory, "rows of a longer interval, spread over the intervals that they cover"),
            (seen.in_absent_hour, Advisory, "stamps in the hour that the clock change leaves out"),
            (seen.bad_stamps, Advisory, "no stamp, or one outside 1990 to 2069"),
            (seen.outside_validity, Advisory, "readings outside valid_from and valid_to of the meters file, left out"),
            (seen.nan, Blocking, "NaN"),
            (seen.infinite, Blocking, "infinite"),
            (seen.export.nan, Blocking, "NaN in the export channel"),
            (seen.export.infinite, Blocking, "infinite in the export channel"),
            (seen.export.conflicts, Blocking, "copies of a row disagree in the export channel"),
            (
                seen.export_unknown,
                Advisory,
                "export is unknown (null, no number, or copies disagree), and so is net power; zeros must be 0",
            ),
            (seen.reactive.nan, Advisory, "NaN in a reactive channel"),
            (seen.reactive.infinite, Advisory, "infinite in a reactive channel"),
            (seen.reactive.conflicts, Advisory, "copies of a row disagree in a reactive channel"),
        ];
        facts
            .into_iter()
            .filter(|(n, ..)| *n > 0)
            .map(|(n, severity, finding)| {
                let evidence = json!({ "finding": finding, "rows": n, "rows_in_all": seen.rows_in_all() });
                inspection.issue(self.code(), severity, Run { range: None, n: n as usize, evidence })
            })
            .collect()
    }

    /// What of one of several meters does not show in their sum: where its copies disagree, and why it
    /// is left out.
    fn of_sum(&self, inspection: &Inspection<'_>, meter: &MeterFacts) -> Vec<Issue> {
        let conflicts = meter.placement.conflicts;
        let disagree = (conflicts > 0).then(|| (json!({ "finding": "copies of a row disagree" }), conflicts as usize));
        let unusable = meter
            .unusable
            .as_ref()
            .map(|why| (json!({ "finding": "the meter is in no sum", "why": why }), inspection.load.span().len()));
        let issue = |(evidence, n)| Issue {
            meter: Some(Arc::clone(&meter.meter)),
            ..inspection.issue(self.code(), Blocking, Run { range: None, n, evidence })
        };
        disagree.into_iter().chain(unusable).map(issue).collect()
    }
}

/// Runs of intervals whose copies disagree.
fn conflicts(inspection: &Inspection<'_>) -> Vec<Run> {
    let flags = inspection.load.flags();
    let mut runs = Vec::new();
    extend_runs(&mut runs, 0..flags.len(), |i| flags.get(i).is_some_and(|f| f & CONFLICT != 0));
    let evidence = json!({ "finding": "copies of a row disagree" });
    runs.into_iter().map(|r| Run::of(r, evidence.clone())).collect()
}

/// Autumn days of which the second pass of the repeated hour alone is missing: the source wrote only
/// one, or keeps standard time all year.
fn lost_hours(inspection: &Inspection<'_>) -> Vec<Run> {
    let (load, days) = (inspection.load, inspection.load.days());
    if days.is_regular() {
        return Vec::new();
    }
    let mut runs = Vec::new();
    for day in 0..days.len() {
        let Some(shift) = days.shift(day).filter(|s| s.by < 0) else { continue };
        let range = days.range(day);
        let at = range.start + (shift.at / load.interval().seconds()) as usize;
        let again = at..(at + (-shift.by / load.interval().seconds()) as usize).min(range.end);
        let lost = again.clone().all(|i| !load.is_valid(i));
        if lost && load.day_expected(day) == range.len() && load.day_valid(day) + again.len() == range.len() {
            let evidence = json!({
                "finding": "the repeated hour of the autumn clock change is there once",
                "date": days.date(day),
                "n_expected": range.len(),
                "n_valid": load.day_valid(day),
                "cure": "if the source keeps standard time all year, use --dst-labels none",
            });
            runs.push(Run::of(again, evidence));
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;
    use super::*;
    use crate::curve::INVALID;

    #[test]
    fn what_was_seen_while_placing_is_told() {
        let mut case = Case::one_shift(30);
        case.placement = Placement { rows: 2880, duplicates: 4, off_grid: 2, nan: 1, ..Placement::default() };
        let issues = case.issues("V01");
        assert_eq!(
            issues.iter().map(|i| (i.n_intervals, i.severity)).collect::<Vec<_>>(),
            [(4, Advisory), (2, Advisory), (1, Blocking)]
        );
        case.placement.off_grid = 900;
        assert_eq!(case.issues("V01")[1].severity, Blocking);
    }

    #[test]
    fn conflicting_copies_block_their_intervals() {
        let mut case = Case::one_shift(30);
        case.placement.conflicts = 3;
        for i in [100, 101, 500] {
            case.flags[i] = CONFLICT | INVALID;
        }
        let issues = case.issues("V01");
        assert_eq!(
            issues.iter().map(|i| (i.first, i.n_intervals)).collect::<Vec<_>>(),
            [(Some(100), 2), (Some(500), 1)]
        );
    }

    #[test]
    fn an_autumn_day_without_its_repeated_hour() {
        let case = Case::berlin_autumn();
        assert_eq!(case.issues("V01"), [], "100 quarter hours are right");
        let mut lost = Case::berlin_autumn();
        lost.flags[96 + 12..96 + 16].fill(0);
        let issues = lost.issues("V01");
        assert_eq!(issues.iter().map(|i| (i.first, i.n_intervals)).collect::<Vec<_>>(), [(Some(108), 4)]);
    }

    #[test]
    fn rows_off_the_grid_are_rows_too() {
        let mut case = Case::one_shift(30);
        case.placement = Placement { rows: 3_291, off_grid: 549, ..Placement::default() };
        assert_eq!(case.issues("V01")[0].evidence["rows_in_all"], 3_840);
    }

    #[test]
    fn feeds_of_different_intervals_are_told() {
        let mut case = Case::one_shift(30);
        case.placement = Placement { rows: 2880, averaged: 5760, ..Placement::default() };
        let issues = case.issues("V01");
        assert_eq!(issues.iter().map(|i| (i.n_intervals, i.severity)).collect::<Vec<_>>(), [(2880, Advisory)]);
        assert_eq!(
            (&issues[0].evidence["interval_minutes"], &issues[0].evidence["readings"]),
            (&json!(15), &json!(5760))
        );
    }

    #[test]
    fn what_was_seen_names_the_meter_of_several() {
        let mut case = Case::one_shift(30);
        let of = |meter: &str, placement| MeterFacts { meter: meter.into(), placement, ..MeterFacts::default() };
        let faulty = Placement { rows: 2880, nan: 2, conflicts: 5, outside_validity: 7, ..Placement::default() };
        let why = Some("one reading alone".to_owned());
        case.of_meters =
            vec![of("a", Placement::default()), of("b", faulty), MeterFacts { unusable: why, ..of("c", faulty) }];
        case.of_meters[2].placement = Placement::default();
        let issues = case.issues("V01");
        let seen: Vec<_> = issues.iter().map(|i| (i.meter.as_deref(), i.n_intervals)).collect();
        assert_eq!(seen, [(Some("b"), 7), (Some("b"), 2), (Some("b"), 5), (Some("c"), 2880)]);
        assert_eq!(issues[3].evidence["why"], "one reading alone");
    }
}
