//! What batches save that a list lets run at any hour, by trying every hour.

use super::behaviour::Worth;
use super::fleet::SynthCustomer;
use super::natural::Natural;
use super::readings::{Readings, power, steps};
use super::site::Batch;
use crate::time::DayKind;
use std::collections::{BTreeMap, BTreeSet};

/// Hours of a day.
const HOURS: usize = 24;
/// Months of a year.
const MONTHS: f64 = 12.0;
/// Loading of the transformers that nothing may be moved to (capacity services).
const MOST_LOADED: f64 = 0.9;

impl Natural<'_> {
    /// The usual runs of its batches moved to the hour of the day at which they cost least: one hour for each batch
    /// and all months of the same windows, so that a shift can keep to it, and none in which the transformers
    /// would carry more than they may.
    pub fn scheduled(&self, rule: &'static str, batches: &[Batch]) -> Worth {
        let saved: f64 = batches.iter().map(|batch| self.at_best(batch)).sum();
        let saving = saved * MONTHS / self.axis.months.len().max(1) as f64;
        Worth { rule, saving: Some(saving), firm: true }
    }

    fn at_best(&self, batch: &Batch) -> f64 {
        let now = self.ledger.by_month(self.now, self.axis);
        let length = (batch.usual.1 - batch.usual.0).ceil() as usize;
        let limit_kw = self.carried_kw();
        let tried = (0..=HOURS.saturating_sub(length)).map(|hour| {
            let (after, carried) = self.moved(batch, (hour as f64, limit_kw));
            (self.ledger.by_month(&after, self.axis), carried)
        });
        let tried: Vec<(Vec<f64>, Vec<bool>)> = tried.collect();
        let saved = |months: &Vec<usize>, (costs, carried): &(Vec<f64>, Vec<bool>)| -> f64 {
            let all = months.iter().all(|m| carried[*m]);
            if all { months.iter().map(|m| now[*m] - costs[*m]).sum() } else { 0.0 }
        };
        let best = |months: &Vec<usize>| tried.iter().map(|t| saved(months, t)).fold(0.0, f64::max);
        self.months_of_same_windows().iter().map(best).sum()
    }

    /// Months by the prices of the hours of their working days.
    fn months_of_same_windows(&self) -> Vec<Vec<usize>> {
        let prices = self.ledger.prices(self.axis);
        let mut out: BTreeMap<BTreeSet<Vec<u64>>, Vec<usize>> = BTreeMap::new();
        for (m, (_, range)) in self.axis.months.iter().enumerate() {
            let days = self.axis.days.day_at(range.start)..=self.axis.days.day_at(range.end - 1);
            let working = days.filter(|d| self.axis.dates[*d].kind == DayKind::Workday);
            let of_day = |d: usize| prices[self.axis.days.range(d)].iter().map(|p| p.to_bits()).collect();
            out.entry(working.map(of_day).collect()).or_default().push(m);
        }
        out.into_values().collect()
    }

    /// What the transformers may carry at the year's cos φ, in kW.
    fn carried_kw(&self) -> f64 {
        let sum = |value: fn(&Readings, usize) -> Option<f64>| -> f64 {
            self.now.readings.iter().flat_map(|r| (0..r.len()).filter_map(|i| value(r, i))).sum()
        };
        let (p, q) = (sum(Readings::kw), sum(Readings::kvar));
        MOST_LOADED * self.now.register.capacity_kva * p / p.hypot(q).max(f64::MIN_POSITIVE)
    }

    /// The customer with the usual runs of a batch begun at another clock hour, and whether that stays below a
    /// limit in each month. Reactive energy stays.
    fn moved(&self, batch: &Batch, (hour, limit_kw): (f64, f64)) -> (SynthCustomer, Vec<bool>) {
        let mut after = self.now.clone();
        let mut carried = vec![true; self.axis.months.len()];
        let Some(Readings { active, scale, .. }) = after.readings.first_mut() else { return (after, carried) };
        let kw = steps(batch.kw, *scale);
        let (from, to) = batch.usual;
        for day in &batch.days {
            self.axis.clock(*day, from, to).into_iter().for_each(|i| active[i] -= kw);
            for i in self.axis.clock(*day, hour, hour + to - from) {
                active[i] += kw;
                // Where it runs now it may run on.
                if power(active[i], *scale) > limit_kw && hour != from {
                    let month = self.axis.months.iter().position(|(_, range)| range.contains(&i));
                    carried[month.unwrap_or(0)] = false;
                }
            }
        }
        (after, carried)
    }
}
