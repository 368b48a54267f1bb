//! What every check looks at.

use super::runs::Run;
use super::{Issue, Severity};
use crate::curve::{DayLabels, Load, MeterFacts, Placement, infer_quantum_kw};
use crate::customer::{Customer, Event, Meter, MeterRole, RegisterReadings};
use crate::time::DayKind;
use serde_json::json;
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

/// Findings of a code that are listed one by one, the longest first; the rest becomes one row with
/// its full count (judgement: what a person reads).
const LISTED_RUNS: usize = 20;

/// A finding below this many register quanta is noise (product decision).
const NOISE_QUANTA: f64 = 3.0;

/// Sum and greatest value of a day's valid kW.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DayFacts {
    /// Σ kW over valid intervals.
    pub sum_kw: f64,
    /// Greatest valid kW; −∞ on a day without one.
    pub max_kw: f64,
}

/// A load with all that is known about it.
#[derive(Debug)]
pub struct Inspection<'a> {
    /// The readings.
    pub load: &'a Load,
    /// Kinds of its days.
    pub labels: &'a DayLabels,
    /// Register entry of its customer.
    pub customer: &'a Customer,
    /// The customer's meters.
    pub meters: &'a [Meter],
    /// Register readings by meter.
    pub registers: &'a RegisterReadings,
    /// Resolution of the load in kW, register step × multiplier × 60 / Δt, when the meters file gives
    /// it; else it is inferred from the values where a check needs it.
    pub quantum_kw: Option<f64>,
    /// What was seen of each meter that is in the load; empty when that is not known.
    of_meters: &'a [MeterFacts],
    days: Vec<DayFacts>,
    max_kw: f64,
    inferred: OnceCell<Option<f64>>,
}

impl<'a> Inspection<'a> {
    /// Takes the load's daily sums and maxima in one pass.
    #[must_use]
    pub fn new(
        load: &'a Load,
        labels: &'a DayLabels,
        customer: &'a Customer,
        meters: &'a [Meter],
        registers: &'a RegisterReadings,
    ) -> Self {
        let days: Vec<DayFacts> = (0..load.days().len()).map(|d| day_facts(load, d)).collect();
        let max_kw = days.iter().map(|d| d.max_kw).fold(f64::NEG_INFINITY, f64::max);
        let per_hour = 1.0 / load.interval().hours();
        let quantum = |m: &Meter| m.quantum_kwh.map(|q| q * m.multiplier * per_hour);
        // The coarsest of several feeds decides what can be told from noise.
        let quantum_kw = meters.iter().filter(|m| m.role == MeterRole::Main).filter_map(quantum).reduce(f64::max);
        let (of_meters, inferred) = (&[][..], OnceCell::new());
        Self { load, labels, customer, meters, registers, quantum_kw, of_meters, days, max_kw, inferred }
    }

    /// The same with what was seen of each meter, so that findings of one name it.
    #[must_use]
    pub const fn with_meters(mut self, of_meters: &'a [MeterFacts]) -> Self {
        self.of_meters = of_meters;
        self
    }

