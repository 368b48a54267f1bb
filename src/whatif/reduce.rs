//! Takes constant base load out of given intervals.

use super::{Change, State};
use crate::units::Kw;
use std::ops::Range;
use std::sync::Arc;

/// In each window a constant power is taken out, never below the reference and never more than runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduce {
    /// Runs of intervals of the load, ascending, with the power to take out of each.
    pub windows: Arc<[(Range<usize>, Kw)]>,
    /// What stays in any case.
    pub reference: Kw,
}

impl Change for Reduce {
    fn apply(&self, state: &State) -> State {
        let mut kw = state.load().kw().to_vec();
        let reference = self.reference.get();
        for (range, cut) in self.windows.iter() {
            let Some(run) = kw.get_mut(range.clone()) else { continue };
            for v in run.iter_mut().filter(|v| **v > reference) {
                *v = (*v - cut.get()).max(reference);
            }
        }
        state.with_kw(kw)
    }

    fn describe(&self) -> String {
        let most = self.windows.iter().map(|w| w.1).fold(Kw::ZERO, Kw::max);
        format!(
            "switch off up to {:.0} kW of base load in non-working hours, down to {:.0} kW",
            most.get(),
            self.reference.get()
        )
    }
}
