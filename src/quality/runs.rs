//! Runs of consecutive intervals.

use crate::curve::Load;
use serde_json::Value;
use std::ops::Range;

/// A finding about some intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// From the first to behind the last interval concerned; `None` for rows without a place.
    pub range: Option<Range<usize>>,
    /// Intervals (or rows) concerned.
    pub n: usize,
    /// Named numbers.
    pub evidence: Value,
}

impl Run {
    /// A finding about every interval of a range.
    #[must_use]
    pub fn of(range: Range<usize>, evidence: Value) -> Self {
        Self { n: range.len(), range: Some(range), evidence }
    }
}

/// Runs of intervals of the span that are not valid, in the order of time. Complete days cost one
/// comparison.
#[must_use]
pub fn gaps(load: &Load) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    for day in 0..load.days().len() {
        if load.day_valid(day) < load.day_expected(day) {
            let range = load.days().range(day);
            let inside = range.start.max(load.span().start)..range.end.min(load.span().end);
            extend_runs(&mut runs, inside, |i| !load.is_valid(i));
        }
    }
    runs
}

/// Adds the runs within a range where `is` holds; one that begins where the last ended continues it.
pub(super) fn extend_runs(runs: &mut Vec<Range<usize>>, range: Range<usize>, is: impl Fn(usize) -> bool) {
    for i in range.filter(|i| is(*i)) {
        match runs.last_mut() {
            Some(last) if last.end == i => last.end = i + 1,
            _ => runs.push(i..i + 1),
        }
    }
}
