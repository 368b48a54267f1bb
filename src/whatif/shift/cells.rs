//! One cycle as boxes: how much may leave and enter each block, and what room the cap leaves.

use super::super::State;
use super::super::outlay::{self, Scope};
use super::Shift;
use super::blocks::{Grid, Measured, Slots, greatest};
use super::month::{Cell, Month, Steps, greater};
use crate::curve::{Load, VALID};
use crate::tariff::{Compiled, Segment};
use crate::time::{DayKind, Season};
use std::borrow::Cow;
use std::ops::Range;

/// The level at which each interval would reach a maximum, in kW, for the intervals `range` of the load.
struct Levels<'a> {
    range: Range<usize>,
    /// Class of each band of the tariff.
    classes: Vec<u16>,
    /// `None` when no maximum counts.
    top: Option<Tops<'a>>,
}

/// Where maxima stand.
struct Tops<'a> {
    /// Total at which the first supply point would reach its maximum, if all grew alike; one for all
    /// intervals with one supply point.
    level_kw: Vec<f64>,
    /// The mean of the demand window that the interval belongs to, of the total.
    window_kw: Cow<'a, [f64]>,
}

/// Builds the problem of one cycle; `blocks` are those of the cycles before it, of which `last` gives its room to
/// the new one.
pub(super) fn month<'a>(
    shift: &Shift,
    state: &'a State,
    (tariff, scope): (&'a Compiled, &Scope<'_>),
    (blocks, last): (&mut Blocks<'a>, Month),
) -> Month {
    let load = state.load();
    let outlay = outlay::pieces(state, tariff, scope);
    let range = load.range_of_days(scope.cycle.days.clone());
    let (prices, classes) = prices(tariff, scope);
    let levels =
        Levels { classes, top: (!outlay.is_empty()).then(|| tops(state, tariff, &range, &scope.demands)), range };
    let mean = prices.iter().sum::<f64>() / prices.len().max(1) as f64;
    let (mut cells, mut day_ends) = (last.cells, last.day_ends);
    cells.clear();
    day_ends.clear();
    let mut month = Month {
        cells,
        day_ends,
        hours: f64::from(block_len(shift, load)) * load.interval().hours(),
        prices,
        outlay,
        comfort: shift.terms.trouble_share * mean.abs(),
        steps: Steps::of(shift.terms.granularity.step_kw),
        most_cap: 1.0,
        ..Month::default()
    };
    month.cells.reserve(scope.cycle.days.len() * load.interval().slots() / block_len(shift, load) as usize);
    for day in scope.cycle.days.clone() {
        let complete = load.day_complete(day);
        add_day(&mut month, shift, &levels, &DayScope { load, tariff, day, complete }, blocks);
        month.day_ends.push(month.cells.len());
    }
    month.top = levels.top.as_ref().map_or(0.0, |t| t.level_kw.iter().copied().fold(0.0, f64::max));
    // With several supply points no maximum rises: how a rise would spread over them is not known.
    if scope.demands.len() == 1 && month.top > 0.0 {
        month.most_cap = (month.reach_kw / month.top).max(1.0);
    }
    month
}

/// What a kWh more costs by class, ascending; and the class of each band.
fn prices(tariff: &Compiled, scope: &Scope<'_>) -> (Vec<f64>, Vec<u16>) {
    let of_band = outlay::energy_prices(tariff, scope);
    let mut prices = of_band.clone();
    prices.sort_by(f64::total_cmp);
    prices.dedup();
    let classes = of_band.iter().map(|p| prices.iter().position(|q| p == q).unwrap_or(0) as u16).collect();
    (prices, classes)
}

/// Intervals of a block.
fn block_len(shift: &Shift, load: &Load) -> u32 {
    (shift.terms.granularity.block_minutes / load.interval().minutes()).max(1)
}

struct DayScope<'a> {
    load: &'a Load,
    tariff: &'a Compiled,
    day: usize,
    /// Whether all its intervals are valid.
    complete: bool,
}

