//! Parts of the report that come from the register, the tariff, the brand file and the plan.

use super::Advice;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who sends the report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BrandFacts {
    /// Organisation.
    pub organisation: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// A few sentences before the answer.
    pub foreword: Option<String>,
}

/// Register entry, as far as the customer may see it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerFacts {
    /// Account number.
    #[serde(alias = "customer_id")]
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// Free text.
    pub industry: Option<String>,
    /// Region.
    #[serde(default)]
    pub region: Option<String>,
    /// Voltage of supply.
    #[serde(default)]
    pub voltage_kv: Option<f64>,
    /// Contract transformer capacity.
    #[serde(default)]
    pub capacity_kva: Option<f64>,
    /// `single`, `capacity`, `demand` or `contract`.
    #[serde(default)]
    pub billing_mode: Option<String>,
    /// Contracted demand.
    #[serde(default)]
    pub contract_demand_kw: Option<f64>,
    /// Power-factor standard.
    #[serde(default)]
    pub pf_standard: Option<f64>,
    /// `agency`, `retail` or `direct`.
    #[serde(default)]
    pub market_status: Option<String>,
    /// Day of the month on which meters are read.
    #[serde(default)]
    pub reading_day: Option<u32>,
}

/// First and last date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// First date.
    pub from: String,
    /// Last date, included.
    pub to: String,
}

/// A sentence before all else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// `warn` or `note`.
    pub weight: String,
    /// The sentence.
    pub text: String,
}

/// What is paid and what could be saved a year.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// The answer in one sentence.
    pub sentence: String,
    /// Yearly bill as it is.
    pub bill_now: Option<f64>,
    /// Yearly bill after the plan.
    pub bill_after: Option<f64>,
    /// Saving of the whole plan a year.
    pub saving_plan: Option<f64>,
    /// What could be saved without buying anything; absent when nothing can be promised.
    pub could_save: Option<Headline>,
    /// Fewer than twelve billed cycles stand behind the yearly figures.
    pub short: bool,
}

/// A yearly saving with its lower and upper end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Headline {
    /// Lower end.
    pub low: f64,
    /// The saving itself: what leads where the lower end is not worth mentioning.
    #[serde(default)]
    pub saving: Option<f64>,
    /// Upper end.
    pub high: f64,
}

/// What the report says of the tariff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TariffTerms {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it was published.
    pub source: String,
    /// Version or date of issue.
    pub version: String,
    /// First day of validity.
    pub effective_from: Option<String>,
    /// Last day of validity.
    pub effective_to: Option<String>,
    /// Checked against the official publication.
    pub verified: bool,
}

/// What only the utility's staff may see.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Internal {
    /// Value class.
    pub value_class: Option<String>,
    /// Credit-risk class.
    pub risk_class: Option<String>,
    /// Public-opinion class.
    pub opinion_class: Option<String>,
    /// Days in arrears.
    pub arrears_days: Option<u32>,
    /// Account manager.
    pub manager: Option<String>,
    /// Advice for the staff alone.
    pub advice: Vec<Advice>,
}
