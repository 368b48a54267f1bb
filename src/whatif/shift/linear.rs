//! The schedule as a linear program, for what greedy filling cannot do: limits on ramps, and energy
//! conserved over a week. Solved by a simplex method, piece by piece of the demand's cost; without
//! those two it costs what [`Month::solve`] costs, which is the proof of the latter.

use super::cap::Solved;
use super::month::{Cell, Month};
use crate::schedule::Piece;
use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};
use std::ops::Range;

/// What couples cells beyond boxes, days and the cap.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Coupling<'a> {
    /// Energy is conserved over each of these runs of days of the month.
    pub conserved: Vec<Range<usize>>,
    /// No step between two intervals is greater than this, or than it is at present, in kW.
    pub ramp_kw: Option<f64>,
    /// Present powers of the load.
    pub kw: &'a [f64],
}

/// Power out of and into a cell.
struct Moved {
    into: Variable,
    out: Variable,
}

/// The best schedule; nothing moves where the solver finds none.
pub(super) fn solve(month: &Month, coupling: &Coupling<'_>) -> Solved {
    let nothing = vec![0.0; month.cells.len()];
    let before = month.outlay_at(1.0);
    let mut found = Solved { deltas: nothing, cost: before, before, bound: before };
    let free = [Piece { from: 0.0, to: f64::INFINITY, cost: 0.0, slope: 0.0 }];
    let pieces = if month.outlay.is_empty() { &free[..] } else { &month.outlay[..] };
    for piece in pieces {
        let caps = (piece.from.max(month.least_cap), piece.to.min(month.most_cap));
        if month.cells.is_empty() || caps.0 > caps.1 {
            continue;
        }
        let Some(deltas) = solve_piece(month, coupling, piece, caps) else { continue };
        let (moving, cap) = month.cost_of(&deltas);
        let cost = moving + month.outlay_at(cap);
        if cost < found.cost {
            found = Solved { deltas, cost, bound: cost, before };
        }
    }
    found
}

fn solve_piece(month: &Month, coupling: &Coupling<'_>, piece: &Piece, caps: (f64, f64)) -> Option<Vec<f64>> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let cap = problem.add_var(piece.slope, caps);
    let moved: Vec<Moved> = month
        .cells
        .iter()
        .map(|c| {
            let price = month.price(usize::from(c.class));
            Moved {
                into: problem.add_var(month.hours * (month.comfort + price), (0.0, c.hi)),
                out: problem.add_var(month.hours * (month.comfort - price), (0.0, -c.lo)),
            }
        })
        .collect();
    for (c, m) in month.cells.iter().zip(&moved).filter(|(c, _)| c.top > 0.0 && c.hi + c.base > caps.0 * c.top) {
        let row = LinearExpr::from_iter([(m.into, 1.0), (m.out, -1.0), (cap, -c.top)]);
        problem.add_constraint(row, ComparisonOp::Le, -c.base);
    }
    for days in &coupling.conserved {
        let start = days.start.checked_sub(1).and_then(|d| month.day_ends.get(d)).copied().unwrap_or(0);
        let end = days.end.checked_sub(1).and_then(|d| month.day_ends.get(d)).copied().unwrap_or(start);
        let row = moved.get(start..end)?.iter().flat_map(|m| [(m.into, 1.0), (m.out, -1.0)]);
        problem.add_constraint(row.collect::<LinearExpr>(), ComparisonOp::Eq, 0.0);
    }
    if let Some(ramp) = coupling.ramp_kw {
        limit_ramps(&mut problem, month, &moved, coupling.kw, ramp);
    }
    let solution = problem.solve().ok()?.into_solution().ok()?;
    Some(moved.iter().map(|m| solution.var_value(m.into) - solution.var_value(m.out)).collect())
}

/// At every edge of a cell the step of the load stays within the limit, or as great as it is.
fn limit_ramps(problem: &mut Problem, month: &Month, moved: &[Moved], kw: &[f64], ramp: f64) {
    let mut edge = |left: Option<&Moved>, right: Option<&Moved>, at: usize| {
        let (Some(before), Some(after)) = (at.checked_sub(1).and_then(|i| kw.get(i)), kw.get(at)) else { return };
        let (step, most) = (after - before, ramp.max((after - before).abs()));
        let terms = right.into_iter().flat_map(|m| [(m.into, 1.0), (m.out, -1.0)]);
        let terms: Vec<_> = terms.chain(left.into_iter().flat_map(|m| [(m.into, -1.0), (m.out, 1.0)])).collect();
        problem.add_constraint(terms.iter().copied().collect::<LinearExpr>(), ComparisonOp::Le, most - step);
        problem.add_constraint(terms.into_iter().collect::<LinearExpr>(), ComparisonOp::Ge, -most - step);
    };
    let mut last: Option<(&Cell, &Moved)> = None;
    for (c, m) in month.cells.iter().zip(moved) {
        let joined = last.filter(|(l, _)| l.run().end == c.run().start);
        if let (None, Some((l, lm))) = (joined, last) {
            edge(Some(lm), None, l.run().end);
        }
        edge(joined.map(|j| j.1), Some(m), c.run().start);
        last = Some((c, m));
    }
    if let Some((l, m)) = last {
        edge(Some(m), None, l.run().end);
    }
}