/// Where the blocks of days begin, and what was measured of a day.
#[derive(Default)]
pub(super) struct Blocks<'a> {
    /// Days of the same windows share their segments, those of a kind and season their bounds.
    grids: Vec<(&'a [Segment], (DayKind, Season), Grid)>,
    measured: Measured,
    /// Places of a day's blocks that may move.
    kept: Vec<u16>,
}

impl<'a> Blocks<'a> {
    /// Measures the blocks of a day; `None` of a day that can give nothing up. The last is room for places of them.
    fn of(
        &mut self,
        shift: &Shift,
        levels: &Levels<'_>,
        scope: &DayScope<'a>,
    ) -> Option<(&Grid, &Measured, &mut Vec<u16>)> {
        let (load, day) = (scope.load, scope.day);
        // A day of a clock change keeps its load: its slots are not its intervals.
        if load.days().shift(day).is_some() {
            return None;
        }
        let (kind, season) = (*shift.labels.kinds.get(day)?, *shift.labels.seasons.get(day)?);
        let [flexible, floor_kw, high_kw] = shift.envelope.lanes(kind, season)?;
        let segments = scope.tariff.segments(load.date(day));
        let same = |g: &(&[Segment], _, Grid)| std::ptr::eq(g.0, segments) && g.1 == (kind, season);
        let at = self.grids.iter().position(same).unwrap_or_else(|| {
            let grid = Grid::of(segments, flexible, block_len(shift, load) as usize);
            self.grids.push((segments, (kind, season), grid));
            self.grids.len() - 1
        });
        let (_, _, grid) = self.grids.get(at)?;
        let limit_kw = shift.terms.limit_kw.unwrap_or(f64::INFINITY);
        let steps = Steps::of(shift.terms.granularity.step_kw);
        let kw = load.day_kw(day);
        let window_kw = levels.top.as_ref().map_or(kw, |t| levels.window(t, load.days().range(day)));
        let slots = Slots { kw, window_kw, flexible, floor_kw, high_kw, limit_kw, steps };
        self.measured.day(&slots, grid).then_some((grid, &self.measured, &mut self.kept))
    }
}

fn add_day<'a>(month: &mut Month, shift: &Shift, levels: &Levels<'_>, scope: &DayScope<'a>, blocks: &mut Blocks<'a>) {
    let range = scope.load.days().range(scope.day);
    let begin = month.cells.len();
    let mut ends = Ends::NONE;
    let mut rest = &[][..];
    if let Some((grid, measured, kept)) = blocks.of(shift, levels, scope) {
        let (day, at) = ((grid, measured), (range.start, &levels.classes[..]));
        let top = levels.top.as_ref().map_or(Some(0.0), |t| t.single());
        ends = if let Some(top) = top.filter(|_| scope.complete).map(|top| top.max(0.0)) {
            // The usual day costs no look at its flags or at other maxima.
            add_boxes(&mut month.cells, day, at, (kept, |_| true), |_, highest| (top, own_level(top, highest)))
        } else {
            let (len, flags) = (grid.len, scope.load.day_flags(scope.day));
            let whole = |slot| flags.get(slot..slot + len).is_some_and(|f| f.iter().all(|f| f & VALID != 0));
            let level = |start: usize, highest: f64| levels.level(start..start + len, highest);
            add_boxes(&mut month.cells, day, at, (kept, whole), level)
        };
        rest = &grid.rest;
    }
    if ends.leaves {
        month.reach_kw = month.reach_kw.max(ends.reach_kw);
    } else {
        // Where nothing can leave, nothing moves.
        month.cells.truncate(begin);
    }
    let Some(tops) = &levels.top else { return };
    // What lies outside all cells keeps its level, and a cell at least what cannot leave it.
    let stays = if !ends.leaves {
        levels.least_cap(tops, scope, range)
    } else if let ([top], true) = (tops.level_kw.as_slice(), scope.complete) {
        let outside = rest.iter().flat_map(|r| levels.window(tops, range.start + r.start..range.start + r.end));
        share(outside.fold(ends.stays_kw, |most, kw| if *kw > most { *kw } else { most }), *top)
    } else {
        let mut from = range.start;
        let mut stays = 0.0_f64;
        for cell in month.cells.get(begin..).unwrap_or(&[]) {
            stays = stays.max(levels.least_cap(tops, scope, from..cell.run().start));
            stays = stays.max(share(cell.base + cell.lo, cell.top));
            from = cell.run().end;
        }
        stays.max(levels.least_cap(tops, scope, from..range.end))
    };
    month.least_cap = month.least_cap.max(stays);
}

