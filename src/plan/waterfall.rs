//! Applies what is proposed in order, each on the customer as changed so far.

use super::{Candidate, Joint, Placed, Priced, Year};
use crate::rule::{Facts, Tier};
use crate::whatif::State;
use std::collections::BTreeMap;

/// Places the candidates in waterfall order and returns the customer after the plan. Of an exclusive
/// group all members are priced on the customer as changed so far, and the best is taken; what saves
/// too little on top of the others stays outside the plan.
pub(super) fn place<'a>(
    mut candidates: Vec<Candidate<'a>>,
    facts: &Facts<'_>,
    year: &Year,
) -> (Vec<Placed<'a>>, State) {
    candidates.sort_by_key(|c| (c.proposal.stage, c.rule.code()));
    let mut walk = Walk { facts, year, current: None, decided: BTreeMap::new() };
    let mut placed = Vec::with_capacity(candidates.len());
    for i in 0..candidates.len() {
        placed.push(walk.step(&candidates, i));
    }
    let last = walk.current.unwrap_or_else(|| facts.state.clone());
    let placed = candidates.into_iter().zip(placed).map(|(candidate, joint)| Placed { candidate, joint });
    (placed.collect(), last)
}

/// One walk down the waterfall.
struct Walk<'a> {
    facts: &'a Facts<'a>,
    year: &'a Year,
    /// The customer as changed so far; `None` while nothing is.
    current: Option<State>,
    /// Groups that were met: the member that was taken, and what it comes to.
    decided: BTreeMap<&'static str, Option<(usize, Joint)>>,
}

impl Walk<'_> {
    /// The part of candidate `i` in the plan; `None` outside it.
    fn step(&mut self, candidates: &[Candidate<'_>], i: usize) -> Option<Joint> {
        let candidate = candidates.get(i)?;
        let joint = match candidate.proposal.group {
            None => self.price(candidate),
            Some(group) => {
                if !self.decided.contains_key(group) {
                    let best = self.best(candidates, group);
                    self.decided.insert(group, best);
                }
                let taken = self.decided.get_mut(group)?;
                taken.take_if(|(k, _)| *k == i).map(|(_, joint)| joint)
            }
        };
        if let Some(joint) = &joint {
            self.current = Some(joint.after.clone());
        }
        joint
    }

    /// A candidate on the customer as changed so far, if it is worth while there. On the customer as
    /// it is, the change is priced already.
    fn price(&self, candidate: &Candidate<'_>) -> Option<Joint> {
        let (priced, before, after) = match &self.current {
            None => (Some(candidate.alone.clone()), self.facts.state.clone(), candidate.state.clone()),
            Some(current) => {
                let next = candidate.proposal.change.apply(current);
                (Priced::new(current, &next, self.year), current.clone(), next)
            }
        };
        let pays = |p: &Priced| candidate.proposal.cost_a_year().is_none_or(|cost| p.yearly() >= cost);
        priced.filter(|p| p.worthwhile(self.facts, self.year) && pays(p)).map(|priced| Joint { priced, before, after })
    }

    /// The member of a group that is taken: what asks for no spending goes before what does, then the
    /// greater saving, then the lower code. All are priced where the first of them stands, so a group
    /// lies within one stage.
    fn best(&self, candidates: &[Candidate<'_>], group: &str) -> Option<(usize, Joint)> {
        let members = candidates.iter().enumerate().filter(|(_, c)| c.proposal.group == Some(group));
        let priced = members.filter_map(|(k, c)| Some((k, c.proposal.tier == Tier::Invest, self.price(c)?)));
        let saving = |j: &Joint| j.priced.annual.unwrap_or(j.priced.observed);
        let best = priced.reduce(|a, b| if (b.1, saving(&a.2)) < (a.1, saving(&b.2)) { b } else { a });
        best.map(|(k, _, joint)| (k, joint))
    }
}
