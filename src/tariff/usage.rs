//! Billing determinants: what a load used in each cycle, as the tariff measures it.

use super::meter::Meter;
use super::{Compiled, Period};
use crate::curve::Load;
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

/// What one load used in one cycle.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CycleUsage {
    /// Measured import per band of the tariff; estimates excluded.
    pub kwh: Vec<Kwh>,
    /// Estimated import per band.
    pub estimated_kwh: Vec<Kwh>,
    /// Greatest mean of a window of which every interval was measured; first in time of equals.
    pub demand: Option<MaxDemand>,
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
}

impl CycleUsage {
    /// Intervals with neither reading nor estimate.
    #[must_use]
    pub const fn n_open(&self) -> usize {
        self.n_expected.saturating_sub(self.n_valid + self.n_estimated)
    }

    /// Import of a band, estimates included.
    #[must_use]
    pub fn billed_kwh(&self, band: usize) -> Kwh {
        let of = |v: &[Kwh]| v.get(band).copied().unwrap_or_default();
        of(&self.kwh) + of(&self.estimated_kwh)
    }

    /// Import of all bands, estimates included.
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
    Usage { cycles, interval: load.interval() }
}
