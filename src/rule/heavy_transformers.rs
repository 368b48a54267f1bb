//! R12: transformers near or above their rating.

use super::apparent::Apparent;
use super::{Facts, Finding, Model, Need, Rule, Tier, Verdict};
use crate::indicator::{in_service, in_service_kva};
use crate::text::{said, say};
use crate::units::Kw;
use std::collections::BTreeSet;
use std::ops::Range;

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
        let ratings = ratings(facts);
        if ratings.iter().all(|r| *r <= 0.0) {
            return Verdict::Nothing(said("rule.transformer").into());
        }
        let t = facts.thresholds;
        let runs = heavy_runs(facts, &ratings);
        let by_loading =
            |a: &&Run, b: &&Run| a.loading().total_cmp(&b.loading()).then(b.range.start.cmp(&a.range.start));
        let Some(worst) = runs.iter().max_by(by_loading) else {
            let (share, hours) = (t.heavy_loading, t.heavy_hours);
            return Verdict::Nothing(say("rule.rating", &[("share", &share), ("hours", &hours)]));
        };
        let over = runs.iter().filter(|r| r.kva >= t.heavy_over_loading * r.rating).count();
        let day = |i: usize| facts.load().days().day_at(i);
        let days: BTreeSet<usize> = runs.iter().flat_map(|r| day(r.range.start)..=day(r.range.end - 1)).collect();
        if over == 0 && days.len() < t.heavy_least_days {
            let (n, least) = (days.len(), t.heavy_least_days);
            return Verdict::Nothing(say("rule.heavy", &[("n", &n), ("least", &least)]));
        }
        let load = facts.load();
        let mut evidence = facts.evidence();
        // One rating is told as that of all runs only where it is.
        let rating_of = |d: &usize| ratings.get(*d).copied().unwrap_or_default();
        if days.iter().all(|d| rating_of(d).total_cmp(&worst.rating).is_eq()) {
            evidence.figure("rating_kva", worst.rating, "kVA");
        } else {
            evidence.figure("rating_worst_kva", worst.rating, "kVA");
        }
        evidence.figure("highest_kva", worst.kva, "kVA");
        evidence.figure("highest_loading", worst.loading(), "");
        evidence.figure("heavy_runs", runs.len() as f64, "");
        evidence.figure("heavy_hours", runs.iter().map(|r| r.range.len() as f64 * load.interval().hours()).sum(), "h");
        evidence.figure("runs_over_rating", over as f64, "");
        evidence.figure("heavy_days", days.len() as f64, "");
        if let Some(economic) = economic_loading(facts, worst) {
            evidence.figure("economic_loading", economic, "");
        }
        evidence.constant("heavy_loading", t.heavy_loading, "");
        evidence.constant("least_hours", t.heavy_hours, "h");
        evidence.constant("least_days", t.heavy_least_days as f64, "");
        evidence.note("worst_from", load.instant(worst.range.start).to_string());
        evidence.note("units", said("rule.bank"));
        let read = runs.iter().all(|r| r.read);
        if !read {
            evidence.note("reactive", said("rule.reactive_not"));
        }
        Verdict::Inform(Box::new(Finding {
            tier: Tier::Inform,
            priority: if over > 0 { 1 } else { 2 },
            kw: None::<Kw>,
            // Measured power against the rating of a list is read off, active power alone a lower bound of it; the
            // contract's capacity only stands for the rating.
            model: match (facts.state.transformers().is_empty(), read) {
                (true, _) => Model::judged(t.heavy_model, said("model.stands_for")),
                (false, true) => Model::read_off(),
                (false, false) => Model::at_least(),
            },
            evidence,
        }))
    }
}

/// Valid intervals on end whose apparent power stands near the rating, with the one in which it stands least near:
/// what was carried throughout.
struct Run {
    range: Range<usize>,
    kva: f64,
    /// Rating in service then, kVA.
    rating: f64,
    /// Reactive power was read in all of them; else active power alone counts somewhere.
    read: bool,
}

impl Run {
    fn loading(&self) -> f64 {
        self.kva / self.rating
    }
}

/// Rating in service on each day, kVA: of the transformers where there is a list, else the contract's capacity.
fn ratings(facts: &Facts<'_>) -> Vec<f64> {
    let units = facts.state.transformers();
    let capacity = facts.state.contract().capacity.map_or(0.0, crate::units::Kva::get);
    let of = |day| if units.is_empty() { capacity } else { in_service_kva(units, facts.load().date(day)) };
    (0..facts.load().days().len()).map(of).collect()
}

/// The runs at or above the heavy loading of each day's rating that are long enough.
fn heavy_runs(facts: &Facts<'_>, ratings: &[f64]) -> Vec<Run> {
    let (t, load) = (facts.thresholds, facts.load());
    let apparent = Apparent::of(load);
    let long = (t.heavy_hours / load.interval().hours()).ceil().max(1.0) as usize;
    let keep = |run: &Run| run.range.len() >= long;
    let mut out: Vec<Run> = Vec::new();
    for (day, rating) in ratings.iter().copied().enumerate().filter(|(_, rating)| *rating > 0.0) {
        let level = t.heavy_loading * rating;
        for power in apparent.of_day(day).filter(|p| p.square() >= level * level) {
            let (i, read) = (power.index, power.kvar.is_some());
            let here = Run { range: i..i + 1, kva: power.square().sqrt(), rating, read };
            if let Some(run) = out.last_mut().filter(|r| r.range.end == i) {
                run.range.end = i + 1;
                run.read &= read;
                if here.loading() < run.loading() {
                    (run.kva, run.rating) = (here.kva, rating);
                }
                continue;
            }
            if out.last().is_some_and(|r| !keep(r)) {
                out.pop();
            }
            out.push(here);
        }
    }
    out.retain(keep);
    out
}

/// Loading at which losses per kWh are least: √(P0/Pk) of the units that carried the worst run.
fn economic_loading(facts: &Facts<'_>, worst: &Run) -> Option<f64> {
    let date = facts.load().date(facts.load().days().day_at(worst.range.start));
    let units = in_service(facts.state.transformers(), date);
    let p0: Option<f64> = units.iter().map(|u| u.p0_kw).sum();
    let pk: Option<f64> = units.iter().map(|u| u.pk_kw).sum();
    let (p0, pk) = (p0?, pk?);
    (p0 > 0.0 && pk > 0.0).then(|| (p0 / pk).sqrt())
}
