//! Caps the maxima of billing cycles.

use super::{Change, State};
use crate::curve::Load;
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
/// next intervals that have room below the cap (else the ones before), so that no saving comes from
/// energy that is still needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Shave {
    /// One per cycle that is capped.
    pub caps: Arc<[Cap]>,
}

impl Change for Shave {
    fn apply(&self, state: &State) -> State {
        let load = state.load();
        let mut kw = load.kw().to_vec();
        for cap in self.caps.iter() {
            for day in cap.days.clone().take_while(|d| *d < load.days().len()) {
                shave_day(load, &mut kw, day, cap.level.get());
            }
        }
        state.with_kw(kw)
    }

    fn describe(&self) -> String {
        let (low, high) =
            self.caps.iter().fold((f64::INFINITY, 0.0_f64), |(l, h), c| (l.min(c.level.get()), h.max(c.level.get())));
        let n = self.caps.len();
        if n == 0 {
            "no cap".into()
        } else {
            format!("keep the maximum at or below {low:.0} to {high:.0} kW in {n} cycles")
        }
    }
}

fn shave_day(load: &Load, kw: &mut [f64], day: usize, level: f64) {
    let range = load.days().range(day);
    let flags = load.day_flags(day);
    let Some(run) = kw.get_mut(range) else { return };
    for at in 0..run.len() {
        let excess = run.get(at).map_or(0.0, |v| v - level);
        if excess <= 0.0 {
            continue;
        }
        if let Some(v) = run.get_mut(at) {
            *v = level;
        }
        let mut left = excess;
        for i in (at + 1..run.len()).chain((0..at).rev()) {
            let usable = flags.get(i).is_some_and(|f| f & crate::curve::VALID != 0);
            let Some(v) = run.get_mut(i).filter(|v| usable && **v < level) else { continue };
            let put = left.min(level - *v);
            *v += put;
            left -= put;
            if left <= 0.0 {
                break;
            }
        }
    }
}
