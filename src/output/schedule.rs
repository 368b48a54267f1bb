//! `schedule`: a run of a machine in its work schedule.

use super::Table;
use super::column::{Column, Kind, count, money, owned, real, schema, text};
use super::labels::same;
use crate::analysis::Outcome;
use crate::error::Result;
use crate::whatif::{DayPlan, Move, clock, clocks, joined, months};
use arrow::datatypes::SchemaRef;
use std::ops::Range;

/// When which machine is to run: what a shift supervisor follows.
pub struct Schedule;

/// One run of the new schedule; the saving stands at a machine's first run.
struct Run<'a> {
    plan: &'a DayPlan,
    moved: &'a Move,
    index: usize,
    to: Range<u32>,
}

impl Table for Schedule {
    fn name(&self) -> &'static str {
        "schedule"
    }

    fn schema(&self) -> SchemaRef {
        schema(&[
            ("customer_id", Kind::Text),
            ("months", Kind::Text),
            ("day_kind", Kind::Text),
            ("equipment", Kind::Text),
            ("run", Kind::Count),
            ("kw", Kind::Real),
            ("n_days", Kind::Count),
            ("from", Kind::Text),
            ("start", Kind::Text),
            ("end", Kind::Text),
            ("saving_observed", Kind::Real),
            ("currency", Kind::Text),
        ])
    }

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let Some(a) = &outcome.analysis else { return Ok(Vec::new()) };
        let plans = a.plan.schedule.iter().flat_map(|s| &s.plans);
        let runs: Vec<Run<'_>> = plans.flat_map(runs_of_plan).collect();
        let rows = || runs.iter();
        let currency = a.bill.as_ref().map(|b| b.currency.as_ref());
        Ok(vec![
            same(&outcome.customer.id, runs.len()),
            owned(rows().map(|r| Some(months(&r.plan.months)))),
            text(rows().map(|r| Some(r.plan.day_kind.name()))),
            text(rows().map(|r| Some(r.moved.equipment.as_ref()))),
            count(rows().map(|r| r.index)),
            real(rows().map(|r| Some(r.moved.kw.get()))),
            count(rows().map(|r| r.moved.n_days)),
            owned(rows().map(|r| Some(clocks(&r.moved.from)))),
            owned(rows().map(|r| Some(clock(r.to.start)))),
            owned(rows().map(|r| Some(clock(r.to.end)))),
            money(rows().map(|r| (r.index == 1).then_some(r.moved.saving))),
            text(rows().map(|_| currency)),
        ])
    }
}

fn runs_of_plan(plan: &DayPlan) -> impl Iterator<Item = Run<'_>> {
    plan.moves.iter().flat_map(move |moved| runs_of(plan, moved))
}

fn runs_of<'a>(plan: &'a DayPlan, moved: &'a Move) -> impl Iterator<Item = Run<'a>> {
    joined(&moved.to).into_iter().zip(1..).map(move |(to, index)| Run { plan, moved, index, to })
}
