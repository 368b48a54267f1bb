//! The load duration curve.

use super::quantum::sampled_step;
use super::wide::wide;
use super::{Load, kernel, percentile, sum};
use crate::units::{Hours, Kw, Kwh, Ratio};

/// Bits of a value's place in the range: about as many places as a year has quarter hours, whose counters stay
/// in the second cache (measured: 15 beat two digits of 11).
const PLACE_BITS: u32 = 15;
/// Fewer values than this are sorted by comparison (judgement: below, counting costs more).
const RADIX_FROM: usize = 1024;

/// Valid powers in descending order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LoadDuration {
    /// kW, greatest first.
    pub kw: Vec<f64>,
    /// Hours of one value.
    pub interval_hours: f64,
}

impl LoadDuration {
    /// A curve of nothing.
    #[must_use]
    pub fn empty(interval: crate::time::Interval) -> Self {
        Self { kw: Vec::new(), interval_hours: interval.hours() }
    }

    /// Sorts the valid intervals of a load.
    #[must_use]
    pub fn new(load: &Load) -> Self {
        let mut kw = Vec::with_capacity(load.n_valid());
        kernel::for_valid_runs(load, 0..load.kw().len(), |run| kw.extend_from_slice(&load.kw()[run]));
        Self { kw: sorted_descending(kw), interval_hours: load.interval().hours() }
    }

    /// Hours of valid readings.
    #[must_use]
    pub fn hours(&self) -> Hours {
        Hours::new(self.kw.len() as f64 * self.interval_hours)
    }

    /// The load that is reached or exceeded for a share of the time, 0..=1: the percentile
    /// `1 − share`, linear (type 7). `None` without readings.
    #[must_use]
    pub fn kw_at(&self, share: f64) -> Option<Kw> {
        percentile::percentile_by(self.kw.len(), share, |rank| self.kw.get(rank).copied()).map(Kw::new)
    }

    /// Time in which the load is at or above a level.
    #[must_use]
    pub fn hours_at_or_above(&self, level: Kw) -> Hours {
        Hours::new(self.kw.partition_point(|v| *v >= level.get()) as f64 * self.interval_hours)
    }

    /// Share of the energy that falls into the highest `share` of the time (0.01: the top 1 %);
    /// the interval on the border counts in part. `None` when the energy in all is not positive.
    #[must_use]
    pub fn top_share_energy(&self, share: f64) -> Option<Ratio> {
        let all = sum(&self.kw);
        let count = share.clamp(0.0, 1.0) * self.kw.len() as f64;
        let whole = count.floor() as usize;
        let border = self.kw.get(whole).map_or(0.0, |v| v * (count - whole as f64));
        (all > 0.0).then(|| Ratio::new((sum(self.kw.get(..whole).unwrap_or(&self.kw)) + border) / all))
    }

    /// `n` points for drawing, equally far apart in time: (share of the time, kW), from (0, maximum)
    /// to (1, minimum). Empty without readings.
    #[must_use]
    pub fn points(&self, n: usize) -> Vec<(f64, f64)> {
        let steps = n.saturating_sub(1).max(1) as f64;
        (0..n)
            .filter_map(|i| {
                let share = i as f64 / steps;
                self.kw_at(share).map(|kw| (share, kw.get()))
            })
            .collect()
    }

    /// Energy above the level that lies `reduction` below the maximum, over all readings: what
    /// would have to be moved or saved in all to lower the maximum by that much. What a store must
    /// hold is less; see [`crate::peak::shave_curve`].
    #[must_use]
    pub fn needed_kwh(&self, reduction: Kw) -> Kwh {
        let Some(top) = self.kw.first() else { return Kwh::ZERO };
        let level = top - reduction.get().max(0.0);
        let above = self.kw.partition_point(|v| *v > level);
        let kw: f64 = self.kw.iter().take(above).map(|v| v - level).sum();
        Kwh::new(kw * self.interval_hours)
    }
}

