//! R01: load that could run in cheaper hours of the same day. With a list of equipment a work schedule,
//! without one a technical potential.

use super::{Asks, Audience, Evidence, Facts, Model, Need, Proposal, Rule, Stage, Thresholds, Tier, Verdict};
use crate::customer::Equipment;
use crate::text::{said, say};
use crate::time::DayKind;
use crate::whatif::{
    Backtest, Change, Envelope, EnvelopeLimits, Granularity, Operate, OperateTerms, Shift, ShiftTerms, Signs,
    WorkSchedule, backtest, clocks, months, work_backtest, work_schedule,
};
use std::sync::Arc;

/// Load that could run in the valley.
#[derive(Debug)]
pub struct ValleyPotential;

impl Rule for ValleyPotential {
    fn code(&self) -> &'static str {
        "R01"
    }

    fn card(&self) -> &'static str {
        include_str!("valley_potential.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::MarketStatus, Need::BilledCycle]
    }

    fn asks(&self) -> Option<Asks> {
        Some(Asks::Move)
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let bands = facts.tariff().map_or(&[][..], |t| t.bands());
        let prices = bands.iter().map(|b| b.price);
        let (low, high) = prices.fold((f64::INFINITY, 0.0_f64), |(l, h), p| (l.min(p), h.max(p)));
        if low >= high {
            return Verdict::Nothing(said("rule.one_price").into());
        }
        let mut evidence = facts.evidence();
        evidence.figure("price_lowest", low, "per kWh");
        evidence.figure("price_highest", high, "per kWh");
        if let Some(ratio) = price_to_flat(facts) {
            evidence.figure("average_price_to_flat", ratio, "");
        }
        if facts.customer.equipment.is_empty() {
            return potential(facts, evidence);
        }
        match scheduled(facts) {
            Some(operate) if !operate.work().plans.is_empty() => with_equipment(facts, operate, evidence),
            Some(operate) if none_seen(&operate, &facts.customer.equipment) => not_seen(operate.work()),
            Some(operate) if !operate.work().lapsed.is_empty() => Verdict::Nothing(lapsed(operate.work())),
            Some(operate) if operate.is_unfit() => Verdict::Nothing(said("rule.unfit").into()),
            _ => Verdict::Nothing(said("rule.listed").into()),
        }
    }
}

/// What a work schedule must keep.
fn terms(facts: &Facts<'_>) -> OperateTerms {
    let t = facts.thresholds;
    OperateTerms {
        limit_kw: transformer_limit(facts),
        least_days: t.shift_least_days,
        signs: signs(t),
        same_share: t.schedule_same_share,
        most_nodes: t.schedule_most_nodes,
    }
}

/// How the load shows that a machine runs.
const fn signs(t: &Thresholds) -> Signs {
    Signs {
        least_match: t.schedule_least_match,
        sure_match: t.schedule_sure_match,
        most_power: t.schedule_most_power,
        listed_share: t.schedule_listed_share,
        break_hours: t.schedule_break_hours,
        break_match: t.schedule_break_match,
        lasting_share: t.schedule_lasting_share,
        chance_factor: t.schedule_chance_factor,
        off_share: t.schedule_off_share,
        day_share: t.schedule_day_share,
        power_days: t.schedule_power_days,
        others_share: t.schedule_others_share,
        lapse_days: t.schedule_lapse_days,
        lapse_factor: t.schedule_lapse_factor,
        pause_days: t.schedule_pause_days,
    }
}

/// The work schedule of the machines that the customer has listed.
fn scheduled(facts: &Facts<'_>) -> Option<Operate> {
    let usable = |day: usize| !facts.disturbed(day);
    work_schedule(facts.state, facts.labels, (&facts.customer.equipment, &usable), terms(facts))
}

/// Whether the load shows no machine of the list.
fn none_seen(operate: &Operate, equipment: &[Equipment]) -> bool {
    let work = operate.work();
    work.unseen.len() + work.stated_unseen.len() == equipment.len()
}

/// Asks for the starts that are not stated; without one the list contradicts the load.
fn not_seen(work: &WorkSchedule) -> Verdict {
    if work.unseen.is_empty() {
        let names = work.stated_unseen.join(", ");
        return Verdict::Nothing(say("rule.stated_unseen", &[("names", &names)]));
    }
    Verdict::Missing(vec!["usual_start".into()])
}

