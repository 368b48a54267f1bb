//! `quality`: a data issue.

use super::Table;
use super::column::{Column, Kind, count, owned, schema, starts};
use super::labels::{labels, same};
use crate::analysis::Outcome;
use crate::error::Result;
use crate::quality::Severity;
use arrow::datatypes::SchemaRef;

/// Findings of the checks.
pub struct Quality;

impl Table for Quality {
    fn name(&self) -> &'static str {
        "quality"
    }

    fn schema(&self) -> SchemaRef {
        schema(&[
            ("customer_id", Kind::Text),
            ("meter_id", Kind::Text),
            ("code", Kind::Text),
            ("severity", Kind::Text),
            ("first_start", Kind::Local),
            ("first_start_utc", Kind::Utc),
            ("last_start", Kind::Local),
            ("last_start_utc", Kind::Utc),
            ("n_intervals", Kind::Count),
            ("evidence", Kind::Text),
        ])
    }

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let Some(a) = &outcome.analysis else { return Ok(Vec::new()) };
        let rows = || a.issues.iter();
        let [first, first_utc] = starts(&a.load, rows().map(|i| i.first));
        let [last, last_utc] = starts(&a.load, rows().map(|i| i.last));
        let severity = |s| if s == Severity::Blocking { "blocking" } else { "advisory" };
        Ok(vec![
            same(&outcome.customer.id, a.issues.len()),
            labels(rows().map(|i| i.meter.as_deref())),
            labels(rows().map(|i| Some(i.code))),
            labels(rows().map(|i| Some(severity(i.severity)))),
            first,
            first_utc,
            last,
            last_utc,
            count(rows().map(|i| i.n_intervals)),
            owned(rows().map(|i| serde_json::to_string(&i.evidence).ok())),
        ])
    }
}
