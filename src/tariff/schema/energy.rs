//! What a kWh costs: bands, the components of their price, tiers, and series of prices.

use crate::tariff::schedule::{DayName, Span};
use crate::tariff::{Period, Price};
use crate::time::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A part of the price per kWh: `[[component]]` in every band, or among one band's own `components`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its name on the price table.
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// Per kWh, at ratio 1.
    pub price: Price,
    /// A government fund: billed on its own line, outside the power-factor base.
    #[serde(default)]
    pub fund: bool,
    /// Follows the band's `ratio`; the components that do not are the same in every band.
    #[serde(default)]
    pub floats: bool,
}

/// A price band: `[[band]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandSpec {
    /// The tariff's own name, such as 尖峰.
    #[schemars(with = "String")]
    pub name: Arc<str>,
    /// Which of the five periods it is.
    pub period: Period,
    /// What the floating components are multiplied by, always relative to flat.
    #[serde(default = "one")]
    pub ratio: Price,
    /// The parts of its price beside the tariff's `[[component]]`s; all add up.
    #[serde(default)]
    pub components: Vec<Component>,
    /// Prices that depend on how much has been used; without them one price holds for all of it.
    #[serde(default, rename = "tier")]
    pub tiers: Vec<TierSpec>,
    /// What a kWh fed back in this band is credited with; absent, export is not credited.
    pub sell: Option<Price>,
    /// The clause that states it.
    pub clause: Option<String>,
}

fn one() -> Price {
    Price::new(rust_decimal::Decimal::ONE)
}

/// What a tier's ceiling is counted in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TierUnit {
    /// kWh in the cycle.
    #[default]
    Kwh,
    /// kWh for each day of the cycle.
    KwhPerDay,
    /// kWh for each kW of the cycle's maximum demand (hours of use).
    KwhPerKw,
    /// kWh for each kVA of contract capacity.
    KwhPerKva,
}

/// A tier of a band: `[[band.tier]]`, cheapest position first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierSpec {
    /// Cumulative ceiling; absent in the last tier, which takes the rest.
    pub up_to: Option<f64>,
    /// What the ceiling is counted in; the same in all tiers of a band.
    #[serde(default)]
    pub unit: TierUnit,
    /// Per kWh in this tier, beside the band's components.
    pub price: Price,
}

/// Whose use fills the tiers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TierScope {
    /// Each band's own kWh.
    #[default]
    Band,
    /// The kWh of all bands together; each band has its share of every tier.
    Total,
}

/// How tiers are filled: `[tiers]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierTerms {
    /// Whose use fills them.
    #[serde(default)]
    pub scope: TierScope,
    /// Ceilings hold for so many days and follow the length of the cycle; absent, for any cycle.
    pub per_days: Option<f64>,
}

/// Prices by the clock that are added to the bands' own: `[[price_series]]`, as a retail package of
/// 24 or 96 points states them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceSeries {
    /// First date; open when absent.
    #[schemars(with = "Option<String>")]
    pub from: Option<Date>,
    /// Last date; open when absent.
    #[schemars(with = "Option<String>")]
    pub to: Option<Date>,
    /// Months 1–12; with neither months nor spans, all of the year.
    #[serde(default)]
    pub months: Vec<u8>,
    /// Spans of the year.
    #[serde(default)]
    pub spans: Vec<Span>,
    /// Kinds of day; empty is all.
    #[serde(default)]
    pub days: Vec<DayName>,
    /// Per kWh from midnight on: 24, 48 or 96 prices.
    pub prices: Vec<Price>,
    /// The clause that states them.
    pub clause: Option<String>,
}
