//! The schedule as a mixed-integer program: starts of whole runs, or on and off by slot for what may be
//! interrupted; order, crews, limit; and one level for each billed maximum.

use super::model::{Found, Model, Sense};
use super::outlay::Piece;
use super::{MOST_BINARIES, MOST_BINARIES_HIGHS, PARTS, Peak, Plan, Problem, Task, runs};

/// A plan from the program, and what it proves.
pub(super) struct Answer {
    pub plan: Option<Plan>,
    pub bound: f64,
    /// Whether the program was solved, not only its relaxation.
    pub exact: bool,
}

/// How a task stands in the program.
enum Form {
    /// By slot: the variable of a start there, where one is possible.
    Starts(Vec<Option<usize>>),
    /// By slot: the variable of running there, where that is allowed, and of a run's beginning.
    Slots(Vec<Option<(usize, usize)>>),
}

struct Builder<'a> {
    problem: &'a Problem,
    model: Model,
    forms: Vec<Form>,
}

/// Solves the program, or above the number of binaries that can be solved its relaxation. `start` is a
/// plan to begin with.
pub(super) fn solve(problem: &Problem, start: Option<&Plan>, most_nodes: u64) -> Answer {
    let mut b = Builder::of(problem);
    b.orders();
    b.crews();
    b.limit();
    let levels: Vec<Option<usize>> = problem.peaks.iter().map(|p| b.peak(p)).collect();
    let most = if cfg!(feature = "highs") { MOST_BINARIES_HIGHS } else { MOST_BINARIES };
    let exact = b.model.binaries() <= most;
    let start = start.map(|plan| b.values(plan, &levels));
    let in_parts = problem.tasks.iter().any(|t| t.least_run < t.slots);
    let most_nodes = if in_parts { most_nodes / PARTS } else { most_nodes };
    let Found { values, bound, proved } =
        if exact { b.model.solve(start.as_deref(), most_nodes) } else { b.model.relaxed().solve(None, most_nodes) };
    let plan = values.filter(|_| exact).map(|v| b.plan(&v));
    Answer { plan, bound, exact: exact && proved }
}

/// Choices that the program has.
#[cfg(test)]
pub(super) fn binaries(problem: &Problem) -> usize {
    Builder::of(problem).model.binaries()
}

impl<'a> Builder<'a> {
    /// With the tasks' own conditions.
    fn of(problem: &'a Problem) -> Self {
        let mut b = Self { problem, model: Model::default(), forms: Vec::new() };
        for task in &problem.tasks {
            let form = b.task(task);
            b.forms.push(form);
        }
        b
    }

    fn task(&mut self, task: &Task) -> Form {
        let slots = self.problem.slots;
        let allowed = |s: usize| task.allowed.get(s).is_some_and(|a| *a);
        let cost = |s: usize| task.cost.get(s).copied().unwrap_or(0.0);
        if task.least_run >= task.slots {
            let whole = |s: usize| s + task.slots <= slots && (s..s + task.slots).all(allowed);
            let starts: Vec<_> =
                (0..slots).map(|s| whole(s).then(|| self.model.binary((s..s + task.slots).map(cost).sum()))).collect();
            let once = starts.iter().flatten().map(|v| (*v, 1.0)).collect();
            self.model.row(once, Sense::Equal, 1.0);
            return Form::Starts(starts);
        }
        let pairs: Vec<_> = (0..slots)
            .map(|s| allowed(s).then(|| (self.model.binary(cost(s)), self.model.var(0.0, 0.0, 1.0))))
            .collect();
        let all = pairs.iter().flatten().map(|p| (p.0, 1.0)).collect();
        self.model.row(all, Sense::Equal, task.slots as f64);
        for (s, pair) in pairs.iter().enumerate() {
            let Some((on, begins)) = pair else { continue };
            let before = s.checked_sub(1).and_then(|b| pairs.get(b).copied().flatten());
            // on − on before ≤ begins
            let mut row = vec![(*on, 1.0), (*begins, -1.0)];
            row.extend(before.map(|b| (b.0, -1.0)));
            self.model.row(row, Sense::AtMost, 0.0);
        }
        // Whatever began less than the shortest run ago still runs; no run begins too near a gap.
        for s in 0..slots + task.least_run {
            let from = (s + 1).saturating_sub(task.least_run);
            let mut row: Vec<_> =
                (from..=s).filter_map(|b| pairs.get(b).copied().flatten()).map(|p| (p.1, 1.0)).collect();
            if row.is_empty() {
                continue;
            }
            row.extend(pairs.get(s).copied().flatten().map(|p| (p.0, -1.0)));
            self.model.row(row, Sense::AtMost, 0.0);
        }
        Form::Slots(pairs)
    }

