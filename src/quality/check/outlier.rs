//! V10: values far above those of the same slot.

use super::{Check, Inspection, Issue};
use crate::quality::Severity::Advisory;
use crate::quality::profile::quantile;
use crate::quality::runs::Run;
use crate::time::DayKind;
use serde_json::json;
use std::ops::Range;

/// Interquartile ranges above the median (CalTRACK 2.0).
const RANGES: f64 = 3.0;

/// Least range, as a share of the load's maximum: a slot that hardly varies has no scale of its own
/// (judgement).
const LEAST_RANGE_SHARE: f64 = 0.05;

/// Days of a kind, evenly spread, whose quartiles tell where to look; what is found is measured
/// against all days (judgement: 32 give the range within a quarter).
const SAMPLE_DAYS: usize = 32;

/// Share of days whose maximum the load does not exceed by nature: what it reaches on one day in ten
/// at some time is no outlier at another (judgement).
const USUAL_SHARE: f64 = 0.9;

/// Fewest whole days of a kind (judgement).
const LEAST_DAYS: usize = 8;

/// Values above median + 3 × IQR of their slot and kind of day.
#[derive(Debug)]
pub(super) struct Outlier;

impl Check for Outlier {
    fn code(&self) -> &'static str {
        "V10"
    }

    fn name(&self) -> &'static str {
        "outlier"
    }

    fn card(&self) -> &'static str {
        "What: power far above what the same slot shows on days of the same kind, and above what the load reaches at \
         all on \
         nine days in ten: an extra shift is no outlier.
Threshold: median + 3 × IQR over all whole days of the kind (at least 8), the IQR being at least 5 % of the load's \
         maximum and 3 register quanta; above the 90th percentile of the daily maxima; slots are looked \
         at that exceed this on a sample of 32 days.
Action: valid and told.
Source: CalTRACK 2.0 (median + 3 IQR); by slot and kind of day, the least range and the usual \
         maximum are judgement."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let mut runs = Vec::new();
        let mut maxima: Vec<f64> = inspection.days().iter().map(|d| d.max_kw).filter(|m| m.is_finite()).collect();
        let usual_kw = quantile(&mut maxima, USUAL_SHARE).unwrap_or(0.0);
        let high = |d: &usize| inspection.days().get(*d).is_some_and(|f| f.max_kw > usual_kw);
        for kind in DayKind::ALL {
            let days: Vec<usize> =
                (0..inspection.days().len()).filter(|d| inspection.kind(*d) == kind && inspection.plain(*d)).collect();
            if !days.iter().any(high) {
                continue;
            }
            let whole: Vec<usize> = days.iter().copied().filter(|d| inspection.whole(*d)).collect();
            if whole.len() >= LEAST_DAYS {
                let high: Vec<usize> = days.into_iter().filter(high).collect();
                runs.extend(outliers(inspection, &high, &whole, usual_kw));
            }
        }
        runs.sort_by_key(|r| r.range.as_ref().map(|r| r.start));
        inspection.listed(self.code(), Advisory, runs)
    }
}

/// Runs of outliers on some days of one kind, measured against all whole days of it.
fn outliers(inspection: &Inspection<'_>, days: &[usize], whole: &[usize], usual_kw: f64) -> Vec<Run> {
    let load = inspection.load;
    let floor = LEAST_RANGE_SHARE * inspection.max_kw();
    let mut screen = screen_limits(inspection, whole, floor);
    for limit in &mut screen {
        *limit = limit.max(usual_kw);
    }
    // Exact limits, of the slots that exceed their screen only.
    let mut exact: Vec<Option<(f64, f64)>> = vec![None; screen.len()];
    let mut found: Vec<(usize, f64)> = Vec::new();
    for day in days {
        let range = load.days().range(*day);
        let kw = load.day_kw(*day);
        if !exceeds(kw, &screen) {
            continue;
        }
        for ((i, v), (slot, limit)) in range.zip(kw).zip(screen.iter().enumerate()) {
            if v <= limit || !load.is_valid(i) {
                continue;
            }
            let Some(cell) = exact.get_mut(slot) else { continue };
            let (median, iqr) = *cell.get_or_insert_with(|| exact_scale(inspection, whole, slot));
            let limit = (median + RANGES * iqr.max(floor).max(inspection.noise_kw())).max(usual_kw);
            if *v > limit {
                found.push((i, limit));
            }
        }
    }
    let mut runs: Vec<(Range<usize>, f64, f64)> = Vec::new();
    for (i, limit) in found {
        let kw = load.kw().get(i).copied().unwrap_or(0.0);
        match runs.last_mut() {
            Some((range, _, max)) if range.end == i => (range.end, *max) = (i + 1, max.max(kw)),
            _ => runs.push((i..i + 1, limit, kw)),
        }
    }
    let describe = |(range, limit, max): (Range<usize>, f64, f64)| {
        Run::of(range, json!({ "finding": "outlier", "first_limit_kw": limit, "max_kw": max }))
    };
    runs.into_iter().map(describe).collect()
}

