//! Takes constant base load out of given intervals.

use super::{Change, State};
use crate::text::say;
use crate::units::Kw;
use std::ops::Range;
use std::sync::Arc;

/// In each window a constant power is taken out, never below the reference and never more than runs.
/// What is switched off takes its lagging reactive power along: each interval keeps its power factor.
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
            for v in kw.get_mut(range.clone()).unwrap_or_default().iter_mut().filter(|v| **v > reference) {
                *v = (*v - cut.get()).max(reference);
            }
        }
        state.with_less(kw)
    }

    fn describe(&self) -> String {
        let most = self.windows.iter().map(|w| w.1).fold(Kw::ZERO, Kw::max);
        say(
            "change.reduce",
            &[("kw", &format_args!("{:.0}", most.get())), ("least", &format_args!("{:.0}", self.reference.get()))],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::{Channels, Days, Load, Placement, PowerKind, REACTIVE, VALID};
    use crate::customer::Customer;
    use crate::time::{DstLabels, Interval, Zone};

    #[test]
    fn what_is_switched_off_takes_its_reactive_power_along() {
        let zone = Arc::new(Zone::new("Asia/Shanghai", DstLabels::Repeat).unwrap());
        let day = "2025-01-01".parse().unwrap();
        let days = Days::new(zone, Interval::M60, day, day);
        let kw = vec![100.0; 24];
        let channels =
            Channels { kvar: Some(vec![50.0; 24]), flags: vec![VALID | REACTIVE; 24], kw, ..Channels::default() };
        let load = Load::new(days, 0..24, channels, Placement::default(), PowerKind::Mean);
        let customer = Customer::unknown("c".into());
        let state = State::new(Arc::new(load), Vec::new(), &customer, Vec::new(), None).unwrap();
        let change =
            Reduce { windows: [(0..6, Kw::new(60.0)), (6..8, Kw::new(500.0))].into(), reference: Kw::new(20.0) };
        let after = change.apply(&state);
        assert_eq!(after.load().kw()[..9], [40.0, 40.0, 40.0, 40.0, 40.0, 40.0, 20.0, 20.0, 100.0]);
        let kvar = after.load().channels().kvar.clone().unwrap();
        assert_eq!((kvar[0], kvar[7], kvar[8]), (20.0, 10.0, 50.0), "the power factor of each interval stays");
    }
}
