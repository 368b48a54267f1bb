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
use crate::time::{Date, Month};
use crate::units::{Kva, Money};
use crate::whatif::{Change, Recontract, Size, State, Suspend};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Cycles of which every choice is tried: a year's.
const MOST_TRIED: usize = 12;
/// Billing cycles in a year.
const YEAR: f64 = 12.0;

/// Units that may be suspended, and when.
pub(super) struct Offer {
    /// Their names.
    pub units: Vec<String>,
    /// Places in the counted cycles that the others carry, of the least load first.
    pub cycles: Vec<usize>,
    /// Dates of the counted cycles.
    pub dates: Vec<Range<Date>>,
    /// Most cycles of suspension in all, and in one calendar year.
    pub most: (usize, usize),
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
/// alone are below the noise guard.
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
    let other = |m: BillingMode| (now != Some(m)).then_some((Some(m), None));
    ways.extend(other(BillingMode::Capacity).filter(|_| tariff.tariff().capacity.is_some()));
    ways.extend(other(BillingMode::Demand).filter(|_| floored));
    ways.extend(sizing.map(|size| (Some(BillingMode::Contract), Some(size))));
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

/// Of cycles with their worth, the worth most first, as many as each year allows.
fn best(worth: &[(usize, Money)], offer: &Offer) -> Vec<usize> {
    let mut by_year = BTreeMap::<i32, usize>::new();
    let allowed = |place: &usize| {
        let Some(dates) = offer.dates.get(*place) else { return false };
        let in_year = by_year.entry(dates.start.ymd().0).or_default();
        *in_year += 1;
        *in_year <= offer.most.1
    };
    worth.iter().map(|w| w.0).filter(allowed).collect()
}

/// The cycles of the fewest periods as they `next` come, each of which is an application, that leave no more than a share of what the best
/// are worth; of these the ones worth most, then those of less load. Of more than [`MOST_TRIED`] cycles the best.
fn together(worth: &[(usize, Money)], offer: &Offer, (share, next): (f64, &[Option<Range<Date>>])) -> Vec<usize> {
    let mut best = best(worth, offer);
    best.truncate(offer.most.0);
    if worth.len() > MOST_TRIED {
        return best;
    }
    let bits = |wanted: &dyn Fn(usize) -> bool| {
        worth.iter().enumerate().filter(|(_, w)| wanted(w.0)).fold(0_usize, |bits, (k, _)| bits | 1 << k)
    };
    let starts = |place: usize| offer.dates.get(place).map(|d| d.start);
    let years: BTreeSet<i32> = worth.iter().filter_map(|w| Some(starts(w.0)?.ymd().0)).collect();
    let years: Vec<usize> =
        years.into_iter().map(|year| bits(&|p| starts(p).is_some_and(|d| d.ymd().0 == year))).collect();
    // What each follows.
    let next = |place: usize| next.get(place).and_then(Option::as_ref);
    let meet = |one: usize, other: usize| next(one).zip(next(other)).is_some_and(|(a, b)| a.end == b.start);
    let before: Vec<usize> = worth.iter().map(|w| bits(&|p| meet(p, w.0))).collect();
    let each = |set: usize| (0..worth.len()).filter(move |k| set & 1 << k != 0);
    let periods = |set: usize| each(set).filter(|k| before.get(*k).is_none_or(|b| b & set == 0)).count();
    let most = bits(&|p| best.contains(&p));
    if periods(most) <= 1 {
        return best;
    }
    // What each set is worth: its first cycle and the rest of it.
    let mut values = vec![Money::ZERO; 1 << worth.len()];
    for set in 1..values.len() {
        let rest = values.get(set & (set - 1)).copied().unwrap_or_default();
        let first = worth.get(set.trailing_zeros() as usize).map_or(Money::ZERO, |w| w.1);
        values.get_mut(set).into_iter().for_each(|v| *v = rest + first);
    }
    let value = |set: usize| values.get(set).copied().unwrap_or_default();
    let least = value(most).to_f64() * (1.0 - share);
    let allowed = |set: &usize| {
        set.count_ones() as usize <= offer.most.0
            && years.iter().all(|year| (set & year).count_ones() as usize <= offer.most.1)
    };
    let tried = (1..1_usize << worth.len()).filter(allowed).map(|set| (set, value(set)));
    let tried = tried.filter(|(_, value)| value.to_f64() >= least);
    let least = tried.min_by_key(|(set, value)| (periods(*set), Reverse(*value), each(*set).sum::<usize>()));
    least.map_or(best, |(set, _)| each(set).filter_map(|k| worth.get(k)).map(|w| w.0).collect())
}

/// The cycles one of each quarter after the other, each quarter's in their order.
fn spread(cycles: &[usize], offer: &Offer) -> Vec<usize> {
    let mut rounds: Vec<(usize, usize)> = Vec::with_capacity(cycles.len());
    let mut met = BTreeMap::<i32, usize>::new();
    for place in cycles {
        let quarter = offer.dates.get(*place).map_or(0, |d| Month::of(d.start).0.div_euclid(3));
        let round = met.entry(quarter).or_default();
        rounds.push((*round, *place));
        *round += 1;
    }
    rounds.sort_by_key(|r| r.0);
    rounds.into_iter().map(|r| r.1).collect()
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
    /// Suspends what is offered in the months in which that saves most under this way of billing.
    ///
    /// # Errors
    /// Why it is not to be advised.
    pub fn suspend(&self, offer: &Offer, counted: &[usize]) -> Result<Suspension, String> {
        let worth = self.worth(offer, counted)?;
        if worth.is_empty() {
            return Err(said("rule.saves_nothing").into());
        }
        let one_by_one = spread(&best(&worth, offer), offer);
        let (cycles, way, saving) = match self.priced(offer, self.together(&worth, offer), counted) {
            // Months worth about the same may win more quarters when they are spread over the year.
            Err(_) if self.mode.is_some() => self.priced(offer, one_by_one, counted)?,
            found => found?,
        };
        if !self.is_worthwhile(saving - self.without, counted) {
            let by_mode = self.without > Money::ZERO;
            return Err(if by_mode { said("rule.mode") } else { said("rule.suspend_little") }.into());
        }
        Ok(Suspension { way, cycles, saving, without: self.without })
    }

    /// Whether what a suspension saves over the counted cycles is above the noise guard of the yearly bill.
    fn is_worthwhile(&self, saving: Money, counted: &[usize]) -> bool {
        let cycles = self.facts.bill().map_or(&[][..], |b| &b.cycles);
        let bill: Money = counted.iter().filter_map(|i| cycles.get(*i)).map(CycleBill::total).sum();
        let a_year = |money: Money| money.to_f64() * YEAR / counted.len().max(1) as f64;
        a_year(saving) >= self.facts.thresholds.least_saving(a_year(bill))
    }

    fn together(&self, worth: &[(usize, Money)], offer: &Offer) -> Vec<usize> {
        let earliest = Earliest::of(self.facts, self.mode);
        let next: Vec<_> = offer.dates.iter().map(|d| next(d, earliest.as_ref()?.from)).collect();
        together(worth, offer, (self.facts.thresholds.suspend_scatter_share, &next))
    }

    /// A choice of cycles with its price.
    fn priced(
        &self,
        offer: &Offer,
        mut cycles: Vec<usize>,
        counted: &[usize],
    ) -> Result<(Vec<usize>, Suspend, Money), String> {
        cycles.truncate(offer.most.0);
        cycles.sort_unstable();
        let way = self.way(offer, &cycles);
        let saving = self.price(&way, counted)?;
        Ok((cycles, way, saving))
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
