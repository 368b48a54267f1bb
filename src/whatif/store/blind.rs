//! The battery run by somebody who does not know what comes: what it would have kept of what it could.

use super::{Store, prices};
use crate::whatif::State;

/// Days back to the load that a day is planned by: the same weekday.
const WEEK: usize = 7;

impl Store {
    /// The customer with the battery run as it would be in full knowledge, but each day planned by the load of a week
    /// before, and each cycle held below the maximum that `known`, the customer with the battery run in full
    /// knowledge, had in the cycle before: what stands above that is delivered as long as there is energy, nothing
    /// is charged above it, and a maximum that could not be held is the limit from then on. Cycles without one
    /// before them, and the days of the first week, are left as they are.
    #[must_use]
    pub fn blind(&self, state: &State, known: &State) -> State {
        let Some(tariff) = state.tariff().filter(|_| self.round_trip > 0.0) else { return state.clone() };
        let load = state.load();
        let mut kw = load.kw().to_vec();
        for pair in state.cycles().windows(2) {
            let [before, cycle] = pair else { continue };
            let Some((mut limit, _)) = known.load().max_kw(load.range_of_days(before.days.clone())) else { continue };
            for day in cycle.days.clone().filter(|d| load.day_complete(*d) && load.days().shift(*d).is_none()) {
                let seen = day.checked_sub(WEEK).filter(|d| load.day_complete(*d) && load.days().shift(*d).is_none());
                let plan = seen.and_then(|seen| {
                    let (seen, prices) = (load.day_kw(seen), prices(load, tariff, day));
                    let highest = seen.iter().copied().fold(limit, f64::max);
                    self.day(seen, &prices, limit).or_else(|| self.day(seen, &prices, highest))
                });
                let Some(run) = kw.get_mut(load.days().range(day)) else { continue };
                self.keep(run, &plan.unwrap_or_else(|| vec![0.0; run.len()]), &mut limit);
            }
        }
        state.with_kw(kw)
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
    use crate::units::{Kw, Kwh};
    use crate::whatif::fixture::year;
    use crate::whatif::{Change, Store};

    fn kept(load: impl Fn(usize, usize) -> f64) -> f64 {
        let (power, capacity) = (Kw::new(100.0), Kwh::new(200.0));
        let store = Store { power, capacity, round_trip: 0.9, shaved: vec![0.0, 0.5, 1.0], wear: 0.0 };
        let before = year(load).state();
        let known = store.apply(&before);
        let blind = store.blind(&before, &known);
        let cost =
            |s: &crate::whatif::State| s.bill().unwrap().cycles[1..].iter().map(|c| c.total().to_f64()).sum::<f64>();
        (cost(&before) - cost(&blind)) / (cost(&before) - cost(&known))
    }

    #[test]
    fn days_that_are_alike_keep_all_and_others_less() {
        let alike = kept(|_, s| if (32..40).contains(&s) { 600.0 } else { 400.0 });
        assert!((alike - 1.0).abs() < 1e-9, "{alike}");
        let uneven =
            kept(|d, s| 400.0 + if (32 + d % 30..40 + d % 30).contains(&s) { 10.0 * (d % 20) as f64 } else { 0.0 });
        assert!(uneven < 0.95, "{uneven}");
    }
}