/// How values are sorted by counting: by their place in the range.
struct Places {
    high: f64,
    /// Places per kW.
    scale: f64,
    /// The last place.
    last: u16,
}

impl Places {
    /// Of multiples of a step a place each where there are places enough, of other values equal parts of their
    /// range. `None` for too few values or a range that cannot be divided.
    fn of(values: &[f64]) -> Option<Self> {
        let (low, high) = kernel::extremes(values).filter(|_| values.len() >= RADIX_FROM)?;
        let per_step = sampled_step(values).map(|(step, scale)| scale / step);
        let per_step = per_step.filter(|scale| (high - low) * scale < f64::from(u16::MAX));
        let scale = per_step.unwrap_or(f64::from((1u32 << PLACE_BITS) - 1) / (high - low));
        let last = place(low, high, scale);
        scale.is_finite().then_some(Self { high, scale, last })
    }

    /// Rounding is monotone: a greater value never has a later place, and what a step misses by rounding
    /// errors stays with it.
    fn place(&self, v: f64) -> u16 {
        place(v, self.high, self.scale)
    }
}

/// The sum with 2⁵² holds the whole number in its lowest bits.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn place(v: f64, high: f64, scale: f64) -> u16 {
    ((high - v) * scale + 4_503_599_627_370_496.0).to_bits() as u16
}

