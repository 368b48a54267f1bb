//! The levels that a maximum can have, and what each costs.

use super::{Peak, Problem, cost_at};

/// Sums of machines' power in a slot above which a maximum's levels are not told one by one. Judgement: 12
/// machines of odd power that may all run at once.
const MOST_SUMS: usize = 4_096;
/// Levels that differ by less than this share are one.
const SAME_KW: f64 = 1e-11;

/// Levels next to each other, over which the cost is linear; mostly a single one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    /// First and last level, kW.
    pub kw: (f64, f64),
    /// Cost at the first and at the last one.
    pub cost: (f64, f64),
}

impl Cell {
    fn point(kw: f64, cost: f64) -> Self {
        Self { kw: (kw, kw), cost: (cost, cost) }
    }
}

/// All levels that a schedule can give a maximum, ascending; of those that cost the same only the highest,
/// which leaves the most room. None where the maximum costs nothing.
pub(super) fn cells(problem: &Problem, peak: &Peak) -> Vec<Cell> {
    if peak.outlay.is_empty() {
        return Vec::new();
    }
    let floor = peak.patterns.iter().flat_map(|p| &p.base_kw).copied().fold(peak.floor_kw, f64::max);
    let all = match sums(problem, peak, floor) {
        Some(levels) => levels.into_iter().map(|kw| Cell::point(kw, cost_at(&peak.outlay, kw))).collect(),
        None => linear(problem, peak, floor),
    };
    let mut out: Vec<Cell> = Vec::new();
    for cell in all.into_iter().filter(|c: &Cell| c.cost.1.is_finite()) {
        let cell = if cell.cost.0 == cell.cost.1 { Cell::point(cell.kw.1, cell.cost.1) } else { cell };
        match out.last_mut().filter(|l| l.cost.1 == cell.cost.1) {
            Some(last) => *last = cell,
            None => out.push(cell),
        }
    }
    out
}

/// The floor, and every sum above it of the rest of the load and of machines that may run then.
fn sums(problem: &Problem, peak: &Peak, floor: f64) -> Option<Vec<f64>> {
    let mut out = vec![floor];
    for pattern in &peak.patterns {
        for (slot, base) in pattern.base_kw.iter().enumerate() {
            let mut sums = vec![*base];
            for task in pattern.tasks.iter().filter_map(|i| problem.tasks.get(*i)).filter(|t| t.may_run(slot)) {
                let more: Vec<f64> = sums.iter().map(|s| s + task.kw).collect();
                sums.extend(more);
                distinct(&mut sums);
                if sums.len() > MOST_SUMS {
                    return None;
                }
            }
            out.extend(sums.into_iter().filter(|s| *s > floor));
        }
    }
    distinct(&mut out);
    Some(out)
}

/// Ascending, the highest of those that are the same.
fn distinct(levels: &mut Vec<f64>) {
    levels.sort_by(f64::total_cmp);
    levels.dedup_by(|next, kept| {
        let same = *next - *kept <= SAME_KW * next.abs();
        if same {
            *kept = *next;
        }
        same
    });
}

/// The pieces of the outlay from the floor up to where all machines run at once.
fn linear(problem: &Problem, peak: &Peak, floor: f64) -> Vec<Cell> {
    let most = peak.patterns.iter().map(|p| {
        let kw: f64 = p.tasks.iter().filter_map(|i| problem.tasks.get(*i)).map(|t| t.kw).sum();
        p.base_kw.iter().copied().fold(f64::NEG_INFINITY, f64::max) + kw
    });
    let most = most.fold(floor, f64::max);
    let within = peak.outlay.iter().map(|p| (p, p.from.max(floor), p.to.min(most))).filter(|(_, from, to)| from <= to);
    within.map(|(p, from, to)| Cell { kw: (from, to), cost: (p.at(from), p.at(to)) }).collect()
}

/// The corners of the convex cost that is nowhere above the cost of these levels: kW and cost.
pub(super) fn hull(cells: &[Cell]) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = Vec::new();
    let mut points: Vec<_> = cells.iter().flat_map(|c| [(c.kw.0, c.cost.0), (c.kw.1, c.cost.1)]).collect();
    points.dedup();
    for p in points {
        // A corner goes that lies on or above the line past it.
        while let [.., a, b] = out.as_slice()
            && (b.1 - a.1) * (p.0 - a.0) >= (p.1 - a.1) * (b.0 - a.0)
        {
            out.pop();
        }
        out.push(p);
    }
    out
}

/// The convex cost at a level.
pub(super) fn at(hull: &[(f64, f64)], kw: f64) -> f64 {
    let between = hull.windows(2).find_map(|pair| match pair {
        [a, b] if kw <= b.0 => Some(a.1 + (b.1 - a.1) * ((kw - a.0) / (b.0 - a.0)).max(0.0)),
        _ => None,
    });
    between.or(hull.last().map(|l| l.1)).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::super::{Pattern, Piece, Task};
    use super::*;

    fn day(outlay: Vec<Piece>) -> Problem {
        let task = |kw: f64| Task { kw, slots: 1, least_run: 1, allowed: vec![true, true], ..Task::default() };
        let patterns = vec![Pattern { tasks: vec![0, 1], base_kw: vec![100.0, 130.0] }];
        let peaks = vec![Peak { floor_kw: 120.0, patterns, outlay }];
        Problem { slots: 2, tasks: vec![task(10.0), task(40.0)], peaks, limit_kw: None }
    }

    #[test]
    fn levels_are_sums_above_the_floor_and_the_highest_of_equal_cost() {
        let p = day(vec![Piece { from: 0.0, to: f64::INFINITY, cost: 0.0, slope: 2.0 }]);
        let kw: Vec<f64> = cells(&p, &p.peaks[0]).iter().map(|c| c.kw.1).collect();
        assert_eq!(kw, [130.0, 140.0, 150.0, 170.0, 180.0]);
        let p = day(vec![
            Piece { from: 0.0, to: 145.0, cost: 5.0, slope: 0.0 },
            Piece { from: 145.0, to: 175.0, cost: 9.0, slope: 1.0 },
        ]);
        let found: Vec<_> = cells(&p, &p.peaks[0]).iter().map(|c| (c.kw.1, c.cost.1)).collect();
        assert_eq!(found, [(140.0, 5.0), (150.0, 14.0), (170.0, 34.0)], "nothing is billed above the last piece");
        assert_eq!(
            linear(&p, &p.peaks[0], 130.0).iter().map(|c| c.kw).collect::<Vec<_>>(),
            [(130.0, 145.0), (145.0, 175.0)]
        );
    }

    #[test]
    fn the_hull_is_the_greatest_convex_cost_below() {
        let cells: Vec<Cell> = [(0.0, 0.0), (1.0, 3.0), (2.0, 3.5), (3.0, 9.0)].map(|p| Cell::point(p.0, p.1)).to_vec();
        let corners = hull(&cells);
        assert_eq!(corners, [(0.0, 0.0), (2.0, 3.5), (3.0, 9.0)]);
        assert_eq!((at(&corners, 1.0), at(&corners, 2.5), at(&corners, 4.0)), (1.75, 6.25, 9.0));
    }
}
