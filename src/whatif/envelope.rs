//! What a customer has shown it can do: per kind of day, season and wall-clock slot.

use crate::curve::percentile::percentile;
use crate::curve::{DayLabels, Load, TypicalDay, sum};
use crate::time::{DayKind, Season};

/// Limits that turn history into bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EnvelopeLimits {
    /// Greatest share of a slot's load that may move, 0 to 1.
    pub flexible_cap: f64,
    /// A slot that has not varied by this share more than the days as a whole is steady: neither noise nor
    /// weather is flexibility.
    pub flexible_least: f64,
    /// Days of a kind and season below which nothing is inferred from them.
    pub min_days: usize,
    /// A slot that never runs at this share of the way from the least to the greatest of the day's medians
    /// lies outside the working hours, but for one in which something has run on some days: whose highest level
    /// lies above its median by `flexible_least` of that way.
    pub working_share: f64,
    /// A day whose medians differ by less than this share is flat: there are no working hours to tell apart.
    pub flat_share: f64,
}

/// Bounds of one slot on one kind of day.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bounds {
    /// Share of the load that may leave the slot: `1 − p10/median`, capped; 0 for a steady slot.
    pub flexible: f64,
    /// What always stays: the 5th percentile in kW.
    pub floor_kw: f64,
    /// Level up to which the slot may be filled: the 95th percentile in kW; the median in hours in
    /// which the customer does not work.
    pub high_kw: f64,
    /// Median in kW.
    pub median_kw: f64,
}

/// Bounds of all slots, kinds of day and seasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    slots: usize,
    bounds: Vec<Bounds>,
    /// Shares, floors and levels of all slots, each in the order of `bounds`.
    lanes: [Vec<f64>; 3],
    /// Whether a slot of each kind of day and season is flexible.
    flexible: [bool; GROUPS],
    /// Median energy that is flexible, as a share of the median energy of all days.
    share: f64,
}

impl Envelope {
    /// Learns from a load's typical days. Kinds of day and seasons are kept apart so that weather and
    /// seasonal orders are not read as flexibility; a slot seen on too few days of a kind has zero bounds.
    #[must_use]
    pub fn learn(load: &Load, labels: &DayLabels, typical: &[TypicalDay], limits: EnvelopeLimits) -> Self {
        let slots = load.interval().slots();
        let mut means = DayMeans::of(load, labels);
        let mut bounds = vec![Bounds::default(); GROUPS * slots];
        let (mut flexible_kw, mut median_kw) = (0.0, 0.0);
        for group in typical.chunk_by(|a, b| (a.day_kind, a.season) == (b.day_kind, b.season)) {
            let Some(place) = group.first().map(|t| position(t.day_kind, t.season)) else { continue };
            let cells = bounds.get_mut(place * slots..(place + 1) * slots).unwrap_or_default();
            if group.iter().all(|t| t.n_days < limits.min_days) {
                continue;
            }
            let (working, depth) = (Working::of(group, limits), means.depth(place));
            for typical in group.iter().filter(|t| t.n_days >= limits.min_days) {
                let Some(cell) = cells.get_mut(typical.slot) else { continue };
                *cell = bounds_of(typical, depth, limits);
                if !working.has_seen(cell) {
                    cell.high_kw = cell.median_kw;
                }
                flexible_kw += cell.flexible * cell.median_kw * typical.n_days as f64;
                median_kw += cell.median_kw.max(0.0) * typical.n_days as f64;
            }
        }
        Self::new(slots, bounds, if median_kw > 0.0 { flexible_kw / median_kw } else { 0.0 })
    }

    /// The same bounds as functions of the slot on every day.
    #[cfg(test)]
    pub(crate) fn daily(slots: usize, bounds: impl Fn(usize) -> Bounds) -> Self {
        Self::new(slots, (0..GROUPS * slots).map(|i| bounds(i % slots)).collect(), 0.0)
    }

    fn new(slots: usize, bounds: Vec<Bounds>, share: f64) -> Self {
        let mut flexible = [false; GROUPS];
        for (flexible, learnt) in flexible.iter_mut().zip(bounds.chunks(slots)) {
            *flexible = learnt.iter().any(|b| b.flexible > 0.0);
        }
        let groups = (slots, &bounds[..], &flexible);
        let lanes = [lane(groups, |b| b.flexible), lane(groups, |b| b.floor_kw), lane(groups, |b| b.high_kw)];
        Self { slots, lanes, flexible, bounds, share }
    }

    /// Bounds of a slot; all zero where nothing was learnt.
    #[must_use]
    pub fn at(&self, kind: DayKind, season: Season, slot: usize) -> Bounds {
        self.bounds.get(position(kind, season) * self.slots + slot).copied().unwrap_or_default()
    }

    /// Bounds of all slots of a kind of day and season.
    #[must_use]
    pub fn day(&self, kind: DayKind, season: Season) -> &[Bounds] {
        let group = position(kind, season);
        self.bounds.get(group * self.slots..(group + 1) * self.slots).unwrap_or(&[])
    }

