//! R15: load that could be lowered when the grid asks.

use super::{Asks, Facts, Finding, Model, Need, Rule, Tier, Verdict};
use crate::curve::percentile::percentile;
use crate::curve::{VALID, sum};
use crate::customer::EventKind;
use crate::quality::Issue;
use crate::text::{said, say};
use crate::time::{DAY_SECONDS, Date, DayKind, Season};
use crate::units::Kw;
use std::ops::Range;

/// Percentile that is usual.
const USUAL: f64 = 0.5;
/// Days at most on either side that a baseline is made of.
pub(super) const MOST_NEAR: usize = 15;
/// Days of a week.
const WEEK: usize = 7;
/// Weeks after which the same comes again where weeks or shifts take turns. Judgement: two or three.
const IN_TURN: [usize; 3] = [1, 2, 3];
/// Days of a year.
const YEAR_DAYS: usize = 365;
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
        evidence.figure("days", best.days.len() as f64, "");
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
            model: match curtailed(facts, &found) {
                Some(share) => Model::measured(share, said("model.curtailed")),
                None => Model::untested(said("model.asked")),
            },
            evidence,
        }))
    }
}

/// A season's working days of the latest year in the hours of the highest price.
struct Potential {
    season: Season,
    /// Slots of the highest price.
    dear: Vec<usize>,
    /// The season's days with work.
    days: Vec<usize>,
    window: String,
    /// Mean baseline and mean power of the low days.
    usual: f64,
    low: f64,
    kw: f64,
    /// Working days of the season that do not count.
    left_out: usize,
}

impl Potential {
    fn of(facts: &Facts<'_>, season: Season) -> Option<Self> {
        let (latest, t) = (latest_year(facts), facts.thresholds);
        let of_season = |day: &usize| latest.contains(day) && wanted(facts, *day, season);
        let dear = dear_slots(facts, latest.clone().rev().find(of_season)?)?;
        let work = working_days(facts, season, &dear);
        let all = latest.clone().filter(|day| of_season(day) && facts.load().days().shift(*day).is_none()).count();
        let days: Vec<usize> = work.iter().map(|d| d.0).filter(of_season).collect();
        if days.len() < t.response_least_days {
            return None;
        }
        let mut of_day = vec![None; facts.load().days().len()];
        for (day, kw) in &work {
            if let Some(of_day) = of_day.get_mut(*day) {
                *of_day = Some(*kw);
            }
        }
        let seen = |(day, kw): &(usize, f64)| Some((baseline(&of_day, *day, t.response_near_days)?, *kw));
        let seen: Vec<(f64, f64)> = work.iter().filter(|d| of_season(&d.0)).filter_map(seen).collect();
        let kw = percentile(
            &mut seen.iter().map(|(usual, low)| usual - low).collect::<Vec<_>>(),
            1.0 - t.response_low_share,
        )?
        .max(0.0);
        let lowest: Vec<&(f64, f64)> = seen.iter().filter(|(usual, low)| usual - low >= kw).collect();
        let mean = |of: fn(&(f64, f64)) -> f64| lowest.iter().map(|d| of(d)).sum::<f64>() / lowest.len().max(1) as f64;
        let (usual, low) = (mean(|d| d.0), mean(|d| d.1));
        let (window, left_out) = (window(facts, &dear), all.saturating_sub(days.len()));
        Some(Self { season, dear, days, window, usual, low, kw, left_out })
    }
}

/// The days of the latest year.
fn latest_year(facts: &Facts<'_>) -> Range<usize> {
    let n = facts.load().days().len();
    n.saturating_sub(YEAR_DAYS)..n
}

/// The slots that lie wholly in the hours of the highest price on a day; `None` where all cost the same.
fn dear_slots(facts: &Facts<'_>, day: usize) -> Option<Vec<usize>> {
    let prices = facts.tariff()?.slot_prices(facts.load().date(day));
    let highest = prices.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let lowest = prices.iter().copied().fold(f64::INFINITY, f64::min);
    (lowest < highest).then(|| (0..prices.len()).filter(|s| prices.get(*s) == Some(&highest)).collect())
}

/// What a day would have taken by the days like it: the least of the medians of the working days next to it and of the
/// same weekday in the weeks next to it, in every week, every second and every third. So neither a change that stays nor
/// weeks without work, nor what is so on every Friday or in weeks that take turns, is a low day. `None` with fewer than
/// half of the days next to it or of the weekdays in every week.
fn baseline(kw: &[Option<f64>], day: usize, most: usize) -> Option<f64> {
    let others = |step: usize| {
        let before = (1..).map_while(|k| day.checked_sub(k * step)).filter_map(|d| *kw.get(d)?);
        let after = (1..).map_while(|k| kw.get(day + k * step)).filter_map(|v| *v);
        let (mut near, mut n) = ([0.0; 2 * MOST_NEAR], 0);
        for (to, from) in near.iter_mut().zip(before.take(most).chain(after.take(most))) {
            (*to, n) = (from, n + 1);
        }
        let near = near.get_mut(..n)?;
        near.sort_unstable_by(f64::total_cmp);
        // The lesser of the middle two: half of the days next to a change that stays lie on either side of it.
        near.get(n.saturating_sub(1) / 2).copied().filter(|_| n >= most)
    };
    let next = others(1)?;
    let [weekly, in_turn @ ..] = IN_TURN.map(|weeks| others(weeks * WEEK));
    Some(in_turn.into_iter().flatten().fold(next.min(weekly?), f64::min))
}

