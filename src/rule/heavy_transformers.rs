//! R12: transformers near or above their rating.

use super::{Facts, Finding, Model, Need, Rule, Tier, Verdict};
use crate::customer::{Transformer, UnitState};
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
        let (rating, units) = running(facts);
        if rating <= 0.0 {
            return Verdict::Nothing(said("rule.transformer").into());
        }
        let t = facts.thresholds;
        let runs = heavy_runs(facts, t.heavy_loading * rating);
        if runs.is_empty() {
            let (share, hours) = (t.heavy_loading, t.heavy_hours);
            return Verdict::Nothing(say("rule.rating", &[("share", &share), ("hours", &hours)]));
        }
        let over = runs.iter().filter(|r| r.1 >= t.heavy_over_loading * rating).count();
        let day = |i: usize| facts.load().days().day_at(i);
        let days: BTreeSet<usize> = runs.iter().flat_map(|r| day(r.0.start)..=day(r.0.end - 1)).collect();
        if over == 0 && days.len() < t.heavy_least_days {
            let (n, least) = (days.len(), t.heavy_least_days);
            return Verdict::Nothing(say("rule.heavy", &[("n", &n), ("least", &least)]));
        }
        let highest = runs.iter().map(|r| r.1).fold(0.0, f64::max);
        let load = facts.load();
        let mut evidence = facts.evidence();
        evidence.figure("rating_kva", rating, "kVA");
        evidence.figure("highest_kva", highest, "kVA");
        evidence.figure("highest_loading", highest / rating, "");
        evidence.figure("heavy_runs", runs.len() as f64, "");
        evidence.figure("heavy_hours", runs.iter().map(|r| r.0.len() as f64 * load.interval().hours()).sum(), "h");
        evidence.figure("runs_over_rating", over as f64, "");
        evidence.figure("heavy_days", days.len() as f64, "");
        if let Some(economic) = economic_loading(&units, rating) {
            evidence.figure("economic_loading", economic, "");
        }
        evidence.constant("heavy_loading", t.heavy_loading, "");
        evidence.constant("least_hours", t.heavy_hours, "h");
        evidence.constant("least_days", t.heavy_least_days as f64, "");
        if let Some(worst) = runs.iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.start.cmp(&a.0.start))) {
            evidence.note("worst_from", load.instant(worst.0.start).to_string());
        }
        evidence.note("units", said("rule.bank"));
        if !load.has_reactive() {
            evidence.note("reactive", said("rule.reactive_not"));
        }
        Verdict::Inform(Box::new(Finding {
            tier: Tier::Inform,
            priority: if over > 0 { 1 } else { 2 },
            kw: None::<Kw>,
            // Measured power against the rating of a list is read off, active power alone a lower bound of it; the
            // contract's capacity only stands for the rating.
            model: match (units.is_empty(), load.has_reactive()) {
                (true, _) => Model::judged(t.heavy_model, said("model.stands_for")),
                (false, true) => Model::read_off(),
                (false, false) => Model::at_least(),
            },
            evidence,
        }))
    }
}

/// Rating of what is in service at the end, and those units; the contract's capacity without a list.
fn running<'a>(facts: &Facts<'a>) -> (f64, Vec<&'a Transformer>) {
    let end = facts.load().date(facts.load().days().len().saturating_sub(1));
    let on = |t: &&Transformer| {
        t.state == UnitState::Running && t.valid_from.is_none_or(|d| d <= end) && t.valid_to.is_none_or(|d| d > end)
    };
    let units: Vec<&Transformer> = facts.state.transformers().iter().filter(on).collect();
    if facts.state.transformers().is_empty() {
        return (facts.state.contract().capacity.map_or(0.0, crate::units::Kva::get), units);
    }
    (units.iter().map(|u| u.rating.get()).sum(), units)
}

/// Runs of valid intervals that stand at or above `level` kVA for long enough, with their least kVA:
/// what was carried throughout.
fn heavy_runs(facts: &Facts<'_>, level: f64) -> Vec<(Range<usize>, f64)> {
    let load = facts.load();
    let kvar = load.channels().kvar.as_deref().unwrap_or(&[]);
    let long = (facts.thresholds.heavy_hours / load.interval().hours()).ceil().max(1.0) as usize;
    let mut out: Vec<(Range<usize>, f64)> = Vec::new();
    let keep = |run: &(Range<usize>, f64)| run.0.len() >= long;
    for (i, p) in load.kw().iter().enumerate() {
        let q = kvar.get(i).copied().unwrap_or(0.0);
        let square = p * p + q * q;
        if square < level * level || !load.is_valid(i) {
            continue;
        }
        let kva = square.sqrt();
        if let Some(run) = out.last_mut().filter(|r| r.0.end == i) {
            *run = (run.0.start..i + 1, run.1.min(kva));
            continue;
        }
        if out.last().is_some_and(|r| !keep(r)) {
            out.pop();
        }
        out.push((i..i + 1, kva));
    }
    out.retain(keep);
    out
}

/// Loading at which losses per kWh are least: √(P0/Pk) of the bank.
fn economic_loading(units: &[&Transformer], rating: f64) -> Option<f64> {
    let p0: Option<f64> = units.iter().map(|u| u.p0_kw).sum();
    let pk: Option<f64> = units.iter().map(|u| u.pk_kw).sum();
    let (p0, pk) = (p0?, pk?);
    (p0 > 0.0 && pk > 0.0 && rating > 0.0).then(|| (p0 / pk).sqrt())
}
