//! Runs of intervals above a level.

use crate::curve::{Load, kernel, wide};
use std::ops::Range;

/// Runs that are at most this many intervals apart are one (domain practice: a single low reading
/// does not end a production peak).
pub const MERGE_GAP: usize = 1;

/// A run of intervals above a level, short gaps included.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Interval indices; starts and ends above the level.
    pub span: Range<usize>,
    /// The highest kW and its first interval.
    pub max: (f64, usize),
    /// Σ(P − level) in kW over the intervals above; × hours of an interval is kWh.
    pub above_kw: f64,
}

/// All runs above a level: at or above it when `or_equal`, else strictly. Those that are no more
/// than [`MERGE_GAP`] intervals apart are merged; what lies between adds nothing to `above_kw`.
/// Stretches without one cost about a plain pass.
#[must_use]
pub fn runs_above(load: &Load, range: Range<usize>, level: f64, or_equal: bool) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    // Above is at or above the next number.
    let least = if or_equal { level } else { level.next_up() };
    let mut marks = Vec::new();
    let mut add = |span| {
        let run = measured(load, span, level);
        match out.last_mut() {
            Some(last) if run.span.start - last.span.end <= MERGE_GAP => join(last, &run),
            _ => out.push(run),
        }
    };
    let mut search = |stretch: Range<usize>| {
        kernel::for_valid_runs(load, stretch, |valid| {
            let start = valid.start;
            for_runs(&load.kw()[valid], least, &mut marks, |run| add(start + run.start..start + run.end));
        });
    };
    // Days below the level have no run.
    let mut stretch: Option<Range<usize>> = None;
    for (_, part) in kernel::days_within(load, range).filter(|(day, _)| load.day_max(*day) >= least) {
        match &mut stretch {
            Some(open) if open.end == part.start => open.end = part.end,
            _ => {
                if let Some(done) = stretch.replace(part) {
                    search(done);
                }
            }
        }
    }
    if let Some(last) = stretch {
        search(last);
    }
    out
}

/// Calls `visit` with every maximal run of values that are at least `least`, in order: where marks change.
fn for_runs(kw: &[f64], least: f64, marks: &mut Vec<u64>, mut visit: impl FnMut(Range<usize>)) {
    mark(kw, least, marks);
    let (mut open, mut before) = (None, 0);
    for (word, marks) in marks.iter().enumerate() {
        let mut changes = marks ^ (marks << 1 | before);
        before = marks >> 63;
        while changes != 0 {
            let at = word * 64 + changes.trailing_zeros() as usize;
            changes &= changes - 1;
            match open.take() {
                None => open = Some(at),
                Some(start) => visit(start..at),
            }
        }
    }
    if let Some(start) = open {
        visit(start..kw.len());
    }
}

wide! {
    /// A bit for each value that is at least `least`, 64 to a word, the first lowest.
    fn mark(kw: &[f64], least: f64, marks: &mut Vec<u64>) = mark_at_least;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn mark_at_least(kw: &[f64], least: f64, marks: &mut Vec<u64>) {
    let bit = |(i, v): (usize, &f64)| u64::from(*v >= least) << i;
    let (words, rest) = kw.as_chunks::<64>();
    marks.clear();
    marks.extend(words.iter().map(|word| word.iter().enumerate().map(bit).fold(0, |marks, bit| marks | bit)));
    if !rest.is_empty() {
        marks.push(rest.iter().enumerate().map(bit).fold(0, |marks, bit| marks | bit));
    }
}

fn measured(load: &Load, span: Range<usize>, level: f64) -> Run {
    let kw = &load.kw()[span.clone()];
    let mut max = (f64::NEG_INFINITY, span.start);
    let mut above_kw = 0.0;
    for (v, i) in kw.iter().zip(span.clone()) {
        if *v > max.0 {
            max = (*v, i);
        }
        above_kw += v - level;
    }
    Run { span, max, above_kw }
}

fn join(last: &mut Run, next: &Run) {
    last.span.end = next.span.end;
    last.above_kw += next.above_kw;
    if next.max.0 > last.max.0 {
        last.max = next.max;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::testing;

    fn spans(kw: &[f64], level: f64) -> Vec<Range<usize>> {
        let load = testing::load(60, &[kw]);
        runs_above(&load, 0..load.kw().len(), level, true).into_iter().map(|r| r.span).collect()
    }

    #[test]
    fn one_low_reading_does_not_end_a_run_but_two_do() {
        let kw = [9.0, 5.0, 9.0, 5.0, 5.0, 9.0];
        assert_eq!(spans(&kw, 8.0), [0..3, 5..6]);
    }

    #[test]
    fn one_missing_reading_neither() {
        let kw = [9.0, f64::NAN, 9.0, f64::NAN, f64::NAN, 9.0];
        assert_eq!(spans(&kw, 8.0), [0..3, 5..6]);
    }

    #[test]
    fn energy_and_maximum_of_a_merged_run() {
        let load = testing::load(60, &[&[9.0, 5.0, 11.0, 11.0]]);
        let runs = runs_above(&load, 0..4, 8.0, true);
        assert_eq!(runs, [Run { span: 0..4, max: (11.0, 2), above_kw: 7.0 }]);
        assert!(runs_above(&load, 0..4, 11.0, false).is_empty(), "strictly above");
        assert_eq!(runs_above(&load, 3..4, 8.0, true).len(), 1);
    }

    #[test]
    fn far_apart_runs_are_found_past_skipped_chunks() {
        let mut kw = vec![1.0; 96];
        kw[70] = 9.0;
        kw[95] = 9.0;
        assert_eq!(spans(&kw, 8.0), [70..71, 95..96]);
    }
}