wide! {
    /// The places of all values.
    fn places(values: &[f64], high: f64, scale: f64, out: &mut [u16]) = places_of;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn places_of(values: &[f64], high: f64, scale: f64, out: &mut [u16]) {
    for (out, v) in out.iter_mut().zip(values) {
        *out = place(*v, high, scale);
    }
}

/// Sorts descending, by counting how many values have each place; what shares a place is then sorted by
/// comparison. Linear for loads that spread over their range; a spike over a flat load, which puts most
/// values in one place, costs a plain sort.
fn sorted_descending(mut values: Vec<f64>) -> Vec<f64> {
    let Some(range) = Places::of(&values) else {
        values.sort_unstable_by(|a, b| b.total_cmp(a));
        return values;
    };
    let mut of_values = vec![0u16; values.len()];
    places(&values, range.high, range.scale, &mut of_values);
    let mut levels: Vec<Level> = vec![[0; 2]; usize::from(range.last) + 1];
    if count_levels(&values, &of_values, &mut levels) {
        put_levels(&levels, &mut values);
        return values;
    }
    let mut counts: Vec<usize> = levels.iter().map(|[_, n]| *n as usize).collect();
    let mut total = 0;
    for start in &mut counts {
        total += std::mem::replace(start, total);
    }
    let mut sorted = vec![0.0; values.len()];
    for (v, place) in values.iter().zip(&of_values) {
        let start = &mut counts[usize::from(*place)];
        sorted[*start] = *v;
        *start += 1;
    }
    sort_shared_places(&mut sorted, |v| range.place(v));
    sorted
}

/// What has a place: the bits of its last value, and how many there were. Whole numbers, which are allocated as zeros.
type Level = [u64; 2];

/// Counts the values of each place; whether all of a place are the same, bit by bit, as those of a register are.
fn count_levels(values: &[f64], of_values: &[u16], levels: &mut [Level]) -> bool {
    let mut differing = 0;
    for (v, place) in values.iter().zip(of_values) {
        let [bits, n] = &mut levels[usize::from(*place)];
        // Nothing differs from a place that is empty.
        let seen = u64::from(*n == 0).wrapping_sub(1);
        differing |= (*bits ^ v.to_bits()) & seen;
        (*bits, *n) = (v.to_bits(), *n + 1);
    }
    differing == 0
}

/// As many values of each level, in its order, as were counted. Eight are put at once, which the next level writes
/// over where they were too many: how many they are is a branch that cannot be foretold.
fn put_levels(levels: &[Level], values: &mut [f64]) {
    let mut rest = values;
    for [bits, n] in levels {
        let kw = f64::from_bits(*bits);
        let n = *n as usize;
        match rest.first_chunk_mut::<8>() {
            Some(eight) if n <= 8 => *eight = [kw; 8],
            _ => rest[..n].fill(kw),
        }
        rest = &mut std::mem::take(&mut rest)[n..];
    }
}

/// Puts values that share a place in descending order.
fn sort_shared_places(values: &mut [f64], place: impl Fn(f64) -> u16) {
    let mut at = 1;
    while at < values.len() {
        if values[at - 1] < values[at] {
            let shared = place(values[at]);
            let before = values[..at].iter().rev().take_while(|v| place(**v) == shared).count();
            let after = values[at..].iter().take_while(|v| place(**v) == shared).count();
            values[at - before..at + after].sort_unstable_by(|a, b| b.total_cmp(a));
            at += after;
        } else {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::testing;
    use proptest::prelude::*;

    fn curve(kw: &[f64]) -> LoadDuration {
        LoadDuration::new(&testing::load(60, &[kw]))
    }

    #[test]
    fn reads_off_a_staircase() {
        let c = curve(&[10.0, 40.0, f64::NAN, 30.0, 20.0, 20.0]);
        assert_eq!(c.kw, [40.0, 30.0, 20.0, 20.0, 10.0]);
        assert_eq!(c.hours(), Hours::new(5.0));
        assert_eq!(c.hours_at_or_above(Kw::new(20.0)), Hours::new(4.0));
        assert_eq!(c.hours_at_or_above(Kw::new(20.5)), Hours::new(2.0));
        assert_eq!([c.kw_at(0.0), c.kw_at(0.125), c.kw_at(1.0)], [40.0, 35.0, 10.0].map(|k| Some(Kw::new(k))));
        assert_eq!(c.top_share_energy(0.2), Some(Ratio::new(40.0 / 120.0)));
        assert_eq!(c.top_share_energy(0.3), Some(Ratio::new(55.0 / 120.0)), "half an interval on the border");
        assert_eq!(c.needed_kwh(Kw::new(15.0)), Kwh::new(20.0));
        assert_eq!(c.points(3), [(0.0, 40.0), (0.5, 20.0), (1.0, 10.0)]);
    }

    #[test]
    fn no_reading_at_all() {
        let c = curve(&[f64::NAN; 24]);
        assert_eq!((c.kw_at(0.5), c.top_share_energy(0.01), c.points(5).len()), (None, None, 0));
        assert_eq!((c.needed_kwh(Kw::new(5.0)), c.hours_at_or_above(Kw::ZERO)), (Kwh::ZERO, Hours::ZERO));
    }

    #[test]
    fn back_feed_has_no_share_of_energy() {
        let c = curve(&[-5.0, -1.0, 2.0]);
        assert_eq!(c.kw, [2.0, -1.0, -5.0]);
        assert_eq!(c.top_share_energy(0.01), None);
    }

    proptest! {
        #[test]
        fn steps_of_a_register_are_counted(
            levels in prop::collection::vec(-40..2000i32, 1024..3000), step in prop::sample::select(vec![0.6, 0.04, 12.0]),
            odd in prop::option::of(0..1024usize),
        ) {
            let mut kw: Vec<f64> = levels.iter().map(|l| f64::from(*l) * step).collect();
            if let Some(odd) = odd {
                kw[odd] += step / 3.0;
            }
            let ours = sorted_descending(kw.clone());
            kw.sort_by(|a, b| b.total_cmp(a));
            prop_assert_eq!(ours, kw);
        }

        #[test]
        fn descending_whatever_the_spread(
            mut kw in prop::collection::vec(prop_oneof![-50.0..900.0f64, Just(0.0), Just(1e9), 7.0..7.001f64], 0..3000),
        ) {
            let ours = sorted_descending(kw.clone());
            kw.sort_by(|a, b| b.total_cmp(a));
            prop_assert_eq!(ours, kw);
        }
    }
}
