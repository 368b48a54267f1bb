//! From billing determinants to a bill: checks what can be billed, then asks each charge for its lines.

use super::charge::{CHARGES, Case, Draft};
use super::{Bill, BillState, Compiled, CycleBill, CycleUsage, Line, Usage, usage};
use crate::curve::Load;
use crate::customer::{Contract, MarketStatus, Transformer};
use crate::time::Cycle;
use std::sync::Arc;

/// One supply point and its load.
#[derive(Debug, Clone, PartialEq)]
pub struct Supply {
    /// Its name.
    pub id: Arc<str>,
    /// Its load.
    pub load: Load,
}

/// The terms on which a customer is billed.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// Transformers; when any are given the billable capacity follows from them.
    pub transformers: &'a [Transformer],
    /// Whether the tariff's utilisation rebate is applied; true unless bills are compared with
    /// references that leave it out.
    pub rebate: bool,
}

impl<'a> Terms<'a> {
    /// The terms as the tariff states them.
    #[must_use]
    pub const fn new(contract: &'a Contract, transformers: &'a [Transformer]) -> Self {
        Self { contract, transformers, rebate: true }
    }
}

/// The bill of a customer's supply points: [`usage`] of each, then [`price`].
#[must_use]
pub fn bill(supplies: &[Supply], cycles: &[Cycle], terms: &Terms<'_>, tariff: &Compiled) -> Bill {
    let usages: Vec<(Arc<str>, Usage)> =
        supplies.iter().map(|s| (Arc::clone(&s.id), usage(&s.load, cycles, tariff))).collect();
    price(&usages, cycles, terms, tariff)
}

/// Prices usages; loads are not touched, so other terms cost next to nothing.
#[must_use]
pub fn price(usages: &[(Arc<str>, Usage)], cycles: &[Cycle], terms: &Terms<'_>, tariff: &Compiled) -> Bill {
    let mut notes = general_notes(usages, terms, tariff);
    let refusal = serves(terms.contract.market_status, tariff);
    let bills = cycles.iter().enumerate().map(|(i, cycle)| {
        let of_cycle: Vec<(&Arc<str>, &CycleUsage)> =
            usages.iter().filter_map(|(id, u)| u.cycles.get(i).map(|c| (id, c))).collect();
        let case = Case { cycle, usages: &of_cycle, terms, tariff };
        let (state, lines) = match (cycle.partial, refusal.as_ref()) {
            (true, _) => (BillState::Partial, Vec::new()),
            (false, Some(why)) => (BillState::Unbillable(why.clone()), Vec::new()),
            (false, None) => match lines(&case, &mut notes) {
                Ok(lines) => (BillState::Billed, lines),
                Err(why) => (BillState::Unbillable(why), Vec::new()),
            },
        };
        CycleBill { month: cycle.month, dates: cycle.dates.clone(), state, lines }
    });
    let cycles = bills.collect();
    let id = tariff.tariff();
    Bill { currency: Arc::clone(&id.currency), tariff: Arc::clone(&id.id), cycles, notes }
}

/// Why the tariff cannot price this customer at all.
fn serves(status: Option<MarketStatus>, tariff: &Compiled) -> Option<String> {
    let tariff = tariff.tariff();
    let status = status.filter(|s| !tariff.market_status.is_empty() && !tariff.market_status.contains(s))?;
    let name = match status {
        MarketStatus::Agency => "agency",
        MarketStatus::Retail => "retail",
        MarketStatus::Direct => "direct",
    };
    Some(format!("missing: {name} price; tariff {} does not serve market_status {name}", tariff.id))
}

fn general_notes(usages: &[(Arc<str>, Usage)], terms: &Terms<'_>, tariff: &Compiled) -> Vec<String> {
    let mut notes = Vec::new();
    if terms.contract.market_status.is_none() && !tariff.tariff().market_status.is_empty() {
        notes.push("market status unknown: energy advice withheld".into());
    }
    if let Some(window) = tariff.demand_window() {
        let coarser = usages.iter().map(|u| u.1.interval.minutes()).filter(|m| *m > window.minutes()).max();
        if let Some(minutes) = coarser {
            let w = window.minutes();
            notes.push(format!(
                "demand window {w} min is finer than the data: {minutes}-minute means used, a lower bound"
            ));
        }
    }
    notes
}

fn lines(case: &Case<'_>, notes: &mut Vec<String>) -> Result<Vec<Line>, String> {
    complete(case)?;
    let mut draft = Draft::new(case, notes);
    for (id, _) in case.usages.iter().filter(|(_, u)| u.n_expected == 0) {
        draft.note(format!("supply point {id} has no readings in {}", case.cycle.month));
    }
    for charge in CHARGES {
        charge.add(case, &mut draft)?;
    }
    Ok(draft.into_lines())
}

/// Refuses cycles outside the validity, without windows, or with open intervals.
fn complete(case: &Case<'_>) -> Result<(), String> {
    let (cycle, tariff) = (case.cycle, case.tariff);
    if !tariff.prices_cover(&cycle.dates) {
        let t = tariff.tariff();
        return Err(format!(
            "tariff {} is effective {}; give a tariff of {}, or --prices-as-of",
            t.id,
            t.validity(),
            cycle.month
        ));
    }
    for (id, usage) in case.usages {
        let at = if case.usages.len() > 1 { format!("supply point {id}: ") } else { String::new() };
        if usage.n_unscheduled_days > 0 {
            let n = usage.n_unscheduled_days;
            return Err(format!("{at}tariff {} has no windows for {n} days", tariff.tariff().id));
        }
        let open = usage.n_open();
        if open > 0 {
            return Err(format!("{at}{open} intervals without reading or estimate"));
        }
    }
    if case.usages.iter().all(|(_, u)| u.n_expected == 0) {
        return Err("no readings".into());
    }
    Ok(())
}
