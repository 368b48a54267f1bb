//! Whether the load has fallen of late in a way that ought to be asked about.

use super::settings::CollapseLimits;
use crate::analysis::Analysis;
use crate::curve::percentile::percentile;
use crate::customer::{EventKind, UnitState};
use crate::time::{Date, DayKind};
use crate::units::Kwh;

/// Weeks that are compared with the week before, the latest first.
pub const WEEKS: usize = 4;
/// Days of a week.
const WEEK: usize = 7;

/// How the energy of working days has gone of late. Holidays, rest days and days of known events
/// are left out; suspended transformers explain a fall.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Collapse {
    /// Mean of the recent days over the median of the usual ones.
    pub share: Option<f64>,
    /// Mean working day of each of the latest weeks over that of the week before, the latest first.
    pub weekly: [Option<f32>; WEEKS],
    /// An event or a suspended transformer at the end of the data explains it.
    pub explained: bool,
}

impl Collapse {
    /// Of an analysed load.
    #[must_use]
    pub fn of(a: &Analysis, limits: &CollapseLimits) -> Self {
        let n = a.daily.len();
        let works = |d: &usize| {
            let day = &a.daily[*d];
            day.day_kind == DayKind::Workday && day.totals.n_valid == day.totals.n_expected && !disturbed(a, day.date)
        };
        let kwh = |range: std::ops::Range<usize>| -> Vec<f64> {
            range.filter(works).filter_map(|d| a.daily[d].totals.kwh.map(Kwh::get)).collect()
        };
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len().max(1) as f64;
        let recent = kwh(n.saturating_sub(limits.recent_days)..n);
        let mut usual = kwh(n.saturating_sub(limits.usual_days)..n);
        let told = recent.len() >= limits.least_days && usual.len() >= 2 * limits.least_days;
        let median = percentile(&mut usual, 0.5).filter(|m| told && *m > 0.0);
        let weeks: Vec<Vec<f64>> =
            (0..=WEEKS).filter(|w| n >= (w + 1) * WEEK).map(|w| kwh(n - (w + 1) * WEEK..n - w * WEEK)).collect();
        let fall = |pair: &[Vec<f64>]| {
            let (now, before) = (mean(&pair[0]), mean(&pair[1]));
            (!pair[0].is_empty() && before > 0.0).then_some((now / before) as f32)
        };
        let mut weekly = [None; WEEKS];
        for (ratio, pair) in weekly.iter_mut().zip(weeks.windows(2)) {
            *ratio = fall(pair);
        }
        Self {
            share: median.map(|m| mean(&recent) / m),
            weekly,
            explained: a.daily.last().is_some_and(|d| explained(a, d.date)),
        }
    }

    /// Whether it is to be asked about: the recent load is a fraction of the usual one, or has fallen
    /// week after week, and nothing known explains it.
    #[must_use]
    pub fn asks(&self, limits: &CollapseLimits) -> bool {
        let fell = |r: &&Option<f32>| r.is_some_and(|r| f64::from(r) < 1.0 - limits.weekly_fall);
        let falls = self.weekly.iter().take_while(fell).count();
        !self.explained && (self.share.is_some_and(|s| s < limits.share) || falls >= limits.weeks)
    }

    /// 1 − recent over usual, at least 0; 0 when it is explained.
    #[must_use]
    pub fn decline(&self) -> Option<f64> {
        self.share.map(|s| if self.explained { 0.0 } else { (1.0 - s).max(0.0) })
    }
}

/// A known event takes the day.
fn disturbed(a: &Analysis, date: Date) -> bool {
    a.customer.events.iter().any(|e| e.kind != EventKind::ProductionChange && e.dates.contains(&date))
}

/// An event that lasts to the end of the data, or a transformer that is not in service then.
fn explained(a: &Analysis, last: Date) -> bool {
    let event = a.customer.events.iter().any(|e| e.dates.contains(&last));
    let holds = |t: &&crate::customer::Transformer| {
        t.valid_from.is_none_or(|d| d <= last) && t.valid_to.is_none_or(|d| last < d)
    };
    let out = |t: &crate::customer::Transformer| t.state == UnitState::Suspended;
    event || a.customer.transformers.iter().filter(holds).any(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_is_asked_about_unless_it_is_explained() {
        let limits = CollapseLimits::default();
        let of = |share, weekly: &[f32], explained| Collapse {
            share: Some(share),
            weekly: std::array::from_fn(|w| weekly.get(w).copied()),
            explained,
        };
        assert!(of(0.2, &[1.0], false).asks(&limits));
        assert!(!of(0.2, &[1.0], true).asks(&limits));
        assert!(of(0.6, &[0.8, 0.8, 0.8, 1.0], false).asks(&limits));
        assert!(!of(0.6, &[0.8, 0.8, 0.9, 0.8], false).asks(&limits), "two falls");
        assert!(!Collapse::default().asks(&limits));
        assert_eq!(of(0.4, &[], false).decline(), Some(0.6));
        assert_eq!(of(1.2, &[], false).decline(), Some(0.0));
    }
}
