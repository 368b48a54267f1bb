//! R05: reactive energy that costs money.

mod bank;
mod month;
mod signs;

use super::{Audience, Evidence, Facts, Model, Need, Proposal, Rule, Stage, Thresholds, Tier, Verdict};
use crate::quality::reactive_suspect;
use crate::text::{said, say};
use crate::time::Month;
use crate::units::{Kvar, Ratio};
use crate::whatif::{Change, Compensate, Ladder};
use bank::Bank;
use month::{MonthOf, months};
use std::sync::Arc;

/// Two decimals, as the tables are read.
const HALF_HUNDREDTH: f64 = 0.005;
const THOUSANDTH: f64 = 0.001;

/// Low power factor.
#[derive(Debug)]
pub struct LowPowerFactor;

impl Rule for LowPowerFactor {
    fn code(&self) -> &'static str {
        "R05"
    }

    fn card(&self) -> &'static str {
        include_str!("low_power_factor.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::PfStandard, Need::Reactive, Need::BilledCycle]
    }

    fn drawn_by_season(&self) -> bool {
        true
    }

    fn drawn_by_need(&self) -> bool {
        true
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        if facts.tariff().is_none_or(|t| t.tariff().power_factor.is_none()) {
            return Verdict::Nothing(said("rule.pf_not_billed").into());
        }
        if reactive_suspect(facts.issues) {
            return Verdict::Nothing(say("rule.suspect", &[("check", &"V07")]));
        }
        let standard = facts.state.contract().pf_standard.map_or(0.0, Ratio::get);
        let targets = &facts.thresholds.pf_targets;
        let Some([_, cap, target]) = targets.iter().find(|t| (t[0] - standard).abs() < HALF_HUNDREDTH) else {
            return Verdict::Nothing(say("rule.pf_no_table", &[("standard", &standard)]));
        };
        let (mut months, left_out) = months(facts);
        if months.is_empty() {
            return Verdict::Nothing(said("rule.pf_no_line").into());
        }
        let count = |below: f64| months.iter().filter(|m| is_below(m.cos_phi(), below)).count();
        let (surcharged, short) = (count(standard), count(*cap));
        if short == 0 {
            return Verdict::Nothing(say("rule.pf_reached", &[("cap", &cap)]));
        }
        let bank = Bank::of(facts);
        let Some(change) = size(facts, &mut months, bank.as_ref(), [*cap, *target]) else {
            return Verdict::Nothing(said("rule.pf_no_lag").into());
        };
        let need = Sizing { standard, cap: *cap, target: *target, surcharged, short, left_out, change };
        let shown = Shown::of(facts, &months, bank);
        Verdict::Advise(Box::new(proposal(facts, &months, &need, &shown)))
    }
}

/// Whether a cos φ lies below another in the two decimals that tables have.
fn is_below(cos_phi: f64, other: f64) -> bool {
    cos_phi < other - HALF_HUNDREDTH
}

/// What was found to be needed.
struct Sizing {
    standard: f64,
    /// cos φ at which the reward ends.
    cap: f64,
    target: f64,
    /// Months below the standard: the bill was raised.
    surcharged: usize,
    /// Months below the end of the reward, those included.
    short: usize,
    /// Billed months without a power-factor line.
    left_out: Vec<Month>,
    change: Compensate,
}

/// The capacitors that are there run as they should first: they are switched off before they lead, where what leads
/// costs money, and run where they were surely off. For what is then left, the smallest bank with which every month
/// reaches the target that a bank can bring there; each number of steps is simulated over all intervals. `None` when
/// nothing is needed or possible.
fn size(facts: &Facts<'_>, months: &mut [MonthOf], bank: Option<&Bank>, [cap, target]: [f64; 2]) -> Option<Compensate> {
    let t = facts.thresholds;
    let tan = tangent(target);
    let no_lead = lead_costs(t, months, [cap, target]);
    let idle = bank.map(|b| Arc::clone(&b.idle)).unwrap_or_default();
    let there = Compensate { step: Kvar::new(t.pf_step_kvar), steps: 0, no_lead, idle };
    let run = there.apply(facts.state);
    for m in months.iter_mut() {
        m.spared = m.gone(&run);
    }
    let hours = |m: &MonthOf| m.range.len() as f64 * facts.load().interval().hours();
    // Qc = (Wq − Wp·tan φ₂) / T, the month's mean need.
    let mean_need = months.iter().map(|m| m.excess(tan) / hours(m).max(1.0)).fold(0.0, f64::max);
    let short = months.iter().any(|m| is_below(m.reached(0), cap));
    let without = months.iter().any(|m| m.spared > 0.0).then(|| there.clone());
    if !short || mean_need <= 0.0 || t.pf_step_kvar <= 0.0 {
        return without;
    }
    let step = (mean_need / f64::from(t.pf_steps.max(1)) / t.pf_step_kvar).ceil().max(1.0) * t.pf_step_kvar;
    let step = Kvar::new(step);
    for m in months.iter_mut() {
        m.ladder = Some(Ladder::measure(run.load(), m.range.clone(), step, t.pf_most_steps));
    }
    let all: Vec<&MonthOf> = months.iter().collect();
    let steps = steps(t, &all, tan).filter(|n| months.iter().any(|m| m.removed(*n) > 0.0));
    steps.map(|steps| Compensate { step, steps, ..there }).or(without)
}

