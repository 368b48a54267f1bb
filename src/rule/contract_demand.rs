//! R10: the contracted demand does not fit the maxima.

use super::ahead::{first_day, last_day, next_cycle};
use super::heavy_transformers::OverRating;
use super::stress::{AppliedFor, Withstood, counted, lacks_quarters, mode_name, saved, withstand};
use super::{Audience, CONTRACT_GROUP, Evidence, Facts, Finding, Model, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::customer::BillingMode;
use crate::tariff::charge::{OverRule, billed_under_contract};
use crate::tariff::{DemandTerms, OverLayer};
use crate::text::{said, say};
use crate::time::{Date, Month};
use crate::whatif::{Ahead, Change, Forecast, Recontract, Size, Sized};
use std::ops::Range;
use std::sync::Arc;

/// Contracted demand, month by month.
#[derive(Debug)]
pub struct ContractDemand;

impl Rule for ContractDemand {
    fn code(&self) -> &'static str {
        "R10"
    }

    fn card(&self) -> &'static str {
        include_str!("contract_demand.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::BillingMode, Need::Capacity, Need::ContractDemand]
    }

    fn tier(&self) -> Tier {
        Tier::Counter
    }

    fn silence(&self, facts: &Facts<'_>) -> Option<String> {
        let demand = facts.tariff().map(|t| t.tariff().demand.as_ref());
        match facts.state.contract().billing_mode {
            Some(BillingMode::Single) => Some(said("rule.no_contract").into()),
            _ if demand.is_some_and(|d| d.is_none_or(|d| d.always)) => Some(said("rule.tariff_contract").into()),
            _ => None,
        }
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let Some(terms) = facts.tariff().and_then(|t| t.tariff().demand.as_ref()) else {
            return Verdict::Nothing(said("rule.tariff_contract").into());
        };
        let Some(rule) = OverRule::of(terms) else { return unstated(facts, terms) };
        let cycles = match counted(facts) {
            Ok(cycles) => cycles,
            Err(why) => return Verdict::Nothing(why),
        };
        let size = size(facts, terms, &rule);
        let Some(sized) = size.of(facts.state) else {
            return Verdict::Nothing(said("rule.three_maxima").into());
        };
        let known = AppliedFor(size.apply(facts.state));
        let factor = 1.0 + facts.thresholds.basis_margin;
        match withstand(facts, (&size, &known), factor, &cycles) {
            Ok(stood) => match better_mode(facts, &stood, &cycles) {
                Some(mode) => Verdict::Nothing(say("rule.cheaper", &[("mode", &mode.words())])),
                None => Verdict::Advise(Box::new(proposal(facts, size, &sized, &stood))),
            },
            Err(_) if lacks_quarters(facts, &size, &cycles) => Verdict::Missing(vec!["year".into()]),
            Err(why) => Verdict::Nothing(why),
        }
    }
}

/// Another mode that saves as much without a contract and can be promised; those who contract now are compared with
/// their present contract alone.
fn better_mode(facts: &Facts<'_>, stood: &Withstood, counted: &[usize]) -> Option<BillingMode> {
    if facts.state.contract().billing_mode == Some(BillingMode::Contract) {
        return None;
    }
    let modes = [BillingMode::Demand, BillingMode::Capacity].into_iter();
    modes.filter(|m| Some(*m) != facts.state.contract().billing_mode).find(|mode| {
        let after = Recontract { billing_mode: *mode, contract_demand: None }.apply(facts.state);
        let promised = || *mode != BillingMode::Capacity || OverRating::of(facts, counted).is_none();
        saved(facts, &after, counted).is_ok_and(|saving| saving >= stood.saving) && promised()
    })
}

/// How contracts are sized; `None` where the tariff has none, or does not state the rule above them.
pub(super) fn sizing(facts: &Facts<'_>) -> Option<Size> {
    let terms = facts.tariff()?.tariff().demand.as_ref().filter(|d| !d.always)?;
    Some(size(facts, terms, &OverRule::of(terms)?))
}

fn size(facts: &Facts<'_>, terms: &DemandTerms, rule: &OverRule<'_>) -> Size {
    let t = facts.thresholds;
    Size {
        layers: rule.layers.into(),
        from_limit: rule.from_limit,
        floor_share: terms.floor_share.unwrap_or(t.contract_floor_share),
        multiples: (t.contract_least_multiple, t.contract_most_multiple),
        step: t.contract_multiple_step,
        least_year_before: t.contract_least_year_before,
        known: facts.cycles().iter().map(|c| closes(facts, c.dates.start)).collect(),
        next: ahead(facts),
    }
}

