//! A battery behind the meter, run by somebody who does not know what comes.

mod day;
mod foresight;

use super::{Change, State};
use crate::curve::Load;
use crate::tariff::Compiled;
use crate::text::say;
use crate::units::{Kw, Kwh};
use std::ops::Range;

/// Days back to the load that a day is planned by: the same weekday.
const WEEK: usize = 7;

/// Charges in cheap hours and delivers in dear ones of the same day, and holds the load below a limit. Each day is
/// planned at least cost by its own prices and the load of a week before. A cycle's limit is the maximum of the week
/// before it less `shaved`; what stands above it is delivered as long as there is energy, nothing is charged above
/// it, and a maximum that could not be held is the limit from then on. Nothing is fed in; each day begins empty. In
/// the first week of the readings the battery stands still.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    /// Greatest power in and out.
    pub power: Kw,
    /// Energy that it delivers when full.
    pub capacity: Kwh,
    /// Energy out over energy in, above 0.
    pub round_trip: f64,
    /// How far below the maximum of the week before a cycle is to be held.
    pub shaved: Kw,
    /// Wear for each kWh delivered, in the bill's currency.
    pub wear: f64,
}

impl Change for Store {
    fn apply(&self, state: &State) -> State {
        let Some(tariff) = state.tariff().filter(|_| self.round_trip > 0.0) else { return state.clone() };
        let mut kw = state.load().kw().to_vec();
        for cycle in state.cycles() {
            self.run(state.load(), tariff, cycle.days.clone(), &mut kw);
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

/// Whether a day has a reading or estimate in each of its slots.
fn whole(load: &Load, day: usize) -> bool {
    load.day_complete(day) && load.days().shift(day).is_none()
}

impl Store {
    /// Runs the days of a cycle. Of the first one, the days before the battery stand as they are.
    fn run(&self, load: &Load, tariff: &Compiled, days: Range<usize>, kw: &mut [f64]) {
        let highest = |days: Range<usize>| load.max_kw(load.range_of_days(days)).map(|m| m.0);
        let first = days.start.max(WEEK);
        let Some(before) = highest(first - WEEK..first).filter(|_| first < days.end) else { return };
        let mut limit = (before - self.shaved.get()).max(highest(days.start..first).unwrap_or(0.0)).max(0.0);
        for day in first..days.end {
            let seen = day - WEEK;
            if !whole(load, day) || !whole(load, seen) {
                limit = limit.max(highest(day..day + 1).unwrap_or(0.0));
                continue;
            }
            let (seen, prices) = (load.day_kw(seen), tariff.slot_prices(load.date(day)));
            let most = || seen.iter().copied().fold(limit, f64::max);
            let plan = self.day(seen, &prices, limit).or_else(|| self.day(seen, &prices, most()));
            if let Some((kw, plan)) = kw.get_mut(load.days().range(day)).zip(plan) {
                self.keep(kw, &plan, &mut limit);
            }
        }
    }

    /// Runs a day by a plan as far as its load allows.
    fn keep(&self, kw: &mut [f64], plan: &[f64], limit: &mut f64) {
        let (hours, power, mut stored) = (24.0 / kw.len().max(1) as f64, self.power.get(), 0.0);
        for (v, planned) in kw.iter_mut().zip(plan) {
            let above = *v - *limit;
            if *planned > 0.0 && above < 0.0 {
                let room = (self.capacity.get() - stored) / (self.round_trip * hours);
                let put = planned.min(-above).min(room.max(0.0));
                *v += put;
                stored += put * self.round_trip * hours;
            } else {
                let out = above.max(-planned).clamp(0.0, power).min(v.max(0.0)).min(stored / hours);
                *v -= out;
                stored -= out * hours;
            }
            *limit = limit.max(*v);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::fixture::year;

    fn store(wear: f64, shaved: f64) -> Store {
        let (power, capacity) = (Kw::new(100.0), Kwh::new(200.0));
        Store { power, capacity, round_trip: 0.8, shaved: Kw::new(shaved), wear }
    }

    #[test]
    fn a_day_has_a_cycle_for_each_valley() {
        let prices: Vec<f64> = (0..24).map(|h| if h < 8 || (11..14).contains(&h) { 0.3 } else { 1.0 }).collect();
        let delivered = |p: &[f64]| {
            let change = store(0.1, 0.0).day(&[300.0; 24], p, 400.0).unwrap();
            change.iter().filter(|c| **c < 0.0).sum::<f64>()
        };
        assert!((delivered(&prices) + 400.0).abs() < 1e-9);
        assert_eq!(delivered(&[0.5; 24]), 0.0, "one price: nothing to deliver to");
    }

    /// Least cost of a day by a linear program over what is charged, delivered and stored in each interval.
    fn by_simplex(store: &Store, load: &[f64], prices: &[f64], limit: f64) -> Option<f64> {
        use microlp::{ComparisonOp, OptimizationDirection, Problem};
        let (power, capacity) = (store.power.get(), store.capacity.get());
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let mut before = None;
        for (v, price) in load.iter().zip(prices) {
            let (above, most) = ((v - limit).max(0.0), v.min(power));
            if above > most {
                return None;
            }
            let taken = problem.add_var(*price, (0.0, (limit - v).clamp(0.0, power)));
            let given = problem.add_var(store.wear - price, (above, most));
            let stored = problem.add_var(0.0, (0.0, capacity));
            let mut balance = vec![(stored, 1.0), (given, 1.0), (taken, -store.round_trip)];
            balance.extend(before.map(|b| (b, -1.0)));
            problem.add_constraint(&balance, ComparisonOp::Eq, 0.0);
            before = Some(stored);
        }
        problem.solve().ok()?.into_solution().ok().map(|s| s.objective())
    }

    #[test]
    fn days_cost_what_a_linear_program_finds() {
        let (mut held, mut not) = (0, 0);
        for seed in 0..300usize {
            let draw = |k: usize| ((seed * 7919 + k * 104_729 + (seed * k) % 977 * 31) % 1009) as f64 / 1009.0;
            let load: Vec<f64> = (0..24).map(|h| 100.0 + 200.0 * draw(h)).collect();
            let blocks = [0.3, 0.6, 1.0, 0.6, 0.25, 1.3];
            let prices: Vec<f64> = (0..24).map(|h| blocks[(h + seed % 5) / 5 % 6] + 0.1 * draw(40 + h / 5)).collect();
            let store = Store {
                power: Kw::new(30.0 + 60.0 * draw(50)),
                capacity: Kwh::new(40.0 + 160.0 * draw(51)),
                round_trip: 0.7 + 0.3 * draw(52),
                ..store(0.2 * draw(53), 0.0)
            };
            let limit = load.iter().copied().fold(0.0, f64::max) - 1.1 * store.power.get() * draw(54);
            let least = by_simplex(&store, &load, &prices, limit);
            let cost =
                |c: Vec<f64>| c.iter().zip(&prices).map(|(c, p)| c * p + store.wear * (-c).max(0.0)).sum::<f64>();
            let ours = store.day(&load, &prices, limit).map(cost);
            assert_eq!(ours.is_some(), least.is_some(), "{seed}: {ours:?} {least:?}");
            let Some((ours, least)) = ours.zip(least) else {
                not += 1;
                continue;
            };
            held += 1;
            assert!((ours - least).abs() < 1e-6, "{seed}: {ours} against {least}");
        }
        assert!(held >= 100 && not >= 50, "{held} {not}");
    }

    #[test]
    fn losses_are_paid_for_and_no_new_maximum_arises() {
        let before = year(|_, s| if (32..80).contains(&s) { 300.0 } else { 250.0 }).state();
        let after = store(0.1, 0.0).apply(&before);
        let day = |s: &State| s.load().day_kw(10).to_vec();
        let energy = |v: &[f64]| v.iter().sum::<f64>() / 4.0;
        // 200 kWh delivered at 0.8 cost 250 kWh.
        assert!((energy(&day(&after)) - energy(&day(&before)) - 50.0).abs() < 1e-9);
        assert!(day(&after).iter().all(|v| *v <= 300.0 + 1e-9), "charging stays below the maximum");
        assert!((day(&after)[32] - 200.0).abs() < 1e-9, "100 kW delivered when the peak begins");
        assert_eq!(store(1.0, 0.0).apply(&before).load().kw(), before.load().kw(), "wear above the spread");
    }

    #[test]
    fn the_maximum_is_held_down_where_the_energy_suffices() {
        let before = year(|_, s| if (40..42).contains(&s) { 400.0 } else { 200.0 }).state();
        let max = |s: &State, days: Range<usize>| s.load().max_kw(s.load().range_of_days(days)).map(|m| m.0).unwrap();
        let after = store(0.1, 80.0).apply(&before);
        assert_eq!(max(&after, 0..31), 400.0, "the first week stands as it is, and with it the first month");
        assert!((max(&after, 31..59) - 320.0).abs() < 1e-9, "{}", max(&after, 31..59));
    }

    #[test]
    fn what_comes_is_not_known() {
        // A peak that comes later than a week before finds an empty battery, and is the limit from then on.
        let at = |d: usize| if d == 45 { 60..64 } else { 40..44 };
        let before = year(move |d, s| if at(d).contains(&s) { 400.0 } else { 200.0 }).state();
        let held = |limit: f64| {
            let after = Store { shaved: Kw::new(400.0 - limit), ..store(2.0, 0.0) }.apply(&before);
            [44, 45, 46].map(|d| after.load().day_kw(d).iter().copied().fold(0.0, f64::max))
        };
        assert_eq!(held(340.0), [340.0, 400.0, 400.0]);
        // Nothing that happens on a day or later changes the day before.
        let shifted = |d: usize, s: usize| if d >= 45 { 900.0 } else { 200.0 + (s % 7) as f64 };
        let [a, b] = [year(|_, s| 200.0 + (s % 7) as f64), year(shifted)].map(|f| store(0.1, 3.0).apply(&f.state()));
        assert_eq!(a.load().kw().get(..45 * 96), b.load().kw().get(..45 * 96));
        assert_ne!(a.load().day_kw(44), [200.0; 96], "it runs at all");
    }

    #[test]
    fn days_that_are_alike_keep_all_that_is_possible_and_others_less() {
        let kept = |load: &dyn Fn(usize, usize) -> f64| {
            let before = year(load).state();
            let battery = Store { round_trip: 0.9, ..store(0.0, 0.0) };
            let cost = |s: &State| s.bill().unwrap().cycles[1..].iter().map(|c| c.total().to_f64()).sum::<f64>();
            let saved = |s: &State| cost(&before) - cost(s);
            let run = |part: &f64| saved(&Store { shaved: battery.power * *part, ..battery.clone() }.apply(&before));
            let parts = [0.0, 0.5, 1.0];
            parts.iter().map(run).fold(f64::MIN, f64::max) / saved(&battery.foresight(&before, &parts))
        };
        let alike = kept(&|_, s| if (32..40).contains(&s) { 600.0 } else { 400.0 });
        assert!((alike - 1.0).abs() < 1e-9, "{alike}");
        let late = |d: usize, s: usize| (32 + d % 30..40 + d % 30).contains(&s);
        let uneven = kept(&|d, s| 400.0 + if late(d, s) { 10.0 * (d % 20) as f64 } else { 0.0 });
        assert!(uneven < 0.95, "{uneven}");
    }
}
