//! Parts of the report that are rows of a table; a field is called as its column.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The whole span, as in table `customers`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    /// IANA zone of all local times.
    pub tz: Option<String>,
    /// Length of an interval in minutes.
    pub interval_min: Option<u32>,
    /// Start of the first interval, local wall clock.
    pub first_start: Option<String>,
    /// Start of the last interval, local wall clock.
    pub last_start: Option<String>,
    /// Intervals from first to last.
    pub n_expected: Option<u32>,
    /// Usable ones.
    pub n_valid: Option<u32>,
    /// Without a row or null.
    pub n_missing: Option<u32>,
    /// Present but unusable.
    pub n_invalid: Option<u32>,
    /// Surplus rows.
    pub n_duplicate: Option<u32>,
    /// Estimated for the bill.
    pub n_estimated: Option<u32>,
    /// Import in kWh.
    pub kwh: Option<f64>,
    /// Export in kWh.
    pub kwh_export: Option<f64>,
    /// Reactive energy in kvarh, lagging and leading added.
    pub kvarh: Option<f64>,
    /// Greatest interval mean in kW.
    pub max_kw: Option<f64>,
    /// Start of that interval, local wall clock.
    pub max_at: Option<String>,
    /// The same instant in UTC.
    pub max_at_utc: Option<String>,
    /// Least interval mean in kW.
    pub min_kw: Option<f64>,
    /// Mean in kW.
    pub mean_kw: Option<f64>,
    /// Mean over maximum.
    pub load_factor: Option<f64>,
    /// Of the totals.
    pub power_factor: Option<f64>,
    /// Bill of a year.
    pub bill_total: Option<f64>,
    /// Saving of a year, all advice of the plan together, technical potential and investments included.
    pub saving_total: Option<f64>,
    /// What could be saved without buying anything: no technical potential, no investment.
    #[serde(default)]
    pub saving_headline: Option<f64>,
    /// ISO code of all amounts.
    pub currency: Option<String>,
    /// Billed cycles.
    pub months_billed: Option<u32>,
}

/// A day, as in table `daily`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Day {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// `workday`, `restday` or `holiday`.
    pub day_kind: String,
    /// Expected intervals.
    pub n_expected: u32,
    /// Usable intervals.
    pub n_valid: u32,
    /// Import in kWh.
    pub kwh: Option<f64>,
    /// Greatest interval mean in kW.
    pub max_kw: Option<f64>,
    /// Start of that interval, local wall clock.
    pub max_at: Option<String>,
    /// Least interval mean in kW.
    pub min_kw: Option<f64>,
    /// Mean in kW.
    pub mean_kw: Option<f64>,
    /// Mean over maximum.
    pub load_factor: Option<f64>,
}

/// A billing cycle, as in table `monthly`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Month {
    /// `YYYY-MM` of the cycle's last instant.
    pub month: String,
    /// Cut by the ends of the data; neither billed nor annualised.
    pub partial: bool,
    /// Expected intervals.
    pub n_expected: u32,
    /// Usable intervals.
    pub n_valid: u32,
    /// Estimated for the bill.
    pub n_estimated: Option<u32>,
    /// Import in kWh.
    pub kwh: Option<f64>,
    /// Import in sharp hours (尖); absent without a tariff, as are the next four.
    pub kwh_sharp: Option<f64>,
    /// Import in peak hours (峰).
    pub kwh_peak: Option<f64>,
    /// Import in flat hours (平).
    pub kwh_flat: Option<f64>,
    /// Import in valley hours (谷).
    pub kwh_valley: Option<f64>,
    /// Import in deep-valley hours (深谷).
    pub kwh_deep: Option<f64>,
    /// Reactive energy in kvarh.
    pub kvarh: Option<f64>,
    /// Export in kWh.
    pub kwh_export: Option<f64>,
    /// Greatest interval mean in kW.
    pub max_kw: Option<f64>,
    /// Start of that interval, local wall clock.
    pub max_at: Option<String>,
    /// The same instant in UTC.
    pub max_at_utc: Option<String>,
    /// Least interval mean in kW.
    pub min_kw: Option<f64>,
    /// Mean over maximum.
    pub load_factor: Option<f64>,
    /// Of the cycle's energies.
    pub power_factor: Option<f64>,
}

/// A peak, as in table `peaks`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Peak {
    /// `billing`, `episode` or `top`.
    pub kind: String,
    /// Its cycle.
    pub month: Option<String>,
    /// 1 is the highest of its kind and cycle.
    pub rank: u32,
    /// Local wall clock.
    pub start: Option<String>,
    /// The same instant in UTC.
    pub start_utc: Option<String>,
    /// Exclusive, local wall clock.
    pub end: Option<String>,
    /// Greatest interval mean in kW.
    pub max_kw: Option<f64>,
    /// Lead over the highest interval at least 2 h away, in kW.
    pub margin_kw: Option<f64>,
    /// Energy above 90 % of the cycle's maximum, in kWh.
    pub kwh_above: Option<f64>,
    /// `needle`, `plateau` or `other`.
    pub shape: Option<String>,
    /// `workday`, `restday` or `holiday`.
    pub day_kind: String,
    /// Share of the same weekdays with load near the maximum at that time.
    pub recurrence: Option<f64>,
}