/// The last day on which a contract from a day on can be applied for; without a calendar the day itself.
fn closes(facts: &Facts<'_>, start: Date) -> Date {
    let lead = facts.thresholds.contract_lead_workdays;
    facts.side.calendar.map_or(start, |calendar| last_day(calendar, start, lead))
}

/// The first cycle after the readings that can still be applied for on the day of the run.
fn applicable(facts: &Facts<'_>) -> Option<Range<Date>> {
    let (end, lead) = (read_to(facts)?, facts.thresholds.contract_lead_workdays);
    let from = facts.side.today.map_or(end, |today| first_day(facts.side.calendar, today, lead).max(end));
    next_cycle(facts, from)
}

/// The day after the last whole cycle read.
fn read_to(facts: &Facts<'_>) -> Option<Date> {
    facts.cycles().iter().rev().find(|c| !c.partial).map(|c| c.dates.end)
}

fn outdated(facts: &Facts<'_>, next: &Range<Date>) -> bool {
    read_to(facts)
        .is_some_and(|end| Month::of(next.start).0 - Month::of(end).0 > facts.thresholds.contract_fresh_months)
}

/// That cycle, and what is known of the readings when it is applied for: so many days into a cycle so many before it.
/// `None` where the readings are too old to size it.
fn ahead(facts: &Facts<'_>) -> Option<Ahead> {
    let (next, days) = (applicable(facts)?, facts.load().days());
    if outdated(facts, &next) {
        return None;
    }
    let known = closes(facts, next.start).min(days.first().plus(days.len() as i32));
    let mut starts: Vec<Date> = facts.cycles().iter().map(|c| c.dates.start).filter(|s| *s < next.start).collect();
    while let Some(after) = next_cycle(facts, starts.last()?.plus(1)).filter(|c| c.start < next.start) {
        starts.push(after.start);
    }
    let within = starts.iter().rposition(|s| *s <= known)?;
    let (before, read) = (starts.len() - within, known.0 - starts.get(within)?.0);
    let first = *starts.first()?;
    let likewise = |i: usize| i.checked_sub(before).and_then(|i| starts.get(i)).map_or(first, |s| s.plus(read));
    let likewise = (0..facts.cycles().len()).map(likewise).collect();
    Some(Ahead { month: Month::of(next.end.plus(-1)), start: next.start, known, likewise })
}

fn proposal(facts: &Facts<'_>, size: Size, sized: &Sized, stood: &Withstood) -> Proposal {
    let mut evidence = facts.evidence();
    stood.state(facts, &mut evidence);
    evidence.figure("contract_next", sized.next.get(), "kW");
    if let Some(now) = facts.state.contract().contract_demand {
        evidence.figure("contract_now", now.get(), "kW");
    }
    state_months(sized, &mut evidence);
    evidence.figure("contract_floor", sized.floor.get(), "kW");
    let over = size.layers.first().map_or(facts.thresholds.contract_over_share, |l| l.above);
    evidence.constant("over_share", over, "");
    let reading = if size.from_limit { said("rule.reading_limit") } else { said("rule.reading_above") };
    evidence.note("over_contract_rule", reading);
    evidence.note("from_mode", mode_name(facts.state.contract().billing_mode));
    evidence.note("to_mode", mode_name(Some(BillingMode::Contract)));
    evidence.figure("forecast_error_next", sized.next_error, "");
    state_dates(facts, &size, &mut evidence);
    Proposal {
        change: Arc::new(size),
        stage: Stage::Contract,
        tier: Tier::Counter,
        audience: Audience::Customer,
        headline: true,
        group: Some(CONTRACT_GROUP),
        kept: None,
        model: foretold(sized).or_less(Model::of_bills(facts)),
        evidence,
    }
}

/// States the forecast that contracts rest on, and each month's contract beside its maximum.
pub(super) fn state_months(sized: &Sized, evidence: &mut Evidence) {
    evidence.figure("forecast_error", sized.error, "");
    evidence.figure("contract_multiple", sized.multiple, "");
    evidence.note("forecast", forecast_name(sized.forecast));
    for month in &sized.months {
        evidence.figure(&format!("contract_{}", month.month), month.contract.get(), "kW");
        evidence.figure(&format!("max_{}", month.month), month.measured.get(), "kW");
    }
}

