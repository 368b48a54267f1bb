//! From billing determinants to a bill: checks what can be billed, then asks each charge for its lines.

use super::charge::{CHARGES, Case, Draft};
use super::rebill::{Before, Kept, usage_after, usage_of_another};
use super::{Bill, BillState, Compiled, CycleBill, CycleUsage, Line, Usage, losses, register_bill, usage};
use crate::curve::Load;
use crate::customer::{Contract, MarketStatus, Transformer};
use crate::text::{said, say};
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
    /// Supply points metered on the low side of their transformer: a tariff that says so has its
    /// losses added.
    pub low_side: &'a [Arc<str>],
    /// Whether the tariff's utilisation rebate is applied; true unless bills are compared with
    /// references that leave it out.
    pub rebate: bool,
    /// Energy, active and reactive, as the registers show it: in whole steps, flat being the total
    /// less the others.
    pub register_bill: bool,
}

impl<'a> Terms<'a> {
    /// The terms as the tariff states them, metered on the high side.
    #[must_use]
    pub const fn new(contract: &'a Contract, transformers: &'a [Transformer]) -> Self {
        Self { contract, transformers, low_side: &[], rebate: true, register_bill: false }
    }
}

/// The bill of a customer's supply points: [`usage`] of each, then [`price`].
#[must_use]
pub fn bill(supplies: &[Supply], cycles: &[Cycle], terms: &Terms<'_>, tariff: &Compiled) -> Bill {
    let usages: Vec<(Arc<str>, Usage)> =
        supplies.iter().map(|s| (Arc::clone(&s.id), measure(&s.id, &s.load, cycles, terms, tariff))).collect();
    price(&usages, cycles, terms, tariff)
}

/// Measures a supply point as it is billed: with its transformers' losses, where the tariff adds them.
#[must_use]
pub fn measure(id: &Arc<str>, load: &Load, cycles: &[Cycle], terms: &Terms<'_>, tariff: &Compiled) -> Usage {
    match on_high_side(id, load, terms, tariff) {
        Ok(Some(load)) => usage(&load, cycles, tariff),
        Ok(None) => usage(load, cycles, tariff),
        Err(why) => Usage { refusal: Some(why), ..usage(load, cycles, tariff) },
    }
}

/// The load of a supply point with its transformers' losses; `None` where the tariff adds none.
///
/// # Errors
/// When the losses are not known: `missing: p0_kw of transformer …`.
pub fn on_high_side(id: &Arc<str>, load: &Load, terms: &Terms<'_>, tariff: &Compiled) -> Result<Option<Load>, String> {
    let added = tariff.tariff().transformer_losses.as_ref().filter(|_| terms.low_side.contains(id));
    let Some(added) = added else { return Ok(None) };
    let units = losses::units_of(id, terms.low_side, terms.transformers)?;
    losses::with_losses(load, &units, added).map(Some)
}

/// [`measure`] of a supply point of which another load was measured on the same terms: cycles with the
/// same readings are not measured again.
#[must_use]
pub fn measure_after(
    (id, load): (&Arc<str>, &Load),
    before: (&Load, &Usage),
    cycles: &[Cycle],
    terms: &Terms<'_>,
    tariff: &Compiled,
) -> Usage {
    match on_high_side(id, load, terms, tariff) {
        Ok(Some(high)) => usage_of_another((&high, load), cycles, tariff, before),
        Ok(None) => usage_after(load, cycles, tariff, before),
        Err(why) => Usage { refusal: Some(why), ..usage_after(load, cycles, tariff, before) },
    }
}

/// Prices usages; loads are not touched, so other terms cost next to nothing.
#[must_use]
pub fn price(usages: &[(Arc<str>, Usage)], cycles: &[Cycle], terms: &Terms<'_>, tariff: &Compiled) -> Bill {
    price_after(None, usages, cycles, terms, tariff)
}

