//! One cycle as boxes: how much may leave and enter each block, and what room the cap leaves.

use super::super::outlay::{self, Scope};
use super::super::{Bounds, State};
use super::Shift;
use super::fill::{Cell, Month, TINY_KW, floor_to};
use crate::curve::{Load, VALID};
use crate::tariff::{Compiled, Segment};
use std::borrow::Cow;
use std::ops::Range;

/// The level at which each interval would reach a maximum, in kW, for the intervals `range` of the load.
struct Levels<'a> {
    range: Range<usize>,
    /// Class of each band of the tariff.
    classes: Vec<usize>,
    /// `None` when no maximum counts.
    top: Option<Tops<'a>>,
}

/// Where maxima stand.
struct Tops<'a> {
    /// Total at which the first supply point would reach its maximum, if all grew alike.
    level_kw: Vec<f64>,
    /// That level where it is the same in all intervals: with one supply point.
    single: Option<f64>,
    /// The mean of the demand window that the interval belongs to, of the total.
    window_kw: Cow<'a, [f64]>,
}

/// Builds the problem of one cycle.
pub(super) fn month(shift: &Shift, state: &State, tariff: &Compiled, scope: &Scope<'_>) -> Month {
    let load = state.load();
    let outlay = outlay::pieces(state, tariff, scope);
    let range = load.range_of_days(scope.cycle.days.clone());
    let (prices, classes) = prices(tariff, scope);
    let levels =
        Levels { classes, top: (!outlay.is_empty()).then(|| tops(state, tariff, &range, &scope.demands)), range };
    let mean = prices.iter().sum::<f64>() / prices.len().max(1) as f64;
    let mut month = Month {
        hours: f64::from(block_len(shift, load)) * load.interval().hours(),
        prices,
        outlay,
        comfort: shift.terms.trouble_share * mean.abs(),
        step_kw: shift.terms.granularity.step_kw,
        most_cap: 1.0,
        ..Month::default()
    };
    let mut boxes = Boxes::default();
    for day in scope.cycle.days.clone() {
        add_day(&mut month, shift, &levels, &DayScope { load, tariff, day }, &mut boxes);
        month.day_ends.push(month.cells.len());
    }
    // With several supply points no maximum rises: how a rise would spread over them is not known.
    if scope.demands.len() == 1 {
        let free = |c: &Cell| if c.top > 0.0 { (c.hi + c.base) / c.top } else { 0.0 };
        month.most_cap = month.cells.iter().map(free).fold(1.0, f64::max);
    }
    month
}

/// What a kWh more costs by class, ascending; and the class of each band.
fn prices(tariff: &Compiled, scope: &Scope<'_>) -> (Vec<f64>, Vec<usize>) {
    let of_band = outlay::energy_prices(tariff, scope);
    let mut prices = of_band.clone();
    prices.sort_by(f64::total_cmp);
    prices.dedup();
    let classes = of_band.iter().map(|p| prices.iter().position(|q| p == q).unwrap_or(0)).collect();
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
}

/// What may leave and enter each slot of a day, in kW; buffers of one cycle's days.
#[derive(Default)]
struct Boxes {
    out: Vec<f64>,
    into: Vec<f64>,
}

impl Boxes {
    /// Of a day's load within the envelope's bounds and a limit. False when nothing can leave.
    fn fill(&mut self, kw: &[f64], bounds: &[Bounds], limit: f64) -> bool {
        let n = kw.len();
        self.out.resize(n, 0.0);
        self.into.resize(n, 0.0);
        let mut most = 0.0_f64;
        // Selections instead of f64::min and max, which look for NaN; the compiler makes vectors of them.
        for (((l, b), out), into) in kw.iter().zip(bounds).zip(&mut self.out).zip(&mut self.into) {
            let (share, above) = (b.flexible * l, l - b.floor_kw);
            let least = if share < above { share } else { above };
            *out = if least > 0.0 { least } else { 0.0 };
            most = if *out > most { *out } else { most };
            let high = if b.high_kw < limit { b.high_kw } else { limit };
            let room = high - l;
            *into = if room > 0.0 { room } else { 0.0 };
        }
        bounds.len() >= n && most > 0.0
    }
}

/// The least of some values; +∞ of none.
fn least(values: &[f64]) -> f64 {
    values.iter().fold(f64::INFINITY, |m, v| if *v < m { *v } else { m })
}

