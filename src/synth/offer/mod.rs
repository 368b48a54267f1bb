//! What customers could buy or choose, and what that is worth in a year by plain arithmetic: a battery run as
//! well as its day allows, the sun by another formula, and two years' costs under other price tables.

mod storage;
mod sun;
mod tables;

pub use tables::{HIGHER, SINGLE, beside, text};

use super::behaviour::Worth;
use super::fleet::SynthCustomer;
use super::natural::Natural;
use super::readings::{Readings, steps};
use crate::customer::BillingMode;
use crate::register::{Battery, Product, Pv, VoltageLevel};
use std::ops::Range;
use storage::Storage;

/// Parts of its power that a battery may take off a month's maximum.
const SHAVED: usize = 10;
/// Capacity from which a higher voltage is usual whatever it costs, in kVA, and the longest payback below it in
/// years (catalogue: R17).
const HIGHER_FROM: (f64, f64) = (8000.0, 5.0);
/// Longest payback in years from that capacity on.
const HIGHER_WITHIN: f64 = 20.0;
/// Days of a year.
const YEAR_DAYS: f64 = 365.0;

impl Natural<'_> {
    /// A battery of the power that there is room for: each month run for what is best, at the limit that is best.
    pub fn battery(&self, terms: &Battery) -> Worth {
        let kw = terms.most_kw.unwrap_or(0.0);
        let wear = terms.capex_per_kwh / terms.cycle_life;
        let storage = Storage { kw, kwh: kw * terms.hours, round_trip: terms.round_trip, wear };
        let demand = matches!(self.now.register.billing_mode, BillingMode::Demand | BillingMode::Contract);
        let as_is = self.ledger.by_month(self.now, self.axis);
        // Saving and energy delivered of each month.
        let mut best = vec![(0.0, 0.0); as_is.len()];
        for part in 0..=if demand { SHAVED } else { 0 } {
            let (after, delivered) = self.stored(&storage, part as f64 / SHAVED as f64 * kw);
            let costs = self.ledger.by_month(&after, self.axis);
            for (best, ((before, cost), out)) in best.iter_mut().zip(as_is.iter().zip(&costs).zip(delivered)) {
                let found = (before - cost, out);
                if found.0 - wear * found.1 > best.0 - wear * best.1 {
                    *best = found;
                }
            }
        }
        let years = self.axis.dates.len() as f64 / YEAR_DAYS;
        let (saving, out) = best.iter().fold((0.0, 0.0), |s, b| (s.0 + b.0 / years, s.1 + b.1 / years));
        let life =
            if out > 0.0 { terms.life_years.min(terms.cycle_life * storage.kwh / out) } else { terms.life_years };
        let capex = storage.kwh * terms.capex_per_kwh + kw * terms.capex_per_kw;
        Worth { rule: "R13", saving: Some(saving), firm: saving > capex / life }
    }

    /// The customer with a battery that takes `shaved` kW off each month's maximum, and what it delivers in each
    /// month; months in which that cannot be done are left as they are.
    fn stored(&self, storage: &Storage, shaved: f64) -> (SynthCustomer, Vec<f64>) {
        let mut kw = self.load();
        let hours = self.now.interval.hours();
        let mut delivered = Vec::with_capacity(self.axis.months.len());
        for (_, month) in &self.axis.months {
            let limit = kw[month.clone()].iter().copied().fold(0.0, f64::max) - shaved;
            let days: Vec<Range<usize>> = (0..self.axis.dates.len())
                .map(|d| self.axis.days.range(d))
                .filter(|r| month.contains(&r.start))
                .collect();
            let run = |r: &Range<usize>| {
                storage.day(&kw[r.clone()], &self.ledger.prices(self.axis)[r.clone()], (limit, hours))
            };
            let run: Option<Vec<_>> = days.iter().map(run).collect();
            delivered.push(run.iter().flatten().map(|d| d.1).sum());
            for (range, (after, _)) in days.into_iter().zip(run.into_iter().flatten()) {
                kw[range].copy_from_slice(&after);
            }
        }
        (self.with_load(&kw), delivered)
    }

    /// The sun takes from the load what it can, but not on the day of a month's maximum.
    pub fn pv(&self, terms: &Pv) -> Worth {
        let mut kw = self.load();
        let sun = sun::course(self.axis, terms.kwp * terms.kwh_per_kwp, terms.latitude);
        for (_, month) in &self.axis.months {
            let highest = month.clone().fold(month.start, |at, i| if kw[i] > kw[at] { i } else { at });
            let dark = self.axis.days.range(self.axis.days.day_at(highest));
            for i in month.clone().filter(|i| !dark.contains(i) && kw[*i] > 0.0).collect::<Vec<_>>() {
                kw[i] = (kw[i] - sun[i]).max(0.0);
            }
        }
        let saving = self.saved(&self.ledger.by_month(&self.with_load(&kw), self.axis));
        Worth { rule: "R14", saving: Some(saving), firm: saving * terms.life_years > terms.kwp * terms.capex_per_kwp }
    }

    /// Supply at another voltage.
    pub fn voltage(&self, terms: &VoltageLevel) -> Worth {
        let saving = self.under(&terms.tariff, self.now.register.billing_mode);
        let years = if self.now.register.capacity_kva >= HIGHER_FROM.0 { HIGHER_WITHIN } else { HIGHER_FROM.1 };
        let usual = terms.capex <= years * saving;
        Worth { rule: "R17", saving: Some(saving), firm: saving > 0.0 && usual }
    }

    /// Another product.
    pub fn product(&self, terms: &Product) -> Worth {
        let saving = self.under(&terms.tariff, terms.billing_mode.unwrap_or(self.now.register.billing_mode));
        let kva = self.now.register.capacity_kva;
        let chosen = terms.capacity_kva.is_none_or(|[least, most]| (least..=most).contains(&kva));
        Worth { rule: "R22", saving: Some(saving), firm: saving > 0.0 && chosen }
    }

    /// What another price table saves in a year; nothing where there is none.
    fn under(&self, table: &str, mode: BillingMode) -> f64 {
        let now = self.ledger.year(self.now, self.axis, self.now.register.billing_mode);
        self.ledger.beside(table).map_or(0.0, |l| now - l.year(self.now, self.axis, mode))
    }

    fn saved(&self, after: &[f64]) -> f64 {
        let now = self.ledger.by_month(self.now, self.axis);
        let years = self.axis.dates.len() as f64 / YEAR_DAYS;
        now.iter().zip(after).map(|(b, a)| b - a).sum::<f64>() / years
    }

    /// Power of each interval in kW, all meters together.
    fn load(&self) -> Vec<f64> {
        (0..self.axis.slots.len()).map(|i| self.kw(i)).collect()
    }

    /// The customer with another load at its first meter, which is its only one.
    fn with_load(&self, kw: &[f64]) -> SynthCustomer {
        let mut after = self.now.clone();
        if let Some(Readings { active, scale, .. }) = after.readings.first_mut() {
            active.iter_mut().zip(kw).for_each(|(a, v)| *a = steps(*v, *scale));
        }
        after
    }
}
