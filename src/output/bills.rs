//! `bills`: a bill line.

use super::Table;
use super::column::{Kind, amount, batch, owned, real, same, schema, text};
use crate::analysis::Outcome;
use crate::error::Result;
use crate::tariff::Line;
use crate::time::Month;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// The recomputed bill, line by line.
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
        ])
    }

    fn rows(&self, outcome: &Outcome) -> Result<RecordBatch> {
        let bill = outcome.analysis.as_ref().and_then(|a| a.bill.as_ref());
        let Some(bill) = bill else { return Ok(RecordBatch::new_empty(self.schema())) };
        let lines: Vec<(Month, &Line)> =
            bill.cycles.iter().flat_map(|c| c.lines.iter().map(|l| (c.month, l))).collect();
        let rows = || lines.iter().map(|l| l.1);
        batch(
            self.schema(),
            vec![
                same(&outcome.customer.id, lines.len()),
                text(rows().map(|l| l.supply_point.as_deref())),
                owned(lines.iter().map(|l| Some(l.0.to_string()))),
                same("recomputed", lines.len()),
                text(rows().map(|l| Some(l.kind.name()))),
                text(rows().map(|l| l.period.map(crate::tariff::Period::name))),
                real(rows().map(|l| Some(l.quantity))),
                text(rows().map(|l| Some(l.unit))),
                real(rows().map(|l| Some(l.price))),
                amount(rows().map(|l| Some(l.amount)))?,
                real(rows().map(|l| Some(l.amount_exact))),
                same(&bill.tariff, lines.len()),
                text(rows().map(|l| Some(l.note.as_str()).filter(|n| !n.is_empty()))),
                text(rows().map(|l| Some(l.name.as_ref()))),
                text(rows().map(|l| Some(l.origin.as_ref()).filter(|o| !o.is_empty()))),
            ],
        )
    }
}
