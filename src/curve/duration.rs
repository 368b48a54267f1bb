//! The load duration curve.

use super::{Load, kernel, percentile, sum};
use crate::units::{Hours, Kw, Kwh, Ratio};

/// Values per bucket that the sort aims at: small enough for insertion sort. Judgement, by the
/// bench `duration/sort`.
const BUCKET: usize = 8;

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

/// Sorts descending: values are dealt into buckets of equal width, which are then sorted one by
/// one. Loads spread over their range, so that this is linear; where they do not (one spike over a
/// flat load), the bucket that holds them all is sorted by comparison.
fn sorted_descending(values: Vec<f64>) -> Vec<f64> {
    let by_value = |values: &mut [f64]| values.sort_unstable_by(|a, b| b.total_cmp(a));
    let buckets = (values.len() / BUCKET).min(1 << 14);
    let high = kernel::max(&values).unwrap_or(0.0);
    let low = values.iter().fold(f64::INFINITY, |low, v| if *v < low { *v } else { low });
    let scale = (buckets.saturating_sub(1)) as f64 / (high - low);
    if buckets < 2 || !scale.is_finite() {
        let mut values = values;
        by_value(&mut values);
        return values;
    }
    // Truncation is monotone, so that buckets never overlap.
    let bucket = |v: f64| (((high - v) * scale) as usize).min(buckets - 1);
    let mut ends = vec![0u32; buckets + 1];
    for v in &values {
        ends[bucket(*v) + 1] += 1;
    }
    let mut total = 0;
    for end in &mut ends {
        total += *end;
        *end = total;
    }
    let mut out = vec![0.0; values.len()];
    for v in &values {
        let at = &mut ends[bucket(*v)];
        out[*at as usize] = *v;
        *at += 1;
    }
    // Dealing has moved each start to its bucket's end.
    let mut start = 0;
    for end in ends.iter().take(buckets) {
        by_value(&mut out[start..*end as usize]);
        start = *end as usize;
    }
    out
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
        fn descending_whatever_the_spread(
            mut kw in prop::collection::vec(prop_oneof![-50.0..900.0f64, Just(0.0), Just(1e9), 7.0..7.001f64], 0..400),
        ) {
            let ours = sorted_descending(kw.clone());
            kw.sort_by(|a, b| b.total_cmp(a));
            prop_assert_eq!(ours, kw);
        }
    }
}
