//! `peaks`: a peak.

use super::Table;
use super::column::{Column, Kind, count, instants, real, schema, starts};
use super::labels::{labels, same, shown};
use crate::analysis::Outcome;
use crate::error::Result;
use crate::peak::{PeakKind, Shape};
use arrow::datatypes::SchemaRef;

/// Billing peaks, episodes and the ten highest intervals.
pub struct Peaks;

impl Table for Peaks {
    fn name(&self) -> &'static str {
        "peaks"
    }

    fn schema(&self) -> SchemaRef {
        schema(&[
            ("customer_id", Kind::Text),
            ("kind", Kind::Text),
            ("month", Kind::Text),
            ("rank", Kind::Count),
            ("start", Kind::Local),
            ("start_utc", Kind::Utc),
            ("end", Kind::Local),
            ("end_utc", Kind::Utc),
            ("max_kw", Kind::Real),
            ("margin_kw", Kind::Real),
            ("kwh_above", Kind::Real),
            ("shape", Kind::Text),
            ("day_kind", Kind::Text),
            ("recurrence", Kind::Real),
        ])
    }

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let Some(a) = &outcome.analysis else { return Ok(Vec::new()) };
        let rows = || a.peaks.iter();
        let [start, start_utc] = starts(&a.load, rows().map(|p| Some(p.span.start)));
        let end = |p: &crate::peak::Peak| a.load.days().end(p.span.end.max(1) - 1);
        let [end, end_utc] = instants(rows().map(|p| Some(end(p))));
        let kind = |k| match k {
            PeakKind::Billing => "billing",
            PeakKind::Episode => "episode",
            PeakKind::Top => "top",
        };
        let shape = |s| match s {
            Shape::Needle => "needle",
            Shape::Plateau => "plateau",
            Shape::Other => "other",
        };
        Ok(vec![
            same(&outcome.customer.id, a.peaks.len()),
            labels(rows().map(|p| Some(kind(p.kind)))),
            shown(rows().map(|p| p.month)),
            count(rows().map(|p| p.rank as usize)),
            start,
            start_utc,
            end,
            end_utc,
            real(rows().map(|p| Some(p.max_kw.get()))),
            real(rows().map(|p| p.margin_kw.map(super::super::units::Kw::get))),
            real(rows().map(|p| p.kwh_above.map(super::super::units::Kwh::get))),
            labels(rows().map(|p| p.shape.map(shape))),
            labels(rows().map(|p| Some(p.day_kind.name()))),
            real(rows().map(|p| p.recurrence.map(super::super::units::Ratio::get))),
        ])
    }
}
