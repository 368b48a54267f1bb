//! What one customer's analysis holds: the one result that tables and pages are written from.

use crate::curve::{DayLabels, Load, LoadDuration, TypicalDay};
use crate::customer::Customer;
use crate::indicator::Reading;
use crate::peak::Peak;
use crate::quality::Issue;
use crate::rule::{Advice, Audience, Thresholds};
use crate::tariff::{Bill, Reconciliation};
use crate::units::Money;
use crate::whatif::WorkSchedule;
use std::sync::Arc;

pub use crate::statistics::{DayRow, MonthRow, Totals};

/// The plan: all advice that is taken together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Yearly bill as it is; `None` when it cannot be annualised or there is no tariff.
    pub bill_now: Option<Money>,
    /// Yearly bill after the plan.
    pub bill_after: Option<Money>,
    /// Sum of the plan's yearly savings.
    pub saving: Option<Money>,
    /// What stands in the headline: the bill now less the bill after its members alone, without technical
    /// potential and without what asks for spending. The sum of the rows' `saving_headline`.
    pub saving_headline: Option<Money>,
    /// Saving over the observed cycles: the sum of the plan's `saving_joint_observed`.
    pub saving_observed: Option<Money>,
    /// Fewer than 12 billable cycles stand behind the yearly figures.
    pub short: bool,
    /// Load after all operational advice, for the before/after picture.
    pub load_after: Option<Load>,
    /// Rules that looked and advise nothing.
    pub rejected: Vec<Rejected>,
    /// When which machine is to run, where a list of equipment was given and moving pays.
    pub schedule: Option<Arc<WorkSchedule>>,
}

impl Plan {
    /// Below this a yearly saving is not worth mentioning to the customer.
    #[must_use]
    pub fn least_saving(&self, thresholds: &Thresholds) -> f64 {
        thresholds.least_saving(self.bill_now.map_or(0.0, Money::to_f64))
    }
}

/// A rule that had all its inputs and advises nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its code.
    pub code: &'static str,
    /// Who may read it.
    pub audience: Audience,
    /// The rule's own words; `None` when it proposed something that is not worth mentioning.
    pub reason: Option<String>,
}

/// Everything that is known of one customer after phase 1.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// Register entry.
    pub customer: Arc<Customer>,
    /// The sum over its main meters.
    pub load: Arc<Load>,
    /// The load of each supply point; the bill is made from these.
    pub supplies: Vec<(Arc<str>, Arc<Load>)>,
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
    /// What each line of the bill rests on, in the order of its lines: JSON.
    pub evidence: Vec<Option<String>>,
    /// Bills of the same load on other terms, by name.
    pub scenarios: Vec<(Arc<str>, Bill)>,
    /// The bills that were really sent beside it; `None` without a recomputed bill.
    pub reconciliation: Option<Reconciliation>,
    /// Ranked advice first, then what is missing.
    pub advice: Vec<Advice>,
    /// All advice together.
    pub plan: Plan,
}

/// How a customer's analysis ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Analysed.
    #[default]
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
