//! Applies what is proposed in order, each on the customer as changed so far: what could be saved without
//! buying anything by itself, and the whole plan.

use super::{Candidate, Joint, Placed, Priced, Year};
use crate::rule::{CONTRACT_GROUP, Facts, PRODUCT_GROUP, Proposal, Tier};
use crate::units::Money;
use crate::whatif::State;
use std::collections::{BTreeMap, BTreeSet};

/// What the waterfall comes to.
pub(super) struct Fall<'a> {
    /// The candidates in waterfall order.
    pub placed: Vec<Placed<'a>>,
    /// The customer after the plan.
    pub plan: State,
}

/// Places the candidates in waterfall order: those of the headline alone, then all. What a member of the
/// headline saves there rests on nothing that is bought or only thought possible, and no such thing decides
/// which of a group it is. Of an exclusive group all members are priced on the customer as changed so far,
/// and the best is taken; what saves too little on top of the others stays outside. The whole plan has the
/// members of the headline unless what is bought leaves them nothing, and is priced anew only after the
/// first step that is not of the headline. What the contract or the product that is chosen leaves too little of, as a cap
/// on maxima that are billed no more, is an alternative to it: all are placed anew without it. So is what is bought where
/// the plan saves more without it.
pub(super) fn place<'a>(mut candidates: Vec<Candidate<'a>>, facts: &Facts<'_>, year: &Year) -> Fall<'a> {
    candidates.sort_by_key(|c| (c.proposal.stage, c.rule.code()));
    let mut undone = BTreeSet::new();
    let walks = loop {
        let walks = Walks::new(&candidates, (facts, year), &undone);
        let idle = walks.idle(&candidates, facts, year);
        let Some(out) = idle.or_else(|| walks.in_the_way(&candidates, (facts, year), &undone)) else { break walks };
        undone.insert(out);
    };
    let placed = candidates.into_iter().zip(walks.promised).zip(walks.joint);
    let placed = placed.map(|((candidate, headline), joint)| Placed { candidate, headline, joint }).collect();
    Fall { placed, plan: walks.plan }
}

/// Both walks: the part of each candidate in the headline and in the plan, and the customer after them.
struct Walks {
    promised: Vec<Option<Joint>>,
    joint: Vec<Option<Joint>>,
    headline: State,
    plan: State,
}

impl Walks {
    fn new(candidates: &[Candidate<'_>], (facts, year): (&Facts<'_>, &Year), undone: &BTreeSet<usize>) -> Self {
        let walk =
            |headline| Walk { facts, year, candidates, undone, headline, current: None, decided: BTreeMap::new() };
        let (mut free, mut all) = (walk(true), walk(false));
        let promised: Vec<Option<Joint>> = (0..candidates.len()).map(|i| free.step(i)).collect();
        for (k, group) in candidates.iter().enumerate().filter_map(|(k, c)| Some((k, c.proposal.group?))) {
            if promised.get(k).is_some_and(Option::is_some) {
                all.decided.insert(group, Some((k, None)));
            }
        }
        let (mut joint, mut same) = (Vec::with_capacity(candidates.len()), true);
        for (i, (candidate, alone)) in candidates.iter().zip(&promised).enumerate() {
            let found = match alone {
                Some(step) if same => all.take(Some(step.clone())),
                Some(_) => all.take(all.price(candidate).filter(|j| j.priced.observed > Money::ZERO)),
                None => all.step(i),
            };
            same &= alone.is_some() == found.is_some();
            joint.push(found);
        }
        let (headline, plan) = (free.now(), all.now());
        Self { promised, joint, headline, plan }
    }

