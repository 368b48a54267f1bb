//! Suspended transformers under each way of billing the basic charge: what the bill says of units, months
//! and mode together.

use super::Facts;
use super::ahead::{Earliest, next};
use super::contract_demand::sizing;
use super::heavy_transformers::OverRating;
use super::stress::{AppliedFor, saved, withstand};
use crate::customer::BillingMode;
use crate::tariff::CycleBill;
use crate::text::{said, say};
use crate::time::Date;
use crate::units::{Kva, Money};
use crate::whatif::{Change, Recontract, Size, State, Suspend};
use std::cmp::Reverse;
use std::ops::Range;

/// Billing cycles in a year.
pub(super) const YEAR: usize = 12;

/// Units that may be suspended, and when.
pub(super) struct Offer {
    /// Their names.
    pub units: Vec<String>,
    /// Places in the counted cycles that the others carry, of the least load first.
    pub cycles: Vec<usize>,
    /// Dates of the counted cycles.
    pub dates: Vec<Range<Date>>,
    /// Most cycles of suspension.
    pub most: usize,
    /// Least capacity of a two-part customer.
    pub two_part_least: Kva,
    /// Losses are known and metered.
    pub losses: bool,
}

/// A suspension with its price.
pub(super) struct Suspension {
    /// What to do.
    pub way: Suspend,
    /// Places in the counted cycles, ascending.
    pub cycles: Vec<usize>,
    /// Over the counted cycles.
    pub saving: Money,
    /// What the way of billing alone would save.
    pub without: Money,
}

/// A way of billing the basic charge, and the customer under it with all units in service.
pub(super) struct Mode<'a> {
    facts: &'a Facts<'a>,
    /// `None` keeps today's.
    mode: Option<BillingMode>,
    size: Option<Size>,
    base: State,
    without: Money,
}

/// The ways that the tariff offers and under which a suspension can save: by capacity, and by demand or
/// contract where the least billed demand, a share of the capacity, is above a month's maximum. Losses
/// alone are below the noise guard. Another way than today's costs or saves in the other months too: all twelve must be
/// known.
pub(super) fn modes<'a>(facts: &'a Facts<'a>, counted: &[usize]) -> Vec<Mode<'a>> {
    let (Some(tariff), now) = (facts.tariff(), facts.state.contract().billing_mode) else { return Vec::new() };
    let demand = tariff.tariff().demand.as_ref().filter(|d| !d.always);
    let binds = |share: Option<f64>| share.is_some_and(|s| floor_binds(facts, counted, s));
    let floored = demand.is_some_and(|d| binds(d.actual_floor_share));
    let sizing = sizing(facts).filter(|size| binds(Some(size.floor_share)));
    let keeps = match now {
        Some(BillingMode::Capacity) => true,
        Some(BillingMode::Demand) => floored,
        Some(BillingMode::Contract) => demand.is_some_and(|d| binds(d.floor_share)),
        Some(BillingMode::Single) | None => false,
    };
    let mut ways: Vec<(Option<BillingMode>, Option<Size>)> = Vec::new();
    ways.extend(keeps.then_some((None, None)));
    if counted.len() >= YEAR {
        let other = |m: BillingMode| (now != Some(m)).then_some((Some(m), None));
        ways.extend(other(BillingMode::Capacity).filter(|_| tariff.tariff().capacity.is_some()));
        ways.extend(other(BillingMode::Demand).filter(|_| floored));
        ways.extend(sizing.map(|size| (Some(BillingMode::Contract), Some(size))));
    }
    let priced = |(mode, size): (Option<BillingMode>, Option<Size>)| {
        let base = match (mode, &size) {
            (_, Some(size)) => size.apply(facts.state),
            (Some(mode), None) => Recontract { billing_mode: mode, contract_demand: None }.apply(facts.state),
            (None, None) => facts.state.clone(),
        };
        let without = saved(facts, &base, counted).ok()?;
        Some(Mode { facts, mode, size, base, without })
    };
    ways.into_iter().filter_map(priced).collect()
}