/// Whether what leads is billed and costs money: it is more than cables make of the reactive energy of the months that
/// left some of the reward, or keeps one of them from the target by itself, which no bank mends.
fn lead_costs(t: &Thresholds, months: &[MonthOf], [cap, target]: [f64; 2]) -> bool {
    let short = || months.iter().filter(|m| is_below(m.cos_phi(), cap));
    let sum = |of: fn(&MonthOf) -> f64| short().map(of).sum::<f64>();
    let lead = sum(|m| m.lead);
    let capacitors = lead > 0.0 && lead >= t.pf_least_leading * sum(|m| m.kvarh);
    capacitors || short().any(|m| m.lead > m.kwh * tangent(target))
}

/// The least number of steps with which every month reaches the target that a bank can bring there.
fn steps(t: &Thresholds, months: &[&MonthOf], tan: f64) -> Option<u32> {
    let reachable: Vec<&&MonthOf> = months.iter().filter(|m| m.removed(t.pf_most_steps) >= m.excess(tan)).collect();
    if reachable.is_empty() {
        // Steps beyond which the months gain next to nothing of what the greatest bank takes away.
        let all = |n: u32| months.iter().map(|m| m.removed(n)).sum::<f64>();
        return (1..=t.pf_most_steps).find(|n| all(*n) >= t.pf_enough_share * all(t.pf_most_steps));
    }
    (1..=t.pf_most_steps).find(|n| reachable.iter().all(|m| m.removed(*n) >= m.excess(tan)))
}

/// What a bank sized by all other months takes away in each, of what the proposed one does.
fn unseen(t: &Thresholds, months: &[MonthOf], need: &Sizing) -> Model {
    let tan = tangent(need.target);
    let (mut kept, mut all) = (0.0, 0.0);
    for (i, month) in months.iter().enumerate() {
        let others: Vec<&MonthOf> = months.iter().enumerate().filter(|(k, _)| *k != i).map(|(_, m)| m).collect();
        let most = month.removed(need.change.steps);
        kept += steps(t, &others, tan).map_or(0.0, |n| month.removed(n).min(most));
        all += most;
    }
    if months.len() < 2 || all <= 0.0 {
        return Model::untested(said("model.untested"));
    }
    Model::measured(kept / all, said("model.bank_unseen"))
}

/// Reactive over active energy at a power factor.
fn tangent(cos_phi: f64) -> f64 {
    (1.0 / (cos_phi * cos_phi) - 1.0).sqrt()
}

/// Capacitors that the readings show.
struct Shown {
    /// Share of the reactive energy that leads.
    leading: f64,
    bank: Option<Bank>,
}

impl Shown {
    fn of(facts: &Facts<'_>, months: &[MonthOf], bank: Option<Bank>) -> Self {
        let sum = |f: fn(&MonthOf) -> f64| months.iter().map(f).sum::<f64>();
        let billed = sum(|m| m.lead) / sum(|m| m.kvarh).max(f64::MIN_POSITIVE);
        Self { leading: signs::leading_share(facts, months).max(billed), bank }
    }

    /// The bank that was off where it was needed. A good month may be a month of another load; power that leads is of
    /// capacitors that nothing shows to be off when the load lags.
    fn reserve(&self) -> Option<&Bank> {
        self.bank.as_ref().filter(|b| !b.idle.is_empty())
    }
}

