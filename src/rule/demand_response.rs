//! R15: load that could be lowered when the grid asks.

use super::{Asks, Facts, Finding, Model, Need, Rule, Tier, Verdict};
use crate::curve::percentile::percentile;
use crate::curve::{TypicalDay, VALID};
use crate::customer::EventKind;
use crate::quality::Issue;
use crate::text::{said, say};
use crate::time::{DAY_SECONDS, Date, DayKind, Season};
use crate::units::Kw;
use std::ops::Range;

/// Percentile that is usual.
const USUAL: f64 = 0.5;
/// Percentile of a low day. Catalogue of recommendations: p10.
const LOW: f64 = 0.1;
/// The check of values that stand still.
const STUCK_CHECK: &str = "V09";

/// Potential for demand response, in kW alone.
#[derive(Debug)]
pub struct DemandResponse;

impl Rule for DemandResponse {
    fn code(&self) -> &'static str {
        "R15"
    }

    fn card(&self) -> &'static str {
        include_str!("demand_response.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff]
    }

    fn tier(&self) -> Tier {
        Tier::Inform
    }

    fn asks(&self) -> Option<Asks> {
        Some(Asks::Lower)
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let t = facts.thresholds;
        let each = [Season::Spring, Season::Summer, Season::Autumn, Season::Winter];
        let found: Vec<Potential> = each.into_iter().filter_map(|s| Potential::of(facts, s)).collect();
        let Some(best) = found.iter().max_by(|a, b| a.kw.total_cmp(&b.kw)) else {
            return Verdict::Nothing(said("rule.prices").into());
        };
        if best.kw < t.response_least_kw.max(facts.noise_kw()) {
            return Verdict::Nothing(say("rule.low", &[("kw", &format_args!("{:.0}", best.kw))]));
        }
        if facts.generates() {
            return Verdict::Nothing(said("rule.sunny").into());
        }
        let mut evidence = facts.evidence();
        for p in &found {
            evidence.figure(&format!("potential_{}", p.season.name()), p.kw, "kW");
        }
        evidence.figure("potential", best.kw, "kW");
        evidence.figure("usual", best.usual, "kW");
        evidence.figure("low", best.low, "kW");
        evidence.figure("days", best.n_days as f64, "");
        evidence.figure("days_left_out", best.left_out as f64, "");
        evidence.constant("least", t.response_least_kw, "kW");
        evidence.constant("least_days", t.response_least_days as f64, "");
        evidence.constant("rest_share", t.response_rest_share, "");
        evidence.note("season", best.season.name());
        evidence.note("window", best.window.clone());
        evidence.note("baseline", said("rule.baseline"));
        evidence.note("kind", said("rule.low_days"));
        Verdict::Inform(Box::new(Finding {
            tier: Tier::Inform,
            priority: 3,
            kw: Some(Kw::new(best.kw)),
            model: match curtailed_kw(facts, best) {
                Some(kw) => Model::measured(kw / best.kw, said("model.curtailed")),
                None => Model::untested(said("model.asked")),
            },
            evidence,
        }))
    }
}

/// A season's workdays in the hours of the highest price.
struct Potential {
    season: Season,
    /// Slots of the highest price, each with its usual load in kW.
    dear: Vec<(usize, f64)>,
    window: String,
    usual: f64,
    low: f64,
    kw: f64,
    n_days: usize,
    /// Working days of the season that do not count.
    left_out: usize,
}

