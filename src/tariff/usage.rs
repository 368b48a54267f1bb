//! Billing determinants: what a load used in each cycle, as the tariff measures it.

use super::meter::Meter;
use super::{Compiled, Period};
use crate::curve::Load;
use crate::text::said;
use crate::time::{Cycle, Interval};
use crate::units::{Kvarh, Kw, Kwh};

/// The maximum demand of a cycle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MaxDemand {
    /// Mean over the window.
    pub kw: Kw,
    /// First interval of the window, as index into the load.
    pub index: usize,
}

/// A demand that a charge of the tariff measures, in its unit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// The greatest window.
    pub max: Option<MaxDemand>,
    /// What the maximum is at most, where windows slide between the data's intervals.
    pub bound: Option<Kw>,
    /// The maxima of days added up, for charges by the day.
    pub day_sum: Kw,
    /// Days that have one.
    pub n_days: usize,
}

impl Measured {
    /// Takes a window for the maximum if it is greater, or as great and earlier.
    pub(super) fn offer(&mut self, kw: f64, index: usize) {
        if self.max.is_none_or(|d| kw > d.kw.get() || (kw == d.kw.get() && index < d.index)) {
            self.max = Some(MaxDemand { kw: Kw::new(kw), index });
        }
    }

    /// Takes a bound if it is greater.
    pub(super) fn raise_bound(&mut self, bound: Option<Kw>) {
        if let Some(bound) = bound.filter(|b| self.bound.is_none_or(|own| *b > own)) {
            self.bound = Some(bound);
        }
    }

    /// Adds a day's maximum.
    pub(super) fn add_day(&mut self, day: &Self) {
        let Some(max) = day.max else { return };
        self.offer(max.kw.get(), max.index);
        self.raise_bound(day.bound);
        self.day_sum += max.kw;
        self.n_days += 1;
    }
}

/// The load at a peak of the system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeakLoad {
    /// Which peak of the list.
    pub peak: usize,
    /// Mean import; `None` when an interval of it is not measured.
    pub kw: Option<Kw>,
}

/// What the meter's own registers say of a cycle.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RegisterUse {
    /// kWh that one step of the register is.
    pub step_kwh: Option<f64>,
    /// Import of the cycle.
    pub total_kwh: Option<f64>,
    /// Import by period, in the order of [`Period::ALL`].
    pub period_kwh: [Option<f64>; 5],
    /// Lagging and leading reactive energy.
    pub kvarh_lag_lead: [Option<f64>; 2],
    /// Maximum demand.
    pub max_demand: Option<Kw>,
}

/// Where the energy of a band comes from in a register bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterSource {
    /// The register of its period.
    Period,
    /// The total register less the other bands.
    Total,
    /// The bands of intervals in whole steps, less the others where it takes the rest: the meter was
    /// not read.
    Intervals,
}

impl RegisterSource {
    /// In words, for the line.
    pub(super) fn note(self) -> String {
        match self {
            Self::Period => said("bill.register_period"),
            Self::Total => said("bill.register_total"),
            Self::Intervals => said("bill.register_none"),
        }
        .into()
    }
}

/// The energy of a band in a register bill.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Registered {
    /// In whole steps of the register.
    pub kwh: Kwh,
    /// Where it comes from.
    pub from: RegisterSource,
}

