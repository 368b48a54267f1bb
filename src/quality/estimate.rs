//! Values for gaps, beside the readings.

use super::runs::gaps;
use crate::curve::{DayLabels, Estimates, Load, REACTIVE, VALID, sum, sum_abs};
use crate::customer::{Customer, Event, EventKind};
use crate::time::{DAY_SECONDS, Date};
use std::ops::Range;

/// How gaps are estimated. The defaults are those of California's VEE standards: interpolation up to
/// two hours, like days beyond.
#[derive(Debug, Clone, PartialEq)]
pub struct EstimationRules {
    /// Longest gap that is interpolated point to point, in minutes (CA VEE: 2 h).
    pub linear_minutes: u32,
    /// Fewest like days (product decision: 3 to 5).
    pub least_days: usize,
    /// Most like days, the nearest.
    pub most_days: usize,
    /// Greatest distance of a like day, in days (product decision: 30).
    pub window_days: usize,
    /// Most days in a row that may be mostly estimated; longer gaps stay missing (product decision: 3).
    pub most_estimated_days: usize,
    /// The customer's known events.
    pub events: Vec<Event>,
}

impl Default for EstimationRules {
    fn default() -> Self {
        Self {
            linear_minutes: 120,
            least_days: 3,
            most_days: 5,
            window_days: 30,
            most_estimated_days: 3,
            events: Vec::new(),
        }
    }
}

impl EstimationRules {
    /// The default rules with a customer's events.
    #[must_use]
    pub fn of(customer: &Customer) -> Self {
        Self { events: customer.events.clone(), ..Self::default() }
    }
}

/// Share of its intervals above which a day is mostly missing (CalTRACK: half a day).
const MOSTLY: f64 = 0.5;

/// Estimates the gaps of a load, in place of any earlier estimates. Readings, masks and maxima stay as
/// they are.
///
/// Intervals within a known outage are 0. Other gaps of up to two hours lie on the line between their
/// neighbours, unless one of these is missing or within an outage. Longer ones take the slot-wise mean
/// of the nearest three to five complete days of the same kind within 30 days, on which nothing unusual
/// is known; a day of a known shutdown, maintenance or curtailment takes only days of such. A gap that
/// touches more than three mostly missing days in a row stays missing, and so does one without enough
/// like days. Reactive power is the magnitude, lag and lead added, by the same method.
pub fn estimate(load: &mut Load, labels: &DayLabels, rules: &EstimationRules) {
    let runs = gaps(load);
    let mut estimates = Estimates::default();
    if !runs.is_empty() {
        let estimator = Estimator::new(load, labels, rules);
        for run in runs {
            estimator.fill(run, &mut estimates);
        }
    }
    load.set_estimates(&estimates);
}

/// What is unusual about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Usual {
    /// Nothing is known.
    Yes,
    /// Supply was interrupted: neither a like day nor like one.
    Outage,
    /// An event of this kind.
    No(EventKind),
}

struct Estimator<'a> {
    load: &'a Load,
    labels: &'a DayLabels,
    rules: &'a EstimationRules,
    outages: Vec<Range<i64>>,
    usual: Vec<Usual>,
    too_long: Vec<bool>,
    kvar_per_kw: f64,
}

impl<'a> Estimator<'a> {
    fn new(load: &'a Load, labels: &'a DayLabels, rules: &'a EstimationRules) -> Self {
        let days = load.days().len();
        let outages = rules.events.iter().filter(|e| e.kind == EventKind::Outage).map(Event::local).collect();
        let usual = (0..days).map(|d| usual(rules, load.date(d))).collect();
        let missing = |d: usize| load.day_expected(d).saturating_sub(load.day_valid(d)) as f64;
        let mostly: Vec<bool> = (0..days).map(|d| missing(d) > MOSTLY * load.days().range(d).len() as f64).collect();
        let mut too_long = vec![false; days];
        let mut day = 0;
        while day < days {
            let n = mostly.get(day..).unwrap_or_default().iter().take_while(|m| **m).count();
            if n > rules.most_estimated_days {
                too_long.iter_mut().skip(day).take(n).for_each(|t| *t = true);
            }
            day += n.max(1);
        }
        let mut estimator = Self { load, labels, rules, outages, usual, too_long, kvar_per_kw: 0.0 };
        estimator.kvar_per_kw = estimator.mean_kvar_per_kw();
        estimator
    }