    /// What was seen of each of several meters; empty when there is but one.
    pub(super) const fn of_several(&self) -> &'a [MeterFacts] {
        if self.of_meters.len() > 1 { self.of_meters } else { &[] }
    }

    /// What was seen of the rows of a load that is one meter's.
    pub(super) fn placement(&self) -> &'a Placement {
        match self.of_meters {
            [only] => &only.placement,
            _ => self.load.placement(),
        }
    }

    /// Those of several meters that have no usable reading in some intervals.
    pub(super) fn without_reading(&self, range: &Range<usize>) -> Vec<Arc<str>> {
        let (Some(last), false) = (range.end.checked_sub(1), range.is_empty()) else { return Vec::new() };
        let start = self.load.instant(range.start).utc;
        let end = self.load.instant(last).utc + self.load.interval().seconds();
        let lacks = |m: &&MeterFacts| {
            // In the order of time, and apart: the first that ends later is the only candidate.
            let next = m.missing.partition_point(|g| g.end <= start);
            m.missing.get(next).is_some_and(|g| g.start < end)
        };
        let mut meters: Vec<Arc<str>> = self.of_several().iter().filter(lacks).map(|m| Arc::clone(&m.meter)).collect();
        // A meter may have several rows of the register.
        meters.sort_unstable();
        meters.dedup();
        meters
    }

    /// kW below which a finding is noise: three quanta, 0 when the load has no visible resolution.
    #[must_use]
    pub fn noise_kw(&self) -> f64 {
        self.resolution_kw().map_or(0.0, |q| NOISE_QUANTA * q)
    }

    /// The quantum as given, else as inferred from the values.
    #[must_use]
    pub fn resolution_kw(&self) -> Option<f64> {
        self.quantum_kw.or_else(|| *self.inferred.get_or_init(|| infer_quantum_kw(self.load.kw())))
    }

    /// Daily sums and maxima.
    pub(super) fn days(&self) -> &[DayFacts] {
        &self.days
    }

    /// Greatest valid kW of the load; −∞ without one.
    pub(super) const fn max_kw(&self) -> f64 {
        self.max_kw
    }

    /// Kind of a day.
    pub(super) fn kind(&self, day: usize) -> DayKind {
        self.labels.kinds.get(day).copied().unwrap_or(DayKind::Workday)
    }

    /// Whether a day has no clock change, so that its `k`-th interval is slot `k`.
    pub(super) fn plain(&self, day: usize) -> bool {
        self.load.days().range(day).len() == self.load.interval().slots()
    }

    /// Whether a day is plain and every interval of it valid.
    pub(super) fn whole(&self, day: usize) -> bool {
        self.plain(day) && self.load.day_complete(day)
    }

    /// Intervals that a duration takes, at least one.
    pub(super) fn intervals_in(&self, minutes: u32) -> usize {
        (minutes.div_ceil(self.load.interval().minutes()) as usize).max(1)
    }

    /// A known event that overlaps some intervals.
    pub(super) fn event_during(&self, range: &Range<usize>) -> Option<&'a Event> {
        let last = range.end.checked_sub(1).filter(|l| *l >= range.start)?;
        let start = self.load.instant(range.start).local;
        let end = self.load.instant(last).local + self.load.interval().seconds();
        self.customer.events.iter().find(|e| {
            let span = e.local();
            span.start < end && start < span.end
        })
    }

    /// An issue about some intervals; it names the meter where the load is one meter's.
    pub(super) fn issue(&self, code: &'static str, severity: Severity, run: Run) -> Issue {
        let mut mains = self.meters.iter().filter(|m| m.role == MeterRole::Main);
        let meter = match (mains.next(), mains.next()) {
            (Some(only), None) if self.of_several().is_empty() => Some(only.id.clone()),
            _ => None,
        };
        Issue {
            code,
            severity,
            meter,
            first: run.range.as_ref().map(|r| r.start),
            last: run.range.as_ref().map(|r| r.end.saturating_sub(1)),
            n_intervals: run.n,
            evidence: run.evidence,
        }
    }

    /// Issues for some runs: the longest one by one, all others together in one row that says how
    /// many they are.
    pub(super) fn listed(&self, code: &'static str, severity: Severity, mut runs: Vec<Run>) -> Vec<Issue> {
        let total = runs.len();
        let start = |r: &Run| r.range.as_ref().map(|r| r.start);
        runs.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| start(a).cmp(&start(b))));
        let rest = runs.split_off(total.min(LISTED_RUNS));
        let mut issues: Vec<Issue> = runs.into_iter().map(|run| self.issue(code, severity, run)).collect();
        let spans = || rest.iter().filter_map(|r| r.range.as_ref());
        if let (Some(first), Some(last)) = (spans().map(|r| r.start).min(), spans().map(|r| r.end).max()) {
            let n = rest.iter().map(|r| r.n).sum();
            let evidence = json!({ "finding": "others", "runs": rest.len(), "runs_in_all": total });
            issues.push(self.issue(code, severity, Run { range: Some(first..last), n, evidence }));
        }
        issues
    }
}

fn day_facts(load: &Load, day: usize) -> DayFacts {
    let kw = load.day_kw(day);
    let (sum_kw, mut max_kw) = sum_and_max(kw);
    if !load.day_complete(day) {
        let valid = load.days().range(day).zip(kw).filter(|(i, _)| load.is_valid(*i));
        max_kw = valid.map(|(_, v)| *v).fold(f64::NEG_INFINITY, f64::max);
    }
    DayFacts { sum_kw, max_kw }
}

/// Sum and maximum in eight lanes; −∞ for no value.
fn sum_and_max(values: &[f64]) -> (f64, f64) {
    let (mut sums, mut maxima) = ([0.0; 8], [f64::NEG_INFINITY; 8]);
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for ((sum, max), v) in sums.iter_mut().zip(&mut maxima).zip(chunk) {
            *sum += v;
            *max = if *v > *max { *v } else { *max };
        }
    }
    let max = maxima.iter().chain(rest).copied().fold(f64::NEG_INFINITY, f64::max);
    (sums.iter().sum::<f64>() + rest.iter().sum::<f64>(), max)
}
