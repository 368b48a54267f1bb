//! R12: transformers near or above their rating.

use super::apparent::Apparent;
use super::{Evidence, Facts, Finding, Model, Need, Rule, Tier, Verdict};
use crate::indicator::{in_service, in_service_kva};
use crate::text::{said, say};
use crate::time::Date;
use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

/// Heavy loading.
#[derive(Debug)]
pub struct HeavyTransformers;

impl Rule for HeavyTransformers {
    fn code(&self) -> &'static str {
        "R12"
    }

    fn card(&self) -> &'static str {
        include_str!("heavy_transformers.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Capacity]
    }

    fn tier(&self) -> Tier {
        Tier::Inform
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let t = facts.thresholds;
        let carried = Carried::of(facts);
        if carried.ratings.iter().all(|r| *r <= 0.0) {
            return Verdict::Nothing(said("rule.transformer").into());
        }
        let runs = carried.heavy(&carried.ratings);
        // The greatest loading that was held long enough: of the runs above the rating, where there are any.
        let over = carried.over(&runs);
        let by_loading =
            |a: &&Run, b: &&Run| a.loading().total_cmp(&b.loading()).then(b.range.start.cmp(&a.range.start));
        let Some(worst) = over.iter().max_by(by_loading).or_else(|| runs.iter().max_by(by_loading)) else {
            let share = format_args!("{:.0}%", 100.0 * t.heavy_loading);
            let never = || say("rule.rating", &[("share", &share), ("hours", &t.heavy_hours)]);
            return Verdict::Nothing(carried.outgrown().unwrap_or_else(never));
        };
        let days: BTreeSet<usize> = runs.iter().flat_map(|r| carried.days_of(r)).collect();
        if over.is_empty() && days.len() < t.heavy_least_days {
            let (n, least) = (days.len(), t.heavy_least_days);
            return Verdict::Nothing(say("rule.heavy", &[("n", &n), ("least", &least)]));
        }
        let load = facts.load();
        let hours = |runs: &[Run]| runs.iter().map(|r| r.range.len() as f64 * load.interval().hours()).sum::<f64>();
        let mut evidence = facts.evidence();
        // One rating is told as that of all runs only where it is.
        let rating_of = |d: &usize| carried.ratings.get(*d).copied().unwrap_or_default();
        if days.iter().all(|d| rating_of(d).total_cmp(&worst.rating).is_eq()) {
            evidence.figure("rating_kva", worst.rating, "kVA");
        } else {
            evidence.figure("rating_worst_kva", worst.rating, "kVA");
        }
        evidence.figure("highest_kva", worst.kva, "kVA");
        evidence.figure("highest_loading", worst.loading(), "");
        if load.kw().get(worst.from).is_some_and(|kw| *kw < 0.0) {
            evidence.figure("fed_back_kva", worst.kva, "kVA");
        }
        evidence.figure("heavy_runs", runs.len() as f64, "");
        evidence.figure("heavy_hours", hours(&runs), "h");
        evidence.figure("runs_over_rating", over.len() as f64, "");
        if !over.is_empty() {
            evidence.figure("hours_over_rating", hours(&over), "h");
        }
        evidence.figure("heavy_days", days.len() as f64, "");
        if let Some(economic) = carried.economic_loading(worst) {
            evidence.figure("economic_loading", economic, "");
        }
        evidence.constant("heavy_loading", t.heavy_loading, "");
        evidence.constant("least_hours", t.heavy_hours, "h");
        evidence.constant("least_days", t.heavy_least_days as f64, "");
        evidence.note("worst_from", load.instant(worst.from).to_string());
        evidence.note("units", said("rule.bank"));
        let read = runs.iter().all(|r| r.read);
        if !read {
            evidence.note("reactive", said("rule.reactive_not"));
        }
        Verdict::Inform(Box::new(Finding {
            tier: Tier::Inform,
            priority: if over.is_empty() { 2 } else { 1 },
            kw: None,
            // Measured power against the rating of a list is read off, active power alone a lower bound of it; the
            // contract's capacity only stands for the rating.
            model: match (facts.state.transformers().is_empty(), read) {
                (true, _) => Model::untested(said("model.stands_for")),
                (false, true) => Model::read_off(),
                (false, false) => Model::at_least(),
            },
            evidence,
        }))
    }
}