/// What the cells of a day come to.
struct Ends {
    /// Whether any can give something up.
    leaves: bool,
    /// Of a complete day the greatest window mean outside of them, or that one keeps when all that may leave is
    /// gone, in kW.
    stays_kw: f64,
    /// Greatest level that one may be filled to, in kW.
    reach_kw: f64,
}

impl Ends {
    /// Of a day without cells.
    const NONE: Self = Self { leaves: false, stays_kw: f64::NEG_INFINITY, reach_kw: 0.0 };
}

/// Adds the cells of a day's blocks that are `whole`; `first` is the day's first interval, `classes` are those of
/// bands, and `level` tells of a block and its greatest window mean where it reaches a maximum, and its own
/// level.
fn add_boxes(
    cells: &mut Vec<Cell>,
    (grid, measured): (&Grid, &Measured),
    (first, classes): (usize, &[u16]),
    (kept, whole): (&mut Vec<u16>, impl Fn(usize) -> bool),
    level: impl Fn(usize, f64) -> (f64, f64),
) -> Ends {
    let (len, begin) = (grid.len, cells.len());
    kept.resize(grid.starts.len(), 0);
    let mut n = 0;
    // Which blocks may move is not to be foreseen: they are counted without a branch.
    for (k, (slot, moves)) in grid.starts.iter().zip(&measured.moves).enumerate() {
        if let Some(place) = kept.get_mut(n) {
            *place = k as u16;
        }
        n += usize::from(*moves && whole(*slot));
    }
    let of = |column: &[f64], k: usize| column.get(k).copied().unwrap_or_default();
    cells.extend(kept.iter().take(n).map(|k| {
        let k = usize::from(*k);
        let slot = grid.starts.get(k).copied().unwrap_or_default();
        let class = grid.bands.get(k).and_then(|band| classes.get(*band)).copied().unwrap_or_default();
        let (lo, hi) = (-of(&measured.leave, k), of(&measured.enter, k));
        let (top, base) = level(first + slot, of(&measured.top, k));
        Cell { start: (first + slot) as u32, len: len as u16, class, lo, hi, top, base }
    }));
    let Ends { mut leaves, mut reach_kw, .. } = Ends::NONE;
    let mut stays_kw = measured.stays_kw;
    for c in cells.get(begin..).unwrap_or(&[]) {
        leaves |= c.lo < 0.0;
        stays_kw = greater(c.base + c.lo, stays_kw);
        reach_kw = greater(c.base + c.hi, reach_kw);
    }
    Ends { leaves, stays_kw, reach_kw }
}

/// The level of a run whose greatest window mean is `highest`, under a maximum at `top`; 0 where none counts.
fn own_level(top: f64, highest: f64) -> f64 {
    let room = if top > highest { top - highest } else { 0.0 };
    if top > 0.0 { top - room } else { 0.0 }
}

/// Share of the present maximum that a power reaches, between 0 and 1.
fn share(kw: f64, top: f64) -> f64 {
    if top > 0.0 { (kw / top).clamp(0.0, 1.0) } else { 0.0 }
}

impl Tops<'_> {
    /// The one level of all intervals, with one supply point.
    fn single(&self) -> Option<f64> {
        if let [level] = self.level_kw.as_slice() { Some(*level) } else { None }
    }
}