    /// The terms that are 1 when a task runs in a slot.
    fn on(&self, i: usize, slot: usize) -> Vec<(usize, f64)> {
        match (self.forms.get(i), self.problem.tasks.get(i)) {
            (Some(Form::Starts(starts)), Some(task)) => {
                let from = (slot + 1).saturating_sub(task.slots);
                (from..=slot).filter_map(|s| starts.get(s).copied().flatten()).map(|v| (v, 1.0)).collect()
            }
            (Some(Form::Slots(pairs)), _) => {
                pairs.get(slot).copied().flatten().map(|p| (p.0, 1.0)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// A task runs in a slot only as far as each one before it has ended.
    fn orders(&mut self) {
        for (k, task) in self.problem.tasks.iter().enumerate() {
            for before in &task.after {
                let Some(n) = self.problem.tasks.get(*before).map(|t| t.slots) else { continue };
                for slot in 0..self.problem.slots {
                    let runs = self.on(k, slot);
                    if runs.is_empty() {
                        continue;
                    }
                    let (weight, done) = match self.forms.get(*before) {
                        Some(Form::Starts(starts)) => {
                            let ended = starts.iter().take((slot + 1).saturating_sub(n)).flatten();
                            (1.0, ended.map(|v| (*v, -1.0)).collect::<Vec<_>>())
                        }
                        Some(Form::Slots(pairs)) => {
                            (n as f64, pairs.iter().take(slot).flatten().map(|p| (p.0, -1.0)).collect())
                        }
                        None => continue,
                    };
                    let row = runs.into_iter().map(|(v, c)| (v, c * weight)).chain(done).collect();
                    self.model.row(row, Sense::AtMost, 0.0);
                }
            }
        }
    }

    fn crews(&mut self) {
        let mut crews: Vec<usize> = self.problem.tasks.iter().filter_map(|t| t.crew).collect();
        crews.sort_unstable();
        crews.dedup();
        for crew in crews {
            let of: Vec<usize> = (0..self.problem.tasks.len())
                .filter(|i| self.problem.tasks.get(*i).and_then(|t| t.crew) == Some(crew))
                .collect();
            for slot in 0..self.problem.slots {
                let parts: Vec<_> = of.iter().map(|i| self.on(*i, slot)).filter(|p| !p.is_empty()).collect();
                if parts.len() > 1 {
                    self.model.row(parts.concat(), Sense::AtMost, 1.0);
                }
            }
        }
    }

    /// Power of a pattern's tasks in a slot.
    fn power(&self, tasks: &[usize], slot: usize) -> (Vec<(usize, f64)>, f64) {
        let (mut terms, mut most) = (Vec::new(), 0.0);
        for i in tasks {
            let kw = self.problem.tasks.get(*i).map_or(0.0, |t| t.kw);
            let on = self.on(*i, slot);
            most += if on.is_empty() { 0.0 } else { kw };
            terms.extend(on.into_iter().map(|(v, c)| (v, c * kw)));
        }
        (terms, most)
    }

    fn limit(&mut self) {
        let Some(limit) = self.problem.limit_kw else { return };
        for pattern in self.problem.peaks.iter().flat_map(|p| &p.patterns) {
            for (slot, base) in pattern.base_kw.iter().enumerate() {
                let (terms, most) = self.power(&pattern.tasks, slot);
                if !terms.is_empty() && base + most > limit {
                    self.model.row(terms, Sense::AtMost, (limit - base).max(0.0));
                }
            }
        }
    }

    /// The level of a maximum: at least what other days reach, and every slot that could exceed that.
    fn peak(&mut self, peak: &Peak) -> Option<usize> {
        let (first, last) = (peak.outlay.first()?, peak.outlay.last()?);
        let floor = peak.patterns.iter().flat_map(|p| &p.base_kw).copied().fold(peak.floor_kw, f64::max);
        let mut most = floor;
        let level = self.model.var(first.slope, floor, f64::INFINITY);
        for pattern in &peak.patterns {
            for (slot, base) in pattern.base_kw.iter().enumerate() {
                let (mut terms, kw) = self.power(&pattern.tasks, slot);
                most = most.max(base + kw);
                if base + kw > floor {
                    terms.push((level, -1.0));
                    self.model.row(terms, Sense::AtMost, -base);
                }
            }
        }
        // The cost at level 0 of the first piece.
        let fixed = self.model.var(first.at(0.0), 1.0, 1.0);
        debug_assert!(fixed > level && last.to >= first.from);
        for pair in peak.outlay.windows(2) {
            if let [a, b] = pair {
                self.kink(level, (a, b), most);
            }
        }
        Some(level)
    }

    /// Above the end of piece `a` the level costs what piece `b` says: a steeper slope, and a jump.
    fn kink(&mut self, level: usize, (a, b): (&Piece, &Piece), most: f64) {
        let over = self.model.var(b.slope - a.slope, 0.0, f64::INFINITY);
        self.model.row(vec![(level, 1.0), (over, -1.0)], Sense::AtMost, b.from);
        let jump = b.cost - a.at(b.from);
        if jump > 0.0 && most > a.to {
            let above = self.model.binary(jump);
            self.model.row(vec![(level, 1.0), (above, a.to - most)], Sense::AtMost, a.to);
        }
    }

    /// The values that a plan has; levels and kinks are left to the solver to complete.
    fn values(&self, plan: &Plan, levels: &[Option<usize>]) -> Vec<f64> {
        let mut out: Vec<f64> = self.model.vars.iter().map(|v| if v.low == v.high { v.low } else { 0.0 }).collect();
        let mut set = |at: usize, value: f64| {
            if let Some(v) = out.get_mut(at) {
                *v = value;
            }
        };
        for (form, on) in self.forms.iter().zip(plan) {
            for run in runs(on) {
                match form {
                    Form::Starts(starts) => {
                        starts.get(run.start).copied().flatten().into_iter().for_each(|v| set(v, 1.0));
                    }
                    Form::Slots(pairs) => {
                        pairs.get(run.clone()).into_iter().flatten().flatten().for_each(|p| set(p.0, 1.0));
                        pairs.get(run.start).copied().flatten().into_iter().for_each(|p| set(p.1, 1.0));
                    }
                }
            }
        }
        for (peak, level) in self.problem.peaks.iter().zip(levels) {
            let Some(level) = level else { continue };
            let kw = self.problem.level(peak, plan);
            set(*level, kw);
            // Behind the level stand its constant, then for each kink the excess and, with a jump, its binary.
            let mut at = level + 2;
            for pair in peak.outlay.windows(2) {
                let [_, b] = pair else { continue };
                set(at, (kw - b.from).max(0.0));
                at += 1;
                if self.model.vars.get(at).is_some_and(|v| v.binary) {
                    set(at, if kw >= b.from { 1.0 } else { 0.0 });
                    at += 1;
                }
            }
        }
        out
    }

    fn plan(&self, values: &[f64]) -> Plan {
        let slots = self.problem.slots;
        let is_on = |i: usize, slot: usize| {
            self.on(i, slot).iter().map(|(v, c)| c * values.get(*v).copied().unwrap_or(0.0)).sum::<f64>() > 0.5
        };
        (0..self.problem.tasks.len()).map(|i| (0..slots).map(|s| is_on(i, s)).collect()).collect()
    }
}
