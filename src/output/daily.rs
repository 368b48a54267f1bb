//! `daily`: a customer's day.

use super::Table;
use super::column::{Column, Kind, count, day, real, schema, starts};
use super::labels::{labels, same};
use crate::analysis::Outcome;
use crate::error::Result;
use arrow::datatypes::SchemaRef;

/// Counts, energy and extremes of each day.
pub struct Daily;

impl Table for Daily {
    fn name(&self) -> &'static str {
        "daily"
    }

    fn schema(&self) -> SchemaRef {
        schema(&[
            ("customer_id", Kind::Text),
            ("date", Kind::Day),
            ("day_kind", Kind::Text),
            ("n_expected", Kind::Count),
            ("n_valid", Kind::Count),
            ("kwh", Kind::Real),
            ("max_kw", Kind::Real),
            ("max_at", Kind::Local),
            ("max_at_utc", Kind::Utc),
            ("min_kw", Kind::Real),
            ("mean_kw", Kind::Real),
            ("load_factor", Kind::Real),
            ("peak_valley_kw", Kind::Real),
            ("peak_valley_ratio", Kind::Real),
            ("kwh_export", Kind::Real),
            ("kvarh", Kind::Real),
        ])
    }

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let Some(a) = &outcome.analysis else { return Ok(Vec::new()) };
        let rows = || a.daily.iter();
        let t = || a.daily.iter().map(|d| &d.totals);
        let [at, at_utc] = starts(&a.load, t().map(|t| t.max.map(|m| m.1)));
        let range = |t: &crate::analysis::Totals| Some(t.max?.0.get() - t.min_kw?.get());
        Ok(vec![
            same(&outcome.customer.id, a.daily.len()),
            day(rows().map(|d| d.date)),
            labels(rows().map(|d| Some(d.day_kind.name()))),
            count(t().map(|t| t.n_expected)),
            count(t().map(|t| t.n_valid)),
            real(t().map(|t| t.kwh.map(super::super::units::Kwh::get))),
            real(t().map(|t| t.max.map(|m| m.0.get()))),
            at,
            at_utc,
            real(t().map(|t| t.min_kw.map(super::super::units::Kw::get))),
            real(t().map(|t| t.mean_kw.map(super::super::units::Kw::get))),
            real(t().map(|t| t.load_factor.map(super::super::units::Ratio::get))),
            real(t().map(range)),
            real(t().map(|t| range(t).zip(t.max).filter(|(_, m)| m.0.get() > 0.0).map(|(r, m)| r / m.0.get()))),
            real(t().map(|t| t.kwh_export.map(super::super::units::Kwh::get))),
            real(t().map(|t| t.kvarh.map(super::super::units::Kvarh::get))),
        ])
    }
}
