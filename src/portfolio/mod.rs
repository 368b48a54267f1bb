//! The fleet as a portfolio, for the utility's own staff: who works how, who is worth what and at
//! which risk, who makes the peak, and whom to visit first. It is made from at most a kilobyte of facts a
//! customer and prices nothing. `docs/portfolio.md` has the definitions and all weights.

mod cluster;
mod collapse;
mod curve;
mod facts;
mod kmeans;
mod pattern;
mod score;
mod settings;
#[cfg(test)]
pub(crate) mod testing;
mod visit;

pub use cluster::{Cluster, Clusters};
pub use collapse::Collapse;
pub use curve::{FleetCurve, FleetHour};
pub use facts::{CustomerFacts, HOURS, Offer, TypicalHours};
pub use pattern::Pattern;
pub use score::{Driver, Grade, Score, Sensitivity, VARIABLES};
pub use settings::{
    Apply, Changes, ClusterLimits, CollapseLimits, FactLimits, GradeCut, Hours, Large, PatternLimits, RiskScales,
    RiskWeights, Settings, ValueWeights, Work,
};
pub use visit::{Effort, apply_by};

use crate::units::{Kva, Kw, Kwh, Money};
use std::collections::BTreeMap;

/// A customer's standing in the fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Scores, grade and drivers.
    pub score: Score,
    /// Limits of a large customer that it reaches: `capacity_kva`, `voltage_kv`, `kwh_year`.
    pub large_by: Vec<&'static str>,
    /// Whether it is a large customer; `None` when nothing that decides it is known.
    pub large: Option<bool>,
    /// Share of the revenue in its currency.
    pub revenue_share: Option<f64>,
    /// Share of the revenue of all customers of its currency with as much or more, itself included.
    pub pareto_share: Option<f64>,
    /// Work, saving, cost.
    pub effort: Effort,
    /// Place among those whom a visit saves something, by saving per hour; 1 is first.
    pub visit_order: Option<usize>,
    /// Power in the peak: the mean at the system's peaks where they were given, else on the typical
    /// day in the fleet's own peak hour.
    pub peak_kw: Option<Kw>,
    /// That power over the customer's own maximum.
    pub coincidence: Option<f64>,
    /// That power over the fleet's.
    pub peak_share: Option<f64>,
    /// Whether its load is to be asked about.
    pub asked: bool,
}

/// The fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct Portfolio {
    /// Facts of the analysed customers, by id.
    pub facts: Vec<CustomerFacts>,
    /// One per customer of `facts`.
    pub standings: Vec<Standing>,
    /// Behaviour clusters.
    pub clusters: Clusters,
    /// Typical days, peak, potential.
    pub curve: FleetCurve,
    /// What other weights would change.
    pub sensitivity: Vec<Sensitivity>,
    /// Whether peaks of the system were given.
    pub system_peaks: bool,
}

impl Portfolio {
    /// Judges a fleet, whose customers stand in the order of ids.
    #[must_use]
    pub fn of(facts: Vec<CustomerFacts>, settings: &Settings) -> Self {
        let (scores, sensitivity) = score::scores(&facts, settings);
        let clusters = Clusters::of(&facts, &settings.cluster);
        let curve = FleetCurve::of(&facts);
        let system_peaks = facts.iter().any(|f| f.system_peak_kw.is_some());
        let at_peak: Vec<Option<Kw>> =
            if system_peaks { facts.iter().map(|f| f.system_peak_kw).collect() } else { curve.at_peak.clone() };
        let total: f64 = at_peak.iter().flatten().map(|kw| kw.get()).sum();
        let revenue = revenue_shares(&facts);
        let mut standings: Vec<Standing> = Vec::with_capacity(facts.len());
        for (i, (f, score)) in facts.iter().zip(scores).enumerate() {
            let asked = f.collapse.asks(&settings.collapse);
            let (large, large_by) = large(f, &settings.large);
            standings.push(Standing {
                score,
                large,
                large_by,
                revenue_share: revenue[i].map(|r| r.0),
                pareto_share: revenue[i].map(|r| r.1),
                effort: Effort::of(f, asked, &settings.work),
                visit_order: None,
                peak_kw: at_peak[i],
                coincidence: at_peak[i].zip(f.max_kw).filter(|(_, m)| m.get() > 0.0).map(|(p, m)| p.get() / m.get()),
                peak_share: at_peak[i].filter(|_| total > 0.0).map(|p| p.get() / total),
                asked,
            });
        }
        let mut out = Self { facts, standings, clusters, curve, sensitivity, system_peaks };
        for (place, i) in out.order().into_iter().enumerate() {
            out.standings[i].visit_order = Some(place + 1);
        }
        out
    }

