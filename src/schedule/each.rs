//! The best of all plans, one place of a machine after the other, where they are few enough: machines that run whole,
//! or in a few parts. With a maximum in each of twelve months the bounds of a program lie low, since each of them
//! has levels of its own; a place tells all of them at once.

use super::program::Answer;
use super::{Plan, Problem, SAME_COST, SAME_KW, Task, cost_at};

/// Places that are tried before the plans are too many. Measured: two million take a second and a half with twelve
/// maxima.
const MOST_TRIED: usize = 2_000_000;
/// Places of one machine that are listed.
const MOST_PLACES: usize = 400_000;
/// Slots that a place has bits for.
const MOST_SLOTS: usize = u128::BITS as usize;

/// Slots in which a machine runs, as bits, and what running then costs.
type Place = (u128, f64);

/// All places, and the best combination of them so far.
struct Each<'a> {
    problem: &'a Problem,
    /// Tasks in the order in which they are placed, of the most power first.
    order: Vec<usize>,
    /// By place in the order: places, of the least cost first.
    places: Vec<Vec<Place>>,
    /// By place in the order: what all that follow cost at least.
    rest: Vec<f64>,
    /// By place in the order: nothing tells the task from the one before it.
    twin: Vec<bool>,
    best: f64,
    plan: Option<Plan>,
    tried: usize,
}

/// Powers as placed so far.
#[derive(Clone)]
struct Placed {
    /// By task: its slots; none where it is not placed yet.
    bits: Vec<u128>,
    /// By maximum and pattern: kW by slot.
    levels: Vec<Vec<Vec<f64>>>,
    /// By maximum: its level.
    maxima: Vec<f64>,
}

/// Tries every plan; `start` is one to begin with. `None` where there are too many.
pub(super) fn each(problem: &Problem, start: Option<&Plan>) -> Option<Answer> {
    if problem.slots > MOST_SLOTS {
        return None;
    }
    let mut order: Vec<usize> = (0..problem.tasks.len()).collect();
    order.sort_by(|a, b| kw(problem, *b).total_cmp(&kw(problem, *a)));
    let tasks: Vec<&Task> = order.iter().filter_map(|i| problem.tasks.get(*i)).collect();
    let places: Vec<Vec<Place>> = tasks.iter().map(|t| places(t, problem.slots)).collect::<Option<_>>()?;
    let least = |places: &Vec<Place>| places.first().map_or(f64::INFINITY, |p| p.1);
    let rest = (0..places.len()).map(|k| places.iter().skip(k + 1).map(least).sum()).collect();
    let twin = (0..order.len()).map(|k| k > 0 && alike(problem, order[k - 1], order[k])).collect();
    let best = start.map_or(f64::INFINITY, |p| problem.cost(p));
    let mut all = Each { problem, order, places, rest, twin, best, plan: start.cloned(), tried: 0 };
    let bare = vec![vec![false; problem.slots]; problem.tasks.len()];
    let of = |p: &super::Peak| p.patterns.iter().map(|q| q.base_kw.clone()).collect();
    let placed = Placed {
        bits: vec![0; problem.tasks.len()],
        levels: problem.peaks.iter().map(of).collect(),
        maxima: problem.peaks.iter().map(|p| problem.level(p, &bare)).collect(),
    };
    all.place((0, 0), 0.0, &placed);
    let Each { plan, tried, .. } = all;
    let bound = plan.as_ref().map_or(f64::INFINITY, |p| problem.cost(p));
    (tried <= MOST_TRIED).then_some(Answer { plan, bound, exact: true, nodes: 0 })
}

