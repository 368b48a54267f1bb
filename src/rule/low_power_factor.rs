//! R05: reactive energy that costs money.

use super::{Audience, Facts, Model, Need, Proposal, Rule, Stage, Thresholds, Tier, Verdict};
use crate::curve::percentile::percentile;
use crate::quality::Severity;
use crate::text::{said, say};
use crate::units::{Kvar, Ratio};
use crate::whatif::{Compensate, Ladder};
use std::sync::Arc;

/// Two decimals, as the tables are read.
const HALF_HUNDREDTH: f64 = 0.005;
const THOUSANDTH: f64 = 0.001;
const HOURS_A_WEEK: f64 = 168.0;
/// Check of the reactive channel that, when it has failed, leaves nothing to build on.
const REACTIVE_CHECK: &str = "V07";

/// Low power factor.
#[derive(Debug)]
pub struct LowPowerFactor;

/// One billed cycle.
struct MonthOf {
    kwh: f64,
    kvarh: f64,
    /// Of it what leads.
    lead: f64,
    /// What capacitors that are controlled no longer lead by.
    controlled: f64,
    ladder: Option<Ladder>,
    range: std::ops::Range<usize>,
}

impl MonthOf {
    fn cos_phi(&self) -> f64 {
        self.kwh / self.kwh.hypot(self.kvarh)
    }

    /// Reactive energy that a bank of so many steps takes away, kvarh.
    fn removed(&self, steps: u32) -> f64 {
        self.ladder.as_ref().map_or(0.0, |l| l.removed(steps).get())
    }

    /// Reactive energy above a target, kvarh.
    fn excess(&self, tan: f64) -> f64 {
        (self.kvarh - self.controlled - self.kwh * tan).max(0.0)
    }

    /// cos φ that a bank of so many steps reaches.
    fn reached(&self, steps: u32) -> f64 {
        self.kwh / self.kwh.hypot(self.kvarh - self.controlled - self.removed(steps))
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
        if facts.issues.iter().any(|i| i.code == REACTIVE_CHECK && i.severity == Severity::Blocking) {
            return Verdict::Nothing(say("rule.suspect", &[("check", &REACTIVE_CHECK)]));
        }
        let standard = facts.state.contract().pf_standard.map_or(0.0, Ratio::get);
        let targets = &facts.thresholds.pf_targets;
        let Some([_, cap, target]) = targets.iter().find(|t| (t[0] - standard).abs() < HALF_HUNDREDTH) else {
            return Verdict::Nothing(say("rule.pf_no_table", &[("standard", &standard)]));
        };
        let mut months = months(facts);
        let count = |below: f64| months.iter().filter(|m| m.cos_phi() < below - HALF_HUNDREDTH).count();
        let (surcharged, short) = (count(standard), count(*cap));
        if short == 0 {
            return Verdict::Nothing(say("rule.pf_reached", &[("cap", &cap)]));
        }
        let Some(bank) = size(facts, &mut months, *target) else {
            return Verdict::Nothing(said("rule.pf_no_lag").into());
        };
        let need = Sizing { standard, cap: *cap, target: *target, surcharged, short, bank };
        Verdict::Advise(Box::new(proposal(facts, &months, &need)))
    }
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
        let range = facts.load().range_of_days(cycle.days.clone());
        let lead = leading(facts, range.clone()).min(kvarh);
        MonthOf { kwh, kvarh, lead, controlled: 0.0, ladder: None, range }
    };
    facts.billed().into_iter().map(measure).filter(|m| m.kwh > 0.0).collect()
}

