//! What may leave and enter the blocks of a day: the part of building a month that every slot goes through.

use super::month::{Steps, greater, lesser};
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
    /// Slots and places of blocks that follow each other and of which every slot is flexible.
    flexible: Vec<(Range<usize>, Range<usize>)>,
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
        for (block, start) in out.starts.iter().copied().enumerate().filter(|(_, start)| moves(*start)) {
            match out.flexible.last_mut().filter(|(run, blocks)| run.end == start && blocks.end == block) {
                Some((run, blocks)) => (run.end, blocks.end) = (start + len, block + 1),
                None => out.flexible.push((start..start + len, block..block + 1)),
            }
        }
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
    /// Whether anything may leave or enter.
    pub moves: Vec<bool>,
    /// Greatest window mean of the blocks of which nothing may.
    pub stays_kw: f64,
    /// What may be added to each slot.
    room: Vec<f64>,
}

impl Measured {
    /// Measures the blocks of a day. False, and nothing more is known, of one that can give nothing up.
    pub fn day(&mut self, day: &Slots<'_>, grid: &Grid) -> bool {
        for column in [&mut self.leave, &mut self.enter, &mut self.top] {
            column.resize(grid.starts.len(), 0.0);
        }
        self.moves.resize(grid.starts.len(), false);
        measure(day, grid, self)
    }
}

wide! {
    /// What may leave and enter the blocks of a day, and their greatest window means.
    fn measure(day: &Slots<'_>, grid: &Grid, into: &mut Measured) -> bool = all;
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
fn all(day: &Slots<'_>, grid: &Grid, into: &mut Measured) -> bool {
    let Measured { leave, enter, top, moves, stays_kw, room } = into;
    leave.fill(0.0);
    let mut most = 0.0;
    for (run, blocks) in &grid.flexible {
        let slots = (of(day.kw, run), of(day.floor_kw, run), of(day.flexible, run));
        most = greater(leaves(slots, (grid.len, day.steps), leave.get_mut(blocks.clone()).unwrap_or_default()), most);
    }
    if most <= 0.0 {
        return false;
    }
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
    for kw in enter.iter_mut().filter(|_| day.steps.kw > 0.0) {
        *kw = day.steps.whole(*kw);
    }
    *stays_kw = stay((leave, enter, top), moves);
    true
}

/// A run of a column.
#[inline]
fn of<'a>(column: &'a [f64], run: &Range<usize>) -> &'a [f64] {
    column.get(run.clone()).unwrap_or_default()
}

/// Most that may leave all slots of each block of a run, in whole steps; returns the greatest.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn leaves((kw, floor, share): (&[f64], &[f64], &[f64]), (len, steps): (usize, Steps), out: &mut [f64]) -> f64 {
    let least = |kw: f64, floor: f64, share: f64| lesser(share * kw, kw - floor);
    let whole = |kw: f64| steps.floor(greater(kw, 0.0));
    let mut most = 0.0;
    if len == 4 {
        let bounds = floor.as_chunks::<4>().0.iter().zip(share.as_chunks::<4>().0);
        for ((out, kw), (floor, share)) in out.iter_mut().zip(kw.as_chunks::<4>().0).zip(bounds) {
            let v: [f64; 4] = std::array::from_fn(|i| least(kw[i], floor[i], share[i]));
            *out = whole(lesser(lesser(v[0], v[2]), lesser(v[1], v[3])));
            most = greater(*out, most);
        }
        return most;
    }
    let bounds = floor.chunks_exact(len).zip(share.chunks_exact(len));
    for ((out, kw), (floor, share)) in out.iter_mut().zip(kw.chunks_exact(len)).zip(bounds) {
        let all = kw.iter().zip(floor).zip(share).map(|((kw, floor), share)| least(*kw, *floor, *share));
        *out = whole(all.fold(f64::INFINITY, lesser));
        most = greater(*out, most);
    }
    most
}

/// Whether anything moves of each block; the greatest window mean where nothing does.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn stay((leave, enter, top): (&[f64], &[f64], &[f64]), moves: &mut [bool]) -> f64 {
    let choose = |moves: bool, top: f64, most: f64| {
        let stays = if moves { f64::NEG_INFINITY } else { top };
        if stays > most { stays } else { most }
    };
    let ((leave, leaves), (enter, enters), (top, tops)) =
        (leave.as_chunks::<8>(), enter.as_chunks::<8>(), top.as_chunks::<8>());
    let (moves, rest) = moves.as_chunks_mut::<8>();
    let mut most = [f64::NEG_INFINITY; 8];
    for (((moves, leave), enter), top) in moves.iter_mut().zip(leave).zip(enter).zip(top) {
        let sum: [f64; 8] = std::array::from_fn(|i| leave[i] + enter[i]);
        *moves = sum.map(|sum| sum > 0.0);
        most = std::array::from_fn(|i| choose(sum[i] > 0.0, top[i], most[i]));
    }
    let mut stays = f64::NEG_INFINITY;
    for (((moves, leave), enter), top) in rest.iter_mut().zip(leaves).zip(enters).zip(tops) {
        *moves = leave + enter > 0.0;
        stays = choose(*moves, *top, stays);
    }
    most.into_iter().fold(stays, |most, kw| if kw > most { kw } else { most })
}

/// The least, or the greatest, of every `len` values.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn reduce<const LEAST: bool>(values: &[f64], len: usize, out: &mut [f64]) {
    let choose = |a: f64, b: f64| if LEAST == (a < b) { a } else { b };
    if len == 4 {
        // Quarter hours in blocks of an hour; a length that is known makes vectors.
        for (out, v) in out.iter_mut().zip(values.as_chunks::<4>().0) {
            *out = choose(choose(v[0], v[2]), choose(v[1], v[3]));
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
            let n = grid.starts.len();
            for column in [&mut plain.leave, &mut plain.enter, &mut plain.top] {
                column.resize(n, 0.0);
            }
            plain.moves.resize(n, false);
            prop_assert_eq!(all(&day, &grid, &mut plain), leaves);
            prop_assert_eq!((&plain.leave, &plain.enter), (&found.leave, &found.enter), "wider vectors change no bit");
            prop_assert_eq!((&plain.top, &plain.moves), (&found.top, &found.moves), "wider vectors change no bit");
            let mut stays = f64::NEG_INFINITY;
            for (k, start) in grid.starts.iter().enumerate() {
                let run = *start..*start + len;
                let leave = run.clone().map(|i| (flexible[i] * kw[i]).min(kw[i] - floor_kw[i]).max(0.0));
                let enter = run.clone().map(|i| (high_kw[i].min(limit_kw) - kw[i]).max(0.0));
                let of = |values: &mut dyn Iterator<Item = f64>| steps.floor(values.fold(f64::INFINITY, f64::min));
                prop_assert_eq!(found.leave[k], of(&mut leave.into_iter()));
                if !leaves {
                    continue;
                }
                prop_assert_eq!(found.enter[k], of(&mut enter.into_iter()));
                prop_assert_eq!(found.top[k], kw[run].iter().copied().fold(f64::NEG_INFINITY, f64::max));
                prop_assert_eq!(found.moves[k], found.leave[k] > 0.0 || found.enter[k] > 0.0);
                stays = f64::max(stays, if found.moves[k] { f64::NEG_INFINITY } else { found.top[k] });
            }
            prop_assert!(!leaves || found.stays_kw == stays && plain.stays_kw == stays);
        }
    }
}
