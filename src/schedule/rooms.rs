//! Which machines fit into a slot together, under levels that no maximum exceeds.

use super::{Problem, SAME_KW};

/// Machines in a slot up to which all their sets are looked at. Judgement: 256 sets.
const MOST_TOGETHER: usize = 8;

/// Of these tasks at most so many run in a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AtMost {
    pub tasks: Vec<usize>,
    pub most: u32,
}

/// The sets of tasks that fit into a slot; a set is told by its bits.
pub(super) struct Room {
    tasks: Vec<usize>,
    fits: Vec<bool>,
}

/// Tasks in groups that do not touch each other: none shares a pattern, a crew or an order with another's.
pub(super) fn groups(problem: &Problem) -> Vec<Vec<usize>> {
    let mut out: Vec<Vec<usize>> = Vec::new();
    for i in 0..problem.tasks.len() {
        let touches = |k: &usize| {
            clash(problem, i, *k)
                || problem.peaks.iter().flat_map(|p| &p.patterns).any(|p| p.tasks.contains(&i) && p.tasks.contains(k))
        };
        let (joined, rest): (Vec<_>, Vec<_>) = out.into_iter().partition(|g| g.iter().any(touches));
        let mut group = joined.concat();
        group.push(i);
        group.sort_unstable();
        out = rest;
        out.push(group);
    }
    out
}

/// Whether two tasks never run in the same slot: they have one crew, or one waits for the other.
fn clash(problem: &Problem, i: usize, k: usize) -> bool {
    let (Some(a), Some(b)) = (problem.tasks.get(i), problem.tasks.get(k)) else { return false };
    (a.crew.is_some() && a.crew == b.crew) || a.after.contains(&k) || b.after.contains(&i)
}

impl Room {
    /// The room that a group has in a slot when the maxima are at most `high` kW. `None` where too many may run
    /// at once.
    pub fn of(problem: &Problem, group: &[usize], slot: usize, high: &[f64]) -> Option<Self> {
        let may_run = |i: &usize| problem.tasks.get(*i).is_some_and(|t| t.may_run(slot));
        let tasks: Vec<usize> = group.iter().copied().filter(may_run).collect();
        if tasks.len() > MOST_TOGETHER {
            return None;
        }
        let mut room = Self { fits: vec![true; 1 << tasks.len()], tasks };
        room.shut(|room, set| {
            let of: Vec<usize> = room.members(set).collect();
            of.iter().enumerate().any(|(n, i)| of.iter().take(n).any(|k| clash(problem, *i, *k)))
        });
        for (peak, high) in problem.peaks.iter().zip(high) {
            let most = high.min(problem.limit_kw.unwrap_or(f64::INFINITY)) * (1.0 + SAME_KW);
            for pattern in &peak.patterns {
                let Some(base) = pattern.base_kw.get(slot) else { continue };
                room.shut(|room, set| {
                    let kw = room.kw(problem, set, &pattern.tasks);
                    kw > 0.0 && base + kw > most
                });
            }
        }
        Some(room)
    }

    fn shut(&mut self, is_shut: impl Fn(&Self, usize) -> bool) {
        for set in 0..self.fits.len() {
            let shut = is_shut(self, set);
            if let Some(fits) = self.fits.get_mut(set) {
                *fits &= !shut;
            }
        }
    }

    /// The tasks of a set.
    pub fn members(&self, set: usize) -> impl Iterator<Item = usize> {
        self.tasks.iter().enumerate().filter(move |(bit, _)| set >> bit & 1 == 1).map(|(_, i)| *i)
    }

    /// Power of those tasks of a set that are in a pattern.
    pub fn kw(&self, problem: &Problem, set: usize, pattern: &[usize]) -> f64 {
        let of = self.members(set).filter(|i| pattern.contains(i));
        of.filter_map(|i| problem.tasks.get(i)).map(|t| t.kw).sum()
    }

    /// The sets that fit.
    pub fn sets(&self) -> impl Iterator<Item = usize> {
        self.fits.iter().enumerate().filter(|(_, fits)| **fits).map(|(set, _)| set)
    }

    /// The sets that fit and are in no other that fits, where [`Room::conditions`] allow shares of tasks that no
    /// mixture of them gives. They allow none where any set that fits can take a task of every larger one that
    /// fits (a matroid: Edmonds, "Submodular functions, matroids, and certain polyhedra", 1970).
    pub fn mixed(&self) -> Option<Vec<usize>> {
        let bits = |set: usize| (0..self.tasks.len()).map(|bit| 1_usize << bit).filter(move |bit| set & bit != 0);
        let fits = |set: usize| self.fits.get(set).is_some_and(|fits| *fits);
        let grows = |set: usize, by: usize| bits(by & !set).any(|bit| fits(set | bit));
        let larger = |set: usize| self.sets().filter(move |other| other.count_ones() == set.count_ones() + 1);
        let told = self.sets().all(|set| larger(set).all(|other| grows(set, other)));
        (!told).then(|| self.sets().filter(|set| !grows(*set, self.fits.len() - 1)).collect())
    }

    /// Tasks that may run in the slot.
    pub fn tasks(&self) -> &[usize] {
        &self.tasks
    }

