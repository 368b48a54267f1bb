//! What a rule's finding is when it stands in the tables: priced, ranked, with its evidence.

use crate::tariff::LineKind;
use crate::units::{Kw, Kwh, Money, Ratio};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

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

/// Bill lines of one kind, name and price, added up over the cycles that the yearly figure counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LineSum {
    /// What the lines charge for.
    pub kind: LineKind,
    /// The tariff's own name.
    pub name: Arc<str>,
    /// Sum of quantities.
    pub quantity: f64,
    /// Of what.
    pub unit: &'static str,
    /// Per unit.
    pub price: f64,
    /// Lines that were added.
    pub lines: usize,
    /// Sum of the rounded amounts.
    pub amount: Money,
}

/// The bill as it is beside the bill with this advice alone: what a person needs to check the
/// saving by hand. Lines that the advice leaves as they are are in the totals only.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Arithmetic {
    /// What was changed, in words.
    pub change: String,
    /// ISO code.
    pub currency: String,
    /// Billed cycles that are counted, `YYYY-MM`.
    pub months: Vec<String>,
    /// What a counted cycle weighs in a year: 1 for twelve cycles, 12/n for fewer; absent when the
    /// bill cannot be annualised.
    pub annual_factor: Option<f64>,
    /// Lines as they are.
    pub before: Vec<LineSum>,
    /// Lines with the advice.
    pub after: Vec<LineSum>,
    /// Whole bill of the counted cycles as it is.
    pub total_before: Money,
    /// Whole bill of the counted cycles with the advice.
    pub total_after: Money,
    /// Saving of each counted cycle, in their order.
    pub monthly_saving: Vec<Money>,
    /// Whether the change is in force in each counted cycle, in their order, of what single months need (R05) whether it
    /// saves there; empty where it is so in all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_force: Vec<bool>,
    /// What the change alone does to the load; absent where it leaves the load as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// The saving on top of the advice before it in the plan; absent outside the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_plan: Option<InPlan>,
    /// The saving on top of the advice before it that counts in the headline, without any other; absent
    /// outside the headline and where it is the step in the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_headline: Option<InPlan>,
    /// How the range comes about; absent without a yearly saving.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
}

/// What a change does to the load in each counted cycle, in their order: what `kwh_saved`, `kwh_shifted`
/// and `kw_reduced` are added up from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Energy of the intervals that use less, by how much less, in kWh.
    pub less_kwh: Vec<f64>,
    /// Energy of the intervals that use more, by how much more, in kWh.
    pub more_kwh: Vec<f64>,
    /// Greatest interval as it is, in kW; absent where nothing changes or nothing was read.
    pub max_before_kw: Vec<Option<f64>>,
    /// Greatest interval with the change, in kW.
    pub max_after_kw: Vec<Option<f64>>,
}

impl Effect {
    /// Energy used less, in kWh.
    #[must_use]
    pub fn less(&self) -> f64 {
        self.less_kwh.iter().sum()
    }

    /// Energy used more, in kWh.
    #[must_use]
    pub fn more(&self) -> f64 {
        self.more_kwh.iter().sum()
    }

    /// Fall of the maximum in kW, mean over all cycles; `None` without a cycle.
    #[must_use]
    pub fn fall(&self) -> Option<f64> {
        let maxima = self.max_before_kw.iter().zip(&self.max_after_kw);
        let fall: f64 = maxima.filter_map(|(a, b)| Some((*a)? - (*b)?)).sum();
        (!self.less_kwh.is_empty()).then(|| fall / self.less_kwh.len() as f64)
    }
}

/// The step of an advice in the plan, on the customer as the advice before it left it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct InPlan {
    /// Codes of the advice before it, in order.
    pub on_top_of: Vec<&'static str>,
    /// Whole bill of the counted cycles before this step.
    pub total_before: Money,
    /// Whole bill of the counted cycles after it.
    pub total_after: Money,
    /// Saving of each counted cycle, in their order; empty where it is that of the advice alone.
    pub monthly_saving: Vec<Money>,
}