/// The working days that show what the load does at work, with their mean power in some slots, in the order of time:
/// not those on which an event stopped the plant, a channel was dead or stood still, or on which the plant rested as it
/// does on rest days, by night or when nothing runs, by what a season shows of these.
fn working_days(facts: &Facts<'_>, season: Season, dear: &[usize]) -> Vec<(usize, f64)> {
    let runs = runs(dear);
    let mean = |day: usize| Some((day, mean_of(facts, day, dear, &runs)?));
    let of = |kinds: fn(DayKind) -> bool| {
        let labels = facts.labels.kinds.iter().take(facts.load().days().len()).enumerate();
        let days = labels.filter(move |(_, kind)| kinds(**kind)).map(|(day, _)| day);
        days.filter(|day| facts.load().days().shift(*day).is_none()).filter_map(mean).collect::<Vec<_>>()
    };
    let in_season = |day: usize| facts.labels.seasons.get(day) == Some(&season);
    let stuck = stuck(facts);
    let told = |(day, _): &(usize, f64)| !stopped(facts, *day) && !dead(facts, *day, dear, &stuck);
    let shown: Vec<(usize, f64)> = of(|kind| kind == DayKind::Workday).into_iter().filter(told).collect();
    let middle = |days: &mut dyn Iterator<Item = (usize, f64)>| {
        percentile(&mut days.filter(|d| in_season(d.0)).map(|d| d.1).collect::<Vec<_>>(), USUAL)
    };
    let t = facts.thresholds;
    let usual = middle(&mut shown.iter().copied()).unwrap_or_default();
    let night = middle(&mut shown.iter().map(|(day, _)| (*day, facts.load().day_min(*day))));
    let rest = middle(&mut of(|kind| kind != DayKind::Workday).into_iter());
    let still = [Some(0.0), rest, night].into_iter().flatten().filter(|kw| *kw <= t.response_rest_most * usual);
    let least = still.map(|kw| kw + t.response_rest_share * (usual - kw)).fold(f64::NEG_INFINITY, f64::max);
    shown.into_iter().filter(|d| d.1 > least).collect()
}

/// Mean power of a day in some slots, which are these runs; `None` without a valid reading.
fn mean_of(facts: &Facts<'_>, day: usize, slots: &[usize], runs: &[Range<usize>]) -> Option<f64> {
    let load = facts.load();
    if load.day_complete(day) {
        let kw = load.day_kw(day);
        return Some(runs.iter().filter_map(|r| kw.get(r.clone())).map(sum).sum::<f64>() / slots.len() as f64);
    }
    let (sum, n) = readings(facts, day, slots).flatten().fold((0.0, 0), |(s, n), kw| (s + kw, n + 1));
    (n > 0).then(|| sum / f64::from(n))
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

/// By how much the load lay below the median of the same slots in the curtailments that the customer has had, as a
/// share of the potential of their season, mean over their intervals in its hours and on its working days; `None`
/// where none has such clock times within the readings.
fn curtailed(facts: &Facts<'_>, found: &[Potential]) -> Option<f64> {
    let (load, seconds) = (facts.load(), facts.load().interval().seconds());
    let clocks = facts.customer.events.iter().filter(|e| e.kind == EventKind::Curtailment);
    let (mut sum, mut n) = (0.0, 0usize);
    for at in clocks.filter_map(|e| e.clock.clone()).flat_map(|clock| clock.step_by(seconds as usize)) {
        let slot = at.rem_euclid(DAY_SECONDS).div_euclid(seconds) as usize;
        let Some(day) = load.days().day_of(Date(at.div_euclid(DAY_SECONDS) as i32)) else { continue };
        let asked = found.iter().find(|p| p.kw > 0.0 && wanted(facts, day, p.season) && p.dear.contains(&slot));
        let range = load.days().range(day);
        let index = range.clone().find(|i| load.days().slot(day, i - range.start) == slot && load.is_valid(*i));
        let Some((p, index)) = asked.zip(index) else { continue };
        let mut usual: Vec<f64> = p.days.iter().filter_map(|day| reading(facts, *day, slot)).collect();
        if let Some((kw, usual)) = load.kw().get(index).zip(percentile(&mut usual, USUAL)) {
            (sum, n) = (sum + (usual - kw) / p.kw, n + 1);
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
