//! Recommendations: each rule one file with its card.

use crate::units::{Kw, Kwh, Money, Ratio};
use serde::Serialize;
use std::collections::BTreeMap;

/// What following a recommendation asks of the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Apply at the utility's counter; costs nothing.
    Counter,
    /// Change how the plant is run.
    Operate,
    /// Spend on equipment.
    Invest,
    /// To know; no money.
    Inform,
}

/// Who may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// The customer.
    Customer,
    /// The utility's staff alone.
    Internal,
}

/// Outcome of a rule that stands in the tables; rules that find nothing leave no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There is something to do.
    Advise,
    /// Inputs lack; see [`Advice::needs`].
    Missing,
}

/// A named number of the evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The number.
    pub value: f64,
    /// Its unit, empty for a ratio or count.
    pub unit: &'static str,
}

/// Everything needed to derive a recommendation by hand.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Evidence {
    /// First and last date looked at, `YYYY-MM-DD`.
    pub from: String,
    /// Last date, included.
    pub to: String,
    /// Measured facts.
    pub figures: BTreeMap<String, Figure>,
    /// Constants of the rule.
    pub constants: BTreeMap<String, Figure>,
    /// Facts that are words: a date of a peak, a mode, a reason.
    pub notes: BTreeMap<String, String>,
}

/// A recommendation, priced alone and in the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// Stable over runs: customer, code and what it concerns.
    pub advice_id: String,
    /// 1 = first to do; `None` for missing inputs.
    pub rank: Option<u32>,
    /// `R01`…`R22`.
    pub code: &'static str,
    /// Advice or missing inputs.
    pub verdict: Outcome,
    /// What it asks.
    pub tier: Tier,
    /// Who may read it.
    pub audience: Audience,
    /// 1 high, 2 medium, 3 low.
    pub priority: u8,
    /// Saving a year if done alone.
    pub saving_alone: Option<Money>,
    /// Saving a year as part of the plan; `None` outside it.
    pub saving_joint: Option<Money>,
    /// Lower end of the yearly saving.
    pub saving_low: Option<Money>,
    /// Upper end.
    pub saving_high: Option<Money>,
    /// Saving in the plan on the observed cycles; these add up exactly.
    pub saving_joint_observed: Option<Money>,
    /// Billed months in which it saves, and billed months.
    pub holds: Option<(usize, usize)>,
    /// Energy not used, a year.
    pub kwh_saved: Option<Kwh>,
    /// Energy moved, a year.
    pub kwh_shifted: Option<Kwh>,
    /// Fall of the maximum demand, mean over the billed months.
    pub kw_reduced: Option<Kw>,
    /// 0 to 1, computed as the card says.
    pub confidence: Option<Ratio>,
    /// At most one of a group is in the plan.
    pub exclusive_group: Option<&'static str>,
    /// What is lacking, as `column` or `file` names.
    pub needs: Vec<String>,
    /// How to derive it by hand.
    pub evidence: Evidence,
}
