//! Raises or cuts the maxima: the stress that a choice of contract must withstand.

use super::{Change, State};
use crate::curve::Load;
use crate::text::say;
use std::ops::Range;
use std::sync::Arc;

/// Multiplies each cycle's maximum at every supply point: a factor above 1 raises the maximum's
/// demand window, one below 1 cuts everything above it. Energy changes by at most a few intervals'
/// worth, on both sides of a comparison alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Factor on each maximum, above 0.
    pub factor: f64,
    /// Length of the tariff's demand window in minutes.
    pub window_minutes: u32,
}

impl Stretch {
    fn point(&self, load: &Load, cycles: &[crate::time::Cycle]) -> Load {
        let mut kw = load.kw().to_vec();
        for cycle in cycles {
            let range = load.range_of_days(cycle.days.clone());
            let Some((max, at)) = load.max_kw(range.clone()).filter(|m| m.0 > 0.0) else { continue };
            let level = max * self.factor;
            if self.factor < 1.0 {
                let run = kw.get_mut(range).unwrap_or_default();
                for v in run {
                    *v = v.min(level);
                }
            } else {
                let window = self.window(load, at);
                for v in kw.get_mut(window).unwrap_or_default() {
                    *v *= self.factor;
                }
            }
        }
        load.with_kw(kw)
    }

    /// The clock-aligned demand window around an interval.
    fn window(&self, load: &Load, at: usize) -> Range<usize> {
        let n = (self.window_minutes / load.interval().minutes()).max(1) as usize;
        let day = load.days().range(load.days().day_at(at));
        let start = day.start + (at - day.start) / n * n;
        start..(start + n).min(day.end)
    }
}

impl Change for Stretch {
    fn apply(&self, state: &State) -> State {
        let points: Vec<_> =
            state.points().iter().map(|(id, p)| (Arc::clone(id), Arc::new(self.point(p, state.cycles())))).collect();
        if let ([(_, old)], [(_, new)]) = (state.points(), &points[..])
            && std::ptr::eq(Arc::as_ptr(old), state.load())
        {
            return state.with_loads(Arc::clone(new), points);
        }
        // Only the supply points are billed; the customer's total takes the same differences.
        let mut total = state.load().kw().to_vec();
        for ((_, old), (_, new)) in state.points().iter().zip(&points) {
            for ((t, o), n) in total.iter_mut().zip(old.kw()).zip(new.kw()) {
                *t += n - o;
            }
        }
        let total = Arc::new(state.load().with_kw(total));
        state.with_loads(total, points)
    }

    fn describe(&self) -> String {
        say("change.stretch", &[("factor", &self.factor)])
    }
}
