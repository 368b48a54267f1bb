//! The search for the month's cap: exact, because the cost is convex in it between the jumps of its
//! price, and with a bound from below that proves how near the schedule found is to the best.

use super::fill::{Cost, Filling, Month, Scratch, Steps};
use crate::schedule::{Piece, cost_at};

/// Evaluations of a piece; cutting by tangents ends in fewer, this only stops rounding from circling.
const MOST_CUTS: usize = 60;
/// Differences of cost below this share of the cost of moving and demand are rounding.
const SAME: f64 = 1e-12;
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
}

impl Month {
    /// The change of each cell that costs least.
    pub fn solve(&self) -> Solved {
        let before = self.outlay_at(1.0);
        let stay = |bound: f64| Solved { deltas: vec![0.0; self.cells.len()], cost: before, before, bound };
        if self.cells.is_empty() {
            return stay(before);
        }
        let from = self.feasible_cap();
        let filling = Filling::new(self, from.min(self.most_cap));
        let mut scratch = Scratch::default();
        let Some(best) = self.best_cap(&filling, from, &mut scratch) else { return stay(before) };
        let bound = best.bound.min(before);
        let cap = self.whole_cap(&filling, best.cap, &mut scratch);
        let Some(deltas) = cap.and_then(|cap| filling.schedule(cap, self.steps)) else { return stay(bound) };
        let (moving, kept) = self.cost_of(&deltas);
        let cost = moving + self.outlay_at(kept);
        if cost < before { Solved { deltas, cost, before, bound } } else { stay(bound) }
    }

    /// Cost of the maximum at a cap.
    pub fn outlay_at(&self, cap: f64) -> f64 {
        cost_at(&self.outlay, cap)
    }

    /// The cap at which whole steps cost least, of the least one that they can keep, a few steps above
    /// it, the present maximum, and the ends of pieces; without steps the best one is known.
    fn whole_cap(&self, filling: &Filling<'_>, best: f64, scratch: &mut Scratch) -> Option<f64> {
        let steps = self.steps;
        if steps.kw == 0.0 || self.top == 0.0 {
            return Some(best);
        }
        let least = filling.feasible_cap(best, steps);
        let above = (0..=STEPS_ABOVE).map(|k| least + k as f64 * steps.kw / self.top);
        let ends = self.outlay.iter().map(|p| p.to).filter(|to| *to > least && to.is_finite());
        let caps = above.chain(std::iter::once(1.0)).chain(ends).filter(|c| *c >= least && *c <= self.most_cap);
        let costs = caps.filter_map(|c| Some((c, filling.cost(c, steps, scratch)?.total + self.outlay_at(c))));
        costs.min_by(|a, b| a.1.total_cmp(&b.1)).map(|c| c.0)
    }

    fn best_cap(&self, filling: &Filling<'_>, from: f64, scratch: &mut Scratch) -> Option<Best> {
        if self.outlay.is_empty() {
            let total = filling.cost(self.most_cap, Steps::ANY, scratch)?.total;
            return Some(Best { cap: self.most_cap, total, bound: total });
        }
        let mut best: Option<Best> = None;
        for piece in &self.outlay {
            let ends = (piece.from.max(from), piece.to.min(self.most_cap));
            let Some(found) = (ends.0 <= ends.1).then(|| least_of(filling, piece, ends, scratch)).flatten() else {
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
fn least_of(filling: &Filling<'_>, piece: &Piece, (low, high): (f64, f64), scratch: &mut Scratch) -> Option<Best> {
    let mut at = |cap: f64| {
        filling
            .cost(cap, Steps::ANY, scratch)
            .map(|c| Cost { total: c.total + piece.at(cap), slope: c.slope + piece.slope })
    };
    let here = |cap: f64, c: Cost| Best { cap, total: c.total, bound: c.total };
    let (mut a, mut at_a) = (low, at(low)?);
    if at_a.slope >= 0.0 || low == high {
        return Some(here(a, at_a));
    }
    let (mut b, mut at_b) = (high, at(high)?);
    if at_b.slope <= 0.0 {
        return Some(here(b, at_b));
    }
    let mut bound = f64::NEG_INFINITY;
    for _ in 0..MOST_CUTS {
        // Where the tangent from the left meets the one from the right.
        let meet = (at_b.total - at_a.total + at_a.slope * a - at_b.slope * b) / (at_a.slope - at_b.slope);
        let cap = meet.clamp(a, b);
        bound = at_a.total + at_a.slope * (cap - a);
        let found = at(cap)?;
        if found.total - bound <= SAME * (found.total.abs() + piece.slope) || cap == a || cap == b {
            return Some(Best { bound: bound.min(found.total), ..here(cap, found) });
        }
        if found.slope < 0.0 { (a, at_a) = (cap, found) } else { (b, at_b) = (cap, found) }
    }
    let (cap, cost) = if at_a.total <= at_b.total { (a, at_a) } else { (b, at_b) };
    Some(Best { bound, ..here(cap, cost) })
}
