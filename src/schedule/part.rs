//! A part of all schedules: those whose maxima and ends lie in given ranges; and its program, tightened by what
//! the ranges leave no room for.

use super::levels::{self, Cell};
use super::model::{Model, Sense};
use super::program::Program;
use super::rooms::{self, Room};
use super::{Plan, Problem};
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
        let open = |ended: &Vec<usize>| {
            ended.iter().map(waits).any(|w| is_split(w)).then(|| ended.iter().map(waits).sum())
        };
        self.program.ended.iter().map(open).collect()
    }

    /// The program of a part. Its cost is nowhere above that of the part's schedules, and the same where each
    /// maximum has one level.
    pub fn program(&self, part: &Part) -> PartProgram {
        let mut model = self.program.model.clone();
        for (ended, range) in self.program.ended.iter().zip(&part.ends) {
            for (slot, v) in ended.iter().enumerate() {
                model.bound(*v, if slot + 1 >= range.end { 1.0 } else { 0.0 }, if slot < range.start { 0.0 } else { 1.0 });
            }
        }
        let hulls: Vec<_> = (0..self.cells.len()).map(|p| levels::hull(self.cells_of(part, p))).collect();
        let levels: Vec<_> = hulls.iter().map(|h| level(&mut model, h)).collect();
        let high: Vec<f64> = hulls.iter().map(|h| h.last().map_or(f64::INFINITY, |l| l.0)).collect();
        let mut out = PartProgram { model, levels };
        for group in &self.groups {
            for slot in 0..self.problem.slots {
                let room = Room::of(self.problem, group, slot, &high);
                if let Some(room) = &room {
                    self.keep_room(&mut out.model, room, slot);
                }
                for (p, hull) in hulls.iter().enumerate() {
                    let low = hull.first().map(|l| l.0).filter(|low| *low < high[p] || room.is_none());
                    if let Some(low) = low {
                        self.lift(&mut out, (group, room.as_ref(), slot), (p, low));
                    }
                }
            }
        }
        out
    }

    fn keep_room(&self, model: &mut Model, room: &Room, slot: usize) {
        for condition in room.conditions() {
            let terms: Vec<_> = condition.tasks.iter().flat_map(|i| self.program.on(*i, slot)).collect();
            if condition.most == 0 {
                terms.iter().for_each(|(v, _)| model.bound(*v, 0.0, 0.0));
            } else {
                model.row(terms, Sense::AtMost, f64::from(condition.most));
            }
        }
    }

    /// What runs in a slot lifts the level of a maximum, which is at least `low`.
    fn lift(&self, out: &mut PartProgram, (group, room, slot): (&[usize], Option<&Room>, usize), (p, low): (usize, f64)) {
        let (Some(peak), Some(Some(level))) = (self.problem.peaks.get(p), out.levels.get(p)) else { return };
        for pattern in peak.patterns.iter().filter(|q| q.tasks.iter().any(|i| group.contains(i))) {
            let Some(base) = pattern.base_kw.get(slot) else { continue };
            let above = |room: &Room, set: usize| base + room.kw(self.problem, set, &pattern.tasks) - low;
            if let Some(room) = room {
                // Each alone by what it reaches above `low`: together they reach at least the sum.
                let alone = room.sets().filter(|set| set.count_ones() == 1).map(|set| (set, above(room, set)));
                let alone = alone.filter(|(set, kw)| *kw > 0.0 && room.kw(self.problem, *set, &pattern.tasks) > 0.0);
                let mut terms: Vec<_> = alone
                    .filter_map(|(set, kw)| Some((*room.tasks.get(set.trailing_zeros() as usize)?, kw)))
                    .flat_map(|(i, kw)| self.program.on(i, slot).into_iter().map(move |(v, c)| (v, c * kw)))
                    .collect();
                if !terms.is_empty() {
                    terms.push((*level, -1.0));
                    out.model.row(terms, Sense::AtMost, -low);
                }
            }
            let together = |room: &Room| {
                room.sets().any(|set| room.kw(self.problem, set, &pattern.tasks) > 0.0 && set.count_ones() > 1 && above(room, set) > 0.0)
            };
            let (mut terms, most) = self.program.power(&pattern.tasks, slot);
            if room.map_or(base + most > low, together) {
                terms.push((*level, -1.0));
                out.model.row(terms, Sense::AtMost, -base);
            }
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
