//! The whole schedule as one mixed-integer program, with a level for each maximum: for solvers that strengthen
//! it themselves, and as a relaxation.

use super::model::Found;
use super::model::Sense;
use super::outlay::Piece;
use super::program::{Answer, Program};
use super::{Peak, Problem};

/// Solves the program, or only its relaxation.
pub(super) fn solve(problem: &Problem, whole: bool, most_nodes: u64) -> Answer {
    let mut program = Program::new(problem);
    problem.peaks.iter().for_each(|p| program.peak(p));
    let model = if whole { program.model.clone() } else { program.model.relaxed() };
    let Found { values, bound, proved, nodes } = model.solve(None, most_nodes);
    let plan = values.filter(|_| whole).map(|v| program.plan(&v));
    Answer { plan, bound, exact: whole && proved, nodes }
}

impl Program<'_> {
    /// The level of a maximum: at least what other days reach, and every slot that could exceed that.
    fn peak(&mut self, peak: &Peak) {
        let Some(first) = peak.outlay.first() else { return };
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
        self.model.var(first.at(0.0), 1.0, 1.0);
        for pair in peak.outlay.windows(2) {
            if let [a, b] = pair {
                self.kink(level, (a, b), most);
            }
        }
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
}
