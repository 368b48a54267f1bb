//! Rows onto the grid: from one meter's segments, in any order, to its [`Load`].
//!
//! Rows are placed as runs of consecutive stamps, each run by one copy; only rows at a clock change
//! or on top of other rows are looked at one by one. The result does not depend on row order.

use super::block::{Block, Segment};
use super::coarse::CoarseRows;
use super::grid::Grid;
use super::labels::wide_start;
use super::options::{FirstPoint, InputOptions, Midnight, Stamp};
use super::step::{interval, only_step, stamp_range};
use super::ticks::{TickRun, Ticks};
use super::unusable::channels;
use crate::curve::{Days, Load, PowerKind};
use crate::time::{DAY_SECONDS, Date, Interval, Zone};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// How one meter's rows are to be understood.
#[derive(Debug, Clone)]
pub struct Meaning<'a> {
    /// Its zone, tabulated with the source's way of labelling clock changes.
    pub zone: Arc<Zone>,
    /// The run's options.
    pub options: &'a InputOptions,
    /// CT × PT to apply to rows without their own; 1 when values are multiplied already.
    pub multiplier: f64,
}

/// What the power of segments is: that of the option, but energy of intervals is no sample.
fn power_kind(segments: &[Segment], options: &InputOptions) -> PowerKind {
    let power = || channels(segments).iter().any(|c| c.is_active() && !c.is_energy());
    let sampled = options.power_kind == PowerKind::Instant && power();
    if sampled { PowerKind::Instant } else { PowerKind::Mean }
}

/// Places a meter's segments; `None` when no row has a usable stamp within the dates asked for.
///
/// # Errors
/// A message when no interval length of 5, 15, 30 or 60 minutes fits the stamps.
pub fn place(segments: &mut [Segment], meaning: &Meaning<'_>) -> Result<Option<Load>, String> {
    let Some(interval) = interval(segments, meaning.options)? else { return Ok(None) };
    let Some((first, last)) = dates(segments, meaning, interval) else { return Ok(None) };
    let of_rows = interval;
    let interval = fitting_clock_changes(of_rows, &meaning.zone, first..last);
    let days = Days::new(Arc::clone(&meaning.zone), interval, first, last);
    let grid = Grid::new(&days);
    let mut placer = Placer { grid, days, meaning, interval, of_rows, ambiguous: BTreeMap::new(), coarse: Vec::new() };
    if !placer.take_whole(segments) {
        for (s, segment) in segments.iter().enumerate() {
            placer.segment(segments, s, segment);
        }
        placer.resolve_ambiguous(segments);
        placer.place_coarse(segments);
    }
    Ok(placer.grid.finish(&placer.days, power_kind(segments, meaning.options)))
}

/// Half hours where a clock change of half an hour (Lord Howe) would leave hours across midnight.
fn fitting_clock_changes(interval: Interval, zone: &Zone, dates: Range<Date>) -> Interval {
    let splits = |d: Date| zone.day_seconds(d) % interval.seconds() != 0;
    let days = || (dates.start.0..=dates.end.0).map(Date);
    if zone.shifts_between(dates.start, dates.end) && days().any(splits) { Interval::M30 } else { interval }
}

/// First and last date that rows fall on, within the dates asked for.
fn dates(segments: &[Segment], meaning: &Meaning<'_>, interval: Interval) -> Option<(Date, Date)> {
    let mut bounds: Option<(i64, i64)> = None;
    for segment in segments {
        let per_second = segment.per_second();
        // A stamp outside the zone's table is a wrong stamp; it must not stretch the axis.
        let Some((lo, hi)) = least_and_greatest(&segment.ticks(), &stamp_range(per_second)) else { continue };
        let local = |tick: i64| {
            let seconds = tick.div_euclid(per_second);
            if segment.block.stamps.utc { meaning.zone.local(seconds).local } else { seconds }
        };
        let (lo, hi) = (local(lo), local(hi));
        bounds = Some(bounds.map_or((lo, hi), |(a, b)| (a.min(lo), b.max(hi))));
    }
    let (lo, hi) = bounds?;
    let (back, ahead) = moved(segments, meaning.options, interval);
    let date = |s: i64| Date(s.div_euclid(DAY_SECONDS).clamp(i64::from(i32::MIN / 2), i64::from(i32::MAX / 2)) as i32);
    let mut first = date(lo - back);
    let mut last = date(hi + ahead);
    if let Some(from) = meaning.options.from {
        first = first.max(from);
    }
    if let Some(to) = meaning.options.to {
        last = last.min(to.plus(-1));
    }
    (first <= last && meaning.zone.covers(first) && meaning.zone.covers(last)).then_some((first, last))
}