    /// The conditions that the sets which fit have in common, none of which follows from others: for a set of
    /// tasks the most of them that fit, where one task more would allow one more and the set is not two sets with
    /// conditions of their own.
    pub fn conditions(&self) -> Vec<AtMost> {
        let most = self.ranks();
        let rank = |set: usize| most.get(set).copied().unwrap_or(0);
        let bits = || (0..self.tasks.len()).map(|bit| 1_usize << bit);
        let never: usize = bits().filter(|bit| rank(*bit) == 0).sum();
        let tells = |set: usize| {
            let apart = |part: usize| rank(part) + rank(set & !part) == rank(set);
            let mut parts = std::iter::successors(Some(set), |part| Some(part.checked_sub(1)? & set)).skip(1);
            set & never == 0
                && rank(set) < set.count_ones()
                && bits().filter(|bit| (set | never) & bit == 0).all(|bit| rank(set | bit) > rank(set))
                && !parts.any(|part| part > 0 && apart(part))
        };
        let all = bits().filter(|bit| never & bit != 0).chain((1..self.fits.len()).filter(|set| tells(*set)));
        all.map(|set| AtMost { tasks: self.members(set).collect(), most: rank(set) }).collect()
    }

    /// Of each set the most tasks that fit.
    fn ranks(&self) -> Vec<u32> {
        let mut most: Vec<u32> = Vec::with_capacity(self.fits.len());
        for (set, fits) in self.fits.iter().enumerate() {
            let without = (0..self.tasks.len()).map(|bit| 1 << bit).filter(|bit| set & bit != 0);
            let less = without.filter_map(|bit| most.get(set & !bit)).copied().max().unwrap_or(0);
            most.push(if *fits { set.count_ones() } else { less });
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Pattern, Peak, Task};
    use super::*;

    #[test]
    fn conditions_leave_the_sets_that_fit_and_no_other() {
        let task = |kw: f64| Task { kw, slots: 1, least_run: 1, allowed: vec![true], ..Task::default() };
        for (seed, kw) in [[3.0, 5.0, 7.0, 4.0], [9.0, 2.0, 2.0, 2.0], [6.0, 6.0, 6.0, 1.0]].into_iter().enumerate() {
            for high in 0..20 {
                let mut p = Problem { slots: 1, tasks: kw.map(task).to_vec(), ..Problem::default() };
                (p.tasks[0].crew, p.tasks[3].crew) = if seed == 0 { (Some(1), Some(1)) } else { (None, None) };
                let pattern = |tasks: Vec<usize>, base: f64| Pattern { tasks, base_kw: vec![base] };
                p.peaks.push(Peak { patterns: vec![pattern(vec![0, 1, 2, 3], 1.0)], ..Peak::default() });
                p.peaks[0].patterns.push(pattern(vec![1, 2], 3.0));
                let room = Room::of(&p, &[0, 1, 2, 3], 0, &[f64::from(high)]).unwrap();
                let conditions = room.conditions();
                for set in 0..16_usize {
                    let fits = room.sets().any(|s| s == set);
                    let held = |c: &AtMost| room.members(set).filter(|i| c.tasks.contains(i)).count() as u32 <= c.most;
                    assert_eq!(conditions.iter().all(held), fits, "{kw:?} up to {high}: set {set:b}");
                }
            }
        }
    }

    #[test]
    fn sets_are_mixed_where_counting_does_not_tell_them() {
        let task = |kw: f64| Task { kw, slots: 1, least_run: 1, allowed: vec![true], ..Task::default() };
        let room = |kw: [f64; 4], high: f64| {
            let mut p = Problem { slots: 1, tasks: kw.map(task).to_vec(), ..Problem::default() };
            let patterns = vec![Pattern { tasks: vec![0, 1, 2, 3], base_kw: vec![0.0] }];
            p.peaks.push(Peak { patterns, ..Peak::default() });
            Room::of(&p, &[0, 1, 2, 3], 0, &[high]).unwrap()
        };
        assert_eq!(room([3.0; 4], 7.0).mixed(), None, "at most two of four");
        assert_eq!(room([9.0, 3.0, 3.0, 3.0], 7.0).mixed(), None, "at most two of three, and never the first");
        // Half of the first and half of each other one: no pair is above one, but no mixture gives it.
        assert_eq!(room([9.0, 3.0, 3.0, 3.0], 9.0).mixed(), Some(vec![0b0001, 0b1110]));
        let room = room([2.0, 3.0, 5.0, 7.0], 9.0);
        let sets = room.mixed().unwrap();
        assert!(room.sets().all(|set| sets.iter().any(|greatest| set & !greatest == 0)), "{sets:?}");
        assert!(sets.iter().all(|a| room.sets().all(|b| a == &b || a & !b != 0)), "{sets:?}");
    }

    #[test]
    fn tasks_of_different_days_are_groups_of_their_own() {
        let mut p = Problem { slots: 1, tasks: vec![Task::default(); 5], ..Problem::default() };
        let pattern = |tasks: &[usize]| Pattern { tasks: tasks.to_vec(), base_kw: vec![0.0] };
        p.peaks.push(Peak { patterns: vec![pattern(&[0, 3]), pattern(&[1, 2])], ..Peak::default() });
        p.tasks[4].after = vec![2];
        assert_eq!(groups(&p), [vec![0, 3], vec![1, 2, 4]]);
    }
}
