//! Passes over slices of kW that more than one module needs.

use super::wide::wide;
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

/// Whether no value is a NaN or infinite: times 0 those alone are no 0, and a sum of zeros shows it at the price of
/// a sum.
#[must_use]
pub fn all_finite(values: &[f64]) -> bool {
    let mut lanes = [0.0; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, v) in lanes.iter_mut().zip(chunk) {
            *lane += v * 0.0;
        }
    }
    lanes.iter().all(|lane| *lane == 0.0) && rest.iter().all(|v| v.is_finite())
}

/// Sum of what is above 0, in eight lanes.
pub(super) fn sum_positive(values: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, v) in lanes.iter_mut().zip(chunk) {
            *lane += if *v > 0.0 { *v } else { 0.0 };
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|v| v.max(0.0)).sum::<f64>()
}

/// Intervals with all of some flags; counted in bytes, of which vectors hold most.
#[must_use]
pub fn marked(flags: &[Flags], all: Flags) -> usize {
    let of = |stretch: &[Flags]| stretch.iter().map(|f| u8::from(f & all == all)).sum::<u8>();
    flags.chunks(usize::from(u8::MAX)).map(|stretch| usize::from(of(stretch))).sum()
}

/// The least and the greatest of a day's valid kW; +∞ and −∞ without one.
pub(super) fn masked_extremes(kw: &[f64], flags: &[Flags], complete: bool) -> (f64, f64) {
    let none = (f64::INFINITY, f64::NEG_INFINITY);
    if complete {
        return extremes(kw).unwrap_or(none);
    }
    let valid = kw.iter().zip(flags).filter(|(_, f)| *f & VALID != 0).map(|(v, _)| *v);
    valid.fold(none, |(least, greatest), v| (least.min(v), greatest.max(v)))
}

/// The least and the greatest of values; `None` of an empty slice. Values are no NaN.
#[must_use]
pub fn extremes(values: &[f64]) -> Option<(f64, f64)> {
    let [least, greatest] = wide_extremes(values);
    (!values.is_empty()).then_some((least, greatest))
}

wide! {
    /// The least and the greatest of values; infinities of none.
    fn wide_extremes(values: &[f64]) -> [f64; 2] = extremes_of;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn extremes_of(values: &[f64]) -> [f64; 2] {
    let (mut least, mut greatest) = ([f64::INFINITY; 16], [f64::NEG_INFINITY; 16]);
    let (chunks, rest) = values.as_chunks::<16>();
    for chunk in chunks {
        for ((least, greatest), v) in least.iter_mut().zip(&mut greatest).zip(chunk) {
            *least = if *v < *least { *v } else { *least };
            *greatest = if *v > *greatest { *v } else { *greatest };
        }
    }
    let less = |a: f64, b: &f64| if *b < a { *b } else { a };
    let more = |a: f64, b: &f64| if *b > a { *b } else { a };
    let last = [rest.iter().fold(f64::INFINITY, less), rest.iter().fold(f64::NEG_INFINITY, more)];
    [least.iter().fold(last[0], less), greatest.iter().fold(last[1], more)]
}

/// Calls `visit` with every maximal run of valid intervals within `range`, in time order. Runs of
/// complete days cost nothing per interval.
pub fn for_valid_runs(load: &Load, range: Range<usize>, mut visit: impl FnMut(Range<usize>)) {
    let mut open: Option<usize> = None;
    let end = range.end.min(load.kw().len());
    for (day, part) in days_within(load, range) {
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
        visit(start..end);
    }
}

/// The greatest valid kW in a range and its first interval; `None` when none is valid. Whole days cost
/// one comparison; a pass over the best day finds the place.
pub(super) fn max_at(load: &Load, range: Range<usize>) -> Option<(f64, usize)> {
    let mut best: Option<(f64, Range<usize>)> = None;
    for (day, part) in days_within(load, range) {
        let whole = part.len() == load.days().range(day).len();
        let top = if whole {
            load.day_max(day)
        } else {
            masked_extremes(&load.kw()[part.clone()], &load.flags()[part.clone()], false).1
        };
        if best.as_ref().map_or(top > f64::NEG_INFINITY, |(b, _)| top > *b) {
            best = Some((top, part));
        }
    }
    let (top, part) = best?;
    let at = first_valid(&load.kw()[part.clone()], &load.flags()[part.clone()], top)?;
    Some((top, part.start + at))
}

/// Where the first valid interval of a power stands; eights without one are passed over at once.
fn first_valid(kw: &[f64], flags: &[Flags], power: f64) -> Option<usize> {
    let (eights, _) = kw.as_chunks::<8>();
    let is = |v: &f64| *v == power;
    let skipped = eights.iter().take_while(|c| !c.iter().fold(false, |any, v| any | is(v))).count() * 8;
    let mut rest = kw.iter().zip(flags).skip(skipped);
    rest.position(|(v, flag)| *v == power && flag & VALID != 0).map(|at| skipped + at)
}

/// The days that a range touches, each with the part of it that lies within.
pub fn days_within(load: &Load, range: Range<usize>) -> impl Iterator<Item = (usize, Range<usize>)> + '_ {
    let range = range.start..range.end.min(load.kw().len());
    let days = load.days();
    let touched = if range.is_empty() { 0..0 } else { days.day_at(range.start)..days.day_at(range.end - 1) + 1 };
    touched.map(move |day| {
        let whole = days.range(day);
        (day, whole.start.max(range.start)..whole.end.min(range.end))
    })
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
        assert_eq!(extremes(&[]), None);
        assert_eq!(extremes(&[-5.0, 2.0, -7.0]), Some((-7.0, 2.0)));
    }

    #[test]
    fn one_value_that_is_no_number_is_seen_wherever_it_stands() {
        let numbers: Vec<f64> = (0..19).map(|i| [0.0, -0.0, f64::MAX, -f64::MIN_POSITIVE, 5e-324][i % 5]).collect();
        assert!(all_finite(&numbers) && all_finite(&[]));
        for at in 0..numbers.len() {
            for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut values = numbers.clone();
                values[at] = odd;
                assert!(!all_finite(&values), "{odd} at {at}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_maximum_is_the_first_greatest_of_a_plain_search(
            kw in prop::collection::vec(prop_oneof![9 => (-3..4i32).prop_map(f64::from), 1 => Just(f64::NAN)], 72),
            range in (0..72usize, 0..80usize),
        ) {
            let load = testing::load(60, &[&kw]);
            let range = range.0..range.1.max(range.0);
            let valid = range.clone().filter(|i| load.is_valid(*i)).map(|i| (load.kw()[i], i));
            let first = valid.reduce(|a, b| if b.0 > a.0 { b } else { a });
            prop_assert_eq!(max_at(&load, range), first);
        }

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
        }
    }
}
