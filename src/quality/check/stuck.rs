//! V09: a value that stands still.

use super::{Check, Inspection, Issue};
use crate::quality::Severity::Advisory;
use crate::quality::runs::Run;
use serde_json::json;
use std::ops::Range;

/// Fewest identical values (product decision).
const LEAST_VALUES: usize = 8;

/// Shortest time that they take, in minutes (product decision).
const LEAST_MINUTES: u32 = 120;

/// Number of runs that a healthy load of this resolution would show by chance in the whole span, below
/// which a run is told (judgement).
const CHANCE_RUNS: f64 = 0.01;

/// Values in an aligned block; every run of [`LEAST_VALUES`] holds a whole block.
const BLOCK: usize = 4;

/// Identical values in a row, more than the load's resolution explains.
#[derive(Debug)]
pub(super) struct Stuck;

impl Check for Stuck {
    fn code(&self) -> &'static str {
        "V09"
    }

    fn name(&self) -> &'static str {
        "stuck"
    }

    fn card(&self) -> &'static str {
        "What: the same value, not zero, many times in a row.
Threshold: 8 values and 2 h; more where the load repeats values by nature: with a share p of equal neighbours in n \
         values, as many as leave n × p^(k-1) below 0.01; nothing below 3 register quanta.
Action: valid and told.
Source: flat-line checks of VEE practice; the measure for resolution is judgement."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        if !any_still_block(inspection.load.kw()) {
            return Vec::new();
        }
        let least = LEAST_VALUES.max(inspection.intervals_in(LEAST_MINUTES));
        let (runs, repeats, pairs) = long_runs(inspection, least);
        let kw = |i: usize| inspection.load.kw().get(i).copied().unwrap_or(0.0);
        let needed = least.max(natural_length(repeats, pairs));
        let noise = inspection.noise_kw();
        let runs = runs.into_iter().filter(|r| r.len() >= needed && kw(r.start).abs() >= noise);
        let described = runs.map(|r| {
            let evidence = json!({
                "finding": "identical values",
                "kw": kw(r.start),
                "least_values": needed,
                "quantum_kw": inspection.resolution_kw(),
            });
            Run::of(r, evidence)
        });
        inspection.listed(self.code(), Advisory, described.collect())
    }
}

/// Whether an aligned block holds one value, not zero, throughout.
fn any_still_block(kw: &[f64]) -> bool {
    kw.as_chunks::<BLOCK>().0.iter().any(|[a, b, c, d]| a == b && *a != 0.0 && b == c && c == d)
}

/// Runs of at least `least` equal valid values other than zero, and how many equal neighbours and
/// neighbours there are outside of them.
fn long_runs(inspection: &Inspection<'_>, least: usize) -> (Vec<Range<usize>>, usize, usize) {
    let (load, kw) = (inspection.load, inspection.load.kw());
    let (mut runs, mut repeats, mut pairs) = (Vec::new(), 0, 0);
    let mut start = load.span().start;
    let end = load.span().end;
    while start < end {
        let usable = |i: usize| load.is_valid(i) && kw.get(i).is_some_and(|v| *v != 0.0);
        if !usable(start) {
            start += 1;
            continue;
        }
        let n = (start..end).take_while(|i| usable(*i) && kw.get(*i) == kw.get(start)).count();
        if n >= least {
            runs.push(start..start + n);
        } else {
            repeats += n - 1;
            pairs += n;
        }
        start += n;
    }
    (runs, repeats, pairs)
}

/// Length of a run that chance alone makes rare.
fn natural_length(repeats: usize, pairs: usize) -> usize {
    if repeats == 0 {
        return 0;
    }
    let share = repeats as f64 / pairs as f64;
    ((CHANCE_RUNS / pairs as f64).ln() / share.ln()).ceil() as usize + 1
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;

    #[test]
    fn a_value_that_stands_still_is_told() {
        let mut case = Case::one_shift(60);
        case.kw[1000..1020].fill(432.1);
        case.kw[2000..2007].fill(432.1);
        let found: Vec<_> = case.issues("V09").iter().map(|i| (i.first, i.n_intervals)).collect();
        assert_eq!(found, [(Some(1000), 20)]);
    }

    #[test]
    fn a_load_of_few_quanta_repeats_by_nature() {
        let mut case = Case::continuous(60);
        case.kw.iter_mut().for_each(|v| *v = (*v / 25.0).round() * 25.0);
        assert_eq!(case.issues("V09"), []);
        case.kw[1000..1400].fill(500.0);
        assert_eq!(case.issues("V09").len(), 1, "400 in a row are too many for that too");
    }

    #[test]
    fn below_three_quanta_is_noise() {
        let mut case = Case::one_shift(60);
        case.kw.iter_mut().for_each(|v| *v = v.round());
        case.kw[1000..1020].fill(2.0);
        assert_eq!(case.issues("V09"), []);
        case.kw[1000..1020].fill(3.0);
        assert_eq!(case.issues("V09").len(), 1);
    }
}
