//! Reactive compensation in steps, simulated interval by interval.

use super::{Change, State};
use crate::curve::Load;
use crate::text::{said, say};
use crate::units::{Kvar, Kvarh};
use std::ops::Range;
use std::sync::Arc;

/// A capacitor bank switched in steps: in each interval as many steps run as fit below the lagging
/// power, so that it never leads because of the bank. Leading power that is there stays, unless the
/// capacitors that make it are controlled.
#[derive(Debug, Clone, PartialEq)]
pub struct Compensate {
    /// One step.
    pub step: Kvar,
    /// Number of steps.
    pub steps: u32,
    /// The capacitors that are there are switched off before they lead.
    pub no_lead: bool,
    /// What a bank that is there has not given while it was off, in kvar by interval, 0 while it was on; empty without
    /// such a bank. It runs where it fits, before the steps.
    pub idle: Arc<[f64]>,
}

/// Whole steps that fit below a lagging power; none for a leading one.
fn fitting(lagging_kvar: f64, step_kvar: f64) -> u32 {
    // The cast drops the fraction and saturates at 0.
    if step_kvar > 0.0 { (lagging_kvar / step_kvar) as u32 } else { 0 }
}

impl Change for Compensate {
    fn apply(&self, state: &State) -> State {
        let Some(kvar) = &state.load().channels().kvar else { return state.clone() };
        let removed: Vec<f64> = kvar.iter().enumerate().map(|(i, q)| self.removed(i, *q)).collect();
        state.with_less_reactive(&removed, self.no_lead)
    }

