//! V07: a reactive channel that cannot be right.

use super::{Check, Inspection, Issue};
use crate::curve::{Load, REACTIVE, VALID, sum, wide};
use crate::quality::Severity::{Advisory, Blocking};
use crate::quality::dead_reactive::dead;
use crate::quality::profile::median;
use crate::quality::runs::Run;
use serde_json::json;
use std::ops::Range;

/// tan φ at cos φ = 0.3, below which an interval is implausible (product decision).
const TAN_LIMIT: f64 = 3.179_797_338_056_485;

/// Share of the load's maximum below which the power factor says nothing: idling transformers
/// (judgement).
const LOADED_SHARE: f64 = 0.1;

/// Share of loaded intervals beyond the limit that is told (judgement).
const TOLD_SHARE: f64 = 0.01;

/// Share of days, or of loaded intervals, that makes the channel unfit for a power factor (judgement).
const SUSPECT_SHARE: f64 = 0.1;

/// Days in a row of the other sign that make a flip (judgement, as for a multiplier).
const FLIP_DAYS: usize = 3;

/// Share of the usual daily magnitude that a flipped day must have (judgement).
const FLIP_MAGNITUDE: f64 = 0.3;

/// Reactive energy that is zero, too great, or of the wrong sign.
#[derive(Debug)]
pub(super) struct Reactive;

impl Check for Reactive {
    fn code(&self) -> &'static str {
        "V07"
    }

    fn name(&self) -> &'static str {
        "reactive"
    }

    fn card(&self) -> &'static str {
        "What: reactive energy that is zero all day, or only leads and at work, in the hours in which the load is not \
         below its mean, by less than half a per cent of the active, intervals with cos φ below 0.3 under \
         load, reactive power whose sign turns for days.
Threshold: whole days of zero; more than 1 % of the intervals above a tenth of the maximum; 3 days in a row. A tenth \
         of \
         the days or intervals makes the channel suspect.
Action: told; 3 days of zero in a row, at work on one of them, count as not read; a suspect channel blocks every \
         statement on the power factor.
Source: reactive checks of utility VEE practice (cos φ limit 0.3); the shares are judgement."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let channels = inspection.load.channels();
        let Some(kvar) = channels.kvar.as_deref() else { return Vec::new() };
        let lead = channels.kvar_lead.as_deref();
        let mut issues = self.dead_days(inspection);
        issues.extend(self.low_factor(inspection, kvar, lead));
        if lead.is_none() {
            issues.extend(self.flips(inspection, kvar));
        }
        issues
    }
}

impl Reactive {
    /// Complete days with active energy and no reactive energy at work.
    fn dead_days(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let load = inspection.load;
        let mut runs: Vec<Range<usize>> = Vec::new();
        let mut compared = 0;
        for (day, facts) in inspection.days().iter().enumerate() {
            let range = load.days().range(day);
            if !read_throughout(load, day) || facts.sum_kw <= 0.0 {
                continue;
            }
            compared += 1;
            if !dead(load, day) {
                continue;
            }
            match runs.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => runs.push(range),
            }
        }
        let days: usize = runs.iter().map(|r| r.len() / load.interval().slots()).sum();
        let severity = if days as f64 > SUSPECT_SHARE * f64::from(compared) { Blocking } else { Advisory };
        let evidence =
            json!({ "finding": "no reactive energy at work all day", "days": days, "days_compared": compared });
        inspection.listed(self.code(), severity, runs.into_iter().map(|r| Run::of(r, evidence.clone())).collect())
    }

    /// Loaded intervals with a power factor below the limit.
    fn low_factor(&self, inspection: &Inspection<'_>, kvar: &[f64], lead: Option<&[f64]>) -> Option<Issue> {
        let (load, least) = (inspection.load, LOADED_SHARE * inspection.max_kw().max(0.0));
        let mut counts = (0, 0);
        for day in 0..load.days().len() {
            let range = load.days().range(day);
            let kw = load.day_kw(day);
            let kvar = kvar.get(range.clone()).unwrap_or_default();
            let lead = lead.map(|l| l.get(range.clone()).unwrap_or_default());
            let (loaded, low) = if read_throughout(load, day) {
                match lead {
                    None => count_low_of(kw, kvar, least),
                    Some(l) => count_low(kw.iter().zip(kvar).zip(l).map(greater_of_two), least),
                }
            } else {
                let none = std::iter::repeat(&0.0);
                let lead = lead.unwrap_or_default().iter().chain(none);
                let read = kw.iter().zip(kvar).zip(lead).zip(load.day_flags(day)).filter(|(_, f)| *f & BOTH == BOTH);
                count_low(read.map(|(values, _)| greater_of_two(values)), least)
            };
            counts = (counts.0 + loaded, counts.1 + low);
        }
        let share = counts.1 as f64 / counts.0.max(1) as f64;
        let evidence = json!({
            "finding": "cos φ below 0.3 under load",
            "share": share,
            "loaded_intervals": counts.0,
            "loaded_from_kw": least,
        });
        let severity = if share > SUSPECT_SHARE { Blocking } else { Advisory };
        let run = Run { range: Some(load.span().clone()), n: counts.1 as usize, evidence };
        (share > TOLD_SHARE).then(|| inspection.issue(self.code(), severity, run))
    }

    /// Runs of days whose signed reactive energy is opposite to that of the load as a whole.
    fn flips(&self, inspection: &Inspection<'_>, kvar: &[f64]) -> Vec<Issue> {
        let days = inspection.load.days();
        let daily: Vec<f64> = (0..days.len()).map(|d| sum(kvar.get(days.range(d)).unwrap_or_default())).collect();
        let sign = daily.iter().sum::<f64>().signum();
        let mut magnitudes: Vec<f64> = daily.iter().map(|q| q.abs()).filter(|q| *q > 0.0).collect();
        let Some(usual) = median(&mut magnitudes) else { return Vec::new() };
        let flipped = |q: f64| q * sign < -FLIP_MAGNITUDE * usual;
        let mut runs = Vec::new();
        let mut day = 0;
        while day < daily.len() {
            let n = daily.get(day..).unwrap_or_default().iter().take_while(|q| flipped(**q)).count();
            if n >= FLIP_DAYS {
                let evidence = json!({ "finding": "reactive power changes its sign", "days": n });
                runs.push(Run::of(days.range_of(day..day + n), evidence));
            }
            day += n.max(1);
        }
        inspection.listed(self.code(), Advisory, runs)
    }
}

