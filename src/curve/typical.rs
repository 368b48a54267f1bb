//! Typical days: per day kind, season and wall-clock slot.

use super::percentile::{LANES, between, percentile_by, position, sort_columns};
use super::{DayLabels, Load, VALID};
use crate::time::{DayKind, Season};

/// One slot of a typical day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TypicalDay {
    /// Kind of day.
    pub day_kind: DayKind,
    /// Season of the year.
    pub season: Season,
    /// Wall-clock slot, 0-based.
    pub slot: usize,
    /// Mean of the valid intervals in kW.
    pub mean_kw: f64,
    /// 5th percentile, linear (type 7).
    pub p5_kw: f64,
    /// 10th percentile.
    pub p10_kw: f64,
    /// Median.
    pub p50_kw: f64,
    /// 90th percentile.
    pub p90_kw: f64,
    /// 95th percentile.
    pub p95_kw: f64,
    /// Days that have this slot valid.
    pub n_days: usize,
}

/// The mean of one slot of a typical day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlotMean {
    /// Kind of day.
    pub day_kind: DayKind,
    /// Season of the year.
    pub season: Season,
    /// Wall-clock slot, 0-based.
    pub slot: usize,
    /// Mean of the valid intervals in kW, added in time order.
    pub mean_kw: f64,
    /// Valid intervals: more than days where a repeated autumn hour contributes twice.
    pub n_values: usize,
    /// Days that have this slot valid.
    pub n_days: usize,
}

/// All typical days of a load, in the order day kind, season, slot; slots without a valid reading
/// are left out. Percentiles are linear (type 7) over the valid intervals of the slot: the repeated
/// autumn hour contributes twice, the absent spring hour not at all.
#[must_use]
pub fn typical_days(load: &Load, labels: &DayLabels) -> Vec<TypicalDay> {
    let mut out = Vec::new();
    let (mut scratch, mut columns) = (Scratch::default(), Vec::new());
    for_groups(load, labels, |group| {
        let counts = group.slot_means();
        scratch.percentiles(group, &counts, &mut columns);
        out.reserve(counts.len());
        let seen = counts.iter().zip(&columns).filter(|(m, _)| m.n_values > 0);
        out.extend(seen.map(|(m, &[p5_kw, p10_kw, p50_kw, p90_kw, p95_kw])| TypicalDay {
            day_kind: m.day_kind,
            season: m.season,
            slot: m.slot,
            mean_kw: m.mean_kw,
            p5_kw,
            p10_kw,
            p50_kw,
            p90_kw,
            p95_kw,
            n_days: m.n_days,
        }));
    });
    out
}

/// The means alone, at the cost of about one pass over the load; order and omissions as in
/// [`typical_days`].
#[must_use]
pub fn slot_means(load: &Load, labels: &DayLabels) -> Vec<SlotMean> {
    let mut out = Vec::new();
    for_groups(load, labels, |group| out.extend(group.slot_means().into_iter().filter(|m| m.n_values > 0)));
    out
}

/// Percentiles that a typical day has.
const SHARES: [f64; 5] = [0.05, 0.1, 0.5, 0.9, 0.95];

/// Days of one kind and season.
struct Group<'a> {
    load: &'a Load,
    kind: DayKind,
    season: Season,
    /// Each day, and whether it is a plain row: every interval valid and in its own slot.
    days: Vec<(usize, bool)>,
}

