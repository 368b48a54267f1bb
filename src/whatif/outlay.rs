//! The prices that a schedule sees: of a kWh in each band, and of the month's maximum.

use super::State;
use crate::customer::BillingMode;
use crate::schedule::{Piece, cost_at};
use crate::tariff::charge::{Case, OverRule};
use crate::tariff::{BaseLine, BillState, Compiled, CycleBill, DemandTerms, LineKind, Terms};
use crate::time::Cycle;

/// A maximum this share below the limit of a contract is taken for safely below it: a schedule that
/// stops at the limit must not be billed double because of the last bit.
const SAFELY_BELOW: f64 = 1e-9;

/// A billed cycle.
pub(super) struct Scope<'a> {
    pub cycle: &'a Cycle,
    pub billed: &'a CycleBill,
    /// Present maximum demand of each supply point in kW.
    pub demands: Vec<f64>,
    /// Its place in [`State::cycles`].
    pub index: usize,
}

/// The billed cycles of a customer, by their place in [`State::cycles`].
pub(super) fn billed(state: &State) -> Vec<(usize, Scope<'_>)> {
    let (Some(bill), Some(usages)) = (state.bill(), state.usages()) else { return Vec::new() };
    let cycles = state.cycles().iter().zip(&bill.cycles).enumerate();
    let scope = |c: usize, cycle, billed| {
        let of = |u: &crate::tariff::Usage| u.cycles.get(c).and_then(|u| u.demand).map_or(0.0, |d| d.kw.get());
        Scope { cycle, billed, demands: usages.iter().map(|(_, u)| of(u)).collect(), index: c }
    };
    let is_billed = |b: &CycleBill| b.state == BillState::Billed;
    cycles.filter(|(_, (_, b))| is_billed(b)).map(|(c, (cycle, b))| (c, scope(c, cycle, b))).collect()
}

/// What a kWh more costs in each band of the tariff, with the power-factor line's share.
pub(super) fn energy_prices(tariff: &Compiled, scope: &Scope<'_>) -> Vec<f64> {
    let (on_energy, _) = power_factor(scope, tariff);
    tariff.bands().iter().map(|b| b.price + (on_energy - 1.0) * b.energy.get()).collect()
}

/// Factors by which the power-factor line multiplies the price of energy without funds, and of demand.
fn power_factor(scope: &Scope<'_>, tariff: &Compiled) -> (f64, f64) {
    let rate = scope.billed.lines.iter().filter(|l| l.kind == LineKind::PowerFactor).map(|l| l.price).sum::<f64>();
    let base = tariff.tariff().power_factor.as_ref().map_or(&[][..], |p| &p.base[..]);
    let on = |line: BaseLine| if base.contains(&line) { 1.0 + rate } else { 1.0 };
    (on(BaseLine::Energy), on(BaseLine::Demand))
}

/// The pieces for a cycle, by caps that are shares of the present maximum, ascending; none when no
/// maximum is billed. Each is linear, so that the jump of one reading of the over-contract rule stands
/// between two of them. The price is what the present bill makes of the present maximum.
pub(super) fn pieces(state: &State, tariff: &Compiled, scope: &Scope<'_>) -> Vec<Piece> {
    let Some(terms) = &tariff.tariff().demand else { return Vec::new() };
    let present = scope.demands.iter().sum::<f64>();
    let lines = scope.billed.lines.iter().filter(|l| l.kind == LineKind::Demand && l.name == terms.name);
    let amount: f64 = lines.map(|l| l.amount_exact).sum();
    let mode = if terms.always { Some(BillingMode::Demand) } else { state.contract().billing_mode };
    let by_kw = match mode {
        Some(BillingMode::Demand) => actual(floor(state, tariff, terms, scope)),
        Some(BillingMode::Contract) => contract(state, tariff, terms, scope),
        _ => Vec::new(),
    };
    let billed = cost_at(&by_kw, present);
    if by_kw.is_empty() || present <= 0.0 || billed <= 0.0 || amount <= 0.0 {
        return Vec::new();
    }
    let price = amount / billed * power_factor(scope, tariff).1;
    let priced = |p: &Piece| Piece { cost: p.cost * price, slope: p.slope * price, ..*p };
    by_kw.iter().map(|p| priced(p).scaled(1.0 / present)).collect()
}

/// Billed kW by kW: what is measured, but at least a floor.
fn actual(floor: f64) -> Vec<Piece> {
    vec![
        Piece { from: 0.0, to: floor, cost: floor, slope: 0.0 },
        Piece { from: floor, to: f64::INFINITY, cost: floor, slope: 1.0 },
    ]
}

/// Capacity that floors refer to, in kVA.
fn capacity(state: &State, tariff: &Compiled, scope: &Scope<'_>) -> Option<f64> {
    let terms = Terms::new(state.contract(), state.transformers());
    let (cycle, cycles) = (scope.cycle, state.cycles());
    let (index, parts, usages, all, earlier) = (scope.index, &[][..], &[][..], &[][..], &[][..]);
    let case = Case { cycle, usages, parts, terms: &terms, tariff, cycles, index, all, earlier };
    case.capacity_in_service().map(crate::units::Kva::get)
}

/// The least that is billed whatever is measured: a share of the capacity, or of earlier maxima.
fn floor(state: &State, tariff: &Compiled, terms: &DemandTerms, scope: &Scope<'_>) -> f64 {
    let share = terms.actual_floor_share.and_then(|s| Some(s * capacity(state, tariff, scope)?)).unwrap_or(0.0);
    let Some(ratchet) = &terms.ratchet else { return share };
    let earlier = state.cycles().iter().enumerate().take(scope.index);
    let counted: Vec<(usize, f64)> = earlier
        .filter(|(_, c)| {
            let back = i64::from(scope.cycle.month.0 - c.month.0);
            (1..=i64::from(ratchet.months_back)).contains(&back)
        })
        .filter_map(|(i, c)| Some((i, ratchet.share_of(c.month.month())?)))
        .collect();
    let of_point = |u: &crate::tariff::Usage| {
        let kept = |(i, share): &(usize, f64)| Some(share * u.cycles.get(*i)?.billed_demand()?.get());
        counted.iter().filter_map(kept).fold(0.0, f64::max)
    };
    let ratcheted: f64 = state.usages().unwrap_or(&[]).iter().map(|(_, u)| of_point(u)).sum();
    share.max(ratcheted)
}

/// Billed kW by kW under a contract: flat up to where the rule begins, then by its layers.
fn contract(state: &State, tariff: &Compiled, terms: &DemandTerms, scope: &Scope<'_>) -> Vec<Piece> {
    let applied = state.contract().contract_demand_in(scope.cycle.month);
    let (Some(applied), Some(rule)) = (applied, OverRule::of(terms)) else { return Vec::new() };
    let least = terms.floor_share.and_then(|s| Some(s * capacity(state, tariff, scope)?)).unwrap_or(0.0);
    let contracted = applied.get().max(least);
    let Some(first) = rule.layers.first() else { return Vec::new() };
    let limit = contracted * first.above;
    let mut out = vec![Piece { from: 0.0, to: limit * (1.0 - SAFELY_BELOW), cost: contracted, slope: 0.0 }];
    let mut cost = if rule.from_limit { limit } else { contracted };
    for (i, layer) in rule.layers.iter().enumerate() {
        let from = contracted * layer.above;
        let to = rule.layers.get(i + 1).map_or(f64::INFINITY, |next| contracted * next.above);
        out.push(Piece { from, to, cost, slope: layer.factor });
        cost += layer.factor * (to - from);
    }
    out
}
