//! The schedule that costs least: parts of all schedules, the most promising first, each halved by the level of
//! a maximum or the end of a machine until its program has a whole solution or costs too much.
//!
//! Levels come first because nothing else tells anything: many slots cost the same, so that a machine kept out
//! of one runs in another. At given levels it is a matter of counting which machines fit into a slot together,
//! and the relaxation is all but whole.

use super::model::Found;
use super::part::{Part, Parts};
use super::program::Answer;
use super::{Plan, Problem, SAME_COST, levels};
use std::ops::Range;

/// Where a part is cut: above the level of its relaxation by this share of what may be paid until nothing is
/// gained, so that the upper half is soon closed. Measured: a half and three quarters search the fewest parts.
const CUT: f64 = 0.75;
/// A level of the relaxation above one of the list by less than this share is that one.
const SAME_KW: f64 = 1e-9;

/// A part whose relaxation is solved.
struct Node {
    part: Part,
    bound: f64,
    /// Level of each maximum in the relaxation.
    levels: Vec<f64>,
    /// By order of two tasks: the end of the first one in the relaxation, where that is left open.
    ends: Vec<Option<f64>>,
}

struct Search<'a> {
    problem: &'a Problem,
    parts: Parts<'a>,
    best: Option<(f64, Plan)>,
    open: Vec<Node>,
    /// Relaxations solved.
    nodes: u64,
    most_nodes: u64,
    /// Bound of what had to be left unsearched.
    left: f64,
}

/// Searches at most so many relaxations; `start` is a plan to begin with.
pub(super) fn search(problem: &Problem, start: Option<&Plan>, most_nodes: u64) -> Answer {
    let best = start.map(|p| (problem.cost(p), p.clone()));
    let parts = Parts::new(problem);
    let mut s = Search { problem, best, open: Vec::new(), nodes: 0, most_nodes, left: f64::INFINITY, parts };
    s.visit(s.parts.whole(), f64::NEG_INFINITY);
    while let Some(node) = s.next() {
        if s.nodes >= most_nodes {
            s.left = s.left.min(node.bound);
            break;
        }
        match s.halves(&node) {
            Some(halves) => halves.into_iter().for_each(|part| s.visit(part, node.bound)),
            None => s.solve(&node),
        }
    }
    let cost = s.best.as_ref().map_or(f64::INFINITY, |b| b.0);
    let exact = s.closed(s.left);
    Answer { plan: s.best.map(|b| b.1), bound: s.left.min(cost), exact, nodes: s.nodes }
}

impl Search<'_> {
    /// Whether nothing of such a bound is better than what is found.
    fn closed(&self, bound: f64) -> bool {
        bound == f64::INFINITY || self.best.as_ref().is_some_and(|b| bound >= b.0 - SAME_COST * b.0.abs())
    }

    /// The most promising part; `None` when none can be better than what is found.
    fn next(&mut self) -> Option<Node> {
        let least = self.open.iter().enumerate().min_by(|a, b| a.1.bound.total_cmp(&b.1.bound))?.0;
        let node = self.open.swap_remove(least);
        (!self.closed(node.bound)).then_some(node)
    }

    /// Solves the relaxation of a part, which no schedule of it costs less than.
    fn visit(&mut self, part: Part, above: f64) {
        self.nodes += 1;
        let program = self.parts.program(&part);
        let Found { values, bound, proved, .. } = program.model.relaxed().solve(None, 1);
        if !proved {
            self.left = self.left.min(above);
            return;
        }
        let bound = bound.max(above);
        let Some(values) = values.filter(|_| !self.closed(bound)) else { return };
        self.keep(self.parts.plan(&values));
        let (levels, ends) = (program.levels(&values), self.parts.ends(&values));
        self.open.push(Node { part, bound, levels, ends });
    }

    /// Keeps a plan that is better.
    fn keep(&mut self, plan: Plan) {
        let cost = self.problem.cost(&plan);
        if self.problem.keeps(&plan) && self.best.as_ref().is_none_or(|b| cost < b.0) {
            self.best = Some((cost, plan));
        }
    }

    /// Two parts that the relaxation of the whole is in neither of, or whose bounds rise; ends before levels.
    /// `None` where all is settled but the slots.
    fn halves(&self, node: &Node) -> Option<[Part; 2]> {
        let part = &node.part;
        if let Some((order, cut)) = open(&part.ends, &node.ends) {
            return Some(halved(&part.ends, order, cut)?.map(|ends| Part { ends, ..part.clone() }));
        }
        let cuts = (0..part.levels.len()).filter_map(|p| Some((p, self.cut(node, p)?)));
        let (peak, (cut, _)) = cuts.reduce(|a, b| if b.1.1 > a.1.1 { b } else { a })?;
        Some(halved(&part.levels, peak, cut)?.map(|levels| Part { levels, ..part.clone() }))
    }

    /// Where to cut the levels of a maximum, and what the upper half costs more.
    fn cut(&self, node: &Node, peak: usize) -> Option<(usize, f64)> {
        let (range, kw) = (node.part.levels.get(peak)?, *node.levels.get(peak)?);
        if range.len() < 2 {
            return None;
        }
        let cells = self.parts.cells_of(&node.part, peak);
        let now = levels::at(&levels::hull(cells), kw);
        let gap = self.best.as_ref().map_or(f64::INFINITY, |b| b.0 - node.bound);
        let aim = now + CUT * gap.min(cells.last()?.cost.1 - now);
        let above = cells.iter().position(|c| c.kw.0 > kw * (1.0 + SAME_KW) && c.cost.0 >= aim);
        let cut = above.unwrap_or(cells.len() - 1).max(1);
        Some((range.start + cut, cells.get(cut)?.cost.0 - now))
    }

    /// Solves the program of a part, slots and all.
    fn solve(&mut self, node: &Node) {
        let mut model = self.parts.program(&node.part).model;
        let start = self.best.as_ref().map(|(cost, _)| model.or_pay(*cost));
        let found = model.solve(start.as_deref(), self.most_nodes.saturating_sub(self.nodes));
        self.nodes += found.nodes;
        if let Some(values) = &found.values {
            self.keep(self.parts.plan(values));
        }
        if !found.proved {
            self.left = self.left.min(found.bound.max(node.bound));
        }
    }
}

/// The first of some ranges in which the relaxation leaves the place open, and the place.
fn open(ranges: &[Range<usize>], places: &[Option<f64>]) -> Option<(usize, usize)> {
    let open = |(range, place): (&Range<usize>, &Option<f64>)| {
        let place = place.filter(|_| range.len() > 1)?;
        Some((place.round() as usize).clamp(range.start + 1, range.end - 1))
    };
    ranges.iter().zip(places).map(open).enumerate().find_map(|(n, cut)| Some((n, cut?)))
}

/// The ranges twice: one of them up to a place, and from there on.
fn halved(ranges: &[Range<usize>], which: usize, cut: usize) -> Option<[Vec<Range<usize>>; 2]> {
    let range = ranges.get(which)?;
    let with = |half: Range<usize>| {
        ranges.iter().enumerate().map(|(n, r)| if n == which { half.clone() } else { r.clone() }).collect()
    };
    Some([with(range.start..cut), with(cut..range.end)])
}
