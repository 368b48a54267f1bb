//! Order statistics. Percentiles are linear between order statistics, type 7 of Hyndman & Fan,
//! "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996): of `n` ordered
//! values the share `q` stands at position `q · (n − 1)`. It is the default of R, NumPy and DuckDB.

use super::wide;

/// Percentile of values in any order, by selection; the slice is reordered. `share` is clamped to
/// 0..=1. `None` of an empty slice.
#[must_use]
pub fn percentile(values: &mut [f64], share: f64) -> Option<f64> {
    let position = position(values.len(), share)?;
    selected(values, position)
}

/// The value at a position of the order; what lies before and after its rank is parted.
fn selected(values: &mut [f64], (rank, fraction): (usize, f64)) -> Option<f64> {
    if rank >= values.len() {
        return None;
    }
    let (_, &mut at, above) = values.select_nth_unstable_by(rank, f64::total_cmp);
    let next = above.iter().copied().fold(f64::INFINITY, f64::min);
    Some(if fraction > 0.0 && !above.is_empty() { between(at, next, fraction) } else { at })
}

/// Percentile of values in ascending order; `None` of an empty slice.
#[must_use]
pub fn percentile_of_sorted(ascending: &[f64], share: f64) -> Option<f64> {
    percentile_by(ascending.len(), share, |rank| ascending.get(rank).copied())
}

/// Percentile of `n` values that `at` gives by ascending rank; `None` when there is none.
pub fn percentile_by(n: usize, share: f64, at: impl Fn(usize) -> Option<f64>) -> Option<f64> {
    let (low, fraction) = position(n, share)?;
    let value = at(low)?;
    if fraction > 0.0 { at(low + 1).map(|next| between(value, next, fraction)) } else { Some(value) }
}

/// Whole and fractional part of the position of a share among `n` ordered values.
#[must_use]
pub fn position(n: usize, share: f64) -> Option<(usize, f64)> {
    let last = n.checked_sub(1)?;
    let at = share.clamp(0.0, 1.0) * last as f64;
    // Shares are not negative: truncation rounds down.
    let low = (at as usize).min(last);
    Some((low, if low == last { 0.0 } else { at - low as f64 }))
}

/// The value a fraction of the way from one order statistic to the next.
#[must_use]
pub fn between(low: f64, high: f64, fraction: f64) -> f64 {
    low + fraction * (high - low)
}

/// Columns that are sorted at once.
pub(crate) const LANES: usize = 16;

wide! {
    /// Sorts each of [`LANES`] columns ascending, all at once, by Batcher's merge exchange (Knuth, The
    /// Art of Computer Programming 3, algorithm 5.2.2 M). Which rows are compared does not depend on
    /// the values, so that compilers turn each comparison into vector minima and maxima: no branch is
    /// mispredicted. It takes about `n/4 · log₂² n` row comparisons.
    pub(crate) fn sort_columns(rows: &mut [[f64; LANES]]) = merge_sort;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn merge_sort(rows: &mut [[f64; LANES]]) {
    let Some(last) = rows.len().checked_sub(1).filter(|last| *last > 0) else { return };
    let top = 1usize << (usize::BITS - 1 - last.leading_zeros());
    let mut step = top;
    while step > 0 {
        let (mut width, mut start, mut distance) = (top, 0, step);
        loop {
            merge_exchange(rows, step, start, distance);
            if width == step {
                break;
            }
            (distance, width, start) = (width - step, width / 2, step);
        }
        step /= 2;
    }
}

/// One round: rows `i` and `i + distance` are put in order in every second stretch of `step` rows,
/// from `start` on. The distance is never less than the step.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn merge_exchange(rows: &mut [[f64; LANES]], step: usize, start: usize, distance: usize) {
    let count = rows.len().saturating_sub(distance);
    for first in (start..count).step_by(2 * step) {
        let end = (first + step).min(count);
        let (head, tail) = rows[first..end + distance].split_at_mut(distance);
        for (low, high) in head.iter_mut().zip(tail) {
            order(low, high);
        }
    }
}

/// Lesser values to the first row, greater to the second. Both rows are taken out first, which tells
/// the compiler that they do not overlap: ten times faster than in place.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn order(low: &mut [f64; LANES], high: &mut [f64; LANES]) {
    let (a, b) = (*low, *high);
    *low = std::array::from_fn(|i| if b[i] < a[i] { b[i] } else { a[i] });
    *high = std::array::from_fn(|i| if b[i] < a[i] { a[i] } else { b[i] });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn linear_between_order_statistics() {
        // numpy.percentile([1, 2, 3, 4, 10], [0, 10, 50, 90, 100])
        let p = |q| percentile(&mut [10.0, 3.0, 1.0, 4.0, 2.0], q);
        assert_eq!([p(0.0), p(0.1), p(0.5), p(1.0)], [Some(1.0), Some(1.4), Some(3.0), Some(10.0)]);
        assert!(p(0.9).is_some_and(|v| (v - 7.6).abs() < 1e-12));
    }

    #[test]
    fn nothing_and_a_single_value() {
        assert_eq!(percentile(&mut [], 0.5), None);
        assert_eq!(percentile_of_sorted(&[], 0.5), None);
        assert_eq!(percentile(&mut [7.0], 0.9), Some(7.0));
        assert_eq!(percentile(&mut [7.0, 8.0], 2.0), Some(8.0), "a share beyond 1 is the greatest");
    }

    proptest! {
        #[test]
        fn selection_agrees_with_sorting(mut v in prop::collection::vec(-1e6..1e6f64, 1..200), q in 0.0..=1.0f64) {
            let by_selection = percentile(&mut v.clone(), q);
            v.sort_by(f64::total_cmp);
            prop_assert_eq!(by_selection, percentile_of_sorted(&v, q));
        }

        #[test]
        fn every_column_is_sorted(values in prop::collection::vec(-9..9i32, 0..130usize)) {
            let column = |c: usize| values.iter().map(move |v| f64::from(v * (c as i32 + 3) % 11));
            let mut rows: Vec<[f64; LANES]> =
                values.iter().map(|v| std::array::from_fn(|c| f64::from(v * (c as i32 + 3) % 11))).collect();
            let mut plain = rows.clone();
            sort_columns(&mut rows);
            merge_sort(&mut plain);
            prop_assert_eq!(&plain, &rows, "wider vectors change no bit");
            for c in 0..LANES {
                let mut expected: Vec<f64> = column(c).collect();
                expected.sort_by(f64::total_cmp);
                prop_assert_eq!(rows.iter().map(|r| r[c]).collect::<Vec<_>>(), expected);
            }
        }
    }
}
