//! A battery behind the meter.

mod blind;
mod day;

use super::{Change, State};
use crate::curve::Load;
use crate::tariff::{Compiled, Line, LineKind, Segment};
use crate::text::say;
use crate::units::{Kw, Kwh};

/// Charges in cheap hours and delivers in dear ones of the same day, at least cost, and holds each cycle's load
/// below a limit: its maximum less that of the parts `shaved` with which the cycle's bill and the wear come to
/// least. Charging never makes a new maximum; nothing is fed in; each day begins and ends empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    /// Greatest power in and out.
    pub power: Kw,
    /// Energy that it delivers when full.
    pub capacity: Kwh,
    /// Energy out over energy in, above 0.
    pub round_trip: f64,
    /// Parts of its power that may be taken off a cycle's maximum where that is billed.
    pub shaved: Vec<f64>,
    /// Wear for each kWh delivered, in the bill's currency.
    pub wear: f64,
}

impl Change for Store {
    fn apply(&self, state: &State) -> State {
        let Some(tariff) = state.tariff().filter(|_| self.round_trip > 0.0) else { return state.clone() };
        let maximum = |l: &Line| l.kind == LineKind::Demand;
        let billed = state.bill().is_some_and(|b| b.cycles.iter().any(|c| c.lines.iter().any(maximum)));
        let parts = if billed { &self.shaved[..] } else { &[0.0][..] };
        let runs: Vec<Run> = parts.iter().map(|part| self.run(state, tariff, part * self.power.get())).collect();
        let [run] = &runs[..] else { return state.with_kw(best(state, &runs)) };
        state.with_kw(run.kw.clone())
    }

    fn describe(&self) -> String {
        say(
            "change.store",
            &[("kw", &format_args!("{:.0}", self.power.get())), ("kwh", &format_args!("{:.0}", self.capacity.get()))],
        )
    }
}

/// The load in kW as run below the limits of one part, and the wear of each cycle: infinite where its limit
/// cannot be held.
struct Run {
    kw: Vec<f64>,
    wear: Vec<f64>,
}

/// Each cycle as in that run with which it costs least.
fn best(state: &State, runs: &[Run]) -> Vec<f64> {
    let load = state.load();
    let mut kw = load.kw().to_vec();
    let billed: Vec<State> = runs.iter().map(|r| state.with_kw(r.kw.clone())).collect();
    for (c, cycle) in state.cycles().iter().enumerate() {
        let cost = |(run, state): (&Run, &State)| {
            let bill = state.bill()?.cycles.get(c).filter(|b| b.is_billed())?;
            Some(bill.total().to_f64() + run.wear.get(c)?)
        };
        let costs = runs.iter().zip(&billed).map(|pair| cost(pair).unwrap_or(f64::INFINITY));
        let least = costs.zip(runs).reduce(|a, b| if b.0 < a.0 { b } else { a });
        let range = load.range_of_days(cycle.days.clone());
        if let Some((to, from)) = least.and_then(|(_, run)| kw.get_mut(range.clone()).zip(run.kw.get(range))) {
            to.copy_from_slice(from);
        }
    }
    kw
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
    /// Every cycle below its maximum less `shaved` kW; one in which that cannot be held stays as it is.
    fn run(&self, state: &State, tariff: &Compiled, shaved: f64) -> Run {
        let load = state.load();
        let mut out = Run { kw: load.kw().to_vec(), wear: Vec::with_capacity(state.cycles().len()) };
        for cycle in state.cycles() {
            let range = load.range_of_days(cycle.days.clone());
            let limit = load.max_kw(range).map_or(0.0, |m| m.0) - shaved;
            let whole = |d: &usize| load.day_complete(*d) && load.days().shift(*d).is_none();
            let course = |d: usize| self.day(load.day_kw(d), &prices(load, tariff, d), limit).map(|c| (d, c));
            let days: Option<Vec<_>> = cycle.days.clone().filter(whole).map(course).collect();
            let delivered = |c: &f64| (-c).max(0.0) * load.interval().hours();
            let wear =
                |days: &Vec<(usize, Vec<f64>)>| self.wear * days.iter().flat_map(|d| &d.1).map(delivered).sum::<f64>();
            out.wear.push(days.as_ref().map_or(f64::INFINITY, wear));
            for (day, course) in days.into_iter().flatten() {
                let kw = out.kw.get_mut(load.days().range(day)).unwrap_or_default();
                kw.iter_mut().zip(course).for_each(|(v, c)| *v += c);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::fixture::year;

    fn store(wear: f64, shaved: Vec<f64>) -> Store {
        Store { power: Kw::new(100.0), capacity: Kwh::new(200.0), round_trip: 0.8, shaved, wear }
    }

    #[test]
    fn a_day_has_a_cycle_for_each_valley() {
        let prices: Vec<f64> = (0..24).map(|h| if h < 8 || (11..14).contains(&h) { 0.3 } else { 1.0 }).collect();
        let delivered = |p: &[f64]| {
            let change = store(0.1, vec![0.0]).day(&[300.0; 24], p, 400.0).unwrap();
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
                ..store(0.2 * draw(53), vec![0.0])
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
        let after = store(0.1, vec![0.0]).apply(&before);
        let day = |s: &State| s.load().day_kw(10).to_vec();
        let energy = |v: &[f64]| v.iter().sum::<f64>() / 4.0;
        // 200 kWh delivered at 0.8 cost 250 kWh.
        assert!((energy(&day(&after)) - energy(&day(&before)) - 50.0).abs() < 1e-9);
        assert!(day(&after).iter().all(|v| *v <= 300.0 + 1e-9), "charging stays below the maximum");
        assert!((day(&after)[32] - 200.0).abs() < 1e-9, "100 kW delivered when the peak begins");
        assert_eq!(store(1.0, vec![0.0]).apply(&before).load().kw(), before.load().kw(), "wear above the spread");
    }

    #[test]
    fn the_maximum_is_held_down_where_the_energy_suffices() {
        let before = year(|_, s| if (40..42).contains(&s) { 400.0 } else { 200.0 }).state();
        let after = store(0.1, vec![0.8]).apply(&before);
        let max = after.load().max_kw(0..31 * 96).map(|m| m.0).unwrap();
        assert!((max - 320.0).abs() < 1e-9 || max < 320.0, "{max}");
    }
}