    fn describe(&self) -> String {
        let parts = [
            self.no_lead.then(|| said("change.no_lead").to_owned()),
            (!self.idle.is_empty()).then(|| said("change.run_idle").to_owned()),
            (self.steps > 0).then(|| self.describe_bank()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

impl Compensate {
    /// Of the lagging power of an interval what is taken away.
    fn removed(&self, interval: usize, lagging_kvar: f64) -> f64 {
        let step = self.step.get();
        let idle = self.idle.get(interval).copied().filter(|k| *k <= lagging_kvar).unwrap_or(0.0);
        idle + step * f64::from(fitting(lagging_kvar - idle, step).min(self.steps))
    }

    fn describe_bank(&self) -> String {
        let total = self.step * f64::from(self.steps);
        say(
            "change.compensate",
            &[
                ("kvar", &format_args!("{:.0}", total.get())),
                ("n", &self.steps),
                ("step", &format_args!("{:.0}", self.step.get())),
            ],
        )
    }
}

/// How much reactive energy a bank of each number of steps would take away; one pass over a range,
/// whatever the number of steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    step: Kvar,
    hours: f64,
    /// `at_least[j]` = intervals in which `j + 1` steps fit.
    at_least: Vec<u32>,
}

impl Ladder {
    /// Counts the steps that fit in each valid interval of a range; steps beyond `max_steps` are
    /// not told apart.
    #[must_use]
    pub fn measure(load: &Load, range: Range<usize>, step: Kvar, max_steps: u32) -> Self {
        let mut exactly = vec![0u32; max_steps as usize + 1];
        let kvar = load.channels().kvar.as_deref().and_then(|q| q.get(range.clone())).unwrap_or(&[]);
        for (q, flags) in kvar.iter().zip(load.flags().get(range).unwrap_or(&[])) {
            let n = fitting(*q, step.get()).min(max_steps) as usize;
            if flags & crate::curve::VALID != 0
                && let Some(count) = exactly.get_mut(n)
            {
                *count += 1;
            }
        }
        let mut at_least: Vec<u32> = exactly.into_iter().skip(1).collect();
        let mut above = 0;
        for n in at_least.iter_mut().rev() {
            *n += above;
            above = *n;
        }
        Self { step, hours: load.interval().hours(), at_least }
    }

    /// Reactive energy that a bank of `steps` steps takes away.
    #[must_use]
    pub fn removed(&self, steps: u32) -> Kvarh {
        let intervals: f64 = self.at_least.iter().take(steps as usize).map(|n| f64::from(*n)).sum();
        Kvarh::new(self.step.get() * intervals * self.hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::fixture::{Fixture, flat_year};

    #[test]
    fn steps_never_make_an_interval_lead() {
        let mut fixture: Fixture = flat_year(100.0);
        fixture.kvar = Some((0..fixture.kw.len()).map(|i| (i % 7) as f64 * 13.0 - 20.0).collect());
        let before = fixture.state();
        let after = Compensate { step: Kvar::new(10.0), steps: 3, no_lead: false, idle: [].into() }.apply(&before);
        let (q0, q1) = (before.load().channels().kvar.clone().unwrap(), after.load().channels().kvar.clone().unwrap());
        for (a, b) in q0.iter().zip(&q1) {
            if *a > 0.0 {
                assert!(*b >= 0.0 && *b <= *a && a - b <= 30.0);
                assert!(a - b >= (a - 10.0).clamp(0.0, 30.0), "all steps that fit are used");
            } else {
                assert_eq!(a, b, "leading power stays");
            }
        }
    }

    #[test]
    fn controlled_capacitors_lead_in_no_interval_and_lag_as_before() {
        let mut fixture: Fixture = flat_year(100.0);
        fixture.kvar = Some((0..fixture.kw.len()).map(|i| (i % 7) as f64 * 13.0 - 20.0).collect());
        fixture.kvar_lead = Some(vec![5.0; fixture.kw.len()]);
        let before = fixture.state();
        let after = Compensate { step: Kvar::new(10.0), steps: 0, no_lead: true, idle: [].into() }.apply(&before);
        let q0 = before.load().channels().kvar.clone().unwrap();
        let lagging: Vec<f64> = q0.iter().map(|q| q.max(0.0)).collect();
        assert_eq!(after.load().channels().kvar.as_ref(), Some(&lagging));
        assert!(after.load().channels().kvar_lead.is_none());
        let all = 0..lagging.len();
        assert!((after.load().kvarh(all).unwrap() - lagging.iter().sum::<f64>() / 4.0).abs() < 1e-6);
    }

    #[test]
    fn the_ladder_foresees_what_the_bank_takes_away() {
        let mut fixture = flat_year(100.0);
        fixture.kvar = Some((0..fixture.kw.len()).map(|i| (i % 11) as f64 * 9.0).collect());
        let before = fixture.state();
        let all = 0..before.load().kw().len();
        let ladder = Ladder::measure(before.load(), all.clone(), Kvar::new(10.0), 12);
        for steps in [0, 1, 4, 9, 12] {
            let after = Compensate { step: Kvar::new(10.0), steps, no_lead: false, idle: [].into() }.apply(&before);
            let gone = before.load().kvarh(all.clone()).unwrap() - after.load().kvarh(all.clone()).unwrap();
            assert!((gone - ladder.removed(steps).get()).abs() < 1e-6, "{steps} steps");
        }
    }

    #[test]
    fn a_bank_that_is_there_runs_where_it_was_off_and_fits() {
        let mut fixture = flat_year(100.0);
        let n = fixture.kw.len();
        fixture.kvar = Some((0..n).map(|i| if i % 3 == 0 { 30.0 } else { 90.0 }).collect());
        let before = fixture.state();
        let idle: Vec<f64> = (0..n).map(|i| if i < n / 2 { 50.0 } else { 0.0 }).collect();
        let change = Compensate { step: Kvar::new(20.0), steps: 1, no_lead: false, idle: idle.into() };
        let after = change.apply(&before);
        let left = after.load().channels().kvar.clone().unwrap();
        // 30 are fewer than the bank's 50: it would lead.
        let expected = |i: usize| {
            if i % 3 == 0 {
                10.0
            } else if i < n / 2 {
                20.0
            } else {
                70.0
            }
        };
        assert!(left.iter().enumerate().all(|(i, q)| (q - expected(i)).abs() < 1e-9));
    }
}
