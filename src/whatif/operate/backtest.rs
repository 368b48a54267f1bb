//! What a work schedule would have kept of its promise in months that it has not seen.

use super::super::outlay;
use super::regime::{self, Regime};
use super::seen::Known;
use super::{OperateTerms, State};
use crate::curve::DayLabels;
use crate::customer::Equipment;
use crate::schedule::Plan;
use crate::time::Month;
use crate::units::Money;
use crate::whatif::Backtest;

/// Share of the nodes of a schedule that each of the test's may take (judgement: what is not proved shifts the
/// claim by its gap alone).
const NODES_SHARE: u64 = 10;

/// Makes the schedule from the first half of the billed months and follows it in the others: in months of the same
/// windows that of those, else that of the last months before. What is claimed is the best schedule of the same
/// machines with the later months known, and so bounds what is kept. Both are costs of energy and maxima as the
/// schedule reckons them; nothing is claimed where no machine ran in both. `None` with fewer than `least_months` billed months.
#[must_use]
pub fn backtest(
    state: &State,
    labels: &DayLabels,
    (equipment, usable): (&[Equipment], &dyn Fn(usize) -> bool),
    terms: OperateTerms,
    least_months: usize,
) -> Option<Backtest> {
    let billed: Vec<(usize, Month)> = outlay::billed(state).into_iter().map(|(c, s)| (c, s.cycle.month)).collect();
    if billed.len() < least_months.max(2) {
        return None;
    }
    let (fit, unseen) = billed.split_at_checked(billed.len().div_ceil(2))?;
    let (first, last) = (unseen.first()?, unseen.last()?);
    let nodes = (terms.most_nodes / NODES_SHARE).max(1);
    let learnt: Vec<Learnt<'_>> = regime::all(state, labels, (0..first.0, usable), terms)?
        .into_iter()
        .filter_map(|regime| Learnt::of(regime, equipment, nodes))
        .collect();
    let (mut claimed, mut realised) = (0.0, 0.0);
    for later in regime::all(state, labels, (first.0..last.0 + 1, usable), terms)? {
        let alike = learnt.iter().find(|l| l.regime.windows == later.windows);
        let Some(before) = alike.or(learnt.last()) else { break };
        let (could, did) = before.followed(&later, equipment, nodes);
        claimed += could;
        realised += did;
    }
    Some(Backtest {
        fit: (fit.first()?.1, fit.last()?.1),
        unseen: (first.1, last.1),
        claimed: Money::from_f64_rounded(claimed)?,
        realised: Money::from_f64_rounded(realised)?,
    })
}

/// What was learnt in months of the same windows.
struct Learnt<'a> {
    regime: Regime<'a>,
    known: Vec<Known>,
    plan: Plan,
}

impl<'a> Learnt<'a> {
    /// `None` when nothing is seen to run or fits.
    fn of(regime: Regime<'a>, equipment: &[Equipment], nodes: u64) -> Option<Self> {
        let known = regime.known(equipment);
        if known.is_empty() {
            return None;
        }
        let plan = regime.solve(equipment, &known, nodes)?.found.plan;
        Some(Self { regime, known, plan })
    }

    /// What could have been saved in later months, and what following the plan did save.
    fn followed(&self, later: &Regime<'_>, equipment: &[Equipment], nodes: u64) -> (f64, f64) {
        let again = later.seen_again(&self.regime, &self.known);
        let Some(best) = later.solve(equipment, &again, nodes) else { return (0.0, 0.0) };
        let did = best.before - later.cost(equipment, &again, &self.plan);
        ((best.before - best.found.cost).max(did), did)
    }
}
