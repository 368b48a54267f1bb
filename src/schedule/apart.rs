//! The best runs of machines that never run on the same day, as one machine on days of several kinds: all their places are
//! parted by the levels that the maxima may have. Of a part each machine's cheapest runs are found by dynamic
//! programming, with a share of what a slot lifts the maxima by. With a maximum in each of twelve months a program sees
//! little of that.

use super::place::cheapest;
use super::program::Answer;
use super::{Piece, Plan, Problem, SAME_COST, Task, cost_at};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Parts after which the best runs so far are taken. Measured: a charger of four hours with twelve noisy maxima is proved
/// within 3,000; 20,000 take a second.
const MOST_PARTS: usize = 20_000;

/// A maximum that the machines may lift.
struct Lift<'a> {
    outlay: &'a [Piece],
    /// Level without machines.
    without: f64,
    /// By task and slot: the level when it runs in it.
    levels: Vec<Vec<f64>>,
    /// By task: the share of a rise that each of its slots carries. All slots of a plan carry no more than the whole.
    shares: Vec<f64>,
}

impl<'a> Lift<'a> {
    fn of(problem: &'a Problem, peak: &'a super::Peak) -> Self {
        let without = problem.level(peak, &vec![vec![false; problem.slots]; problem.tasks.len()]);
        let level = |i: usize, slot: usize| {
            let of = peak.patterns.iter().filter(|p| p.tasks.contains(&i)).filter_map(|p| p.base_kw.get(slot));
            of.fold(without, |level, base| level.max(base + problem.tasks[i].kw))
        };
        let levels: Vec<Vec<f64>> =
            (0..problem.tasks.len()).map(|i| (0..problem.slots).map(|s| level(i, s)).collect()).collect();
        let mut shares = vec![0.0; levels.len()];
        let lifted = problem.tasks.iter().zip(&levels).map(|(t, levels)| lowest(t, levels)).enumerate();
        if let Some((i, _)) = lifted.max_by(|a, b| a.1.total_cmp(&b.1)) {
            shares[i] = 1.0 / problem.tasks[i].slots.max(1) as f64;
        }
        Self { outlay: &peak.outlay, without, levels, shares }
    }

    /// What it costs more that the maximum is at a level than at another one.
    fn rise(&self, from: f64, to: f64) -> f64 {
        if to > from { (cost_at(self.outlay, to) - cost_at(self.outlay, from)).max(0.0) } else { 0.0 }
    }

    /// The level of a plan.
    fn level(&self, plan: &Plan) -> f64 {
        self.running(plan).map(|r| r.1).fold(self.without, f64::max)
    }

    /// What a plan's rise above a level costs beyond the shares of it that its slots carry.
    fn unsaid(&self, plan: &Plan, least: f64) -> f64 {
        let said = |(i, level): (usize, f64)| self.shares[i] * self.rise(least, level);
        self.rise(least, self.level(plan)) - self.running(plan).map(said).sum::<f64>()
    }

    /// Task and level of each slot in which a plan runs one.
    fn running<'b>(&'b self, plan: &'b Plan) -> impl Iterator<Item = (usize, f64)> + 'b {
        let on = plan.iter().zip(&self.levels).enumerate();
        on.flat_map(|(i, (on, levels))| on.iter().zip(levels).filter(|(on, _)| **on).map(move |(_, level)| (i, *level)))
    }
}

/// The level below which a task never keeps a maximum: the greatest of as many of the least levels as it has slots.
fn lowest(task: &Task, levels: &[f64]) -> f64 {
    let allowed = |(slot, level): (usize, &f64)| task.may_run(slot).then_some(*level);
    let mut levels: Vec<f64> = levels.iter().enumerate().filter_map(allowed).collect();
    levels.sort_by(f64::total_cmp);
    levels.get(task.slots.saturating_sub(1)).copied().unwrap_or(f64::NEG_INFINITY)
}

/// Runs within some slots, all maxima at least at some levels.
struct Part {
    /// By task.
    free: Vec<Vec<bool>>,
    /// By maximum.
    least: Vec<f64>,
    bound: f64,
    /// The runs that the bound is of.
    plan: Plan,
}

struct Apart<'a> {
    problem: &'a Problem,
    lifts: Vec<Lift<'a>>,
    /// Cost of the maxima without machines.
    fixed: f64,
}

