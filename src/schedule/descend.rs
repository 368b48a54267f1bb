//! Schedules by placing one task at a time, the others standing.

use super::place::cheapest;
use super::{Plan, Problem, SAME_COST, cost_at};

/// Rounds over all tasks; each is a strict improvement, so few are ever needed.
const MOST_ROUNDS: usize = 50;

/// Moves one task after the other, and two at once, to where all costs least, until none moves.
pub(super) fn improve(problem: &Problem, plan: Plan) -> Plan {
    let mut best = (problem.cost(&plan), plan);
    for _ in 0..MOST_ROUNDS {
        let mut moved = false;
        for i in 0..problem.tasks.len() {
            moved |= try_each(problem, i, &mut best);
        }
        if !moved && !try_pairs(problem, &mut best) {
            break;
        }
    }
    best.1
}

/// Keeps a plan that costs less than the best one.
fn keep(problem: &Problem, plan: &Plan, best: &mut (f64, Plan)) -> bool {
    let cost = problem.cost(plan);
    let better = cost < best.0 - SAME_COST * best.0.abs();
    if better {
        *best = (cost, plan.clone());
    }
    better
}

fn try_each(problem: &Problem, i: usize, best: &mut (f64, Plan)) -> bool {
    let mut plan = best.1.clone();
    let mut moved = false;
    for candidate in placements(problem, i, &best.1) {
        if let Some(place) = plan.get_mut(i) {
            *place = candidate;
        }
        moved |= keep(problem, &plan, best);
    }
    moved
}

/// Takes two tasks out and places them again, the one after the other.
fn try_pairs(problem: &Problem, best: &mut (f64, Plan)) -> bool {
    let n = problem.tasks.len();
    for (i, k) in (0..n).flat_map(|i| (0..n).map(move |k| (i, k))).filter(|(i, k)| i != k) {
        let mut plan = best.1.clone();
        if let Some(place) = plan.get_mut(k) {
            place.fill(false);
        }
        let mut moved = false;
        for first in placements(problem, i, &plan) {
            let mut plan = plan.clone();
            if let Some(place) = plan.get_mut(i) {
                *place = first;
            }
            for second in placements(problem, k, &plan) {
                if let Some(place) = plan.get_mut(k) {
                    *place = second;
                }
                moved |= keep(problem, &plan, best);
            }
        }
        if moved {
            return true;
        }
    }
    false
}

/// For each height to which the maxima may rise because of a task, its cheapest runs.
fn placements(problem: &Problem, i: usize, plan: &Plan) -> Vec<Vec<bool>> {
    let Some(task) = problem.tasks.get(i) else { return Vec::new() };
    let free = problem.free(i, plan);
    let rise = rises(problem, i, plan);
    let mut heights = rise.clone();
    heights.sort_by(f64::total_cmp);
    heights.dedup();
    let mut out: Vec<Vec<bool>> = Vec::new();
    for height in heights {
        let below: Vec<bool> = free.iter().zip(&rise).map(|(f, r)| *f && *r <= height).collect();
        if let Some((_, on)) = cheapest(task, &below, &task.cost)
            && out.last() != Some(&on)
        {
            out.push(on);
        }
    }
    out
}

/// What the maxima cost more when a task runs in a slot, slot by slot.
fn rises(problem: &Problem, i: usize, plan: &Plan) -> Vec<f64> {
    let kw = problem.tasks.get(i).map_or(0.0, |t| t.kw);
    let mut out = vec![0.0; problem.slots];
    for peak in &problem.peaks {
        let levels: Vec<_> =
            peak.patterns.iter().map(|p| (p.tasks.contains(&i), problem.levels(p, plan, Some(i)))).collect();
        let without = levels.iter().flat_map(|l| &l.1).copied().fold(peak.floor_kw, f64::max);
        let at = cost_at(&peak.outlay, without);
        for (_, levels) in levels.iter().filter(|l| l.0) {
            for (rise, level) in out.iter_mut().zip(levels) {
                *rise += cost_at(&peak.outlay, without.max(level + kw)) - at;
            }
        }
    }
    out
}

/// Any schedule that keeps all conditions: tasks in the order in which they follow each other, each
/// where it costs least and leaves room for those after it. `None` when this finds none.
pub(super) fn construct(problem: &Problem) -> Option<Plan> {
    let order = order(problem)?;
    let latest = deadlines(problem, &order);
    let mut plan: Plan = vec![vec![false; problem.slots]; problem.tasks.len()];
    for i in order {
        let task = problem.tasks.get(i)?;
        let end = latest.get(i).copied()?;
        let mut free = problem.free(i, &plan);
        free.iter_mut().skip(end).for_each(|f| *f = false);
        let (_, on) = cheapest(task, &free, &task.cost)?;
        *plan.get_mut(i)? = on;
    }
    problem.keeps(&plan).then_some(plan)
}

/// Tasks so that each stands after those that it follows; `None` when they follow each other in a ring.
fn order(problem: &Problem) -> Option<Vec<usize>> {
    let mut out: Vec<usize> = Vec::new();
    while out.len() < problem.tasks.len() {
        let ready = |(i, t): &(usize, &super::Task)| !out.contains(i) && t.after.iter().all(|a| out.contains(a));
        let next = problem.tasks.iter().enumerate().find(ready)?.0;
        out.push(next);
    }
    Some(out)
}

/// The slot before which each task must have ended so that those after it still fit.
fn deadlines(problem: &Problem, order: &[usize]) -> Vec<usize> {
    let mut end = vec![problem.slots; problem.tasks.len()];
    for k in order.iter().rev() {
        let Some(task) = problem.tasks.get(*k) else { continue };
        let own = end.get(*k).copied().unwrap_or(problem.slots);
        let usable = (0..own).rev().filter(|s| task.allowed.get(*s).is_some_and(|a| *a));
        let start = usable.take(task.slots).last().unwrap_or(0);
        for before in &task.after {
            if let Some(end) = end.get_mut(*before) {
                *end = (*end).min(start);
            }
        }
    }
    end
}

/// Puts tasks back to where they run today as far as that costs nothing: nobody is asked to move
/// without a saving.
pub(super) fn settle(problem: &Problem, mut plan: Plan, present: &Plan) -> Plan {
    let mut cost = problem.cost(&plan);
    for (i, today) in present.iter().enumerate() {
        let Some(old) = plan.get_mut(i).map(|p| std::mem::replace(p, today.clone())) else { continue };
        let back = problem.cost(&plan);
        if problem.keeps(&plan) && back <= cost + SAME_COST * cost.abs() {
            cost = back;
        } else if let Some(place) = plan.get_mut(i) {
            *place = old;
        }
    }
    plan
}
