//! Applies what is proposed in order, each on the customer as changed so far.

use super::{Candidate, Placed, Priced, Year};
use crate::rule::Facts;
use crate::units::Money;
use crate::whatif::State;
use std::collections::BTreeMap;

/// Places the candidates in waterfall order and returns the customer after the plan. Of an exclusive
/// group the one that saves most alone is tried; what saves too little on top of the others stays
/// outside the plan.
pub(super) fn place<'a>(
    mut candidates: Vec<Candidate<'a>>,
    facts: &Facts<'_>,
    year: &Year,
) -> (Vec<Placed<'a>>, State) {
    candidates.sort_by_key(|c| (c.proposal.stage, c.rule.code()));
    let best = best_of_groups(&candidates);
    let mut current = facts.state.clone();
    let mut untouched = true;
    let mut placed = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let rival = candidate.proposal.group.and_then(|g| best.get(g)).is_some_and(|b| *b != candidate.rule.code());
        if rival {
            placed.push(Placed { candidate, joint: None });
            continue;
        }
        // On the customer as it is, the change is priced already.
        let next = if untouched { candidate.state.clone() } else { candidate.proposal.change.apply(&current) };
        let priced = if untouched { Some(candidate.alone.clone()) } else { Priced::new(&current, &next, year) };
        let joint = priced.filter(|p| p.worthwhile(facts, year)).map(|p| (p, next));
        if let Some((_, next)) = &joint {
            current = next.clone();
            untouched = false;
        }
        placed.push(Placed { candidate, joint });
    }
    (placed, current)
}

/// The code that saves most alone, of each exclusive group; the first of equals.
fn best_of_groups(candidates: &[Candidate<'_>]) -> BTreeMap<&'static str, &'static str> {
    let mut best: BTreeMap<&'static str, (Money, &'static str)> = BTreeMap::new();
    for c in candidates {
        let Some(group) = c.proposal.group else { continue };
        let saving = c.alone.annual.unwrap_or(c.alone.observed);
        let entry = best.entry(group).or_insert((saving, c.rule.code()));
        if saving > entry.0 {
            *entry = (saving, c.rule.code());
        }
    }
    best.into_iter().map(|(g, (_, code))| (g, code)).collect()
}
