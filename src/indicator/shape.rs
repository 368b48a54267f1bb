//! The shape of each day: near-base, near-peak and its high-load period (P. Price, "Methods for
//! Analyzing Electric Load Shape and its Variability", LBNL-3713E, 2010).

use super::MAX_COVERAGE;
use crate::curve::percentile::{LANES, between, position};
use crate::curve::{Load, VALID, wide};

/// Near-base is this percentile of a day's intervals (Price 2010).
pub const NEAR_BASE: f64 = 0.025;
/// Near-peak is this percentile (Price 2010).
pub const NEAR_PEAK: f64 = 0.975;
/// A day whose near-peak exceeds its near-base by less than this share of near-peak is flat and has
/// no high-load period (judgement).
pub const FLAT_DAY: f64 = 0.05;

/// Shape of one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayShape {
    /// 2.5th percentile in kW, linear (type 7).
    pub near_base_kw: f64,
    /// 97.5th percentile in kW.
    pub near_peak_kw: f64,
    /// `None` on a flat day.
    pub high: Option<HighLoad>,
}

/// The time in which the load is closer to near-peak than to near-base, `P > (near-peak +
/// near-base)/2`. A run that goes on past midnight belongs to the day on which it starts, where each
/// interval is judged by its own day. Gaps and flat days end a run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HighLoad {
    /// Hours of all runs that start on the day.
    pub hours: f64,
    /// Hours of the longest.
    pub longest: f64,
    /// Hours from the last interval of the day at or below near-base to the start of the first run;
    /// `None` when there is none before it, or a gap.
    pub rise: Option<f64>,
    /// Hours from the end of the last run to the first interval at or below near-base, to be found
    /// before the next midnight.
    pub fall: Option<f64>,
}

/// The shape of every day; `None` for days with less than [`MAX_COVERAGE`] of their intervals, and
/// for those whose near-peak does not exceed `no_load_kw`.
#[must_use]
pub fn day_shapes(load: &Load, no_load_kw: f64) -> Vec<Option<DayShape>> {
    let mut shapes = vec![None; load.days().len()];
    let days: Vec<usize> = (0..shapes.len()).filter(|day| covered(load, *day)).collect();
    let mut tails = Tails::default();
    for days in days.chunks(LANES) {
        tails.of_days(load, days);
        for (lane, day) in days.iter().enumerate() {
            let shape = tails.shape(lane, load.day_valid(*day)).filter(|s| s.near_peak_kw > no_load_kw);
            if let Some(of_day) = shapes.get_mut(*day) {
                *of_day = shape;
            }
        }
    }
    high_load(load, &mut shapes);
    shapes
}

/// Whether a day has readings, and enough of them.
fn covered(load: &Load, day: usize) -> bool {
    let n = load.day_valid(day);
    n > 0 && n as f64 >= MAX_COVERAGE * load.days().range(day).len() as f64
}

/// The few lowest and highest values of [`LANES`] days, a day a lane.
#[derive(Default)]
struct Tails {
    /// Intervals × days; NaN, which no comparison takes, where nothing valid stands.
    rows: Vec<[f64; LANES]>,
    /// Ascending.
    low: Vec<[f64; LANES]>,
    /// Descending.
    high: Vec<[f64; LANES]>,
}

impl Tails {
    fn of_days(&mut self, load: &Load, days: &[usize]) {
        self.rows.clear();
        self.rows.resize(days.iter().map(|day| load.day_kw(*day).len()).max().unwrap_or(0), [f64::NAN; LANES]);
        for (lane, day) in days.iter().enumerate() {
            let rows = self.rows.iter_mut().zip(load.day_kw(*day));
            if load.day_complete(*day) {
                rows.for_each(|(row, kw)| row[lane] = *kw);
            } else {
                let valid = rows.zip(load.day_flags(*day)).filter(|(_, flags)| *flags & VALID != 0);
                valid.for_each(|((row, kw), _)| row[lane] = *kw);
            }
        }
        let n = self.rows.len();
        let of = |share| position(n, share).map_or(0, |(rank, _)| rank);
        // As many as the longest day's percentiles reach into; other days reach no further.
        let kept = (of(NEAR_BASE) + 2).max(n - of(NEAR_PEAK));
        self.low.clear();
        self.low.resize(kept, [f64::INFINITY; LANES]);
        self.high.clear();
        self.high.resize(kept, [f64::NEG_INFINITY; LANES]);
        keep_ends(&self.rows, &mut self.low, &mut self.high);
    }

