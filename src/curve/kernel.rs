//! Passes over slices of kW that more than one module needs.

use super::{Flags, Load, VALID};
use std::ops::Range;

/// Sum in eight lanes, which compilers vectorise; the order is fixed by position alone, so the
/// result does not depend on threads or layout.
#[must_use]
pub fn sum(values: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, v) in lanes.iter_mut().zip(chunk) {
            *lane += v;
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().sum::<f64>()
}

/// Sum of magnitudes, in eight lanes.
#[must_use]
pub fn sum_abs(values: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, v) in lanes.iter_mut().zip(chunk) {
            *lane += v.abs();
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|v| v.abs()).sum::<f64>()
}

/// The least of a day's valid kW; +∞ without one.
pub(super) fn masked_min(kw: &[f64], flags: &[Flags], complete: bool) -> f64 {
    if complete {
        // Eight lanes, which compilers vectorise; no NaN is ever valid.
        let mut lanes = [f64::INFINITY; 8];
        let (chunks, rest) = kw.as_chunks::<8>();
        for chunk in chunks {
            for (lane, v) in lanes.iter_mut().zip(chunk) {
                *lane = if *v < *lane { *v } else { *lane };
            }
        }
        return lanes.iter().chain(rest).copied().fold(f64::INFINITY, f64::min);
    }
    kw.iter().zip(flags).filter(|(_, f)| *f & VALID != 0).map(|(v, _)| *v).fold(f64::INFINITY, f64::min)
}

/// The greatest of values, in eight lanes, which compilers vectorise; `None` of an empty slice.
#[must_use]
pub fn max(values: &[f64]) -> Option<f64> {
    let mut lanes = [f64::NEG_INFINITY; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, v) in lanes.iter_mut().zip(chunk) {
            *lane = if *v > *lane { *v } else { *lane };
        }
    }
    (!values.is_empty()).then(|| lanes.iter().chain(rest).copied().fold(f64::NEG_INFINITY, f64::max))
}

/// Calls `visit` with every maximal run of valid intervals within `range`, in time order. Runs of
/// complete days cost nothing per interval.
pub fn for_valid_runs(load: &Load, range: Range<usize>, mut visit: impl FnMut(Range<usize>)) {
    let range = range.start..range.end.min(load.kw().len());
    if range.is_empty() {
        return;
    }
    let days = load.days();
    let mut open: Option<usize> = None;
    for day in days.day_at(range.start)..=days.day_at(range.end - 1) {
        let whole = days.range(day);
        let part = whole.start.max(range.start)..whole.end.min(range.end);
        if load.day_complete(day) {
            open = open.or(Some(part.start));
            continue;
        }
        for (flags, i) in load.flags()[part.clone()].iter().zip(part) {
            match (flags & VALID != 0, open) {
                (true, None) => open = Some(i),
                (false, Some(start)) => {
                    visit(start..i);
                    open = None;
                }
                _ => {}
            }
        }
    }
    if let Some(start) = open {
        visit(start..range.end);
    }
}

/// The greatest valid kW in a range and its first interval; `None` when none is valid. One
/// vectorised pass finds the value, a second looks for its place.
#[must_use]
pub fn max_at(load: &Load, range: Range<usize>) -> Option<(f64, usize)> {
    let mut best: Option<(f64, Range<usize>)> = None;
    for_valid_runs(load, range, |run| {
        if let Some(top) = max(&load.kw()[run.clone()])
            && best.as_ref().is_none_or(|(b, _)| top > *b)
        {
            best = Some((top, run));
        }
    });
    let (top, run) = best?;
    let offset = load.kw()[run.clone()].iter().position(|v| *v == top)?;
    Some((top, run.start + offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::testing;
    use proptest::prelude::*;

    #[test]
    fn maximum_of_negative_values_is_not_the_masked_zero() {
        let load = testing::load(60, &[&[-5.0; 24], &[f64::NAN; 24], &[-3.0; 24]]);
        assert_eq!(max_at(&load, 0..72), Some((-3.0, 48)));
        assert_eq!(max_at(&load, 24..48), None);
        assert_eq!(max(&[]), None);
    }

    proptest! {
        #[test]
        fn runs_cover_exactly_the_valid_intervals(
            bits in prop::collection::vec(prop::bool::weighted(0.9), 72),
            whole in 0..4usize,
            range in (0..72usize, 0..80usize),
        ) {
            let values: Vec<f64> =
                bits.iter().enumerate().map(|(i, b)| if *b || i / 24 == whole { 1.0 } else { f64::NAN }).collect();
            let load = testing::load(60, &[&values]);
            let range = range.0..range.1.max(range.0);
            let mut seen = Vec::new();
            let mut last_end = None;
            for_valid_runs(&load, range.clone(), |r| {
                assert!(last_end.is_none_or(|e| e < r.start), "runs are maximal");
                last_end = Some(r.end);
                seen.extend(r);
            });
            let expected: Vec<usize> = range.filter(|i| load.is_valid(*i)).collect();
            prop_assert_eq!(seen, expected);
            prop_assert_eq!(max_at(&load, 0..72).map(|m| m.1), load.max_kw(0..72).map(|m| m.1));
        }
    }
}
