//! Validation and estimation: what is wrong with a load's readings, and what fills its gaps.

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
