//! `advice`: a recommendation.

use super::Table;
use super::column::{Column, Kind, flag, maybe_count, money, owned, real, schema, text};
use super::labels::same;
use crate::analysis::Outcome;
use crate::error::Result;
use crate::rule::{Audience, Outcome as Verdict, Tier};
use arrow::datatypes::SchemaRef;

/// Ranked recommendations, then what is missing.
pub struct Recommendations;

impl Table for Recommendations {
    fn name(&self) -> &'static str {
        "advice"
    }

    fn schema(&self) -> SchemaRef {
        schema(&[
            ("customer_id", Kind::Text),
            ("advice_id", Kind::Text),
            ("rank", Kind::Count),
            ("code", Kind::Text),
            ("verdict", Kind::Text),
            ("tier", Kind::Text),
            ("priority", Kind::Count),
            ("saving_alone", Kind::Real),
            ("saving_joint", Kind::Real),
            ("saving_low", Kind::Real),
            ("saving_high", Kind::Real),
            ("saving_joint_observed", Kind::Real),
            ("currency", Kind::Text),
            ("kwh_saved", Kind::Real),
            ("kwh_shifted", Kind::Real),
            ("kw_reduced", Kind::Real),
            ("confidence", Kind::Real),
            ("exclusive_group", Kind::Text),
            ("needs", Kind::Text),
            ("evidence", Kind::Text),
            ("audience", Kind::Text),
            ("months_held", Kind::Count),
            ("months_billed", Kind::Count),
            ("headline", Kind::Flag),
            ("saving_headline", Kind::Real),
            ("kw_potential", Kind::Real),
        ])
    }

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let Some(a) = &outcome.analysis else { return Ok(Vec::new()) };
        let rows = || a.advice.iter();
        let n = a.advice.len();
        let currency = a.bill.as_ref().map(|b| b.currency.as_ref());
        Ok(vec![
            same(&outcome.customer.id, n),
            text(rows().map(|r| Some(r.advice_id.as_str()))),
            maybe_count(rows().map(|r| r.rank.map(|r| r as usize))),
            text(rows().map(|r| Some(r.code))),
            text(rows().map(|r| Some(verdict_name(r.verdict)))),
            text(rows().map(|r| Some(tier_name(r.tier)))),
            maybe_count(rows().map(|r| Some(usize::from(r.priority)))),
            money(rows().map(|r| r.saving_alone)),
            money(rows().map(|r| r.saving_joint)),
            money(rows().map(|r| r.saving_low)),
            money(rows().map(|r| r.saving_high)),
            money(rows().map(|r| r.saving_joint_observed)),
            text(std::iter::repeat_n(currency, n)),
            real(rows().map(|r| r.kwh_saved.map(super::super::units::Kwh::get))),
            real(rows().map(|r| r.kwh_shifted.map(super::super::units::Kwh::get))),
            real(rows().map(|r| r.kw_reduced.map(super::super::units::Kw::get))),
            real(rows().map(|r| r.confidence.map(super::super::units::Ratio::get))),
            text(rows().map(|r| r.exclusive_group)),
            owned(rows().map(|r| Some(r.needs.join(",")).filter(|n| !n.is_empty()))),
            owned(rows().map(|r| serde_json::to_string(&r.evidence).ok())),
            text(rows().map(|r| Some(if r.audience == Audience::Customer { "customer" } else { "internal" }))),
            maybe_count(rows().map(|r| r.holds.map(|h| h.0))),
            maybe_count(rows().map(|r| r.holds.map(|h| h.1))),
            flag(rows().map(|r| r.headline)),
            money(rows().map(|r| r.saving_headline)),
            real(rows().map(|r| r.kw_potential.map(super::super::units::Kw::get))),
        ])
    }
}

fn verdict_name(v: Verdict) -> &'static str {
    match v {
        Verdict::Advise => "advise",
        Verdict::Missing => "missing",
    }
}

/// The name of a tier in tables.
pub fn tier_name(t: Tier) -> &'static str {
    match t {
        Tier::Counter => "counter",
        Tier::Operate => "operate",
        Tier::Invest => "invest",
        Tier::Inform => "inform",
    }
}
