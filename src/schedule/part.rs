//! A part of all schedules: those whose maxima and ends lie in given ranges; and its program, tightened by what
//! the ranges leave no room for.

use super::levels::{self, Cell};
use super::model::{Model, Sense};
use super::program::Program;
use super::rooms::{self, Room};
use super::{Pattern, Plan, Problem};
use std::ops::Range;

/// Shares nearer to 0 or 1 than this are whole.
const WHOLE: f64 = 1e-6;

/// Ranges that hold a part of all schedules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// By maximum: its levels, as places in [`Parts::cells`].
    pub levels: Vec<Range<usize>>,
    /// By order of two tasks: the slots from which on the second one may run and the first one may not.
    pub ends: Vec<Range<usize>>,
}

/// The program of a part.
pub(super) struct PartProgram {
    pub model: Model,
    /// The level of each maximum that costs something.
    levels: Vec<Option<usize>>,
}

/// What makes the programs of all parts.
pub(super) struct Parts<'a> {
    problem: &'a Problem,
    program: Program<'a>,
    /// By maximum: its levels, ascending.
    pub cells: Vec<Vec<Cell>>,
    groups: Vec<Vec<usize>>,
}

impl<'a> Parts<'a> {
    pub fn new(problem: &'a Problem) -> Self {
        let cells = problem.peaks.iter().map(|p| levels::cells(problem, p)).collect();
        Self { problem, program: Program::new(problem), cells, groups: rooms::groups(problem) }
    }

    /// All schedules.
    pub fn whole(&self) -> Part {
        Part {
            levels: self.cells.iter().map(|c| 0..c.len()).collect(),
            ends: self.program.ended.iter().map(|e| 0..e.len() + 1).collect(),
        }
    }

    /// Levels that a part has of a maximum.
    pub fn cells_of(&self, part: &Part, peak: usize) -> &[Cell] {
        let of = self.cells.get(peak).zip(part.levels.get(peak));
        of.and_then(|(cells, range)| cells.get(range.clone())).unwrap_or(&[])
    }

    /// The plan that the program's values tell.
    pub fn plan(&self, values: &[f64]) -> Plan {
        self.program.plan(values)
    }

    /// By order of two tasks: the slot from which on the second one may run, where values leave that open.
    pub fn ends(&self, values: &[f64]) -> Vec<Option<f64>> {
        let waits = |v: &usize| 1.0 - values.get(*v).copied().unwrap_or(0.0);
        let open = |ended: &Vec<usize>| ended.iter().map(waits).any(is_split).then(|| ended.iter().map(waits).sum());
        self.program.ended.iter().map(open).collect()
    }

    /// The program of a part. Its cost is nowhere above that of the part's schedules, and the same where each
    /// maximum has one level.
    pub fn program(&self, part: &Part) -> PartProgram {
        let mut model = self.program.model.clone();
        for (ended, range) in self.program.ended.iter().zip(&part.ends) {
            for (slot, v) in ended.iter().enumerate() {
                let (has, may) = (slot + 1 >= range.end, slot >= range.start);
                model.bound(*v, f64::from(u8::from(has)), f64::from(u8::from(may)));
            }
        }
        let hulls: Vec<_> = (0..self.cells.len()).map(|p| levels::hull(self.cells_of(part, p))).collect();
        let levels: Vec<_> = hulls.iter().map(|h| level(&mut model, h)).collect();
        let high: Vec<f64> = hulls.iter().map(|h| h.last().map_or(f64::INFINITY, |l| l.0)).collect();
        for group in &self.groups {
            for slot in 0..self.problem.slots {
                let room = Room::of(self.problem, group, slot, &high);
                if let Some(room) = &room {
                    self.keep_room(&mut model, room, slot);
                }
                for ((peak, hull), level) in self.problem.peaks.iter().zip(&hulls).zip(&levels) {
                    let (Some(low), Some(high), Some(level)) = (hull.first(), hull.last(), level) else { continue };
                    // Where there is one level only the room says it all.
                    if low == high && room.is_some() {
                        continue;
                    }
                    for pattern in peak.patterns.iter().filter(|q| q.tasks.iter().any(|i| group.contains(i))) {
                        self.lift(&mut model, (slot, room.as_ref()), pattern, (*level, low.0));
                    }
                }
            }
        }
        PartProgram { model, levels }
    }

