//! R06: base load that stays on at night and on rest days.

use super::stops::Stops;
use super::workday::{Workday, day_mean, usable_days};
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

    fn drawn_by_season(&self) -> bool {
        true
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
    /// Quiet days between those that are nearer to what is usual than to the reference.
    stops: Stops,
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
        let night_base = percentile(&mut night, t.base_night_share).unwrap_or(0.0);
        let quiet_level = percentile(&mut quiet, t.base_quiet_level).unwrap_or(0.0);
        let reference = percentile(&mut quiet, t.base_reference).unwrap_or(0.0).max(0.0);
        let middle = f64::midpoint(night_base.max(quiet_level), reference);
        let (high, low): (Vec<_>, Vec<_>) =
            quiet_days.iter().map(|d| (*d, day_mean(load, *d))).partition(|d| d.1 >= middle);
        let lit = workdays.iter().filter(|d| night_mean(load, **d, &nights) >= middle);
        let high: Vec<usize> = high.iter().map(|d| d.0).chain(lit.copied()).collect();
        let stops = Stops::among(facts, &low, &high);
        let idle = Self { work_mean, night_base, quiet_level, reference, quiet_days, workdays, nights, stops };
        idle.worth(facts)
    }

    /// What its season has shown of a workday's nights, in kW.
    fn cut_night(&self, facts: &Facts<'_>, day: usize) -> f64 {
        self.stops.cut(facts, (day, self.night_base), self.reference)
    }

    /// The same of a quiet day.
    fn cut_quiet(&self, facts: &Facts<'_>, day: usize) -> f64 {
        self.stops.cut(facts, (day, self.quiet_level), self.reference)
    }

    /// The greatest of either in any season.
    fn cuts(&self, facts: &Facts<'_>) -> (f64, f64) {
        let nights = self.workdays.iter().map(|d| self.cut_night(facts, *d));
        (nights.fold(0.0, f64::max), self.quiet_days.iter().map(|d| self.cut_quiet(facts, *d)).fold(0.0, f64::max))
    }

    /// How much of the cuts is shown once more.
    fn borne_out(&self, facts: &Facts<'_>) -> Model {
        let night: usize = self.nights.iter().map(Range::len).sum();
        let nights = self.workdays.iter().map(|d| ((*d, self.night_base), night as f64));
        let slots = facts.load().interval().slots() as f64;
        let days: Vec<_> = nights.chain(self.quiet_days.iter().map(|d| ((*d, self.quiet_level), slots))).collect();
        self.stops.model(facts, &days, self.reference)
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
        let (night, quiet) = self.cuts(facts);
        let cut = night.max(quiet);
        if cut < (t.base_least_cut * self.work_mean).max(facts.noise_kw()) {
            return Err(say("rule.quiet_cut", &[("kw", &format_args!("{cut:.1}"))]));
        }
        Ok(self)
    }

    fn windows(&self, facts: &Facts<'_>) -> Vec<(Range<usize>, Kw)> {
        let days = facts.load().days();
        let mut out = Vec::new();
        for d in &self.workdays {
            let (first, cut) = (days.range(*d).start, Kw::new(self.cut_night(facts, *d)));
            out.extend(self.nights.iter().map(|n| (first + n.start..first + n.end, cut)));
        }
        out.extend(self.quiet_days.iter().map(|d| (days.range(*d), Kw::new(self.cut_quiet(facts, *d)))));
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
        let (night, quiet) = self.cuts(facts);
        evidence.figure("cut_night", night, "kW");
        evidence.figure("cut_quiet_days", quiet, "kW");
        evidence.figure("night_hours_a_workday", night_hours, "h");
        evidence.figure("workdays", self.workdays.len() as f64, "");
        evidence.figure("quiet_days", self.quiet_days.len() as f64, "");
        evidence.constant("least_ratio", t.base_least_ratio, "");
        evidence.constant("reference_percentile", t.base_reference, "");
        evidence.note("night", self.nights.iter().map(clock).collect::<Vec<_>>().join(", "));
        evidence.note("reference", say("rule.reference", &[("percentile", &percentile)]));
        Proposal {
            change: Arc::new(Reduce { windows: self.windows(facts).into(), reference: Kw::new(self.reference) }),
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

/// Mean of a workday's hours without work.
fn night_mean(load: &Load, day: usize, nights: &[Range<usize>]) -> f64 {
    let slots: usize = nights.iter().map(Range::len).sum();
    nights.iter().flat_map(|n| slice(load, day, n)).sum::<f64>() / slots.max(1) as f64
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
