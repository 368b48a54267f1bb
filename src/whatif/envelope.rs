//! What a customer has shown it can do: per kind of day, season and wall-clock slot.

use crate::curve::percentile::percentile_of_sorted;
use crate::curve::{DayLabels, Load};
use crate::time::{DayKind, Season};

/// Limits that turn history into bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EnvelopeLimits {
    /// Greatest share of a slot's load that may move, 0 to 1.
    pub flexible_cap: f64,
    /// A slot that has varied by less than this share is steady: noise is not flexibility.
    pub flexible_least: f64,
    /// Days of a kind and season below which nothing is inferred from them.
    pub min_days: usize,
}

/// Bounds of one slot on one kind of day.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bounds {
    /// Share of the load that may leave the slot: `1 − p10/median`, capped; 0 for a steady slot.
    pub flexible: f64,
    /// What always stays: the 5th percentile in kW.
    pub floor_kw: f64,
    /// Level up to which the slot may be filled: the 95th percentile in kW.
    pub high_kw: f64,
    /// Median in kW.
    pub median_kw: f64,
}

/// Bounds of all slots, kinds of day and seasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    slots: usize,
    bounds: Vec<Bounds>,
    /// Median energy that is flexible, as a share of the median energy of all days.
    share: f64,
}

impl Envelope {
    /// Learns from all valid intervals. Kinds of day and seasons are kept apart so that weather and
    /// seasonal orders are not read as flexibility; a kind with too few days has zero bounds.
    #[must_use]
    pub fn observe(load: &Load, labels: &DayLabels, limits: EnvelopeLimits) -> Self {
        let slots = load.interval().slots();
        let mut bounds = vec![Bounds::default(); DayKind::ALL.len() * Season::ALL.len() * slots];
        let (mut flexible_kw, mut median_kw) = (0.0, 0.0);
        let mut column = Vec::new();
        for (group, (kind, season)) in groups().enumerate() {
            let days = days_of(load, labels, kind, season);
            if days.len() < limits.min_days {
                continue;
            }
            for slot in 0..slots {
                gather(load, &days, slot, &mut column);
                if column.len() < limits.min_days {
                    continue;
                }
                let b = bounds_of(&mut column, limits);
                flexible_kw += b.flexible * b.median_kw * days.len() as f64;
                median_kw += b.median_kw.max(0.0) * days.len() as f64;
                if let Some(cell) = bounds.get_mut(group * slots + slot) {
                    *cell = b;
                }
            }
        }
        Self { slots, bounds, share: if median_kw > 0.0 { flexible_kw / median_kw } else { 0.0 } }
    }

    /// Bounds of a slot; all zero where nothing was learnt.
    #[must_use]
    pub fn at(&self, kind: DayKind, season: Season, slot: usize) -> Bounds {
        let group = groups().position(|g| g == (kind, season)).unwrap_or(0);
        self.bounds.get(group * self.slots + slot).copied().unwrap_or_default()
    }

    /// Bounds of all slots of a kind of day and season.
    #[must_use]
    pub fn day(&self, kind: DayKind, season: Season) -> &[Bounds] {
        let group = groups().position(|g| g == (kind, season)).unwrap_or(0);
        self.bounds.get(group * self.slots..(group + 1) * self.slots).unwrap_or(&[])
    }

    /// Share of the typical days' energy that is flexible.
    #[must_use]
    pub const fn flexible_share(&self) -> f64 {
        self.share
    }
}

fn groups() -> impl Iterator<Item = (DayKind, Season)> {
    DayKind::ALL.into_iter().flat_map(|k| Season::ALL.into_iter().map(move |s| (k, s)))
}

fn days_of(load: &Load, labels: &DayLabels, kind: DayKind, season: Season) -> Vec<usize> {
    let labelled = labels.kinds.iter().zip(&labels.seasons).take(load.days().len()).enumerate();
    labelled.filter(|(_, (k, s))| **k == kind && **s == season).map(|(d, _)| d).collect()
}

/// The valid readings of a slot on given days; days of a clock change are left out.
fn gather(load: &Load, days: &[usize], slot: usize, column: &mut Vec<f64>) {
    column.clear();
    for day in days.iter().filter(|d| load.days().shift(**d).is_none()) {
        let value = load.day_kw(*day).get(slot).zip(load.day_flags(*day).get(slot));
        if let Some((v, _)) = value.filter(|(_, f)| **f & crate::curve::VALID != 0) {
            column.push(*v);
        }
    }
}

fn bounds_of(column: &mut [f64], limits: EnvelopeLimits) -> Bounds {
    column.sort_unstable_by(f64::total_cmp);
    let [p5, p10, p50, p95] = [0.05, 0.10, 0.50, 0.95].map(|q| percentile_of_sorted(column, q).unwrap_or(0.0));
    let depth = if p50 > 0.0 { 1.0 - p10.max(0.0) / p50 } else { 0.0 };
    let flexible = if depth < limits.flexible_least { 0.0 } else { depth.clamp(0.0, limits.flexible_cap) };
    Bounds { flexible, floor_kw: p5, high_kw: p95, median_kw: p50 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_sometimes_pauses_is_flexible_up_to_the_cap() {
        let mut column: Vec<f64> = (0..100).map(|d| if d % 5 == 0 { 200.0 } else { 400.0 }).collect();
        let limits = EnvelopeLimits { flexible_cap: 0.3, flexible_least: 0.1, min_days: 5 };
        let b = bounds_of(&mut column, limits);
        assert_eq!((b.flexible, b.floor_kw, b.high_kw), (0.3, 200.0, 400.0));
        assert_eq!(bounds_of(&mut [400.0; 50], limits).flexible, 0.0, "what never varied is not flexible");
        let mut noise: Vec<f64> = (0..100).map(|d| 400.0 + f64::from(d % 40) - 20.0).collect();
        assert_eq!(bounds_of(&mut noise, limits).flexible, 0.0, "noise of 5 % is not flexibility");
    }
}