/// Whether any value is above its limit.
fn exceeds(kw: &[f64], limits: &[f64]) -> bool {
    let mut any = false;
    for (v, limit) in kw.iter().zip(limits) {
        any |= v > limit;
    }
    any
}

/// Limits from the quartiles of a sample of days. The sample's rows are sorted column by column, all
/// slots at once, by a network of compare-exchanges.
fn screen_limits(inspection: &Inspection<'_>, whole: &[usize], floor: f64) -> Vec<f64> {
    let n = whole.len().min(SAMPLE_DAYS);
    let slots = inspection.load.interval().slots();
    let mut rows: Vec<Vec<f64>> = (0..n)
        .filter_map(|k| whole.get(k * whole.len() / n))
        .map(|day| inspection.load.day_kw(*day).to_vec())
        .collect();
    sort_columns(&mut rows);
    let at = |q: f64| ((q * (n - 1) as f64).round() as usize).min(n - 1);
    let row = |q: f64| rows.get(at(q)).map_or(&[][..], Vec::as_slice);
    let (low, middle, high) = (row(0.25), row(0.5), row(0.75));
    let mut limits = vec![f64::INFINITY; slots];
    for (limit, ((low, middle), high)) in limits.iter_mut().zip(low.iter().zip(middle).zip(high)) {
        *limit = middle + RANGES * (high - low).max(floor);
    }
    limits
}

/// Sorts every column of equally long rows, least first: Batcher's odd-even merge exchange (Knuth,
/// The Art of Computer Programming 3, 5.2.2, algorithm M).
fn sort_columns(rows: &mut [Vec<f64>]) {
    let count = rows.len();
    if count < 2 {
        return;
    }
    let top = count.next_power_of_two() / 2;
    let mut p = top;
    while p > 0 {
        let (mut q, mut r, mut d) = (top, 0, p);
        loop {
            for i in (0..count - d).filter(|i| i & p == r) {
                exchange(rows, i, i + d);
            }
            if q == p {
                break;
            }
            d = q - p;
            q /= 2;
            r = p;
        }
        p /= 2;
    }
}

/// Puts the lesser of each column into row `i` and the greater into row `j > i`.
fn exchange(rows: &mut [Vec<f64>], i: usize, j: usize) {
    let (head, tail) = rows.split_at_mut(j);
    if let (Some(a), Some(b)) = (head.get_mut(i), tail.first_mut()) {
        for (a, b) in a.iter_mut().zip(b) {
            let (x, y) = (*a, *b);
            *a = if y < x { y } else { x };
            *b = if y < x { x } else { y };
        }
    }
}

/// Median and interquartile range of a slot over all whole days of the kind.
fn exact_scale(inspection: &Inspection<'_>, whole: &[usize], slot: usize) -> (f64, f64) {
    let mut values: Vec<f64> = whole.iter().filter_map(|d| inspection.load.day_kw(*d).get(slot).copied()).collect();
    let mut at = |q| quantile(&mut values, q).unwrap_or(0.0);
    let (low, middle, high) = (at(0.25), at(0.5), at(0.75));
    (middle, high - low)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;
    use super::*;

    #[test]
    fn columns_are_sorted_whatever_their_number() {
        for n in 0..40usize {
            let mut rows: Vec<Vec<f64>> =
                (0..n).map(|i| vec![((i * 37) % 41) as f64, -(i as f64), ((i * 7) % 5) as f64]).collect();
            sort_columns(&mut rows);
            for column in 0..3 {
                assert!(rows.is_sorted_by(|a, b| a[column] <= b[column]), "{n}");
            }
            assert_eq!(rows.iter().map(|r| r[1]).sum::<f64>(), -((n * n.saturating_sub(1) / 2) as f64));
        }
    }

    #[test]
    fn a_night_above_full_power_is_an_outlier() {
        let mut case = Case::one_shift(90);
        let day = case.workdays()[30];
        case.kw[day * 96 + 4..day * 96 + 12].fill(900.0);
        let found: Vec<_> = case.issues("V10").iter().map(|i| (i.first, i.n_intervals)).collect();
        assert_eq!(found, [(Some(day * 96 + 4), 8)]);
        case.kw[day * 96 + 4..day * 96 + 12].fill(550.0);
        assert_eq!(case.issues("V10"), [], "an extra shift");
    }
}
