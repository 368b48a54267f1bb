//! Rows of a longer interval than the meter's: hourly rows beside quarter hours, wide rows of 24
//! points beside rows of 96. They are placed when all finer rows are and give way to them, so that
//! neither the order of rows nor that of files matters.

use super::block::Segment;
use super::options::Stamp;
use super::place::{At, Placer, RunOfValues};
use super::ticks::TickRun;
use crate::time::Interval;
use std::ops::Range;

/// Equal differences that make a longer interval rather than a row of gaps (judgement).
const COARSE_RUN: usize = 8;

/// Rows of which each value covers several of the meter's intervals.
#[derive(Debug, Clone)]
pub(super) struct CoarseRows {
    /// Intervals that a value covers.
    pub covers: u32,
    pub segment: usize,
    /// Rows of the segment's block.
    pub rows: Range<usize>,
}

impl Placer<'_> {
    /// How many of the meter's intervals a value of such rows covers; `None` when it is one.
    pub(super) fn coarse_block(&self, points: usize) -> Option<u32> {
        let own = if points > 1 { Interval::from_points(points)? } else { self.of_rows };
        (own > self.interval).then(|| own.minutes() / self.interval.minutes())
    }

    /// Whether a stretch of rows of a longer interval begins within the next `n` rows: its first
    /// row, its number of rows and how many of the meter's intervals each covers. A longer interval
    /// is told from gaps by [`COARSE_RUN`] equal differences; the clock may go back by an hour within.
    pub(super) fn coarse_rows(&self, runs: &[TickRun], at: At, n: usize, step: i64) -> Option<(usize, usize, u32)> {
        let ends = self.meaning.options.stamp == Stamp::End;
        // A start stamp covers what follows it: the last row of a fine run may begin the stretch.
        let first = if ends && n > 1 { return None } else { n - 1 };
        runs.get(at.run).filter(|r| at.row + n == r.len)?;
        let last_of = |r: &TickRun| r.first.wrapping_add(step.wrapping_mul(r.len as i64 - 1));
        let difference = |k: usize| Some(runs.get(k + 1)?.first.wrapping_sub(last_of(runs.get(k)?)));
        let gap = difference(at.run)?;
        let covers = u32::try_from(gap / step).ok().filter(|k| *k > 1 && gap % step == 0)?;
        Interval::from_minutes(i64::from(covers * self.interval.minutes()))?;
        let hour = step * Interval::M60.seconds() / self.interval.seconds();
        let follows = |d: i64| d == gap || d == gap - hour;
        let (mut equal, mut k) = (1, at.run + 1);
        while runs.get(k).is_some_and(|r| r.len == 1) && difference(k).is_some_and(follows) {
            (equal, k) = (equal + 1, k + 1);
        }
        let next = if runs.get(k).is_some_and(|r| r.len > 1) { Some(step) } else { difference(k) };
        // The last row belongs to it unless finer rows follow its start.
        let last = usize::from(ends || next.is_none_or(|d| d > gap));
        (equal >= COARSE_RUN).then_some((first, equal + last, covers))
    }

    /// Places the rows of longer intervals, the shorter of them first; each gives way to what
    /// shorter intervals have placed.
    pub(super) fn place_coarse(&mut self, all: &[Segment]) {
        let mut coarse = std::mem::take(&mut self.coarse);
        coarse.sort_unstable_by_key(|c| (c.covers, c.segment, c.rows.start));
        for level in coarse.chunk_by(|a, b| a.covers == b.covers) {
            self.grid.give_way();
            for rows in level {
                self.spread(all, rows);
            }
            self.resolve_ambiguous(all);
        }
    }

    /// Places values that cover several intervals each: the mean power holds in all of them, the
    /// energy is shared evenly.
    fn spread(&mut self, all: &[Segment], coarse: &CoarseRows) {
        let segment = &all[coarse.segment];
        let (per_second, points) = (segment.per_second(), segment.block.points);
        let ticks = segment.ticks();
        let own_step = self.interval.seconds() * i64::from(coarse.covers);
        for (row, tick) in coarse.rows.clone().zip(ticks.iter_from(coarse.rows.start - segment.rows.start)) {
            if tick.rem_euclid(per_second) != 0 {
                self.grid.placement.off_grid += points as u32;
                continue;
            }
            let first = self.interval_start(tick.div_euclid(per_second), points, own_step);
            for point in 0..points {
                let (at, start) = (row * points + point, first + point as i64 * own_step);
                self.spread_value(
                    all,
                    coarse,
                    RunOfValues {
                        segment: coarse.segment,
                        start,
                        utc: segment.block.stamps.utc,
                        at,
                        len: 1,
                        row,
                        covers: coarse.covers,
                    },
                );
            }
        }
    }

    fn spread_value(&mut self, all: &[Segment], coarse: &CoarseRows, value: RunOfValues) {
        let before = self.grid.placement;
        for k in 0..i64::from(coarse.covers) {
            self.run(all, RunOfValues { start: value.start + k * self.interval.seconds(), ..value });
        }
        // One row of the source, however many intervals it fills.
        let placement = &mut self.grid.placement;
        placement.rows = placement.rows.min(before.rows + 1);
        placement.duplicates = placement.duplicates.min(before.duplicates + 1);
        placement.null = placement.null.min(before.null + 1);
        placement.coarser += 1;
    }
}
