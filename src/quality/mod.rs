//! Validation and estimation: what is wrong with a load's readings, and what fills its gaps.
//!
//! A raw value never changes. [`inspect`] runs every check of [`CHECKS`]; [`over_full_scale`] names
//! the intervals that no meter can have measured, for [`Load::invalidated`]; [`without_dead_reactive`] takes a reactive
//! channel that was dead for not read; [`estimate`] puts values for gaps beside the readings. [`examine`] does the four
//! in that order.

mod check;
mod dead_reactive;
mod estimate;
mod inspection;
mod profile;
mod runs;

pub use check::{CHECKS, Check, over_full_scale};
pub use dead_reactive::without_dead_reactive;
pub use estimate::{EstimationRules, estimate};
pub use inspection::Inspection;
pub use runs::{Run, gaps};

use crate::curve::{DayLabels, Load};
use crate::customer::{Customer, Meter, RegisterReadings};
use serde::Serialize;
use std::sync::Arc;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// What depends on these intervals is withheld.
    Blocking,
    /// Worth a look; nothing is withheld.
    Advisory,
}

/// A data issue of one meter or customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Issue {
    /// `V01`… of the catalogue of checks.
    pub code: &'static str,
    /// How serious.
    pub severity: Severity,
    /// The meter, when one meter alone is concerned.
    pub meter: Option<Arc<str>>,
    /// First interval concerned, as index into the load.
    pub first: Option<usize>,
    /// Last interval concerned.
    pub last: Option<usize>,
    /// Intervals concerned.
    pub n_intervals: usize,
    /// Named numbers that reproduce the finding.
    pub evidence: serde_json::Value,
}

/// Runs all checks; issues in the order of code, then of first interval.
#[must_use]
pub fn inspect(inspection: &Inspection<'_>) -> Vec<Issue> {
    let mut issues: Vec<Issue> = CHECKS.iter().flat_map(|check| check.run(inspection)).collect();
    issues.sort_by_key(|i| (i.code, i.first, i.last));
    issues
}

/// Inspects a load, takes out what no meter can have measured and estimates its gaps.
#[must_use]
pub fn examine(
    load: Load,
    labels: &DayLabels,
    customer: &Customer,
    meters: &[Meter],
    registers: &RegisterReadings,
) -> (Load, Vec<Issue>) {
    let issues = inspect(&Inspection::new(&load, labels, customer, meters, registers));
    (repaired(load, labels, customer, meters), issues)
}

/// Takes out what no meter can have measured and estimates the gaps of a load.
#[must_use]
pub fn repaired(load: Load, labels: &DayLabels, customer: &Customer, meters: &[Meter]) -> Load {
    let impossible = over_full_scale(&load, meters);
    let load = if impossible.is_empty() { load } else { load.invalidated(&impossible) };
    let mut load = without_dead_reactive(load);
    estimate(&mut load, labels, &EstimationRules::of(customer));
    load
}

/// Whether the reactive channel is so suspect that no power factor should be derived from it.
#[must_use]
pub fn reactive_suspect(issues: &[Issue]) -> bool {
    issues.iter().any(|i| i.code == "V07" && i.severity == Severity::Blocking)
}
