//! What may leave and enter the blocks of a day: the part of building a month that every slot goes through.

use super::fill::{Steps, lesser};
use crate::curve::wide;
use crate::tariff::Segment;
use std::ops::Range;

/// Blocks of days that have the same windows, in time order.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// First slot of each block.
    pub starts: Vec<usize>,
    /// Band of each block.
    pub bands: Vec<usize>,
    /// Slots of blocks that follow each other without a gap.
    runs: Vec<Range<usize>>,
    /// Slots outside all blocks.
    pub rest: Vec<Range<usize>>,
    /// Places of the blocks of which every slot is flexible.
    flexible: Vec<usize>,
    /// Slots of a block.
    pub len: usize,
}

impl Grid {
    /// Whole blocks of `len` slots in each segment, from its start; `share` is what may leave each slot.
    pub fn of(segments: &[Segment], share: &[f64], len: usize) -> Self {
        let mut out = Self { len, ..Self::default() };
        for segment in segments {
            let blocks = segment.slots.len() / len;
            let covered = segment.slots.start..segment.slots.start + blocks * len;
            out.starts.extend(covered.clone().step_by(len));
            out.bands.extend(std::iter::repeat_n(segment.band, blocks));
            append(&mut out.rest, covered.end..segment.slots.end);
            append(&mut out.runs, covered);
        }
        let moves = |start: usize| share.get(start..start + len).is_some_and(|s| s.iter().all(|s| *s > 0.0));
        out.flexible = out.starts.iter().enumerate().filter(|(_, start)| moves(**start)).map(|(k, _)| k).collect();
        out
    }
}

/// Adds a run to those before it, as part of the last one where it follows that.
fn append(runs: &mut Vec<Range<usize>>, run: Range<usize>) {
    match runs.last_mut().filter(|last| last.end == run.start) {
        _ if run.is_empty() => {}
        Some(last) => last.end = run.end,
        None => runs.push(run),
    }
}

/// A day slot by slot; powers in kW.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slots<'a> {
    pub kw: &'a [f64],
    /// Mean of the demand window that each slot lies in.
    pub window_kw: &'a [f64],
    /// Share of the load that may leave.
    pub flexible: &'a [f64],
    /// What always stays.
    pub floor_kw: &'a [f64],
    /// Level up to which a slot may be filled.
    pub high_kw: &'a [f64],
    /// No slot is filled above this.
    pub limit_kw: f64,
    /// Portions of power.
    pub steps: Steps,
}

/// Of each block of a [`Grid`], in kW; buffers that all days share.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// Most that may leave all its slots, in whole steps.
    pub leave: Vec<f64>,
    /// Most that may be added to all its slots, in whole steps.
    pub enter: Vec<f64>,
    /// Greatest window mean.
    pub top: Vec<f64>,
    /// What may be added to each slot.
    room: Vec<f64>,
}

impl Measured {
    /// Measures the blocks of a day. False, and nothing more is known, of one that can give nothing up.
    pub fn day(&mut self, day: &Slots<'_>, grid: &Grid) -> bool {
        for column in [&mut self.leave, &mut self.enter, &mut self.top] {
            column.resize(grid.starts.len(), 0.0);
        }
        self.leave.fill(0.0);
        let mut leaves = false;
        for place in &grid.flexible {
            let (Some(start), Some(leave)) = (grid.starts.get(*place), self.leave.get_mut(*place)) else { continue };
            let run = *start..*start + grid.len;
            let (Some(kw), Some(floor)) = (day.kw.get(run.clone()), day.floor_kw.get(run.clone())) else { continue };
            let share = day.flexible.get(run).unwrap_or_default();
            *leave = day.steps.floor(least_leave(kw, floor, share));
            leaves |= *leave > 0.0;
        }
        if leaves {
            rooms(day, grid, self);
        }
        leaves
    }
}

/// Most that may leave all slots of a block; fours of slots at once, which blocks of an hour are.
fn least_leave(kw: &[f64], floor: &[f64], share: &[f64]) -> f64 {
    let of = |kw: f64, floor: f64, share: f64| lesser(share * kw, kw - floor);
    let ((kw, kw_rest), (floor, floor_rest), (share, share_rest)) =
        (kw.as_chunks::<4>(), floor.as_chunks::<4>(), share.as_chunks::<4>());
    let mut least = [f64::INFINITY; 4];
    for ((kw, floor), share) in kw.iter().zip(floor).zip(share) {
        least = std::array::from_fn(|i| lesser(of(kw[i], floor[i], share[i]), least[i]));
    }
    let fours = lesser(lesser(least[0], least[1]), lesser(least[2], least[3]));
    let rest = kw_rest.iter().zip(floor_rest).zip(share_rest).map(|((kw, floor), share)| of(*kw, *floor, *share));
    rest.fold(fours, |least, each| lesser(each, least)).max(0.0)
}

