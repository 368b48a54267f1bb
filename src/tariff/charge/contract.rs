//! Billing by a contracted demand.

use super::demand::{Priced, item, maximum, source};
use super::{Case, Draft};
use crate::tariff::{DemandTerms, OverContractRule, OverLayer};
use crate::text::{said, say};
use crate::units::Kw;

/// Demand above 105 % of the contract is billed double (发改办价格〔2016〕1583号).
const DOUBLE_ABOVE_105: [OverLayer; 1] = [OverLayer { above: 1.05, factor: 2.0 }];

/// Excess below this share of the contract is noise of floats: a contract of D / 1.05 is not exceeded.
const NOISE: f64 = 1e-12;

/// The billed demand under a contract of `contract` kW when `measured` kW were taken: the contract
/// up to where the rule's first layer begins (105 % of it in readings A and B), above that by the
/// rule's reading.
#[must_use]
pub fn billed_under_contract(measured: Kw, contract: Kw, rule: &OverRule<'_>) -> Kw {
    let layers = rule.layers;
    let over: f64 = layers
        .iter()
        .enumerate()
        .map(|(i, layer)| {
            let (from, to) = (layer.above, layers.get(i + 1).map_or(f64::INFINITY, |next| next.above));
            let excess = measured.get().min(contract.get() * to) - contract.get() * from;
            if excess > contract.get() * NOISE { layer.factor * excess } else { 0.0 }
        })
        .sum();
    match layers.first() {
        Some(first) if rule.from_limit && over > 0.0 => Kw::new(contract.get() * first.above + over),
        _ => Kw::new(contract.get() + over),
    }
}

/// How demand above the contract is billed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverRule<'a> {
    /// Lowest first.
    pub layers: &'a [OverLayer],
    /// Above the first layer's begin the contract counts as that begin (reading A).
    pub from_limit: bool,
}

impl<'a> OverRule<'a> {
    /// Of a tariff; `None` when it does not state one.
    #[must_use]
    pub fn of(terms: &'a DemandTerms) -> Option<Self> {
        Some(match terms.over_contract_rule? {
            OverContractRule::A => Self { layers: &DOUBLE_ABOVE_105, from_limit: true },
            OverContractRule::B => Self { layers: &DOUBLE_ABOVE_105, from_limit: false },
            OverContractRule::Layers => Self { layers: &terms.over_contract_layers, from_limit: false },
        })
    }
}

/// The line of the contracted demand, or of what the rule makes of a greater one.
pub(super) fn contracted(
    case: &Case<'_>,
    terms: &DemandTerms,
    prices: &[Priced],
    draft: &mut Draft<'_>,
) -> Result<(), String> {
    let applied =
        case.terms.contract.contract_demand_in(case.cycle.month).ok_or_else(|| super::missing("contract_demand_kw"))?;
    let rule = OverRule::of(terms).ok_or_else(|| said("bill.over_rule"))?;
    let floor = match terms.floor_share {
        Some(share) => case.capacity_in_service().ok_or_else(|| super::missing("capacity_kva"))?.get() * share,
        None => 0.0,
    };
    let contract = applied.max(Kw::new(floor));
    let (mut measured, mut sources) = (0.0, Vec::new());
    for (id, usage) in case.usages {
        measured += maximum(id, usage)?;
        let told = source(case, usage);
        if !told.is_empty() && !sources.contains(&told) {
            sources.push(told);
        }
    }
    let billed = billed_under_contract(Kw::new(measured), contract, &rule);
    let mut note = say(
        "bill.contract",
        &[("contract", &format_args!("{:.3}", applied.get())), ("measured", &format_args!("{measured:.3}"))],
    );
    let mut add = |told: &str| {
        note.push_str(", ");
        note.push_str(told);
    };
    if contract > applied {
        add(&say("bill.floor", &[("kw", &format_args!("{floor:.3}"))]));
    }
    if billed > contract {
        let reading = terms.over_contract_rule.map_or("", OverContractRule::name);
        add(&say("bill.over_reading", &[("reading", &reading)]));
    }
    for told in &sources {
        add(told);
    }
    for priced in prices {
        draft.push(item(case, terms, priced, None, (billed.get(), &note)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_readings_of_the_over_contract_rule() {
        let a = OverRule { layers: &DOUBLE_ABOVE_105, from_limit: true };
        let b = OverRule { from_limit: false, ..a };
        let billed = |d: f64, rule| billed_under_contract(Kw::new(d), Kw::new(1000.0), rule).get();
        for rule in [&a, &b] {
            assert_eq!(billed(700.0, rule), 1000.0, "below the contract");
            assert_eq!(billed(1000.0, rule), 1000.0);
            assert_eq!(billed(1050.0, rule), 1000.0, "105 % is still the contract");
        }
        let eps = 1e-6;
        assert!((billed(1050.0 + eps, &a) - (1050.0 + 2.0 * eps)).abs() < 1e-9, "A jumps");
        assert!((billed(1050.0 + eps, &b) - (1000.0 + 2.0 * eps)).abs() < 1e-9, "B does not");
        assert_eq!(billed(1200.0, &a), 1350.0, "2D − 1.05C");
        assert_eq!(billed(1200.0, &b), 1300.0, "C + 2(D − 1.05C)");
    }

    #[test]
    fn layers_bill_each_part_at_its_own_multiple() {
        let layers = [OverLayer { above: 1.0, factor: 2.0 }, OverLayer { above: 1.1, factor: 3.0 }];
        let rule = OverRule { layers: &layers, from_limit: false };
        let billed = |d: f64| billed_under_contract(Kw::new(d), Kw::new(1000.0), &rule).get();
        assert_eq!(billed(1000.0), 1000.0);
        assert_eq!(billed(1050.0), 1100.0);
        assert!((billed(1200.0) - (1000.0 + 200.0 + 300.0)).abs() < 1e-9);
    }

    /// What twelve months' maxima are billed under one contract.
    fn year(maxima: &[f64], contract: f64, floor: f64, rule: &OverRule<'_>) -> f64 {
        let contract = Kw::new(contract.max(floor));
        maxima.iter().map(|d| billed_under_contract(Kw::new(*d), contract, rule).get()).sum()
    }

    proptest::proptest! {
        /// The least bill of a year lies at the floor or at a month's maximum / 1.05: no contract of a
        /// 1-kW grid is cheaper, under either reading.
        #[test]
        fn no_contract_of_a_grid_of_1_kw_beats_the_candidates(maxima in proptest::collection::vec(100.0..1500.0f64, 12), floor in 40.0..600.0f64) {
            for from_limit in [true, false] {
                let rule = OverRule { layers: &DOUBLE_ABOVE_105, from_limit };
                let of = |c: f64| year(&maxima, c, floor, &rule);
                let best = maxima.iter().map(|d| of(d / 1.05)).fold(of(floor), f64::min);
                let grid = (0..=1600).map(|c| of(f64::from(c))).fold(f64::INFINITY, f64::min);
                proptest::prop_assert!(best <= grid + 1e-9, "{best} {grid}");
                proptest::prop_assert!(grid <= best + 24.0, "a grid of 1 kW is at most 1 kW off in each month");
            }
        }
    }
}
