//! `typical_days`: customer × day kind × season × slot.

use super::Table;
use super::column::{Column, Kind, count, real, schema};
use super::labels::{labels, same};
use crate::analysis::Outcome;
use crate::error::Result;
use arrow::datatypes::SchemaRef;

/// Mean and percentiles of each wall-clock slot.
pub struct TypicalDays;

impl Table for TypicalDays {
    fn name(&self) -> &'static str {
        "typical_days"
    }

    fn schema(&self) -> SchemaRef {
        schema(&[
            ("customer_id", Kind::Text),
            ("day_kind", Kind::Text),
            ("season", Kind::Text),
            ("slot", Kind::Count),
            ("mean_kw", Kind::Real),
            ("p10_kw", Kind::Real),
            ("p50_kw", Kind::Real),
            ("p90_kw", Kind::Real),
            ("n_days", Kind::Count),
        ])
    }

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let rows = outcome.analysis.as_ref().map_or(&[][..], |a| &a.typical);
        Ok(vec![
            same(&outcome.customer.id, rows.len()),
            labels(rows.iter().map(|r| Some(r.day_kind.name()))),
            labels(rows.iter().map(|r| Some(r.season.name()))),
            count(rows.iter().map(|r| r.slot)),
            real(rows.iter().map(|r| Some(r.mean_kw))),
            real(rows.iter().map(|r| Some(r.p10_kw))),
            real(rows.iter().map(|r| Some(r.p50_kw))),
            real(rows.iter().map(|r| Some(r.p90_kw))),
            count(rows.iter().map(|r| r.n_days)),
        ])
    }
}