    /// Reactive per active power over the whole load, for where reactive power was not read on like
    /// days and neighbours.
    fn mean_kvar_per_kw(&self) -> f64 {
        let channels = self.load.channels();
        let kw = sum(&channels.kw);
        let lag = channels.kvar.as_deref().map_or(0.0, sum_abs);
        let lead = channels.kvar_lead.as_deref().map_or(0.0, sum_abs);
        if kw > 0.0 { (lag + lead) / kw } else { 0.0 }
    }

    /// Estimates one gap.
    fn fill(&self, run: Range<usize>, out: &mut Estimates) {
        let load = self.load;
        let days = load.days().day_at(run.start)..=load.days().day_at(run.end - 1);
        if days.clone().any(|d| self.too_long.get(d).copied().unwrap_or(false)) {
            return;
        }
        let minutes = run.len() * load.interval().minutes() as usize;
        if minutes <= self.rules.linear_minutes as usize && self.interpolate(&run, out) {
            return;
        }
        let mut values = Vec::with_capacity(run.len());
        for day in days {
            let part = load.days().range(day);
            let part = part.start.max(run.start)..part.end.min(run.end);
            let Some(like) = self.mean_of_like_days(day, part) else { return };
            values.extend(like);
        }
        for (i, (kw, kvar)) in run.zip(values) {
            self.push(i, kw, kvar, out);
        }
    }

    /// A line between the neighbours; false when one of them cannot be an end point.
    fn interpolate(&self, run: &Range<usize>, out: &mut Estimates) -> bool {
        let left = run.start.checked_sub(1).filter(|i| self.end_point(*i));
        let right = Some(run.end).filter(|i| self.end_point(*i));
        let Some((left, right)) = left.zip(right) else { return false };
        let (a, b) = (self.kw(left), self.kw(right));
        let reactive = self.kvar(left).zip(self.kvar(right));
        let step = 1.0 / (run.len() + 1) as f64;
        for (k, i) in run.clone().enumerate() {
            let at = (k + 1) as f64 * step;
            let kvar = reactive.map(|(p, q)| p + (q - p) * at);
            self.push(i, a + (b - a) * at, kvar, out);
        }
        true
    }

    fn end_point(&self, index: usize) -> bool {
        self.load.is_valid(index) && !self.in_outage(index)
    }

    /// Mean of the nearest like days for some intervals of a day; `None` when there are too few.
    fn mean_of_like_days(&self, day: usize, part: Range<usize>) -> Option<Vec<(f64, Option<f64>)>> {
        if part.clone().all(|i| self.in_outage(i)) {
            return Some(vec![(0.0, Some(0.0)); part.len()]);
        }
        let days = self.load.days();
        let like = self.like_days(day);
        if like.len() < self.rules.least_days {
            return None;
        }
        let start = days.range(day).start;
        let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / like.len() as f64;
        let value = |i: usize| {
            let slot = days.slot(day, i - start);
            let at = |d: &usize| days.range(*d).start + slot;
            let kvar: Option<Vec<f64>> = like.iter().map(|d| self.kvar(at(d))).collect();
            (mean(&mut like.iter().map(|d| self.kw(at(d)))), kvar.map(|q| mean(&mut q.into_iter())))
        };
        Some(part.map(value).collect())
    }

    /// Complete days of the same kind and circumstances, the nearest first, the earlier of two.
    fn like_days(&self, day: usize) -> Vec<usize> {
        let mut like = Vec::with_capacity(self.rules.most_days);
        for distance in 1..=self.rules.window_days {
            for d in [day.checked_sub(distance), day.checked_add(distance)].into_iter().flatten() {
                if like.len() < self.rules.most_days && self.alike(day, d) {
                    like.push(d);
                }
            }
        }
        like
    }