/// Names the machines that no longer run as they did.
fn lapsed(work: &WorkSchedule) -> String {
    let names: Vec<String> = work.lapsed.iter().map(|l| l.told(DayKind::plural)).collect();
    say("rule.lapsed", &[("names", &names.join(", "))])
}

fn with_equipment(facts: &Facts<'_>, operate: Operate, mut evidence: Evidence) -> Verdict {
    let work = operate.work();
    evidence.figure("machines_moved", moved(&operate) as f64, "");
    gap(facts, &mut evidence, work.gap);
    let found = if work.exact { said("rule.exact") } else { said("rule.relaxed") };
    evidence.note("solved", found);
    let moves = work.plans.iter().flat_map(|p| p.moves.iter().map(move |m| (p, m)));
    for (i, (plan, m)) in moves.enumerate() {
        let text = say(
            "rule.machine",
            &[
                ("name", &m.equipment),
                ("kw", &format_args!("{:.0}", m.kw.get())),
                ("times", &clocks(&m.to)),
                ("instead", &clocks(&m.from)),
                ("n", &m.n_days),
                ("day", &plan.day_kind.plural()),
                ("during", &months(&plan.months)),
                ("saving", &m.saving),
            ],
        );
        evidence.note(&format!("move_{:02}", i + 1), text);
    }
    if !work.unseen.is_empty() {
        evidence.note("unseen", say("rule.unseen", &[("names", &work.unseen.join(", "))]));
    }
    if !work.stated_unseen.is_empty() {
        evidence.note("stated_unseen", say("rule.stated_unseen", &[("names", &work.stated_unseen.join(", "))]));
    }
    if !work.lapsed.is_empty() {
        evidence.note("lapsed", lapsed(work));
    }
    if operate.is_unfit() {
        evidence.note("unfit", said("rule.unfit"));
    }
    evidence.note("kind", said("rule.kind_listed"));
    evidence.note("not_deducted", said("rule.labour"));
    let usable = |day: usize| !facts.disturbed(day);
    let list = (facts.customer.equipment.as_slice(), &usable as &dyn Fn(usize) -> bool);
    let test = work_backtest(facts.state, facts.labels, list, terms(facts), facts.thresholds.shift_backtest_months);
    let least = facts.thresholds.shift_backtest_promised;
    match kept(facts, test, &mut evidence) {
        Err(silent) => silent,
        Ok(tested) => {
            let promised = tested.kept.map_or(tested.too_short, |share| share >= least);
            proposal(Arc::new(operate), promised, &tested, evidence)
        }
    }
}

fn moved(operate: &Operate) -> usize {
    let names = operate.work().plans.iter().flat_map(|p| &p.moves).map(|m| &m.equipment);
    names.collect::<std::collections::BTreeSet<_>>().len()
}

/// What the load has shown that it can do, without a list of equipment.
fn potential(facts: &Facts<'_>, mut evidence: Evidence) -> Verdict {
    let t = facts.thresholds;
    let limits = EnvelopeLimits {
        flexible_cap: t.shift_flexible_cap,
        flexible_least: t.shift_slot_least,
        min_days: t.shift_least_days,
        working_share: t.shift_working_share,
        flat_share: t.shift_flat_share,
    };
    let envelope = Envelope::learn(facts.load(), facts.labels, facts.typical, limits);
    let flexible = envelope.flexible_share();
    if flexible < t.shift_least_flexible {
        return Verdict::Nothing(say("rule.moved_share", &[("share", &format_args!("{:.1}", 100.0 * flexible))]));
    }
    if facts.generates() {
        return Verdict::Nothing(said("rule.clouds").into());
    }
    let terms = ShiftTerms {
        granularity: Granularity { block_minutes: t.shift_block_minutes, step_kw: t.shift_step_kw },
        limit_kw: transformer_limit(facts),
        trouble_share: t.shift_trouble_share,
        ramp_kw: t.shift_ramp_kw,
        weekly: t.shift_weekly,
    };
    let change = Shift::new(Arc::new(envelope), Arc::new(facts.labels.clone()), terms);
    let shifted = change.solve(facts.state);
    evidence.figure("flexible_share", flexible, "");
    gap(facts, &mut evidence, shifted.gap());
    evidence.constant("flexible_cap", t.shift_flexible_cap, "");
    evidence.constant("least_flexible", t.shift_least_flexible, "");
    evidence.constant("least_flexible_slot", t.shift_slot_least, "");
    evidence.constant("block", f64::from(t.shift_block_minutes), "min");
    evidence.constant("step", t.shift_step_kw, "kW");
    evidence.note("kind", said("rule.kind_potential"));
    evidence.note("not_deducted", said("rule.labour"));
    let test = backtest(facts.state, facts.labels, (limits, terms), t.shift_backtest_months);
    match kept(facts, test, &mut evidence) {
        Err(silent) => silent,
        Ok(tested) => proposal(Arc::new(change), false, &tested, evidence),
    }
}

