//! Places the daily runs of machines in the slots of a day so that energy and demand cost least: the
//! scheduler with an equipment list. Nothing here knows tariffs or customers: tasks have a cost by
//! slot, maxima have a cost by level.
//!
//! Where the plans are few they are tried one by one; those of machines that never run on the same day are parted by the levels of the maxima. Up to [`MOST_BINARIES`] choices the best schedule is searched
//! by the levels that the maxima can have, by the ends of machines that others wait for, and by mixed-integer programs
//! at given ones; above that it is found by placing task after task until nothing improves, and the linear relaxation
//! tells how far from the best it can be. Limits are numbers of nodes, never seconds: the same problem has the same
//! answer on every machine.

mod apart;
mod descend;
mod each;
mod levels;
mod model;
mod outlay;
mod part;
mod place;
mod plain;
mod program;
mod rooms;
mod search;
#[cfg(test)]
mod tests;

use program::Answer;

pub use outlay::{Piece, cost_at};

/// Choices (starts of whole runs, slots of what may be interrupted) up to which the best schedule is searched by
/// the solver that is always there. Measured: as [`MOST_NODES`] says; of the plain program 672 were not in minutes.
pub const MOST_BINARIES: usize = 288;
/// The same when the program is built with the feature `highs`. Judgement.
pub const MOST_BINARIES_HIGHS: usize = 5_000;
/// Relaxations after which the best schedule so far is taken. Measured on 120 random days at the limit of choices
/// (three and six machines; whole runs, parts and both; free, waiting for one another singly and in chains of three,
/// sharing crews; none to three billed maxima): all are proved within it, half of them in 21, nine of ten in eight
/// seconds; a chain among six machines in parts with three maxima and a limit takes 23,000, three minutes.
pub const MOST_NODES: u64 = 25_000;
/// Costs that differ by less than this share of all cost are the same.
const SAME_COST: f64 = 1e-9;
/// A sum of machines' power that is above a level by less than this share keeps it.
const SAME_KW: f64 = 1e-10;

/// What a machine must do on each of the days that are scheduled.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Task {
    /// Power while it runs.
    pub kw: f64,
    /// Slots that it runs in a day.
    pub slots: usize,
    /// Shortest run in slots; `slots` or more for a machine that must not be interrupted.
    pub least_run: usize,
    /// Slots in which it may run.
    pub allowed: Vec<bool>,
    /// Cost of running in a slot, over all days counted.
    pub cost: Vec<f64>,
    /// Tasks that must have ended before it starts.
    pub after: Vec<usize>,
    /// Tasks of one crew do not run at the same time.
    pub crew: Option<usize>,
}

/// Days that have the same tasks, and the most that the rest of the load takes on them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pattern {
    /// Tasks that run on these days.
    pub tasks: Vec<usize>,
    /// Rest of the load in kW, slot by slot.
    pub base_kw: Vec<f64>,
}

impl Task {
    /// Whether it runs once a day: its slots have no room for two runs.
    const fn is_one_run(&self) -> bool {
        self.slots <= self.least_run || self.slots < 2 * self.least_run
    }

    fn may_run(&self, slot: usize) -> bool {
        self.allowed.get(slot).is_some_and(|a| *a)
    }
}

/// A maximum that is billed: of one billing cycle.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Peak {
    /// Level that other days reach in any case, kW.
    pub floor_kw: f64,
    /// The days that are scheduled.
    pub patterns: Vec<Pattern>,
    /// What the level costs, by kW.
    pub outlay: Vec<Piece>,
}

/// The tasks of a day and the maxima that couple them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Problem {
    /// Slots of the day.
    pub slots: usize,
    /// What must run.
    pub tasks: Vec<Task>,
    /// What is billed by maximum.
    pub peaks: Vec<Peak>,
    /// Level that tasks never lift the load above, kW.
    pub limit_kw: Option<f64>,
}

/// Which slots each task runs in.
pub type Plan = Vec<Vec<bool>>;

/// A schedule and its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheduled {
    /// Which slots each task runs in.
    pub plan: Plan,
    /// What it costs.
    pub cost: f64,
    /// No schedule costs less.
    pub bound: f64,
    /// Whether the program was solved, not only its relaxation.
    pub exact: bool,
    /// Relaxations solved for it.
    pub nodes: u64,
}

impl Problem {
    /// Cost of a plan: running and maxima.
    #[must_use]
    pub fn cost(&self, plan: &Plan) -> f64 {
        let running: f64 = self.tasks.iter().zip(plan).map(|(t, on)| running(t, on)).sum();
        running + self.peaks.iter().map(|p| cost_at(&p.outlay, self.level(p, plan))).sum::<f64>()
    }

    /// The level that a maximum reaches under a plan, kW.
    #[must_use]
    pub fn level(&self, peak: &Peak, plan: &Plan) -> f64 {
        peak.patterns.iter().flat_map(|p| self.levels(p, plan, None)).fold(peak.floor_kw, f64::max)
    }

    /// Level of a pattern slot by slot, without one task.
    fn levels(&self, pattern: &Pattern, plan: &Plan, without: Option<usize>) -> Vec<f64> {
        let mut out = pattern.base_kw.clone();
        for i in pattern.tasks.iter().filter(|i| Some(**i) != without) {
            let (Some(task), Some(on)) = (self.tasks.get(*i), plan.get(*i)) else { continue };
            for (level, _) in out.iter_mut().zip(on).filter(|(_, on)| **on) {
                *level += task.kw;
            }
        }
        out
    }