    fn alike(&self, day: usize, other: usize) -> bool {
        let load = self.load;
        let kind = |d: usize| self.labels.kinds.get(d);
        let usual = |d: usize| self.usual.get(d).copied();
        // A gap beside an outage is like an ordinary day; an outage day is like no other.
        let wanted = usual(day).map(|u| if u == Usual::Outage { Usual::Yes } else { u });
        other < load.days().len()
            && load.day_complete(other)
            && load.days().range(other).len() == load.interval().slots()
            && kind(day).is_some()
            && kind(day) == kind(other)
            && wanted == usual(other)
    }

    fn in_outage(&self, index: usize) -> bool {
        !self.outages.is_empty() && {
            let local = self.load.instant(index).local;
            self.outages.iter().any(|o| o.contains(&local))
        }
    }

    fn kw(&self, index: usize) -> f64 {
        self.load.kw().get(index).copied().unwrap_or(0.0)
    }

    /// Reactive magnitude of an interval; `None` where it was not read.
    fn kvar(&self, index: usize) -> Option<f64> {
        let channels = self.load.channels();
        let read = channels.flags.get(index).is_some_and(|f| f & (VALID | REACTIVE) == VALID | REACTIVE);
        let lag = channels.kvar.as_ref()?.get(index).filter(|_| read)?.abs();
        let lead = channels.kvar_lead.as_ref().and_then(|l| l.get(index)).map_or(0.0, |l| l.abs());
        Some(lag + lead)
    }

    /// Adds an estimate; within a known outage it is 0.
    fn push(&self, index: usize, kw: f64, kvar: Option<f64>, out: &mut Estimates) {
        let (kw, kvar) = if self.in_outage(index) { (0.0, Some(0.0)) } else { (kw, kvar) };
        out.index.push(index as u32);
        out.kw.push(kw);
        if self.load.has_reactive() {
            out.kvar.push(kvar.unwrap_or(kw.abs() * self.kvar_per_kw));
        }
    }
}

