//! What a schedule must keep, as rows of a mixed-integer program: starts of whole runs, or on and off by slot for
//! what may be interrupted; order, crews and limit.

use super::model::{Model, Sense};
use super::{Plan, Problem, Task};

/// A plan from the program, and what it proves.
pub(super) struct Answer {
    pub plan: Option<Plan>,
    pub bound: f64,
    /// Whether nothing was left unsearched.
    pub exact: bool,
    /// Relaxations solved.
    pub nodes: u64,
}

/// How a task stands in the program.
enum Form {
    /// By slot: the variable of a start there, where one is possible.
    Starts(Vec<Option<usize>>),
    /// By slot: the variable of running there, where that is allowed, and of a run's beginning.
    Slots(Vec<Option<(usize, usize)>>),
}

/// Tasks, order, crews and limit; maxima come on top of them.
pub(super) struct Program<'a> {
    problem: &'a Problem,
    pub model: Model,
    forms: Vec<Form>,
    /// By order of two tasks: the variables, slot by slot, that the first one has ended before.
    pub ended: Vec<Vec<usize>>,
}

/// Choices that the tasks leave: starts of whole runs, slots of what may be interrupted.
pub(super) fn choices(problem: &Problem) -> usize {
    let mut program = Program::empty(problem);
    program.tasks();
    program.model.binaries()
}

impl<'a> Program<'a> {
    pub fn new(problem: &'a Problem) -> Self {
        let mut program = Self::empty(problem);
        program.tasks();
        program.orders();
        program.crews();
        program.limit();
        program
    }

    fn empty(problem: &'a Problem) -> Self {
        Self { problem, model: Model::default(), forms: Vec::new(), ended: Vec::new() }
    }

    fn tasks(&mut self) {
        for task in &self.problem.tasks {
            let form = self.task(task);
            self.forms.push(form);
        }
    }

    fn task(&mut self, task: &Task) -> Form {
        let slots = self.problem.slots;
        let allowed = |s: usize| task.may_run(s);
        let cost = |s: usize| task.cost.get(s).copied().unwrap_or(0.0);
        if task.is_one_run() {
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
        // No more runs than have room in its slots.
        let begins = pairs.iter().flatten().map(|p| (p.1, 1.0)).collect();
        self.model.row(begins, Sense::AtMost, (task.slots / task.least_run.max(1)) as f64);
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
    pub fn on(&self, i: usize, slot: usize) -> Vec<(usize, f64)> {
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

    fn orders(&mut self) {
        let pairs = self.problem.tasks.iter().enumerate().flat_map(|(k, t)| t.after.iter().map(move |i| (*i, k)));
        for (first, then) in pairs.filter(|(first, _)| *first < self.problem.tasks.len()) {
            for slot in 0..self.problem.slots {
                self.waits(first, then, slot);
            }
            let ended: Vec<usize> = (0..self.problem.slots).map(|_| self.model.binary(0.0)).collect();
            for pair in ended.windows(2) {
                if let [before, after] = pair {
                    self.model.row(vec![(*before, 1.0), (*after, -1.0)], Sense::AtMost, 0.0);
                }
            }
            for (slot, ended) in ended.iter().enumerate() {
                let (mut runs, mut follows) = (self.on(first, slot), self.on(then, slot));
                runs.push((*ended, 1.0));
                self.model.row(runs, Sense::AtMost, 1.0);
                follows.push((*ended, -1.0));
                self.model.row(follows, Sense::AtMost, 0.0);
            }
            self.ended.push(ended);
        }
    }

    /// A task runs in a slot only as far as the one before it has ended.
    fn waits(&mut self, first: usize, then: usize, slot: usize) {
        let (runs, Some(n)) = (self.on(then, slot), self.problem.tasks.get(first).map(|t| t.slots)) else { return };
        if runs.is_empty() {
            return;
        }
        let (weight, done): (f64, Vec<_>) = match self.forms.get(first) {
            Some(Form::Starts(starts)) => {
                let ended = starts.iter().take((slot + 1).saturating_sub(n)).flatten();
                (1.0, ended.map(|v| (*v, -1.0)).collect())
            }
            Some(Form::Slots(pairs)) => (n as f64, pairs.iter().take(slot).flatten().map(|p| (p.0, -1.0)).collect()),
            None => return,
        };
        let row = runs.into_iter().map(|(v, c)| (v, c * weight)).chain(done).collect();
        self.model.row(row, Sense::AtMost, 0.0);
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
    pub fn power(&self, tasks: &[usize], slot: usize) -> (Vec<(usize, f64)>, f64) {
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

    /// The plan that values tell.
    pub fn plan(&self, values: &[f64]) -> Plan {
        let slots = self.problem.slots;
        let is_on = |i: usize, slot: usize| {
            self.on(i, slot).iter().map(|(v, c)| c * values.get(*v).copied().unwrap_or(0.0)).sum::<f64>() > 0.5
        };
        (0..self.problem.tasks.len()).map(|i| (0..slots).map(|s| is_on(i, s)).collect()).collect()
    }
}
