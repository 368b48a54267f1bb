//! Indicators: each one file with its card.

use serde::Serialize;

/// The value of one indicator over a customer's whole span.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// Its code, such as `load_factor`.
    pub code: &'static str,
    /// The value; `None` when coverage or inputs do not allow one.
    pub value: Option<f64>,
    /// Its unit, empty for a ratio.
    pub unit: &'static str,
}
