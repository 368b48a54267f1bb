//! Demand charges of periods, seasons and sizes, in kW, kVA or kvar, with ratchets.

use super::case::Found;
use super::demand::{bound_note, caution, joined};
use super::{Case, Charge, Draft, Item};
use crate::tariff::schedule::in_season;
use crate::tariff::{CycleUsage, DemandCharge, DemandUnit, LineKind, MaximumOf, Measured, Price};
use crate::text::say;
use crate::units::Kw;
use std::sync::Arc;

/// Lines of `[[demand_charge]]`.
#[derive(Debug)]
pub struct DemandCharges;

impl Charge for DemandCharges {
    fn key(&self) -> &'static str {
        "demand_charge"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        for found in case.gather(|t| &t.demand_charges, same) {
            let n_days = charged_days(case, &found);
            let measure = case.tariff.measures().of_charge(found.version, found.at);
            let Some(at) = measure.filter(|_| n_days > 0) else { continue };
            for (id, usage) in case.usages {
                one(case, (&found, at, n_days), (id, usage), draft)?;
            }
        }
        Ok(())
    }
}

/// Two charges that are one, whatever clause states them.
fn same(a: &DemandCharge, b: &DemandCharge) -> bool {
    let plain = |c: &DemandCharge| DemandCharge { clause: None, ..c.clone() };
    plain(a) == plain(b)
}

/// Days of the cycle on which the charge is in season.
fn charged_days(case: &Case<'_>, found: &Found<'_, DemandCharge>) -> i32 {
    let (months, spans) = (&found.spec.months, &found.spec.spans);
    if spans.is_empty() {
        return if months.is_empty() || months.contains(&case.month()) { found.n_days } else { 0 };
    }
    let has = |t: &crate::tariff::Tariff| t.demand_charges.iter().any(|c| same(c, found.spec));
    let days = case.by_day(|_| true, |part, day| (has(part.tariff) && in_season(months, spans, day)).then_some(()));
    days.first().map_or(0, |d| d.1)
}

fn one(
    case: &Case<'_>,
    (found, at, n_days): (&Found<'_, DemandCharge>, usize, i32),
    (id, usage): (&Arc<str>, &CycleUsage),
    draft: &mut Draft<'_>,
) -> Result<(), String> {
    let spec = found.spec;
    let Some((measured, notes)) = quantity(case, spec, at, (id, usage))? else { return Ok(()) };
    let quantity = spec.minimum.map_or(measured, |least| measured.max(least));
    let raised = if quantity > measured {
        say(
            "bill.measured_least",
            &[("measured", &format_args!("{measured:.3}")), ("least", &format_args!("{quantity:.3}"))],
        )
    } else {
        notes
    };
    let unit = match (spec.unit, spec.per) {
        (DemandUnit::Kw, MaximumOf::Month) => Kw::UNIT,
        (DemandUnit::Kw, MaximumOf::Day) => "kW·d",
        (DemandUnit::Kva, MaximumOf::Month) => "kVA",
        (DemandUnit::Kva, MaximumOf::Day) => "kVA·d",
        (DemandUnit::Kvar, MaximumOf::Month) => "kvar",
        (DemandUnit::Kvar, MaximumOf::Day) => "kvar·d",
    };
    // Maxima of days are counted on their days already.
    let share = if spec.per == MaximumOf::Day { 1.0 } else { case.share(n_days) };
    let mut line = |quantity: f64, price: Price, note: &str| {
        draft.push(Item {
            supply_point: Some(Arc::clone(id)),
            kind: LineKind::Demand,
            name: Arc::clone(&spec.name),
            period: None,
            quantity: quantity * share,
            unit,
            price,
            note: joined(&[note, &case.share_note(n_days)]),
            origin: found.tariff.origin("demand_charge", found.at),
        })
    };
    if let Some(price) = spec.price {
        return line(quantity, price, &raised);
    }
    let mut below = 0.0;
    for (t, tier) in spec.tiers.iter().enumerate() {
        let top = tier.up_to.unwrap_or(f64::INFINITY);
        let part = (quantity.min(top) - below).max(0.0);
        line(part, tier.price, &joined(&[&raised, &say("bill.tier", &[("n", &(t + 1))])]))?;
        below = top;
    }
    Ok(())
}

/// What is billed at a supply point before a minimum; `None` when the charge's hours do not occur.
fn quantity(
    case: &Case<'_>,
    spec: &DemandCharge,
    at: usize,
    (id, usage): (&Arc<str>, &CycleUsage),
) -> Result<Option<(f64, String)>, String> {
    let Some(measured) = usage.measured.get(at) else { return Ok(None) };
    if spec.unit != DemandUnit::Kw && usage.kvarh.is_none() && usage.n_expected > 0 {
        return Err(say("bill.reactive_for", &[("name", &spec.name)]));
    }
    let whole = case.tariff.measures().list().get(at).is_some_and(super::super::compiled::Measure::is_unlimited);
    let Some(max) = measured.max else {
        if whole && usage.n_expected > 0 {
            return Err(say("bill.no_window", &[("id", &id), ("name", &spec.name)]));
        }
        return Ok(None);
    };
    if spec.per == MaximumOf::Day {
        let note = joined(&[&say("bill.day_maxima", &[("n", &measured.n_days)]), &caution(case, usage)]);
        return Ok(Some((measured.day_sum.get(), note)));
    }
    let registered =
        |u: &CycleUsage| u.register.and_then(|r| r.max_demand).filter(|_| whole && spec.unit == DemandUnit::Kw);
    let of = |u: &CycleUsage| {
        let found = u.measured.get(at).and_then(|m: &Measured| m.max).map(|m| m.kw);
        registered(u).or(found).map(Kw::get)
    };
    let now = registered(usage).map_or(max.kw.get(), Kw::get);
    let (kw, raised) = case.ratcheted(spec.ratchet.as_ref(), id, now, of);
    if registered(usage).is_some() {
        return Ok(Some((kw, raised)));
    }
    Ok(Some((kw, joined(&[&raised, &bound_note(Some(max.kw), measured.bound), &caution(case, usage)]))))
}
