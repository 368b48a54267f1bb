//! Issued bills and the work schedule, as rows of their tables.

use crate::report::customer::{View, explanation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A line of an issued bill beside the recomputed lines that it stands for, as in table `reconciliation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IssuedLine {
    /// `YYYY-MM`.
    pub month: String,
    /// The issued line's name; `total` closes a month.
    pub line: String,
    /// As it was sent.
    pub quantity_issued: Option<f64>,
    /// As recomputed.
    pub quantity_recomputed: Option<f64>,
    /// Unit of both quantities.
    pub unit: Option<String>,
    /// As it was sent.
    pub amount_issued: Option<f64>,
    /// As recomputed.
    pub amount_recomputed: Option<f64>,
    /// Recomputed less issued.
    pub difference: Option<f64>,
    /// Of a total: size of the difference as a share of what was issued.
    pub share: Option<f64>,
    /// Of a total: whether that is within the limit of 1 %.
    pub within_limit: Option<bool>,
    /// Code of why they differ.
    pub cause: Option<String>,
    /// The same in words; of a total why there is nothing to compare.
    pub explanation: Option<String>,
}

/// A run of a machine in the work schedule, as in table `schedule`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduledRun {
    /// Months for which it was made: `2025-01–2025-03, 2025-12`.
    pub months: String,
    /// `workday`, `restday` or `holiday`.
    pub day_kind: String,
    /// The machine.
    pub equipment: String,
    /// 1 is the day's first run.
    pub run: u32,
    /// Power that moves.
    pub kw: f64,
    /// Observed days on which it ran.
    pub n_days: u32,
    /// When it runs today: `08:00–12:00`.
    pub from: String,
    /// Clock time at which it is to start.
    pub start: String,
    /// Clock time at which it is to end.
    pub end: String,
    /// Saving over the observed months; stands at a machine's first run.
    pub saving_observed: Option<f64>,
}

/// The mean day of a kind before and after the work schedule, from table `schedule_curves`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduledDay {
    /// Months for which it was made.
    pub months: String,
    /// `workday`, `restday` or `holiday`.
    pub day_kind: String,
    /// Observed days on which one of the machines that move ran; the means are theirs.
    pub n_days: u32,
    /// kW by wall-clock slot from midnight on, as it is.
    pub before_kw: Vec<f64>,
    /// The same with the schedule.
    pub after_kw: Vec<f64>,
}

/// A row of table `schedule_curves`.
#[derive(Debug, Deserialize)]
pub(super) struct CurveRow {
    months: String,
    day_kind: String,
    n_days: u32,
    before_kw: f64,
    after_kw: f64,
}

/// Slots put together, in the table's order.
pub(super) fn scheduled_days(rows: Vec<CurveRow>) -> Vec<ScheduledDay> {
    let mut out: Vec<ScheduledDay> = Vec::new();
    for row in rows {
        match out.last_mut().filter(|d| d.months == row.months && d.day_kind == row.day_kind) {
            Some(day) => {
                day.before_kw.push(row.before_kw);
                day.after_kw.push(row.after_kw);
            }
            None => out.push(ScheduledDay {
                months: row.months,
                day_kind: row.day_kind,
                n_days: row.n_days,
                before_kw: vec![row.before_kw],
                after_kw: vec![row.after_kw],
            }),
        }
    }
    out
}

/// Puts the explanations into the page's language. The table has each month's lines in the order of the
/// analysis, then the total.
pub(super) fn explain(lines: &mut [IssuedLine], v: &View) {
    let months = v.a.reconciliation.iter().flat_map(|r| &r.months);
    let words = months.flat_map(|m| {
        let lines = m.lines.iter().map(|l| l.cause.map(|c| explanation(v, c)));
        lines.chain([m.reason.as_ref().map(|why| v.phrase(why))])
    });
    for (line, words) in lines.iter_mut().zip(words) {
        line.explanation = words;
    }
}