/// [`price`] after a bill on the same terms was made of other usages: cycles with the same usage keep
/// their lines, those after a changed one too unless a charge looks back.
#[must_use]
pub fn price_after(
    before: Option<Before<'_>>,
    usages: &[(Arc<str>, Usage)],
    cycles: &[Cycle],
    terms: &Terms<'_>,
    tariff: &Compiled,
) -> Bill {
    let mut kept = Kept::new(before, usages, tariff);
    let measured = usages;
    let registered = terms.register_bill.then(|| register_bill::registered(usages, tariff));
    let usages = registered.as_deref().unwrap_or(usages);
    let notes = general_notes(usages, terms, tariff);
    let refusal = serves(terms.contract.market_status, tariff);
    let mut bills: Vec<CycleBill> = Vec::with_capacity(cycles.len());
    let mut of_cycle: Vec<(&Arc<str>, &CycleUsage)> = Vec::with_capacity(usages.len());
    for (index, cycle) in cycles.iter().enumerate() {
        if let Some(same) = kept.cycle(index, measured) {
            bills.push(same);
            continue;
        }
        of_cycle.clear();
        of_cycle.extend(usages.iter().filter_map(|(id, u)| u.cycles.get(index).map(|c| (id, c))));
        let parts = tariff.parts(&cycle.dates);
        let case = Case {
            cycle,
            usages: &of_cycle,
            parts: &parts,
            terms,
            tariff,
            cycles,
            index,
            all: usages,
            earlier: &bills,
        };
        let mut notes = Vec::new();
        let (state, lines) = match (cycle.partial, refusal.as_ref()) {
            (true, _) => (BillState::Partial, Vec::new()),
            (false, Some(why)) => (BillState::Unbillable(why.clone()), Vec::new()),
            (false, None) => match lines(&case, &mut notes) {
                Ok(lines) => (BillState::Billed, lines),
                Err(why) => (BillState::Unbillable(why), Vec::new()),
            },
        };
        bills.push(CycleBill { month: cycle.month, dates: cycle.dates.clone(), state, lines, notes });
    }
    let currency = Arc::clone(&tariff.tariff().currency);
    let notes = bills.iter().flat_map(|b| &b.notes).fold(notes, |mut all, note| {
        if !all.contains(note) {
            all.push(note.clone());
        }
        all
    });
    Bill { currency, tariff: Arc::clone(tariff.name()), cycles: bills, notes }
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
    Some(say("bill.serves", &[("status", &name), ("id", &tariff.id), ("same", &name)]))
}

fn general_notes(usages: &[(Arc<str>, Usage)], terms: &Terms<'_>, tariff: &Compiled) -> Vec<String> {
    let mut notes = Vec::new();
    if terms.contract.market_status.is_none() && !tariff.tariff().market_status.is_empty() {
        notes.push(said("bill.market").into());
    }
    if let Some(window) = tariff.demand_window() {
        let coarser = usages.iter().map(|u| u.1.interval.minutes()).filter(|m| *m > window.minutes()).max();
        if let Some(minutes) = coarser {
            let w = window.minutes();
            notes.push(say("bill.window", &[("w", &w), ("minutes", &minutes)]));
        }
    }
    let declares = tariff.versions().iter().any(|t| t.schedules.iter().any(|s| s.declared));
    if declares && tariff.conditions().declared.is_none() {
        notes.push(said("bill.declared").into());
    }
    if tariff.tariff().transformer_losses.is_some() && terms.low_side.is_empty() {
        notes.push(said("bill.low_side").into());
    }
    notes.extend(ineligible(usages, terms, tariff));
    notes
}

/// Says that a customer is outside the sizes that the tariff is for.
fn ineligible(usages: &[(Arc<str>, Usage)], terms: &Terms<'_>, tariff: &Compiled) -> Option<String> {
    let limits = tariff.tariff().eligibility?;
    let greatest = |u: &Usage| {
        u.cycles.iter().filter_map(CycleUsage::billed_demand).map(crate::units::Kw::get).fold(0.0, f64::max)
    };
    let kw: f64 = usages.iter().map(|(_, u)| greatest(u)).sum();
    let kva = terms.contract.capacity.map(crate::units::Kva::get);
    let outside =
        |least: Option<f64>, most: Option<f64>, is: f64| least.is_some_and(|l| is < l) || most.is_some_and(|m| is > m);
    let id = &tariff.tariff().id;
    if outside(limits.min_kw, limits.max_kw, kw) {
        return Some(say("bill.outside_kw", &[("kw", &format_args!("{kw:.0}")), ("id", &id)]));
    }
    let kva = kva.filter(|kva| outside(limits.min_kva, limits.max_kva, *kva))?;
    Some(say("bill.outside_kva", &[("kva", &format_args!("{kva:.0}")), ("id", &id)]))
}

fn lines(case: &Case<'_>, notes: &mut Vec<String>) -> Result<Vec<Line>, String> {
    complete(case)?;
    let mut draft = Draft::new(case, notes);
    for (id, _) in case.usages.iter().filter(|(_, u)| u.n_expected == 0) {
        draft.note(say("bill.no_point", &[("id", &id), ("month", &case.cycle.month)]));
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
        return Err(say(
            "bill.effective",
            &[("name", &tariff.name()), ("validity", &tariff.validity()), ("month", &cycle.month)],
        ));
    }
    if let Some(gap) = case.parts.iter().find_map(|p| p.tariff.template_gap()) {
        return Err(gap);
    }
    if let Some(why) = case.all.iter().find_map(|(_, u)| u.refusal.clone()) {
        return Err(why);
    }
    for (id, usage) in case.usages {
        let at =
            |why: String| if case.usages.len() > 1 { say("bill.at_point", &[("id", id), ("why", &why)]) } else { why };
        if usage.n_unscheduled_days > 0 {
            let n = usage.n_unscheduled_days;
            return Err(at(say("bill.no_windows", &[("id", &tariff.tariff().id), ("n", &n)])));
        }
        let open = usage.n_open();
        if open > 0 {
            return Err(at(say("bill.open", &[("n", &open)])));
        }
    }
    if case.usages.iter().all(|(_, u)| u.n_expected == 0) {
        return Err(said("bill.none").into());
    }
    Ok(())
}
