//! What a schedule would have kept of its promise: learnt from the first months, kept in the later ones
//! without having seen them.

use super::super::outlay;
use super::{Granularity, Shift, ShiftTerms};
use crate::curve::{DayLabels, typical_days};
use crate::time::{Cycle, Month, Season};
use crate::units::Money;
use crate::whatif::{Bounds, Envelope, EnvelopeLimits, State};
use std::ops::Range;
use std::sync::Arc;

/// A promise and what was kept of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backtest {
    /// First and last month that was learnt from.
    pub fit: (Month, Month),
    /// First and last month that was scheduled unseen.
    pub unseen: (Month, Month),
    /// The most that a schedule which knows the unseen months could save in them, in the same bounds and any
    /// steps of power.
    pub claimed: Money,
    /// Saving in the unseen months of the schedule made without them.
    pub realised: Money,
}

impl Backtest {
    /// Share of the claim that was kept, at most 1; `None` without a claim.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.claimed > Money::ZERO).then(|| self.realised.to_f64() / self.claimed.to_f64())
    }
}

/// Tests what a schedule keeps in months that it has not seen: the first half of the billed months gives
/// envelope, typical days and plan; in each later month the plan is followed as far as the day allows, under
/// a cap that starts at the planned maximum and rises with the maxima as they come. Seasons are not told apart,
/// since the later ones were not seen. What is claimed is found in the same envelope with the later months known,
/// so that it bounds what is kept. `None` with fewer than `least_months` billed months.
#[must_use]
pub fn backtest(
    state: &State,
    labels: &DayLabels,
    (limits, terms): (EnvelopeLimits, ShiftTerms),
    least_months: usize,
) -> Option<Backtest> {
    let billed: Vec<(usize, &Cycle)> = outlay::billed(state).into_iter().map(|(c, s)| (c, s.cycle)).collect();
    let n_fit = billed.len().div_ceil(2);
    if billed.len() < least_months.max(2) {
        return None;
    }
    let (fit, unseen) = billed.split_at_checked(n_fit)?;
    let (first, last) = (unseen.first()?, unseen.last()?);
    let pooled = |n: usize| DayLabels {
        kinds: labels.kinds.iter().take(n).copied().collect(),
        seasons: vec![Season::Spring; n.min(labels.kinds.len())],
    };
    let seen = pooled(fit.last()?.1.days.end);
    let typical = typical_days(state.load(), &seen);
    let learnt = Arc::new(Envelope::learn(state.load(), &seen, &typical, limits));
    let days = Days { state, labels, learnt: &learnt, terms };
    let expected = state.with_kw(days.expected(first.1.days.start));
    let of_all = Arc::new(pooled(labels.kinds.len()));
    let which = first.0..last.0 + 1;
    let shift = Shift::new(Arc::clone(&learnt), Arc::clone(&of_all), terms);
    let planned = shift.solve_cycles(&expected, which.clone()).state;
    let free = ShiftTerms { granularity: Granularity::ANY, trouble_share: 0.0, ..terms };
    let hindsight = Shift::new(Arc::clone(&learnt), of_all, free).solve_cycles(state, which).state;
    let mut kw = state.load().kw().to_vec();
    for (_, cycle) in unseen {
        days.follow(cycle.days.clone(), (&expected, &planned), &mut kw);
    }
    let kept = state.with_kw(kw);
    let saving = |after: &State| -> Option<Money> {
        let (old, new) = (state.bill()?, after.bill()?);
        let of = |c: &usize| Some(old.cycles.get(*c)?.total() - new.cycles.get(*c)?.total());
        Some(unseen.iter().filter_map(|(c, _)| of(c)).sum())
    };
    Some(Backtest {
        fit: (fit.first()?.1.month, fit.last()?.1.month),
        unseen: (first.1.month, last.1.month),
        claimed: saving(&hindsight)?,
        realised: saving(&kept)?,
    })
}

struct Days<'a> {
    state: &'a State,
    labels: &'a DayLabels,
    learnt: &'a Envelope,
    terms: ShiftTerms,
}

impl Days<'_> {
    /// Bounds learnt for a day; none for one whose slots are not its intervals.
    fn bounds(&self, day: usize) -> &[Bounds] {
        let plain = self.state.load().days().shift(day).is_none();
        self.labels.kinds.get(day).filter(|_| plain).map_or(&[], |kind| self.learnt.day(*kind, Season::Spring))
    }

    /// The load with the typical day of its kind from a day on.
    fn expected(&self, from: usize) -> Vec<f64> {
        let load = self.state.load();
        let mut kw = load.kw().to_vec();
        for day in from..load.days().len() {
            let run = kw.get_mut(load.days().range(day)).unwrap_or_default();
            for (v, b) in run.iter_mut().zip(self.bounds(day)).filter(|(_, b)| b.median_kw > 0.0) {
                *v = b.median_kw;
            }
        }
        kw
    }

    /// Follows the plan through the days of a month.
    fn follow(&self, days: Range<usize>, (expected, planned): (&State, &State), kw: &mut [f64]) {
        let load = self.state.load();
        let top = planned.load().max_kw(load.range_of_days(days.clone())).map_or(f64::INFINITY, |m| m.0);
        let mut cap = if self.has_maximum() { top } else { f64::INFINITY };
        for day in days {
            let wanted: Vec<f64> =
                planned.load().day_kw(day).iter().zip(expected.load().day_kw(day)).map(|(p, e)| p - e).collect();
            let Some(run) = kw.get_mut(load.days().range(day)) else { continue };
            if wanted.iter().any(|x| *x != 0.0) {
                self.follow_day(run, &wanted, (self.bounds(day), cap));
            }
            cap = run.iter().copied().fold(cap, f64::max);
        }
    }

    fn has_maximum(&self) -> bool {
        let Some(tariff) = self.state.tariff() else { return false };
        outlay::billed(self.state).first().is_some_and(|(_, s)| !outlay::pieces(self.state, tariff, s).is_empty())
    }

    /// Moves what the day has and has room for; the smaller of both is what moves.
    fn follow_day(&self, kw: &mut [f64], wanted: &[f64], (bounds, cap): (&[Bounds], f64)) {
        let limit = self.terms.limit_kw.unwrap_or(f64::INFINITY).min(cap);
        let possible: Vec<f64> = kw
            .iter()
            .zip(wanted)
            .zip(bounds)
            .map(|((l, x), b)| {
                let out = (b.flexible * l).min(l - b.floor_kw).max(0.0);
                let into = (b.high_kw.min(limit) - l).max(0.0);
                x.clamp(-out, into)
            })
            .collect();
        let (out, into) = possible.iter().fold((0.0, 0.0), |(out, into), x| (out + (-x).max(0.0), into + x.max(0.0)));
        let moves: f64 = f64::min(out, into);
        if moves > 0.0 {
            for (v, x) in kw.iter_mut().zip(possible) {
                *v += if x < 0.0 { x * moves / out } else { x * moves / into };
            }
        }
    }
}