    /// The first candidate of which the contract or the product that is chosen after it leaves little, and not enough.
    fn idle(&self, candidates: &[Candidate<'_>], facts: &Facts<'_>, year: &Year) -> Option<usize> {
        [(&self.promised, &self.headline), (&self.joint, &self.plan)].into_iter().find_map(|(parts, after)| {
            let taken: Vec<usize> = (0..parts.len()).filter(|i| parts.get(*i).is_some_and(Option::is_some)).collect();
            let of = |i: usize| candidates.get(i).map(|c| &c.proposal);
            let is_choice = |i: &usize| of(*i).and_then(|p| p.group).is_some_and(is_contract);
            let chosen = taken.iter().rposition(&is_choice)?;
            let without = |out: usize| {
                let kept = taken.iter().filter(|i| **i != out).filter_map(|i| of(*i));
                kept.fold(facts.state.clone(), |state, p| p.change.apply(&state))
            };
            taken.iter().take(chosen).copied().filter(|i| !is_choice(i)).find(|i| {
                let told = parts.get(*i).and_then(Option::as_ref).map_or(0.0, |j| j.priced.yearly());
                let worth = |p: &Proposal| {
                    let part = Priced::new(&without(*i), (&*p.change, after), year);
                    let much = |part: &Priced| part.yearly() >= facts.thresholds.undone_share * told;
                    part.is_some_and(|part| much(&part) || part.worthwhile(p.kept, facts, year))
                };
                !of(*i).is_some_and(worth)
            })
        })
    }

    /// The first of what is bought without which another contract or product is chosen, and the plan saves more.
    fn in_the_way(
        &self,
        candidates: &[Candidate<'_>],
        (facts, year): (&Facts<'_>, &Year),
        undone: &BTreeSet<usize>,
    ) -> Option<usize> {
        let part = |i: usize| self.joint.get(i).is_some_and(Option::is_some);
        let is_choice = |c: &Candidate<'_>| c.proposal.group.is_some_and(is_contract);
        let left = candidates.iter().enumerate().rposition(|(k, c)| is_choice(c) && !part(k))?;
        let bought = candidates.iter().enumerate().take(left);
        let bought = bought.filter(|(i, c)| part(*i) && c.proposal.tier == Tier::Invest && !is_choice(c));
        let costs = |plan: &State| plan.bill().map(|b| b.observed());
        bought.map(|(i, _)| i).find(|i| {
            let without = undone.iter().copied().chain([*i]).collect();
            costs(&Self::new(candidates, (facts, year), &without).plan) < costs(&self.plan)
        })
    }
}

/// Whether a group is a choice of how one is billed.
fn is_contract(group: &str) -> bool {
    [CONTRACT_GROUP, PRODUCT_GROUP].contains(&group)
}

/// One walk down the waterfall.
struct Walk<'a, 'c> {
    facts: &'a Facts<'a>,
    year: &'a Year,
    candidates: &'a [Candidate<'c>],
    /// What the contract or the product leaves too little of.
    undone: &'a BTreeSet<usize>,
    /// Takes what counts in the headline, else what does not.
    headline: bool,
    /// The customer as changed so far; `None` while nothing is.
    current: Option<State>,
    /// Groups that were met: the member that was taken, and what it comes to where that is known.
    decided: BTreeMap<&'static str, Option<(usize, Option<Joint>)>>,
}

impl Walk<'_, '_> {
    fn now(self) -> State {
        self.current.unwrap_or_else(|| self.facts.state.clone())
    }

    /// Whether candidate `i` may have a part in this walk. What is not to be had again has none in either.
    fn takes(&self, i: usize, candidate: &Candidate<'_>) -> bool {
        candidate.proposal.headline == self.headline && candidate.gone.is_none() && !self.undone.contains(&i)
    }

    /// The part of candidate `i`; `None` where it has none.
    fn step(&mut self, i: usize) -> Option<Joint> {
        let candidate = self.candidates.get(i).filter(|c| self.takes(i, c))?;
        let joint = match candidate.proposal.group {
            None => self.worthwhile(candidate),
            Some(group) => {
                if !self.decided.contains_key(group) {
                    self.decide(group);
                }
                let (taken, known) = self.decided.get_mut(group)?.as_mut()?;
                if *taken != i {
                    return None;
                }
                known.take().or_else(|| self.worthwhile(candidate))
            }
        };
        self.take(joint)
    }

    /// Goes on from the customer as a step leaves it.
    fn take(&mut self, joint: Option<Joint>) -> Option<Joint> {
        if let Some(joint) = &joint {
            self.current = Some(joint.after.clone());
        }
        joint
    }

    /// A candidate on the customer as changed so far. On the customer as it is, the change is priced already.
    fn price(&self, candidate: &Candidate<'_>) -> Option<Joint> {
        let Some(current) = &self.current else {
            let (before, after) = (self.facts.state.clone(), candidate.state.clone());
            return Some(Joint { priced: candidate.alone.clone(), before, after });
        };
        let after = candidate.proposal.change.apply(current);
        let priced = Priced::new(current, (&*candidate.proposal.change, &after), self.year)?;
        Some(Joint { priced, before: current.clone(), after })
    }

    /// A candidate that is worth while on the customer as changed so far.
    fn worthwhile(&self, candidate: &Candidate<'_>) -> Option<Joint> {
        let pays = |p: &Priced| candidate.proposal.cost_a_year().is_none_or(|cost| p.yearly() >= cost);
        self.price(candidate)
            .filter(|j| j.priced.worthwhile(candidate.proposal.kept, self.facts, self.year) && pays(&j.priced))
    }

    /// Takes of a group what is best. A product and the contract under it are one choice.
    fn decide(&mut self, group: &'static str) {
        if group == CONTRACT_GROUP && self.members(PRODUCT_GROUP).next().is_some() {
            let (contract, product) = self.pair();
            self.decided.insert(CONTRACT_GROUP, contract);
            self.decided.insert(PRODUCT_GROUP, product);
            return;
        }
        let best = self.best(group);
        self.decided.insert(group, best);
    }

    fn members(&self, group: &'static str) -> impl Iterator<Item = (usize, &Candidate<'_>)> {
        let here = move |i: usize, c: &Candidate<'_>| c.proposal.group == Some(group) && self.takes(i, c);
        self.candidates.iter().enumerate().filter(move |(i, c)| here(*i, c))
    }

    /// The member of a group that is taken: what asks for no spending goes before what does, then the
    /// greater saving, then the lower code. All are priced where the first of them stands, so a group
    /// lies within one stage.
    fn best(&self, group: &'static str) -> Option<(usize, Option<Joint>)> {
        let members = self.members(group);
        let priced = members.filter_map(|(k, c)| Some((k, c.proposal.tier == Tier::Invest, self.worthwhile(c)?)));
        let best = priced.reduce(|a, b| if (b.1, saving(&a.2)) < (a.1, saving(&b.2)) { b } else { a });
        best.map(|(k, _, joint)| (k, Some(joint)))
    }

    /// The contract and the product that save most together, of all pairs that do not contradict each other:
    /// a product that is billed in a way of its own undoes a contract that was chosen for another.
    fn pair(&self) -> (Taken, Taken) {
        let mut best: (Money, Taken, Taken) = (Money::ZERO, None, None);
        let contracts = self.members(CONTRACT_GROUP).filter_map(|(k, c)| Some((k, self.worthwhile(c)?)));
        for contract in std::iter::once(None).chain(contracts.map(Some)) {
            let first = contract.as_ref().map_or(Money::ZERO, |(_, j)| saving(j));
            let current = contract.as_ref().map(|(_, j)| j.after.clone()).or_else(|| self.current.clone());
            let under = Walk { current, decided: BTreeMap::new(), ..*self };
            let undone = |j: &Joint| j.before.contract().billing_mode != j.after.contract().billing_mode;
            let products = self.members(PRODUCT_GROUP).filter_map(|(k, p)| Some((k, under.worthwhile(p)?)));
            let products = products.filter(|(_, j)| contract.is_none() || !undone(j));
            let second = products.reduce(|a, b| if saving(&b.1) > saving(&a.1) { b } else { a });
            let total = first + second.as_ref().map_or(Money::ZERO, |(_, j)| saving(j));
            if total > best.0 {
                let taken = |chosen: Option<(usize, Joint)>| chosen.map(|(k, joint)| (k, Some(joint)));
                best = (total, taken(contract), taken(second));
            }
        }
        (best.1, best.2)
    }
}

/// The member of a group that is taken, and what it comes to where that is known.
type Taken = Option<(usize, Option<Joint>)>;

fn saving(joint: &Joint) -> Money {
    joint.priced.annual.unwrap_or(joint.priced.observed)
}
