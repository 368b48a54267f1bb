//! The interval length of a meter, and which stamps are usable at all.

use super::block::Segment;
use super::options::InputOptions;
use crate::text::say;
use crate::time::{DAY_SECONDS, Date, Interval, Zone};
use std::collections::BTreeMap;
use std::ops::Range;

/// Shortest share of stamp differences that an interval length must have to be the meter's
/// (judgement: isolated retries and gaps stay below it).
const MIN_SHARE: f64 = 0.2;
/// Stamps looked at, from the start, the middle and the end.
const SAMPLE: usize = 400;

/// The interval length: told by the number of points (the most, where rows differ), stated, or the
/// shortest usual difference of stamps; `None` where one instant alone tells none.
///
/// # Errors
/// A message when no interval length fits.
pub fn interval(segments: &[Segment], options: &InputOptions) -> Result<Option<Interval>, String> {
    if let Some(i) = segments.iter().map(|s| s.block.points).filter(|p| *p > 1).max().and_then(Interval::from_points) {
        return Ok(Some(i));
    }
    if options.interval.is_some() {
        return Ok(options.interval);
    }
    let total: usize = segments.iter().map(|s| s.rows.len()).sum();
    if total == 0 {
        return Ok(None);
    }
    if let Some(seconds) = only_step(segments)
        && let Some(interval) = whole_minutes(seconds)
    {
        return Ok(Some(interval));
    }
    let sampled = [0, total / 2, total.saturating_sub(SAMPLE)].map(|start| sample(segments, start, SAMPLE));
    let mut differences = stamp_differences(sampled);
    let mut found = usual(&differences);
    if found != Some(Interval::M5) && time_order(segments) == TimeOrder::None {
        // A few rows out of the whole tell nothing when rows are in no order: look at all.
        differences = stamp_differences([sample(segments, 0, total)]);
        found = usual(&differences);
    }
    let all: usize = differences.values().sum();
    match found {
        Some(interval) => Ok(Some(interval)),
        // A lone reading has no difference.
        None if all == 0 => Ok(None),
        None => {
            let seconds = differences.iter().max_by_key(|(_, n)| **n).map_or(0, |(d, _)| *d);
            Err(say("customer.step", &[("seconds", &seconds)]))
        }
    }
}

fn whole_minutes(seconds: i64) -> Option<Interval> {
    if seconds % 60 == 0 { Interval::from_minutes(seconds / 60) } else { None }
}

/// The difference of successive stamps in seconds where it is the same throughout.
pub fn only_step(segments: &[Segment]) -> Option<i64> {
    let mut next: Option<(i64, i64, i64)> = None;
    for segment in segments {
        let (ticks, per_second) = (segment.ticks(), segment.per_second());
        let (run, step) = (ticks.only_run()?, ticks.step());
        let last = run.first.checked_add(step.checked_mul(run.len as i64 - 1)?)?;
        let usable = stamp_range(per_second);
        let on_time = next.is_none_or(|n| n == (run.first, step, per_second));
        if !on_time || !usable.contains(&run.first) || !usable.contains(&last) || step % per_second != 0 {
            return None;
        }
        next = Some((last + step, step, per_second));
    }
    // One row alone has no difference.
    next.filter(|n| n.1 > 0 && segments.iter().any(|s| s.rows.len() > 1)).map(|(_, step, per_second)| step / per_second)
}

/// How often which difference of successive stamps occurs.
fn stamp_differences<const N: usize>(samples: [Vec<i64>; N]) -> BTreeMap<i64, usize> {
    let mut out: BTreeMap<i64, usize> = BTreeMap::new();
    for mut stamps in samples {
        stamps.sort_unstable();
        stamps.dedup();
        for pair in stamps.windows(2) {
            *out.entry(pair[1] - pair[0]).or_default() += 1;
        }
    }
    out
}

/// The shortest interval length that is a usual difference.
fn usual(differences: &BTreeMap<i64, usize>) -> Option<Interval> {
    let all: usize = differences.values().sum();
    differences.iter().find_map(|(d, n)| whole_minutes(*d).filter(|_| *n as f64 >= MIN_SHARE * all as f64))
}

/// In which direction of time rows follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeOrder {
    /// Oldest first.
    Forward,
    /// Newest first.
    Backward,
    /// Neither.
    None,
}

/// The direction in which nearly all rows (judgement: 19 of 20) follow each other, within and between
/// segments.
pub fn time_order(segments: &[Segment]) -> TimeOrder {
    let (mut up, mut down) = (0usize, 0usize);
    for segment in segments {
        let ticks = segment.ticks();
        let mut last: Option<i64> = None;
        for run in ticks.runs() {
            up += usize::from(last.is_some_and(|l| run.first > l)) + run.len - 1;
            down += usize::from(last.is_some_and(|l| run.first < l));
            last = Some(run.first.wrapping_add(ticks.step().wrapping_mul(run.len as i64 - 1)));
        }
    }
    let firsts: Vec<i64> = segments.iter().flat_map(|s| sample(std::slice::from_ref(s), 0, 1)).collect();
    for w in firsts.windows(2) {
        up += usize::from(w[1] > w[0]);
        down += usize::from(w[1] < w[0]);
    }
    if down * 20 <= up + down {
        TimeOrder::Forward
    } else if up * 20 <= up + down {
        TimeOrder::Backward
    } else {
        TimeOrder::None
    }
}

/// Up to `most` stamps in seconds from the `start`-th row on.
fn sample(segments: &[Segment], start: usize, most: usize) -> Vec<i64> {
    let mut skip = start;
    let mut out = Vec::with_capacity(most);
    for segment in segments {
        let ticks = segment.ticks();
        if skip >= ticks.len() {
            skip -= ticks.len();
            continue;
        }
        let per_second = segment.per_second();
        let range = stamp_range(per_second);
        let usable = ticks.iter_from(skip).filter(|t| range.contains(t));
        out.extend(usable.take(most - out.len()).map(|t| t.div_euclid(per_second)));
        skip = 0;
        if out.len() >= most {
            break;
        }
    }
    out
}

/// Stamps within the zone's table, two days from its ends so that no shift leaves it.
pub fn stamp_range(per_second: i64) -> Range<i64> {
    let tick = |date: Date| i64::from(date.0).saturating_mul(DAY_SECONDS).saturating_mul(per_second);
    tick(Zone::FIRST.plus(2))..tick(Zone::LAST.plus(-2))
}
