//! `monthly`: a customer's billing cycle.

use super::column::{Column, Kind, count, flag, real, schema, starts};
use super::labels::{same, shown};
use super::{Table, WIDE_GROUP};
use crate::analysis::Outcome;
use crate::error::Result;
use arrow::datatypes::SchemaRef;

/// Counts, energy by period and extremes of each billing cycle, partial ones included.
pub struct Monthly;

impl Table for Monthly {
    fn name(&self) -> &'static str {
        "monthly"
    }

    fn schema(&self) -> SchemaRef {
        schema(&[
            ("customer_id", Kind::Text),
            ("month", Kind::Text),
            ("partial", Kind::Flag),
            ("n_expected", Kind::Count),
            ("n_valid", Kind::Count),
            ("kwh", Kind::Real),
            ("kwh_sharp", Kind::Real),
            ("kwh_peak", Kind::Real),
            ("kwh_flat", Kind::Real),
            ("kwh_valley", Kind::Real),
            ("kwh_deep", Kind::Real),
            ("kvarh", Kind::Real),
            ("max_kw", Kind::Real),
            ("max_at", Kind::Local),
            ("max_at_utc", Kind::Utc),
            ("load_factor", Kind::Real),
            ("power_factor", Kind::Real),
            ("kwh_export", Kind::Real),
            ("min_kw", Kind::Real),
            ("n_estimated", Kind::Count),
        ])
    }

    fn group(&self) -> usize {
        WIDE_GROUP
    }

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let Some(a) = &outcome.analysis else { return Ok(Vec::new()) };
        let rows = || a.monthly.iter();
        let t = || a.monthly.iter().map(|m| &m.totals);
        let [at, at_utc] = starts(&a.load, t().map(|t| t.max.map(|m| m.1)));
        let period = |p: usize| real(rows().map(|m| m.kwh_by_period.map(|k| k[p].get())));
        Ok(vec![
            same(&outcome.customer.id, a.monthly.len()),
            shown(rows().map(|m| Some(m.month))),
            flag(rows().map(|m| m.cycle.partial)),
            count(t().map(|t| t.n_expected)),
            count(t().map(|t| t.n_valid)),
            real(t().map(|t| t.kwh.map(super::super::units::Kwh::get))),
            period(0),
            period(1),
            period(2),
            period(3),
            period(4),
            real(t().map(|t| t.kvarh.map(super::super::units::Kvarh::get))),
            real(t().map(|t| t.max.map(|m| m.0.get()))),
            at,
            at_utc,
            real(t().map(|t| t.load_factor.map(super::super::units::Ratio::get))),
            real(t().map(|t| t.power_factor.map(super::super::units::Ratio::get))),
            real(t().map(|t| t.kwh_export.map(super::super::units::Kwh::get))),
            real(t().map(|t| t.min_kw.map(super::super::units::Kw::get))),
            count(t().map(|t| t.n_estimated)),
        ])
    }
}