/// How far a load goes above the rating that is registered: then the register may be wrong, and a charge by capacity with
/// it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OverRating {
    rating: f64,
    loading: f64,
    hours: f64,
}

impl OverRating {
    /// In some cycles; `None` where it stays below, as R12 tells an overload.
    pub fn of(facts: &Facts<'_>, cycles: &[usize]) -> Option<Self> {
        let carried = Carried::of(facts);
        let days = facts.load().days();
        let within = cycles.iter().filter_map(|i| facts.cycles().get(*i)).flat_map(|c| c.days.clone());
        let within = within.map(|day| (day, days.range(day)));
        let runs = carried.runs(facts.thresholds.heavy_over_loading, &carried.ratings, within);
        let worst = runs.iter().max_by(|a, b| a.loading().total_cmp(&b.loading()))?;
        let hours = runs.iter().map(|r| r.range.len()).sum::<usize>() as f64 * facts.load().interval().hours();
        Some(Self { rating: worst.rating, loading: worst.loading(), hours })
    }

    /// States it.
    pub fn state(&self, evidence: &mut Evidence) {
        evidence.figure("rating_kva", self.rating, "kVA");
        evidence.figure("highest_loading", self.loading, "");
        evidence.figure("hours_above_registered", self.hours, "h");
    }
}

/// Valid intervals on end whose apparent power stands near the rating.
struct Run {
    range: Range<usize>,
    /// Apparent power of each, kVA, and the rating that it is measured by.
    carried: Vec<(f64, f64)>,
    /// Where its heaviest stretch of `heavy_hours` starts.
    from: usize,
    /// What was carried throughout that stretch, kVA.
    kva: f64,
    /// Rating that it is measured by, kVA.
    rating: f64,
    /// Reactive power was read in all of them; else active power alone counts somewhere.
    read: bool,
}

impl Run {
    fn loading(&self) -> f64 {
        self.kva / self.rating
    }

    /// Finds the stretch of so many intervals whose least loading is the greatest, the first of equals.
    fn find_heaviest(&mut self, long: usize) {
        let loading = |(kva, rating): &(f64, f64)| kva / rating;
        let mut best = f64::NEG_INFINITY;
        for (start, stretch) in self.carried.windows(long).enumerate() {
            let least = stretch.iter().min_by(|a, b| loading(a).total_cmp(&loading(b)));
            if let Some(least) = least.filter(|l| loading(l) > best) {
                best = loading(least);
                (self.from, self.kva, self.rating) = (self.range.start + start, least.0, least.1);
            }
        }
    }
}

/// What the transformers carried.
struct Carried<'a> {
    facts: &'a Facts<'a>,
    apparent: Apparent<'a>,
    /// Rating in service on each day, kVA: of the transformers where there is a list, else the contract's capacity.
    in_service: Vec<f64>,
    /// Rating that each day is measured by, kVA: that in service, but today's where it is greater than all that was
    /// there until then. What a greater unit has ended is no load that is too high.
    ratings: Vec<f64>,
    today: Date,
}

impl<'a> Carried<'a> {
    fn of(facts: &'a Facts<'a>) -> Self {
        let (units, load) = (facts.state.transformers(), facts.load());
        let capacity = facts.state.contract().capacity.map_or(0.0, crate::units::Kva::get);
        let on = |date| if units.is_empty() { capacity } else { in_service_kva(units, date) };
        let last = load.date(load.days().len().saturating_sub(1));
        let today = facts.side.today.map_or(last, |today| today.max(last));
        let in_service: Vec<f64> = (0..load.days().len()).map(|day| on(load.date(day))).collect();
        let (now, mut most) = (on(today), 0.0_f64);
        let measured_by = |rating: &f64| {
            most = most.max(*rating);
            if *rating > 0.0 && now > most { now } else { *rating }
        };
        let ratings = in_service.iter().map(measured_by).collect();
        Self { facts, apparent: Apparent::of(load), in_service, ratings, today }
    }

