//! R03: short, rare maxima that set the billed demand.

use super::demand_register::confirms;
use super::{Audience, Facts, Model, Need, Proposal, Rule, Stage, Thresholds, Tier, Verdict};
use crate::curve::Load;
use crate::customer::BillingMode;
use crate::peak::{PeakKind, Shape};
use crate::text::{said, say};
use crate::time::{Cycle, Month};
use crate::units::Kw;
use crate::whatif::{Cap, Shave};
use std::ops::Range;
use std::sync::Arc;

/// Needle peaks under demand billing.
#[derive(Debug)]
pub struct NeedlePeaks;

/// A month's needle.
struct Needle {
    month: Month,
    at: usize,
    max_kw: f64,
    level_kw: f64,
    /// That level in the billed month before; of the first month, in the next.
    before_kw: f64,
    days: Range<usize>,
}

impl Rule for NeedlePeaks {
    fn code(&self) -> &'static str {
        "R03"
    }

    fn card(&self) -> &'static str {
        include_str!("needle_peaks.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::BillingMode, Need::BilledCycle]
    }

    fn silence(&self, facts: &Facts<'_>) -> Option<String> {
        let always = facts.tariff().and_then(|t| t.tariff().demand.as_ref()).is_some_and(|d| d.always);
        match facts.state.contract().billing_mode {
            Some(BillingMode::Single | BillingMode::Capacity) if !always => Some(said("rule.max_not_billed").into()),
            _ => None,
        }
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let (t, load) = (facts.thresholds, facts.load());
        let billed = facts.billed();
        let (needles, refuted) = needles(facts, &billed);
        if needles.len() < t.needle_least_months {
            return Verdict::Nothing(too_few(t, (needles.len(), refuted), billed.len()));
        }
        let cuts = || needles.iter().map(|n| n.max_kw - n.level_kw);
        let mut evidence = facts.evidence();
        evidence.figure("months_with_needle", needles.len() as f64, "");
        evidence.figure("months_billed", billed.len() as f64, "");
        evidence.figure("mean_cut", cuts().sum::<f64>() / needles.len() as f64, "kW");
        evidence.figure("largest_cut", cuts().fold(0.0, f64::max), "kW");
        for n in &needles {
            evidence.figure(&format!("max_{}", n.month), n.max_kw, "kW");
            evidence.figure(&format!("p999_{}", n.month), n.level_kw, "kW");
            evidence.note(&format!("at_{}", n.month), load.instant(n.at).to_string());
        }
        evidence.constant("top_share", 100.0 * t.needle_top_share, "%");
        evidence.constant("least_share", t.needle_least_share, "");
        evidence.constant("tail_factor", t.needle_tail_factor, "");
        evidence.constant("least_months", t.needle_least_months as f64, "");
        evidence.note("first_action", said("rule.look_starts"));
        let model = told_before(&needles);
        let caps = needles.into_iter().map(|n| Cap { days: n.days, level: Kw::new(n.level_kw) });
        Verdict::Advise(Box::new(Proposal {
            change: Arc::new(Shave { caps: caps.collect(), hours: None }),
            stage: Stage::Move,
            tier: Tier::Operate,
            audience: Audience::Customer,
            headline: true,
            group: Some(super::SHAVING_GROUP),
            kept: None,
            model,
            evidence,
        }))
    }
}

/// Why so few needles, beside so many that the demand register refutes, are nothing.
fn too_few(t: &Thresholds, (n, refuted): (usize, usize), months: usize) -> String {
    let least = t.needle_least_months;
    if refuted == 0 {
        return say("rule.needles", &[("n", &n), ("months", &months), ("least", &least)]);
    }
    let pct = (1e8 * t.register_tolerance).round() / 1e6;
    say(
        "rule.needles_refuted",
        &[("n", &n), ("months", &months), ("least", &least), ("refuted", &refuted), ("pct", &pct)],
    )
}

/// How much of the cuts a limit would have made that is known when the month begins: the level of the month
/// before. One below the month's own level could not be kept and is raised to it.
fn told_before(needles: &[Needle]) -> Model {
    let kept: f64 = needles.iter().map(|n| (n.max_kw - n.level_kw.max(n.before_kw)).max(0.0)).sum();
    let claimed: f64 = needles.iter().map(|n| n.max_kw - n.level_kw).sum();
    Model::measured(if claimed > 0.0 { kept / claimed } else { 0.0 }, said("model.limit_before"))
}