impl Each<'_> {
    /// Places the task at a place of the order and all that follow; `from` is the first of its places that is tried,
    /// `running` what those before it cost.
    fn place(&mut self, (k, from): (usize, usize), running: f64, placed: &Placed) {
        let Some((i, n)) = self.order.get(k).copied().zip(self.places.get(k).map(Vec::len)) else {
            let cost = running + self.outlay(&placed.maxima);
            if cost < self.best {
                (self.best, self.plan) = (cost, Some(self.told(placed)));
            }
            return;
        };
        let now = self.outlay(&placed.maxima);
        for at in from..n {
            let (bits, cost) = self.places[k][at];
            let running = running + cost;
            let least = running + self.rest[k];
            if self.closed(least + now) || self.tried > MOST_TRIED {
                return;
            }
            self.tried += 1;
            if self.hindered(i, bits, placed) {
                continue;
            }
            let Some(maxima) = self.raised(i, bits, placed).filter(|m| !self.closed(least + self.outlay(m))) else {
                continue;
            };
            let next = self.with(i, bits, maxima, (k, placed));
            let from = if self.twin.get(k + 1) == Some(&true) { at } else { 0 };
            self.place((k + 1, from), running, &next);
        }
    }

    /// Whether nothing that costs so much at least is better than what is found.
    fn closed(&self, least: f64) -> bool {
        least >= self.best - SAME_COST * self.best.abs() || least == f64::INFINITY
    }

    fn outlay(&self, maxima: &[f64]) -> f64 {
        self.problem.peaks.iter().zip(maxima).map(|(p, level)| cost_at(&p.outlay, *level)).sum()
    }

    /// Whether order or crew forbids a task to run then.
    fn hindered(&self, i: usize, bits: u128, placed: &Placed) -> bool {
        let tasks = &self.problem.tasks;
        let Some(task) = tasks.get(i) else { return true };
        tasks.iter().zip(&placed.bits).enumerate().any(|(other, (of, theirs))| {
            *theirs != 0
                && ((task.crew.is_some() && task.crew == of.crew && bits & theirs != 0)
                    || (task.after.contains(&other) && !ends_before(*theirs, bits))
                    || (of.after.contains(&i) && !ends_before(bits, *theirs)))
        })
    }

    /// The maxima when a task runs then; `None` where it lifts the load above the limit.
    fn raised(&self, i: usize, bits: u128, placed: &Placed) -> Option<Vec<f64>> {
        let (kw, limit) = (kw(self.problem, i), self.problem.limit_kw.map_or(f64::INFINITY, |l| l * (1.0 + SAME_KW)));
        let mut maxima = placed.maxima.clone();
        for ((peak, levels), most) in self.problem.peaks.iter().zip(&placed.levels).zip(&mut maxima) {
            for (_, levels) in peak.patterns.iter().zip(levels).filter(|(q, _)| q.tasks.contains(&i)) {
                let highest = slots(bits).filter_map(|s| levels.get(s)).fold(f64::NEG_INFINITY, |a, v| a.max(v + kw));
                if highest > limit {
                    return None;
                }
                *most = most.max(highest);
            }
        }
        Some(maxima)
    }

    /// What is placed, with a task more. After the last of the order no levels are asked for.
    fn with(&self, i: usize, bits: u128, maxima: Vec<f64>, (k, placed): (usize, &Placed)) -> Placed {
        let last = k + 1 == self.order.len();
        let levels = if last { Vec::new() } else { placed.levels.clone() };
        let mut next = Placed { bits: placed.bits.clone(), levels, maxima };
        next.bits.get_mut(i).into_iter().for_each(|b| *b = bits);
        for (peak, levels) in self.problem.peaks.iter().zip(&mut next.levels) {
            for (_, levels) in peak.patterns.iter().zip(levels).filter(|(q, _)| q.tasks.contains(&i)) {
                slots(bits).for_each(|s| levels.get_mut(s).into_iter().for_each(|v| *v += kw(self.problem, i)));
            }
        }
        next
    }

    fn told(&self, placed: &Placed) -> Plan {
        let on = |bits: &u128| (0..self.problem.slots).map(|s| bits >> s & 1 == 1).collect();
        placed.bits.iter().map(on).collect()
    }
}

fn kw(problem: &Problem, task: usize) -> f64 {
    problem.tasks.get(task).map_or(0.0, |t| t.kw)
}

/// Whether two tasks differ in nothing, so that to change them about makes no other plan.
fn alike(problem: &Problem, a: usize, b: usize) -> bool {
    let together = |q: &super::Pattern| q.tasks.contains(&a) == q.tasks.contains(&b);
    let waited_for = |t: &Task| t.after.contains(&a) == t.after.contains(&b);
    problem.tasks.get(a) == problem.tasks.get(b)
        && problem.tasks.iter().all(waited_for)
        && problem.peaks.iter().flat_map(|p| &p.patterns).all(together)
}

/// Whether the last slot of one lies before the first of another.
const fn ends_before(one: u128, other: u128) -> bool {
    u128::BITS - one.leading_zeros() <= other.trailing_zeros()
}

/// Places of bits, ascending.
fn slots(mut bits: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let slot = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(slot)
    })
}

/// Where a task may run, of the least cost first; `None` where there are too many places.
fn places(task: &Task, n: usize) -> Option<Vec<Place>> {
    let mut out = Vec::new();
    runs_from(task, (0, n), (task.slots, 0), &mut out)?;
    out.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    Some(out)
}

/// Adds every way to run so many slots more from a slot on, beside those that run already.
fn runs_from(task: &Task, (from, n): (usize, usize), (left, bits): (usize, u128), out: &mut Vec<Place>) -> Option<()> {
    if left == 0 {
        let cost = slots(bits).map(|s| task.cost.get(s).copied().unwrap_or(0.0)).sum();
        out.push((bits, cost));
        return (out.len() <= MOST_PLACES).then_some(());
    }
    let least = task.least_run.clamp(1, task.slots);
    for start in from..(n + 1).saturating_sub(left) {
        let free = (start..n).take_while(|s| task.may_run(*s)).count();
        for length in least..=free.min(left) {
            let rest = left - length;
            if rest == 0 || rest >= least {
                let run = (u128::MAX >> (MOST_SLOTS - length)) << start;
                runs_from(task, (start + length + 1, n), (rest, bits | run), out)?;
            }
        }
    }
    Some(())
}
