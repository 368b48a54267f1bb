//! R05: reactive energy that costs money.

use super::{Audience, Facts, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::text::{said, say};
use crate::units::{Kvar, Ratio};
use crate::whatif::{Compensate, Ladder};
use std::sync::Arc;

/// Standard, cos φ at which the reward ends, and the target just above it (〔83〕水电财字215号, tables of
/// the three standards).
const TARGETS: [(f64, f64, f64); 3] = [(0.90, 0.95, 0.96), (0.85, 0.94, 0.95), (0.80, 0.92, 0.93)];
/// Two decimals, as the tables are read.
const HALF_HUNDREDTH: f64 = 0.005;
/// Check of the reactive channel that, when it has failed, leaves nothing to build on.
const REACTIVE_CHECK: &str = "V07";

/// Low power factor.
#[derive(Debug)]
pub struct LowPowerFactor;

/// One billed cycle.
struct MonthOf {
    kwh: f64,
    kvarh: f64,
    ladder: Option<Ladder>,
    range: std::ops::Range<usize>,
}

impl MonthOf {
    fn cos_phi(&self) -> f64 {
        self.kwh / self.kwh.hypot(self.kvarh)
    }

    /// Reactive energy above a target, kvarh.
    fn excess(&self, tan: f64) -> f64 {
        (self.kvarh - self.kwh * tan).max(0.0)
    }
}

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

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        if facts.tariff().is_none_or(|t| t.tariff().power_factor.is_none()) {
            return Verdict::Nothing(said("rule.pf_not_billed").into());
        }
        if facts.issues.iter().any(|i| i.code == REACTIVE_CHECK) {
            return Verdict::Nothing(say("rule.suspect", &[("check", &REACTIVE_CHECK)]));
        }
        let standard = facts.state.contract().pf_standard.map_or(0.0, Ratio::get);
        let Some((_, cap, target)) = TARGETS.iter().find(|t| (t.0 - standard).abs() < HALF_HUNDREDTH) else {
            return Verdict::Nothing(say("rule.pf_no_table", &[("standard", &standard)]));
        };
        let mut months = months(facts);
        let below = months.iter().filter(|m| m.cos_phi() < cap - HALF_HUNDREDTH).count();
        if below == 0 {
            return Verdict::Nothing(say("rule.pf_reached", &[("cap", &cap)]));
        }
        let Some(bank) = size(facts, &mut months, *target) else {
            return Verdict::Nothing(said("rule.pf_no_lag").into());
        };
        let need = Sizing { standard, target: *target, below, bank };
        Verdict::Advise(Box::new(proposal(facts, &months, &need)))
    }
}

/// What was found to be needed.
struct Sizing {
    standard: f64,
    target: f64,
    below: usize,
    bank: Compensate,
}

fn months(facts: &Facts<'_>) -> Vec<MonthOf> {
    let usages = facts.state.usages().unwrap_or(&[]);
    let measure = |(i, cycle): (usize, &crate::time::Cycle)| {
        let (mut kwh, mut kvarh) = (0.0, 0.0);
        for usage in usages.iter().filter_map(|(_, u)| u.cycles.get(i)) {
            kwh += usage.kwh_with_kvarh.get();
            kvarh += usage.kvarh.map_or(0.0, crate::units::Kvarh::get);
        }
        MonthOf { kwh, kvarh, ladder: None, range: facts.load().range_of_days(cycle.days.clone()) }
    };
    facts.billed().into_iter().map(measure).filter(|m| m.kwh > 0.0).collect()
}