/// The needles of billed cycles, in their order, and how many more the demand register refutes.
fn needles(facts: &Facts<'_>, billed: &[(usize, &Cycle)]) -> (Vec<Needle>, usize) {
    let (load, share) = (facts.load(), facts.thresholds.needle_top_share);
    let level = |cycle: &Cycle| top_percentile(load, load.range_of_days(cycle.days.clone()), share);
    let levels: Vec<Option<f64>> = billed.iter().map(|(_, c)| level(c)).collect();
    let near =
        |i: usize| i.checked_sub(1).map_or_else(|| levels.get(1), |before| levels.get(before)).copied().flatten();
    let each = billed.iter().zip(&levels).enumerate();
    let found = each.filter_map(|(i, ((_, cycle), level))| {
        let needle = needle(facts, cycle, ((*level)?, near(i)?))?;
        Some((confirms(facts, cycle, needle.max_kw, facts.thresholds.register_tolerance), needle))
    });
    let (borne_out, refuted): (Vec<_>, Vec<_>) = found.partition(|f| f.0);
    (borne_out.into_iter().map(|f| f.1).collect(), refuted.len())
}

/// The needle of a cycle: the maximum leads the 99.9th percentile by enough, and where peaks have
/// been shaped it is a needle there. Given are that level and the one of the month before.
fn needle(facts: &Facts<'_>, cycle: &Cycle, (level_kw, before_kw): (f64, f64)) -> Option<Needle> {
    let load = facts.load();
    let range = load.range_of_days(cycle.days.clone());
    let (max_kw, at) = load.max_kw(range.clone())?;
    let t = facts.thresholds;
    let tail_kw = level_kw - top_percentile(load, range, facts.thresholds.needle_tail_share)?;
    let least = (t.needle_least_share * max_kw).max(facts.noise_kw()).max(t.needle_tail_factor * tail_kw);
    let known = facts.peaks.iter().find(|p| p.kind == PeakKind::Billing && p.month == Some(cycle.month) && p.rank == 1);
    let shaped = known.and_then(|p| p.shape).is_none_or(|s| s == Shape::Needle);
    (max_kw > 0.0 && max_kw - level_kw >= least && shaped).then(|| Needle {
        month: cycle.month,
        at,
        max_kw,
        level_kw,
        before_kw,
        days: cycle.days.clone(),
    })
}

/// The level that a share of a range's valid intervals exceeds, a percentile that is linear (type 7), in
/// one pass that keeps the few highest; `None` without a valid interval.
fn top_percentile(load: &Load, range: Range<usize>, share: f64) -> Option<f64> {
    let n = range.clone().filter(|i| load.is_valid(*i)).count();
    let from_top = share * n.checked_sub(1)? as f64;
    let keep = from_top.ceil() as usize + 1;
    let mut top: Vec<f64> = Vec::with_capacity(keep + 1);
    for i in range.filter(|i| load.is_valid(*i)) {
        let kw = load.kw().get(i).copied()?;
        if top.len() == keep && top.last().is_some_and(|least| kw <= *least) {
            continue;
        }
        top.insert(top.partition_point(|v| *v >= kw), kw);
        top.truncate(keep);
    }
    let (above, below) = (top.get(from_top.floor() as usize)?, top.get(from_top.ceil() as usize)?);
    Some(above + (below - above) * from_top.fract())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::fixture::year;

    #[test]
    fn the_percentile_is_that_of_sorted_values() {
        let f = year(|d, s| ((d * 7919 + s * 104_729) % 1009) as f64);
        let state = f.state();
        let mut sorted = f.kw[..31 * 96].to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = 0.999 * (sorted.len() - 1) as f64;
        let expected = sorted[at as usize] + (sorted[at as usize + 1] - sorted[at as usize]) * at.fract();
        let found = top_percentile(state.load(), 0..31 * 96, 0.001).unwrap();
        assert!((found - expected).abs() < 1e-9, "{found} against {expected}");
        assert_eq!(top_percentile(state.load(), 0..0, 0.001), None);
    }
}
