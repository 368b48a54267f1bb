//! Billing determinants: what a load used in each cycle, as the tariff measures it.
//!
//! The hot path adds each complete day onto 96 sums (one a slot) with plain slice arithmetic and
//! looks at the tariff's windows once a cycle.

use super::schema::Quadrants;
use super::{Compiled, Period};
use crate::curve::{Load, REACTIVE, VALID, sum, sum_abs};
use crate::time::{Cycle, Date, Interval};
use crate::units::{Kvarh, Kw, Kwh};
use std::ops::Range;

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

/// Buffers and settings of one pass.
struct Meter<'a> {
    load: &'a Load,
    tariff: &'a Compiled,
    /// Intervals in a demand window.
    window: usize,
    quadrants: Quadrants,
    /// A day's import where it is not the load itself.
    import: Vec<f64>,
    /// Distinct days of the tariff that the cycle has, and kW added up by slot for each.
    variants: Vec<usize>,
    by_slot: Vec<f64>,
    /// kW of measured intervals without a reactive reading, added up.
    without_reactive: f64,
}

impl<'a> Meter<'a> {
    fn new(load: &'a Load, tariff: &'a Compiled) -> Self {
        let minutes = tariff.demand_window().map_or(0, Interval::minutes);
        Self {
            load,
            tariff,
            window: (minutes / load.interval().minutes()).max(1) as usize,
            quadrants: tariff.tariff().power_factor.as_ref().map(|p| p.quadrants).unwrap_or_default(),
            import: Vec::new(),
            variants: Vec::new(),
            by_slot: Vec::new(),
            without_reactive: 0.0,
        }
    }

    /// The load's days among dates.
    fn days(&self, dates: &Range<Date>) -> Range<usize> {
        let days = self.load.days();
        let clamp = |d: Date| (i64::from(d.0) - i64::from(days.first().0)).clamp(0, days.len() as i64) as usize;
        let start = clamp(dates.start);
        start..clamp(dates.end).max(start)
    }

    fn cycle(&mut self, dates: &Range<Date>) -> CycleUsage {
        let n = self.tariff.bands().len();
        let days = self.days(dates);
        let mut out =
            CycleUsage { kwh: vec![Kwh::ZERO; n], estimated_kwh: vec![Kwh::ZERO; n], ..CycleUsage::default() };
        out.kvarh = self.load.has_reactive().then_some(Kvarh::ZERO);
        self.variants.clear();
        self.by_slot.clear();
        self.without_reactive = 0.0;
        for day in days.clone() {
            self.day(day, &mut out);
        }
        self.settle(&mut out);
        self.estimates(&self.load.range_of_days(days), &mut out);
        out
    }

    fn day(&mut self, day: usize, out: &mut CycleUsage) {
        out.n_expected += self.load.day_expected(day);
        out.n_valid += self.load.day_valid(day);
        let mut buffer = std::mem::take(&mut self.import);
        let kw = day_import(self.load, day, &mut buffer);
        match self.tariff.variant(self.load.date(day)) {
            Some(variant) => self.add_by_slot(day, variant, kw),
            None => out.n_unscheduled_days += 1,
        }
        self.demand(day, kw, out);
        self.reactive(day, kw, out);
        self.import = buffer;
    }

    fn add_by_slot(&mut self, day: usize, variant: usize, kw: &[f64]) {
        let slots = self.load.interval().slots();
        let at = self.variants.iter().position(|v| *v == variant).unwrap_or_else(|| {
            self.variants.push(variant);
            self.by_slot.resize(self.by_slot.len() + slots, 0.0);
            self.variants.len() - 1
        });
        let Some(sums) = self.by_slot.get_mut(at * slots..(at + 1) * slots) else { return };
        if self.load.days().shift(day).is_none() {
            for (sum, v) in sums.iter_mut().zip(kw) {
                *sum += v;
            }
        } else {
            for (k, v) in kw.iter().enumerate() {
                if let Some(sum) = sums.get_mut(self.load.days().slot(day, k)) {
                    *sum += v;
                }
            }
        }
    }

    /// Distributes the sums by slot over the bands.
    fn settle(&self, out: &mut CycleUsage) {
        let interval = self.load.interval();
        for (variant, sums) in self.variants.iter().zip(self.by_slot.chunks_exact(interval.slots())) {
            for piece in self.tariff.pieces(*variant, interval) {
                let kw = sums.get(piece.slots.clone()).map_or(0.0, sum);
                if let Some(band) = out.kwh.get_mut(piece.band) {
                    *band += Kwh::new(kw * piece.weight * interval.hours());
                }
            }
        }
        if out.kvarh.is_some() {
            out.kwh_with_kvarh =
                out.kwh.iter().copied().sum::<Kwh>() - Kwh::new(self.without_reactive * interval.hours());
        }
    }

    fn demand(&self, day: usize, kw: &[f64], out: &mut CycleUsage) {
        let complete = self.load.day_complete(day);
        let first = self.load.days().range(day).start;
        let best = out.demand.map_or(f64::NEG_INFINITY, |d| d.kw.get());
        let found = if self.window == 1 && complete {
            let highest = greatest(kw);
            (highest > best).then(|| kw.iter().position(|v| *v == highest)).flatten().map(|k| (highest, k))
        } else {
            self.masked_demand(day, kw, best)
        };
        if let Some((kw, k)) = found {
            out.demand = Some(MaxDemand { kw: Kw::new(kw), index: first + k });
        }
    }

