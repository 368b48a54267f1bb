//! The demand charge of `[demand]`: by each supply point's own maximum, or by the contracted demand.

use super::contract::contracted;
use super::{Case, Charge, Draft, Item};
use crate::customer::BillingMode;
use crate::tariff::compiled::price_on;
use crate::tariff::{CycleUsage, DemandTerms, LineKind, Price, Tariff};
use crate::text::{said, say};
use crate::units::{Kva, Kw};
use std::sync::Arc;

/// Demand lines.
#[derive(Debug)]
pub struct Demand;

impl Charge for Demand {
    fn key(&self) -> &'static str {
        "demand"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        if case.parts.iter().all(|p| p.tariff.demand.is_none()) {
            return Ok(());
        }
        let mode = case.mode()?;
        let Some(terms) = case.last().demand.as_ref() else { return Ok(()) };
        match mode {
            Some(BillingMode::Demand) => actual(case, terms, &prices(case, draft), draft),
            Some(BillingMode::Contract) => contracted(case, terms, &prices(case, draft), draft),
            _ => Ok(()),
        }
    }
}

/// A demand price and the days on which it holds.
pub(super) struct Priced {
    price: Price,
    n_days: i32,
    /// The rebate, where it is reached.
    note: String,
    origin: Arc<str>,
}

/// The demand prices of a cycle, after the utilisation rebate where it is reached.
fn prices(case: &Case<'_>, draft: &mut Draft<'_>) -> Vec<Priced> {
    let rebates: Vec<Option<(Price, String)>> = case.parts.iter().map(|p| rebate(case, p.tariff, draft)).collect();
    let seasonal = |t: &Tariff| t.demand.as_ref().is_some_and(|d| !d.seasons.is_empty());
    let found = case.by_day(seasonal, |part, day| {
        let price = price_on(part.tariff.demand.as_ref()?, day);
        let at = case.parts.iter().position(|p| p.version == part.version).unwrap_or(0);
        let rebate = rebates.get(at).and_then(Option::as_ref);
        Some((rebate.map_or(price, |r| price.times(r.0)), rebate.map_or("", |r| r.1.as_str())))
    });
    let origin = case.last().origin("demand", 0);
    let priced = |((price, note), n_days): ((Price, &str), i32)| Priced {
        price,
        n_days,
        note: note.to_owned(),
        origin: Arc::clone(&origin),
    };
    found.into_iter().map(priced).collect()
}

fn actual(case: &Case<'_>, terms: &DemandTerms, prices: &[Priced], draft: &mut Draft<'_>) -> Result<(), String> {
    let mut total = 0.0;
    for (id, usage) in case.usages {
        let measured = maximum(id, usage)?;
        let of = |u: &CycleUsage| u.billed_demand().map(Kw::get);
        let (kw, raised) = case.ratcheted(terms.ratchet.as_ref(), id, measured, of);
        total += kw;
        let note = joined(&[&raised, &source(case, usage)]);
        for priced in prices {
            draft.push(item(case, terms, priced, Some(Arc::clone(id)), (kw, &note)))?;
        }
    }
    let Some(share) = terms.actual_floor_share else { return Ok(()) };
    let floor = case.capacity_in_service().ok_or_else(|| super::missing("capacity_kva"))?.get() * share;
    if floor > total {
        let note = say("bill.raises_share", &[("kw", &format_args!("{total:.3}")), ("share", &share)]);
        for priced in prices {
            draft.push(item(case, terms, priced, None, (floor - total, &note)))?;
        }
    }
    Ok(())
}

/// The maximum of a supply point; one that was not in service in the cycle has none.
pub(super) fn maximum(id: &Arc<str>, usage: &CycleUsage) -> Result<f64, String> {
    match usage.billed_demand() {
        Some(demand) => Ok(demand.get()),
        None if usage.n_expected == 0 => Ok(0.0),
        None => Err(say("bill.at_point", &[("id", id), ("why", &said("bill.no_demand"))])),
    }
}

/// Where a maximum comes from, when it is not simply the greatest fixed window.
pub(super) fn source(case: &Case<'_>, usage: &CycleUsage) -> String {
    if let Some(register) = usage.register.and_then(|r| r.max_demand) {
        let measured = usage.demand.map_or(0.0, |d| d.kw.get());
        return say(
            "bill.register",
            &[("register", &format_args!("{:.3}", register.get())), ("measured", &format_args!("{measured:.3}"))],
        );
    }
    joined(&[&bound_note(usage.demand.map(|d| d.kw), usage.demand_bound), &caution(case, usage)])
}

/// What a maximum of intervals can hide: samples are no means, means of longer intervals than the
/// tariff's window are lower, and no maximum comes from an estimate.
pub(super) fn caution(case: &Case<'_>, usage: &CycleUsage) -> String {
    let sampled = if usage.sampled { said("bill.sampled_demand") } else { "" };
    let coarse = case.coarser_than_window().map(|m| say("bill.coarse", &[("minutes", &m)])).unwrap_or_default();
    let gaps = match usage.n_estimated {
        0 => String::new(),
        n => say("bill.outside_maximum", &[("n", &n)]),
    };
    joined(&[sampled, &coarse, &gaps])
}

/// Says how far a sliding maximum can be above what the data show.
pub(super) fn bound_note(least: Option<Kw>, most: Option<Kw>) -> String {
    match least.zip(most).filter(|(least, most)| most > least) {
        Some((least, most)) => say(
            "bill.sliding",
            &[("least", &format_args!("{:.3}", least.get())), ("most", &format_args!("{:.3}", most.get()))],
        ),
        None => String::new(),
    }
}

/// Notes with a comma between, empty ones left out.
pub(super) fn joined(notes: &[&str]) -> String {
    let mut out = String::new();
    for note in notes.iter().filter(|n| !n.is_empty()) {
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push_str(note);
    }
    out
}

/// The utilisation rebate of a version, where it is reached, and a note on it.
fn rebate(case: &Case<'_>, tariff: &Tariff, draft: &mut Draft<'_>) -> Option<(Price, String)> {
    let rebate = tariff.rebate.as_ref().filter(|_| case.terms.rebate)?;
    let Some(capacity) = case.contract_capacity().filter(|c| *c > Kva::ZERO) else {
        draft.note(said("bill.rebate"));
        return None;
    };
    let use_of_capacity = case.total_kwh().get() / capacity.get();
    (use_of_capacity >= rebate.kwh_per_kva)
        .then(|| (rebate.factor, say("bill.rebate_reached", &[("use", &format_args!("{use_of_capacity:.1}"))])))
}

/// A line of so many kW at a price, for its days of the cycle.
pub(super) fn item(
    case: &Case<'_>,
    terms: &DemandTerms,
    priced: &Priced,
    supply_point: Option<Arc<str>>,
    (kw, note): (f64, &str),
) -> Item {
    Item {
        supply_point,
        kind: LineKind::Demand,
        name: Arc::clone(&terms.name),
        period: None,
        quantity: kw * case.share(priced.n_days),
        unit: Kw::UNIT,
        price: priced.price,
        note: joined(&[note, &priced.note, &case.share_note(priced.n_days)]),
        origin: Arc::clone(&priced.origin),
    }
}