fn proposal(facts: &Facts<'_>, months: &[MonthOf], need: &Sizing, shown: &Shown) -> Proposal {
    let no_lead = need.change.no_lead;
    // What is beyond the reserve must be bought.
    let enough = need.change.steps == 0;
    let mut evidence = facts.evidence();
    tell_months(&mut evidence, months, need);
    tell_measure(&mut evidence, months, need, shown);
    tell_shown(&mut evidence, facts, months, shown);
    let leads = shown.leading >= facts.thresholds.pf_least_leading;
    if leads && !no_lead {
        evidence.note("at_work", said("rule.pf_at_work"));
    }
    let inspect = leads || no_lead || shown.bank.is_some();
    evidence.note("first_action", if inspect { said("rule.inspect") } else { said("rule.quote") });
    evidence.note("condition", said("rule.harmonics"));
    let models = [
        no_lead.then(|| Model::untested(said("model.control"))),
        (!enough).then(|| unseen(facts.thresholds, months, need)),
        shown.reserve().map(|b| Model::measured(b.followed, said("model.bank_followed"))),
    ];
    let model = models.into_iter().flatten().reduce(Model::or_less);
    Proposal {
        change: Arc::new(need.change.clone()),
        stage: Stage::Reactive,
        tier: if enough { Tier::Operate } else { Tier::Invest },
        audience: Audience::Customer,
        // How finely capacitors can be controlled no reading tells.
        headline: enough && !no_lead,
        group: None,
        kept: None,
        model: model.unwrap_or_else(|| Model::untested(said("model.untested"))),
        evidence,
    }
}

/// The months as they are, and which count.
fn tell_months(evidence: &mut Evidence, months: &[MonthOf], need: &Sizing) {
    let sum = |f: fn(&MonthOf) -> f64| months.iter().map(f).sum::<f64>();
    let (kwh, kvarh) = (sum(|m| m.kwh), sum(|m| m.kvarh));
    let cos = || months.iter().map(MonthOf::cos_phi);
    evidence.figure("power_factor", kwh / kwh.hypot(kvarh), "");
    evidence.figure("power_factor_lowest_month", cos().fold(1.0, f64::min), "");
    evidence.figure("power_factor_best_month", cos().fold(0.0, f64::max), "");
    let left_out = need.left_out.len();
    let counts = [
        ("months_surcharged", need.surcharged),
        ("months_reward_left", need.short - need.surcharged),
        ("months_pf_not_billed", left_out),
    ];
    for (name, n) in counts.into_iter().filter(|c| c.1 > 0) {
        evidence.figure(name, n as f64, "");
    }
    let list: Vec<String> = need.left_out.iter().map(Month::to_string).collect();
    match left_out {
        0 => evidence.note("pf_span", said("rule.pf_whole")),
        _ => evidence.note("pf_span", say("rule.pf_without", &[("months", &list.join(", "))])),
    }
    evidence.constant("pf_standard", need.standard, "");
    evidence.constant("reward_ends", need.cap, "");
    evidence.constant("target", need.target, "");
}

/// The whole measure and what it reaches.
fn tell_measure(evidence: &mut Evidence, months: &[MonthOf], need: &Sizing, shown: &Shown) {
    let Compensate { step, steps, no_lead, .. } = &need.change;
    let bought = step.get() * f64::from(*steps);
    let idle = shown.reserve().map(|b| b.kvar);
    if bought > 0.0 {
        evidence.figure("kvar_to_buy", bought, "kvar");
        evidence.figure("step", step.get(), "kvar");
        evidence.figure("steps", f64::from(*steps), "");
    }
    if bought > 0.0 || idle.is_some() {
        evidence.figure("kvar_needed", bought + idle.unwrap_or(0.0), "kvar");
    }
    let whole = |kvar: f64| format!("{kvar:.0}");
    match idle.map(whole) {
        Some(idle) if bought > 0.0 => {
            evidence.note("measure", say("rule.pf_run_and_buy", &[("idle", &idle), ("kvar", &whole(bought))]));
        }
        Some(idle) => evidence.note("measure", say("rule.pf_run", &[("idle", &idle)])),
        None if bought > 0.0 => evidence.note("measure", say("rule.pf_buy", &[("kvar", &whole(bought))])),
        None => {}
    }
    // Rounded down: no month falls below what is told.
    let reached = months.iter().map(|m| m.reached(*steps)).fold(1.0, f64::min);
    evidence.figure("power_factor_reached", (reached / THOUSANDTH).floor() * THOUSANDTH, "");
    if *no_lead {
        evidence.figure("lead_removed", months.iter().map(|m| m.lead).sum(), "kvarh");
        evidence.note("control", said("rule.control"));
    }
}

/// What the readings show of capacitors.
fn tell_shown(evidence: &mut Evidence, facts: &Facts<'_>, months: &[MonthOf], shown: &Shown) {
    evidence.figure("leading_share", shown.leading, "");
    if let Some(bank) = &shown.bank {
        evidence.figure("bank_switchings", bank.switchings as f64, "");
        evidence.figure("bank_step", bank.kvar, "kvar");
        evidence.figure("bank_followed", bank.followed, "");
    }
    if let Some(bank) = shown.reserve() {
        evidence.figure("kvar_shown", bank.kvar, "kvar");
        evidence.figure("idle_hours", months.iter().map(|m| bank.idle_hours(facts, m.range.clone())).sum(), "h");
    }
}