    /// The first greatest window of a day that beats `best`, every interval of it measured.
    fn masked_demand(&self, day: usize, kw: &[f64], best: f64) -> Option<(f64, usize)> {
        let (n, mut best, mut found) = (self.window, best, None);
        let windows = kw.chunks_exact(n).zip(self.load.day_flags(day).chunks_exact(n));
        for (k, (values, flags)) in windows.enumerate() {
            if flags.iter().any(|f| f & VALID == 0) {
                continue;
            }
            let mean = values.iter().sum::<f64>() / n as f64;
            if mean > best {
                best = mean;
                found = Some((mean, k * n));
            }
        }
        found
    }

    fn reactive(&mut self, day: usize, kw: &[f64], out: &mut CycleUsage) {
        let Some(total) = out.kvarh else { return };
        let channels = self.load.channels();
        let range = self.load.days().range(day);
        let part = |c: &'a Option<Vec<f64>>| c.as_ref().and_then(|v| v.get(range.clone())).unwrap_or_default();
        let (lag, lead) = (part(&channels.kvar), part(&channels.kvar_lead));
        let flags = self.load.day_flags(day);
        let both = VALID | REACTIVE;
        let hours = self.load.interval().hours();
        if flags.iter().fold(both, |all, f| all & f) == both {
            let kvar = match self.quadrants {
                Quadrants::LagAndLead => sum_abs(lag) + sum_abs(lead),
                Quadrants::Lag => lag.iter().map(|v| v.max(0.0)).sum(),
            };
            out.kvarh = Some(total + Kvarh::new(kvar * hours));
            return;
        }
        let mut kvar = 0.0;
        for (k, f) in flags.iter().enumerate().filter(|(_, f)| **f & VALID != 0) {
            let at = |c: &[f64]| c.get(k).copied().unwrap_or(0.0);
            if f & REACTIVE == 0 {
                out.n_without_kvarh += 1;
                self.without_reactive += at(kw);
                continue;
            }
            kvar += match self.quadrants {
                Quadrants::LagAndLead => at(lag).abs() + at(lead).abs(),
                Quadrants::Lag => at(lag).max(0.0),
            };
        }
        out.kvarh = Some(total + Kvarh::new(kvar * hours));
    }

    /// Adds the estimates of a range of intervals.
    fn estimates(&self, range: &Range<usize>, out: &mut CycleUsage) {
        let estimates = &self.load.estimates;
        let from = estimates.index.partition_point(|i| (*i as usize) < range.start);
        let to = estimates.index.partition_point(|i| (*i as usize) < range.end);
        let (days, interval) = (self.load.days(), self.load.interval());
        for e in from..to {
            let Some((index, kw)) = estimates.index.get(e).map(|i| *i as usize).zip(estimates.kw.get(e)) else {
                return;
            };
            if self.load.is_valid(index) || !self.load.span().contains(&index) {
                continue;
            }
            out.n_estimated += 1;
            let kwh = kw.max(0.0) * interval.hours();
            let day = days.day_at(index);
            let slot = days.slot(day, index - days.range(day).start);
            if let Some(variant) = self.tariff.variant(days.date(day)) {
                for piece in self.tariff.pieces(variant, interval).iter().filter(|p| p.slots.contains(&slot)) {
                    if let Some(band) = out.estimated_kwh.get_mut(piece.band) {
                        *band += Kwh::new(kwh * piece.weight);
                    }
                }
            }
            if let Some((total, kvar)) = out.kvarh.zip(estimates.kvar.get(e)) {
                out.kvarh = Some(total + Kvarh::new(kvar.abs() * interval.hours()));
                out.kwh_with_kvarh += Kwh::new(kwh);
            }
        }
    }
}

/// A day's imported kW in real-time order, 0 where not valid: the load itself unless it exports.
fn day_import<'a>(load: &'a Load, day: usize, buffer: &'a mut Vec<f64>) -> &'a [f64] {
    let kw = load.day_kw(day);
    let export = load.channels().export_kw.as_ref().and_then(|e| e.get(load.days().range(day)));
    buffer.clear();
    match export {
        None if load.day_min(day) >= 0.0 => return kw,
        None => buffer.extend(kw.iter().map(|v| v.max(0.0))),
        Some(export) => {
            let cells = kw.iter().zip(export).zip(load.day_flags(day));
            buffer.extend(cells.map(|((v, e), f)| if f & VALID == 0 { 0.0 } else { (v + e).max(0.0) }));
        }
    }
    buffer
}

/// The greatest value, in eight lanes; −∞ of none.
fn greatest(values: &[f64]) -> f64 {
    let mut lanes = [f64::NEG_INFINITY; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, v) in lanes.iter_mut().zip(chunk) {
            *lane = if *v > *lane { *v } else { *lane };
        }
    }
    lanes.iter().chain(rest).copied().fold(f64::NEG_INFINITY, |a, b| if b > a { b } else { a })
}