wide! {
    /// What may enter the blocks of a day, and their greatest window means.
    fn rooms(day: &Slots<'_>, grid: &Grid, into: &mut Measured) = all;
}

wide! {
    /// The greatest of some values; −∞ of none.
    pub(super) fn greatest(values: &[f64]) -> f64 = by_eights;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn by_eights(values: &[f64]) -> f64 {
    let choose = |a: f64, b: f64| if a > b { a } else { b };
    let (eights, rest) = values.as_chunks::<8>();
    let mut most = [f64::NEG_INFINITY; 8];
    for v in eights {
        most = std::array::from_fn(|k| choose(v[k], most[k]));
    }
    most.into_iter().chain(rest.iter().copied()).fold(f64::NEG_INFINITY, choose)
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn all(day: &Slots<'_>, grid: &Grid, into: &mut Measured) {
    let Measured { enter, top, room, .. } = into;
    let mut first = 0;
    for run in &grid.runs {
        let blocks = first..first + run.len() / grid.len;
        first = blocks.end;
        let (Some(kw), Some(high)) = (day.kw.get(run.clone()), day.high_kw.get(run.clone())) else { continue };
        room.resize(run.len(), 0.0);
        for ((room, kw), high) in room.iter_mut().zip(kw).zip(high) {
            let free = lesser(*high, day.limit_kw) - kw;
            *room = if free > 0.0 { free } else { 0.0 };
        }
        reduce::<true>(room, grid.len, enter.get_mut(blocks.clone()).unwrap_or_default());
        let window = day.window_kw.get(run.clone()).unwrap_or_default();
        reduce::<false>(window, grid.len, top.get_mut(blocks).unwrap_or_default());
    }
    if day.steps.kw > 0.0 {
        for kw in enter {
            *kw = day.steps.whole(*kw);
        }
    }
}

/// The least, or the greatest, of every `len` values.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn reduce<const LEAST: bool>(values: &[f64], len: usize, out: &mut [f64]) {
    let choose = |a: f64, b: f64| if LEAST == (a < b) { a } else { b };
    if len == 4 {
        // Quarter hours in blocks of an hour; a length that is known makes vectors.
        for (out, v) in out.iter_mut().zip(values.as_chunks::<4>().0) {
            *out = choose(choose(v[0], v[1]), choose(v[2], v[3]));
        }
        return;
    }
    for (out, v) in out.iter_mut().zip(values.chunks_exact(len)) {
        *out = v.iter().copied().reduce(choose).unwrap_or(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_begin_with_each_window() {
        let segment = |slots, band| Segment { slots, band };
        let segments = [segment(0..34, 0), segment(34..60, 1), segment(60..96, 0)];
        let grid = Grid::of(&segments, &[0.1; 96], 4);
        assert_eq!((grid.starts.len(), grid.bands[7], grid.bands[8]), (8 + 6 + 9, 0, 1));
        assert_eq!((grid.runs, grid.rest), (vec![0..32, 34..58, 60..96], vec![32..34, 58..60]));
        let whole = Grid::of(&[segment(0..32, 0), segment(32..96, 1)], &[0.1; 96], 4);
        assert_eq!((whole.runs, whole.rest.len()), (vec![0..96], 0));
    }

    proptest! {
        #[test]
        fn as_slot_by_slot(
            slots in prop::collection::vec((-50.0..500.0f64, -0.02..0.9f64, 0.0..300.0f64, 0.0..600.0f64), 96),
            len in prop::sample::select(vec![1usize, 2, 3, 4, 6, 12]),
            first in 1..95usize,
            step_kw in prop::sample::select(vec![0.0, 1.0, 10.0]),
            limit_kw in prop::sample::select(vec![f64::INFINITY, 300.0]),
        ) {
            let column = |of: fn(&(f64, f64, f64, f64)) -> f64| slots.iter().map(of).collect::<Vec<f64>>();
            let (kw, flexible) = (column(|s| s.0), column(|s| s.1.max(0.0)));
            let (floor_kw, high_kw) = (column(|s| s.2), column(|s| s.3));
            let (kw, flexible, floor_kw, high_kw) = (&kw, &flexible, &floor_kw, &high_kw);
            let steps = Steps::of(step_kw);
            let day = Slots { kw, window_kw: kw, flexible, floor_kw, high_kw, limit_kw, steps };
            let segments = [Segment { slots: 0..first, band: 0 }, Segment { slots: first..96, band: 1 }];
            let grid = Grid::of(&segments, flexible, len);
            let (mut found, mut plain) = (Measured::default(), Measured::default());
            let leaves = found.day(&day, &grid);
            prop_assert_eq!(leaves, found.leave.iter().any(|kw| *kw > 0.0));
            for measured in [&mut found, &mut plain] {
                measured.enter.resize(grid.starts.len(), 0.0);
                measured.top.resize(grid.starts.len(), 0.0);
            }
            rooms(&day, &grid, &mut found);
            all(&day, &grid, &mut plain);
            prop_assert_eq!((&plain.enter, &plain.top), (&found.enter, &found.top), "wider vectors change no bit");
            for (k, start) in grid.starts.iter().enumerate() {
                let run = *start..*start + len;
                let leave = run.clone().map(|i| (flexible[i] * kw[i]).min(kw[i] - floor_kw[i]).max(0.0));
                let enter = run.clone().map(|i| (high_kw[i].min(limit_kw) - kw[i]).max(0.0));
                let of = |values: &mut dyn Iterator<Item = f64>| steps.floor(values.fold(f64::INFINITY, f64::min));
                prop_assert_eq!(found.leave[k], of(&mut leave.into_iter()));
                prop_assert_eq!(found.enter[k], of(&mut enter.into_iter()));
                prop_assert_eq!(found.top[k], kw[run].iter().copied().fold(f64::NEG_INFINITY, f64::max));
            }
        }
    }
}
