//! R08: cooling that follows the weather.

use super::fit::{ChangePoint, change_point, course};
use super::workday::{day_mean, usable_days};
use super::{Audience, Facts, Model, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::customer::Sector;
use crate::text::{said, say};
use crate::time::DayKind;
use crate::units::Kw;
use crate::whatif::{Trim, Trimmed};
use std::sync::Arc;

/// Temperature sensitivity of cooling.
#[derive(Debug)]
pub struct Cooling;

impl Rule for Cooling {
    fn code(&self) -> &'static str {
        "R08"
    }

    fn card(&self) -> &'static str {
        include_str!("cooling.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::MarketStatus, Need::Sector, Need::Temperature, Need::BilledCycle]
    }

    fn seasonal(&self) -> bool {
        true
    }

    fn silence(&self, facts: &Facts<'_>) -> Option<String> {
        let other = facts.customer.sector.filter(|s| *s != Sector::Commercial)?;
        Some(say("rule.output", &[("sector", &other.plural())]))
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let t = facts.thresholds;
        let balance = (t.cooling_balance_from, t.cooling_balance_to, t.cooling_balance_step);
        let (mut days, mut courses, mut fits) = (Vec::new(), Vec::new(), Vec::new());
        let (mut cooled, mut explained) = (0.0, 0.0);
        for (name, work) in [("workdays", true), ("rest_days", false)] {
            let points = points(facts, work);
            let sample: Vec<(f64, f64)> = points.iter().map(|p| (p.1, p.2)).collect();
            let Some(fit) = change_point(&sample, balance, t.cooling_least_days) else { continue };
            if fit.r2 < t.cooling_least_r2 || fit.t < t.cooling_least_t || fit.slope < facts.noise_kw() {
                continue;
            }
            let hours: Vec<(f64, &[f64])> = points.iter().map(|p| (p.1, facts.load().day_kw(p.0))).collect();
            let Some(hours) = course(&hours, fit.balance) else { continue };
            let warm = || points.iter().filter(|p| p.1 > fit.balance);
            let n = warm().count() as f64;
            (cooled, explained) = (cooled + n, explained + n * fit.r2);
            let degrees = |celsius: f64| (celsius - fit.balance).min(t.cooling_degrees);
            let course = courses.len();
            days.extend(warm().map(|p| Trimmed { day: p.0, mean: Kw::new(fit.slope * degrees(p.1)), course }));
            courses.push(hours);
            fits.push((name, fit));
        }
        if fits.is_empty() {
            return Verdict::Nothing(said("rule.line").into());
        }
        days.sort_by_key(|d| d.day);
        // What the lines explain of the load, each by the days that it cools.
        let model = Model::measured(if cooled > 0.0 { explained / cooled } else { 0.0 }, said("model.variance"));
        let change = Trim { days: days.into(), courses: courses.into(), what: said("change.set_point") };
        Verdict::Advise(Box::new(proposal(facts, &fits, (change, model))))
    }
}

/// Day, its temperature and its mean load, of days that are not heated.
fn points(facts: &Facts<'_>, work: bool) -> Vec<(usize, f64, f64)> {
    let load = facts.load();
    let days = usable_days(facts, |k| (k == DayKind::Workday) == work).into_iter();
    let temperature = |d: usize| facts.side.temperature?.day(load.date(d));
    let known =
        days.filter_map(|d| Some((d, temperature(d)?))).filter(|d| d.1 >= facts.thresholds.cooling_heated_below);
    known.map(|(d, t)| (d, t, day_mean(load, d))).collect()
}

fn proposal(facts: &Facts<'_>, fits: &[(&str, ChangePoint)], (change, model): (Trim, Model)) -> Proposal {
    let t = facts.thresholds;
    let mut evidence = facts.evidence();
    for (name, fit) in fits {
        evidence.figure(&format!("slope_{name}"), fit.slope, "kW/°C");
        evidence.figure(&format!("balance_{name}"), fit.balance, "°C");
        evidence.figure(&format!("base_{name}"), fit.base, "kW");
        evidence.figure(&format!("r2_{name}"), fit.r2, "");
        evidence.figure(&format!("t_{name}"), fit.t, "");
    }
    let steepest = fits.iter().map(|f| f.1.slope).fold(0.0, f64::max);
    evidence.figure("slope", steepest, "kW/°C");
    evidence.figure("cooled_days", change.days.len() as f64, "");
    evidence.constant("degrees", t.cooling_degrees, "°C");
    evidence.constant("least_r2", t.cooling_least_r2, "");
    Proposal {
        change: Arc::new(change),
        stage: Stage::Reduce,
        tier: Tier::Operate,
        audience: Audience::Customer,
        headline: true,
        group: None,
        kept: None,
        model,
        evidence,
    }
}
