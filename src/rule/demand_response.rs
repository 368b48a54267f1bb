//! R15: load that could be lowered when the grid asks.

use super::{Asks, Facts, Finding, Model, Need, Rule, Tier, Verdict};
use crate::curve::TypicalDay;
use crate::customer::EventKind;
use crate::text::{said, say};
use crate::time::{DAY_SECONDS, Date, DayKind, Season};
use crate::units::Kw;

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
        evidence.constant("least", t.response_least_kw, "kW");
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
    /// Slots of the highest price.
    dear: Vec<usize>,
    window: String,
    usual: f64,
    low: f64,
    kw: f64,
    n_days: usize,
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
        let rows: Vec<&TypicalDay> = facts
            .typical
            .iter()
            .filter(|r| r.day_kind == DayKind::Workday && r.season == season && dear.contains(&r.slot))
            .collect();
        let n_days = rows.iter().map(|r| r.n_days).min()?;
        if n_days < facts.thresholds.response_least_days {
            return None;
        }
        let mean = |f: fn(&TypicalDay) -> f64| rows.iter().map(|r| f(r)).sum::<f64>() / rows.len() as f64;
        let (usual, low) = (mean(|r| r.p50_kw), mean(|r| r.p10_kw));
        Some(Self { season, window: window(facts, &dear), dear, usual, low, kw: usual - low, n_days })
    }
}

/// By how much the load lay below the median of the same slots in the curtailments that the customer has had, mean
/// over their intervals in the hours and on the working days of the season that the potential is of; `None` where
/// none has such clock times within the readings.
fn curtailed_kw(facts: &Facts<'_>, asked: &Potential) -> Option<f64> {
    let (load, seconds) = (facts.load(), facts.load().interval().seconds());
    let usual = |slot: usize| {
        let here = |r: &&TypicalDay| (r.day_kind, r.season, r.slot) == (DayKind::Workday, asked.season, slot);
        facts.typical.iter().find(here).map(|r| r.p50_kw)
    };
    let clocks = facts.customer.events.iter().filter(|e| e.kind == EventKind::Curtailment);
    let (mut sum, mut n) = (0.0, 0usize);
    for at in clocks.filter_map(|e| e.clock.clone()).flat_map(|clock| clock.step_by(seconds as usize)) {
        let slot = at.rem_euclid(DAY_SECONDS).div_euclid(seconds) as usize;
        let day = load.days().day_of(Date(at.div_euclid(DAY_SECONDS) as i32));
        let Some(day) = day.filter(|d| asked.dear.contains(&slot) && wanted(facts, *d, asked.season)) else { continue };
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
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for s in slots {
        match runs.last_mut().filter(|r| r.1 == *s) {
            Some(run) => run.1 = s + 1,
            None => runs.push((*s, s + 1)),
        }
    }
    runs.into_iter().map(|(a, b)| format!("{}–{}", clock(a), clock(b))).collect::<Vec<_>>().join(", ")
}
