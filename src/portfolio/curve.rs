//! The fleet's typical days, its peak and who makes it, and what could move.

use super::facts::{CustomerFacts, HOURS};
use crate::time::{DayKind, Season};
use crate::units::Kw;

/// One hour of the fleet's typical day of a kind and season.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FleetHour {
    /// Kind of day.
    pub day_kind: DayKind,
    /// Season of the year.
    pub season: Season,
    /// 0 to 23, wall clock of each customer.
    pub hour: usize,
    /// Sum over the customers that have such an hour.
    pub kw: f64,
    /// Customers in the sum.
    pub customers: usize,
}

/// The fleet's load.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FleetCurve {
    /// Hours in the order kind of day, season, hour; those that no customer has are left out.
    pub hours: Vec<FleetHour>,
    /// The hour with the greatest sum, the first of equals, as an index into `hours`.
    pub peak: Option<usize>,
    /// Power that could move on working days, by hour; a technical potential.
    pub flexible_kw: [f64; HOURS],
    /// Each customer's power in the peak hour.
    pub at_peak: Vec<Option<Kw>>,
}

impl FleetCurve {
    /// Sums up the customers in their order.
    #[must_use]
    pub fn of(fleet: &[CustomerFacts]) -> Self {
        let mut hours = Vec::new();
        for (day_kind, season) in DayKind::ALL.into_iter().flat_map(|k| Season::ALL.map(|s| (k, s))) {
            for hour in 0..HOURS {
                let known = fleet.iter().filter_map(|f| f.typical.kw(day_kind, season, hour));
                let (kw, customers) = known.fold((0.0, 0), |(sum, n), kw| (sum + kw, n + 1));
                if customers > 0 {
                    hours.push(FleetHour { day_kind, season, hour, kw, customers });
                }
            }
        }
        let higher = |best: usize, i: usize| if hours[i].kw > hours[best].kw { i } else { best };
        let peak = (0..hours.len()).reduce(higher);
        let at = |f: &CustomerFacts| {
            let h = &hours[peak?];
            f.typical.kw(h.day_kind, h.season, h.hour).map(Kw::new)
        };
        let at_peak = fleet.iter().map(at).collect();
        let flexible = |h: usize| fleet.iter().map(|f| f.typical.flexible_kw(h)).sum();
        Self { peak, flexible_kw: std::array::from_fn(flexible), at_peak, hours }
    }

    /// The peak hour.
    #[must_use]
    pub fn peak_hour(&self) -> Option<&FleetHour> {
        self.hours.get(self.peak?)
    }

    /// The fleet's typical day that holds its peak, by hour.
    #[must_use]
    pub fn peak_day(&self) -> Vec<&FleetHour> {
        let Some(peak) = self.peak_hour() else { return Vec::new() };
        self.hours.iter().filter(|h| (h.day_kind, h.season) == (peak.day_kind, peak.season)).collect()
    }

    /// Who makes the peak: the customers (as indices) with the most power in its hour, that power and
    /// its share of the fleet's, at most `n`, greatest first.
    #[must_use]
    pub fn makers(&self, n: usize) -> Vec<(usize, Kw, f64)> {
        let Some(total) = self.peak_hour().map(|h| h.kw).filter(|kw| *kw > 0.0) else { return Vec::new() };
        let known = self.at_peak.iter().enumerate().filter_map(|(i, kw)| kw.map(|kw| (i, kw, kw.get() / total)));
        let mut makers: Vec<(usize, Kw, f64)> = known.collect();
        makers.sort_by(|a, b| b.2.total_cmp(&a.2));
        makers.truncate(n);
        makers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::testing::facts;

    #[test]
    fn the_peak_is_the_sum_of_who_makes_it() {
        let fleet: Vec<_> = (0..5).map(|i| facts(i, 1.0, 0.5)).collect();
        let curve = FleetCurve::of(&fleet);
        let peak = curve.peak_hour().unwrap();
        let makers = curve.makers(10);
        assert_eq!((peak.customers, makers.len()), (5, 5));
        assert!((makers.iter().map(|m| m.1.get()).sum::<f64>() - peak.kw).abs() < 1e-9);
        assert!((makers.iter().map(|m| m.2).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(makers.windows(2).all(|w| w[0].1 >= w[1].1));
        assert!(curve.peak_day().iter().all(|h| h.kw <= peak.kw));
    }

    #[test]
    fn an_empty_fleet_has_no_peak() {
        let curve = FleetCurve::of(&[]);
        assert!(curve.peak_hour().is_none() && curve.makers(3).is_empty() && curve.peak_day().is_empty());
    }
}
