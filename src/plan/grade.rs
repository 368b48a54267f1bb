//! How good the readings are that a figure rests on: the data's part of every confidence.

use crate::curve::{Load, PowerKind};
use crate::quality::Severity;
use crate::rule::Facts;

/// Checks whose findings are not of active power as it is counted: gaps are in the coverage, and where the reactive
/// channel is suspect R05 is silent and others take it for not read.
const ASIDE: [&str; 2] = ["V02", "V07"];
/// Of the square of a step from one sample to the next, how much the mean between them differs from the later one where
/// power is a random walk: E[(∫₀¹ B(t) dt − B(1))²] = 1/3 of a Brownian motion B.
const OF_A_STEP: f64 = 1.0 / 3.0;

/// The share of the readings that no blocking finding touches, times, where power is sampled, one less the error of a
/// sample as a share of the mean power. 1 for metered means that passed every check; what is missing or estimated is in
/// the coverage.
pub(super) fn data(facts: &Facts<'_>) -> f64 {
    let sampled = if facts.load().power_kind() == PowerKind::Instant { sampling_error(facts.load()) } else { 0.0 };
    (1.0 - blocked(facts)).max(0.0) * (1.0 - sampled).max(0.0)
}

/// The share of the readings that blocking findings touch; those of one meter count for its share of the meters.
fn blocked(facts: &Facts<'_>) -> f64 {
    let blocking = facts.issues.iter().filter(|i| i.severity == Severity::Blocking && !ASIDE.contains(&i.code));
    let all = facts.load().span().len().max(1) as f64;
    let meters = facts.side.meters.len().max(1) as f64;
    blocking.map(|i| i.n_intervals as f64 / all / if i.meter.is_some() { meters } else { 1.0 }).sum()
}

/// By how much a sample differs from the mean of its interval, root mean square, over the mean power.
fn sampling_error(load: &Load) -> f64 {
    let (mut squares, mut sum, mut n) = (0.0, 0.0, 0usize);
    let (kw, span) = (load.kw(), load.span());
    let pairs = kw.get(span.clone()).unwrap_or_default().windows(2).zip(span.start..);
    for (pair, _) in pairs.filter(|(_, i)| load.is_valid(*i) && load.is_valid(i + 1)) {
        if let [a, b] = pair {
            squares += (b - a) * (b - a);
            sum += b.abs();
            n += 1;
        }
    }
    if n == 0 || sum == 0.0 { 0.0 } else { (OF_A_STEP * squares / n as f64).sqrt() / (sum / n as f64) }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{More, run_with};
    use super::*;
    use crate::quality::Issue;
    use crate::whatif::fixture::{Fixture, flat_year, year};

    /// A year of samples at the end of each interval, and the means that a meter would have stored.
    fn walk() -> (Load, Vec<f64>) {
        let (mut state, mut kw) = (7_u64, 500.0_f64);
        let mut minute = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            kw += ((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5) * 20.0 + (500.0 - kw) * 1e-3;
            kw
        };
        let minutes: Vec<[f64; 15]> = (0..365 * 96).map(|_| std::array::from_fn(|_| minute())).collect();
        let f = year(|d, s| minutes[d * 96 + s][14]);
        let load = f.state().load().clone();
        let sampled = Load::new(
            load.days().clone(),
            load.span().clone(),
            load.channels().clone(),
            *load.placement(),
            PowerKind::Instant,
        );
        (sampled, minutes.iter().map(|m| m.iter().sum::<f64>() / 15.0).collect())
    }

    #[test]
    fn samples_of_a_wandering_load_err_as_estimated() {
        let (load, means) = walk();
        let squares: f64 = load.kw().iter().zip(&means).map(|(a, b)| (a - b) * (a - b)).sum();
        let mean = means.iter().sum::<f64>() / means.len() as f64;
        let (truth, found) = ((squares / means.len() as f64).sqrt() / mean, sampling_error(&load));
        assert!(truth > 0.01 && (found / truth - 1.0).abs() < 0.1, "{found} against {truth}");
        assert_eq!(sampling_error(flat_year(300.0).state().load()), 0.0);
    }

    fn graded(f: &Fixture, more: &More) -> f64 {
        let rows = run_with(f, more, &[crate::rule::find("R05").unwrap()]).0;
        rows[0].evidence.figures["confidence_data"].value
    }

    #[test]
    fn a_blocking_finding_counts_for_the_readings_that_it_touches() {
        let mut f = flat_year(500.0);
        f.kvar = Some(vec![400.0; f.kw.len()]);
        let found = |code, severity, n_intervals, meter: Option<&str>| Issue {
            code,
            severity,
            meter: meter.map(Into::into),
            first: None,
            last: None,
            n_intervals,
            evidence: serde_json::Value::Null,
        };
        let year = f.kw.len();
        let of = |issues| graded(&f, &More { issues, ..More::default() });
        assert_eq!(of(vec![]), 1.0);
        assert_eq!(of(vec![found("V01", Severity::Blocking, year / 4, None)]), 0.75);
        assert_eq!(of(vec![found("V01", Severity::Advisory, year, None)]), 1.0, "an advisory finding takes nothing");
        assert_eq!(of(vec![found("V02", Severity::Blocking, year, None)]), 1.0, "gaps are in the coverage");
        // The naive case: a needle of active power was half as sure for a dead reactive channel.
        f.kw.iter_mut().enumerate().filter(|(i, _)| i % 960 == 40).for_each(|(_, kw)| *kw = 900.0);
        let dead = More { issues: vec![found("V07", Severity::Blocking, year / 2, None)], ..More::default() };
        let rows = run_with(&f, &dead, crate::rule::RULES).0;
        assert!(rows.iter().any(|r| r.evidence.figures.get("confidence_data").is_some_and(|d| d.value == 1.0)));
        let meters = ["a", "b"].map(|m| crate::customer::Meter::alone(&m.into())).to_vec();
        let one = vec![found("V01", Severity::Blocking, year, Some("a"))];
        assert_eq!(graded(&f, &More { issues: one, meters, ..More::default() }), 0.5, "one of two meters");
    }
}
