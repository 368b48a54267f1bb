//! Rows of counts, energies and extremes: what a day, a billing cycle and a customer come to.

use crate::time::{Cycle, Date, DayKind, Month};
use crate::units::{Kvarh, Kw, Kwh, Ratio};

/// A customer's totals over its whole span.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    /// Intervals from the first to the last start.
    pub n_expected: usize,
    /// Usable readings.
    pub n_valid: usize,
    /// No row, or null.
    pub n_missing: usize,
    /// NaN, infinite, conflicting or over a physical limit.
    pub n_invalid: usize,
    /// Surplus rows.
    pub n_duplicate: usize,
    /// Filled for the bill.
    pub n_estimated: usize,
    /// Import.
    pub kwh: Option<Kwh>,
    /// Export; `None` when there is none.
    pub kwh_export: Option<Kwh>,
    /// Reactive energy.
    pub kvarh: Option<Kvarh>,
    /// Import of the intervals that have a reactive reading: what the power factor compares with.
    pub kwh_with_kvarh: Option<Kwh>,
    /// Greatest interval mean and its interval.
    pub max: Option<(Kw, usize)>,
    /// Least interval mean; negative is back-feed.
    pub min_kw: Option<Kw>,
    /// Mean of valid intervals.
    pub mean_kw: Option<Kw>,
    /// Mean over maximum.
    pub load_factor: Option<Ratio>,
    /// Of the totals of active and reactive energy.
    pub power_factor: Option<Ratio>,
}

/// A customer's day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayRow {
    /// Civil date.
    pub date: Date,
    /// Kind of day.
    pub day_kind: DayKind,
    /// The day's counts and extremes.
    pub totals: Totals,
}

/// A customer's billing cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct MonthRow {
    /// The cycle.
    pub cycle: Cycle,
    /// Label.
    pub month: Month,
    /// Import by period in the order of [`crate::tariff::Period::ALL`]; `None` without a tariff.
    pub kwh_by_period: Option<[Kwh; 5]>,
    /// The cycle's counts and extremes.
    pub totals: Totals,
}
