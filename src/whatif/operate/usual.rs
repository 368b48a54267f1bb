//! When a machine runs today, as its steps stand in the load.

use crate::curve::percentile::percentile;
use std::ops::Range;

/// Slots on each side of an edge whose means are compared.
const EDGE: usize = 2;

/// The median of each slot over some days; `days` are slices of equal length.
pub(super) fn medians(days: &[&[f64]], slots: usize) -> Vec<f64> {
    let of = |slot: usize| {
        let mut column: Vec<f64> = days.iter().filter_map(|d| d.get(slot).copied()).collect();
        percentile(&mut column, 0.5).unwrap_or(0.0)
    };
    (0..slots).map(of).collect()
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Power while it runs.
    pub kw: f64,
    /// Slots of its run.
    pub slots: usize,
    /// Where its run starts, when that is known.
    pub start: Option<usize>,
    /// How near its steps must come, as [`super::OperateTerms::least_match`].
    pub least_match: f64,
}

/// The run of a machine that the median day shows best; `None` when its steps are not seen. A known
/// start is believed when the load there is at least the machine's power.
pub(super) fn find(median: &[f64], wanted: Wanted) -> Option<Range<usize>> {
    let Wanted { kw, slots, start, least_match } = wanted;
    let carries = |s: usize| median.get(s..s + slots).is_some_and(|run| run.iter().all(|v| *v >= kw));
    if let Some(s) = start {
        return carries(s).then(|| s..s + slots);
    }
    let mut best: Option<(f64, usize)> = None;
    for s in (0..(median.len() + 1).saturating_sub(slots)).filter(|s| carries(*s)) {
        let matches = f64::midpoint(near(median, s, kw), near(median, s + slots, -kw));
        if matches >= least_match && best.is_none_or(|b| matches > b.0) {
            best = Some((matches, s));
        }
    }
    best.map(|(_, s)| s..s + slots)
}

/// How near the load's step at the start of a slot comes to `kw` (negative: a fall); 0 beside a greater
/// step, of which half would be seen here.
fn near(median: &[f64], at: usize, kw: f64) -> f64 {
    let n = median.len();
    let step = |at: usize| rise(median, at % n.max(1)) * kw.signum();
    let own = step(at);
    let whole = own >= step(at + 1) && own >= step(at + n.max(1) - 1);
    if whole { (1.0 - (own - kw.abs()).abs() / kw.abs()).max(0.0) } else { 0.0 }
}

/// By how much the load rises at the start of a slot; the day is followed by one like it.
fn rise(median: &[f64], at: usize) -> f64 {
    let n = median.len();
    let value = |i: usize| median.get(i % n.max(1)).copied().unwrap_or(0.0);
    (0..EDGE).map(|k| value(at + k) - value(at + n - 1 - k)).sum::<f64>() / EDGE as f64
}

/// Whether it ran on a day: the load of its usual run is not lower than usual by a share of its power.
pub(super) fn ran((day, median): (&[f64], &[f64]), run: &Range<usize>, kw: f64, off_share: f64) -> bool {
    let mean = |v: &[f64]| v.get(run.clone()).map_or(0.0, |r| r.iter().sum::<f64>() / run.len().max(1) as f64);
    let carries = day.get(run.clone()).is_some_and(|r| r.iter().all(|v| *v >= kw));
    carries && mean(day) >= mean(median) - off_share * kw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_found_by_its_steps() {
        let day: Vec<f64> = (0..96)
            .map(|s| {
                300.0
                    + if (32..80).contains(&s) { 200.0 } else { 0.0 }
                    + if (40..56).contains(&s) { 150.0 } else { 0.0 }
                    + if (44..52).contains(&s) { 60.0 } else { 0.0 }
            })
            .collect();
        let wanted = |kw, slots| Wanted { kw, slots, start: None, least_match: 0.5 };
        assert_eq!(find(&day, wanted(150.0, 16)), Some(40..56));
        assert_eq!(find(&day, wanted(60.0, 8)), Some(44..52));
        assert_eq!(find(&day, wanted(90.0, 20)), None, "no steps so far apart");
        assert_eq!(find(&day, wanted(900.0, 16)), None, "more than the load");
        assert_eq!(find(&day, Wanted { start: Some(10), ..wanted(90.0, 20) }), Some(10..30), "as the list says");
        assert!(ran((&day, &day), &(40..56), 150.0, 0.5));
        let without: Vec<f64> = day.iter().map(|v| v.min(510.0)).collect();
        assert!(!ran((&without, &day), &(40..56), 150.0, 0.5));
    }
}