/// What the best other way of billing saves with all units in service, of those that stand the test and can be promised.
pub(super) fn best_without(facts: &Facts<'_>, counted: &[usize]) -> Option<Money> {
    let margin = facts.thresholds.basis_margin;
    let modes = [(BillingMode::Capacity, 1.0 - margin), (BillingMode::Demand, 1.0 + margin)];
    let promised = |mode| mode != BillingMode::Capacity || OverRating::of(facts, counted).is_none();
    let others = modes.into_iter().filter(|m| facts.state.contract().billing_mode != Some(m.0) && promised(m.0));
    let by_mode = others.filter_map(|(mode, factor)| {
        let change = Recontract { billing_mode: mode, contract_demand: None };
        Some(withstand(facts, (&change, &change), factor, counted).ok()?.saving)
    });
    let sized = sizing(facts).and_then(|size| {
        let known = AppliedFor(size.apply(facts.state));
        Some(withstand(facts, (&size, &known), 1.0 + margin, counted).ok()?.saving)
    });
    by_mode.chain(sized).max()
}

/// Of the choices of cycles, as many as are allowed, that are worth no less than the best but for a share: those of the
/// fewest periods as they `next` come, each of which is an application; of these the one that begins soonest, has most
/// cycles and ends soonest; then the one worth most, then that of the least load. `worth` has that of each cycle, most
/// first.
fn together(worth: &[(usize, Money)], most: usize, (share, next): (f64, &[Option<Range<Date>>])) -> Vec<usize> {
    let next: Vec<Option<&Range<Date>>> = worth.iter().map(|w| next.get(w.0)?.as_ref()).collect();
    let each = |set: usize| next.iter().enumerate().filter(move |(k, _)| set & 1 << k != 0);
    // What each follows.
    let ending = |at: Date| {
        next.iter().enumerate().filter(|(_, d)| d.is_some_and(|d| d.end == at)).fold(0, |bits, (k, _)| bits | 1 << k)
    };
    let before: Vec<usize> = next.iter().map(|d| d.map_or(0, |d| ending(d.start))).collect();
    let periods = |set: usize| each(set).filter(|(k, _)| before.get(*k).is_none_or(|b| b & set == 0)).count();
    // What each set is worth: its first cycle and the rest of it.
    let mut values = vec![Money::ZERO; 1 << worth.len()];
    for set in 1..values.len() {
        let rest = values.get(set & (set - 1)).copied().unwrap_or_default();
        let first = worth.get(set.trailing_zeros() as usize).map_or(Money::ZERO, |w| w.1);
        values.get_mut(set).into_iter().for_each(|v| *v = rest + first);
    }
    let best: Money = worth.iter().take(most).map(|w| w.1).sum();
    let least = best.to_f64() * (1.0 - share);
    let tried = values.iter().enumerate().skip(1).filter(|(set, _)| set.count_ones() as usize <= most);
    let tried = tried.filter(|(_, value)| value.to_f64() >= least);
    let chosen = tried.min_by_key(|(set, value)| {
        let dates = || each(*set).filter_map(|(_, d)| *d);
        let (begins, ends) = (dates().map(|d| d.start).min(), dates().map(|d| d.end).max());
        let load: usize = each(*set).map(|(k, _)| k).sum();
        (periods(*set), begins, Reverse(set.count_ones()), ends, Reverse(**value), load)
    });
    let set = chosen.map_or(0, |(set, _)| set);
    worth.iter().enumerate().filter(|(k, _)| set & 1 << k != 0).map(|(_, w)| w.0).collect()
}

/// Whether in some counted cycle the maxima, each supply point's own, lie below a share of the capacity.
fn floor_binds(facts: &Facts<'_>, counted: &[usize], share: f64) -> bool {
    let usages = facts.state.usages().unwrap_or(&[]);
    counted.iter().any(|i| {
        let demands = usages.iter().filter_map(|(_, u)| u.cycles.get(*i)?.demand);
        let capacity = facts.cycles().get(*i).and_then(|c| facts.state.capacity_in_service(&c.dates));
        capacity.is_some_and(|s| demands.map(|d| d.kw.get()).sum::<f64>() < share * s.get())
    })
}

