//! What customers could buy or choose, and what that is worth in a year by plain arithmetic: a battery run by
//! what is known when it runs, the sun by another formula, and two years' costs under other price tables.

mod storage;
mod sun;
mod tables;

pub use tables::{HIGHER, SINGLE, beside, text};

use super::behaviour::Worth;
use super::fleet::SynthCustomer;
use super::natural::Natural;
use super::readings::{Readings, power, steps};
use crate::customer::BillingMode;
use crate::register::{Battery, Product, Pv, VoltageLevel};
use std::ops::Range;
use storage::Storage;

/// Parts of its power by which a battery may hold a month below the maximum of the week before (card of R13).
const SHAVED: [f64; 4] = [0.0, 0.3, 0.6, 1.0];
/// Days back to the load that is known when a day is planned.
const WEEK: usize = 7;
/// Capacity from which a higher voltage is usual whatever it costs, in kVA, and the longest payback below it in
/// years (catalogue: R17).
const HIGHER_FROM: (f64, f64) = (8000.0, 5.0);
/// Longest payback in years from that capacity on.
const HIGHER_WITHIN: f64 = 20.0;
/// Scale of readings at which a step is a watt.
const WATTS: u32 = 10;
/// Days of a year.
const YEAR_DAYS: f64 = 365.0;

impl Natural<'_> {
    /// A battery of the power that there is room for, run by what is known beforehand; of the depths to which it
    /// may hold the maximum the one that leaves most of its price.
    pub fn battery(&self, terms: &Battery) -> Worth {
        let kw = terms.most_kw.unwrap_or(0.0);
        let wear = terms.capex_per_kwh / terms.cycle_life;
        let storage = Storage { kw, kwh: kw * terms.hours, round_trip: terms.round_trip, wear };
        let demand = matches!(self.now.register.billing_mode, BillingMode::Demand | BillingMode::Contract);
        let years = self.axis.dates.len() as f64 / YEAR_DAYS;
        let capex = storage.kwh * terms.capex_per_kwh + kw * terms.capex_per_kw;
        let run = |part: &f64| {
            let (after, delivered) = self.stored(&storage, part * kw);
            let full_cycles = delivered / years / storage.kwh;
            let life = terms.life_years.min(terms.cycle_life / full_cycles.max(f64::MIN_POSITIVE));
            let saving = self.saved(&self.ledger.by_month(&after, self.axis));
            (saving, saving - capex / life)
        };
        let depths = if demand { &SHAVED[..] } else { &SHAVED[..1] };
        let best = depths.iter().map(run).max_by(|a, b| a.1.total_cmp(&b.1));
        let (saving, left) = best.unwrap_or_default();
        Worth { rule: "R13", saving: Some(saving), firm: left > 0.0 }
    }

    /// The customer with a battery that is to hold each month `shaved` kW below the maximum of the seven days
    /// before it, and what it delivers in all. It does not run in the first seven days.
    fn stored(&self, storage: &Storage, shaved: f64) -> (SynthCustomer, f64) {
        let (load, prices) = (self.load(), self.ledger.prices(self.axis));
        let day = |d: usize| self.axis.days.range(d);
        let highest = |days: Range<usize>| days.flat_map(day).map(|i| load[i]).fold(0.0, f64::max);
        let (mut after, mut delivered, mut limit) = (load.clone(), 0.0, 0.0);
        let months: Vec<usize> = self.axis.months.iter().map(|(_, r)| self.axis.days.day_at(r.start)).collect();
        for d in WEEK..self.axis.dates.len() {
            if d == WEEK || months.contains(&d) {
                // What the month has seen already can be held no more.
                let so_far = if months.contains(&d) { 0.0 } else { highest(0..d) };
                limit = so_far.max(highest(d - WEEK..d) - shaved);
            }
            let (known, hours) = (&load[day(d - WEEK)], self.now.interval.hours());
            let plan = [limit, limit.max(known.iter().copied().fold(0.0, f64::max))];
            let plan = plan.into_iter().find_map(|l| storage.day(known, &prices[day(d)], (l, hours)));
            let plan: Vec<f64> = plan.map_or_else(Vec::new, |p| p.0.iter().zip(known).map(|(a, b)| a - b).collect());
            delivered += storage.follow(&plan, &mut after[day(d)], (&mut limit, hours));
        }
        (self.with_load(&after), delivered)
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

    /// The customer with another load at its first meter, which is its only one, as finely as watts: half a step
    /// of the meter, always rounded up, would be half a per cent of what a battery saves.
    fn with_load(&self, kw: &[f64]) -> SynthCustomer {
        let mut after = self.now.clone();
        if let Some(Readings { active, reactive, scale, .. }) = after.readings.first_mut() {
            active.iter_mut().zip(kw).for_each(|(a, v)| *a = steps(*v, WATTS));
            for q in reactive {
                *q = steps(power(*q, *scale), WATTS);
            }
            *scale = WATTS;
        }
        after
    }
}
