//! The demand charge: by each supply point's own maximum, or by the contracted demand.

use super::{Case, Charge, Draft, Item};
use crate::customer::BillingMode;
use crate::tariff::{DemandTerms, LineKind, OverContractRule, Price};
use crate::units::{Kva, Kw};
use std::fmt::Write;
use std::sync::Arc;

/// Demand above this multiple of the contract is billed double (发改办价格〔2016〕1583号).
const OVER_SHARE: f64 = 1.05;
/// Multiple at which the demand above [`OVER_SHARE`] is billed (the same).
const OVER_FACTOR: f64 = 2.0;

/// Demand lines.
#[derive(Debug)]
pub struct Demand;

impl Charge for Demand {
    fn key(&self) -> &'static str {
        "demand"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let Some(terms) = &case.tariff.tariff().demand else { return Ok(()) };
        match case.mode()? {
            Some(BillingMode::Demand) => actual(case, terms, draft),
            Some(BillingMode::Contract) => contract(case, terms, draft),
            _ => Ok(()),
        }
    }
}

/// The billed demand under a contract of `contract` kW when `measured` kW were taken:
/// the contract up to 105 % of it, above that one of the two readings of the rule.
#[must_use]
pub fn billed_under_contract(measured: Kw, contract: Kw, rule: OverContractRule) -> Kw {
    let limit = contract.get() * OVER_SHARE;
    let excess = measured.get() - limit;
    if excess <= 0.0 {
        return contract;
    }
    Kw::new(match rule {
        OverContractRule::A => limit + OVER_FACTOR * excess,
        OverContractRule::B => contract.get() + OVER_FACTOR * excess,
    })
}

fn actual(case: &Case<'_>, terms: &DemandTerms, draft: &mut Draft<'_>) -> Result<(), String> {
    let (price, note) = price(case, terms, draft);
    let mut total = 0.0;
    for (id, usage) in case.usages {
        let kw = maximum(id, usage)?;
        total += kw;
        draft.push(item(Some(Arc::clone(id)), terms, kw, price, note.clone()))?;
    }
    let Some(share) = terms.actual_floor_share else { return Ok(()) };
    let floor = case.contract_capacity().ok_or("missing: capacity_kva")?.get() * share;
    if floor > total {
        let note = format!("raises {total:.3} kW to {share} of the capacity");
        draft.push(item(None, terms, floor - total, price, note))?;
    }
    Ok(())
}

fn contract(case: &Case<'_>, terms: &DemandTerms, draft: &mut Draft<'_>) -> Result<(), String> {
    let applied = case.terms.contract.contract_demand.ok_or("missing: contract_demand_kw")?;
    let rule = terms.over_contract_rule.ok_or("tariff does not state over_contract_rule")?;
    let floor = match terms.floor_share {
        Some(share) => case.contract_capacity().ok_or("missing: capacity_kva")?.get() * share,
        None => 0.0,
    };
    let contract = applied.max(Kw::new(floor));
    let mut measured = 0.0;
    for (id, usage) in case.usages {
        measured += maximum(id, usage)?;
    }
    let billed = billed_under_contract(Kw::new(measured), contract, rule);
    let (price, rebate) = price(case, terms, draft);
    let mut note = format!("contract {:.3} kW, measured {measured:.3} kW", applied.get());
    if contract > applied {
        let _ = write!(note, ", floor {floor:.3} kW");
    }
    if billed > contract {
        let _ = write!(note, ", over-contract rule {rule:?}");
    }
    if !rebate.is_empty() {
        let _ = write!(note, ", {rebate}");
    }
    draft.push(item(None, terms, billed.get(), price, note))
}

/// The maximum of a supply point; one that was not in service in the cycle has none.
fn maximum(id: &Arc<str>, usage: &crate::tariff::CycleUsage) -> Result<f64, String> {
    match usage.demand {
        Some(demand) => Ok(demand.kw.get()),
        None if usage.n_expected == 0 => Ok(0.0),
        None => Err(format!("supply point {id}: no demand window was measured throughout")),
    }
}

/// The demand price, after the utilisation rebate where it is reached; and a note on that.
fn price(case: &Case<'_>, terms: &DemandTerms, draft: &mut Draft<'_>) -> (Price, String) {
    let Some(rebate) = case.tariff.tariff().rebate.as_ref().filter(|_| case.terms.rebate) else {
        return (terms.price, String::new());
    };
    let Some(capacity) = case.contract_capacity().filter(|c| *c > Kva::ZERO) else {
        draft.note("rebate on the demand price not checked: missing capacity_kva");
        return (terms.price, String::new());
    };
    let use_of_capacity = case.total_kwh().get() / capacity.get();
    if use_of_capacity < rebate.kwh_per_kva {
        return (terms.price, String::new());
    }
    let note = format!("{use_of_capacity:.1} kWh/kVA: rebate");
    (terms.price.times(rebate.factor), note)
}

fn item(supply_point: Option<Arc<str>>, terms: &DemandTerms, kw: f64, price: Price, note: String) -> Item {
    Item {
        supply_point,
        kind: LineKind::Demand,
        name: Arc::clone(&terms.name),
        period: None,
        quantity: kw,
        unit: Kw::UNIT,
        price,
        note,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_readings_of_the_over_contract_rule() {
        let billed = |d: f64, rule| billed_under_contract(Kw::new(d), Kw::new(1000.0), rule).get();
        for rule in [OverContractRule::A, OverContractRule::B] {
            assert_eq!(billed(700.0, rule), 1000.0, "below the contract");
            assert_eq!(billed(1000.0, rule), 1000.0);
            assert_eq!(billed(1050.0, rule), 1000.0, "105 % is still the contract");
        }
        let eps = 1e-6;
        assert!((billed(1050.0 + eps, OverContractRule::A) - (1050.0 + 2.0 * eps)).abs() < 1e-9, "A jumps");
        assert!((billed(1050.0 + eps, OverContractRule::B) - (1000.0 + 2.0 * eps)).abs() < 1e-9, "B does not");
        assert_eq!(billed(1200.0, OverContractRule::A), 1350.0, "2D − 1.05C");
        assert_eq!(billed(1200.0, OverContractRule::B), 1300.0, "C + 2(D − 1.05C)");
    }
}
