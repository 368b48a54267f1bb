//! One cycle as boxes: how much may leave and enter each block, and what room the cap leaves.

use super::super::outlay::{self, Scope};
use super::super::{Bounds, State};
use super::Shift;
use super::fill::{Cell, Month, floor_to};
use crate::curve::{Load, VALID};
use crate::tariff::{Compiled, Segment};
use std::borrow::Cow;
use std::ops::Range;

/// Present powers and the level at which each interval would reach a maximum; both in kW, for the
/// intervals `range` of the load.
struct Levels<'a> {
    range: Range<usize>,
    kw: &'a [f64],
    /// Class of each band of the tariff.
    classes: Vec<usize>,
    /// `None` when no maximum counts.
    top: Option<Tops<'a>>,
}

/// Where maxima stand.
struct Tops<'a> {
    /// Total at which the first supply point would reach its maximum, if all grew alike.
    level_kw: Vec<f64>,
    /// The mean of the demand window that the interval belongs to, of the total.
    window_kw: Cow<'a, [f64]>,
}

/// Builds the problem of one cycle.
pub(super) fn month(shift: &Shift, state: &State, tariff: &Compiled, scope: &Scope<'_>) -> Month {
    let load = state.load();
    let outlay = outlay::pieces(state, tariff, scope);
    let range = load.range_of_days(scope.cycle.days.clone());
    let (prices, classes) = prices(tariff, scope);
    let levels = Levels {
        kw: load.kw().get(range.clone()).unwrap_or(&[]),
        classes,
        top: (!outlay.is_empty()).then(|| tops(state, tariff, &range, &scope.demands)),
        range,
    };
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
    for day in scope.cycle.days.clone() {
        add_day(&mut month, shift, &levels, &DayScope { load, tariff, day });
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

fn add_day(month: &mut Month, shift: &Shift, levels: &Levels<'_>, scope: &DayScope<'_>) {
    let (load, day) = (scope.load, scope.day);
    let first = load.days().range(day).start;
    let n = load.days().range(day).len();
    let labels = shift.labels.kinds.get(day).copied().zip(shift.labels.seasons.get(day).copied());
    let mut covered = vec![false; n];
    // A day of a clock change keeps its load: its slots are not its intervals.
    if let Some((kind, season)) = labels.filter(|_| load.days().shift(day).is_none()) {
        let bounds = shift.envelope.day(kind, season);
        for segment in scope.tariff.segments(load.date(day)) {
            let Some(class) = levels.classes.get(segment.band).copied() else { continue };
            for slots in blocks(segment, block_len(shift, load) as usize) {
                let Some(cell) = cell(shift, levels, bounds, first, slots.clone()) else { continue };
                let valid = load.day_flags(day).get(slots.clone()).is_some_and(|f| f.iter().all(|f| f & VALID != 0));
                if valid && (cell.lo < 0.0 || cell.hi > 0.0) {
                    month.cells.push(Cell { class, ..cell });
                    covered.get_mut(slots).unwrap_or_default().fill(true);
                }
            }
        }
    }
    // Where nothing can leave, nothing moves.
    let begin = month.day_ends.last().copied().unwrap_or(0);
    if month.cells.get(begin..).is_none_or(|cells| cells.iter().all(|c| c.lo == 0.0)) {
        month.cells.truncate(begin);
        covered.fill(false);
    }
    let Some(tops) = &levels.top else { return };
    for (k, flags) in load.day_flags(day).iter().enumerate() {
        let at = first + k - levels.range.start;
        if !covered.get(k).is_some_and(|c| *c)
            && flags & VALID != 0
            && let (Some(kw), Some(top)) = (tops.window_kw.get(at), tops.level_kw.get(at))
            && *top > 0.0
        {
            month.least_cap = month.least_cap.max((kw / top).min(1.0));
        }
    }
}

/// Whole blocks of a segment, from its start.
fn blocks(segment: &Segment, len: usize) -> impl Iterator<Item = Range<usize>> {
    let end = segment.slots.end;
    segment.slots.clone().step_by(len).map(move |s| s..s + len).filter(move |b| b.end <= end)
}

/// A block's box; class is set by the caller.
fn cell(shift: &Shift, levels: &Levels<'_>, bounds: &[Bounds], first: usize, slots: Range<usize>) -> Option<Cell> {
    let at = first + slots.start - levels.range.start..first + slots.end - levels.range.start;
    let (kw, bounds) = (levels.kw.get(at.clone())?, bounds.get(slots.clone())?);
    let limit = shift.terms.limit_kw.unwrap_or(f64::INFINITY);
    let (mut out, mut into) = (f64::INFINITY, f64::INFINITY);
    for (l, b) in kw.iter().zip(bounds) {
        out = out.min((b.flexible * l).min(l - b.floor_kw).max(0.0));
        into = into.min((b.high_kw.min(limit) - l).max(0.0));
    }
    let (mut room, mut top) = (f64::INFINITY, 0.0_f64);
    if let Some(tops) = &levels.top {
        for (l, level) in tops.window_kw.get(at.clone())?.iter().zip(tops.level_kw.get(at)?) {
            room = room.min((level - l).max(0.0));
            top = top.max(*level);
        }
    }
    let step = shift.terms.granularity.step_kw;
    let base = if top > 0.0 { top - room } else { 0.0 };
    Some(Cell {
        start: first + slots.start,
        len: slots.len(),
        class: 0,
        lo: -floor_to(out, step),
        hi: floor_to(into, step),
        top,
        base,
    })
}

/// For every interval of a range, the total at which the first supply point reaches its maximum
/// when all points grow alike, and the total's window mean.
fn tops<'a>(state: &'a State, tariff: &Compiled, range: &Range<usize>, demands: &[f64]) -> Tops<'a> {
    let window =
        tariff.demand_window().map_or(1, |w| (w.minutes() / state.load().interval().minutes()).max(1) as usize);
    let total = window_means(state.load(), range, window);
    if let [demand] = demands {
        return Tops { level_kw: vec![*demand; total.len()], window_kw: total };
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