impl Mode<'_> {
    /// Suspends what is offered in the months in which that saves most under this way of billing, or as good as most.
    ///
    /// # Errors
    /// Why it is not to be advised.
    pub fn suspend(&self, offer: &Offer, counted: &[usize]) -> Result<Suspension, String> {
        let worth = self.worth(offer, counted)?;
        if worth.is_empty() {
            return Err(said("rule.saves_nothing").into());
        }
        let mut cycles = self.together(&worth, offer);
        cycles.sort_unstable();
        let way = self.way(offer, &cycles);
        let saving = self.price(&way, counted)?;
        if !self.is_worthwhile(saving - self.without, counted) {
            let by_mode = self.without > Money::ZERO;
            return Err(if by_mode { said("rule.mode") } else { said("rule.suspend_little") }.into());
        }
        Ok(Suspension { way, cycles, saving, without: self.without })
    }

    /// Whether what a suspension saves, once a year, is above the noise guard of the yearly bill.
    fn is_worthwhile(&self, saving: Money, counted: &[usize]) -> bool {
        let cycles = self.facts.bill().map_or(&[][..], |b| &b.cycles);
        let bill: Money = counted.iter().filter_map(|i| cycles.get(*i)).map(CycleBill::total).sum();
        let a_year = bill.to_f64() * YEAR as f64 / counted.len().max(1) as f64;
        saving.to_f64() >= self.facts.thresholds.least_saving(a_year)
    }

    fn together(&self, worth: &[(usize, Money)], offer: &Offer) -> Vec<usize> {
        let earliest = Earliest::of(self.facts, self.mode);
        let next: Vec<_> = offer.dates.iter().map(|d| next(d, earliest.as_ref()?.from)).collect();
        together(worth, offer.most, (self.facts.thresholds.suspend_scatter_share, &next))
    }

    /// Every offered cycle suspended tells what each is worth: those that are worth something, worth most first.
    fn worth(&self, offer: &Offer, counted: &[usize]) -> Result<Vec<(usize, Money)>, String> {
        let after = self.way(offer, &offer.cycles).apply(self.facts.state);
        let (before, bill) = self.base.bill().zip(after.bill()).ok_or_else(|| said("rule.no_tariff"))?;
        let mut worth: Vec<(usize, Money)> = Vec::new();
        for place in &offer.cycles {
            let Some((b, a)) = counted.get(*place).and_then(|i| before.cycles.get(*i).zip(bill.cycles.get(*i))) else {
                continue;
            };
            if !a.is_billed() {
                let least = offer.two_part_least;
                return Err(say("rule.below", &[("least", &least)]));
            }
            worth.push((*place, b.total() - a.total()));
        }
        worth.retain(|w| w.1 > Money::ZERO);
        // Of equal worth the one of less load comes first, as offered.
        worth.sort_by_key(|w| Reverse(w.1));
        Ok(worth)
    }

    fn way(&self, offer: &Offer, cycles: &[usize]) -> Suspend {
        let mut dates: Vec<&Range<Date>> = cycles.iter().filter_map(|c| offer.dates.get(*c)).collect();
        dates.sort_by_key(|d| d.start);
        let mut periods: Vec<Range<Date>> = Vec::new();
        for dates in dates {
            match periods.last_mut().filter(|p| p.end == dates.start) {
                Some(period) => period.end = dates.end,
                None => periods.push(dates.clone()),
            }
        }
        Suspend {
            units: offer.units.clone().into(),
            periods: periods.into(),
            billing_mode: self.mode,
            size: self.size.clone(),
            two_part_least: offer.two_part_least,
            losses: offer.losses,
        }
    }

    /// What a way saves over the counted cycles. Another way of billing must stand the test of other
    /// contracts.
    fn price(&self, way: &Suspend, counted: &[usize]) -> Result<Money, String> {
        let facts = self.facts;
        let after = way.apply(facts.state);
        if let Some(mode) = self.mode {
            let margin = facts.thresholds.basis_margin;
            let factor = if mode == BillingMode::Capacity { 1.0 - margin } else { 1.0 + margin };
            let known = AppliedFor(after);
            return Ok(withstand(facts, (way, &known), factor, counted)?.saving);
        }
        let saving = saved(facts, &after, counted)?;
        if saving > Money::ZERO { Ok(saving) } else { Err(said("rule.saves_nothing").into()) }
    }
}