impl Potential {
    fn of(facts: &Facts<'_>, season: Season) -> Option<Self> {
        let (tariff, load) = (facts.tariff()?, facts.load());
        let date: Date = load.date((0..load.days().len()).rev().find(|d| wanted(facts, *d, season))?);
        let price = |slot: usize| tariff.band_at(date, slot).and_then(|b| tariff.bands().get(b)).map(|b| b.price);
        let slots = 0..load.interval().slots();
        let highest = slots.clone().filter_map(price).fold(f64::NEG_INFINITY, f64::max);
        let lowest = slots.clone().filter_map(price).fold(f64::INFINITY, f64::min);
        if lowest >= highest {
            return None;
        }
        let dear: Vec<usize> = slots.filter(|s| price(*s) == Some(highest)).collect();
        let (days, left_out) = working_days(facts, season, &dear);
        let of_slot = |slot: &usize| {
            let mut kw: Vec<f64> = days.iter().filter_map(|day| reading(facts, *day, *slot)).collect();
            let (usual, low) = (percentile(&mut kw, USUAL)?, percentile(&mut kw, LOW)?);
            Some((*slot, kw.len(), usual, low))
        };
        // Where no day is left out the typical days have them.
        let typical = |r: &&TypicalDay| {
            r.day_kind == DayKind::Workday && r.season == season && dear.binary_search(&r.slot).is_ok()
        };
        let known = facts.typical.iter().filter(typical).map(|r| (r.slot, r.n_days, r.p50_kw, r.p10_kw));
        let levels: Vec<(usize, usize, f64, f64)> =
            if left_out == 0 { known.collect() } else { dear.iter().filter_map(of_slot).collect() };
        let n_days = levels.iter().map(|l| l.1).min()?;
        if n_days < facts.thresholds.response_least_days {
            return None;
        }
        let n = levels.len() as f64;
        let (usual, low) = (levels.iter().map(|l| l.2).sum::<f64>() / n, levels.iter().map(|l| l.3).sum::<f64>() / n);
        let (window, kw) = (window(facts, &dear), usual - low);
        let dear = levels.into_iter().map(|l| (l.0, l.2)).collect();
        Some(Self { season, dear, window, usual, low, kw, n_days, left_out })
    }
}

/// The working days of a season that show what the load does at work, and how many do not: those on which an event
/// stopped the plant, a channel was dead or stood still, or on which the plant rested as it does on rest days, by
/// night or when nothing runs.
fn working_days(facts: &Facts<'_>, season: Season, dear: &[usize]) -> (Vec<usize>, usize) {
    let runs = runs(dear);
    let mean = |day: usize| {
        if let Some(kw) = Some(facts.load().day_kw(day)).filter(|_| facts.load().day_complete(day)) {
            let sum: f64 = runs.iter().filter_map(|r| kw.get(r.clone())).map(crate::curve::sum).sum();
            return Some((day, sum / dear.len() as f64));
        }
        let (sum, n) = readings(facts, day, dear).flatten().fold((0.0, 0), |(s, n), kw| (s + kw, n + 1));
        (n > 0).then(|| (day, sum / f64::from(n)))
    };
    let of = |kinds: fn(DayKind) -> bool| {
        let labels = facts.labels.kinds.iter().zip(&facts.labels.seasons).take(facts.load().days().len()).enumerate();
        let days = labels.filter(move |(_, (kind, of))| kinds(**kind) && **of == season).map(|(day, _)| day);
        days.filter(|day| facts.load().days().shift(*day).is_none()).filter_map(mean).collect::<Vec<_>>()
    };
    let work = of(|kind| kind == DayKind::Workday);
    let stuck = stuck(facts);
    let told = |(day, _): &(usize, f64)| !stopped(facts, *day) && !dead(facts, *day, dear, &stuck);
    let shown: Vec<(usize, f64)> = work.iter().copied().filter(told).collect();
    let middle = |days: &[(usize, f64)]| percentile(&mut days.iter().map(|d| d.1).collect::<Vec<_>>(), USUAL);
    let t = facts.thresholds;
    let usual = middle(&shown).unwrap_or_default();
    let night = middle(&shown.iter().map(|(day, _)| (*day, facts.load().day_min(*day))).collect::<Vec<_>>());
    let rest = middle(&of(|kind| kind != DayKind::Workday));
    let still = [Some(0.0), rest, night].into_iter().flatten().filter(|kw| *kw <= t.response_rest_most * usual);
    let least = still.map(|kw| kw + t.response_rest_share * (usual - kw)).fold(f64::NEG_INFINITY, f64::max);
    let days: Vec<usize> = shown.into_iter().filter(|d| d.1 > least).map(|d| d.0).collect();
    let left_out = work.len() - days.len();
    (days, left_out)
}

/// Whether an event stopped the plant; a curtailment is what is asked for.
fn stopped(facts: &Facts<'_>, day: usize) -> bool {
    let date = facts.load().date(day);
    let stops = |kind| matches!(kind, EventKind::Outage | EventKind::Maintenance | EventKind::Shutdown);
    facts.customer.events.iter().any(|e| stops(e.kind) && e.dates.contains(&date))
}

