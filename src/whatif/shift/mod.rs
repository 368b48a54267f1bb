//! Moves energy within the day from dear to cheap slots, inside the envelope of the customer's own
//! history: daily energy conserved, all days of a billing cycle solved together because the demand
//! charge couples them. The result is a technical potential, not a work schedule.
//!
//! Bounds per interval t: what leaves is at most `φ_t · L_t` and never goes below the slot's usual
//! floor; what is added lifts the slot at most to the level that it has run at, only in hours in which
//! the customer has worked, and never above what the transformers carry. The cost of the maximum is
//! that of the billing mode: actual demand with its floor, or the contract with both readings above
//! 105 %. Filling by price inside a search on the common cap is exact ([`cap`]); with limits on
//! ramps, or energy conserved by the week, the same problem is a linear program ([`linear`]).

mod backtest;
mod blocks;
mod cap;
mod cells;
mod filling;
mod linear;
mod month;

use super::{Change, Envelope, State, outlay};
use crate::curve::DayLabels;
use crate::text::say;
use crate::time::Cycle;
pub use backtest::{Backtest, backtest};
use cap::Solved;
use filling::Filling;
use month::Month;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// In what portions energy moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Granularity {
    /// Length of a block in minutes; shorter runs of a price are left alone. 0 moves intervals singly.
    pub block_minutes: u32,
    /// Power of a block is a multiple of this; 0 for any.
    pub step_kw: f64,
}

impl Granularity {
    /// Intervals singly, by any power.
    pub const ANY: Self = Self { block_minutes: 0, step_kw: 0.0 };
}

/// What a schedule must keep beside the envelope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShiftTerms {
    /// In what portions energy moves.
    pub granularity: Granularity,
    /// No slot is filled above this, in kW: what the transformers carry.
    pub limit_kw: Option<f64>,
    /// Energy moves only when the prices differ by more than twice this share of the mean price.
    pub trouble_share: f64,
    /// No step between two intervals becomes greater than this, or than it is, in kW. Powers are then
    /// not whole steps.
    pub ramp_kw: Option<f64>,
    /// Energy is conserved over the week from Monday, not over each day. Powers are then not whole steps.
    pub weekly: bool,
}

/// The scheduler without an equipment list: a technical potential.
#[derive(Debug, Clone)]
pub struct Shift {
    envelope: Arc<Envelope>,
    labels: Arc<DayLabels>,
    terms: ShiftTerms,
    /// The last customer that was solved: advice is priced on the customer that it was made for.
    solved: Arc<OnceLock<(State, Shifted)>>,
}

/// The customer after shifting, with the proof of how good that is.
#[derive(Debug, Clone)]
pub struct Shifted {
    /// The customer after it.
    pub state: State,
    /// Of each billed cycle, by its index.
    pub proofs: Vec<(usize, Proof)>,
}

/// Cost of moving and of the maximum in one cycle, in the bill's currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proof {
    /// If nothing moves.
    pub before: f64,
    /// As scheduled.
    pub cost: f64,
    /// No schedule inside the envelope costs less, in whatever steps of power.
    pub bound: f64,
}

impl Shifted {
    /// What the best schedule inside the envelope could save more than this one, over all cycles.
    #[must_use]
    pub fn gap(&self) -> f64 {
        self.proofs.iter().map(|(_, p)| p.cost - p.bound).sum()
    }
}

impl Shift {
    /// A schedule inside `envelope`; `labels` are the kind of day and season of each day of the load.
    #[must_use]
    pub fn new(envelope: Arc<Envelope>, labels: Arc<DayLabels>, terms: ShiftTerms) -> Self {
        Self { envelope, labels, terms, solved: Arc::default() }
    }

    /// The schedule and its proof; found once for the customer that is asked for first.
    #[must_use]
    pub fn solve(&self, state: &State) -> Shifted {
        let all = 0..state.cycles().len();
        let (known, found) = self.solved.get_or_init(|| (state.clone(), self.solve_cycles(state, all.clone())));
        if known.is_same(state) { found.clone() } else { self.solve_cycles(state, all) }
    }

    /// The schedule of some cycles, as places in [`State::cycles`]; the others stay as they are.
    #[must_use]
    pub fn solve_cycles(&self, state: &State, which: Range<usize>) -> Shifted {
        let mut out = Shifted { state: state.clone(), proofs: Vec::new() };
        let Some(tariff) = state.tariff() else { return out };
        let mut kw: Option<Vec<f64>> = None;
        let (mut blocks, mut month, mut filling) = (cells::Blocks::default(), Month::default(), Filling::default());
        for (c, scope) in outlay::billed(state).into_iter().filter(|(c, _)| which.contains(c)) {
            month = cells::month(self, state, (tariff, &scope), (&mut blocks, month));
            let solved = match self.coupling(state, scope.cycle) {
                Some(coupling) => linear::solve(&month, &coupling),
                None => month.solve(&mut filling),
            };
            if solved.deltas.iter().any(|d| *d != 0.0) {
                move_cells(kw.get_or_insert_with(|| state.load().kw().to_vec()), &month, &solved);
            }
            out.proofs.push((c, Proof { before: solved.before, cost: solved.cost, bound: solved.bound }));
        }
        if let Some(kw) = kw {
            out.state = state.with_kw(kw);
        }
        out
    }

    /// What couples the cells of a cycle where boxes and daily conservation are not all.
    fn coupling<'a>(&self, state: &'a State, cycle: &Cycle) -> Option<linear::Coupling<'a>> {
        let terms = self.terms;
        if terms.ramp_kw.is_none() && !terms.weekly {
            return None;
        }
        let load = state.load();
        let mut conserved: Vec<Range<usize>> = Vec::new();
        for (day, of_load) in cycle.days.clone().enumerate() {
            let opens = !terms.weekly || load.date(of_load).weekday() == 0;
            match conserved.last_mut().filter(|_| !opens) {
                Some(run) => run.end = day + 1,
                None => conserved.push(day..day + 1),
            }
        }
        Some(linear::Coupling { conserved, ramp_kw: terms.ramp_kw, kw: load.kw() })
    }
}

fn move_cells(kw: &mut [f64], month: &Month, solved: &Solved) {
    // Which cells move is not to be foreseen: adding nothing costs less than asking.
    for (cell, delta) in month.cells.iter().zip(&solved.deltas) {
        for v in kw.get_mut(cell.run()).unwrap_or_default() {
            *v += delta;
        }
    }
}

impl Change for Shift {
    fn apply(&self, state: &State) -> State {
        self.solve(state).state
    }

    fn describe(&self) -> String {
        let g = self.terms.granularity;
        say("change.shift", &[("minutes", &g.block_minutes), ("kw", &format_args!("{:.0}", g.step_kw))])
    }
}

#[cfg(test)]
mod boxes;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod tests;
