//! The customer's report as one value: what `--format json` writes, and what every writer of forms
//! formats. Its figures are the rows of the tables; its words are those of the page.
//!
//! [`Report::of`] makes it from an analysis, [`Report::read`] from the tables of a finished run.

mod build;
mod checks;
mod head;
mod parts;
mod rows;
mod stored;

pub use checks::{IssuedLine, ScheduledDay, ScheduledRun};
pub use head::{Answer, BrandFacts, CustomerFacts, Internal, Notice, Period, TariffTerms};
pub use parts::{Arithmetic, BillLine, Day, Evidence, Issue, LineSum, Month, Peak, Totals};

pub use stored::{Listed, least_saving, listed};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Shape of the report: the number changes when a field is renamed, removed or changes its meaning;
/// new fields leave it.
pub const SHAPE: &str = "peakwise-report/1";

/// Shares of time at which the duration curve is given: 0 %, 1 % … 100 %.
pub const DURATION_POINTS: usize = 101;

/// One customer's report. Energies are kWh, powers kW, amounts in `totals.currency`, times local wall
/// clock of `totals.tz` as `2025-03-01T08:15:00` unless they end in `Z`; what is not known is null or
/// absent, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Shape of this document: `peakwise-report/1`.
    pub shape: String,
    /// Language of the words: `en` or `zh`.
    pub language: String,
    /// `customer`, or `internal` for the utility's staff alone.
    pub audience: String,
    /// Program and version.
    pub generated_by: String,
    /// Day of the run.
    pub run_date: Option<String>,
    /// Title of the report.
    pub title: String,
    /// The reservation that the utility's settlement bill prevails.
    pub reservation: String,
    /// Its tariff is unverified or does not cover the period.
    pub draft: bool,
    /// Who sends it.
    pub brand: Option<BrandFacts>,
    /// Whom it is about.
    pub customer: CustomerFacts,
    /// First and last date.
    pub period: Option<Period>,
    /// What must be said before anything else.
    pub notices: Vec<Notice>,
    /// The answer in short.
    pub answer: Answer,
    /// The whole span.
    pub totals: Totals,
    /// Numbers that describe the load.
    pub indicators: Vec<Indicator>,
    /// Typical days by kind and season.
    pub typical_days: Vec<TypicalDay>,
    /// Load in kW that is reached or exceeded in 0 %, 1 % … 100 % of the usable time; empty without readings.
    pub duration_kw: Vec<f64>,
    /// Billing cycles.
    pub months: Vec<Month>,
    /// Days.
    pub days: Vec<Day>,
    /// Billing peaks, episodes and the ten highest intervals.
    pub peaks: Vec<Peak>,
    /// The tariff that priced the bill.
    pub tariff: Option<TariffTerms>,
    /// Billing cycles with their totals, or why they are not billed.
    pub cycles: Vec<Cycle>,
    /// The recomputed bill, line by line.
    pub bill: Vec<BillLine>,
    /// What to know of the whole bill.
    pub bill_notes: Vec<String>,
    /// Issued bills beside the recomputed ones, line by line; line `total` closes a month. Empty without
    /// issued bills.
    #[serde(default)]
    pub issued: Vec<IssuedLine>,
    /// Recommendations, best first.
    pub advice: Vec<Advice>,
    /// The off-peak work schedule, one run of a machine after the other; empty without a list of equipment.
    #[serde(default)]
    pub schedule: Vec<ScheduledRun>,
    /// The mean day before and after the work schedule.
    #[serde(default)]
    pub schedule_days: Vec<ScheduledDay>,
    /// What could not be judged, and what it needs.
    pub missing: Vec<Missing>,
    /// What was considered and is not recommended; not in the tables.
    #[serde(default)]
    pub rejected: Vec<Rejected>,
    /// Findings in the readings.
    pub issues: Vec<Issue>,
    /// How the files were read.
    pub data_notes: Vec<String>,
    /// What the customer must not see; absent in a customer's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal: Option<Internal>,
}

/// A number that describes the load over the whole span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Indicator {
    /// Its code, such as `load_factor`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The value; absent when coverage or inputs do not allow one.
    pub value: Option<f64>,
    /// Its unit; empty for a ratio.
    pub unit: String,
    /// What it means.
    pub definition: String,
    /// Quarter among similar customers of an earlier run, 1 the lowest to 4 the highest; absent where there
    /// are not enough of them.
    #[serde(default)]
    pub peer_quarter: Option<u32>,
    /// The same in words.
    #[serde(default)]
    pub peers: Option<String>,
}

