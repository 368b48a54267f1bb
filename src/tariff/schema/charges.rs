//! Charges beside energy and demand, and who a tariff is for.

use crate::tariff::Price;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The capacity charge: `[capacity]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityTerms {
    /// Name of the line; `capacity` when absent.
    #[serde(default = "capacity_name")]
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// Per kVA and month.
    pub price: Price,
    /// The clause that states it.
    pub clause: Option<String>,
}

fn capacity_name() -> Arc<str> {
    "capacity".into()
}

/// The utilisation rebate on the demand price: `[rebate]` (发改价格〔2023〕526号).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rebate {
    /// Reached when the month's kWh over the contract capacity is at least this.
    pub kwh_per_kva: f64,
    /// Then the demand price is multiplied by this.
    pub factor: Price,
}

/// The published table of a power-factor adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PowerFactorTable {
    /// 〔83〕水电财字215号.
    #[serde(rename = "CN-1983")]
    Cn1983,
}

/// Which reactive energy counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Quadrants {
    /// Magnitudes of lagging and leading add up.
    #[default]
    #[serde(rename = "lag+lead")]
    LagAndLead,
    /// Lagging alone.
    #[serde(rename = "lag")]
    Lag,
}

/// Whether reactive energy of intervals with back-feed counts (quadrants II and III).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BackFeed {
    /// As that of every other interval.
    #[default]
    Count,
    /// It is left out.
    Ignore,
}

/// A kind of line that the power-factor rate or a tax is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BaseLine {
    /// Energy without funds.
    Energy,
    /// Demand or contract demand.
    Demand,
    /// Capacity.
    Capacity,
    /// Coincident peaks.
    Coincident,
    /// Reactive energy or power.
    Reactive,
    /// The power-factor adjustment.
    PowerFactor,
    /// Funds.
    Fund,
    /// Fixed charges.
    Fixed,
    /// Credits for export.
    Export,
    /// What raises a bill to its minimum.
    Minimum,
}

/// The power-factor adjustment: `[power_factor]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PowerFactorTerms {
    /// Name of the line; `power factor` when absent.
    #[serde(default = "power_factor_name")]
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// Which table.
    pub table: PowerFactorTable,
    /// Lines that make the base.
    #[serde(default = "two_part_lines")]
    pub base: Vec<BaseLine>,
    /// cos φ is rounded half up to so many decimals before the look-up; the table has 2.
    #[serde(default = "two")]
    pub digits: u32,
    /// Which reactive energy counts.
    #[serde(default)]
    pub quadrants: Quadrants,
    /// Whether that of intervals with back-feed does.
    #[serde(default)]
    pub back_feed: BackFeed,
    /// The clause that states it.
    pub clause: Option<String>,
}

fn power_factor_name() -> Arc<str> {
    "power factor".into()
}
fn two_part_lines() -> Vec<BaseLine> {
    vec![BaseLine::Energy, BaseLine::Demand, BaseLine::Capacity]
}
const fn two() -> u32 {
    2
}

/// A charge on lagging reactive energy beyond a share of the active energy: `[[reactive]]`.
/// Reactive power is charged as a `[[demand_charge]]` in kvar or kVA.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReactiveCharge {
    /// Name of the line.
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// Per kvarh beyond what is free.
    pub price: Price,
    /// Free kvarh for each kWh: tan φ, 0.5 for cos φ 0.894.
    #[serde(default)]
    pub free_share: f64,
    /// Which reactive energy counts.
    #[serde(default)]
    pub quadrants: Quadrants,
    /// The clause that states it.
    pub clause: Option<String>,
}

/// A fund or surcharge on every kWh: `[[fund]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FundSpec {
    /// Name of the line.
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// Per kWh.
    pub price: Price,
    /// The clause that states it.
    pub clause: Option<String>,
}

/// What a fixed charge is counted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Once for the customer.
    #[default]
    Account,
    /// Once for each supply point.
    SupplyPoint,
}

/// How often a fixed charge falls due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// Once a cycle.
    #[default]
    Month,
    /// For each day of the cycle.
    Day,
}

/// A charge for each billing cycle or day: `[[fixed]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedSpec {
    /// Name of the line.
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// Each time.
    pub price: Price,
    /// Counted once, or for each supply point.
    #[serde(default)]
    pub per: Per,
    /// For the cycle, or for each of its days.
    #[serde(default)]
    pub every: Every,
    /// Months in which it is charged; empty is all.
    #[serde(default)]
    pub months: Vec<u8>,
    /// The clause that states it.
    pub clause: Option<String>,
}

/// What a minimum is counted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinimumPer {
    /// Each cycle's lines before it.
    #[default]
    Month,
    /// The lines of the twelve months that end with `settled_in`.
    Year,
}

/// The least that a bill comes to before taxes: `[[minimum]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MinimumSpec {
    /// Name of the line that raises the bill to it.
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// The amount.
    pub amount: Price,
    /// For a month or a year.
    #[serde(default)]
    pub per: MinimumPer,
    /// Month in which a yearly minimum is settled.
    #[serde(default = "december")]
    pub settled_in: u8,
    /// The clause that states it.
    pub clause: Option<String>,
}

const fn december() -> u8 {
    12
}

/// A tax on the amounts of lines: `[[tax]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxSpec {
    /// Name of the line.
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// 0.13 for 13 %.
    pub rate: Price,
    /// Lines that are taxed; empty is all before it, earlier taxes excepted.
    #[serde(default)]
    pub base: Vec<BaseLine>,
    /// The clause that states it.
    pub clause: Option<String>,
}

/// Transformer losses added where the meter stands on the low side: `[transformer_losses]`
/// (高供低计). Each running unit loses `P0 + β² Pk` and `(I0 + β² uk) S` of reactive power, β being
/// its loading; the load is shared between units by rating.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LossTerms {
    /// Active losses are billed.
    #[serde(default = "yes")]
    pub active: bool,
    /// Reactive losses enter the power factor.
    #[serde(default = "yes")]
    pub reactive: bool,
    /// The clause that states it.
    pub clause: Option<String>,
}

const fn yes() -> bool {
    true
}

/// Who may be billed by the tariff: `[eligibility]`. A customer outside it is billed all the same
/// and the bill says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Eligibility {
    /// Least maximum demand in kW.
    pub min_kw: Option<f64>,
    /// Greatest maximum demand in kW.
    pub max_kw: Option<f64>,
    /// Least contract capacity in kVA.
    pub min_kva: Option<f64>,
    /// Greatest contract capacity in kVA.
    pub max_kva: Option<f64>,
}
