//! Typical days: per day kind, season and wall-clock slot.

use super::{DayLabels, Load};
use crate::time::{DayKind, Season};

/// One slot of a typical day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TypicalDay {
    /// Kind of day.
    pub day_kind: DayKind,
    /// Season of the year.
    pub season: Season,
    /// Wall-clock slot, 0-based.
    pub slot: usize,
    /// Mean of the valid intervals in kW.
    pub mean_kw: f64,
    /// 10th percentile, linear (type 7).
    pub p10_kw: f64,
    /// Median.
    pub p50_kw: f64,
    /// 90th percentile.
    pub p90_kw: f64,
    /// Days that have this slot valid.
    pub n_days: usize,
}

/// All typical days of a load, in the order day kind, season, slot; slots without a valid reading
/// are left out.
#[must_use]
pub fn typical_days(_load: &Load, _labels: &DayLabels) -> Vec<TypicalDay> {
    Vec::new()
}
