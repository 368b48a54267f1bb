//! R07: rest days and holidays on which much runs though nothing is made.

use super::stops::Stops;
use super::workday::{Workday, day_mean, usable_days};
use super::{Asks, Audience, Facts, Finding, Model, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::curve::percentile::percentile;
use crate::text::{said, say};
use crate::time::DayKind;
use crate::units::Kw;
use crate::whatif::Reduce;
use std::sync::Arc;

/// Rest days without production.
#[derive(Debug)]
pub struct IdleRestDays;

impl Rule for IdleRestDays {
    fn code(&self) -> &'static str {
        "R07"
    }

    fn card(&self) -> &'static str {
        include_str!("idle_rest_days.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::MarketStatus, Need::BilledCycle]
    }

    fn asks(&self) -> Option<Asks> {
        Some(Asks::Stop)
    }

    fn drawn_by_season(&self) -> bool {
        true
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        match Still::find(facts) {
            Ok(still) if still.shown(facts) && facts.calendar_known => Verdict::Advise(Box::new(still.proposal(facts))),
            Ok(still) => Verdict::Inform(Box::new(still.question(facts))),
            Err(why) => Verdict::Nothing(why),
        }
    }
}

/// Rest days on which the load lies still, but high.
struct Still {
    work_mean: f64,
    /// Day and its mean in kW.
    high_days: Vec<(usize, f64)>,
    /// Percentile of the means of all still days.
    reference: f64,
    /// Still days between the high ones, below the share that counts as running.
    stops: Stops,
}

impl Still {
    fn find(facts: &Facts<'_>) -> Result<Self, String> {
        let (t, load) = (facts.thresholds, facts.load());
        let work = Workday::of(facts).ok_or_else(|| said("rule.no_workday"))?;
        if work.high <= 0.0 || (work.high - work.low) / work.high < t.rest_least_range {
            return Err(said("rule.shifts").into());
        }
        let work_mean = work.profile.iter().sum::<f64>() / work.profile.len().max(1) as f64;
        let still = |d: &usize| {
            let mut sorted = load.day_kw(*d).to_vec();
            sorted.sort_by(f64::total_cmp);
            let at = |sorted: &mut [f64], share| percentile(sorted, share).unwrap_or(0.0);
            at(&mut sorted, t.rest_spread_high) - at(&mut sorted, t.rest_spread_low)
                <= t.rest_still_share * (work.high - work.low)
        };
        let days = usable_days(facts, |k| k != DayKind::Workday);
        let means: Vec<(usize, f64)> = days
            .into_iter()
            .filter(still)
            .map(|d| (d, day_mean(load, d)))
            .filter(|d| d.1 <= t.rest_most_share * work_mean)
            .collect();
        let (high_days, low): (Vec<_>, Vec<_>) =
            means.iter().copied().partition(|d| d.1 > t.rest_least_share * work_mean);
        if high_days.len() < t.rest_least_days {
            return Err(say("rule.rest_days", &[("n", &high_days.len())]));
        }
        let mut kw: Vec<f64> = means.iter().map(|d| d.1).collect();
        let reference = percentile(&mut kw, t.rest_reference).map_or(0.0, |low| low.max(0.0));
        let high: Vec<usize> = high_days.iter().map(|d| d.0).collect();
        let stops = Stops::among(facts, &low, &high);
        Ok(Self { work_mean, high_days, reference, stops })
    }

    /// The customer's own rest days have shown a shutdown that is worth having.
    fn shown(&self, facts: &Facts<'_>) -> bool {
        let t = facts.thresholds;
        let cuts: Vec<f64> = self.high_days.iter().map(|d| self.cut(facts, d)).filter(|cut| *cut > 0.0).collect();
        let cut = cuts.iter().sum::<f64>() / cuts.len().max(1) as f64;
        self.stops.len() >= t.rest_least_shown && cut >= (t.base_least_cut * self.work_mean).max(facts.noise_kw())
    }

    /// What its season has shown of a day's load, in kW.
    fn cut(&self, facts: &Facts<'_>, day: &(usize, f64)) -> f64 {
        self.stops.cut(facts, *day, self.reference)
    }

    fn evidence(&self, facts: &Facts<'_>) -> super::Evidence {
        let t = facts.thresholds;
        let mut evidence = facts.evidence();
        evidence.figure("working_mean", self.work_mean, "kW");
        evidence.figure("still_days", self.high_days.len() as f64, "");
        let level = self.high_days.iter().map(|d| d.1).sum::<f64>() / self.high_days.len().max(1) as f64;
        evidence.figure("still_day_level", level, "kW");
        evidence.figure("shutdown_days", self.stops.len() as f64, "");
        evidence.constant("least_rest_ratio", t.rest_least_share, "");
        evidence.constant("least_days", t.rest_least_days as f64, "");
        evidence
    }

    /// Nobody knows whether work went on: no calendar, or no day that shows less.
    fn question(&self, facts: &Facts<'_>) -> Finding {
        let mut evidence = self.evidence(facts);
        let ask = if facts.calendar_known { said("rule.ask_run") } else { said("rule.ask_still") };
        evidence.note("ask", ask);
        let (high, stops) = (self.high_days.len(), self.stops.len());
        let model = Model::of_cases(stops, high + stops, said("model.rest_days"));
        Finding { tier: Tier::Operate, priority: 3, kw: None, model, evidence }
    }

    fn proposal(&self, facts: &Facts<'_>) -> Proposal {
        let load = facts.load();
        let mut evidence = self.evidence(facts);
        evidence.figure("reference", self.reference, "kW");
        evidence.constant("reference_percentile", facts.thresholds.rest_reference, "");
        let cut = |day: &(usize, f64)| (load.days().range(day.0), Kw::new(self.cut(facts, day)));
        let hours = |day: &(usize, f64)| (*day, load.day_kw(day.0).len() as f64);
        let days: Vec<_> = self.high_days.iter().map(hours).collect();
        Proposal {
            change: Arc::new(Reduce {
                windows: self.high_days.iter().map(cut).filter(|w| w.1 > Kw::ZERO).collect(),
                reference: Kw::new(self.reference),
            }),
            stage: Stage::Reduce,
            tier: Tier::Operate,
            audience: Audience::Customer,
            headline: true,
            group: None,
            kept: None,
            model: self.stops.model(facts, &days, self.reference),
            evidence,
        }
    }
}
