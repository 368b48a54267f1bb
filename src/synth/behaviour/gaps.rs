//! Readings that never came: single nulls, short and long runs of missing rows.

use super::{Behaviour, Figures, figures};
use crate::synth::SynthCustomer;
use crate::synth::random::Random;

/// Share of intervals whose row is there with null values.
const NULLS: f64 = 0.004;
/// Runs of up to two hours, a year.
const SHORT_RUNS: usize = 24;
/// Longest short run in hours: what linear interpolation may fill.
const SHORT_HOURS: f64 = 2.0;
/// Runs of 5–30 hours, a year.
const LONG_RUNS: usize = 3;
/// Length of a long run in hours.
const LONG_HOURS: (f64, f64) = (5.0, 30.0);

/// See the module.
pub struct Gaps;

impl Behaviour for Gaps {
    fn name(&self) -> &'static str {
        "gaps"
    }

    fn finish(&self, customer: &mut SynthCustomer, random: &mut Random) -> Figures {
        let per_hour = 1.0 / customer.interval.hours();
        let Some(readings) = customer.readings.first_mut() else { return Figures::new() };
        let n = readings.len();
        let years = n as f64 / (8766.0 * per_hour);
        let mut keep = vec![true; n];
        let mut drop_run = |hours: f64, random: &mut Random| {
            let length = ((hours * per_hour).round() as usize).clamp(1, n.max(1));
            let start = 1 + random.below(n.saturating_sub(length + 2));
            // The first and the last row stay, so that the span is what it was.
            keep.iter_mut().skip(start).take(length.min(n.saturating_sub(start + 1))).for_each(|k| *k = false);
        };
        for _ in 0..runs(SHORT_RUNS, years) {
            drop_run(random.between(0.1, SHORT_HOURS), random);
        }
        for _ in 0..runs(LONG_RUNS, years) {
            drop_run(random.between(LONG_HOURS.0, LONG_HOURS.1), random);
        }
        for present in &mut readings.present {
            *present = !random.chance(NULLS);
        }
        let dropped = keep.iter().filter(|k| !**k).count();
        let nulls = readings.present.iter().zip(&keep).filter(|(p, k)| **k && !**p).count();
        let longest = keep.split(|k| *k).map(<[bool]>::len).max().unwrap_or(0);
        readings.retain(&keep);
        figures([
            ("rows_missing", dropped as f64, ""),
            ("rows_null", nulls as f64, ""),
            ("longest_gap_h", longest as f64 / per_hour, "h"),
        ])
    }
}

/// A yearly number of runs in proportion to the span, at least one.
fn runs(a_year: usize, years: f64) -> usize {
    ((a_year as f64 * years).round() as usize).max(1)
}