/// What a test on unseen months says.
struct Tested {
    /// The model's part of the confidence.
    model: Model,
    /// Share of the claim that was kept; `None` where nothing was tested.
    kept: Option<f64>,
    /// There are too few months for a test.
    too_short: bool,
}

/// Notes the test on unseen months: the share of the claim that was kept; silence where too little was.
fn kept(facts: &Facts<'_>, test: Option<Backtest>, evidence: &mut Evidence) -> Result<Tested, Verdict> {
    let too_short = test.is_none();
    let Some((test, share)) = test.and_then(|b| Some((b, b.share()?))) else {
        let why = if too_short { said("model.untested") } else { said("model.one_half") };
        return Ok(Tested { model: Model::untested(why), kept: None, too_short });
    };
    evidence.figure("backtest_claimed", test.claimed.to_f64(), "currency");
    evidence.figure("backtest_realised", test.realised.to_f64(), "currency");
    evidence.figure("backtest_share", share, "");
    if share < facts.thresholds.shift_backtest_least {
        // Rounded down, so that it does not read as the limit itself.
        let kept = (1000.0 * share.max(0.0)).floor() / 10.0;
        let least = 100.0 * facts.thresholds.shift_backtest_least;
        return Err(Verdict::Nothing(say("rule.backtest_kept", &[("kept", &kept), ("least", &least)])));
    }
    let ((a, b), (c, d)) = (test.fit, test.unseen);
    evidence.note("backtest", say("rule.backtest", &[("a", &a), ("b", &b), ("c", &c), ("d", &d)]));
    Ok(Tested { model: Model::measured(share, said("model.unseen")), kept: Some(share.clamp(0.0, 1.0)), too_short })
}

/// How far from the best the schedule can be.
fn gap(facts: &Facts<'_>, evidence: &mut Evidence, gap: f64) {
    let bill = facts.bill().map_or(0.0, |b| b.observed().to_f64());
    evidence.figure("gap_to_bound", gap, "currency");
    if bill > 0.0 {
        evidence.figure("gap_share_of_bill", gap / bill, "");
    }
}

fn proposal(change: Arc<dyn Change>, headline: bool, tested: &Tested, evidence: Evidence) -> Verdict {
    Verdict::Advise(Box::new(Proposal {
        change,
        stage: Stage::Move,
        tier: Tier::Operate,
        audience: Audience::Customer,
        headline,
        group: None,
        model: tested.model,
        kept: tested.kept,
        evidence,
    }))
}

/// The customer's average energy price over the flat period's; `None` without a flat band.
fn price_to_flat(facts: &Facts<'_>) -> Option<f64> {
    let (tariff, usages) = (facts.tariff()?, facts.state.usages()?);
    let flat = tariff.bands().iter().find(|b| b.period == crate::tariff::Period::Flat)?.price;
    let (mut cost, mut energy) = (0.0, 0.0);
    for (cycle, _) in facts.billed() {
        for usage in usages.iter().filter_map(|(_, u)| u.cycles.get(cycle)) {
            for (k, band) in tariff.bands().iter().enumerate() {
                let kwh = usage.billed_kwh(k).get();
                cost += kwh * band.price;
                energy += kwh;
            }
        }
    }
    (energy > 0.0 && flat > 0.0).then(|| cost / energy / flat)
}

/// What the transformers may carry, in kW: 0.9 · S · cos φ.
fn transformer_limit(facts: &Facts<'_>) -> Option<f64> {
    let t = facts.thresholds;
    let capacity = facts.state.contract().capacity?;
    let load = facts.load();
    let all = 0..load.kw().len();
    let measured = load.kvarh(all.clone()).filter(|q| *q > 0.0).map(|q| {
        let p = load.import_kwh(all);
        p / p.hypot(q)
    });
    Some(t.shift_transformer_share * capacity.get() * measured.unwrap_or(t.shift_power_factor))
}