/// How the range of a yearly saving comes about: years drawn from the counted cycles, and other prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Drawn years.
    pub years: usize,
    /// Neighbouring cycles of a drawn block.
    pub block_months: usize,
    /// Whether each month of a drawn year is one of its own season: itself or a neighbour, at most half a block away,
    /// in which the change is as much in force.
    #[serde(default)]
    pub seasonal: bool,
    /// Whether each drawn year was billed anew, because a ratchet couples its months.
    pub billed_anew: bool,
    /// Share of the drawn years that is cut off at each end.
    pub tail: f64,
    /// Least saving of the years that are left.
    pub drawn_low: f64,
    /// Greatest saving of the years that are left.
    pub drawn_high: f64,
    /// With fewer than twelve cycles: least distance of both ends from the saving, as a share of it, before they are
    /// widened. So few cannot show how much they differ.
    #[serde(default)]
    pub least_spread: f64,
    /// √(12 / cycles) with fewer than twelve: how much wider than drawn.
    pub widened: f64,
    /// Change of prices at both ends.
    pub price_band: f64,
    /// Share of the saving that a test on unseen months kept; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<f64>,
}

impl Range {
    /// Lower and upper end around a yearly saving: the drawn years' ends, at least the saving itself, apart
    /// by what fewer than twelve months ask for, the lower at most what a test on unseen months kept, and both
    /// at other prices.
    #[must_use]
    pub fn ends(&self, mid: f64) -> [f64; 2] {
        let least = self.least_spread * mid.abs();
        let low = mid - (mid - self.drawn_low).max(least) * self.widened;
        let low = self.kept.map_or(low, |share| low.min(share * mid));
        let high = mid + (self.drawn_high - mid).max(least) * self.widened;
        [low - self.price_band * low.abs(), high + self.price_band * high.abs()]
    }
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
    /// The two bills; absent without a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arithmetic: Option<Arithmetic>,
}

impl Evidence {
    /// Adds a measured fact; what is not finite is left out.
    pub fn figure(&mut self, name: &str, value: f64, unit: &'static str) {
        if value.is_finite() {
            self.figures.insert(name.into(), Figure { value, unit });
        }
    }

    /// Adds a constant of the rule.
    pub fn constant(&mut self, name: &str, value: f64, unit: &'static str) {
        self.constants.insert(name.into(), Figure { value, unit });
    }

    /// Note with the month since which the advice would have saved little or nothing.
    pub const ENDED_SINCE: &str = "ended_since";
    /// Note with the month since which the customer has the terms on which it would save less.
    pub const TERMS_SINCE: &str = "terms_since";

    /// Figure of what is left a year of a saving that is not to be had again.
    pub const SAVING_LEFT: &str = "saving_left";

    /// Adds a fact in words.
    pub fn note(&mut self, name: &str, text: impl Into<String>) {
        self.notes.insert(name.into(), text.into());
    }
}

/// Whether the notes of an advice say that its saving is not to be had again.
#[must_use]
pub fn has_ended(has: impl Fn(&str) -> bool) -> bool {
    [Evidence::ENDED_SINCE, Evidence::TERMS_SINCE].into_iter().any(has)
}

impl Advice {
    /// Whether it asks a question: what it saw may be as it should be, and it names no money.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.saving_alone.is_none() && self.evidence.notes.contains_key("ask")
    }

    /// Whether something worth mentioning is left of a saving that is not to be had again.
    #[must_use]
    pub fn has_left(&self) -> bool {
        self.has_ended() && self.evidence.figures.contains_key(Evidence::SAVING_LEFT)
    }

    /// Whether what it saved in the past year is not to be had again.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        has_ended(|note| self.evidence.notes.contains_key(note))
    }
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
    /// Whether its saving counts in the headline sum. A technical potential and what asks for
    /// spending do not.
    pub headline: bool,
    /// What it adds to the headline sum: its step with the members of the headline alone, whatever else is in
    /// the plan. `None` outside the headline or without a yearly figure.
    pub saving_headline: Option<Money>,
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
    /// Fall of the maximum demand, mean over the billed months; `None` where it stays or rises.
    pub kw_reduced: Option<Kw>,
    /// Load that could be lowered on request: no fall of any demand that is billed.
    pub kw_potential: Option<Kw>,
    /// 0 to 1, computed as the card says.
    pub confidence: Option<Ratio>,
    /// That in words, `high`, `medium` or `low`, as the thresholds cut it.
    pub certainty: Option<&'static str>,
    /// At most one of a group is in the plan.
    pub exclusive_group: Option<&'static str>,
    /// What is lacking, as `column` or `file` names.
    pub needs: Vec<String>,
    /// How to derive it by hand.
    pub evidence: Evidence,
}