/// The smallest bank with which every month reaches the target that a bank can bring there; each
/// number of steps is simulated over all intervals. Where leading energy alone keeps a month from the target, which no
/// bank mends, the capacitors that are there are controlled first. `None` when nothing is needed or possible.
fn size(facts: &Facts<'_>, months: &mut [MonthOf], target: f64) -> Option<Compensate> {
    let t = facts.thresholds;
    let tan = tangent(target);
    let hours = |m: &MonthOf| m.range.len() as f64 * facts.load().interval().hours();
    // Qc = (Wq − Wp·tan φ₂) / T, the month's mean need.
    let no_lead = months.iter().any(|m| m.lead > m.kwh * tan);
    for m in months.iter_mut().filter(|_| no_lead) {
        m.controlled = m.lead;
    }
    let mean_need = months.iter().map(|m| m.excess(tan) / hours(m).max(1.0)).fold(0.0, f64::max);
    if no_lead && mean_need <= 0.0 {
        return Some(Compensate { step: Kvar::new(t.pf_step_kvar), steps: 0, no_lead });
    }
    if mean_need <= 0.0 || t.pf_step_kvar <= 0.0 {
        return None;
    }
    let step = (mean_need / f64::from(t.pf_steps.max(1)) / t.pf_step_kvar).ceil().max(1.0) * t.pf_step_kvar;
    let step = Kvar::new(step);
    for m in months.iter_mut() {
        m.ladder = Some(Ladder::measure(facts.load(), m.range.clone(), step, t.pf_most_steps));
    }
    let steps =
        steps(t, &months.iter().collect::<Vec<_>>(), tan).filter(|n| months.iter().any(|m| m.removed(*n) > 0.0));
    match steps {
        None if no_lead => Some(Compensate { step, steps: 0, no_lead }),
        steps => Some(Compensate { step, steps: steps?, no_lead }),
    }
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
        let most = month.removed(need.bank.steps);
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

fn proposal(facts: &Facts<'_>, months: &[MonthOf], need: &Sizing) -> Proposal {
    let sum = |f: fn(&MonthOf) -> f64| months.iter().map(f).sum::<f64>();
    let (kwh, kvarh) = (sum(|m| m.kwh), sum(|m| m.kvarh));
    let cos = || months.iter().map(MonthOf::cos_phi);
    let best = cos().fold(0.0, f64::max);
    let t = facts.thresholds;
    let leading = if kvarh > 0.0 { sum(|m| m.lead) / kvarh } else { 0.0 };
    let switched = switched(facts, months);
    // A good month may be a month of another load. Power that leads, or that goes up and down in steps of one
    // size while the load stays, comes from capacitors. What is beyond them must be bought.
    // Capacitors that lead because nothing controls them run by day as well: they are no reserve.
    let no_lead = need.bank.no_lead;
    let lead = if leading >= t.pf_least_leading && !no_lead { greatest_lead(facts, months) } else { 0.0 };
    let shown = switched.map_or(0.0, |s| s.1).max(lead);
    let needed = need.bank.step.get() * f64::from(need.bank.steps);
    let enough = shown >= needed;
    let mut evidence = facts.evidence();
    evidence.figure("power_factor", kwh / kwh.hypot(kvarh), "");
    evidence.figure("power_factor_lowest_month", cos().fold(1.0, f64::min), "");
    evidence.figure("power_factor_best_month", best, "");
    for (name, n) in [("months_surcharged", need.surcharged), ("months_reward_left", need.short - need.surcharged)] {
        if n > 0 {
            evidence.figure(name, n as f64, "");
        }
    }
    if need.bank.steps > 0 {
        evidence.figure("kvar_needed", needed, "kvar");
        evidence.figure("step", need.bank.step.get(), "kvar");
        evidence.figure("steps", f64::from(need.bank.steps), "");
    }
    // Rounded down: no month falls below what is told.
    let reached = months.iter().map(|m| m.reached(need.bank.steps)).fold(1.0, f64::min);
    evidence.figure("power_factor_reached", (reached / THOUSANDTH).floor() * THOUSANDTH, "");
    if no_lead {
        evidence.figure("lead_removed", sum(|m| m.controlled), "kvarh");
        evidence.note("control", said("rule.control"));
    }
    evidence.figure("leading_share", leading, "");
    if let Some((n, kvar)) = switched {
        evidence.figure("bank_switchings", n as f64, "");
        evidence.figure("bank_step", kvar, "kvar");
    }
    if shown > 0.0 {
        evidence.figure("kvar_shown", shown, "kvar");
    }
    if !enough {
        evidence.figure("kvar_to_buy", needed - shown, "kvar");
    }
    evidence.constant("pf_standard", need.standard, "");
    evidence.constant("reward_ends", need.cap, "");
    evidence.constant("target", need.target, "");
    evidence.note("first_action", if shown > 0.0 || no_lead { said("rule.inspect") } else { said("rule.quote") });
    evidence.note("condition", said("rule.harmonics"));
    Proposal {
        change: Arc::new(need.bank),
        stage: Stage::Reactive,
        tier: if enough { Tier::Operate } else { Tier::Invest },
        audience: Audience::Customer,
        // How finely capacitors can be controlled no reading tells.
        headline: enough && !no_lead,
        group: None,
        kept: None,
        model: if no_lead {
            Model::untested(said("model.control")).or_less(unseen(t, months, need))
        } else {
            unseen(t, months, need)
        },
        evidence,
    }
}

/// How often the reactive power goes up or down by one size while the load stays, and that size in kvar;
/// `None` where it does not as often as banks are switched. An interval in which a step falls has a part of it,
/// so that the level of two intervals before it is compared with that of two after it. One on the border of two
/// intervals is seen with either of them between, and is one step.
fn switched(facts: &Facts<'_>, months: &[MonthOf]) -> Option<(usize, f64)> {
    let (t, load) = (facts.thresholds, facts.load());
    let kvar = load.channels().kvar.as_deref()?;
    let mean = |v: &[f64]| v.iter().map(|x| x.abs()).sum::<f64>() / v.len().max(1) as f64;
    let least = (t.pf_switched_least * mean(kvar)).max(facts.noise_kw()).max(f64::MIN_POSITIVE);
    let still = t.pf_switched_still * least;
    let mut steps: Vec<f64> = Vec::new();
    for m in months {
        let (p, q) = (load.kw().get(m.range.clone())?, kvar.get(m.range.clone())?);
        let valid = |i: usize| (i..i + 5).all(|k| load.is_valid(m.range.start + k));
        let near = |a: &f64, b: &f64| (a - b).abs() <= still;
        let mut last = None;
        for (i, (p, q)) in p.windows(5).zip(q.windows(5)).enumerate() {
            let ([p0, p1, _, p3, p4], [q0, q1, _, q3, q4]) = (p, q) else { continue };
            let stays = near(p0, p1) && near(p1, p3) && near(p3, p4) && near(q0, q1) && near(q3, q4);
            if stays && (q3 - q1).abs() >= least && valid(i) {
                let seen = i.checked_sub(1).is_some_and(|before| last == Some(before));
                last = Some(i);
                if !seen {
                    steps.push(q3 - q1);
                }
            }
        }
    }
    let weeks = months.iter().map(|m| m.range.len()).sum::<usize>() as f64 * load.interval().hours() / HOURS_A_WEEK;
    let mut sizes: Vec<f64> = steps.iter().map(|s| s.abs()).collect();
    let size = percentile(&mut sizes, 0.5)?;
    let alike = steps.iter().filter(|s| (s.abs() - size).abs() <= t.pf_switched_alike * size);
    let (up, down): (Vec<f64>, Vec<f64>) = alike.partition(|s| **s > 0.0);
    let n = up.len() + down.len();
    let both = up.len().min(down.len()) as f64 >= t.pf_switched_a_week * weeks / 2.0;
    (both && n as f64 >= t.pf_switched_share * steps.len() as f64).then_some((n, size))
}

/// The greatest leading power in kvar that two neighbouring intervals of the months both have: a single one may be
/// a misreading.
fn greatest_lead(facts: &Facts<'_>, months: &[MonthOf]) -> f64 {
    let months = months.iter().filter_map(|m| facts.load().net_kvar(m.range.clone()));
    let of = |net: &[f64]| net.windows(2).map(|w| w.iter().fold(f64::MAX, |a, q| a.min(-q))).fold(0.0, f64::max);
    months.map(|net| of(&net)).fold(0.0, f64::max)
}

/// Leading energy of a range of intervals, kvarh.
fn leading(facts: &Facts<'_>, range: std::ops::Range<usize>) -> f64 {
    let (channels, hours) = (facts.load().channels(), facts.load().interval().hours());
    let sum = |values: &Option<Vec<f64>>, sign: f64| {
        let run = values.as_ref().and_then(|v| v.get(range.clone())).unwrap_or(&[]);
        run.iter().map(|q| (q * sign).max(0.0)).sum::<f64>()
    };
    (sum(&channels.kvar, -1.0) + sum(&channels.kvar_lead, 1.0)) * hours
}
