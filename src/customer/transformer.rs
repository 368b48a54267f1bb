//! A customer's transformers.

use crate::time::Date;
use crate::units::Kva;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// State of a transformer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitState {
    /// In service.
    #[default]
    Running,
    /// Energised without load; billable.
    HotStandby,
    /// Disconnected and sealed; not billable.
    Sealed,
    /// Suspended by application; not billable.
    Suspended,
}

/// A transformer of the customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Transformer {
    /// Its name.
    pub unit: String,
    /// The supply point that it feeds; `None` where the file does not say.
    pub supply_point: Option<Arc<str>>,
    /// Rating.
    pub rating: Kva,
    /// No-load loss in kW.
    pub p0_kw: Option<f64>,
    /// Load loss at rating in kW.
    pub pk_kw: Option<f64>,
    /// No-load current in %.
    pub i0_pct: Option<f64>,
    /// Short-circuit voltage in %.
    pub uk_pct: Option<f64>,
    /// State in its dates.
    pub state: UnitState,
    /// Units of one group back each other up and count once, at the largest.
    pub interlock_group: Option<String>,
    /// Dates in which this line holds.
    pub valid_from: Option<Date>,
    /// Exclusive.
    pub valid_to: Option<Date>,
}

impl Transformer {
    /// A unit in service of which nothing but the rating is known.
    #[cfg(test)]
    pub(crate) fn running(unit: &str, kva: f64) -> Self {
        Self {
            unit: unit.into(),
            supply_point: None,
            rating: Kva::new(kva),
            p0_kw: None,
            pk_kw: None,
            i0_pct: None,
            uk_pct: None,
            state: UnitState::Running,
            interlock_group: None,
            valid_from: None,
            valid_to: None,
        }
    }
}
