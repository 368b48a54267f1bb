//! V07: a reactive channel that cannot be right.

use super::{Check, Inspection, Issue};
use crate::curve::{REACTIVE, VALID, sum, sum_abs};
use crate::quality::Severity::{Advisory, Blocking};
use crate::quality::profile::median;
use crate::quality::runs::Run;
use serde_json::json;
use std::ops::Range;

/// tan φ at cos φ = 0.3, below which an interval is implausible (domain §3).
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
        "What: reactive energy that is zero all day while active energy is not, intervals with cos φ below 0.3 under \
         load, reactive power whose sign turns for days.
Threshold: whole days of zero; more than 1 % of the intervals above a tenth of the maximum; 3 days in a row. A tenth of \
         the days or intervals makes the channel suspect.
Action: told; a suspect channel blocks every statement on the power factor.
Source: reactive checks of utility VEE practice (cos φ limit 0.3); the shares are judgement."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let channels = inspection.load.channels();
        let Some(kvar) = channels.kvar.as_deref() else { return Vec::new() };
        let lead = channels.kvar_lead.as_deref();
        let mut issues = self.zero_days(inspection, kvar, lead);
        issues.extend(self.low_factor(inspection, kvar, lead));
        if lead.is_none() {
            issues.extend(self.flips(inspection, kvar));
        }
        issues
    }
}

impl Reactive {
    /// Complete days with active energy and no reactive energy.
    fn zero_days(&self, inspection: &Inspection<'_>, kvar: &[f64], lead: Option<&[f64]>) -> Vec<Issue> {
        let load = inspection.load;
        let mut runs: Vec<Range<usize>> = Vec::new();
        let mut compared = 0;
        for (day, facts) in inspection.days().iter().enumerate() {
            let range = load.days().range(day);
            let read = load.day_flags(day).iter().all(|f| f & REACTIVE != 0);
            if !load.day_complete(day) || !read || facts.sum_kw <= 0.0 {
                continue;
            }
            compared += 1;
            let magnitude = |values: &[f64]| sum_abs(values.get(range.clone()).unwrap_or_default());
            if magnitude(kvar) + lead.map_or(0.0, magnitude) > 0.0 {
                continue;
            }
            match runs.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => runs.push(range),
            }
        }
        let days: usize = runs.iter().map(|r| r.len() / load.interval().slots()).sum();
        let severity = if days as f64 > SUSPECT_SHARE * f64::from(compared) { Blocking } else { Advisory };
        let evidence = json!({ "finding": "no reactive energy all day", "days": days, "days_compared": compared });
        inspection.listed(self.code(), severity, runs.into_iter().map(|r| Run::of(r, evidence.clone())).collect())
    }

    /// Loaded intervals with a power factor below the limit.
    fn low_factor(&self, inspection: &Inspection<'_>, kvar: &[f64], lead: Option<&[f64]>) -> Option<Issue> {
        const BOTH: u8 = VALID | REACTIVE;
        let (load, least) = (inspection.load, LOADED_SHARE * inspection.max_kw());
        let (kw, flags) = (load.kw(), load.flags());
        let mut counts = [0u32; 2];
        let none: &[f64] = &[];
        let lead = lead.unwrap_or(none).iter().copied().chain(std::iter::repeat(0.0));
        for (((kw, kvar), lead), flags) in kw.iter().zip(kvar).zip(lead).zip(flags) {
            let loaded = (flags & BOTH == BOTH) & (*kw >= least) & (*kw > 0.0);
            counts[0] += u32::from(loaded);
            counts[1] += u32::from(loaded & (kvar.abs().max(lead.abs()) > TAN_LIMIT * kw));
        }
        let share = f64::from(counts[1]) / f64::from(counts[0].max(1));
        let evidence = json!({
            "finding": "cos φ below 0.3 under load",
            "share": share,
            "loaded_intervals": counts[0],
            "loaded_from_kw": least,
        });
        let severity = if share > SUSPECT_SHARE { Blocking } else { Advisory };
        let run = Run { range: Some(load.span().clone()), n: counts[1] as usize, evidence };
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