    /// Customers (as indices) whom a visit saves something, by saving per hour of work.
    #[must_use]
    pub fn order(&self) -> Vec<usize> {
        let worth = |i: &usize| self.standings[*i].effort.saving_per_hour();
        let mut order: Vec<usize> = (0..self.facts.len()).filter(|i| worth(i).is_some()).collect();
        order.sort_by(|a, b| worth(b).unwrap_or(0.0).total_cmp(&worth(a).unwrap_or(0.0)).then(a.cmp(b)));
        order
    }

    /// A customer's cluster.
    #[must_use]
    pub fn cluster(&self, i: usize) -> Option<&Cluster> {
        self.clusters.clusters.get((*self.clusters.member.get(i)?)?)
    }

    /// The greatest number of grades that one changed weight, or the changed cut, changes.
    #[must_use]
    pub fn most_sensitive(&self) -> Option<&Sensitivity> {
        self.sensitivity.iter().reduce(|a, b| if b.grades_changed > a.grades_changed { b } else { a })
    }
}

/// Whether a customer is large, and by which limits.
fn large(f: &CustomerFacts, limits: &Large) -> (Option<bool>, Vec<&'static str>) {
    let tests = [
        ("capacity_kva", limits.capacity_kva, f.capacity.map(Kva::get)),
        ("voltage_kv", limits.voltage_kv, f.voltage_kv),
        ("kwh_year", limits.kwh_year, f.kwh_year.map(Kwh::get)),
    ];
    let set = || tests.iter().filter_map(|(name, limit, value)| limit.map(|l| (*name, value.map(|v| v >= l))));
    let by: Vec<&'static str> = set().filter(|t| t.1 == Some(true)).map(|t| t.0).collect();
    let (n, known) = (set().count(), set().filter(|t| t.1.is_some()).count());
    let refused = set().any(|t| t.1 == Some(false));
    let verdict = if n == 0 || (!limits.all && !by.is_empty()) {
        Some(true)
    } else if limits.all && refused {
        Some(false)
    } else {
        (known == n).then_some(by.len() == n)
    };
    (verdict, by)
}

/// Each customer's share of its currency's revenue, and the share of all with as much or more; ties in
/// the order of ids.
fn revenue_shares(facts: &[CustomerFacts]) -> Vec<Option<(f64, f64)>> {
    let mut by_currency: BTreeMap<&str, Vec<(usize, Money)>> = BTreeMap::new();
    for (i, f) in facts.iter().enumerate() {
        if let (Some(currency), Some(revenue)) = (f.currency.as_deref(), f.revenue) {
            by_currency.entry(currency).or_default().push((i, revenue));
        }
    }
    let mut out = vec![None; facts.len()];
    for list in by_currency.values_mut() {
        list.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let total = list.iter().map(|r| r.1).sum::<Money>().to_f64();
        let mut sum = Money::ZERO;
        for (i, revenue) in list.iter().filter(|_| total > 0.0) {
            sum += *revenue;
            out[*i] = Some((revenue.to_f64() / total, sum.to_f64() / total));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::testing::facts;
    use super::*;

    #[test]
    fn a_customer_is_large_by_any_limit_or_by_all() {
        let mut f = facts(1, 1.0, 0.5);
        f.capacity = Some(Kva::new(400.0));
        f.kwh_year = None;
        let any = Large::default();
        assert_eq!(large(&f, &any), (Some(true), vec!["capacity_kva"]));
        assert_eq!(large(&f, &Large { all: true, ..any }).0, None, "energy is not known");
        f.capacity = Some(Kva::new(100.0));
        assert_eq!(large(&f, &any).0, None);
        assert_eq!(large(&f, &Large { all: true, ..any }).0, Some(false));
        f.kwh_year = Some(Kwh::new(10.0));
        assert_eq!(large(&f, &any).0, Some(false));
    }

    #[test]
    fn shares_of_revenue_add_up_by_currency() {
        let mut fleet: Vec<_> =
            [60.0, 30.0, 10.0, 5.0].into_iter().enumerate().map(|(i, r)| facts(i, r, 0.5)).collect();
        fleet[3].currency = Some("EUR".into());
        let shares = revenue_shares(&fleet);
        let pareto: Vec<f64> = shares.iter().map(|s| s.unwrap().1).collect();
        assert_eq!(pareto, [0.6, 0.9, 1.0, 1.0]);
    }

    #[test]
    fn a_fleet_of_one_and_of_none_is_a_portfolio() {
        assert!(Portfolio::of(Vec::new(), &Settings::default()).standings.is_empty());
        let one = Portfolio::of(vec![facts(1, 5.0, 0.5)], &Settings::default());
        assert_eq!(one.standings[0].pareto_share, Some(1.0));
        assert!(one.standings[0].score.grade.is_some() && one.cluster(0).is_none());
    }

    #[test]
    fn facts_are_at_most_a_kilobyte() {
        let f = facts(1, 5.0, 0.5);
        let heap = 12 * HOURS * 2 + f.id.len() + f.zone.len();
        assert!(std::mem::size_of::<CustomerFacts>() + heap <= 1024, "{}", std::mem::size_of::<CustomerFacts>() + heap);
    }
}