/// The best runs; `None` where machines run on the same day or wait for one another, or one fits nowhere.
pub(super) fn apart(problem: &Problem, start: Option<&Plan>) -> Option<Answer> {
    if !are_apart(problem) {
        return None;
    }
    let lifts: Vec<Lift<'_>> = problem.peaks.iter().map(|p| Lift::of(problem, p)).collect();
    let fixed: f64 = lifts.iter().map(|l| cost_at(l.outlay, l.without)).sum();
    if !fixed.is_finite() {
        return None;
    }
    let nowhere = vec![vec![false; problem.slots]; problem.tasks.len()];
    let free = (0..problem.tasks.len()).map(|i| problem.free(i, &nowhere)).collect();
    let least = lifts.iter().map(|l| l.without).collect();
    let all = Apart { problem, lifts, fixed };
    let mut open = BinaryHeap::from([all.part(free, least)?]);
    let mut best = start.map_or((f64::INFINITY, Vec::new()), |p| (problem.cost(p), p.clone()));
    let answer = |bound: f64, best: (f64, Plan), exact: bool| Answer { bound, plan: Some(best.1), exact, nodes: 0 };
    for _ in 0..MOST_PARTS {
        let Some(part) = open.pop() else { break };
        let cost = problem.cost(&part.plan);
        if cost < best.0 {
            best = (cost, part.plan.clone());
        }
        if part.bound >= best.0 - SAME_COST * best.0.abs() {
            return Some(answer(best.0, best, true));
        }
        open.extend(all.halves(&part));
    }
    let bound = open.pop().map_or(best.0, |part| part.bound.min(best.0));
    let exact = bound >= best.0;
    Some(answer(bound, best, exact))
}

/// Whether no two tasks run on the same day, and none waits for another.
fn are_apart(problem: &Problem) -> bool {
    let waits = |t: &Task| !t.after.is_empty();
    problem.peaks.iter().flat_map(|p| &p.patterns).all(|p| p.tasks.len() <= 1)
        && !problem.tasks.iter().any(waits)
        && !problem.tasks.is_empty()
}

impl Apart<'_> {
    /// The cheapest runs of a part.
    fn part(&self, free: Vec<Vec<bool>>, least: Vec<f64>) -> Option<Part> {
        let mut bound = self.fixed;
        bound += self.lifts.iter().zip(&least).map(|(lift, least)| lift.rise(lift.without, *least)).sum::<f64>();
        let mut plan = Plan::with_capacity(free.len());
        for (i, (task, free)) in self.problem.tasks.iter().zip(&free).enumerate() {
            let cost = |slot: usize| {
                let carried =
                    |(lift, least): (&Lift<'_>, &f64)| lift.shares[i] * lift.rise(*least, lift.levels[i][slot]);
                let own = task.cost.get(slot).copied().unwrap_or(0.0);
                own + self.lifts.iter().zip(&least).filter(|(l, _)| l.shares[i] > 0.0).map(carried).sum::<f64>()
            };
            let costs: Vec<f64> = (0..free.len()).map(cost).collect();
            let (running, on) = cheapest(task, free, &costs)?;
            bound += running;
            plan.push(on);
        }
        bound.is_finite().then_some(Part { free, least, bound, plan })
    }

    /// The two parts by the level of the maximum of which a bound says least: that without what lifts it above, and that
    /// with this paid.
    fn halves(&self, part: &Part) -> Vec<Part> {
        let unsaid = |(k, lift): (usize, &Lift<'_>)| (k, lift.unsaid(&part.plan, part.least[k]));
        let most = self.lifts.iter().enumerate().map(unsaid).max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((k, _)) = most else { return Vec::new() };
        let lift = &self.lifts[k];
        let middle = f64::midpoint(part.least[k], lift.level(&part.plan));
        let free_levels = || part.free.iter().zip(&lift.levels).map(|(free, levels)| free.iter().zip(levels));
        let below = free_levels().map(|of| of.map(|(free, level)| *free && *level <= middle).collect()).collect();
        let above = free_levels().flatten().filter(|(free, level)| **free && **level > middle).map(|(_, level)| *level);
        let mut paid = part.least.clone();
        paid[k] = above.fold(f64::INFINITY, f64::min);
        let halves = [self.part(below, part.least.clone()), self.part(part.free.clone(), paid)];
        halves.into_iter().flatten().map(|half| Part { bound: half.bound.max(part.bound), ..half }).collect()
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Part {}

impl PartialOrd for Part {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The part of the least bound comes first out of a heap.
impl Ord for Part {
    fn cmp(&self, other: &Self) -> Ordering {
        other.bound.total_cmp(&self.bound)
    }
}
