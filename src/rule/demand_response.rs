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
            model: match curtailed_kw(facts) {
                Some(kw) => Model::measured(kw / best.kw, said("model.curtailed")),
                None => Model::judged(t.response_model, said("model.asked")),
            },
            evidence,
        }))
    }
}

/// A season's workdays in the hours of the highest price.
struct Potential {
    season: Season,
    window: String,
    usual: f64,
    low: f64,
    kw: f64,
    n_days: usize,
}

impl Potential {
    fn of(facts: &Facts<'_>, season: Season) -> Option<Self> {
        let (tariff, load) = (facts.tariff()?, facts.load());
        let wanted = |d: &usize| {
            facts.labels.kinds.get(*d) == Some(&DayKind::Workday) && facts.labels.seasons.get(*d) == Some(&season)
        };
        let date: Date = load.date((0..load.days().len()).rev().find(wanted)?);
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
        Some(Self { season, window: window(facts, &dear), usual, low, kw: usual - low, n_days })
    }
}

/// By how much the load lay below the median of the same slots in the curtailments that the customer has had, mean
/// over their intervals; `None` where none has clock times within the readings.
fn curtailed_kw(facts: &Facts<'_>) -> Option<f64> {
    let (load, slots) = (facts.load(), facts.load().interval().slots());
    let seconds = load.interval().seconds();
    let usual = |kind: DayKind, season: Season, slot: usize| {
        facts.typical.iter().find(|r| (r.day_kind, r.season, r.slot) == (kind, season, slot)).map(|r| r.p50_kw)
    };
    let (mut sum, mut n) = (0.0, 0usize);
    for clock in
        facts.customer.events.iter().filter(|e| e.kind == EventKind::Curtailment).filter_map(|e| e.clock.clone())
    {
        for at in clock.step_by(seconds as usize) {
            let date = Date(at.div_euclid(DAY_SECONDS) as i32);
            let Some(day) = load.days().day_of(date) else { continue };
            let slot = (at.rem_euclid(DAY_SECONDS) / seconds) as usize % slots;
            let labels = facts.labels.kinds.get(day).zip(facts.labels.seasons.get(day));
            let Some(usual) = labels.and_then(|(kind, season)| usual(*kind, *season, slot)) else { continue };
            let range = load.days().range(day);
            let Some(index) = range.clone().find(|i| load.days().slot(day, i - range.start) == slot) else { continue };
            if let Some(kw) = load.kw().get(index).filter(|_| load.is_valid(index)) {
                (sum, n) = (sum + usual - kw, n + 1);
            }
        }
    }
    (n > 0).then(|| sum / n as f64)
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