/// First and last interval of the stretches that stood still, as a check says. A row that sums several runs up tells
/// no place.
fn stuck(facts: &Facts<'_>) -> Vec<(usize, usize)> {
    let placed =
        |i: &&Issue| i.code == STUCK_CHECK && i.first.zip(i.last).is_some_and(|(a, b)| b - a + 1 == i.n_intervals);
    facts.issues.iter().filter(placed).filter_map(|i| i.first.zip(i.last)).collect()
}

/// Whether half of some slots of a day read zero, or stood still.
fn dead(facts: &Facts<'_>, day: usize, slots: &[usize], stuck: &[(usize, usize)]) -> bool {
    if stuck.is_empty() && facts.load().day_min(day) > 0.0 {
        return false;
    }
    let first = facts.load().days().range(day).start;
    let still = |slot: usize| stuck.iter().any(|(a, b)| (*a..=*b).contains(&(first + slot)));
    let read = readings(facts, day, slots).zip(slots);
    2 * read.filter(|(kw, slot)| *kw == Some(0.0) || still(**slot)).count() >= slots.len()
}

/// The valid readings of some slots of a day without a clock change.
fn readings(facts: &Facts<'_>, day: usize, slots: &[usize]) -> impl Iterator<Item = Option<f64>> {
    let (load, complete) = (facts.load(), facts.load().day_complete(day));
    let (kw, flags) = (load.day_kw(day), load.day_flags(day));
    let valid = move |slot: &usize| complete || flags.get(*slot).is_some_and(|f| f & VALID != 0);
    slots.iter().map(move |slot| kw.get(*slot).copied().filter(|_| valid(slot)))
}

/// A valid reading of a day without a clock change.
fn reading(facts: &Facts<'_>, day: usize, slot: usize) -> Option<f64> {
    let index = facts.load().days().range(day).start + slot;
    facts.load().kw().get(index).copied().filter(|_| facts.load().is_valid(index))
}

/// By how much the load lay below the median of the same slots in the curtailments that the customer has had, mean
/// over their intervals in the hours and on the working days of the season that the potential is of; `None` where
/// none has such clock times within the readings.
fn curtailed_kw(facts: &Facts<'_>, asked: &Potential) -> Option<f64> {
    let (load, seconds) = (facts.load(), facts.load().interval().seconds());
    let usual = |slot: usize| asked.dear.iter().find(|d| d.0 == slot).map(|d| d.1);
    let clocks = facts.customer.events.iter().filter(|e| e.kind == EventKind::Curtailment);
    let (mut sum, mut n) = (0.0, 0usize);
    for at in clocks.filter_map(|e| e.clock.clone()).flat_map(|clock| clock.step_by(seconds as usize)) {
        let slot = at.rem_euclid(DAY_SECONDS).div_euclid(seconds) as usize;
        let day = load.days().day_of(Date(at.div_euclid(DAY_SECONDS) as i32));
        let Some(day) = day.filter(|d| usual(slot).is_some() && wanted(facts, *d, asked.season)) else { continue };
        let range = load.days().range(day);
        let Some(index) = range.clone().find(|i| load.days().slot(day, i - range.start) == slot) else { continue };
        if let Some((kw, usual)) = load.kw().get(index).filter(|_| load.is_valid(index)).zip(usual(slot)) {
            (sum, n) = (sum + usual - kw, n + 1);
        }
    }
    (n > 0).then(|| sum / n as f64)
}

/// Whether a day is a working day of a season.
fn wanted(facts: &Facts<'_>, day: usize, season: Season) -> bool {
    facts.labels.kinds.get(day) == Some(&DayKind::Workday) && facts.labels.seasons.get(day) == Some(&season)
}

/// Slots as clock times.
fn window(facts: &Facts<'_>, slots: &[usize]) -> String {
    let clock = |s| facts.load().interval().clock(s);
    runs(slots).into_iter().map(|r| format!("{}–{}", clock(r.start), clock(r.end))).collect::<Vec<_>>().join(", ")
}

/// Ascending slots as runs.
fn runs(slots: &[usize]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for slot in slots {
        match runs.last_mut().filter(|r| r.end == *slot) {
            Some(run) => run.end = slot + 1,
            None => runs.push(*slot..slot + 1),
        }
    }
    runs
}