/// A bill line, as in table `bills`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BillLine {
    /// The supply point billed; absent for the customer as a whole.
    pub supply_point: Option<String>,
    /// Its cycle.
    pub month: String,
    /// `energy`, `demand`, `capacity`, `power_factor`, `fund`, `fixed`.
    pub line: String,
    /// `sharp`, `peak`, `flat`, `valley`, `deep` of an energy line.
    pub period: Option<String>,
    /// The tariff's own name of the line.
    pub name: Option<String>,
    /// How much.
    pub quantity: Option<f64>,
    /// Of what.
    pub unit: Option<String>,
    /// Per unit.
    pub price: Option<f64>,
    /// Rounded half away from zero to the hundredth.
    pub amount: f64,
    /// Unrounded.
    pub amount_exact: Option<f64>,
    /// Tariff id.
    pub tariff: Option<String>,
    /// Estimated energy, clause.
    pub note: Option<String>,
}

/// A row of table `advice`, before it is put into words.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct AdviceRow {
    pub advice_id: String,
    pub rank: Option<u32>,
    pub code: String,
    pub verdict: String,
    pub tier: String,
    pub saving_alone: Option<f64>,
    pub saving_joint: Option<f64>,
    pub saving_low: Option<f64>,
    pub saving_high: Option<f64>,
    pub saving_joint_observed: Option<f64>,
    pub currency: Option<String>,
    pub kwh_saved: Option<f64>,
    pub kwh_shifted: Option<f64>,
    pub kw_reduced: Option<f64>,
    /// Tables of earlier versions do not have it.
    #[serde(default)]
    pub kw_potential: Option<f64>,
    pub confidence: Option<f64>,
    pub exclusive_group: Option<String>,
    pub needs: Option<String>,
    pub evidence: Option<String>,
    pub audience: String,
    pub months_held: Option<u32>,
    pub months_billed: Option<u32>,
    /// Tables of earlier versions do not have it.
    #[serde(default)]
    pub headline: Option<bool>,
    /// The same.
    #[serde(default)]
    pub saving_headline: Option<f64>,
}

/// A data issue, as in table `quality`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Issue {
    /// `V01`…
    pub code: String,
    /// Its name in the report's language.
    #[serde(default)]
    pub name: String,
    /// `blocking` or `advisory`.
    pub severity: String,
    /// Start of the first interval concerned, local wall clock.
    pub first_start: Option<String>,
    /// Start of the last, local wall clock.
    pub last_start: Option<String>,
    /// Intervals concerned.
    pub n_intervals: Option<u32>,
}

/// A row of table `typical_days`, before a day's slots are put together.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TypicalRow {
    pub day_kind: String,
    pub season: String,
    pub slot: usize,
    pub mean_kw: Option<f64>,
    pub p10_kw: Option<f64>,
    pub p50_kw: Option<f64>,
    pub p90_kw: Option<f64>,
    pub n_days: u32,
}

/// A named number of the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// The number.
    pub value: f64,
    /// Its unit; empty for a ratio or count.
    pub unit: String,
}

/// Everything needed to derive a recommendation by hand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// First date looked at.
    #[serde(default)]
    pub from: String,
    /// Last date looked at.
    #[serde(default)]
    pub to: String,
    /// Measured facts.
    #[serde(default)]
    pub figures: BTreeMap<String, Figure>,
    /// Constants of the rule.
    #[serde(default)]
    pub constants: BTreeMap<String, Figure>,
    /// Facts that are words, in the report's language.
    #[serde(default)]
    pub notes: BTreeMap<String, String>,
    /// The two bills whose difference is the saving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arithmetic: Option<Arithmetic>,
    /// What single rules add.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// The bill as it is beside the bill with one recommendation alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Arithmetic {
    /// What was changed, in the report's language.
    pub change: String,
    /// ISO code.
    pub currency: String,
    /// Billed cycles that are counted.
    pub months: Vec<String>,
    /// What a counted cycle weighs in a year.
    pub annual_factor: Option<f64>,
    /// Lines that change, as they are.
    pub before: Vec<LineSum>,
    /// Lines that change, with the advice.
    pub after: Vec<LineSum>,
    /// Whole bill of the counted cycles, a decimal.
    pub total_before: String,
    /// The same with the advice.
    pub total_after: String,
    /// Saving of each counted cycle.
    pub monthly_saving: Vec<String>,
    /// What later versions add.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Bill lines of one kind, name and price, added up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineSum {
    /// What the lines charge for.
    pub kind: String,
    /// The tariff's own name.
    pub name: String,
    /// Sum of quantities.
    pub quantity: f64,
    /// Of what.
    pub unit: String,
    /// Per unit.
    pub price: f64,
    /// Lines that were added.
    pub lines: u32,
    /// Sum of the rounded amounts, a decimal.
    pub amount: String,
    /// What later versions add.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}
