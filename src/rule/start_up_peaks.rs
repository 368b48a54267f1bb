//! R02: everything starts at once.

use super::demand_register::confirms;
use super::workday::{Edge, Workday};
use super::{Audience, Facts, Model, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::curve::Load;
use crate::customer::BillingMode;
use crate::text::{said, say};
use crate::time::{Cycle, DayKind, Month};
use crate::units::Kw;
use crate::whatif::{Cap, Shave};
use std::ops::Range;
use std::sync::Arc;

/// Times that the span of a level is halved: to a billionth.
const HALVINGS: usize = 30;

/// Maxima at the start of shifts.
#[derive(Debug)]
pub struct StartUpPeaks;

/// A cycle whose maximum is a start.
struct Start {
    month: Month,
    at: usize,
    max_kw: f64,
    level_kw: f64,
    days: Range<usize>,
}

impl Rule for StartUpPeaks {
    fn code(&self) -> &'static str {
        "R02"
    }

    fn card(&self) -> &'static str {
        include_str!("start_up_peaks.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::BillingMode, Need::QuarterHours, Need::BilledCycle]
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
        let hours = load.interval().hours();
        let edges = |w: Workday| (w.starts(Edge::of(t), hours), w.ends(Edge::of(t), hours));
        let (starts, ends) = Workday::of(facts).map(edges).unwrap_or_default();
        if starts.is_empty() {
            return Verdict::Nothing(said("rule.start").into());
        }
        let within = Window::new(&starts, &ends, (1.0 / hours).round() as usize, load.interval().slots());
        let billed = facts.billed();
        let found: Vec<Start> = billed.iter().filter_map(|(_, c)| start(facts, c, &within)).collect();
        if found.len() < t.needle_least_months {
            let (n, least) = (found.len(), t.needle_least_months);
            return Verdict::Nothing(say(
                "rule.start_months",
                &[("n", &n), ("months", &billed.len()), ("least", &least)],
            ));
        }
        if facts.generates() {
            return Verdict::Nothing(said("rule.takes_over").into());
        }
        let (at_start, peak_days) = peak_days(facts, &billed, &within);
        if (at_start as f64) < t.stagger_least_a_month * billed.len() as f64 {
            return Verdict::Nothing(say("rule.at_start", &[("n", &at_start), ("months", &billed.len())]));
        }
        let share = at_start as f64 / peak_days.max(1) as f64;
        if share < t.stagger_least_days {
            return Verdict::Nothing(say("rule.peak_days", &[("share", &format_args!("{:.0}", 100.0 * share))]));
        }
        let mut evidence = facts.evidence();
        let cuts = || found.iter().map(|n| n.max_kw - n.level_kw);
        evidence.figure("months_with_start_peak", found.len() as f64, "");
        evidence.figure("months_billed", billed.len() as f64, "");
        evidence.figure("mean_cut", cuts().sum::<f64>() / found.len() as f64, "kW");
        evidence.figure("largest_cut", cuts().fold(0.0, f64::max), "kW");
        evidence.figure("peak_days", peak_days as f64, "");
        evidence.figure("peak_days_at_start", at_start as f64, "");
        for n in &found {
            evidence.figure(&format!("max_{}", n.month), n.max_kw, "kW");
            evidence.figure(&format!("otherwise_{}", n.month), n.level_kw, "kW");
            evidence.note(&format!("at_{}", n.month), load.instant(n.at).to_string());
        }
        evidence.constant("least_share", t.stagger_least_share, "");
        evidence.constant("least_start_months", t.needle_least_months as f64, "");
        evidence.constant("least_a_month", t.stagger_least_a_month, "");
        evidence.constant("least_share_of_peak_days", t.stagger_least_days, "");
        let clocks = starts.iter().map(|s| load.interval().clock(*s)).collect::<Vec<_>>();
        evidence.note("starts", clocks.join(", "));
        let caps = found.into_iter().map(|n| Cap { days: n.days, level: Kw::new(n.level_kw) });
        Verdict::Advise(Box::new(Proposal {
            change: Arc::new(Shave { caps: caps.collect(), hours: Some(within.work.into()) }),
            stage: Stage::Move,
            tier: Tier::Operate,
            audience: Audience::Customer,
            headline: true,
            group: None,
            kept: None,
            model: Model::of_cases(at_start, peak_days, said("model.peak_days")),
            evidence,
        }))
    }
}

/// The hour after each start of a shift, and the shifts.
struct Window<'a> {
    starts: &'a [usize],
    hour: usize,
    slots: usize,
    /// Slots from the start of a shift to its end.
    work: Vec<bool>,
}