    /// Only what fits into a slot together runs in it: where counting tasks does not say that, a mixture of the
    /// greatest sets that fit.
    fn keep_room(&self, model: &mut Model, room: &Room, slot: usize) {
        if let Some(sets) = room.mixed() {
            let shares: Vec<(usize, usize)> = sets.iter().map(|set| (*set, model.var(0.0, 0.0, 1.0))).collect();
            model.row(shares.iter().map(|(_, share)| (*share, 1.0)).collect(), Sense::AtMost, 1.0);
            for task in room.tasks() {
                let mut terms = self.program.on(*task, slot);
                let with = shares.iter().filter(|(set, _)| room.members(*set).any(|i| i == *task));
                terms.extend(with.map(|(_, share)| (*share, -1.0)));
                model.row(terms, Sense::AtMost, 0.0);
            }
            return;
        }
        for condition in room.conditions() {
            let terms: Vec<_> = condition.tasks.iter().flat_map(|i| self.program.on(*i, slot)).collect();
            if condition.most == 0 {
                for (v, _) in terms {
                    model.bound(v, 0.0, 0.0);
                }
            } else {
                model.row(terms, Sense::AtMost, f64::from(condition.most));
            }
        }
    }

    /// What runs in a slot lifts the level of a maximum, which is at least `low`.
    fn lift(&self, model: &mut Model, at: (usize, Option<&Room>), pattern: &Pattern, (level, low): (usize, f64)) {
        let (slot, room) = at;
        let Some(base) = pattern.base_kw.get(slot) else { return };
        let above = |set: usize| room.map_or(0.0, |r| base + r.kw(self.problem, set, &pattern.tasks) - low);
        let lifts = |(set, of): &(usize, Vec<usize>)| above(*set) > 0.0 && of.iter().any(|i| pattern.tasks.contains(i));
        let sets = room.into_iter().flat_map(|r| r.sets().map(|set| (set, r.members(set).collect::<Vec<_>>())));
        let (alone, together): (Vec<_>, Vec<_>) = sets.filter(lifts).partition(|(_, of)| of.len() == 1);
        // Each by what it reaches above `low` alone: together they reach at least the sum.
        if !alone.is_empty() {
            let terms = alone.iter().flat_map(|(set, of)| of.iter().map(|i| (above(*set), *i)));
            let terms = terms.flat_map(|(kw, i)| self.program.on(i, slot).into_iter().map(move |(v, c)| (v, c * kw)));
            model.row(terms.chain([(level, -1.0)]).collect(), Sense::AtMost, -low);
        }
        let (mut terms, most) = self.program.power(&pattern.tasks, slot);
        if !together.is_empty() || (room.is_none() && base + most > low) {
            terms.push((level, -1.0));
            model.row(terms, Sense::AtMost, -base);
        }
    }
}

impl PartProgram {
    /// The level that each maximum has in a solution; 0 where it costs nothing.
    pub fn levels(&self, values: &[f64]) -> Vec<f64> {
        self.levels.iter().map(|l| l.and_then(|l| values.get(l)).copied().unwrap_or(0.0)).collect()
    }
}

/// Whether a share is neither all nor nothing.
fn is_split(share: f64) -> bool {
    (WHOLE..1.0 - WHOLE).contains(&share)
}

/// A level that costs what the hull says: as far as it is above the first corner, piece after piece.
fn level(model: &mut Model, hull: &[(f64, f64)]) -> Option<usize> {
    let (first, last) = (hull.first()?, hull.last()?);
    let level = model.var(0.0, first.0, last.0);
    model.var(first.1, 1.0, 1.0);
    let mut row = vec![(level, 1.0)];
    for pair in hull.windows(2) {
        if let [a, b] = pair {
            row.push((model.var((b.1 - a.1) / (b.0 - a.0), 0.0, b.0 - a.0), -1.0));
        }
    }
    if row.len() > 1 {
        model.row(row, Sense::Equal, first.0);
    }
    Some(level)
}
