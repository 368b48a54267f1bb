//! The best runs of one task in free slots: dynamic programming over slots.

use super::Task;

/// Runs of `task` in free slots that cost least; the earliest of equals. `cost` is by slot.
pub(super) fn cheapest(task: &Task, free: &[bool], cost: &[f64]) -> Option<(f64, Vec<bool>)> {
    if task.slots == 0 {
        return Some((0.0, vec![false; free.len()]));
    }
    if task.is_one_run() { whole(task, free, cost) } else { in_parts(task, free, cost) }
}

fn whole(task: &Task, free: &[bool], cost: &[f64]) -> Option<(f64, Vec<bool>)> {
    let n = task.slots;
    let mut best: Option<(f64, usize)> = None;
    for start in 0..(free.len() + 1).saturating_sub(n) {
        if free.get(start..start + n).is_some_and(|run| run.iter().all(|f| *f)) {
            let sum: f64 = cost.get(start..start + n)?.iter().sum();
            if best.is_none_or(|b| sum < b.0) {
                best = Some((sum, start));
            }
        }
    }
    let (sum, start) = best?;
    let mut on = vec![false; free.len()];
    on.get_mut(start..start + n)?.fill(true);
    Some((sum, on))
}

/// Least costs by what is still to run, and by how long the run has been: 0 off, `r` and longer the same.
struct Table {
    runs: usize,
    rest: usize,
    cells: Vec<f64>,
}

impl Table {
    fn new(runs: usize, rest: usize) -> Self {
        Self { runs, rest, cells: vec![f64::INFINITY; (runs + 1) * (rest + 1)] }
    }
    fn at(&self, run: usize, rest: usize) -> f64 {
        self.cells.get(run * (self.rest + 1) + rest).copied().unwrap_or(f64::INFINITY)
    }
    fn set(&mut self, run: usize, rest: usize, value: f64) {
        if let Some(cell) = self.cells.get_mut(run * (self.rest + 1) + rest) {
            *cell = value;
        }
    }
    /// What the rest costs when the slot stays off, and when the task runs in it.
    fn choices(&self, run: usize, rest: usize, cost: Option<f64>) -> (f64, f64) {
        let off = if run == 0 || run == self.runs { self.at(0, rest) } else { f64::INFINITY };
        let on = match (cost, rest.checked_sub(1)) {
            (Some(c), Some(rest)) => c + self.at((run + 1).min(self.runs), rest),
            _ => f64::INFINITY,
        };
        (off, on)
    }
}

fn in_parts(task: &Task, free: &[bool], cost: &[f64]) -> Option<(f64, Vec<bool>)> {
    let (runs, n) = (task.least_run.max(1), task.slots);
    let price = |slot: usize| cost.get(slot).copied().filter(|_| free.get(slot).is_some_and(|f| *f));
    // tables[t]: least cost of slots t.. by state before slot t.
    let mut last = Table::new(runs, n);
    last.set(0, 0, 0.0);
    last.set(runs, 0, 0.0);
    let mut tables = vec![last];
    for slot in (0..free.len()).rev() {
        let next = tables.last()?;
        let mut table = Table::new(runs, n);
        for run in 0..=runs {
            for rest in 0..=n {
                let (off, on) = next.choices(run, rest, price(slot));
                table.set(run, rest, off.min(on));
            }
        }
        tables.push(table);
    }
    tables.reverse();
    let total = tables.first()?.at(0, n);
    if !total.is_finite() {
        return None;
    }
    let (mut run, mut rest, mut out) = (0, n, Vec::with_capacity(free.len()));
    for (slot, next) in tables.iter().skip(1).enumerate() {
        let (off, on) = next.choices(run, rest, price(slot));
        // Running early is preferred among equals.
        let runs_here = on <= off;
        out.push(runs_here);
        if runs_here {
            (run, rest) = ((run + 1).min(runs), rest - 1);
        } else {
            run = 0;
        }
    }
    Some((total, out))
}