/// By how many seconds rows lie before the first label and after the last at most. Empty edge days are
/// trimmed when the grid is finished, but a grid that fits is filled without a copy.
fn moved(segments: &[Segment], options: &InputOptions, interval: Interval) -> (i64, i64) {
    let mut out = (0, if options.midnight == Midnight::Same { DAY_SECONDS } else { -DAY_SECONDS });
    let on_time = only_step(segments).is_some();
    for segment in segments {
        let wide = segment.block.points > 1;
        let (back, ahead) = match (wide, options.stamp, options.first_point) {
            (true, Stamp::End, FirstPoint::Midnight) => (Interval::M60.seconds(), 0),
            (true, Stamp::Start, FirstPoint::AfterOne) => (0, DAY_SECONDS),
            (true, ..) | (false, Stamp::Start, _) => (0, 0),
            (false, Stamp::End, _) if on_time => (interval.seconds(), -interval.seconds()),
            (false, Stamp::End, _) => (Interval::M60.seconds(), 0),
        };
        out = (out.0.max(back), out.1.max(ahead));
    }
    out
}

/// The least and the greatest stamp within the table.
fn least_and_greatest(ticks: &Ticks, table: &Range<i64>) -> Option<(i64, i64)> {
    let mut bounds: Option<(i64, i64)> = None;
    let mut widen = |lo: i64, hi: i64| bounds = Some(bounds.map_or((lo, hi), |(a, b)| (a.min(lo), b.max(hi))));
    for run in ticks.runs() {
        let last = run.first.wrapping_add(ticks.step().wrapping_mul(run.len as i64 - 1));
        if table.contains(&run.first) && table.contains(&last) {
            widen(run.first, last);
        } else {
            let usable = ticks.iter_from(run.row).take(run.len).filter(|t| table.contains(t));
            usable.for_each(|t| widen(t, t));
        }
    }
    bounds
}

/// Consecutive values with stamps one interval apart.
#[derive(Clone, Copy)]
pub(super) struct RunOfValues {
    pub segment: usize,
    /// Label of the first value in seconds: interval start, on the wall or in UTC.
    pub start: i64,
    pub utc: bool,
    /// First value in the block's columns, and how many.
    pub at: usize,
    pub len: usize,
    /// Row of the block, for what is kept by row.
    pub row: usize,
    /// Intervals that a value covers; its energy is spread over them evenly.
    pub covers: u32,
}

/// A value in the repeated hour of an autumn day: segment, position of the value, row, intervals
/// that it covers.
pub(super) type Pass = (usize, usize, usize, u32);

/// A row of a segment: its run and its place in it.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub run: usize,
    pub row: usize,
}

impl At {
    fn advance(&mut self, runs: &[TickRun], rows: usize) {
        self.row += rows;
        while let Some(run) = runs.get(self.run).filter(|r| r.len <= self.row) {
            self.row -= run.len;
            self.run += 1;
        }
    }
}

/// Whether rows have to be looked at one by one.
fn by_row(block: &Block) -> bool {
    block.multiplier.is_some() || block.row_channel.is_some()
}

pub(super) struct Placer<'a> {
    pub grid: Grid,
    pub days: Days,
    pub meaning: &'a Meaning<'a>,
    pub interval: Interval,
    /// The interval of rows of one point.
    pub of_rows: Interval,
    /// By first of the two possible intervals: the second, and the values in order of appearance
    /// with the label.
    pub ambiguous: BTreeMap<usize, (usize, Vec<Pass>)>,
    /// Rows of a longer interval, which are placed when all others are.
    pub coarse: Vec<CoarseRows>,
}

