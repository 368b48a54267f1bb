//! R06: base load that stays on at night and on rest days.

use super::workday::{Workday, day_mean, shown_by_seasons, usable_days};
use super::{Asks, Audience, Facts, Model, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::curve::Load;
use crate::curve::percentile::percentile;
use crate::text::{said, say};
use crate::time::DayKind;
use crate::units::Kw;
use crate::whatif::Reduce;
use std::ops::Range;
use std::sync::Arc;

/// Base load in hours without work.
#[derive(Debug)]
pub struct IdleBaseLoad;

impl Rule for IdleBaseLoad {
    fn code(&self) -> &'static str {
        "R06"
    }

    fn card(&self) -> &'static str {
        include_str!("idle_base_load.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::MarketStatus, Need::Calendar, Need::BilledCycle]
    }

    fn asks(&self) -> Option<Asks> {
        Some(Asks::SwitchOff)
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        if facts.generates() {
            return Verdict::Nothing(said("rule.own").into());
        }
        match Idle::find(facts) {
            Ok(idle) => Verdict::Advise(Box::new(idle.proposal(facts))),
            Err(why) => Verdict::Nothing(why),
        }
    }
}

/// What a customer's hours without work look like; powers in kW.
struct Idle {
    work_mean: f64,
    night_base: f64,
    quiet_level: f64,
    reference: f64,
    quiet_days: Vec<usize>,
    workdays: Vec<usize>,
    /// Wall-clock runs of a workday without work.
    nights: Vec<Range<usize>>,
}

impl Idle {
    fn find(facts: &Facts<'_>) -> Result<Self, String> {
        let (t, load) = (facts.thresholds, facts.load());
        let work = Workday::of(facts).ok_or_else(|| said("rule.no_workday"))?;
        let (low, high) = (work.low, work.high);
        if high <= 0.0 || low / high > t.base_flat_ratio {
            return Err(said("rule.no_pause").into());
        }
        let (profile, workdays) = (work.profile, work.days);
        let idle_below = low + t.base_idle_share * (high - low);
        let least = (t.base_least_hours / load.interval().hours()) as usize;
        let nights = lasting(runs(&profile, |v| v <= idle_below), profile.len(), least);
        let work: Vec<f64> = profile.iter().copied().filter(|v| *v > idle_below).collect();
        let work_mean = work.iter().sum::<f64>() / work.len().max(1) as f64;
        let flat = |d: &usize| {
            let mut kw = load.day_kw(*d).to_vec();
            let (low, high) = (percentile(&mut kw, t.base_day_low), percentile(&mut kw, t.base_day_high));
            low.zip(high).is_some_and(|(low, high)| low >= t.base_quiet_flat * high)
        };
        let mut quiet_days = usable_days(facts, |k| k != DayKind::Workday);
        quiet_days.retain(|d| day_mean(load, *d) <= idle_below && flat(d));
        if quiet_days.len() < t.base_least_quiet_days {
            return Err(say("rule.quiet_days", &[("n", &quiet_days.len()), ("least", &t.base_least_quiet_days)]));
        }
        let mut quiet: Vec<f64> = quiet_days.iter().flat_map(|d| load.day_kw(*d)).copied().collect();
        let mut night: Vec<f64> =
            workdays.iter().flat_map(|d| nights.iter().flat_map(|n| slice(load, *d, n))).copied().collect();
        let idle = Self {
            work_mean,
            night_base: percentile(&mut night, t.base_night_share).unwrap_or(0.0),
            quiet_level: percentile(&mut quiet, t.base_quiet_level).unwrap_or(0.0),
            reference: percentile(&mut quiet, t.base_reference).unwrap_or(0.0).max(0.0),
            quiet_days,
            workdays,
            nights,
        };
        idle.worth(facts)
    }

    fn cut_night(&self) -> f64 {
        (self.night_base - self.reference).max(0.0)
    }

    fn cut_quiet(&self) -> f64 {
        (self.quiet_level - self.reference).max(0.0)
    }

    /// How much of the greater cut the quiet days of each season have shown.
    fn borne_out(&self, facts: &Facts<'_>) -> Model {
        let level = self.reference + self.cut_night().max(self.cut_quiet());
        let days: Vec<(usize, f64)> = self.quiet_days.iter().map(|d| (*d, day_mean(facts.load(), *d))).collect();
        let shares = shown_by_seasons(facts, &days, (level, self.reference));
        Model::of_seasons(&shares)
    }

