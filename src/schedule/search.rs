//! The schedule that costs least: parts of all schedules, the most promising first, each halved by the level of
//! a maximum or the end of a machine until its program has a whole solution or costs too much.
//!
//! Slots are not cut because they tell nothing: many cost the same, so that a machine kept out of one runs in
//! another. At given levels it is mostly a matter of counting which machines fit into a slot together, and the
//! relaxation is all but whole. Where it is not, so that the program of one level takes long, the programs of levels
//! next to it would take as long each: they are then solved together.

use super::model::Found;
use super::part::{Part, Parts};
use super::program::Answer;
use super::{Plan, Problem, SAME_COST, levels};
use std::ops::Range;

/// Where a part is cut: above the level of its relaxation by this share of what may be paid until nothing is
/// gained, so that the upper half is soon closed. Measured: a half and three quarters search the fewest parts.
const CUT: f64 = 0.75;
/// Share of the lesser lift in the score of a cut, beside the greater one (Linderoth and Savelsbergh, "A
/// computational study of search strategies for mixed integer programming", 1999).
const LESSER: f64 = 5.0 / 6.0;
/// Nodes of a part's program above which parts of several levels are solved as they are. Judgement: a level is
/// settled by cutting in a tenth of that.
const DEAR: u64 = 500;
/// How many times as many levels are then solved together as before. Judgement.
const WIDER: usize = 8;
/// How many times the nodes of the dearest program so far these may take. Judgement.
const DEARER: u64 = 4;
/// A plan that costs more than the solution that it was read off by less than this share is that solution: as
/// exact as the solver is. Judgement.
const SURE: f64 = 1e-6;
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
    /// Combinations of levels up to which a part is solved as it is, and the most nodes that one took.
    width: usize,
    dearest: u64,
}

/// Searches at most so many relaxations; `start` is a plan to begin with.
pub(super) fn search(problem: &Problem, start: Option<&Plan>, most_nodes: u64) -> Answer {
    let best = start.map(|p| (problem.cost(p), p.clone()));
    let parts = Parts::new(problem);
    let (nodes, left, width, dearest) = (0, f64::INFINITY, 1, 0);
    let mut s = Search { problem, best, open: Vec::new(), nodes, most_nodes, left, width, dearest, parts };
    let whole = s.visit(s.parts.whole(), f64::NEG_INFINITY);
    s.left = if whole.is_err() { f64::NEG_INFINITY } else { s.left };
    s.open.extend(whole.ok().flatten());
    while let Some(node) = s.next() {
        if s.nodes >= most_nodes {
            s.left = s.left.min(node.bound);
            break;
        }
        s.settle(node);
    }
    let cost = s.best.as_ref().map_or(f64::INFINITY, |b| b.0);
    let exact = s.closed(s.left);
    Answer { plan: s.best.map(|b| b.1), bound: s.left.min(cost), exact, nodes: s.nodes }
}

