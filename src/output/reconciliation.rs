//! `reconciliation`: an issued bill's line beside the recomputed ones.

use super::column::{Column, Kind, amount, maybe_flag, owned, real, schema, text};
use super::labels::same;
use super::{Table, WIDE_GROUP};
use crate::analysis::Outcome;
use crate::error::Result;
use crate::tariff::{LineReconciliation, MonthReconciliation, Side};
use crate::units::Money;
use arrow::datatypes::SchemaRef;

/// Issued and recomputed, line by line, with the difference and its cause; `total` closes a month.
pub struct Reconciliations;

/// A line of a month, or the month's total.
struct RowOf<'a> {
    month: &'a MonthReconciliation,
    line: Option<&'a LineReconciliation>,
}

impl RowOf<'_> {
    fn name(&self) -> &str {
        self.line.map_or("total", |l| &l.line)
    }

    fn issued(&self) -> Option<Side> {
        self.line.map_or(Some(Side { quantity: None, amount: self.month.issued }), |l| l.issued)
    }

    fn recomputed(&self) -> Option<Side> {
        match self.line {
            Some(line) => line.recomputed,
            None => self.month.recomputed.map(|amount| Side { quantity: None, amount }),
        }
    }

    fn difference(&self) -> Option<Money> {
        self.line.map_or(self.month.difference, |l| Some(l.difference))
    }

    fn explanation(&self) -> Option<String> {
        match self.line {
            Some(line) => line.cause.map(|c| c.to_string()),
            None => self.month.reason.clone(),
        }
    }
}

fn of_month(month: &MonthReconciliation) -> impl Iterator<Item = RowOf<'_>> {
    month.lines.iter().map(Some).chain([None]).map(move |line| RowOf { month, line })
}

impl Table for Reconciliations {
    fn name(&self) -> &'static str {
        "reconciliation"
    }

    fn schema(&self) -> SchemaRef {
        schema(&[
            ("customer_id", Kind::Text),
            ("month", Kind::Text),
            ("line", Kind::Text),
            ("quantity_issued", Kind::Real),
            ("quantity_recomputed", Kind::Real),
            ("unit", Kind::Text),
            ("amount_issued", Kind::Amount),
            ("amount_recomputed", Kind::Amount),
            ("difference", Kind::Amount),
            ("share", Kind::Real),
            ("within_limit", Kind::Flag),
            ("cause", Kind::Text),
            ("explanation", Kind::Text),
        ])
    }

    fn group(&self) -> usize {
        WIDE_GROUP
    }

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let found = outcome.analysis.as_ref().and_then(|a| a.reconciliation.as_ref());
        let months = found.map_or(&[][..], |r| &r.months);
        let rows: Vec<RowOf<'_>> = months.iter().flat_map(of_month).collect();
        let total = |r: &RowOf<'_>| r.line.is_none();
        Ok(vec![
            same(&outcome.customer.id, rows.len()),
            owned(rows.iter().map(|r| Some(r.month.month.to_string()))),
            text(rows.iter().map(|r| Some(r.name()))),
            real(rows.iter().map(|r| r.issued()?.quantity)),
            real(rows.iter().map(|r| r.recomputed()?.quantity)),
            text(rows.iter().map(|r| r.line.map(|l| l.unit).filter(|u| !u.is_empty()))),
            amount(rows.iter().map(|r| Some(r.issued()?.amount)))?,
            amount(rows.iter().map(|r| Some(r.recomputed()?.amount)))?,
            amount(rows.iter().map(RowOf::difference))?,
            real(rows.iter().map(|r| r.month.share.filter(|_| total(r)))),
            maybe_flag(rows.iter().map(|r| r.month.within().filter(|_| total(r)))),
            text(rows.iter().map(|r| Some(r.line?.cause?.code()))),
            owned(rows.iter().map(RowOf::explanation)),
        ])
    }
}