/// A typical day, one value a wall-clock slot from midnight on; null where no day has readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TypicalDay {
    /// `workday`, `restday` or `holiday`.
    pub day_kind: String,
    /// `spring`, `summer`, `autumn` or `winter`.
    pub season: String,
    /// Most days that a slot rests on.
    pub n_days: u32,
    /// Mean kW.
    pub mean_kw: Vec<Option<f64>>,
    /// 10th percentile.
    pub p10_kw: Vec<Option<f64>>,
    /// Median.
    pub p50_kw: Vec<Option<f64>>,
    /// 90th percentile.
    pub p90_kw: Vec<Option<f64>>,
}

/// A billing cycle of the bill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cycle {
    /// `YYYY-MM`.
    pub month: String,
    /// `billed`, `partial` or `unbillable`.
    pub state: String,
    /// Why it is not billed.
    pub reason: Option<String>,
    /// Sum of its rounded lines.
    pub total: Option<f64>,
}

/// A recommendation, in words and numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Advice {
    /// Stable over runs.
    pub advice_id: String,
    /// 1 is the first to do.
    pub rank: Option<u32>,
    /// `R01`…
    pub code: String,
    /// `counter`, `operate`, `invest` or `inform`.
    pub tier: String,
    /// What it is about.
    pub title: String,
    /// What was seen.
    pub finding: String,
    /// What to do.
    pub action: String,
    /// What to mind.
    pub caveat: String,
    /// What following it takes, in words.
    #[serde(default)]
    pub effort: String,
    /// The saving in words, two figures rounded down.
    pub saving: String,
    /// A technical potential, in no headline sum.
    pub potential: bool,
    /// In no headline sum for the one reason that the customer's industry is not known.
    #[serde(default)]
    pub awaits_sector: bool,
    /// It counts in what could be saved without buying anything.
    #[serde(default)]
    pub headline: bool,
    /// What it adds to that a year: its step without what must be bought or is only thought possible.
    #[serde(default)]
    pub saving_headline: Option<f64>,
    /// Saving a year if done alone.
    pub saving_alone: Option<f64>,
    /// Saving a year as part of the plan; absent outside it.
    pub saving_joint: Option<f64>,
    /// Lower end.
    pub saving_low: Option<f64>,
    /// Upper end.
    pub saving_high: Option<f64>,
    /// Saving in the plan over the observed cycles.
    pub saving_joint_observed: Option<f64>,
    /// ISO code.
    pub currency: Option<String>,
    /// Energy not used, a year.
    pub kwh_saved: Option<f64>,
    /// Energy moved, a year.
    pub kwh_shifted: Option<f64>,
    /// Fall of the maximum demand in kW, mean over the billed months; absent where it stays or rises.
    pub kw_reduced: Option<f64>,
    /// Load that could be lowered on request, in kW: no fall of any demand that is billed.
    pub kw_potential: Option<f64>,
    /// 0 to 1.
    pub confidence: Option<f64>,
    /// The certainty in words, with its reason.
    pub certainty: String,
    /// Billed months in which it saves.
    pub months_held: Option<u32>,
    /// Billed months.
    pub months_billed: Option<u32>,
    /// At most one of a group is in the plan.
    pub exclusive_group: Option<String>,
    /// How to derive it by hand.
    pub evidence: Evidence,
}

/// A rule that lacks inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Missing {
    /// `R01`…
    pub code: String,
    /// What it would advise on.
    pub title: String,
    /// Columns or files that it needs.
    pub needs: Vec<String>,
    /// The same in words.
    pub needs_words: String,
}

/// A rule that looked and does not recommend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rejected {
    /// `R01`…
    pub code: String,
    /// What was considered.
    pub title: String,
    /// Why it is not recommended, in words.
    pub reason: String,
}

/// The JSON Schema of [`Report`] (draft 2020-12), pretty-printed, as checked in under
/// `docs/report.schema.json`.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn json_schema() -> serde_json::Result<String> {
    let mut schema = schemars::schema_for!(Report);
    schema.insert("$id".into(), "report.schema.json".into());
    schema.insert("title".into(), SHAPE.into());
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}

#[cfg(test)]
mod tests;
