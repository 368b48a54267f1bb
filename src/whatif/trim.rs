//! Takes energy out of days, where the load stands above the day's least.

use super::{Change, State};
use crate::text::say;
use crate::units::Kw;
use std::sync::Arc;

/// Lowers the mean of single days. Each interval gives in proportion to what it has above the day's
/// minimum, so that what always runs stays, and keeps its power factor.
#[derive(Debug, Clone, PartialEq)]
pub struct Trim {
    /// Day of the load and what its mean falls by.
    pub days: Arc<[(usize, Kw)]>,
    /// What is done, in words.
    pub what: &'static str,
}

impl Change for Trim {
    fn apply(&self, state: &State) -> State {
        let load = state.load();
        let mut kw = load.kw().to_vec();
        for (day, cut) in self.days.iter() {
            let range = load.days().range(*day);
            let Some(run) = kw.get_mut(range).filter(|r| !r.is_empty()) else { continue };
            let least = run.iter().copied().fold(f64::INFINITY, f64::min).max(0.0);
            let above: f64 = run.iter().map(|v| (v - least).max(0.0)).sum();
            let share = if above > 0.0 { (cut.get() * run.len() as f64 / above).min(1.0) } else { 0.0 };
            for v in run {
                *v -= share * (*v - least).max(0.0);
            }
        }
        state.with_less(kw)
    }

    fn describe(&self) -> String {
        let most = self.days.iter().map(|d| d.1).fold(Kw::ZERO, Kw::max);
        say("change.trim", &[("what", &self.what), ("kw", &format_args!("{:.0}", most.get())), ("n", &self.days.len())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::fixture::year;

    #[test]
    fn the_days_mean_falls_and_its_minimum_stays() {
        let before = year(|_, s| if s < 48 { 100.0 } else { 300.0 }).state();
        let after = Trim { days: [(3, Kw::new(20.0))].into(), what: "cooling" }.apply(&before);
        let day = |s: &State| s.load().day_kw(3).to_vec();
        assert_eq!(day(&after)[0], 100.0);
        assert!((day(&after)[60] - 260.0).abs() < 1e-9, "40 kW in half of the day are 20 kW of its mean");
        assert_eq!(before.load().day_kw(4), after.load().day_kw(4));
        let all = Trim { days: [(3, Kw::new(500.0))].into(), what: "cooling" }.apply(&before);
        assert!(day(&all).iter().all(|v| *v == 100.0), "never below the day's least");
    }
}
