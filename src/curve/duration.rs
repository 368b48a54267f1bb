//! The load duration curve.

use super::Load;

/// Valid powers in descending order.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadDuration {
    /// kW, greatest first.
    pub kw: Vec<f64>,
    /// Hours of one value.
    pub interval_hours: f64,
}

impl LoadDuration {
    /// Sorts the valid intervals of a load.
    #[must_use]
    pub fn new(load: &Load) -> Self {
        let mut kw: Vec<f64> = (0..load.kw().len()).filter(|i| load.is_valid(*i)).map(|i| load.kw()[i]).collect();
        kw.sort_unstable_by(|a, b| b.total_cmp(a));
        Self { kw, interval_hours: load.interval().hours() }
    }
}