fn add_day(month: &mut Month, shift: &Shift, levels: &Levels<'_>, scope: &DayScope<'_>, boxes: &mut Boxes) {
    let (load, day) = (scope.load, scope.day);
    let range = load.days().range(day);
    let begin = month.cells.len();
    // A day of a clock change keeps its load: its slots are not its intervals.
    let labels = shift.labels.kinds.get(day).copied().zip(shift.labels.seasons.get(day).copied());
    let bounds = labels.filter(|_| load.days().shift(day).is_none()).map(|(k, s)| shift.envelope.day(k, s));
    let limit = shift.terms.limit_kw.unwrap_or(f64::INFINITY);
    let moves = bounds.is_some_and(|b| boxes.fill(load.day_kw(day), b, limit));
    if moves {
        let complete = load.day_complete(day);
        for segment in scope.tariff.segments(load.date(day)) {
            let Some(class) = levels.classes.get(segment.band).copied() else { continue };
            for slots in blocks(segment, block_len(shift, load) as usize) {
                let valid = |f: &[u8]| f.iter().all(|f| f & VALID != 0);
                if !complete && !load.day_flags(day).get(slots.clone()).is_some_and(valid) {
                    continue;
                }
                if let Some(cell) = cell(shift, levels, boxes, range.start, slots) {
                    month.cells.push(Cell { class, ..cell });
                }
            }
        }
    }
    // Where nothing can leave, nothing moves.
    if month.cells.get(begin..).is_none_or(|cells| cells.iter().all(|c| c.lo == 0.0)) {
        month.cells.truncate(begin);
    }
    let Some(tops) = &levels.top else { return };
    // What lies outside all cells keeps its level.
    let (mut from, mut stays) = (range.start, 0.0_f64);
    for cell in month.cells.get(begin..).unwrap_or(&[]) {
        stays = stays.max(levels.least_cap(tops, scope, from..cell.start));
        from = cell.start + cell.len;
    }
    month.least_cap = month.least_cap.max(stays).max(levels.least_cap(tops, scope, from..range.end));
}

impl Levels<'_> {
    /// Share of the present maximum that a run of intervals of a day reaches, at most 1.
    fn least_cap(&self, tops: &Tops<'_>, scope: &DayScope<'_>, run: Range<usize>) -> f64 {
        let at = run.start - self.range.start..run.end - self.range.start;
        let kw = tops.window_kw.get(at.clone()).unwrap_or(&[]);
        if let (Some(top), true) = (tops.single, scope.load.day_complete(scope.day)) {
            return crate::curve::extremes(kw).filter(|_| top > 0.0).map_or(0.0, |(_, kw)| (kw / top).min(1.0));
        }
        let levels = tops.level_kw.get(at).unwrap_or(&[]);
        let known = |(i, (_, top)): &(usize, (&f64, &f64))| **top > 0.0 && scope.load.is_valid(run.start + i);
        let reached = kw.iter().zip(levels).enumerate().filter(known);
        reached.fold(0.0, |cap, (_, (kw, top))| cap.max((kw / top).min(1.0)))
    }
}

/// Whole blocks of a segment, from its start.
fn blocks(segment: &Segment, len: usize) -> impl Iterator<Item = Range<usize>> {
    let end = segment.slots.end;
    segment.slots.clone().step_by(len).map(move |s| s..s + len).filter(move |b| b.end <= end)
}

/// A block's box; class is set by the caller. `None` where nothing can leave or enter.
fn cell(shift: &Shift, levels: &Levels<'_>, boxes: &Boxes, first: usize, slots: Range<usize>) -> Option<Cell> {
    let step = shift.terms.granularity.step_kw;
    let whole = |kw: f64| if kw + TINY_KW < step { 0.0 } else { floor_to(kw, step) };
    let (lo, hi) = (whole(least(boxes.out.get(slots.clone())?)), whole(least(boxes.into.get(slots.clone())?)));
    if lo == 0.0 && hi == 0.0 {
        return None;
    }
    let (mut room, mut top) = (f64::INFINITY, 0.0_f64);
    if let Some(tops) = &levels.top {
        let at = first + slots.start - levels.range.start..first + slots.end - levels.range.start;
        for (l, level) in tops.window_kw.get(at.clone())?.iter().zip(tops.level_kw.get(at)?) {
            let free = if level > l { level - l } else { 0.0 };
            room = if free < room { free } else { room };
            top = if *level > top { *level } else { top };
        }
    }
    let base = if top > 0.0 { top - room } else { 0.0 };
    Some(Cell { start: first + slots.start, len: slots.len(), class: 0, lo: -lo, hi, top, base })
}

/// For every interval of a range, the total at which the first supply point reaches its maximum
/// when all points grow alike, and the total's window mean.
fn tops<'a>(state: &'a State, tariff: &Compiled, range: &Range<usize>, demands: &[f64]) -> Tops<'a> {
    let window =
        tariff.demand_window().map_or(1, |w| (w.minutes() / state.load().interval().minutes()).max(1) as usize);
    let total = window_means(state.load(), range, window);
    if let [demand] = demands {
        return Tops { level_kw: vec![*demand; total.len()], single: Some(*demand), window_kw: total };
    }
    let mut nearest = vec![0.0_f64; total.len()];
    for ((_, point), demand) in state.points().iter().zip(demands).filter(|(_, d)| **d > 0.0) {
        for (share, kw) in nearest.iter_mut().zip(window_means(point, range, window).iter()) {
            *share = share.max(kw / demand);
        }
    }
    // Where nothing runs there is no share to grow by: no room.
    let level = |(kw, share): (&f64, &f64)| if *share > 0.0 { (kw / share).max(0.0) } else { 0.0 };
    Tops { level_kw: total.iter().zip(&nearest).map(level).collect(), single: None, window_kw: total }
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