impl Levels<'_> {
    /// Window means of a run of intervals of the load.
    fn window<'a>(&self, tops: &'a Tops<'_>, run: Range<usize>) -> &'a [f64] {
        tops.window_kw.get(run.start - self.range.start..run.end - self.range.start).unwrap_or(&[])
    }

    /// The level at which a run of intervals would reach a maximum, and its own, of which `highest` is the
    /// greatest window mean; 0 where none counts.
    fn level(&self, run: Range<usize>, highest: f64) -> (f64, f64) {
        let Some(tops) = &self.top else { return (0.0, 0.0) };
        if let Some(level) = tops.single() {
            return (level.max(0.0), own_level(level, highest));
        }
        let at = run.start - self.range.start..run.end - self.range.start;
        let (mut room, mut top) = (f64::INFINITY, 0.0_f64);
        for (l, level) in self.window(tops, run).iter().zip(tops.level_kw.get(at).unwrap_or(&[])) {
            let free = if level > l { level - l } else { 0.0 };
            room = if free < room { free } else { room };
            top = if *level > top { *level } else { top };
        }
        (top, if top > 0.0 { top - room } else { 0.0 })
    }

    /// Share of the present maximum that a run of intervals of a day reaches, at most 1.
    fn least_cap(&self, tops: &Tops<'_>, scope: &DayScope<'_>, run: Range<usize>) -> f64 {
        let kw = self.window(tops, run.clone());
        if let ([top], true) = (tops.level_kw.as_slice(), scope.complete) {
            return share(greatest(kw), *top);
        }
        let first = run.start;
        let level = |i: usize| {
            let single = tops.level_kw.first().filter(|_| tops.level_kw.len() == 1);
            single.or_else(|| tops.level_kw.get(first - self.range.start + i)).copied().unwrap_or(0.0)
        };
        let valid = kw.iter().enumerate().filter(|(i, _)| scope.load.is_valid(first + i));
        valid.fold(0.0, |cap, (i, kw)| cap.max(share(*kw, level(i))))
    }
}

/// For every interval of a range, the total at which the first supply point reaches its maximum
/// when all points grow alike, and the total's window mean.
fn tops<'a>(state: &'a State, tariff: &Compiled, range: &Range<usize>, demands: &[f64]) -> Tops<'a> {
    let window =
        tariff.demand_window().map_or(1, |w| (w.minutes() / state.load().interval().minutes()).max(1) as usize);
    let total = window_means(state.load(), range, window);
    if let [demand] = demands {
        return Tops { level_kw: vec![*demand], window_kw: total };
    }
    let mut nearest = vec![0.0_f64; total.len()];
    for ((_, point), demand) in state.points().iter().zip(demands).filter(|(_, d)| **d > 0.0) {
        for (share, kw) in nearest.iter_mut().zip(window_means(point, range, window).iter()) {
            *share = share.max(kw / demand);
        }
    }
    // Where nothing runs there is no share to grow by: no room.
    let level = |(kw, share): (&f64, &f64)| if *share > 0.0 { (kw / share).max(0.0) } else { 0.0 };
    Tops { level_kw: total.iter().zip(&nearest).map(level).collect(), window_kw: total }
}

/// Each interval's clock-aligned window mean.
fn window_means<'a>(load: &'a Load, range: &Range<usize>, window: usize) -> Cow<'a, [f64]> {
    let kw = load.kw().get(range.clone()).unwrap_or(&[]);
    if window <= 1 {
        return Cow::Borrowed(kw);
    }
    // Days hold whole windows, so that windows of a run of whole days are aligned.
    let mean = |chunk: &[f64]| crate::curve::sum(chunk) / chunk.len().max(1) as f64;
    Cow::Owned(kw.chunks(window).flat_map(|c| std::iter::repeat_n(mean(c), c.len())).collect())
}
