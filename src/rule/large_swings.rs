//! R19: the load jumps by half of its maximum again and again.

use super::workday::{Edge, Workday};
use super::{Facts, Finding, Model, Need, Rule, Tier, Verdict};
use crate::text::{said, say};

/// Minutes of a jump (catalogue: a quarter of an hour).
const RAMP_MINUTES: u32 = 15;
/// Days of a week.
const WEEK: f64 = 7.0;

/// Large swings.
#[derive(Debug)]
pub struct LargeSwings;

impl Rule for LargeSwings {
    fn code(&self) -> &'static str {
        "R19"
    }

    fn card(&self) -> &'static str {
        include_str!("large_swings.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::QuarterHours]
    }

    fn tier(&self) -> Tier {
        Tier::Inform
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let (t, load) = (facts.thresholds, facts.load());
        let Some((max, _)) = load.max_kw(0..load.kw().len()).filter(|m| m.0 > 0.0) else {
            return Verdict::Nothing(said("rule.nothing").into());
        };
        let least = (t.swing_least_share * max).max(facts.noise_kw());
        let swings = swings(facts, least);
        let weeks = (0..load.days().len()).filter(|d| load.day_valid(*d) > 0).count() as f64 / WEEK;
        let a_week = swings.len() as f64 / weeks.max(1.0);
        if a_week < t.swing_least_a_week {
            return Verdict::Nothing(say("rule.swings", &[("n", &format_args!("{a_week:.1}"))]));
        }
        let mut evidence = facts.evidence();
        evidence.figure("swings", swings.len() as f64, "");
        evidence.figure("swings_a_week", a_week, "");
        evidence.figure("highest_load", max, "kW");
        let largest = swings.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        if let Some((at, kw)) = largest {
            evidence.figure("largest_swing", kw, "kW");
            evidence.note("largest_at", load.instant(at).to_string());
        }
        evidence.constant("least_share", t.swing_least_share, "");
        evidence.constant("least_a_week", t.swing_least_a_week, "");
        Verdict::Inform(Box::new(Finding {
            tier: Tier::Inform,
            priority: 2,
            kw: None,
            // Jumps are counted, not inferred.
            model: Model::read_off(),
            evidence,
        }))
    }
}

/// Jumps of at least `least` kW within a quarter of an hour, with their size, outside the hour around
/// each start and end of a shift. A jump is counted once: the next begins where it ends.
fn swings(facts: &Facts<'_>, least: f64) -> Vec<(usize, f64)> {
    let (t, load) = (facts.thresholds, facts.load());
    let step = (RAMP_MINUTES / load.interval().minutes()).max(1) as usize;
    let (slots, hours) = (load.interval().slots(), load.interval().hours());
    let hour = (1.0 / hours).round() as usize;
    let mut edges = Vec::new();
    if let Some(work) = Workday::median(facts) {
        edges.extend(work.starts(Edge::of(t), hours));
        edges.extend(work.ends(Edge::of(t), hours));
    }
    let near =
        |slot: usize| edges.iter().any(|e| (slot + slots - e) % slots <= hour || (e + slots - slot) % slots <= hour);
    let (mut out, mut from) = (Vec::new(), 0);
    for (i, kw) in jumps(load.kw(), step, least) {
        if i < from || !load.is_valid(i) || !load.is_valid(i + step) {
            continue;
        }
        from = i + step;
        let day = load.days().day_at(i + step);
        if !near(load.days().slot(day, i + step - load.days().range(day).start)) {
            out.push((i + step, kw));
        }
    }
    out
}

/// Where values differ by at least `least` from those `step` later, and by how much. Eights without such a one
/// are passed over at once.
fn jumps(kw: &[f64], step: usize, least: f64) -> impl Iterator<Item = (usize, f64)> {
    let later = kw.get(step..).unwrap_or_default();
    let eights = later.chunks(8).zip(kw.chunks(8)).enumerate();
    let size = |(b, a): (&f64, &f64)| (b - a).abs();
    let some = move |b: &[f64], a: &[f64]| match (b.first_chunk::<8>(), a.first_chunk::<8>()) {
        (Some(b), Some(a)) => (0..8).map(|i| u32::from((b[i] - a[i]).abs() >= least)).sum::<u32>() > 0,
        _ => true,
    };
    eights.filter(move |(_, (b, a))| some(b, a)).flat_map(move |(eight, (b, a))| {
        let sizes = b.iter().zip(a).map(size).enumerate();
        sizes.filter(move |(_, kw)| *kw >= least).map(move |(i, kw)| (eight * 8 + i, kw))
    })
}
