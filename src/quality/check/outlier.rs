//! V10: values far above those of the same slot.

use super::{Check, Inspection, Issue};
use crate::curve::Load;
use crate::curve::percentile::{LANES, percentile, percentile_by, sort_columns};
use crate::quality::Severity::Advisory;
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
        let usual_kw = percentile(&mut maxima, USUAL_SHARE).unwrap_or(0.0);
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
    let mut over = Vec::new();
    for day in days {
        above(load, *day, &screen, &mut over);
    }
    let mut slots: Vec<usize> = over.iter().map(|(slot, ..)| *slot).collect();
    slots.sort_unstable();
    slots.dedup();
    let mut limits = vec![f64::INFINITY; screen.len()];
    for (slot, (median, iqr)) in exact_scales(load, whole, &slots) {
        limits[slot] = (median + RANGES * iqr.max(floor).max(inspection.noise_kw())).max(usual_kw);
    }
    let found = over.into_iter().filter(|(slot, _, kw)| *kw > limits[*slot]).map(|(slot, i, _)| (i, limits[slot]));
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

/// Slot, interval and kW of what is above its limit on a day.
fn above(load: &Load, day: usize, limits: &[f64], out: &mut Vec<(usize, usize, f64)>) {
    let kw = load.day_kw(day);
    // Most days have none, which a count without a branch tells.
    if kw.iter().zip(limits).map(|(v, limit)| u32::from(v > limit)).sum::<u32>() == 0 {
        return;
    }
    let all = load.days().range(day).zip(kw).zip(limits).enumerate();
    let over = all.filter(|(_, ((i, v), limit))| v > limit && load.is_valid(*i));
    out.extend(over.map(|(slot, ((i, v), _))| (slot, i, *v)));
}

/// Limits from the quartiles of a sample of days, a block of slots at once.
fn screen_limits(inspection: &Inspection<'_>, whole: &[usize], floor: f64) -> Vec<f64> {
    let n = whole.len().min(SAMPLE_DAYS);
    let sample: Vec<&[f64]> =
        (0..n).filter_map(|k| whole.get(k * whole.len() / n)).map(|day| inspection.load.day_kw(*day)).collect();
    let at = |q: f64| ((q * n.saturating_sub(1) as f64).round() as usize).min(n.saturating_sub(1));
    let mut limits = vec![f64::INFINITY; inspection.load.interval().slots()];
    let mut rows: Vec<[f64; LANES]> = Vec::with_capacity(n);
    for (block, limits) in limits.chunks_mut(LANES).enumerate() {
        let slot = |day: &&[f64], lane: usize| day.get(block * LANES + lane).copied().unwrap_or(f64::INFINITY);
        rows.clear();
        rows.extend(sample.iter().map(|day| std::array::from_fn(|lane| slot(day, lane))));
        sort_columns(&mut rows);
        let (Some(low), Some(middle), Some(high)) = (rows.get(at(0.25)), rows.get(at(0.5)), rows.get(at(0.75))) else {
            continue;
        };
        for (limit, ((low, middle), high)) in limits.iter_mut().zip(low.iter().zip(middle).zip(high)) {
            *limit = middle + RANGES * (high - low).max(floor);
        }
    }
    limits
}

/// Median and interquartile range of some slots over all whole days of the kind, a block of slots at once.
fn exact_scales(load: &Load, whole: &[usize], slots: &[usize]) -> Vec<(usize, (f64, f64))> {
    let mut out = Vec::with_capacity(slots.len());
    let mut rows: Vec<[f64; LANES]> = Vec::with_capacity(whole.len());
    for slots in slots.chunks(LANES) {
        let row = |day: &usize| {
            let (kw, mut row) = (load.day_kw(*day), [f64::INFINITY; LANES]);
            row.iter_mut().zip(slots).for_each(|(v, slot)| *v = kw.get(*slot).copied().unwrap_or(f64::INFINITY));
            row
        };
        rows.clear();
        rows.extend(whole.iter().map(row));
        sort_columns(&mut rows);
        out.extend(slots.iter().enumerate().map(|(lane, slot)| {
            let of = |share| percentile_by(rows.len(), share, |rank| rows.get(rank).map(|r| r[lane])).unwrap_or(0.0);
            (*slot, (of(0.5), of(0.75) - of(0.25)))
        }));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;

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