    /// Whether a plan keeps every task's window, length and runs, the order, the crews and the limit.
    #[must_use]
    pub fn keeps(&self, plan: &Plan) -> bool {
        plan.len() == self.tasks.len() && (0..self.tasks.len()).all(|i| self.keeps_task(i, plan))
    }

    fn keeps_task(&self, i: usize, plan: &Plan) -> bool {
        let (Some(task), Some(on)) = (self.tasks.get(i), plan.get(i)) else { return false };
        let free = self.free(i, plan);
        let runs = runs(on);
        on.iter().filter(|o| **o).count() == task.slots
            && on.iter().zip(&free).all(|(on, free)| *free || !*on)
            && runs.iter().all(|r| r.len() >= task.least_run.min(task.slots))
    }

    /// Slots in which a task may run while the others stay.
    fn free(&self, i: usize, plan: &Plan) -> Vec<bool> {
        let Some(task) = self.tasks.get(i) else { return Vec::new() };
        let mut free = task.allowed.clone();
        free.resize(self.slots, false);
        let mut window = 0..self.slots;
        for (k, (other, on)) in self.tasks.iter().zip(plan).enumerate().filter(|(k, _)| *k != i) {
            let (first, last) = (on.iter().position(|o| *o), on.iter().rposition(|o| *o));
            if let Some(last) = last.filter(|_| task.after.contains(&k)) {
                window.start = window.start.max(last + 1);
            }
            if let Some(first) = first.filter(|_| other.after.contains(&i)) {
                window.end = window.end.min(first);
            }
            if task.crew.is_some() && task.crew == other.crew {
                for (free, on) in free.iter_mut().zip(on) {
                    *free &= !on;
                }
            }
        }
        for (slot, free) in free.iter_mut().enumerate() {
            *free &= window.contains(&slot);
        }
        self.keep_limit(i, plan, &mut free);
        free
    }

    fn keep_limit(&self, i: usize, plan: &Plan, free: &mut [bool]) {
        let (Some(limit), Some(task)) = (self.limit_kw, self.tasks.get(i)) else { return };
        for pattern in self.peaks.iter().flat_map(|p| &p.patterns).filter(|p| p.tasks.contains(&i)) {
            for (free, level) in free.iter_mut().zip(self.levels(pattern, plan, Some(i))) {
                *free &= level + task.kw <= limit * (1.0 + SAME_KW);
            }
        }
    }
}

fn running(task: &Task, on: &[bool]) -> f64 {
    task.cost.iter().zip(on).filter(|(_, on)| **on).map(|(c, _)| c).sum()
}

/// Runs of slots.
#[must_use]
pub fn runs(on: &[bool]) -> Vec<std::ops::Range<usize>> {
    let mut out: Vec<std::ops::Range<usize>> = Vec::new();
    for slot in on.iter().enumerate().filter(|(_, on)| **on).map(|(slot, _)| slot) {
        match out.last_mut().filter(|r| r.end == slot) {
            Some(run) => run.end = slot + 1,
            None => out.push(slot..slot + 1),
        }
    }
    out
}

/// The schedule that costs least; `present` is how the tasks run today, which stays where nothing
/// better is found. `None` when no schedule keeps windows, order and crews.
#[must_use]
pub fn schedule(problem: &Problem, present: &Plan) -> Option<Scheduled> {
    schedule_within(problem, present, MOST_NODES)
}

/// [`schedule`] with another number of nodes.
#[must_use]
pub fn schedule_within(problem: &Problem, present: &Plan, most_nodes: u64) -> Option<Scheduled> {
    let programs = |start: Option<&Plan>| by_programs(problem, start, most_nodes);
    let placed = |start: Option<&Plan>| each::each(problem, start).or_else(|| apart::apart(problem, start));
    scheduled(problem, present, |start| placed(start).unwrap_or_else(|| programs(start)))
}

/// The best plan by mixed-integer programs, or what their relaxation proves.
fn by_programs(problem: &Problem, start: Option<&Plan>, most_nodes: u64) -> Answer {
    match program::choices(problem) {
        ..=MOST_BINARIES => search::search(problem, start, most_nodes),
        ..=MOST_BINARIES_HIGHS if cfg!(feature = "highs") => plain::solve(problem, true, most_nodes),
        _ => plain::solve(problem, false, most_nodes),
    }
}

/// The best of what is found by placing tasks and what `answers`, given that, finds and proves.
fn scheduled(problem: &Problem, present: &Plan, answers: impl FnOnce(Option<&Plan>) -> Answer) -> Option<Scheduled> {
    let mut best: Option<(f64, Plan)> = None;
    let better = |plan: Plan, best: &mut Option<(f64, Plan)>| {
        let cost = problem.cost(&plan);
        if best.as_ref().is_none_or(|b| cost < b.0) {
            *best = Some((cost, plan));
        }
    };
    if problem.keeps(present) {
        better(descend::improve(problem, present.clone()), &mut best);
    }
    if let Some(plan) = descend::construct(problem) {
        better(descend::improve(problem, plan), &mut best);
    }
    let answer = answers(best.as_ref().map(|b| &b.1));
    if let Some(plan) = answer.plan.filter(|p| problem.keeps(p)) {
        better(plan, &mut best);
    }
    let (_, plan) = best?;
    let plan = descend::settle(problem, plan, present);
    let cost = problem.cost(&plan);
    Some(Scheduled { plan, cost, bound: answer.bound.min(cost), exact: answer.exact, nodes: answer.nodes })
}