fn for_groups(load: &Load, labels: &DayLabels, mut visit: impl FnMut(&mut Group<'_>)) {
    let mut group = Group { load, kind: DayKind::Workday, season: Season::Spring, days: Vec::new() };
    for kind in DayKind::ALL {
        for season in Season::ALL {
            let labelled = labels.kinds.iter().zip(&labels.seasons).enumerate().take(load.days().len());
            group.days.clear();
            let plain = |day| load.day_complete(day) && load.days().shift(day).is_none();
            group.days.extend(labelled.filter(|(_, l)| l == &(&kind, &season)).map(|(day, _)| (day, plain(day))));
            (group.kind, group.season) = (kind, season);
            if !group.days.is_empty() {
                visit(&mut group);
            }
        }
    }
}

impl Group<'_> {
    /// One entry per slot, those without a reading included.
    fn slot_means(&self) -> Vec<SlotMean> {
        let slots = self.load.interval().slots();
        let empty =
            SlotMean { day_kind: self.kind, season: self.season, slot: 0, mean_kw: 0.0, n_values: 0, n_days: 0 };
        let mut sums = vec![0.0; slots];
        let mut complete = 0;
        let mut out: Vec<SlotMean> = (0..slots).map(|slot| SlotMean { slot, ..empty }).collect();
        for &(day, plain) in &self.days {
            if plain {
                complete += 1;
                for (sum, kw) in sums.iter_mut().zip(self.load.day_kw(day)) {
                    *sum += kw;
                }
            } else {
                self.add_uneven(day, &mut sums, &mut out);
            }
        }
        for (slot, sum) in out.iter_mut().zip(&sums) {
            slot.n_values += complete;
            slot.n_days += complete;
            if slot.n_values > 0 {
                slot.mean_kw = sum / slot.n_values as f64;
            }
        }
        out
    }

    /// A day with gaps or a clock change.
    fn add_uneven(&self, day: usize, sums: &mut [f64], out: &mut [SlotMean]) {
        let mut seen = vec![false; out.len()];
        self.for_valid(day, |slot, kw| {
            if let (Some(sum), Some(mean), Some(seen)) = (sums.get_mut(slot), out.get_mut(slot), seen.get_mut(slot)) {
                *sum += kw;
                mean.n_values += 1;
                // A repeated slot is two values of one day.
                mean.n_days += usize::from(!*seen);
                *seen = true;
            }
        });
    }

    /// Slot and kW of a day's valid intervals, in time order.
    fn for_valid(&self, day: usize, mut visit: impl FnMut(usize, f64)) {
        let shifted = self.load.days().shift(day).is_some();
        for (k, (kw, flags)) in self.load.day_kw(day).iter().zip(self.load.day_flags(day)).enumerate() {
            if flags & VALID != 0 {
                visit(if shifted { self.load.days().slot(day, k) } else { k }, *kw);
            }
        }
    }
}

/// Buffers that all groups and blocks of slots share.
#[derive(Default)]
struct Scratch {
    /// Days × a block of slots; +∞ where nothing valid stands, which sorts last.
    rows: Vec<[f64; LANES]>,
}

impl Scratch {
    /// Sorts the days of each slot, a block of slots at once, and reads the percentiles off.
    fn percentiles(&mut self, group: &Group<'_>, counts: &[SlotMean], out: &mut Vec<[f64; SHARES.len()]>) {
        out.clear();
        // Slots mostly have a value each day: the ranks of the last block serve again.
        let mut known = (0, SHARES.map(|_| None));
        for (block, counts) in counts.chunks(LANES).enumerate() {
            self.gather(group, block * LANES);
            sort_columns(&mut self.rows);
            let n = counts.iter().map(|c| c.n_values).min().unwrap_or(0);
            if counts.iter().any(|c| c.n_values != n) {
                out.extend(counts.iter().enumerate().map(|(lane, c)| self.of_lane(lane, c.n_values)));
                continue;
            }
            if known.0 != n {
                known = (n, SHARES.map(|share| position(n, share)));
            }
            let levels = known.1.map(|place| place.map_or([0.0; LANES], |place| self.level(place)));
            out.extend((0..counts.len()).map(|lane| levels.map(|level| level[lane])));
        }
    }

    /// A percentile of all columns, which have equally many values.
    fn level(&self, (low, fraction): (usize, f64)) -> [f64; LANES] {
        let Some(at) = self.rows.get(low) else { return [0.0; LANES] };
        match self.rows.get(low + 1).filter(|_| fraction > 0.0) {
            Some(next) => std::array::from_fn(|lane| between(at[lane], next[lane], fraction)),
            None => *at,
        }
    }

    /// The percentiles of one column of `n` values.
    fn of_lane(&self, lane: usize, n: usize) -> [f64; SHARES.len()] {
        let at = |rank: usize| self.rows.get(rank).map(|row| row[lane]);
        SHARES.map(|share| percentile_by(n, share, at).unwrap_or_default())
    }

