//! What a battery would save if everything were known beforehand: an upper bound, to measure by.

use super::{Store, whole};
use crate::tariff::{Compiled, Line, LineKind};
use crate::whatif::State;

impl Store {
    /// The customer with the battery run in full knowledge of each day and cycle, at least cost: each cycle below its
    /// maximum less that of the `parts` of the power with which its bill and the wear come to least, where maxima are
    /// billed, else below its maximum.
    #[must_use]
    pub fn foresight(&self, state: &State, parts: &[f64]) -> State {
        let Some(tariff) = state.tariff().filter(|_| self.round_trip > 0.0) else { return state.clone() };
        let parts = if Self::may_shave(state) { parts } else { &[0.0][..] };
        let runs: Vec<Run> = parts.iter().map(|part| self.known(state, tariff, part * self.power.get())).collect();
        let [run] = &runs[..] else { return state.with_kw(best(state, &runs)) };
        state.with_kw(run.kw.clone())
    }

    /// Whether some cycle's bill has a line for its maximum, so that shaving may pay.
    #[must_use]
    pub fn may_shave(state: &State) -> bool {
        let maximum = |l: &Line| l.kind == LineKind::Demand;
        state.bill().is_some_and(|b| b.cycles.iter().any(|c| c.lines.iter().any(maximum)))
    }

    /// Every cycle below its maximum less `shaved` kW; one in which that cannot be held stays as it is.
    fn known(&self, state: &State, tariff: &Compiled, shaved: f64) -> Run {
        let load = state.load();
        let mut out = Run { kw: load.kw().to_vec(), wear: Vec::with_capacity(state.cycles().len()) };
        for cycle in state.cycles() {
            let range = load.range_of_days(cycle.days.clone());
            let limit = load.max_kw(range).map_or(0.0, |m| m.0) - shaved;
            let course = |d: usize| self.day(load.day_kw(d), &tariff.slot_prices(load.date(d)), limit).map(|c| (d, c));
            let days: Option<Vec<_>> = cycle.days.clone().filter(|d| whole(load, *d)).map(course).collect();
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