    /// The percentiles of a day of `n` values.
    fn shape(&self, lane: usize, n: usize) -> Option<DayShape> {
        let (base, base_fraction) = position(n, NEAR_BASE)?;
        let (peak, peak_fraction) = position(n, NEAR_PEAK)?;
        let from_top = n - 1 - peak;
        let low = |rank: usize| self.low.get(rank.min(n - 1)).map(|row| row[lane]);
        let high = |rank: usize| self.high.get(rank).map(|row| row[lane]);
        Some(DayShape {
            near_base_kw: between(low(base)?, low(base + 1)?, base_fraction),
            near_peak_kw: between(high(from_top)?, high(from_top.saturating_sub(1))?, peak_fraction),
            high: None,
        })
    }
}

wide! {
    /// Keeps the least values of each lane, ascending, and the greatest, descending.
    fn keep_ends(rows: &[[f64; LANES]], low: &mut [[f64; LANES]], high: &mut [[f64; LANES]]) = ends;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn ends(rows: &[[f64; LANES]], low: &mut [[f64; LANES]], high: &mut [[f64; LANES]]) {
    for row in rows {
        // Carried past the sorted ones that are kept, each time the value that goes on.
        let mut carried = *row;
        for kept in &mut *low {
            let (a, b) = (*kept, carried);
            *kept = std::array::from_fn(|i| if b[i] < a[i] { b[i] } else { a[i] });
            carried = std::array::from_fn(|i| if b[i] < a[i] { a[i] } else { b[i] });
        }
        let mut carried = *row;
        for kept in &mut *high {
            let (a, b) = (*kept, carried);
            *kept = std::array::from_fn(|i| if b[i] > a[i] { b[i] } else { a[i] });
            carried = std::array::from_fn(|i| if b[i] > a[i] { a[i] } else { b[i] });
        }
    }
}

/// Readings that are marked in one word.
const WORD: usize = 64;

/// A run of high load that has started.
#[derive(Clone, Copy)]
struct Open {
    start: usize,
    day: usize,
}

fn high_load(load: &Load, shapes: &mut [Option<DayShape>]) {
    let (mut open, mut high): (Option<Open>, Vec<u64>) = (None, Vec::new());
    // The end of the last run of each day; 0 is none.
    let mut ends = vec![0; shapes.len()];
    let mut close = |shapes: &mut [Option<DayShape>], open: &mut Option<Open>, end: usize| {
        let Some(run) = open.take() else { return };
        add_run(load, shapes, run, end);
        if let Some(last) = ends.get_mut(run.day) {
            *last = end;
        }
    };
    for day in 0..shapes.len() {
        let range = load.days().range(day);
        let Some(middle) = shapes.get_mut(day).and_then(Option::as_mut).and_then(middle) else {
            close(shapes, &mut open, range.start);
            continue;
        };
        mark_high(load, day, middle, &mut high);
        for (first, word) in (range.start..).step_by(WORD).zip(&high) {
            // Bits that differ from the one before, within the day.
            let mut edges = word ^ (word << 1 | u64::from(open.is_some()));
            let room = (range.end - first).min(WORD);
            edges &= u64::MAX >> (WORD - room);
            while edges > 0 {
                let at = first + edges.trailing_zeros() as usize;
                edges &= edges - 1;
                match open {
                    None => open = Some(Open { start: at, day }),
                    Some(_) => close(shapes, &mut open, at),
                }
            }
        }
    }
    close(shapes, &mut open, load.kw().len());
    for (shape, end) in shapes.iter_mut().zip(ends).filter(|(_, end)| (1..load.kw().len()).contains(end)) {
        if let Some(DayShape { near_base_kw, high: Some(high), .. }) = shape {
            let after = end..load.days().range(load.days().day_at(end)).end;
            high.fall = until_base(load, after, *near_base_kw).map(|n| n as f64 * load.interval().hours());
        }
    }
}

/// Marks the valid readings of a day above a level, a bit each.
fn mark_high(load: &Load, day: usize, level: f64, high: &mut Vec<u64>) {
    let kw = load.day_kw(day);
    high.clear();
    high.resize(kw.len().div_ceil(WORD), 0);
    above(kw, level, high);
    if !load.day_complete(day) {
        for (i, _) in load.day_flags(day).iter().enumerate().filter(|(_, flags)| *flags & VALID == 0) {
            high[i / WORD] &= !(1 << (i % WORD));
        }
    }
}

wide! {
    /// A bit for each value above a level.
    fn above(kw: &[f64], level: f64, bits: &mut [u64]) = bits_above;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn bits_above(kw: &[f64], level: f64, bits: &mut [u64]) {
    for (word, kw) in bits.iter_mut().zip(kw.chunks(WORD)) {
        let (eights, rest) = kw.as_chunks::<8>();
        let of_eight = |eight: &[f64; 8]| (0..8).fold(0, |byte, i| byte | u64::from(eight[i] > level) << i);
        let of_rest = rest.iter().enumerate().fold(0, |bits, (i, kw)| bits | u64::from(*kw > level) << i);
        let whole = eights.iter().enumerate().fold(0, |bits, (i, eight)| bits | of_eight(eight) << (8 * i));
        *word = if rest.is_empty() { whole } else { whole | of_rest << (8 * eights.len()) };
    }
}

/// Begins a day's high-load account; `None` on a flat day.
fn middle(shape: &mut DayShape) -> Option<f64> {
    let (base, peak) = (shape.near_base_kw, shape.near_peak_kw);
    if peak - base < FLAT_DAY * peak {
        return None;
    }
    shape.high = Some(HighLoad::default());
    Some(f64::midpoint(peak, base))
}

/// Adds a run that ends before `end` to the day on which it started.
fn add_run(load: &Load, shapes: &mut [Option<DayShape>], Open { start, day }: Open, end: usize) {
    let Some(Some(DayShape { near_base_kw, high: Some(high), .. })) = shapes.get_mut(day) else { return };
    let hour = load.interval().hours();
    let hours = (end - start) as f64 * hour;
    if high.hours == 0.0 {
        let before = load.days().range(day).start..start;
        high.rise = until_base(load, before.rev(), *near_base_kw).map(|n| n as f64 * hour);
    }
    high.hours += hours;
    high.longest = high.longest.max(hours);
}

/// Intervals that are passed before the first at or below near-base; `None` when a gap or the end
/// comes first.
fn until_base(load: &Load, indices: impl Iterator<Item = usize>, near_base_kw: f64) -> Option<usize> {
    for (passed, i) in indices.enumerate() {
        if !load.is_valid(i) {
            return None;
        }
        if load.kw()[i] <= near_base_kw {
            return Some(passed);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::percentile::percentile_of_sorted;
    use crate::curve::testing;
    use proptest::prelude::*;
    use std::ops::Range;

    /// 24 hourly values, 100 kW, 400 kW in the given hours.
    fn day(high: Range<usize>) -> Vec<f64> {
        (0..24).map(|h| if high.contains(&h) { 400.0 } else { 100.0 }).collect()
    }

    fn shapes(kw: &[f64]) -> Vec<Option<HighLoad>> {
        day_shapes(&testing::load(60, &[kw]), 1.0).into_iter().map(|s| s.and_then(|s| s.high)).collect()
    }

    #[test]
    fn a_day_shift_with_a_ramp_on_either_side() {
        let mut kw = day(8..18);
        (kw[6], kw[7], kw[18]) = (150.0, 200.0, 130.0);
        let high = HighLoad { hours: 10.0, longest: 10.0, rise: Some(2.0), fall: Some(1.0) };
        assert_eq!(shapes(&kw), [Some(high)]);
    }

    #[test]
    fn a_flat_day_has_no_high_load_period() {
        let kw: Vec<f64> = (0..24).map(|h| 100.0 + f64::from(h) * 0.2).collect();
        let shape = day_shapes(&testing::load(60, &[&kw]), 1.0)[0].unwrap();
        assert!(shape.near_base_kw < shape.near_peak_kw && shape.high.is_none());
        assert_eq!(shapes(&[0.0; 24]), [None], "nor has a day without load");
    }

    #[test]
    fn several_runs_add_up_and_the_longest_is_told() {
        let mut kw = day(8..12);
        kw[14..20].fill(400.0);
        let high = shapes(&kw)[0].unwrap();
        assert_eq!((high.hours, high.longest), (10.0, 6.0));
        assert_eq!((high.rise, high.fall), (Some(0.0), Some(0.0)));
    }

    #[test]
    fn a_night_shift_belongs_to_the_day_it_starts_on() {
        let night: Vec<f64> = (0..24).map(|h| if (6..18).contains(&h) { 100.0 } else { 400.0 }).collect();
        let kw = [
            day(18..24),
            night.clone(),
            day(30..30).iter().zip(&night).map(|(d, n)| if *n > 300.0 { *n } else { *d }).collect(),
        ]
        .concat();
        let seen: Vec<f64> = shapes(&kw).into_iter().flatten().map(|h| h.hours).collect();
        assert_eq!(seen, [12.0, 12.0, 6.0], "the last night is cut by the end of the data");
        assert_eq!(shapes(&kw)[0].unwrap().fall, Some(0.0));
    }

    #[test]
    fn a_gap_ends_a_run_and_hides_the_rise() {
        let mut kw: Vec<f64> = day(8..18).into_iter().flat_map(|v| [v; 4]).collect();
        kw[31] = f64::NAN;
        kw[50] = f64::NAN;
        let shape = day_shapes(&testing::load(15, &[&kw]), 1.0)[0].unwrap();
        let high = shape.high.unwrap();
        assert_eq!((high.hours, high.longest, high.rise), (9.75, 5.25, None));
        kw[52..58].fill(f64::NAN);
        assert_eq!(day_shapes(&testing::load(15, &[&kw]), 1.0), [None], "under 95 % of the day");
    }

    #[test]
    fn back_feed_may_be_the_base() {
        let mut kw = day(0..12);
        kw[12..].fill(-50.0);
        let shape = day_shapes(&testing::load(60, &[&kw]), 1.0)[0].unwrap();
        assert_eq!((shape.near_base_kw, shape.high.unwrap().hours), (-50.0, 12.0));
    }

    proptest! {
        #[test]
        fn percentiles_agree_with_sorting(minutes in prop::sample::select(vec![5i64, 15, 30, 60]), seed in prop::collection::vec(1.0..999.0f64, 288)) {
            let n = (1440 / minutes) as usize;
            let mut kw = seed[..n].to_vec();
            let shape = day_shapes(&testing::load(minutes, &[&kw]), 1.0)[0].unwrap();
            kw.sort_by(f64::total_cmp);
            prop_assert!((shape.near_base_kw - percentile_of_sorted(&kw, NEAR_BASE).unwrap()).abs() < 1e-9);
            prop_assert!((shape.near_peak_kw - percentile_of_sorted(&kw, NEAR_PEAK).unwrap()).abs() < 1e-9);
        }
    }
}