/// States by when the next contract can be applied for, for which month, and up to when the readings go that size it: for the
/// cycle after the readings, or, when its last working day has passed on the day of the run, for the first cycle for
/// which it has not.
fn state_dates(facts: &Facts<'_>, size: &Size, evidence: &mut Evidence) {
    let (Some(next), Some(end), Some(_)) = (applicable(facts), read_to(facts), facts.side.calendar) else { return };
    evidence.note("apply_by", closes(facts, next.start).to_string());
    evidence.note("contract_from", next.start.to_string());
    evidence.note("sized_to", size.next.as_ref().map_or(end, |n| n.known).plus(-1).to_string());
    state_age(facts, evidence);
}

/// States since when the readings are too old to size the contract of the next cycle that can be applied for.
pub(super) fn state_age(facts: &Facts<'_>, evidence: &mut Evidence) {
    let Some((end, _)) = read_to(facts).zip(applicable(facts).filter(|next| outdated(facts, next))) else { return };
    evidence.note("outdated_since", end.plus(-1).to_string());
    evidence.constant("fresh_months", f64::from(facts.thresholds.contract_fresh_months), "");
}

/// The model's part of the confidence: what the errors of past forecasts leave.
pub(super) fn foretold(sized: &Sized) -> Model {
    Model::measured(1.0 - sized.error, said("model.forecasts"))
}

fn forecast_name(forecast: Forecast) -> &'static str {
    match forecast {
        Forecast::Previous => said("rule.forecast_previous"),
        Forecast::MeanOfThree => said("rule.forecast_mean"),
        Forecast::YearBefore => said("rule.forecast_year"),
    }
}

/// Both readings of the rule, for a customer who contracts under a tariff that does not say which
/// holds: no money, and the less favourable one is the one to reckon with.
fn unstated(facts: &Facts<'_>, terms: &DemandTerms) -> Verdict {
    let contract = facts.state.contract();
    let Some(now) = contract.contract_demand.filter(|_| contract.billing_mode == Some(BillingMode::Contract)) else {
        return Verdict::Nothing(said("rule.tariff_rule").into());
    };
    // Demand above a multiple of the contract is billed double. Reading A counts the contract as that multiple when it
    // is exceeded, B does not.
    let t = facts.thresholds;
    let double = [OverLayer { above: t.contract_over_share, factor: 2.0 }];
    let readings = [true, false].map(|from_limit| OverRule { layers: &double, from_limit });
    let size = size(facts, terms, &readings[0]);
    let Some(sized) = size.of(facts.state) else {
        return Verdict::Nothing(said("rule.three_maxima").into());
    };
    let (over, under) = (t.contract_over_share * now.get(), t.contract_low_share * now.get());
    let n = |f: &dyn Fn(f64) -> bool| sized.months.iter().filter(|m| f(m.measured.get())).count();
    let (above, below) = (n(&|d| d > over), n(&|d| d < under));
    if above == 0 && 2 * below < sized.months.len() {
        return Verdict::Nothing(said("rule.fit").into());
    }
    let billed = |rule| sized.months.iter().map(|m| billed_under_contract(m.measured, now, rule).get()).sum::<f64>();
    let (a, b) = (billed(&readings[0]), billed(&readings[1]));
    let mut evidence = facts.evidence();
    evidence.figure("contract_now", now.get(), "kW");
    evidence.figure("months_over", above as f64, "");
    evidence.figure("months_under", below as f64, "");
    evidence.figure("billed_less_favourable", a.max(b), "kW");
    evidence.figure("billed_more_favourable", a.min(b), "kW");
    evidence.figure("contract_next", sized.next.get(), "kW");
    evidence.figure("forecast_error", sized.error, "");
    evidence.constant("over_share", t.contract_over_share, "");
    evidence.constant("low_share", t.contract_low_share, "");
    evidence.note("over_contract_rule", said("rule.reading_none"));
    state_dates(facts, &size, &mut evidence);
    let model = foretold(&sized);
    Verdict::Inform(Box::new(Finding { tier: Tier::Counter, priority: 2, kw: None, model, evidence }))
}