/// Active and reactive power were read.
const BOTH: u8 = VALID | REACTIVE;

/// Whether both were read in every interval of a day.
fn read_throughout(load: &Load, day: usize) -> bool {
    load.day_complete(day) && load.day_flags(day).iter().fold(BOTH, |all, f| all & f) == BOTH
}

/// Active power, and the greater magnitude of lagging and leading reactive power.
fn greater_of_two(((kw, lag), lead): ((&f64, &f64), &f64)) -> (f64, f64) {
    let (lag, lead) = (lag.abs(), lead.abs());
    (*kw, if lag > lead { lag } else { lead })
}

/// Intervals under load, and those of them whose reactive power is beyond the limit.
fn count_low(values: impl Iterator<Item = (f64, f64)>, least: f64) -> (u64, u64) {
    let counted = values.map(|(kw, kvar)| (is_loaded(kw, least), u64::from(kvar > TAN_LIMIT * kw)));
    counted.fold((0, 0), |(all, low), (is, beyond)| (all + is, low + (is & beyond)))
}

wide! {
    /// [`count_low`] of a signed channel.
    fn count_low_of(kw: &[f64], kvar: &[f64], least: f64) -> (u64, u64) = count_signed;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn count_signed(kw: &[f64], kvar: &[f64], least: f64) -> (u64, u64) {
    let (mut loaded, mut low) = (0, 0);
    for (kw, kvar) in kw.iter().zip(kvar) {
        let is = is_loaded(*kw, least);
        loaded += is;
        low += is & u64::from(kvar.abs() > TAN_LIMIT * kw);
    }
    (loaded, low)
}

/// 1 for a reading under load, else 0; no branch.
fn is_loaded(kw: f64, least: f64) -> u64 {
    u64::from(kw >= least) & u64::from(kw > 0.0)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;
    use crate::quality::reactive_suspect;

    fn with_kvar(days: usize) -> Case {
        let mut case = Case::one_shift(days);
        case.kvar = Some(case.kw.iter().map(|v| 0.5 * v).collect());
        case
    }

    #[test]
    fn a_channel_that_is_always_zero_is_suspect() {
        assert_eq!(with_kvar(60).issues("V07"), []);
        let mut case = with_kvar(60);
        case.kvar = Some(vec![0.0; 60 * 96]);
        let issues = case.issues("V07");
        assert_eq!(issues.iter().map(|i| i.n_intervals).collect::<Vec<_>>(), [60 * 96]);
        assert!(reactive_suspect(&issues));
    }

    #[test]
    fn three_days_of_the_other_sign_are_a_flip() {
        let mut case = with_kvar(60);
        if let Some(kvar) = &mut case.kvar {
            kvar[672..960].iter_mut().for_each(|q| *q *= -1.0);
        }
        let issues = case.issues("V07");
        assert_eq!(issues.iter().map(|i| (i.first, i.n_intervals)).collect::<Vec<_>>(), [(Some(672), 288)]);
        assert!(!reactive_suspect(&issues));
    }

    #[test]
    fn too_much_reactive_power_under_load() {
        let mut case = with_kvar(60);
        case.kvar = Some(case.kw.iter().map(|v| 4.0 * v).collect());
        assert!(reactive_suspect(&case.issues("V07")));
    }
}
