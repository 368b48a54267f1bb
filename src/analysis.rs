//! What one customer's analysis holds: the one result that tables and pages are written from.

use crate::curve::{DayLabels, Load, LoadDuration, TypicalDay};
use crate::customer::Customer;
use crate::indicator::Reading;
use crate::peak::Peak;
use crate::quality::Issue;
use crate::rule::Advice;
use crate::tariff::Bill;
use crate::time::{Cycle, Date, DayKind, Month};
use crate::units::{Kvarh, Kw, Kwh, Money, Ratio};
use std::sync::Arc;

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

/// The plan: all advice that is taken together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Yearly bill as it is; `None` when it cannot be annualised or there is no tariff.
    pub bill_now: Option<Money>,
    /// Yearly bill after the plan.
    pub bill_after: Option<Money>,
    /// Sum of the plan's yearly savings.
    pub saving: Option<Money>,
    /// The part of it that stands in the headline: no technical potential, nothing that asks for spending.
    pub saving_headline: Option<Money>,
    /// Saving over the observed cycles: the sum of the plan's `saving_joint_observed`.
    pub saving_observed: Option<Money>,
    /// Fewer than 12 billable cycles stand behind the yearly figures.
    pub short: bool,
    /// Load after all operational advice, for the before/after picture.
    pub load_after: Option<Load>,
}

/// Everything that is known of one customer after phase 1.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// Register entry.
    pub customer: Arc<Customer>,
    /// The sum over its main meters.
    pub load: Arc<Load>,
    /// Day kinds and seasons.
    pub labels: DayLabels,
    /// Whole span.
    pub totals: Totals,
    /// One per day.
    pub daily: Vec<DayRow>,
    /// One per billing cycle.
    pub monthly: Vec<MonthRow>,
    /// Typical days.
    pub typical: Vec<TypicalDay>,
    /// Load duration curve.
    pub duration: LoadDuration,
    /// Indicators over the whole span.
    pub indicators: Vec<Reading>,
    /// Billing peaks, episodes and top intervals.
    pub peaks: Vec<Peak>,
    /// Data issues.
    pub issues: Vec<Issue>,
    /// The recomputed bill.
    pub bill: Option<Bill>,
    /// Ranked advice first, then what is missing.
    pub advice: Vec<Advice>,
    /// All advice together.
    pub plan: Plan,
}

/// How a customer's analysis ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Analysed.
    Ok,
    /// An error.
    Failed,
    /// No usable interval, or registered without readings.
    Skipped,
}

impl Status {
    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A customer's analysis, or why there is none.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Register entry.
    pub customer: Arc<Customer>,
    /// How it ended.
    pub status: Status,
    /// Why, when it is not ok.
    pub reason: Option<String>,
    /// The result, when it is ok.
    pub analysis: Option<Analysis>,
}

impl Outcome {
    /// A finished analysis.
    #[must_use]
    pub fn ok(analysis: Analysis) -> Self {
        Self { customer: Arc::clone(&analysis.customer), status: Status::Ok, reason: None, analysis: Some(analysis) }
    }

    /// A customer without an analysis.
    #[must_use]
    pub fn without(customer: Arc<Customer>, status: Status, reason: impl Into<String>) -> Self {
        Self { customer, status, reason: Some(reason.into()), analysis: None }
    }
}