impl Search<'_> {
    /// Whether nothing of such a bound is better than what is found.
    fn closed(&self, bound: f64) -> bool {
        self.reached(bound, SAME_COST)
    }

    /// Whether what is found costs no more than a bound, but for a share of it.
    fn reached(&self, bound: f64, share: f64) -> bool {
        bound == f64::INFINITY || self.best.as_ref().is_some_and(|b| bound >= b.0 - share * b.0.abs())
    }

    /// The most promising part; `None` when none can be better than what is found.
    fn next(&mut self) -> Option<Node> {
        let least = self.open.iter().enumerate().min_by(|a, b| a.1.bound.total_cmp(&b.1.bound))?.0;
        let node = self.open.swap_remove(least);
        (!self.closed(node.bound)).then_some(node)
    }

    /// Solves the relaxation of a part, which no schedule of it costs less than; `None` when nothing in it can be
    /// better than what is found, an error when the relaxation was not solved.
    fn visit(&mut self, part: Part, above: f64) -> Result<Option<Node>, ()> {
        self.nodes += 1;
        let program = self.parts.program(&part);
        let Found { values, bound, proved, .. } = program.model.relaxed().solve(None, 1);
        if !proved {
            return Err(());
        }
        let bound = bound.max(above);
        let Some(values) = values.filter(|_| !self.closed(bound)) else { return Ok(None) };
        self.keep(self.parts.plan(&values));
        let (levels, ends) = (program.levels(&values), self.parts.ends(&values));
        Ok(Some(Node { part, bound, levels, ends }))
    }

    /// Solves a part as it is, or opens the halves of it.
    fn settle(&mut self, mut node: Node) {
        let width = node.part.levels.iter().fold(1_usize, |n, r| n.saturating_mul(r.len().max(1)));
        if width > 1 && width <= self.width && open(&node.part.ends, &node.ends).is_none() {
            match self.solve(&node, DEARER * self.dearest) {
                // Its cost is no schedule's where the levels' cost is not straight.
                Ok(bound) if self.closed(bound) => return,
                Ok(bound) => node.bound = bound,
                Err(bound) => (self.width, node.bound) = (self.width / WIDER, bound),
            }
            if self.nodes >= self.most_nodes {
                self.left = self.left.min(node.bound);
                return;
            }
        }
        match self.split(&node) {
            Some(halves) => self.open.extend(halves),
            // A solution that no plan answers to proves nothing.
            None => match self.solve(&node, u64::MAX) {
                Ok(bound) if self.reached(bound, SURE) => {}
                Ok(bound) | Err(bound) => self.left = self.left.min(bound),
            },
        }
    }

    /// The open ones of the two parts that a part is cut into: of the cut of an end and that of a level, the one
    /// that lifts the bounds more. `None` where all is settled but the slots.
    fn split(&mut self, node: &Node) -> Option<Vec<Node>> {
        let cuts: Vec<_> = by_end(node).into_iter().chain(self.by_level(node)).collect();
        let mut best: Option<(f64, [Result<Option<Node>, ()>; 2])> = None;
        for halves in cuts {
            let halves = halves.map(|part| self.visit(part, node.bound));
            let gap = self.best.as_ref().map_or(f64::INFINITY, |b| b.0 - node.bound);
            let [a, b] = halves.each_ref().map(|half| match half {
                Ok(Some(n)) => gap.min(n.bound - node.bound),
                Ok(None) => gap,
                Err(()) => 0.0,
            });
            let score = LESSER * a.min(b) + (1.0 - LESSER) * a.max(b);
            if best.as_ref().is_none_or(|b| score > b.0) {
                best = Some((score, halves));
            }
        }
        let halves = best?.1;
        if halves.iter().any(Result::is_err) {
            self.left = self.left.min(node.bound);
        }
        Some(halves.into_iter().filter_map(Result::ok).flatten().collect())
    }

    /// Keeps a plan that is better.
    fn keep(&mut self, plan: Plan) {
        let cost = self.problem.cost(&plan);
        if self.problem.keeps(&plan) && self.best.as_ref().is_none_or(|b| cost < b.0) {
            self.best = Some((cost, plan));
        }
    }

    /// Two parts by the level of a maximum: that whose upper half costs most more.
    fn by_level(&self, node: &Node) -> Option<[Part; 2]> {
        let part = &node.part;
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

    /// Solves the program of a part, slots and all, in at most so many nodes. The bound of it, as an error where
    /// the program is not solved.
    fn solve(&mut self, node: &Node, most: u64) -> Result<f64, f64> {
        let mut model = self.parts.program(&node.part).model;
        let start = self.best.as_ref().map(|(cost, _)| model.or_pay(*cost));
        let found = model.solve(start.as_deref(), self.most_nodes.saturating_sub(self.nodes).min(most));
        self.nodes += found.nodes;
        if let Some(values) = &found.values {
            self.keep(self.parts.plan(values));
        }
        let bound = found.bound.max(node.bound);
        if !found.proved {
            return Err(bound);
        }
        self.dearest = self.dearest.max(found.nodes);
        if found.nodes >= DEAR {
            self.width = self.width.saturating_mul(WIDER);
        }
        Ok(bound)
    }
}

/// Two parts by the end of a task before another one; the relaxation of the whole is in neither.
fn by_end(node: &Node) -> Option<[Part; 2]> {
    let part = &node.part;
    let (order, cut) = open(&part.ends, &node.ends)?;
    Some(halved(&part.ends, order, cut)?.map(|ends| Part { ends, ..part.clone() }))
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
