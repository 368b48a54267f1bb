//! Rows onto the grid: from one meter's segments, in any order, to its [`Load`].
//!
//! Rows are placed as runs of consecutive stamps, each run by one copy; only rows at a clock change
//! or on top of other rows are looked at one by one. The result does not depend on row order.

use super::block::Segment;
use super::coarse::CoarseRows;
use super::columns::Channel;
use super::grid::Grid;
use super::options::{FirstPoint, InputOptions, Midnight, Stamp};
use super::step::{TimeOrder, interval, stamp_range, time_order};
use crate::curve::{Days, Load};
use crate::time::{DAY_SECONDS, Date, Interval, Zone};
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

/// Places a meter's segments; `None` when no row has a usable stamp within the dates asked for.
///
/// # Errors
/// A message when no interval length of 5, 15, 30 or 60 minutes fits the stamps.
pub fn place(segments: &[Segment], meaning: &Meaning<'_>) -> Result<Option<Load>, String> {
    let Some(interval) = interval(segments, meaning.options)? else { return Ok(None) };
    let Some((first, last)) = dates(segments, meaning, interval) else { return Ok(None) };
    let of_rows = interval;
    let interval = fitting_clock_changes(of_rows, &meaning.zone, first..last);
    let days = Days::new(Arc::clone(&meaning.zone), interval, first, last);
    let grid = Grid::new(&days);
    let mut placer = Placer { grid, days, meaning, interval, of_rows, ambiguous: BTreeMap::new(), coarse: Vec::new() };
    for (s, segment) in segments.iter().enumerate() {
        placer.segment(segments, s, segment);
    }
    placer.resolve_ambiguous(segments);
    placer.place_coarse(segments);
    Ok(placer.grid.finish(&placer.days, meaning.options.power_kind))
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
        let per_second = segment.block.stamps.per_second.max(1);
        // A stamp outside the zone's table is a wrong stamp; it must not stretch the axis.
        let table = stamp_range(per_second);
        let (mut lo, mut hi) = (i64::MAX, i64::MIN);
        for t in segment.ticks() {
            let usable = table.contains(t);
            lo = lo.min(if usable { *t } else { i64::MAX });
            hi = hi.max(if usable { *t } else { i64::MIN });
        }
        if lo == i64::MAX {
            continue;
        }
        let local = |tick: i64| {
            let seconds = tick.div_euclid(per_second);
            if segment.block.stamps.utc { meaning.zone.local(seconds).local } else { seconds }
        };
        let (lo, hi) = (local(lo), local(hi));
        bounds = Some(bounds.map_or((lo, hi), |(a, b)| (a.min(lo), b.max(hi))));
    }
    let (lo, hi) = bounds?;
    // An end stamp, a shifted first point or a 24:00 of the same date move a row by at most an
    // interval back or a day ahead; empty edge days are trimmed when the grid is finished.
    let ahead = if meaning.options.midnight == Midnight::Same { DAY_SECONDS } else { interval.seconds() };
    let date = |s: i64| Date(s.div_euclid(DAY_SECONDS).clamp(i64::from(i32::MIN / 2), i64::from(i32::MAX / 2)) as i32);
    let mut first = date(lo - Interval::M60.seconds());
    let mut last = date(hi + ahead);
    if let Some(from) = meaning.options.from {
        first = first.max(from);
    }
    if let Some(to) = meaning.options.to {
        last = last.min(to.plus(-1));
    }
    (first <= last && meaning.zone.covers(first) && meaning.zone.covers(last)).then_some((first, last))
}

/// Consecutive values with stamps one interval apart.
#[derive(Clone, Copy)]
pub(super) struct RunOfValues {
    pub(super) segment: usize,
    /// Label of the first value in seconds: interval start, on the wall or in UTC.
    pub(super) start: i64,
    pub(super) utc: bool,
    /// First value in the block's columns, and how many.
    pub(super) at: usize,
    pub(super) len: usize,
    /// Row of the block, for what is kept by row.
    pub(super) row: usize,
    /// Intervals that a value covers; its energy is spread over them evenly.
    pub(super) covers: u32,
}

/// A value in the repeated hour of an autumn day: segment, position of the value, row, intervals
/// that it covers.
type Pass = (usize, usize, usize, u32);