    /// Flexible share, floor and highest level of all slots of a kind of day and season; `None` where no
    /// slot is flexible.
    pub(super) fn lanes(&self, kind: DayKind, season: Season) -> Option<[&[f64]; 3]> {
        let group = position(kind, season);
        let of = |lane: usize| self.lanes.get(lane)?.get(group * self.slots..(group + 1) * self.slots);
        self.flexible.get(group).filter(|f| **f)?;
        Some([of(0)?, of(1)?, of(2)?])
    }

    /// Share of the typical days' energy that is flexible.
    #[must_use]
    pub const fn flexible_share(&self) -> f64 {
        self.share
    }
}

/// One of the bounds of all slots; 0 on days without a flexible slot, of which lanes are not looked at.
fn lane((slots, bounds, flexible): (usize, &[Bounds], &[bool; GROUPS]), of: impl Fn(&Bounds) -> f64) -> Vec<f64> {
    let mut lane = vec![0.0; bounds.len()];
    let groups = lane.chunks_mut(slots).zip(bounds.chunks(slots)).zip(flexible);
    for ((lane, learnt), _) in groups.filter(|(_, flexible)| **flexible) {
        lane.iter_mut().zip(learnt).for_each(|(value, bounds)| *value = of(bounds));
    }
    lane
}

/// Where a kind of day and season stands in [`Envelope::bounds`].
fn position(kind: DayKind, season: Season) -> usize {
    kind as usize * Season::ALL.len() + season as usize
}

/// What tells the hours in which a customer has worked.
struct Working {
    /// Level from which a slot is worked in, in kW.
    level_kw: f64,
    /// Rise above its median from which something has run in it on some days, in kW.
    rise_kw: f64,
}

impl Working {
    fn has_seen(&self, slot: &Bounds) -> bool {
        slot.high_kw >= self.level_kw || slot.high_kw - slot.median_kw >= self.rise_kw
    }

    /// Of the slots of a kind of day and season.
    fn of(slots: &[TypicalDay], limits: EnvelopeLimits) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for kw in slots.iter().map(|s| s.p50_kw) {
            // Not f64::min, which looks for NaN.
            low = if kw < low { kw } else { low };
            high = if kw > high { kw } else { high };
        }
        let (range, flat) = (high - low, high - low <= limits.flat_share * high.abs());
        let level_kw = if flat { f64::NEG_INFINITY } else { low + limits.working_share * range };
        Self { level_kw, rise_kw: limits.flexible_least * range }
    }
}

/// Kinds of day and seasons.
const GROUPS: usize = DayKind::ALL.len() * Season::ALL.len();

/// Mean powers of the complete days, by kind of day and season.
struct DayMeans {
    kw: Vec<f64>,
    /// Where those of each kind and season end.
    ends: [usize; GROUPS],
}

impl DayMeans {
    fn of(load: &Load, labels: &DayLabels) -> Self {
        let complete = || {
            let labelled = labels.kinds.iter().zip(&labels.seasons).enumerate().take(load.days().len());
            labelled.filter(|(day, _)| load.day_complete(*day)).map(|(day, (k, s))| (day, position(*k, *s)))
        };
        let mut counts = [0; GROUPS];
        for (_, group) in complete() {
            if let Some(n) = counts.get_mut(group) {
                *n += 1;
            }
        }
        let mut ends = counts;
        let mut total = 0;
        for (end, n) in ends.iter_mut().zip(counts) {
            *end = total;
            total += n;
        }
        let mut kw = vec![0.0; total];
        for (day, group) in complete() {
            let of_day = load.day_kw(day);
            if let Some(end) = ends.get_mut(group)
                && let Some(mean) = kw.get_mut(*end)
            {
                *mean = sum(of_day) / of_day.len().max(1) as f64;
                *end += 1;
            }
        }
        Self { kw, ends }
    }

    /// By how much the days of a kind and season vary as a whole, as [`depth`] of their means.
    fn depth(&mut self, group: usize) -> f64 {
        let begin = group.checked_sub(1).and_then(|g| self.ends.get(g)).copied().unwrap_or(0);
        let kw = self.ends.get(group).and_then(|end| self.kw.get_mut(begin..*end)).unwrap_or_default();
        depth(percentile(kw, 0.10).unwrap_or(0.0), percentile(kw, 0.50).unwrap_or(0.0))
    }
}

/// How far a low value lies below the median, as a share of it.
fn depth(p10: f64, p50: f64) -> f64 {
    if p50 > 0.0 { 1.0 - p10.max(0.0) / p50 } else { 0.0 }
}