/// What the events say of a date; own rest days are told by the kind of the day.
fn usual(rules: &EstimationRules, date: Date) -> Usual {
    let midnight = i64::from(date.0) * DAY_SECONDS;
    let on = |e: &&Event| {
        let span = e.local();
        span.start < midnight + DAY_SECONDS && midnight < span.end
    };
    let mut kinds = rules.events.iter().filter(on).map(|e| e.kind).filter(|k| {
        matches!(k, EventKind::Outage | EventKind::Maintenance | EventKind::Shutdown | EventKind::Curtailment)
    });
    match kinds.next() {
        None => Usual::Yes,
        Some(EventKind::Outage) => Usual::Outage,
        Some(kind) => Usual::No(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::fixture::Case;
    use super::*;
    use crate::curve::ESTIMATED;
    use proptest::prelude::*;

    fn estimated(case: &Case) -> Load {
        let mut load = case.load();
        let labels = Case::labels(&load);
        estimate(&mut load, &labels, &EstimationRules::of(&case.customer));
        load
    }

    #[test]
    fn a_short_gap_lies_on_the_line_between_its_neighbours() {
        let mut case = Case::one_shift(30);
        (case.kw[99], case.kw[103]) = (100.0, 140.0);
        case.flags[100..103].fill(0);
        let load = estimated(&case);
        assert_eq!(load.estimates.index, [100, 101, 102]);
        assert_eq!(load.estimates.kw, [110.0, 120.0, 130.0]);
        assert!(load.flags()[100] & ESTIMATED != 0 && !load.is_valid(100) && load.kw()[100] == 0.0);
        assert!(load.estimates.kvar.is_empty());
    }

    #[test]
    fn a_long_gap_takes_the_mean_of_like_days() {
        let mut case = Case::one_shift(60);
        let day = case.workdays()[20];
        case.kvar = Some(case.kw.iter().map(|v| 0.4 * v).collect());
        case.flags[day * 96 + 30..day * 96 + 80].fill(0);
        let load = estimated(&case);
        assert_eq!(load.estimates.index.len(), 50);
        let (at_night, at_work) = (load.estimates.kw[1], load.estimates.kw[20]);
        assert!((57.0..63.0).contains(&at_night) && (570.0..630.0).contains(&at_work));
        assert!((load.estimates.kvar[20] - 0.4 * at_work).abs() < 1e-9);
    }

    #[test]
    fn the_edge_of_the_data_has_no_neighbour_and_takes_like_days() {
        let mut case = Case::one_shift(60);
        case.flags[0..2].fill(0);
        assert_eq!(estimated(&case).estimates.index, [0, 1]);
    }

    #[test]
    fn more_than_three_days_stay_missing() {
        let mut case = Case::one_shift(60);
        case.flags[20 * 96..23 * 96].fill(0);
        assert_eq!(estimated(&case).estimates.index.len(), 3 * 96);
        case.flags[20 * 96..24 * 96].fill(0);
        assert_eq!(estimated(&case).estimates.index.len(), 0);
        case.flags[10 * 96..10 * 96 + 20].fill(0);
        assert_eq!(estimated(&case).estimates.index.len(), 20, "another gap is filled all the same");
    }

    #[test]
    fn a_gap_within_an_outage_is_zero_and_no_end_point() {
        let mut case = Case::one_shift(60);
        let day = case.workdays()[20];
        case.flags[day * 96 + 40..day * 96 + 48].fill(0);
        let midnight = i64::from(case.first.0 + day as i32) * DAY_SECONDS;
        let dates = case.first.plus(day as i32)..case.first.plus(day as i32 + 1);
        let outage = |from: i64, to: i64| Event {
            clock: Some(midnight + from * 3600..midnight + to * 3600),
            ..Event::on_dates(dates.clone(), EventKind::Outage)
        };
        case.customer.events = vec![outage(10, 12)];
        assert_eq!(estimated(&case).estimates.kw, [0.0; 8]);
        // The outage ends where the gap begins: its last reading is a power failure, no end point.
        case.kw[day * 96 + 39] = 0.0;
        case.customer.events = vec![outage(9, 10)];
        assert!(estimated(&case).estimates.kw.iter().all(|v| (570.0..630.0).contains(v)));
    }

    #[test]
    fn a_shutdown_is_not_estimated_from_working_days() {
        let mut case = Case::one_shift(60);
        let day = case.workdays()[20];
        case.flags[day * 96..day * 96 + 48].fill(0);
        let date = case.first.plus(day as i32);
        case.customer.events = vec![Event::on_dates(date..date.plus(1), EventKind::Shutdown)];
        assert_eq!(estimated(&case).estimates.index.len(), 0);
    }

    #[test]
    fn the_repeated_hour_is_estimated_twice() {
        let mut case = Case::berlin_autumn();
        case.flags[96 + 8..96 + 16].fill(0);
        assert_eq!(estimated(&case).estimates.index, (104..112).collect::<Vec<u32>>());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn readings_stay_and_energy_comes_back(gaps in prop::collection::vec((0usize..5600, 1usize..120), 1..6)) {
            let clean = Case::one_shift(60);
            let mut case = Case::one_shift(60);
            for (at, n) in gaps {
                let end = (at + n).min(case.flags.len());
                case.flags[at..end].fill(0);
            }
            let before = case.load();
            let after = estimated(&case);
            prop_assert_eq!(before.kw(), after.kw());
            prop_assert_eq!(before.max_kw(0..5760), after.max_kw(0..5760));
            prop_assert_eq!(before.n_valid(), after.n_valid());
            prop_assert!(after.estimates.index.is_sorted_by(|a, b| a < b));
            let missing: Vec<usize> = (0..5760).filter(|i| !before.is_valid(*i)).collect();
            if after.estimates.index.len() == missing.len() {
                let estimated: f64 = after.estimates.kw.iter().sum();
                let all = sum(&clean.kw);
                // Ends of shifts within an interpolated gap cost at most half a step of 540 kW each.
                prop_assert!((sum(after.kw()) + estimated - all).abs() <= 0.01 * all, "within 1 % of the energy");
            }
        }
    }
}