/// The smallest bank with which every month reaches the target that a bank can bring there; each
/// number of steps is simulated over all intervals. `None` when nothing is needed or possible.
fn size(facts: &Facts<'_>, months: &mut [MonthOf], target: f64) -> Option<Compensate> {
    let t = facts.thresholds;
    let tan = (1.0 / (target * target) - 1.0).sqrt();
    let hours = |m: &MonthOf| m.range.len() as f64 * facts.load().interval().hours();
    // Qc = (Wq − Wp·tan φ₂) / T, the month's mean need.
    let mean_need = months.iter().map(|m| m.excess(tan) / hours(m).max(1.0)).fold(0.0, f64::max);
    if mean_need <= 0.0 || t.pf_step_kvar <= 0.0 {
        return None;
    }
    let step = (mean_need / f64::from(t.pf_steps.max(1)) / t.pf_step_kvar).ceil().max(1.0) * t.pf_step_kvar;
    let step = Kvar::new(step);
    for m in months.iter_mut() {
        m.ladder = Some(Ladder::measure(facts.load(), m.range.clone(), step, t.pf_most_steps));
    }
    let removed = |m: &MonthOf, n: u32| m.ladder.as_ref().map_or(0.0, |l| l.removed(n).get());
    let reachable: Vec<&MonthOf> = months.iter().filter(|m| removed(m, t.pf_most_steps) >= m.excess(tan)).collect();
    let steps = if reachable.is_empty() {
        // Steps beyond which no month gains another percent of what the greatest bank takes away.
        let all = |n: u32| months.iter().map(|m| removed(m, n)).sum::<f64>();
        (1..=t.pf_most_steps).find(|n| all(*n) >= 0.99 * all(t.pf_most_steps))
    } else {
        (1..=t.pf_most_steps).find(|n| reachable.iter().all(|m| removed(m, *n) >= m.excess(tan)))
    }?;
    let any = months.iter().any(|m| removed(m, steps) > 0.0);
    any.then_some(Compensate { step, steps })
}

fn proposal(facts: &Facts<'_>, months: &[MonthOf], need: &Sizing) -> Proposal {
    let sum = |f: fn(&MonthOf) -> f64| months.iter().map(f).sum::<f64>();
    let (kwh, kvarh) = (sum(|m| m.kwh), sum(|m| m.kvarh));
    let cos = || months.iter().map(MonthOf::cos_phi);
    let best = cos().fold(0.0, f64::max);
    let leading = leading_share(facts, months, kvarh);
    // A month at the standard, or leading power, shows that there are banks to put right.
    let banks_seen = best >= need.standard || leading > 0.0;
    let mut evidence = facts.evidence();
    evidence.figure("power_factor", kwh / kwh.hypot(kvarh), "");
    evidence.figure("power_factor_lowest_month", cos().fold(1.0, f64::min), "");
    evidence.figure("power_factor_best_month", best, "");
    evidence.figure("months_below", need.below as f64, "");
    evidence.figure("kvar_needed", need.bank.step.get() * f64::from(need.bank.steps), "kvar");
    evidence.figure("step", need.bank.step.get(), "kvar");
    evidence.figure("steps", f64::from(need.bank.steps), "");
    evidence.figure("leading_share", leading, "");
    evidence.constant("pf_standard", need.standard, "");
    evidence.constant("target", need.target, "");
    evidence.note("first_action", said("rule.inspect"));
    evidence.note("condition", said("rule.harmonics"));
    Proposal {
        change: Arc::new(need.bank),
        stage: Stage::Reactive,
        tier: if banks_seen { Tier::Operate } else { Tier::Invest },
        audience: Audience::Customer,
        headline: banks_seen,
        group: None,
        model: Ratio::new(facts.thresholds.pf_model),
        evidence,
    }
}

/// Leading energy as a share of all reactive energy of the months.
fn leading_share(facts: &Facts<'_>, months: &[MonthOf], kvarh: f64) -> f64 {
    let channels = facts.load().channels();
    let hours = facts.load().interval().hours();
    let in_months = |values: &Option<Vec<f64>>, sign: f64| {
        let run = |m: &MonthOf| values.as_ref().and_then(|v| v.get(m.range.clone())).unwrap_or(&[]);
        months.iter().flat_map(|m| run(m).iter()).map(|q| (q * sign).max(0.0)).sum::<f64>()
    };
    let leading = in_months(&channels.kvar, -1.0) + in_months(&channels.kvar_lead, 1.0);
    if kvarh > 0.0 { leading * hours / kvarh } else { 0.0 }
}