impl<'a> Window<'a> {
    /// A shift lasts until the last end before the next start, but for the fall of its own peak; until the next start
    /// where no end is to be seen.
    fn new(starts: &'a [usize], ends: &[usize], hour: usize, slots: usize) -> Self {
        let mut work = vec![false; slots];
        for start in starts {
            let after = |edge: &usize| (edge + slots - start) % slots.max(1);
            let next = starts.iter().map(after).filter(|n| *n > 0).min().unwrap_or(slots);
            let length = ends.iter().map(after).filter(|n| (hour + 1..=next).contains(n)).max().unwrap_or(next);
            for k in 0..length {
                work.get_mut((start + k) % slots.max(1)).into_iter().for_each(|w| *w = true);
            }
        }
        Self { starts, hour, slots, work }
    }

    fn holds(&self, slot: usize) -> bool {
        self.starts.iter().any(|s| (slot + self.slots - s) % self.slots < self.hour)
    }
}

/// The cycle's start peak: its maximum lies in the hour after a start of a workday, the register
/// bears it out, and at all other times the load stays well below.
fn start(facts: &Facts<'_>, cycle: &Cycle, within: &Window<'_>) -> Option<Start> {
    let (t, load) = (facts.thresholds, facts.load());
    let (max_kw, at) = load.max_kw(load.range_of_days(cycle.days.clone()))?;
    let day = load.days().day_at(at);
    let slot = |day: usize, i: usize| load.days().slot(day, i - load.days().range(day).start);
    let work = facts.labels.kinds.get(day) == Some(&DayKind::Workday);
    if !work || !within.holds(slot(day, at)) || !confirms(facts, cycle, max_kw, t.register_tolerance) {
        return None;
    }
    let mut level_kw = f64::NEG_INFINITY;
    for d in cycle.days.clone() {
        let start = load.days().range(d).start;
        for (k, v) in load.day_kw(d).iter().enumerate() {
            if *v > level_kw && load.is_valid(start + k) && !within.holds(load.days().slot(d, k)) {
                level_kw = *v;
            }
        }
    }
    let least = (t.stagger_least_share * max_kw).max(facts.noise_kw());
    let days = cycle.days.clone();
    let level_kw = made_up_level(load, &days, (level_kw, max_kw), &within.work);
    (level_kw > 0.0 && max_kw - level_kw >= least).then_some(Start { month: cycle.month, at, max_kw, level_kw, days })
}

/// The least cap between two levels under which all that it cuts is made up for within the shifts of the same day.
fn made_up_level(load: &Load, days: &Range<usize>, (mut low, mut high): (f64, f64), work: &[bool]) -> f64 {
    let day_fits = |day: usize, level: f64| {
        let (kw, start) = (load.day_kw(day), load.days().range(day).start);
        let worked = |i: usize| work.get(load.days().slot(day, i)).is_some_and(|w| *w) && load.is_valid(start + i);
        let cut: f64 = kw.iter().map(|v| (v - level).max(0.0)).sum();
        let room = kw.iter().enumerate().filter(|(i, _)| worked(*i)).map(|(_, v)| (level - v).max(0.0));
        cut <= 0.0 || cut <= room.sum()
    };
    let fits = |level: f64| days.clone().all(|day| day_fits(day, level));
    if fits(low) {
        return low;
    }
    for _ in 0..HALVINGS {
        let middle = low.midpoint(high);
        *(if fits(middle) { &mut high } else { &mut low }) = middle;
    }
    high
}

/// Workdays that come near their cycle's maximum: those whose own maximum is a start, and all.
fn peak_days(facts: &Facts<'_>, billed: &[(usize, &Cycle)], within: &Window<'_>) -> (usize, usize) {
    let (load, share) = (facts.load(), facts.thresholds.stagger_peak_day);
    let (mut at_start, mut all) = (0, 0);
    for (_, cycle) in billed {
        let Some((max, _)) = load.max_kw(load.range_of_days(cycle.days.clone())) else { continue };
        for d in cycle.days.clone().filter(|d| facts.labels.kinds.get(*d) == Some(&DayKind::Workday)) {
            let range = load.days().range(d);
            let Some((kw, at)) = load.max_kw(range.clone()).filter(|m| m.0 >= share * max) else { continue };
            all += usize::from(kw > 0.0);
            at_start += usize::from(kw > 0.0 && within.holds(load.days().slot(d, at - range.start)));
        }
    }
    (at_start, all)
}