/// What one load used in one cycle.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CycleUsage {
    /// Measured import per band of the tariff; estimates excluded.
    pub kwh: Vec<Kwh>,
    /// Estimated import per band.
    pub estimated_kwh: Vec<Kwh>,
    /// Greatest mean of a window of which every interval was measured; first in time of equals.
    pub demand: Option<MaxDemand>,
    /// What that maximum is at most, where windows slide between the data's intervals.
    pub demand_bound: Option<Kw>,
    /// Demands of the tariff's other charges, in the order of its measures.
    pub measured: Vec<Measured>,
    /// What the tariff's price series add to the energy of each band, in its currency; estimates
    /// included. Empty without series.
    pub series_amount: Vec<f64>,
    /// Measured export per band; empty when the tariff credits none.
    pub export_kwh: Vec<Kwh>,
    /// Lagging and leading reactive energy, measured; `None` unless the tariff charges it.
    pub kvarh_lag_lead: Option<(Kvarh, Kvarh)>,
    /// The load at each peak of the system within the cycle.
    pub peaks: Vec<PeakLoad>,
    /// What the meter's registers say.
    pub register: Option<RegisterUse>,
    /// Import per band as a register bill takes it; empty in other bills.
    pub registered: Vec<Registered>,
    /// Reactive energy of intervals with active and reactive readings, and of estimates; `None`
    /// without reactive data.
    pub kvarh: Option<Kvarh>,
    /// Import that belongs to `kvarh`: the same intervals.
    pub kwh_with_kvarh: Kwh,
    /// Intervals of the cycle between the load's first and last start.
    pub n_expected: usize,
    /// Measured intervals.
    pub n_valid: usize,
    /// Estimated intervals.
    pub n_estimated: usize,
    /// Measured intervals without a reactive reading.
    pub n_without_kvarh: usize,
    /// Dates that no schedule of the tariff describes.
    pub n_unscheduled_days: usize,
    /// Power is a sample at its label, not a mean: energy is an estimate, demand indicative.
    pub sampled: bool,
}

impl CycleUsage {
    /// Intervals with neither reading nor estimate.
    #[must_use]
    pub const fn n_open(&self) -> usize {
        self.n_expected.saturating_sub(self.n_valid + self.n_estimated)
    }

    /// The maximum demand that is billed: that of the register where there is one, else the measured.
    #[must_use]
    pub fn billed_demand(&self) -> Option<Kw> {
        self.register.and_then(|r| r.max_demand).or(self.demand.map(|d| d.kw))
    }

    /// Import of a band as it is billed: of the registers in a register bill, else of the intervals,
    /// estimates included.
    #[must_use]
    pub fn billed_kwh(&self, band: usize) -> Kwh {
        if let Some(registered) = self.registered.get(band) {
            return registered.kwh;
        }
        self.interval_kwh(band)
    }

    /// Import of a band in the intervals, estimates included.
    #[must_use]
    pub fn interval_kwh(&self, band: usize) -> Kwh {
        let of = |v: &[Kwh]| v.get(band).copied().unwrap_or_default();
        of(&self.kwh) + of(&self.estimated_kwh)
    }

    /// Import of all bands as it is billed.
    #[must_use]
    pub fn total_kwh(&self) -> Kwh {
        (0..self.kwh.len()).map(|b| self.billed_kwh(b)).sum()
    }
}

/// What one load used in each cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Usage {
    /// One per cycle.
    pub cycles: Vec<CycleUsage>,
    /// The load's interval length.
    pub interval: Interval,
    /// Why it cannot be billed, whatever the cycle.
    pub refusal: Option<String>,
}

impl Usage {
    /// Measured import by period, in the order of [`Period::ALL`], of any cycle, partial ones too.
    #[must_use]
    pub fn kwh_by_period(&self, cycle: usize, tariff: &Compiled) -> [Kwh; 5] {
        let mut out = [Kwh::ZERO; 5];
        let Some(usage) = self.cycles.get(cycle) else { return out };
        for (band, kwh) in tariff.bands().iter().zip(&usage.kwh) {
            for (period, total) in Period::ALL.iter().zip(&mut out) {
                if *period == band.period {
                    *total += *kwh;
                }
            }
        }
        out
    }
}

/// Measures a load for billing: one pass over its intervals.
#[must_use]
pub fn usage(load: &Load, cycles: &[Cycle], tariff: &Compiled) -> Usage {
    let mut meter = Meter::new(load, tariff);
    let cycles = cycles.iter().map(|c| meter.cycle(&c.dates)).collect();
    Usage { cycles, interval: load.interval(), refusal: None }
}