    /// The base is high beside the work, and what can go is more than noise.
    fn worth(self, facts: &Facts<'_>) -> Result<Self, String> {
        let t = facts.thresholds;
        let base = self.night_base.max(self.quiet_level);
        if base < t.base_least_ratio * self.work_mean {
            return Err(say(
                "rule.idle_share",
                &[("share", &format_args!("{:.0}", 100.0 * base / self.work_mean.max(1e-9)))],
            ));
        }
        let cut = self.cut_night().max(self.cut_quiet());
        if cut < (t.base_least_cut * self.work_mean).max(facts.noise_kw()) {
            return Err(say("rule.quiet_cut", &[("kw", &format_args!("{cut:.1}"))]));
        }
        Ok(self)
    }

    fn windows(&self, load: &Load) -> Vec<(Range<usize>, Kw)> {
        let mut out = Vec::new();
        for d in &self.workdays {
            let first = load.days().range(*d).start;
            out.extend(self.nights.iter().map(|n| (first + n.start..first + n.end, Kw::new(self.cut_night()))));
        }
        out.extend(self.quiet_days.iter().map(|d| (load.days().range(*d), Kw::new(self.cut_quiet()))));
        out.retain(|w| w.1 > Kw::ZERO);
        out.sort_by_key(|w| w.0.start);
        out
    }

    fn proposal(&self, facts: &Facts<'_>) -> Proposal {
        let (t, load) = (facts.thresholds, facts.load());
        let clock = |r: &Range<usize>| format!("{}–{}", load.interval().clock(r.start), load.interval().clock(r.end));
        // Of a share as it is written: 0.07 · 100 is not 7.
        let percentile = (1e8 * t.base_reference).round() / 1e6;
        let night_hours: f64 = self.nights.iter().map(|n| n.len() as f64 * load.interval().hours()).sum();
        let mut evidence = facts.evidence();
        evidence.figure("working_mean", self.work_mean, "kW");
        evidence.figure("night_base", self.night_base, "kW");
        evidence.figure("quiet_day_level", self.quiet_level, "kW");
        evidence.figure("reference", self.reference, "kW");
        evidence.figure("cut_night", self.cut_night(), "kW");
        evidence.figure("cut_quiet_days", self.cut_quiet(), "kW");
        evidence.figure("night_hours_a_workday", night_hours, "h");
        evidence.figure("workdays", self.workdays.len() as f64, "");
        evidence.figure("quiet_days", self.quiet_days.len() as f64, "");
        evidence.constant("least_ratio", t.base_least_ratio, "");
        evidence.constant("reference_percentile", t.base_reference, "");
        evidence.note("night", self.nights.iter().map(clock).collect::<Vec<_>>().join(", "));
        evidence.note("reference", say("rule.reference", &[("percentile", &percentile)]));
        Proposal {
            change: Arc::new(Reduce { windows: self.windows(load).into(), reference: Kw::new(self.reference) }),
            stage: Stage::Reduce,
            tier: Tier::Operate,
            audience: Audience::Customer,
            headline: true,
            group: None,
            kept: None,
            model: self.borne_out(facts),
            evidence,
        }
    }
}

/// Runs of slots whose value fits, ascending.
fn runs(values: &[f64], fits: impl Fn(f64) -> bool) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for i in (0..values.len()).filter(|i| values.get(*i).is_some_and(|v| fits(*v))) {
        match out.last_mut().filter(|r| r.end == i) {
            Some(run) => run.end = i + 1,
            None => out.push(i..i + 1),
        }
    }
    out
}

/// Runs of at least `least` slots; what ends at midnight goes on after it.
fn lasting(runs: Vec<Range<usize>>, slots: usize, least: usize) -> Vec<Range<usize>> {
    let over_midnight: usize = runs.iter().filter(|r| r.start == 0 || r.end == slots).map(Range::len).sum();
    let long = |r: &Range<usize>| r.len() >= least || ((r.start == 0 || r.end == slots) && over_midnight >= least);
    runs.into_iter().filter(long).collect()
}

fn slice<'a>(load: &'a Load, day: usize, slots: &Range<usize>) -> &'a [f64] {
    load.day_kw(day).get(slots.clone()).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_pause_of_a_quarter_hour_is_no_night() {
        let runs = vec![0..2, 31..32, 68..69, 93..96];
        assert_eq!(super::lasting(runs.clone(), 96, 4), [0..2, 93..96], "five slots over midnight");
        assert!(super::lasting(runs, 96, 6).is_empty());
    }

    use super::*;

    #[test]
    fn runs_are_maximal() {
        assert_eq!(runs(&[1.0, 1.0, 5.0, 1.0], |v| v < 2.0), [0..2, 3..4]);
    }
}
