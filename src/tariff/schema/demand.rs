//! What a kW costs: maximum demand, contract demand, charges of periods and seasons, ratchets and
//! coincident peaks.

use crate::tariff::Price;
use crate::tariff::schedule::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which reading of the over-contract rule applies above 105 % of the contract demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OverContractRule {
    /// `1.05 C + 2 (D − 1.05 C)`: jumps by 5 % at 1.05 C.
    A,
    /// `C + 2 (D − 1.05 C)`: continuous.
    B,
    /// `C` and the layers of `over_contract_layers`, each at its own multiple.
    #[serde(rename = "layers")]
    Layers,
}

impl OverContractRule {
    /// As the file writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::Layers => "layers",
        }
    }
}

/// Demand above a multiple of the contract: one of `over_contract_layers`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverLayer {
    /// The layer begins at this multiple of the contract demand and ends where the next one begins.
    pub above: f64,
    /// What a kW in it counts as.
    pub factor: f64,
}

/// How windows follow each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Windowing {
    /// One after the other, aligned to the clock.
    #[default]
    Fixed,
    /// A window ends at every interval of the data; between intervals only a bound is known.
    Sliding,
}

/// A price for a part of the year: `[[demand.season]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeasonPrice {
    /// Months 1–12.
    #[serde(default)]
    pub months: Vec<u8>,
    /// Spans of the year; a month that a span cuts is split by day.
    #[serde(default)]
    pub spans: Vec<Span>,
    /// Per kW and month in them.
    pub price: Price,
}

/// A demand that keeps counting in later months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ratchet {
    /// Billed is at least this share of the greatest earlier maximum.
    pub share: Option<f64>,
    /// In place of `share`: the share that each month's maximum, January first, keeps.
    #[serde(default)]
    pub shares: Vec<f64>,
    /// How many earlier months are looked back at.
    #[serde(default = "eleven")]
    pub months_back: u32,
    /// Only maxima of these months count; empty is all.
    #[serde(default)]
    pub months: Vec<u8>,
}

const fn eleven() -> u32 {
    11
}

impl Ratchet {
    /// The share of an earlier month's maximum that counts; `None` when it does not.
    #[must_use]
    pub fn share_of(&self, month: u8) -> Option<f64> {
        if !self.months.is_empty() && !self.months.contains(&month) {
            return None;
        }
        self.share.or_else(|| self.shares.get(usize::from(month).wrapping_sub(1)).copied())
    }
}

/// The demand charge of the billing modes demand and contract: `[demand]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DemandTerms {
    /// Name of the line; `demand` when absent.
    #[serde(default = "demand_name")]
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// Per kW and month.
    pub price: Price,
    /// Other prices for parts of the year.
    #[serde(default, rename = "season")]
    pub seasons: Vec<SeasonPrice>,
    /// Length of the demand window in minutes: 5, 15, 30 or 60.
    pub window_minutes: u32,
    /// Whether windows are aligned to the clock or slide.
    #[serde(default)]
    pub window: Windowing,
    /// Billed whatever the contract's billing mode; otherwise only in the modes demand and contract.
    #[serde(default)]
    pub always: bool,
    /// Earlier maxima that still count in mode `demand`.
    pub ratchet: Option<Ratchet>,
    /// Reading of the rule above 105 % of the contract; without it contract mode is not billed.
    pub over_contract_rule: Option<OverContractRule>,
    /// Where that reading comes from.
    pub over_contract_source: Option<String>,
    /// Layers of the reading `layers`, lowest first.
    #[serde(default)]
    pub over_contract_layers: Vec<OverLayer>,
    /// Least contract demand as a share of the contract capacity (发改办价格〔2016〕1583号: 0.40).
    pub floor_share: Option<f64>,
    /// Least billed demand in mode `demand` as a share of the contract capacity, where that is local use.
    pub actual_floor_share: Option<f64>,
    /// The clause that states it.
    pub clause: Option<String>,
}

fn demand_name() -> Arc<str> {
    "demand".into()
}

/// What a demand charge counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DemandUnit {
    /// Active power.
    #[default]
    Kw,
    /// Apparent power of each window.
    Kva,
    /// Lagging reactive power of each window.
    Kvar,
}

/// How often a maximum is charged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MaximumOf {
    /// The maximum of the cycle, once.
    #[default]
    Month,
    /// The maximum of each day, added up.
    Day,
}

/// A tier of a demand charge: `[[demand_charge.tier]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DemandTier {
    /// Cumulative ceiling in the charge's unit; absent in the last tier.
    pub up_to: Option<f64>,
    /// Per unit in this tier.
    pub price: Price,
}

/// A demand charge beside `[demand]`, billed in every billing mode: `[[demand_charge]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DemandCharge {
    /// Name of the line.
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// Per unit and month (or day); with tiers absent.
    pub price: Option<Price>,
    /// Prices by size, in place of one.
    #[serde(default, rename = "tier")]
    pub tiers: Vec<DemandTier>,
    /// Only windows that lie in these bands count; empty is all.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub bands: Vec<Arc<str>>,
    /// Months in which it is charged; with neither months nor spans, all of the year.
    #[serde(default)]
    pub months: Vec<u8>,
    /// Spans of the year in which it is charged; only their days' windows count, and a cycle that a
    /// span cuts is charged by its days.
    #[serde(default)]
    pub spans: Vec<Span>,
    /// Length of the window in minutes: 5, 15, 30 or 60.
    #[serde(default = "fifteen")]
    pub window_minutes: u32,
    /// Whether windows are aligned to the clock or slide.
    #[serde(default)]
    pub window: Windowing,
    /// What is counted.
    #[serde(default)]
    pub unit: DemandUnit,
    /// The cycle's maximum once, or each day's.
    #[serde(default)]
    pub per: MaximumOf,
    /// Earlier maxima that still count.
    pub ratchet: Option<Ratchet>,
    /// Least quantity billed.
    pub minimum: Option<f64>,
    /// The clause that states it.
    pub clause: Option<String>,
}

const fn fifteen() -> u32 {
    15
}

/// Which system peaks a coincident charge counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PeakBasis {
    /// Those within the cycle.
    #[default]
    Cycle,
    /// Those of the `months_back` months before the cycle.
    PreviousMonths,
}

/// A charge on the load at the instants of the system's own peaks, which come by file:
/// `[[coincident]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoincidentCharge {
    /// Name of the line.
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// Per kW and month of the mean load over the peaks that count.
    pub price: Price,
    /// Only peaks of this system; absent, all of the list.
    pub system: Option<String>,
    /// Which peaks count.
    #[serde(default)]
    pub basis: PeakBasis,
    /// Months looked back at by the basis `previous_months`.
    #[serde(default = "twelve")]
    pub months_back: u32,
    /// Months in which it is charged; empty is all.
    #[serde(default)]
    pub months: Vec<u8>,
    /// The clause that states it.
    pub clause: Option<String>,
}

const fn twelve() -> u32 {
    12
}
