//! How good the readings are that a figure rests on: the data's part of every confidence.

use crate::curve::PowerKind;
use crate::quality::Severity;
use crate::rule::Facts;

/// 1 for metered means that passed every check; less for sampled power and for blocking findings.
/// What is missing or estimated is in the coverage.
pub(super) fn data(facts: &Facts<'_>) -> f64 {
    let t = facts.thresholds;
    let sampled = if facts.load().power_kind() == PowerKind::Instant { t.grade_sampled } else { 1.0 };
    let blocked = if facts.issues.iter().any(|i| i.severity == Severity::Blocking) { t.grade_blocked } else { 1.0 };
    sampled * blocked
}