/// What the day varies by as a whole is weather or orders, not a load that has moved within it: a slot is
/// flexible when it varies by so much more.
fn bounds_of(slot: &TypicalDay, of_day: f64, limits: EnvelopeLimits) -> Bounds {
    let depth = depth(slot.p10_kw, slot.p50_kw);
    let steady = depth - of_day.max(0.0) < limits.flexible_least;
    let flexible = if steady { 0.0 } else { depth.clamp(0.0, limits.flexible_cap) };
    Bounds { flexible, floor_kw: slot.p5_kw, high_kw: slot.p95_kw, median_kw: slot.p50_kw }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::percentile::percentile;
    use crate::curve::typical_days;
    use crate::whatif::fixture::{Fixture, year};

    const LIMITS: EnvelopeLimits =
        EnvelopeLimits { flexible_cap: 0.3, flexible_least: 0.1, min_days: 5, working_share: 0.25, flat_share: 0.05 };

    fn of(column: &[f64], limits: EnvelopeLimits) -> Bounds {
        let kw = |share| percentile(&mut column.to_vec(), share).unwrap();
        let [p5_kw, p10_kw, p50_kw, p90_kw, p95_kw] = [0.05, 0.1, 0.5, 0.9, 0.95].map(kw);
        let (day_kind, season) = (DayKind::Workday, Season::Spring);
        let (slot, mean_kw, n_days) = (0, p50_kw, column.len());
        let slot = TypicalDay { day_kind, season, slot, mean_kw, p5_kw, p10_kw, p50_kw, p90_kw, p95_kw, n_days };
        bounds_of(&slot, 0.0, limits)
    }

    fn learnt(fixture: &Fixture, limits: EnvelopeLimits) -> Envelope {
        let (state, labels) = (fixture.state(), fixture.labels());
        Envelope::learn(state.load(), &labels, &typical_days(state.load(), &labels), limits)
    }

    #[test]
    fn a_batch_that_sometimes_pauses_is_flexible_up_to_the_cap() {
        let column: Vec<f64> = (0..100).map(|d| if d % 5 == 0 { 200.0 } else { 400.0 }).collect();
        let limits = LIMITS;
        let b = of(&column, limits);
        assert_eq!((b.flexible, b.floor_kw, b.high_kw), (0.3, 200.0, 400.0));
        assert_eq!(of(&[400.0; 50], limits).flexible, 0.0, "what never varied is not flexible");
        let noise: Vec<f64> = (0..100).map(|d| 400.0 + f64::from(d % 40) - 20.0).collect();
        assert_eq!(of(&noise, limits).flexible, 0.0, "noise of 5 % is not flexibility");
    }

    #[test]
    fn days_that_are_low_as_a_whole_show_no_flexibility() {
        fn shape(s: usize) -> f64 {
            if (32..80).contains(&s) { 400.0 } else { 200.0 }
        }
        let limits = LIMITS;
        let share = |kw: fn(usize, usize) -> f64| learnt(&year(kw), limits).flexible_share();
        assert_eq!(share(|d, s| shape(s) * if d % 5 == 0 { 0.7 } else { 1.0 }), 0.0, "weak orders, or weather");
        assert!(share(|d, s| shape(s) - if d % 5 == 0 && (40..56).contains(&s) { 120.0 } else { 0.0 }) > 0.04);
    }

    #[test]
    fn an_hour_in_which_a_small_batch_has_run_may_take_it_again() {
        // A batch of 18 % of the day's range, in the evening or on each fifth day at night.
        let shape = |s: usize| if (24..92).contains(&s) { 600.0 } else { 100.0 };
        let fixture = year(move |d, s| {
            let runs = if d % 5 == 0 { 4..16 } else { 72..84 };
            shape(s) + if runs.contains(&s) { 110.0 } else { 0.0 }
        });
        let envelope = learnt(&fixture, LIMITS);
        let at = |slot| envelope.at(DayKind::Workday, Season::Autumn, slot);
        assert_eq!((at(8).median_kw, at(8).high_kw), (100.0, 210.0), "below a quarter of the range, but seen");
        assert_eq!((at(20).median_kw, at(20).high_kw), (100.0, 100.0), "nobody has worked then");
        assert!(at(76).flexible > 0.1);
    }

    #[test]
    fn each_kind_season_and_slot_is_learnt_from_its_own_days() {
        let fixture = year(|d, s| ((d * 37 + s * 11) % 101) as f64 + 50.0);
        let (state, labels) = (fixture.state(), fixture.labels());
        let limits = EnvelopeLimits { flexible_cap: 0.9, flexible_least: 0.0, ..LIMITS };
        let envelope = learnt(&fixture, limits);
        let (mut flexible_kw, mut median_kw) = (0.0, 0.0);
        for kind in DayKind::ALL {
            for season in Season::ALL {
                let days: Vec<usize> =
                    (0..365).filter(|d| (labels.kinds[*d], labels.seasons[*d]) == (kind, season)).collect();
                for slot in 0..96 {
                    let column: Vec<f64> = days.iter().map(|d| state.load().day_kw(*d)[slot]).collect();
                    let expected = if days.len() < 5 { Bounds::default() } else { of(&column, limits) };
                    assert_eq!(envelope.at(kind, season, slot), expected);
                    assert_eq!(envelope.day(kind, season)[slot], expected);
                    flexible_kw += expected.flexible * expected.median_kw * days.len() as f64;
                    median_kw += expected.median_kw * days.len() as f64;
                }
            }
        }
        assert_eq!(envelope.flexible_share(), flexible_kw / median_kw);
    }
}
