//! The mean working day: when work starts and ends, and how far the load falls without it.

use super::{Facts, Thresholds};
use crate::curve::Load;
use crate::curve::percentile::percentile_of_sorted;
use crate::time::DayKind;
use std::ops::Range;

/// What counts as the start or the end of a shift.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// Least step within `hours`, share of the day's range.
    share: f64,
    hours: f64,
    /// Least range of a day with shifts, share of its near-peak.
    least_range: f64,
}

impl Edge {
    pub const fn of(t: &Thresholds) -> Self {
        Self { share: t.shift_edge_share, hours: t.shift_edge_hours, least_range: t.shift_edge_least_range }
    }
}

/// The mean of the complete, undisturbed workdays.
pub(super) struct Workday {
    /// kW by slot.
    pub profile: Vec<f64>,
    /// Near-base in kW.
    pub low: f64,
    /// Near-peak in kW.
    pub high: f64,
    /// The days behind it.
    pub days: Vec<usize>,
}

impl Workday {
    /// Of a customer; `None` without a complete workday.
    pub fn of(facts: &Facts<'_>) -> Option<Self> {
        let days = usable_days(facts, |k| k == DayKind::Workday);
        let profile = mean_day(facts.load(), &days)?;
        Some(Self::from_profile(facts.thresholds, profile, days))
    }

    /// The median of the workdays, slot by slot and each season by its days: machines that come and go
    /// at any hour do not show in it. `None` without a workday.
    pub fn median(facts: &Facts<'_>) -> Option<Self> {
        let mut sums = vec![(0.0, 0usize); facts.load().interval().slots()];
        for row in facts.typical.iter().filter(|t| t.day_kind == DayKind::Workday) {
            if let Some(sum) = sums.get_mut(row.slot) {
                *sum = (sum.0 + row.p50_kw * row.n_days as f64, sum.1 + row.n_days);
            }
        }
        let profile: Option<Vec<f64>> = sums.into_iter().map(|(s, n)| (n > 0).then(|| s / n as f64)).collect();
        let (profile, days) = (profile?, usable_days(facts, |k| k == DayKind::Workday));
        Some(Self::from_profile(facts.thresholds, profile, days))
    }

    fn from_profile(t: &Thresholds, profile: Vec<f64>, days: Vec<usize>) -> Self {
        let mut sorted = profile.clone();
        sorted.sort_by(f64::total_cmp);
        let near = |share| percentile_of_sorted(&sorted, share).unwrap_or(0.0);
        let (low, high) = (near(t.near_base), near(t.near_peak));
        Self { profile, low, high, days }
    }

    /// Slots at which the load of a shift comes on: rises that are steep enough, each by its
    /// steepest slot.
    pub fn starts(&self, edge: Edge, slot_hours: f64) -> Vec<usize> {
        self.edges(edge, slot_hours, 1.0)
    }

    /// Slots at which it goes off.
    pub fn ends(&self, edge: Edge, slot_hours: f64) -> Vec<usize> {
        self.edges(edge, slot_hours, -1.0)
    }

    fn edges(&self, edge: Edge, slot_hours: f64, sign: f64) -> Vec<usize> {
        let (n, hour) = (self.profile.len(), (edge.hours / slot_hours).round().max(1.0) as usize);
        let range = self.high - self.low;
        if n == 0 || range <= edge.least_range * self.high {
            return Vec::new();
        }
        let at = |s: usize| self.profile.get(s % n).copied().unwrap_or(0.0);
        let steep = |s: &usize| sign * (at(s + hour) - at(*s)) >= edge.share * range;
        let mut out = Vec::new();
        let mut run: Option<Range<usize>> = None;
        for s in (0..=n).filter(|s| *s == n || steep(s)) {
            match &mut run {
                Some(r) if s < n && r.end == s => r.end = s + 1,
                _ => {
                    if let Some(r) = run.take() {
                        let steepest = (r.start..r.end + hour - 1).max_by(|a, b| {
                            let step = |s: usize| sign * (at(s + 1) - at(s));
                            step(*a).total_cmp(&step(*b)).then(b.cmp(a))
                        });
                        out.extend(steepest.map(|s| (s + 1) % n));
                    }
                    run = (s < n).then_some(s..s + 1);
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// Complete days of a kind without a clock change and without an event that disturbs them.
pub(super) fn usable_days(facts: &Facts<'_>, wanted: impl Fn(DayKind) -> bool) -> Vec<usize> {
    let load = facts.load();
    let kinds = facts.labels.kinds.iter().take(load.days().len()).enumerate();
    let usable = |d: &usize| load.day_complete(*d) && load.days().shift(*d).is_none() && !facts.disturbed(*d);
    kinds.filter(|(_, k)| wanted(**k)).map(|(d, _)| d).filter(usable).collect()
}

/// Mean of complete days by slot; `None` without a day.
pub(super) fn mean_day(load: &Load, days: &[usize]) -> Option<Vec<f64>> {
    let mut sums = vec![0.0; load.interval().slots()];
    for d in days {
        for (s, v) in sums.iter_mut().zip(load.day_kw(*d)) {
            *s += v;
        }
    }
    (!days.is_empty()).then(|| sums.into_iter().map(|s| s / days.len() as f64).collect())
}

/// Mean of a day's intervals.
pub(super) fn day_mean(load: &Load, day: usize) -> f64 {
    crate::curve::sum(load.day_kw(day)) / load.day_kw(day).len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workday(profile: Vec<f64>) -> Workday {
        Workday { profile, low: 200.0, high: 500.0, days: vec![0] }
    }

    #[test]
    fn shifts_start_and_end_where_the_load_steps() {
        let edge = Edge::of(&Thresholds::default());
        let step = (0..96).map(|s| if (32..80).contains(&s) { 500.0 } else { 200.0 }).collect();
        let day = workday(step);
        assert_eq!((day.starts(edge, 0.25), day.ends(edge, 0.25)), (vec![32], vec![80]));
        let night = (0..96).map(|s| if (24..88).contains(&s) { 200.0 } else { 500.0 }).collect();
        let day = workday(night);
        assert_eq!((day.starts(edge, 0.25), day.ends(edge, 0.25)), (vec![88], vec![24]));
        let slow = (0..96).map(|s| 350.0 + 150.0 * (f64::from(s) / 96.0 * std::f64::consts::TAU).sin()).collect();
        assert!(workday(slow).starts(edge, 0.25).is_empty(), "a swell is no start");
    }
}
