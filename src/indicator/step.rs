//! Changes from one interval to the next.

use crate::curve::percentile::{between, percentile, position};
use crate::curve::{Load, kernel, wide};

/// Every so-many-th change is looked at first, to guess where the highest percent begins.
const SAMPLE: usize = 16;
/// The guess aims at twice the share that is wanted, so that it is rarely too high.
const GUESS: f64 = 0.98;
/// The percentile of magnitudes that is told.
const SHARE: f64 = 0.99;

/// The changes `P(i+1) − P(i)` of adjacent valid intervals, in kW.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps {
    /// Greatest rise; 0 when there is none.
    pub up_kw: f64,
    /// Greatest fall, as a positive number; 0 when there is none.
    pub down_kw: f64,
    /// 99th percentile of the magnitudes, linear (type 7).
    pub p99_kw: f64,
    /// Number of changes.
    pub n: usize,
}

/// The changes of a load; not across gaps. `None` when no two adjacent intervals are valid.
///
/// The percentile needs the highest percent alone: a sample tells about where it begins, and one
/// pass collects what lies above.
#[must_use]
pub fn steps(load: &Load) -> Option<Steps> {
    let (mut sample, mut n) = (Vec::new(), 0);
    for_runs(load, |kw| {
        sample.extend(kw.windows(2).step_by(SAMPLE).map(magnitude));
        n += kw.len() - 1;
    });
    let guess = percentile(&mut sample, GUESS)?;
    let mut high = Vec::with_capacity(n / SAMPLE);
    let (mut up_kw, mut down_kw) = (0.0f64, 0.0f64);
    for_runs(load, |kw| {
        let (up, down) = collect(kw, guess, &mut high);
        (up_kw, down_kw) = (up_kw.max(up), down_kw.max(down));
    });
    let (low, fraction) = position(n, SHARE)?;
    if high.len() < n - low {
        high.clear();
        for_runs(load, |kw| high.extend(kw.windows(2).map(magnitude)));
    }
    // `high` holds the greatest of all n: what is missing of them lies below.
    let rank = low.checked_sub(n - high.len())?;
    let (_, &mut at, above) = high.select_nth_unstable_by(rank, f64::total_cmp);
    let next = above.iter().copied().fold(f64::INFINITY, f64::min);
    let p99_kw = if fraction > 0.0 && !above.is_empty() { between(at, next, fraction) } else { at };
    Some(Steps { up_kw, down_kw, p99_kw, n })
}

/// Readings of runs of at least two valid intervals.
fn for_runs(load: &Load, mut visit: impl FnMut(&[f64])) {
    kernel::for_valid_runs(load, 0..load.kw().len(), |run| {
        if run.len() > 1 {
            visit(&load.kw()[run]);
        }
    });
}

fn magnitude(pair: &[f64]) -> f64 {
    pair.last().zip(pair.first()).map_or(0.0, |(b, a)| (b - a).abs())
}

wide! {
    /// Greatest rise and fall; magnitudes at or above `bar` are put into `high`.
    fn collect(kw: &[f64], bar: f64, high: &mut Vec<f64>) -> (f64, f64) = rise_and_fall;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn rise_and_fall(kw: &[f64], bar: f64, high: &mut Vec<f64>) -> (f64, f64) {
    let (mut up, mut down) = ([0.0f64; 8], [0.0f64; 8]);
    let next = kw.get(1..).unwrap_or_default();
    let (now_chunks, _) = kw.get(..next.len()).unwrap_or_default().as_chunks::<8>();
    let (next_chunks, next_rest) = next.as_chunks::<8>();
    for (a, b) in now_chunks.iter().zip(next_chunks) {
        let steps: [f64; 8] = std::array::from_fn(|i| b[i] - a[i]);
        up = std::array::from_fn(|i| if steps[i] > up[i] { steps[i] } else { up[i] });
        down = std::array::from_fn(|i| if steps[i] < down[i] { steps[i] } else { down[i] });
        if steps.iter().fold(false, |any, step| any | (step.abs() >= bar)) {
            high.extend(steps.iter().map(|s| s.abs()).filter(|s| *s >= bar));
        }
    }
    let rest = kw.get(next.len() - next_rest.len()..).unwrap_or_default();
    for pair in rest.windows(2) {
        let step = pair.last().zip(pair.first()).map_or(0.0, |(b, a)| b - a);
        up[0] = up[0].max(step);
        down[0] = down[0].min(step);
        high.extend(Some(step.abs()).filter(|s| *s >= bar));
    }
    (up.into_iter().fold(0.0, f64::max), -down.into_iter().fold(0.0, f64::min))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::percentile::percentile_of_sorted;
    use crate::curve::testing;
    use proptest::prelude::*;

    #[test]
    fn no_step_across_a_gap() {
        let load = testing::load(60, &[&[1.0, 5.0, f64::NAN, 90.0, 88.0]]);
        let s = steps(&load).unwrap();
        assert_eq!((s.up_kw, s.down_kw, s.n), (4.0, 2.0, 2));
        assert!((s.p99_kw - 3.98).abs() < 1e-12);
        assert_eq!(steps(&testing::load(60, &[&[1.0, f64::NAN, 3.0]])), None);
        assert_eq!(steps(&testing::load(60, &[&[f64::NAN; 24]])), None);
    }

    #[test]
    fn a_sample_that_misses_the_steps_does_not_matter() {
        // Steps only where the sample does not look.
        let kw: Vec<f64> = (0..960).map(|i| if i % 16 == 5 { 50.0 } else { 10.0 }).collect();
        assert_eq!(steps(&testing::load(15, &[&kw])).map(|s| s.p99_kw), Some(40.0));
        assert_eq!(steps(&testing::load(15, &[&[7.0; 96]])).map(|s| (s.p99_kw, s.up_kw)), Some((0.0, 0.0)));
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(kw in prop::collection::vec(prop_oneof![9 => (-900..900i32).prop_map(f64::from), 1 => Just(f64::NAN)], 2..600)) {
            let mut all: Vec<f64> = kw.windows(2).map(|w| w[1] - w[0]).filter(|s| !s.is_nan()).collect();
            let up = all.iter().copied().fold(0.0, f64::max);
            for s in &mut all {
                *s = s.abs();
            }
            all.sort_by(f64::total_cmp);
            let got = steps(&testing::load(5, &[&kw]));
            prop_assert_eq!(got.map(|s| s.n).unwrap_or_default(), all.len());
            prop_assert_eq!(got.map(|s| s.p99_kw), percentile_of_sorted(&all, 0.99));
            prop_assert!(got.is_none_or(|s| s.up_kw == up));
        }
    }
}
