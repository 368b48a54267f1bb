//! Caps the maxima of billing cycles.

use super::{Change, State};
use crate::curve::Load;
use crate::text::{said, say};
use crate::units::Kw;
use std::ops::Range;
use std::sync::Arc;

/// The cap of one cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Cap {
    /// Days of the load.
    pub days: Range<usize>,
    /// No interval of the customer's total stays above this.
    pub level: Kw,
}

/// Caps the customer's total in given cycles. What is cut is made up for in the same day, in the
/// next intervals of given hours that have room below the cap (else the ones before); what finds no room
/// stays where it is. So no saving comes from energy that is still needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Shave {
    /// One per cycle that is capped.
    pub caps: Arc<[Cap]>,
    /// Whether what is cut may be made up for in a slot of the day; `None` for all of them.
    pub hours: Option<Arc<[bool]>>,
}

impl Change for Shave {
    fn apply(&self, state: &State) -> State {
        let load = state.load();
        let mut kw = load.kw().to_vec();
        for cap in self.caps.iter() {
            for day in cap.days.clone().take_while(|d| *d < load.days().len()) {
                self.shave_day(load, &mut kw, day, cap.level.get());
            }
        }
        state.with_kw(kw)
    }

    fn describe(&self) -> String {
        let (low, high) =
            self.caps.iter().fold((f64::INFINITY, 0.0_f64), |(l, h), c| (l.min(c.level.get()), h.max(c.level.get())));
        let n = self.caps.len();
        if n == 0 {
            said("change.no_cap").into()
        } else {
            say("change.shave", &[("low", &format_args!("{low:.0}")), ("high", &format_args!("{high:.0}")), ("n", &n)])
        }
    }
}

impl Shave {
    fn shave_day(&self, load: &Load, kw: &mut [f64], day: usize, level: f64) {
        let range = load.days().range(day);
        let flags = load.day_flags(day);
        let Some(run) = kw.get_mut(range) else { return };
        let made_up =
            |i: usize| self.hours.as_ref().is_none_or(|h| h.get(load.days().slot(day, i)).copied().unwrap_or_default());
        for at in 0..run.len() {
            let excess = run.get(at).map_or(0.0, |v| v - level);
            if excess <= 0.0 {
                continue;
            }
            if let Some(v) = run.get_mut(at) {
                *v = level;
            }
            let mut left = excess;
            for i in (at + 1..run.len()).chain((0..at).rev()).filter(|i| made_up(*i)) {
                let usable = flags.get(i).is_some_and(|f| f & crate::curve::VALID != 0);
                let Some(v) = run.get_mut(i).filter(|v| usable && **v < level) else { continue };
                let put = left.min(level - *v);
                *v += put;
                left -= put;
                if left <= 0.0 {
                    break;
                }
            }
            if let Some(v) = run.get_mut(at) {
                *v += left;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::fixture::year;

    fn shaved(kw: impl Fn(usize, usize) -> f64, level: f64) -> (State, State) {
        let before = year(kw).state();
        let shave = Shave { caps: vec![Cap { days: 0..31, level: Kw::new(level) }].into(), hours: None };
        let after = shave.apply(&before);
        (before, after)
    }

    #[test]
    fn the_cut_energy_follows_in_the_same_day() {
        let (before, after) = shaved(|d, s| if (d, s) == (4, 40) { 500.0 } else { 200.0 + (s % 3) as f64 }, 300.0);
        assert_eq!(after.load().max_kw(0..31 * 96).map(|m| m.0), Some(300.0));
        let day = |s: &State| crate::curve::sum(s.load().day_kw(4));
        assert!((day(&before) - day(&after)).abs() < 1e-9);
        assert_eq!(before.load().day_kw(40), after.load().day_kw(40), "other cycles stay");
    }

    #[test]
    fn what_is_cut_is_made_up_for_in_the_given_hours() {
        let before = year(|_, s| if s == 40 { 500.0 } else { 200.0 }).state();
        let hours = (0..96).map(|s| (40..48).contains(&s)).collect();
        let caps = vec![Cap { days: 0..31, level: Kw::new(240.0) }].into();
        let after = Shave { caps, hours: Some(hours) }.apply(&before);
        let day = after.load().day_kw(4);
        assert_eq!((day[40], day[41], day[47]), (240.0, 240.0, 220.0), "260 in six intervals of 40 and one of 20");
        assert_eq!(day[48], 200.0);
    }

    #[test]
    fn what_finds_no_room_stays() {
        let (before, after) = shaved(|d, s| if (d, s) == (4, 40) { 500.0 } else { 300.0 }, 300.0);
        assert_eq!(before.load().kw(), after.load().kw());
    }
}
