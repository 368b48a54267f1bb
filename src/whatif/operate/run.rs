//! A machine's run, and how a load shows it.

use super::Signs;
use std::ops::Range;

/// Slots on each side of an edge whose means are compared.
const EDGE: usize = 2;
/// Hours of a day, of which one beside a run tells the level that it stands on, where that is more than [`EDGE`].
const HOURS: usize = 24;

/// A machine's run, by its place among those that are looked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub machine: usize,
    /// From a slot of the day on, past its end where it goes on after midnight: the day is followed by one like it.
    pub slots: Range<usize>,
    /// Power: the listed one, or what the load shows of it.
    pub kw: f64,
    /// The median day shows it; otherwise its start is stated and single days must.
    pub usual: bool,
}

impl Run {
    /// Whether the load is at least its power throughout.
    pub fn carried(&self, load: &[f64]) -> bool {
        within(&self.slots, load.len()).all(|s| load.get(s).is_some_and(|v| *v >= self.kw))
    }

    /// Takes its power out, so that others are seen alone.
    pub fn take_out(&self, load: &mut [f64]) {
        for slot in within(&self.slots, load.len()) {
            load.get_mut(slot).into_iter().for_each(|v| *v -= self.kw);
        }
    }

    /// Whether half of it or more is at the hours of another one.
    pub fn overlaps(&self, other: &Self, n: usize) -> bool {
        2 * within(&self.slots, n).filter(|s| other.runs_in(*s, n)).count() >= self.slots.len()
    }

    /// Whether it runs in a slot of a day of so many.
    pub fn runs_in(&self, slot: usize, n: usize) -> bool {
        self.slots.contains(&slot) || self.slots.contains(&(slot + n))
    }

    /// The same run with the power that a load shows of it, where that is less than the listed one: by the lesser of its
    /// steps, since another load may step with one of them, or of what it stands above the load before and behind it.
    pub fn with_read_power(mut self, load: &[f64], listed_share: f64) -> Self {
        let ((up, down), (before, behind)) = (self.edges(load), self.stands(load));
        let read = up.min(down).max(before.min(behind));
        self.kw = if read < listed_share * self.kw { read.max(0.0) } else { self.kw };
        self
    }

    /// Whether the load comes back to the level of the run within a break before or behind it: then a shift stands
    /// there, not a machine.
    pub fn comes_back(&self, load: &[f64], signs: &Signs) -> bool {
        let n = load.len().max(1);
        let hour = (n / HOURS).max(1);
        let slots = ((signs.break_hours * hour as f64).round() as usize).min(n);
        let level = mean(load, &self.slots);
        let near = |slot: usize| load.get(slot).is_some_and(|v| (v - level).abs() <= signs.break_share * self.kw);
        let stands = |from: usize| within(&(from..from + hour), n).all(near);
        (1..=slots).any(|k| stands(self.slots.end + k) || stands(self.slots.start + 2 * n - hour - k))
    }

    /// By how much the load steps up at its start and down at its end.
    pub fn edges(&self, load: &[f64]) -> (f64, f64) {
        (step(load, self.slots.start, 1.0), step(load, self.slots.end, -1.0))
    }

    /// By how much the load stands above the load before it and behind it.
    fn stands(&self, load: &[f64]) -> (f64, f64) {
        let (before, behind) = beside(load, &self.slots);
        let own = mean(load, &self.slots);
        (own - before, own - behind)
    }

    /// How near a step comes to its power: 1 is the power itself, 0 nothing or twice as much.
    pub fn near(&self, step: f64) -> f64 {
        (1.0 - (step - self.kw).abs() / self.kw).max(0.0)
    }

    /// How near two steps come to its power, `None` when one does not show it. One may be greater: another load, as
    /// that of a shift, steps with it. The other must then come twice as near.
    pub fn matched(&self, (up, down): (f64, f64), signs: &Signs) -> Option<f64> {
        let (rise, fall, least) = (self.near(up), self.near(down), signs.least_match);
        let own = rise.min(fall) >= least && up.min(down) <= signs.most_power * self.kw;
        let shared = up.min(down) >= least * self.kw && rise.max(fall) >= f64::midpoint(least, 1.0);
        (own || shared).then(|| f64::midpoint(rise, fall))
    }

    /// Whether a load shows both its steps.
    pub fn stepped(&self, load: &[f64], signs: &Signs) -> bool {
        self.matched(self.edges(load), signs).is_some()
    }

    /// Whether a load shows it: its steps, or the level between them. That is surer than a step, and must come twice as
    /// near: the load of a morning before its break stands above what is beside it, too.
    pub fn shows(&self, load: &[f64], signs: &Signs) -> bool {
        let (before, behind) = self.stands(load);
        let level = self.near(before).min(self.near(behind));
        let own = before.min(behind) <= signs.most_power * self.kw;
        self.stepped(load, signs) || own && level >= f64::midpoint(signs.least_match, 1.0)
    }

    /// Whether a day beside the median shows its opposite: noise does so as often as it shows the run.
    pub fn mirrored(&self, day: &[f64], median: &[f64], signs: &Signs) -> bool {
        self.shows(&less(median, day), signs)
    }

    /// Whether a day has it as the median day has: in its hours neither the load nor what stands above the load beside
    /// it is lower by a share of its power.
    pub fn as_usual(&self, day: &[f64], median: &[f64], off_share: f64) -> bool {
        let level = |of: &[f64]| mean(of, &self.slots);
        let above = |of: &[f64]| {
            let (before, behind) = self.stands(of);
            f64::midpoint(before, behind)
        };
        let least = off_share * self.kw;
        self.carried(day) && level(day) >= level(median) - least && above(day) >= above(median) - least
    }
}

/// A load less another.
pub(super) fn less(load: &[f64], other: &[f64]) -> Vec<f64> {
    load.iter().zip(other).map(|(a, b)| a - b).collect()
}

/// By how much the load steps in a direction (1 up, -1 down) at the start of a slot; 0 beside a greater step, of which
/// half would be seen here.
fn step(load: &[f64], at: usize, direction: f64) -> f64 {
    let n = load.len().max(1);
    let of = |at: usize| rise(load, at % n) * direction;
    let own = of(at);
    if own >= of(at + 1) && own >= of(at + n - 1) { own } else { 0.0 }
}

/// By how much the load rises at the start of a slot; the day is followed by one like it.
fn rise(load: &[f64], at: usize) -> f64 {
    let n = load.len();
    let value = |i: usize| load.get(i % n.max(1)).copied().unwrap_or(0.0);
    (0..EDGE).map(|k| value(at + k) - value(at + n - 1 - k)).sum::<f64>() / EDGE as f64
}

/// Slots of a day of so many; those past its end are the first ones of a day like it.
pub(super) fn within(slots: &Range<usize>, n: usize) -> impl Iterator<Item = usize> + use<> {
    slots.clone().filter_map(move |s| s.checked_rem(n))
}

/// The mean load in some slots.
fn mean(load: &[f64], slots: &Range<usize>) -> f64 {
    let sum: f64 = within(slots, load.len()).filter_map(|s| load.get(s)).sum();
    sum / slots.len().max(1) as f64
}

/// The mean load of the slots before a run and of those behind it; the day is followed by one like it.
fn beside(load: &[f64], run: &Range<usize>) -> (f64, f64) {
    let n = load.len().max(1);
    let width = EDGE.max(n / HOURS);
    let value = |i: usize| load.get(i % n).copied().unwrap_or(0.0);
    let of = |from: usize| (from..from + width).map(value).sum::<f64>() / width as f64;
    (of(run.start + n - width.min(n)), of(run.end))
}
