//! `bills`: a bill line.

use super::Table;
use super::column::{Column, Kind, amount, real, schema, text};
use super::labels::{labels, same, shown};
use crate::analysis::Outcome;
use crate::error::Result;
use crate::tariff::{Bill, Line};
use crate::time::Month;
use arrow::datatypes::SchemaRef;

/// The recomputed bill, line by line, and those of scenarios.
pub struct Bills;

impl Table for Bills {
    fn name(&self) -> &'static str {
        "bills"
    }

    fn schema(&self) -> SchemaRef {
        schema(&[
            ("customer_id", Kind::Text),
            ("supply_point", Kind::Text),
            ("month", Kind::Text),
            ("scenario", Kind::Text),
            ("line", Kind::Text),
            ("period", Kind::Text),
            ("quantity", Kind::Real),
            ("unit", Kind::Text),
            ("price", Kind::Real),
            ("amount", Kind::Amount),
            ("amount_exact", Kind::Real),
            ("tariff", Kind::Text),
            ("note", Kind::Text),
            ("name", Kind::Text),
            ("source", Kind::Text),
            ("evidence", Kind::Text),
        ])
    }

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let Some(a) = &outcome.analysis else { return Ok(Vec::new()) };
        let recomputed = a.bill.iter().map(|b| ("recomputed", b));
        let bills = recomputed.chain(a.scenarios.iter().map(|(name, b)| (name.as_ref(), b)));
        let lines: Vec<(Of<'_>, &Line)> = bills.flat_map(|(scenario, bill)| of_bill(scenario, bill)).collect();
        let rows = || lines.iter().map(|l| l.1);
        Ok(vec![
            same(&outcome.customer.id, lines.len()),
            labels(rows().map(|l| l.supply_point.as_deref())),
            shown(lines.iter().map(|l| Some(l.0.month))),
            labels(lines.iter().map(|l| Some(l.0.scenario))),
            labels(rows().map(|l| Some(l.kind.name()))),
            labels(rows().map(|l| l.period.map(crate::tariff::Period::name))),
            real(rows().map(|l| Some(l.quantity))),
            labels(rows().map(|l| Some(l.unit))),
            real(rows().map(|l| Some(l.price))),
            amount(rows().map(|l| Some(l.amount)))?,
            real(rows().map(|l| Some(l.amount_exact))),
            labels(lines.iter().map(|l| Some(l.0.tariff))),
            labels(rows().map(|l| Some(l.note.as_str()).filter(|n| !n.is_empty()))),
            labels(rows().map(|l| Some(l.name.as_ref()))),
            labels(rows().map(|l| Some(l.origin.as_ref()).filter(|o| !o.is_empty()))),
            text((0..lines.len()).map(|i| a.evidence.get(i)?.as_deref())),
        ])
    }
}

/// The bill of a line.
struct Of<'a> {
    scenario: &'a str,
    tariff: &'a str,
    month: Month,
}

fn of_bill<'a>(scenario: &'a str, bill: &'a Bill) -> impl Iterator<Item = (Of<'a>, &'a Line)> {
    let of = move |month| Of { scenario, tariff: &bill.tariff, month };
    bill.cycles.iter().flat_map(move |c| c.lines.iter().map(move |l| (of(c.month), l)))
}
