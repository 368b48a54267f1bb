//! A battery behind the meter.

use super::{Change, State};
use crate::curve::Load;
use crate::tariff::{Compiled, Segment};
use crate::text::say;
use crate::units::{Kw, Kwh};
use std::ops::Range;

/// Charges in cheap hours and delivers in dear ones of the same day, once between each two cheap
/// spans, and holds each cycle's load below its maximum less `shave`. Charging never makes a new
/// maximum; nothing is fed in; each day begins and ends empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Store {
    /// Greatest power in and out.
    pub power: Kw,
    /// Energy that it delivers when full.
    pub capacity: Kwh,
    /// Energy out over energy in, above 0.
    pub round_trip: f64,
    /// What is taken off each cycle's maximum where the energy suffices.
    pub shave: Kw,
    /// Wear for each kWh delivered, in the bill's currency.
    pub wear: f64,
}

impl Change for Store {
    fn apply(&self, state: &State) -> State {
        let Some(tariff) = state.tariff().filter(|_| self.round_trip > 0.0) else { return state.clone() };
        let load = state.load();
        let mut kw = load.kw().to_vec();
        for cycle in state.cycles() {
            let Some((max, _)) = load.max_kw(load.range_of_days(cycle.days.clone())) else { continue };
            let cap = (max - self.shave.get()).max(0.0);
            for day in cycle.days.clone().filter(|d| load.day_complete(*d) && load.days().shift(*d).is_none()) {
                let Some(run) = kw.get_mut(load.days().range(day)) else { continue };
                self.day(run, &prices(load, tariff, day), cap);
            }
        }
        state.with_kw(kw)
    }

    fn describe(&self) -> String {
        say(
            "change.store",
            &[("kw", &format_args!("{:.0}", self.power.get())), ("kwh", &format_args!("{:.0}", self.capacity.get()))],
        )
    }
}

/// Price of each slot of a day.
fn prices(load: &Load, tariff: &Compiled, day: usize) -> Vec<f64> {
    let mut out = vec![0.0; load.interval().slots()];
    let price = |s: &Segment| tariff.bands().get(s.band).map_or(0.0, |b| b.price);
    for segment in tariff.segments(load.date(day)) {
        if let Some(run) = out.get_mut(segment.slots.clone()) {
            run.fill(price(segment));
        }
    }
    out
}

impl Store {
    /// One day: each cheap span charges for what the hours until the next one take.
    fn day(&self, kw: &mut [f64], prices: &[f64], cap: f64) {
        let hours = 24.0 / kw.len().max(1) as f64;
        for (charge, deliver) in spans(prices) {
            let Some(cheap) = prices.get(charge.start) else { continue };
            let room = |v: f64| (cap - v).clamp(0.0, self.power.get()) * hours;
            let stored: f64 = kw.get(charge.clone()).unwrap_or(&[]).iter().map(|v| room(*v) * self.round_trip).sum();
            let mut left = stored.min(self.capacity.get());
            let worth = |price: f64| price > cheap / self.round_trip + self.wear;
            let mut out = vec![0.0; deliver.len()];
            // What stands above the cap first, then the dearest hours.
            for (o, v) in out.iter_mut().zip(kw.get(deliver.clone()).unwrap_or(&[])) {
                let take = ((v - cap).clamp(0.0, self.power.get()) * hours).min(left);
                *o = take;
                left -= take;
            }
            let mut order: Vec<usize> = (0..deliver.len()).collect();
            let price = |k: usize| prices.get(deliver.start + k).copied().unwrap_or(0.0);
            order.sort_by(|a, b| price(*b).total_cmp(&price(*a)).then(a.cmp(b)));
            for k in order.into_iter().filter(|k| worth(price(*k))) {
                let (Some(o), Some(v)) = (out.get_mut(k), kw.get(deliver.start + k)) else { continue };
                let take = (v.clamp(0.0, self.power.get()) * hours - *o).max(0.0).min(left);
                *o += take;
                left -= take;
            }
            let mut owed = out.iter().sum::<f64>() / self.round_trip;
            for v in kw.get_mut(charge).unwrap_or_default() {
                let put = room(*v).min(owed);
                *v += put / hours;
                owed -= put;
            }
            for (v, o) in kw.get_mut(deliver).unwrap_or_default().iter_mut().zip(out) {
                *v -= o / hours;
            }
        }
    }
}

/// Spans to charge in, each with the span to deliver in until the next one: a cheap span is a run of
/// equal prices with dearer hours before and after it (the day's ends count as dearer), that is a
/// local minimum of the day's prices.
fn spans(prices: &[f64]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut runs: Vec<(Range<usize>, f64)> = Vec::new();
    for (i, p) in prices.iter().enumerate() {
        match runs.last_mut().filter(|r| r.1 == *p) {
            Some(run) => run.0.end = i + 1,
            None => runs.push((i..i + 1, *p)),
        }
    }
    let price = |k: Option<usize>| k.and_then(|k| runs.get(k)).map_or(f64::INFINITY, |r| r.1);
    let low = |k: &usize| price(Some(*k)) < price(k.checked_sub(1)) && price(Some(*k)) < price(Some(k + 1));
    let minima: Vec<Range<usize>> =
        (0..runs.len()).filter(low).filter_map(|k| runs.get(k)).map(|r| r.0.clone()).collect();
    let end = |k: usize| minima.get(k + 1).map_or(prices.len(), |next: &Range<usize>| next.start);
    minima.iter().enumerate().map(|(k, m)| (m.clone(), m.end..end(k))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::fixture::year;

    const STORE: Store =
        Store { power: Kw::new(100.0), capacity: Kwh::new(200.0), round_trip: 0.8, shave: Kw::ZERO, wear: 0.1 };

    #[test]
    fn a_day_has_a_span_for_each_valley() {
        let prices: Vec<f64> = (0..24).map(|h| if h < 8 || (11..14).contains(&h) { 0.3 } else { 1.0 }).collect();
        assert_eq!(spans(&prices), [(0..8, 8..11), (11..14, 14..24)]);
        assert!(spans(&[0.5; 24]).iter().all(|s| s.1.is_empty()), "one price: nothing to deliver to");
    }

    #[test]
    fn losses_are_paid_for_and_no_new_maximum_arises() {
        let before = year(|_, s| if (32..80).contains(&s) { 300.0 } else { 250.0 }).state();
        let after = STORE.apply(&before);
        let day = |s: &State| s.load().day_kw(10).to_vec();
        let energy = |v: &[f64]| v.iter().sum::<f64>() / 4.0;
        // 200 kWh delivered at 0.8 cost 250 kWh.
        assert!((energy(&day(&after)) - energy(&day(&before)) - 50.0).abs() < 1e-9);
        assert!(day(&after).iter().all(|v| *v <= 300.0 + 1e-9), "charging stays below the maximum");
        assert!((day(&after)[32] - 200.0).abs() < 1e-9, "100 kW delivered when the peak begins");
        assert_eq!(
            Store { wear: 1.0, ..STORE }.apply(&before).load().kw(),
            before.load().kw(),
            "wear above the spread"
        );
    }

    #[test]
    fn the_maximum_is_held_down_where_the_energy_suffices() {
        let before = year(|_, s| if (40..42).contains(&s) { 400.0 } else { 200.0 }).state();
        let after = Store { shave: Kw::new(80.0), ..STORE }.apply(&before);
        let max = after.load().max_kw(0..31 * 96).map(|m| m.0).unwrap();
        assert!((max - 320.0).abs() < 1e-9 || max < 320.0, "{max}");
    }
}
