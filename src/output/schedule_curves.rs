//! `schedule_curves`: the mean day before and after a work schedule.

use super::Table;
use super::column::{Column, Kind, count, owned, real, schema, text};
use super::labels::same;
use crate::analysis::Outcome;
use crate::error::Result;
use crate::whatif::{DayPlan, months};
use arrow::datatypes::SchemaRef;

/// The daily curve as it is and as scheduled, slot by slot.
pub struct ScheduleCurves;

impl Table for ScheduleCurves {
    fn name(&self) -> &'static str {
        "schedule_curves"
    }

    fn schema(&self) -> SchemaRef {
        schema(&[
            ("customer_id", Kind::Text),
            ("months", Kind::Text),
            ("day_kind", Kind::Text),
            ("n_days", Kind::Count),
            ("slot", Kind::Count),
            ("before_kw", Kind::Real),
            ("after_kw", Kind::Real),
        ])
    }

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let Some(a) = &outcome.analysis else { return Ok(Vec::new()) };
        let plans = a.plan.schedule.iter().flat_map(|s| &s.plans);
        let rows: Vec<(&DayPlan, usize, f64, f64)> = plans.flat_map(slots_of).collect();
        let each = || rows.iter();
        Ok(vec![
            same(&outcome.customer.id, rows.len()),
            owned(each().map(|r| Some(months(&r.0.months)))),
            text(each().map(|r| Some(r.0.day_kind.name()))),
            count(each().map(|r| r.0.n_days)),
            count(each().map(|r| r.1)),
            real(each().map(|r| Some(r.2))),
            real(each().map(|r| Some(r.3))),
        ])
    }
}

/// Plan, slot, kW before and after.
fn slots_of(plan: &DayPlan) -> impl Iterator<Item = (&DayPlan, usize, f64, f64)> {
    plan.before_kw.iter().zip(&plan.after_kw).enumerate().map(move |(slot, (b, a))| (plan, slot, *b, *a))
}
