//! `customers`: a customer.

use super::column::{Column, Kind, maybe_count, money, real, schema, starts, text};
use super::labels::same;
use super::{Table, WIDE_GROUP};
use crate::analysis::{Outcome, Totals};
use crate::error::Result;
use arrow::datatypes::SchemaRef;
use std::iter::once;

/// Totals, bill and saving of each customer; failed and skipped ones with their reason.
pub struct Customers;

impl Table for Customers {
    fn name(&self) -> &'static str {
        "customers"
    }

    fn schema(&self) -> SchemaRef {
        schema(&[
            ("customer_id", Kind::Text),
            ("status", Kind::Text),
            ("reason", Kind::Text),
            ("tz", Kind::Text),
            ("interval_min", Kind::Count),
            ("first_start", Kind::Local),
            ("first_start_utc", Kind::Utc),
            ("last_start", Kind::Local),
            ("last_start_utc", Kind::Utc),
            ("n_expected", Kind::Count),
            ("n_valid", Kind::Count),
            ("n_missing", Kind::Count),
            ("n_invalid", Kind::Count),
            ("n_duplicate", Kind::Count),
            ("n_estimated", Kind::Count),
            ("kwh", Kind::Real),
            ("kwh_export", Kind::Real),
            ("max_kw", Kind::Real),
            ("max_at", Kind::Local),
            ("max_at_utc", Kind::Utc),
            ("min_kw", Kind::Real),
            ("mean_kw", Kind::Real),
            ("load_factor", Kind::Real),
            ("power_factor", Kind::Real),
            ("bill_total", Kind::Real),
            ("saving_total", Kind::Real),
            ("currency", Kind::Text),
            ("name", Kind::Text),
            ("industry", Kind::Text),
            ("kvarh", Kind::Real),
            ("months_billed", Kind::Count),
            ("reconciliation", Kind::Text),
            ("saving_headline", Kind::Real),
        ])
    }

    fn group(&self) -> usize {
        WIDE_GROUP
    }

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let a = outcome.analysis.as_ref();
        let t = a.map(|a| &a.totals);
        let n = |f: fn(&Totals) -> usize| -> Column { maybe_count(once(t.map(f))) };
        let r = |f: fn(&Totals) -> Option<f64>| -> Column { real(once(t.and_then(f))) };
        let at = |i: Option<usize>| match a {
            Some(a) => starts(&a.load, once(i)),
            None => super::column::instants(once(None)),
        };
        let span = a.map(|a| a.load.span().clone());
        let [first, first_utc] = at(span.as_ref().map(|s| s.start));
        let [last, last_utc] = at(span.as_ref().map(|s| s.end.saturating_sub(1)));
        let [max_at, max_at_utc] = at(t.and_then(|t| t.max).map(|m| m.1));
        let billed = a.and_then(|a| a.bill.as_ref()).map(|b| b.cycles.iter().filter(|c| !c.lines.is_empty()).count());
        Ok(vec![
            same(&outcome.customer.id, 1),
            text(once(Some(outcome.status.name()))),
            text(once(outcome.reason.as_deref())),
            text(once(a.map(|a| a.load.days().zone().name()))),
            maybe_count(once(a.map(|a| a.load.interval().minutes() as usize))),
            first,
            first_utc,
            last,
            last_utc,
            n(|t| t.n_expected),
            n(|t| t.n_valid),
            n(|t| t.n_missing),
            n(|t| t.n_invalid),
            n(|t| t.n_duplicate),
            n(|t| t.n_estimated),
            r(|t| t.kwh.map(super::super::units::Kwh::get)),
            r(|t| t.kwh_export.map(super::super::units::Kwh::get)),
            r(|t| t.max.map(|m| m.0.get())),
            max_at,
            max_at_utc,
            r(|t| t.min_kw.map(super::super::units::Kw::get)),
            r(|t| t.mean_kw.map(super::super::units::Kw::get)),
            r(|t| t.load_factor.map(super::super::units::Ratio::get)),
            r(|t| t.power_factor.map(super::super::units::Ratio::get)),
            money(once(a.and_then(|a| a.plan.bill_now))),
            money(once(a.and_then(|a| a.plan.saving))),
            text(once(a.and_then(|a| a.bill.as_ref()).map(|b| b.currency.as_ref()))),
            text(once(outcome.customer.name.as_deref())),
            text(once(outcome.customer.industry.as_deref())),
            r(|t| t.kvarh.map(super::super::units::Kvarh::get)),
            maybe_count(once(billed)),
            text(once(a.and_then(|a| a.reconciliation.as_ref()).map(|r| r.state.name()))),
            money(once(a.and_then(|a| a.plan.saving_headline))),
        ])
    }
}
