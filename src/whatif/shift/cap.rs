//! The search for the month's cap: exact, because the cost is convex in it between the jumps of its
//! price, and with a bound from below that proves how near the schedule found is to the best.

use super::filling::Filling;
use super::month::{Cost, Month, Steps};
use crate::schedule::{Piece, cost_at};

/// Evaluations of a piece; cutting by tangents ends in fewer, this only stops rounding from circling.
const MOST_CUTS: usize = 60;
/// Differences of cost below this share of the cost of moving and demand are rounding.
const SAME: f64 = 1e-12;
/// A cost greater by this share is greater, whatever rounding makes of both.
const SURELY: f64 = 1e-9;
/// Caps tried above the least one when powers are whole steps; each a step higher.
const STEPS_ABOVE: usize = 3;

/// A month's schedule.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Solved {
    /// Change of each cell in kW.
    pub deltas: Vec<f64>,
    /// Cost of moving and of the maximum.
    pub cost: f64,
    /// The same if nothing moves.
    pub before: f64,
    /// No schedule inside the boxes costs less than this, whole steps or not.
    pub bound: f64,
}

/// A cap, the least cost there, and a bound from below over the piece.
struct Best {
    cap: f64,
    total: f64,
    bound: f64,
    /// What moving costs at caps from here on.
    beyond: Tangent,
}

/// A line that what moving costs, which is convex in the cap, never lies below.
#[derive(Clone, Copy)]
struct Tangent {
    cap: f64,
    cost: Cost,
}

impl Tangent {
    fn at(&self, cap: f64) -> f64 {
        self.cost.total + self.cost.slope * (cap - self.cap)
    }
}

impl Month {
    /// The change of each cell that costs least; `filling` is that of any month before it.
    pub fn solve(&self, filling: &mut Filling) -> Solved {
        let before = self.outlay_at(1.0);
        let stay = |bound: f64| Solved { deltas: vec![0.0; self.cells.len()], cost: before, before, bound };
        if self.cells.is_empty() {
            return stay(before);
        }
        let from = self.feasible_cap();
        filling.prepare(self, from.min(self.most_cap));
        let Some(best) = self.best_cap(filling, from) else { return stay(before) };
        let bound = best.bound.min(before);
        let cap = self.whole_cap(filling, &best);
        let Some(moved) = cap.and_then(|cap| filling.schedule(self, cap, self.steps)) else { return stay(bound) };
        let cost = self.hours * moved.tally.energy + self.outlay_at(moved.tally.cap);
        if cost < before { Solved { deltas: moved.deltas, cost, before, bound } } else { stay(bound) }
    }

    /// Cost of the maximum at a cap.
    pub fn outlay_at(&self, cap: f64) -> f64 {
        cost_at(&self.outlay, cap)
    }

    /// The cap at which whole steps cost least, of the least one that they can keep, a few steps above
    /// it, the present maximum, and the ends of pieces; without steps the best one is known.
    fn whole_cap(&self, filling: &mut Filling, best: &Best) -> Option<f64> {
        let steps = self.steps;
        if steps.kw == 0.0 || self.top == 0.0 {
            return Some(best.cap);
        }
        let least = filling.feasible_cap(self, best.cap, steps);
        let above = (0..=STEPS_ABOVE).map(|k| least + k as f64 * steps.kw / self.top);
        let ends = self.outlay.iter().map(|p| p.to).filter(|to| *to > least && to.is_finite());
        let caps = above.chain(std::iter::once(1.0)).chain(ends).filter(|c| *c >= least && *c <= self.most_cap);
        let mut found: Option<(f64, f64)> = None;
        for cap in caps {
            let outlay = self.outlay_at(cap);
            // Whole steps cost no less than any powers do, which need not be tried where they cost more already.
            let costs_more = |(_, total): (f64, f64)| best.beyond.at(cap) + outlay > total + SURELY * total.abs();
            if found.is_some_and(costs_more) {
                continue;
            }
            let Some(cost) = filling.cost(self, cap, steps) else { continue };
            let total = cost.total + outlay;
            if found.is_none_or(|(_, least)| total < least) {
                found = Some((cap, total));
            }
        }
        found.map(|(cap, _)| cap)
    }

    fn best_cap(&self, filling: &mut Filling, from: f64) -> Option<Best> {
        if self.outlay.is_empty() {
            let cap = self.most_cap;
            let cost = filling.cost(self, cap, Steps::ANY)?;
            return Some(Best { cap, total: cost.total, bound: cost.total, beyond: Tangent { cap, cost } });
        }
        let mut best: Option<Best> = None;
        for piece in &self.outlay {
            let ends = (piece.from.max(from), piece.to.min(self.most_cap));
            let Some(found) = (ends.0 <= ends.1).then(|| least_of((self, filling), piece, ends)).flatten() else {
                continue;
            };
            best = Some(match best {
                None => found,
                Some(b) => {
                    let bound = b.bound.min(found.bound);
                    Best { bound, ..if found.total < b.total { found } else { b } }
                }
            });
        }
        best
    }
}

/// The least of a convex piece between two caps: tangents at both sides of it are cut until they meet
/// at a value that is attained.
fn least_of((month, filling): (&Month, &mut Filling), piece: &Piece, (low, high): (f64, f64)) -> Option<Best> {
    let mut at = |cap: f64| filling.cost(month, cap, Steps::ANY).map(|cost| Tangent { cap, cost });
    // With the maximum's cost.
    let whole = |t: Tangent| Cost { total: t.cost.total + piece.at(t.cap), slope: t.cost.slope + piece.slope };
    let here = |t: Tangent, beyond: Tangent| {
        let total = whole(t).total;
        Best { cap: t.cap, total, bound: total, beyond }
    };
    let mut a = at(low)?;
    if whole(a).slope >= 0.0 || low == high {
        return Some(here(a, a));
    }
    let mut b = at(high)?;
    if whole(b).slope <= 0.0 {
        return Some(here(b, b));
    }
    let mut bound = f64::NEG_INFINITY;
    for _ in 0..MOST_CUTS {
        // Where the tangent from the left meets the one from the right.
        let (at_a, at_b) = (whole(a), whole(b));
        let meet = (at_b.total - at_a.total + at_a.slope * a.cap - at_b.slope * b.cap) / (at_a.slope - at_b.slope);
        let cap = meet.clamp(a.cap, b.cap);
        bound = at_a.total + at_a.slope * (cap - a.cap);
        let found = at(cap)?;
        let cost = whole(found);
        if cost.total - bound <= SAME * (cost.total.abs() + piece.slope) || cap == a.cap || cap == b.cap {
            return Some(Best { bound: bound.min(cost.total), ..here(found, b) });
        }
        if cost.slope < 0.0 { a = found } else { b = found }
    }
    let best = if whole(a).total <= whole(b).total { a } else { b };
    Some(Best { bound, ..here(best, b) })
}