pub(super) struct Placer<'a> {
    pub(super) grid: Grid,
    days: Days,
    pub(super) meaning: &'a Meaning<'a>,
    pub(super) interval: Interval,
    /// The interval of rows of one point.
    pub(super) of_rows: Interval,
    /// By first of the two possible intervals: the second, and the values in order of appearance
    /// with the label.
    ambiguous: BTreeMap<usize, (usize, Vec<Pass>)>,
    /// Rows of a longer interval, which are placed when all others are.
    pub(super) coarse: Vec<CoarseRows>,
}

impl Placer<'_> {
    /// Cuts a segment into runs and places each.
    fn segment(&mut self, all: &[Segment], s: usize, segment: &Segment) {
        let block = &segment.block;
        let per_second = block.stamps.per_second.max(1);
        let step = self.interval.seconds() * per_second;
        let ticks = segment.ticks();
        let table = stamp_range(per_second);
        if let Some(covers) = self.coarse_block(block.points) {
            self.coarse.push(CoarseRows { covers, segment: s, rows: segment.rows.clone() });
            return;
        }
        let by_row = block.points > 1 || block.multiplier.is_some() || block.row_channel.is_some();
        let mut i = 0;
        while i < ticks.len() {
            let mut n = if by_row { 1 } else { self.run_length(&ticks[i..], step, per_second) };
            if !by_row && let Some((first, rows, covers)) = self.coarse_rows(&ticks[i..], n, step) {
                if first == 0 {
                    let rows_of_block = segment.rows.start + i..segment.rows.start + i + rows;
                    self.coarse.push(CoarseRows { covers, segment: s, rows: rows_of_block });
                    i += rows;
                    continue;
                }
                n = first;
            }
            let tick = ticks[i];
            let row = segment.rows.start + i;
            let bad = !table.contains(&tick);
            if bad || tick.rem_euclid(per_second) != 0 {
                let placement = &mut self.grid.placement;
                let counter = if bad { &mut placement.bad_stamps } else { &mut placement.off_grid };
                *counter += n as u32;
            } else {
                let label = tick.div_euclid(per_second);
                let start = self.interval_start(label, block.points, self.interval.seconds());
                let (at, len) = (row * block.points, n * block.points);
                self.run(all, RunOfValues { segment: s, start, utc: block.stamps.utc, at, len, row, covers: 1 });
            }
            i += n;
        }
    }

    /// Rows from the first on whose stamps follow each other by one interval.
    fn run_length(&self, ticks: &[i64], step: i64, per_second: i64) -> usize {
        let n = 1 + ticks.windows(2).take_while(|w| w[1].wrapping_sub(w[0]) == step).count();
        if self.meaning.options.midnight == Midnight::Next {
            return n;
        }
        // 00:00 of the same date is 24:00: it stands alone.
        let midnight = |t: &i64| t.div_euclid(per_second).rem_euclid(DAY_SECONDS) == 0;
        if midnight(&ticks[0]) { 1 } else { ticks[..n].iter().position(midnight).unwrap_or(n) }
    }

    /// From a label to the start of its interval of `step` seconds.
    pub(super) fn interval_start(&self, label: i64, points: usize, step: i64) -> i64 {
        let options = self.meaning.options;
        if points > 1 {
            let day = label - label.rem_euclid(DAY_SECONDS);
            return match (options.first_point, options.stamp) {
                (FirstPoint::Midnight, Stamp::Start) | (FirstPoint::AfterOne, Stamp::End) => day,
                (FirstPoint::Midnight, Stamp::End) => day - step,
                (FirstPoint::AfterOne, Stamp::Start) => day + step,
            };
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

    /// A part of a run within a day on which the clock changes.
    fn clock_change_day(&mut self, all: &[Segment], run: RunOfValues, day: usize) {
        let step = self.interval.seconds();
        let Some(shift) = self.days.shift(day) else { return };
        let first = self.days.range(day).start;
        for k in 0..run.len {
            let wall = run.start.rem_euclid(DAY_SECONDS) + k as i64 * step;
            let one = RunOfValues { at: run.at + k, len: 1, ..run };
            let elapsed = if self.meaning.options.stamp == Stamp::End {
                // The label is the clock at the interval's end: that is looked up, then an interval
                // of real time taken off. At the change itself either reading of the clock is meant.
                let (a, b) = match shift.elapsed(wall + step) {
                    (None, None) if wall + step == shift.at => (Some(shift.at), None),
                    found => found,
                };
                (a.map(|a| a - step), b.map(|b| b - step))
            } else {
                shift.elapsed(wall)
            };
            match elapsed {
                (Some(a), None) => self.put(all, one, first + (a / step) as usize),
                (Some(a), Some(b)) => {
                    let (a, b) = (first + (a / step) as usize, first + (b / step) as usize);
                    self.ambiguous.entry(a).or_insert((b, Vec::new())).1.push((
                        run.segment,
                        one.at,
                        run.row,
                        run.covers,
                    ));
                }
                _ if is_null(all, one) => {}
                _ => self.grid.placement.in_absent_hour += 1,
            }
        }
    }

    fn put(&mut self, all: &[Segment], run: RunOfValues, index: usize) {
        let block = &all[run.segment].block;
        // The row's own multiplier takes the place of the meter's: they are the same CT × PT.
        let own = block.multiplier.as_ref().map(|m| m[run.row]).filter(|m| m.is_finite() && *m > 0.0);
        let scale = self.meaning.options.scale.to_kilo() * own.unwrap_or(self.meaning.multiplier);
        let hours = self.interval.hours();
        for (named, column) in &block.columns {
            let channel = match &block.row_channel {
                None => Some(*named),
                Some(kinds) => kinds[run.row],
            };
            let Some(channel) = channel else { continue };
            let factor = scale / if channel.is_energy() { hours * f64::from(run.covers) } else { 1.0 };
            let values = &column.values[run.at..run.at + run.len];
            let nulls = column.nulls.as_ref().map(|n| &n[run.at..run.at + run.len]);
            self.grid.put(channel, index, values, nulls, factor);
        }
    }

    /// Gives the two passes of a repeated hour their places: in order of appearance when rows are
    /// in time order or exactly reversed, else the smaller value first, so that row order does not
    /// matter.
    pub(super) fn resolve_ambiguous(&mut self, all: &[Segment]) {
        let groups = std::mem::take(&mut self.ambiguous);
        if groups.is_empty() {
            return;
        }
        let order = time_order(all);
        for (first, (second, mut copies)) in groups {
            let value = |c: &Pass| all[c.0].block.columns.first().map_or(0.0, |(_, col)| col.values[c.1]);
            copies.sort_unstable();
            match order {
                TimeOrder::Forward => {}
                TimeOrder::Backward => copies.reverse(),
                TimeOrder::None => copies.sort_by(|a, b| value(a).total_cmp(&value(b))),
            }
            self.place_copies(all, first, second, &copies);
        }
    }

    /// Two rows of a repeated label are the two passes; more are surplus copies.
    fn place_copies(&mut self, all: &[Segment], first: usize, second: usize, copies: &[Pass]) {
        let run = |c: &Pass| RunOfValues { segment: c.0, start: 0, utc: false, at: c.1, len: 1, row: c.2, covers: c.3 };
        // Each segment's channels are placed for themselves: kW and kvar may come in two files.
        let mut by_kind: BTreeMap<Vec<Channel>, Vec<&Pass>> = BTreeMap::new();
        for c in copies {
            let block = &all[c.0].block;
            let kinds = match &block.row_channel {
                Some(k) => k[c.2].into_iter().collect(),
                None => block.columns.iter().map(|(c, _)| *c).collect(),
            };
            by_kind.entry(kinds).or_default().push(c);
        }
        for copies in by_kind.values() {
            let bits =
                |c: &Pass| all[c.0].block.columns.iter().map(|(_, col)| col.values[c.1].to_bits()).collect::<Vec<_>>();
            if let [only] = copies.as_slice() {
                self.put(all, run(only), first);
                continue;
            }
            let a = copies[0];
            let b = copies.iter().find(|c| bits(c) != bits(a)).unwrap_or(&copies[1]);
            let mut surplus = copies.len() - 2;
            self.put(all, run(a), first);
            self.put(all, run(b), second);
            for c in copies.iter().filter(|c| bits(c) != bits(a) && bits(c) != bits(b)) {
                surplus = surplus.saturating_sub(1);
                self.put(all, run(c), first);
                self.put(all, run(c), second);
            }
            self.grid.placement.duplicates += surplus as u32;
            self.grid.placement.rows += surplus as u32;
        }
    }
}

fn is_null(all: &[Segment], run: RunOfValues) -> bool {
    let columns = &all[run.segment].block.columns;
    columns.iter().all(|(_, c)| c.nulls.as_ref().is_some_and(|n| n[run.at]))
}
