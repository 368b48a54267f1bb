//! A machine's run, and how a load shows it.

use super::Signs;
use std::ops::Range;

/// Hours of a day, of which one beside a run tells the level that it stands on; means of half of one, or of a slot, are
/// compared on each side of an edge.
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

    /// The same run with the power that a load shows of it, where that is less than the listed one: the lesser of its
    /// steps, since another load may step with one of them.
    pub fn with_read_power(mut self, load: &[f64], listed_share: f64) -> Self {
        self.kw *= shown_share(std::slice::from_ref(&self), load, listed_share);
        self
    }

    /// Whether the load comes back from what it is beside the run about as far as its power, within a break before or
    /// behind it: then a shift stands there, not a machine.
    pub fn comes_back(&self, load: &[f64], signs: &Signs) -> bool {
        let n = load.len().max(1);
        let hour = (n / HOURS).max(1);
        let slots = ((signs.break_hours * hour as f64).round() as usize).min(n);
        let (before, behind) = beside(load, &self.slots);
        let stands = |from: usize, beside: f64| {
            let near = |slot: usize| load.get(slot).is_some_and(|v| self.near(v - beside) >= signs.break_match);
            within(&(from..from + hour), n).all(near)
        };
        let (start, end) = (self.slots.start + 2 * n - hour, self.slots.end);
        (1..=slots).any(|k| stands(end + k, behind) || stands(start - k, before))
    }

    /// Whether its two steps are those of one machine: no step within it goes with one of them as well as they with each
    /// other, or the load stands above what is beside the run by half its power or more for most of it. Else what rises at
    /// its start may end within it, and something else at its end.
    pub fn lasts(&self, load: &[f64], signs: &Signs) -> bool {
        let n = load.len();
        let ((up, down), (before, behind)) = (self.edges(load), beside(load, &self.slots));
        let most = (up - down).abs() + (1.0 - signs.sure_match) * self.kw;
        let ends = |at: usize| (step(load, at, -1.0) - up).abs() <= most || (step(load, at, 1.0) - down).abs() <= most;
        let least = before.max(behind) + 0.5 * self.kw;
        let high = within(&self.slots, n).filter(|s| load.get(*s).is_some_and(|v| *v >= least)).count();
        high as f64 >= signs.lasting_share * self.slots.len() as f64
            || !(self.slots.start + 1..self.slots.end).any(ends)
    }

    /// By how much the load steps up at its start and down at its end, beyond its slope there.
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

    /// How near the lesser of two steps comes to its power, `None` when one does not show it. One may be greater: another
    /// load, as that of a shift, steps with it. The other must then come twice as near.
    pub fn matched(&self, (up, down): (f64, f64), signs: &Signs) -> Option<f64> {
        let (rise, fall, least) = (self.near(up), self.near(down), signs.least_match);
        let own = rise.min(fall) >= least && up.min(down) <= signs.most_power * self.kw;
        let shared = up.min(down) >= least * self.kw && rise.max(fall) >= f64::midpoint(least, 1.0);
        (own || shared).then(|| self.near(up.min(down)))
    }

    /// Whether a load shows both its steps.
    pub fn stepped(&self, load: &[f64], signs: &Signs) -> bool {
        self.matched(self.edges(load), signs).is_some()
    }

    /// Whether a day beside the median shows its opposite: noise does so as often as it shows the run.
    pub fn mirrored(&self, day: &[f64], median: &[f64], signs: &Signs) -> bool {
        self.stepped(&less(median, day), signs)
    }

    /// Whether a day has it as the median day has: in its hours neither the load nor what stands above the load beside
    /// it is lower by a share of its power.
    pub fn as_usual(&self, day: &[f64], median: &[f64], off_share: f64) -> bool {
        let beyond = less(day, median);
        let (before, behind) = self.stands(&beyond);
        let lowest = mean(&beyond, &self.slots).min(f64::midpoint(before, behind));
        self.carried(day) && lowest >= -off_share * self.kw
    }

    /// Whether a day has all of it that a typical one has: in its hours the load is not lower beside both its sides by a
    /// share of its power.
    pub fn as_great(&self, day: &[f64], typical: &[f64], day_share: f64) -> bool {
        let (before, behind) = self.stands(&less(day, typical));
        before.max(behind) >= -day_share * self.kw
    }
}

/// The share of their listed powers that a row of runs shows, of which each follows the one before at once: the lesser of
/// the rise of the first and the fall of the last, or their mean where they differ by no more than noise makes them, twice
/// what may lack of a listed power; all of them from so great a share on.
pub(super) fn shown_share(row: &[Run], load: &[f64], listed_share: f64) -> f64 {
    let (Some(first), Some(last)) = (row.first(), row.last()) else { return 1.0 };
    let rise = steep(load, first.slots.start, 1.0) / first.kw;
    let fall = steep(load, last.slots.end, -1.0) / last.kw;
    let alike = (rise - fall).abs() <= 2.0 * (1.0 - listed_share) * rise.max(fall);
    let share = if alike { rise.midpoint(fall) } else { rise.min(fall) }.max(0.0);
    if share < listed_share { share } else { 1.0 }
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
    if own >= of(at + 1) && own >= of(at + n - 1) { steep(load, at, direction) } else { 0.0 }
}

/// By how much the load steps in a direction at the start of a slot beyond the slope that it has on both sides of it.
fn steep(load: &[f64], at: usize, direction: f64) -> f64 {
    let n = load.len().max(1);
    let of = |at: usize| rise(load, at % n) * direction;
    of(at) - of(at + edge(n)).min(of(at + n - edge(n))).max(0.0)
}

/// By how much the load rises at the start of a slot; the day is followed by one like it.
fn rise(load: &[f64], at: usize) -> f64 {
    let n = load.len().max(1);
    let value = |i: usize| load.get(i % n).copied().unwrap_or(0.0);
    (0..edge(n)).map(|k| value(at + k) - value(at + n - 1 - k)).sum::<f64>() / edge(n) as f64
}

/// Slots on each side of an edge of a day of so many.
const fn edge(n: usize) -> usize {
    if n < 4 * HOURS { 1 } else { n / (2 * HOURS) }
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
    let width = (n / HOURS).max(1);
    let value = |i: usize| load.get(i % n).copied().unwrap_or(0.0);
    let of = |from: usize| (from..from + width).map(value).sum::<f64>() / width as f64;
    (of(run.start + n - width), of(run.end))
}