    /// Why nothing is told of a load that was heavy on what was in service then alone.
    fn outgrown(&self) -> Option<String> {
        if self.in_service == self.ratings {
            return None;
        }
        let last = self.heavy(&self.in_service).pop()?;
        let now = self.ratings.last()?;
        let until = self.facts.load().date(*self.days_of(&last).end());
        let (then, now) = (format_args!("{:.0}", last.rating), format_args!("{now:.0}"));
        Some(say("rule.outgrown", &[("until", &until), ("then", &then), ("now", &now)]))
    }

    /// The days that a run touches.
    fn days_of(&self, run: &Run) -> RangeInclusive<usize> {
        let days = self.facts.load().days();
        days.day_at(run.range.start)..=days.day_at(run.range.end - 1)
    }

    /// The runs at or above the heavy loading of each day's rating that are long enough.
    fn heavy(&self, ratings: &[f64]) -> Vec<Run> {
        let days = self.facts.load().days();
        self.runs(self.facts.thresholds.heavy_loading, ratings, (0..days.len()).map(|day| (day, days.range(day))))
    }

    /// The runs at or above the rating within those: an overload is one whatever came before and after it.
    fn over(&self, heavy: &[Run]) -> Vec<Run> {
        let parts = heavy.iter().flat_map(|run| self.days_of(run).map(|day| (day, run.range.clone())));
        self.runs(self.facts.thresholds.heavy_over_loading, &self.ratings, parts)
    }

    /// The runs at or above a share of each day's rating that are long enough, within days or parts of them, in
    /// their order.
    fn runs(&self, share: f64, ratings: &[f64], within: impl Iterator<Item = (usize, Range<usize>)>) -> Vec<Run> {
        let hours = self.facts.load().interval().hours();
        let long = (self.facts.thresholds.heavy_hours / hours).ceil().max(1.0) as usize;
        let keep = |run: &Run| run.range.len() >= long;
        let mut out: Vec<Run> = Vec::new();
        for (day, part) in within {
            let Some(rating) = ratings.get(day).copied().filter(|rating| *rating > 0.0) else { continue };
            let level = share * rating;
            for power in self.apparent.of_day(day).filter(|p| p.square() >= level * level && part.contains(&p.index)) {
                let (i, read) = (power.index, power.kvar.is_some());
                let kva = power.square().sqrt();
                if let Some(run) = out.last_mut().filter(|r| r.range.end == i) {
                    run.range.end = i + 1;
                    run.read &= read;
                    run.carried.push((kva, rating));
                    continue;
                }
                if out.last().is_some_and(|r| !keep(r)) {
                    out.pop();
                }
                out.push(Run { range: i..i + 1, carried: vec![(kva, rating)], from: i, kva, rating, read });
            }
        }
        out.retain(keep);
        for run in &mut out {
            run.find_heaviest(long);
        }
        out
    }

    /// Loading at which losses per kWh are least: √(P0/Pk) of the units that the worst run is measured by.
    fn economic_loading(&self, worst: &Run) -> Option<f64> {
        let day = *self.days_of(worst).start();
        let then = self.in_service.get(day) == self.ratings.get(day);
        let date = if then { self.facts.load().date(day) } else { self.today };
        let units = in_service(self.facts.state.transformers(), date);
        let p0: Option<f64> = units.iter().map(|u| u.p0_kw).sum();
        let pk: Option<f64> = units.iter().map(|u| u.pk_kw).sum();
        let (p0, pk) = (p0?, pk?);
        (p0 > 0.0 && pk > 0.0).then(|| (p0 / pk).sqrt())
    }
}