    fn gather(&mut self, group: &Group<'_>, first: usize) {
        self.rows.clear();
        for &(day, plain) in &group.days {
            let kw = group.load.day_kw(day).get(first..).unwrap_or_default();
            if let Some(whole) = kw.first_chunk().filter(|_| plain) {
                self.rows.push(*whole);
                continue;
            }
            let mut row = [f64::INFINITY; LANES];
            if plain {
                row.iter_mut().zip(kw).for_each(|(column, kw)| *column = *kw);
                self.rows.push(row);
                continue;
            }
            // The second pass of a repeated slot goes to a row of its own.
            let mut again = [f64::INFINITY; LANES];
            group.for_valid(day, |slot, kw| {
                if let Some(column) = slot.checked_sub(first).filter(|c| *c < LANES) {
                    let free = if row[column] == f64::INFINITY { &mut row } else { &mut again };
                    free[column] = kw;
                }
            });
            self.rows.push(row);
            if again.iter().any(|kw| *kw < f64::INFINITY) {
                self.rows.push(again);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::percentile::percentile_of_sorted;
    use crate::curve::testing;
    use crate::time::{Calendar, Seasons};
    use proptest::prelude::*;

    fn labels(load: &Load) -> DayLabels {
        DayLabels::new(load.days(), &Calendar::weekends(), &Seasons::default(), &[])
    }

    /// Straight from the definition: every value of every slot, sorted.
    fn naive(load: &Load, labels: &DayLabels) -> Vec<TypicalDay> {
        let mut out = Vec::new();
        for day_kind in DayKind::ALL {
            for season in Season::ALL {
                for slot in 0..load.interval().slots() {
                    let (mut values, mut n_days) = (Vec::new(), 0);
                    for day in
                        (0..load.days().len()).filter(|d| labels.kinds[*d] == day_kind && labels.seasons[*d] == season)
                    {
                        let before = values.len();
                        values.extend(
                            load.days()
                                .range(day)
                                .enumerate()
                                .filter(|(k, i)| load.days().slot(day, *k) == slot && load.is_valid(*i))
                                .map(|(_, i)| load.kw()[i]),
                        );
                        n_days += usize::from(values.len() > before);
                    }
                    let mean_kw = values.iter().fold(0.0, |sum, v| sum + v) / values.len() as f64;
                    values.sort_by(f64::total_cmp);
                    let p = |share| percentile_of_sorted(&values, share);
                    if let [Some(p5_kw), Some(p10_kw), Some(p50_kw), Some(p90_kw), Some(p95_kw)] =
                        [p(0.05), p(0.1), p(0.5), p(0.9), p(0.95)]
                    {
                        out.push(TypicalDay {
                            day_kind,
                            season,
                            slot,
                            mean_kw,
                            p5_kw,
                            p10_kw,
                            p50_kw,
                            p90_kw,
                            p95_kw,
                            n_days,
                        });
                    }
                }
            }
        }
        out
    }

    #[test]
    fn the_repeated_hour_counts_twice_and_the_absent_one_not_at_all() {
        // 2016-10-30 is a Sunday: 02:00 is there twice.
        let autumn: Vec<f64> = (0..25).map(f64::from).collect();
        let load = testing::load_in("Europe/Berlin", "2016-10-30", 60, &autumn);
        let days = typical_days(&load, &labels(&load));
        assert_eq!(days.len(), 24);
        assert_eq!((days[2].mean_kw, days[2].p50_kw, days[2].n_days), (2.5, 2.5, 1));
        assert_eq!((days[3].mean_kw, days[3].slot), (4.0, 3));
        assert_eq!(slot_means(&load, &labels(&load))[2].n_values, 2);

        let spring: Vec<f64> = (0..23).map(f64::from).collect();
        let load = testing::load_in("Europe/Berlin", "2016-03-27", 60, &spring);
        let days = typical_days(&load, &labels(&load));
        assert!(days.iter().all(|d| d.slot != 2) && days.len() == 23);
        assert_eq!((days[2].slot, days[2].mean_kw), (3, 2.0));
    }

    #[test]
    fn a_slot_without_any_reading_is_left_out() {
        let mut kw = [1.0; 24];
        kw[5] = f64::NAN;
        let load = testing::load(60, &[&kw, &kw]);
        let days = typical_days(&load, &labels(&load));
        assert_eq!(days.len(), 23);
        assert!(days.iter().all(|d| d.slot != 5 && d.n_days == 2));
        assert!(typical_days(&testing::load(60, &[&[f64::NAN; 24]]), &labels(&load)).is_empty());
    }

    #[test]
    fn groups_stand_in_the_order_of_the_table() {
        let load = testing::load_in("Asia/Shanghai", "2024-02-26", 60, &[1.0; 24 * 7]);
        let seen: Vec<_> = typical_days(&load, &labels(&load)).iter().map(|d| (d.day_kind, d.season, d.slot)).collect();
        let mut sorted = seen.clone();
        sorted.sort();
        assert_eq!((seen.len(), &seen), (24 * 3, &sorted));
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(
            seed in prop::collection::vec((-20.0..500.0f64, prop::bool::weighted(0.97)), 300),
            first in prop::sample::select(vec!["2016-03-24", "2016-10-27", "2016-11-29", "2016-06-01"]),
            n_days in 1..40usize,
            gaps in any::<bool>(),
        ) {
            let kw: Vec<f64> = (0..n_days * 24)
                .map(|i| seed[(i * 7919) % 300])
                .enumerate()
                .map(|(i, (v, valid))| if valid || !gaps { v + (i % 17) as f64 } else { f64::NAN })
                .collect();
            let load = testing::load_in("Europe/Berlin", first, 60, &kw);
            prop_assert_eq!(typical_days(&load, &labels(&load)), naive(&load, &labels(&load)));
        }
    }
}