impl Placer<'_> {
    /// Takes over the arrays of a single segment that fills the whole axis, as most do; false when it
    /// does not, or somebody else needs it as well.
    fn take_whole(&mut self, segments: &mut [Segment]) -> bool {
        let [segment] = segments else { return false };
        let per_second = segment.per_second();
        let points = segment.block.points;
        let step = if points > 1 { DAY_SECONDS } else { self.interval.seconds() };
        let Some(run) = segment.ticks().only_run().filter(|r| r.len == segment.block.stamps.ticks.len()) else {
            return false;
        };
        let in_step = run.len == 1 || segment.block.stamps.ticks.step() == step * per_second;
        let utc = segment.block.stamps.utc;
        if !in_step
            || self.coarse_block(points).is_some()
            || by_row(&segment.block)
            || self.meaning.options.midnight != Midnight::Next
        {
            return false;
        }
        let start = self.interval_start(run.first.div_euclid(per_second), points, self.interval.seconds());
        let origin = if utc {
            self.days.zone().day_start(self.days.first())
        } else {
            i64::from(self.days.first().0) * DAY_SECONDS
        };
        let fits = run.first.rem_euclid(per_second) == 0
            && start == origin
            && (utc || self.days.is_regular())
            && run.len * points == self.grid.len()
            && segment.block.columns.iter().all(|(_, c)| c.values.len() == self.grid.len());
        let Some(block) = Arc::get_mut(&mut segment.block).filter(|_| fits) else { return false };
        let scale = self.meaning.options.scale.to_kilo() * self.meaning.multiplier;
        for (channel, column) in &mut block.columns {
            let factor = scale / if channel.is_energy() { self.interval.hours() } else { 1.0 };
            self.grid.put_all(*channel, std::mem::take(&mut column.values), column.nulls.as_deref(), factor);
        }
        true
    }

    /// Cuts a segment into runs and places each.
    fn segment(&mut self, all: &[Segment], s: usize, segment: &Segment) {
        let block = &segment.block;
        let per_second = segment.per_second();
        let table = stamp_range(per_second);
        if let Some(covers) = self.coarse_block(block.points) {
            self.coarse.push(CoarseRows { covers, segment: s, rows: segment.rows.clone() });
            return;
        }
        let days = block.points > 1 && !by_row(block);
        let step = if days { DAY_SECONDS } else { self.interval.seconds() } * per_second;
        let ticks = segment.ticks();
        let ticks = if ticks.step() == step { ticks } else { Cow::Owned(ticks.with_step(step)) };
        let runs: Vec<TickRun> = ticks.runs().collect();
        let mut at = At { run: 0, row: 0 };
        while let Some(run) = runs.get(at.run) {
            let mut n = if by_row(block) { 1 } else { self.run_length(run, at.row, step, per_second) };
            if block.points == 1
                && !by_row(block)
                && let Some((first, rows, covers)) = self.coarse_rows(&runs, at, n, step)
            {
                if first == 0 {
                    let start = segment.rows.start + run.row + at.row;
                    self.coarse.push(CoarseRows { covers, segment: s, rows: start..start + rows });
                    at.advance(&runs, rows);
                    continue;
                }
                n = first;
            }
            let tick = run.first.wrapping_add(step.wrapping_mul(at.row as i64));
            let last = tick.wrapping_add(step.wrapping_mul(n as i64 - 1));
            if !table.contains(&tick) || !table.contains(&last) {
                // Beyond the table row by row: a part may lie within.
                n = if table.contains(&tick) { 1 + ((table.end - 1 - tick) / step) as usize } else { 1 };
            }
            let row = segment.rows.start + run.row + at.row;
            let bad = !table.contains(&tick);
            if bad || tick.rem_euclid(per_second) != 0 {
                let placement = &mut self.grid.placement;
                let counter = if bad { &mut placement.bad_stamps } else { &mut placement.off_grid };
                *counter += n as u32;
            } else {
                let label = tick.div_euclid(per_second);
                let start = self.interval_start(label, block.points, self.interval.seconds());
                let (from, len) = (row * block.points, n * block.points);
                self.run(all, RunOfValues { segment: s, start, utc: block.stamps.utc, at: from, len, row, covers: 1 });
            }
            at.advance(&runs, n);
        }
    }

    /// Rows from one of a run's rows on that can be placed at once.
    fn run_length(&self, run: &TickRun, row: usize, step: i64, per_second: i64) -> usize {
        let n = run.len - row;
        let day = DAY_SECONDS * per_second;
        if self.meaning.options.midnight == Midnight::Next || step >= day {
            return n;
        }
        // 00:00 of the same date is 24:00: it stands alone.
        let in_day = run.first.wrapping_add(step.wrapping_mul(row as i64)).rem_euclid(day);
        if in_day < per_second {
            return 1;
        }
        let past = in_day % step;
        if past >= per_second { n } else { n.min(((day - in_day + past) / step) as usize) }
    }

    /// From a label to the start of its interval of `step` seconds.
    pub(super) fn interval_start(&self, label: i64, points: usize, step: i64) -> i64 {
        let options = self.meaning.options;
        if points > 1 {
            return wide_start(label, step, options);
        }
        let same_date = options.midnight == Midnight::Same && label.rem_euclid(DAY_SECONDS) == 0;
        let label = if same_date { label + DAY_SECONDS } else { label };
        if options.stamp == Stamp::End { label - step } else { label }
    }

    pub(super) fn run(&mut self, all: &[Segment], run: RunOfValues) {
        if run.utc {
            self.real_time_run(all, run);
        } else if self.days.is_regular() {
            let origin = i64::from(self.days.first().0) * DAY_SECONDS;
            self.contiguous(all, run, run.start - origin);
        } else {
            self.wall_clock_run(all, run);
        }
    }

    /// A run of instants: real time has no jumps.
    fn real_time_run(&mut self, all: &[Segment], run: RunOfValues) {
        let origin = self.days.zone().day_start(self.days.first());
        self.contiguous(all, run, run.start - origin);
    }

    /// A run that lies contiguously, `offset` seconds after the grid's first instant.
    fn contiguous(&mut self, all: &[Segment], run: RunOfValues, offset: i64) {
        let step = self.interval.seconds();
        if offset.rem_euclid(step) != 0 {
            self.grid.placement.off_grid += run.len as u32;
            return;
        }
        let index = offset.div_euclid(step);
        // Values before or after the dates asked for are left out.
        let skip = usize::try_from(-index).unwrap_or(0).min(run.len);
        let index = index.max(0) as usize;
        let room = self.grid.len().saturating_sub(index);
        let len = (run.len - skip).min(room);
        if len > 0 {
            self.put(all, RunOfValues { at: run.at + skip, len, ..run }, index);
        }
    }

    /// A run of wall-clock labels across dates that may have a clock change.
    fn wall_clock_run(&mut self, all: &[Segment], run: RunOfValues) {
        let step = self.interval.seconds();
        let (mut label, mut at, end) = (run.start, run.at, run.at + run.len);
        while at < end {
            let date = Date(label.div_euclid(DAY_SECONDS) as i32);
            let wall = label.rem_euclid(DAY_SECONDS);
            let len = (((DAY_SECONDS - wall + step - 1) / step) as usize).min(end - at);
            if wall % step != 0 {
                self.grid.placement.off_grid += len as u32;
            } else if let Some(day) = self.days.day_of(date) {
                let part = RunOfValues { at, len, start: label, ..run };
                if self.days.shift(day).is_none() {
                    self.put(all, part, self.days.range(day).start + (wall / step) as usize);
                } else {
                    self.clock_change_day(all, part, day);
                }
            }
            label += len as i64 * step;
            at += len;
        }
    }

    pub(super) fn put(&mut self, all: &[Segment], run: RunOfValues, index: usize) {
        let block = &all[run.segment].block;
        // The row's own multiplier takes the place of the meter's: they are the same CT × PT.
        let own = block.multiplier.as_ref().map(|m| m[run.row]).filter(|m| m.is_finite() && *m > 0.0);
        let scale = self.meaning.options.scale.to_kilo() * own.unwrap_or(self.meaning.multiplier);
        let hours = self.interval.hours();
        for (named, column) in &block.columns {
            let channel = match &block.row_channel {
                Some(kinds) if named.is_active() || block.columns.len() == 1 => kinds[run.row],
                _ => Some(*named),
            };
            let Some(channel) = channel else { continue };
            let factor = scale / if channel.is_energy() { hours * f64::from(run.covers) } else { 1.0 };
            let values = &column.values[run.at..run.at + run.len];
            let nulls = column.nulls.as_ref().map(|n| &n[run.at..run.at + run.len]);
            self.grid.put(channel, index, values, nulls, factor);
        }
    }
}
