//! The tariff file: one published tariff in TOML, read and checked.

use super::schedule::{DayTable, ScheduleSpec, SpecialDay};
use super::{Period, Price};
use crate::customer::MarketStatus;
use crate::error::{Error, Result};
use crate::time::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How well the figures of a tariff file are backed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// Read at the publisher.
    Official,
    /// Read in a copy.
    SecondHand,
    /// Invented, for demonstration and tests.
    Illustrative,
}

/// Voltage range of supply, in kV: `above_kv < U ≤ to_kv`; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voltage {
    /// Exclusive lower end.
    pub above_kv: Option<f64>,
    /// Inclusive upper end.
    pub to_kv: Option<f64>,
}

/// A part of a band's price per kWh.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its name on the price table.
    pub name: Arc<str>,
    /// Per kWh.
    pub price: Price,
    /// A government fund: billed on its own line, outside the power-factor base.
    #[serde(default)]
    pub fund: bool,
}

/// A price band: `[[band]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BandSpec {
    /// The tariff's own name, such as 尖峰.
    pub name: Arc<str>,
    /// Which of the five periods it is.
    pub period: Period,
    /// The parts of its price; they add up.
    pub components: Vec<Component>,
}

/// Which reading of the over-contract rule applies above 105 % of the contract demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OverContractRule {
    /// `1.05 C + 2 (D − 1.05 C)`: jumps by 5 % at 1.05 C.
    A,
    /// `C + 2 (D − 1.05 C)`: continuous.
    B,
}

/// The demand charge: `[demand]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandTerms {
    /// Name of the line; `demand` when absent.
    #[serde(default = "demand_name")]
    pub name: Arc<str>,
    /// Per kW and month.
    pub price: Price,
    /// Length of the demand window in minutes, aligned to the clock: 5, 15, 30 or 60.
    pub window_minutes: u32,
    /// Billed whatever the contract's billing mode; otherwise only in the modes demand and contract.
    #[serde(default)]
    pub always: bool,
    /// Reading of the rule above 105 % of the contract; without it contract mode is not billed.
    pub over_contract_rule: Option<OverContractRule>,
    /// Where that reading comes from.
    pub over_contract_source: Option<String>,
    /// Least contract demand as a share of the contract capacity (发改办价格〔2016〕1583号: 0.40).
    pub floor_share: Option<f64>,
    /// Least billed demand in mode `demand` as a share of the contract capacity, where that is local use.
    pub actual_floor_share: Option<f64>,
}

/// The capacity charge: `[capacity]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityTerms {
    /// Name of the line; `capacity` when absent.
    #[serde(default = "capacity_name")]
    pub name: Arc<str>,
    /// Per kVA and month.
    pub price: Price,
}

/// The utilisation rebate on the demand price: `[rebate]` (发改价格〔2023〕526号).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rebate {
    /// Reached when the month's kWh over the contract capacity is at least this.
    pub kwh_per_kva: f64,
    /// Then the demand price is multiplied by this.
    pub factor: Price,
}

/// The published table of a power-factor adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PowerFactorTable {
    /// 〔83〕水电财字215号.
    #[serde(rename = "CN-1983")]
    Cn1983,
}

/// Which reactive energy counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quadrants {
    /// Magnitudes of lagging and leading add up.
    #[default]
    #[serde(rename = "lag+lead")]
    LagAndLead,
    /// Lagging alone.
    #[serde(rename = "lag")]
    Lag,
}

/// A kind of line that the power-factor rate is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BaseLine {
    /// Energy without funds.
    Energy,
    /// Demand or contract demand.
    Demand,
    /// Capacity.
    Capacity,
}

/// The power-factor adjustment: `[power_factor]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerFactorTerms {
    /// Name of the line; `power factor` when absent.
    #[serde(default = "power_factor_name")]
    pub name: Arc<str>,
    /// Which table.
    pub table: PowerFactorTable,
    /// Lines that make the base.
    #[serde(default = "all_base_lines")]
    pub base: Vec<BaseLine>,
    /// cos φ is rounded half up to so many decimals before the look-up; the table has 2.
    #[serde(default = "two")]
    pub digits: u32,
    /// Which reactive energy counts.
    #[serde(default)]
    pub quadrants: Quadrants,
}

/// A fund or surcharge on every kWh: `[[fund]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FundSpec {
    /// Name of the line.
    pub name: Arc<str>,
    /// Per kWh.
    pub price: Price,
}

/// What a fixed charge is counted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Once for the customer.
    #[default]
    Account,
    /// Once for each supply point.
    SupplyPoint,
}

/// A charge for each billing cycle: `[[fixed]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedSpec {
    /// Name of the line.
    pub name: Arc<str>,
    /// Per cycle.
    pub price: Price,
    /// Counted once, or for each supply point.
    #[serde(default)]
    pub per: Per,
}

/// Whose holidays the tariff's schedules mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TariffCalendar {
    /// Saturday and Sunday are rest days; holidays only as `[[special_day]]`.
    #[default]
    Weekends,
    /// China's published holidays and make-up working days.
    Cn,
}

/// One published tariff, as its file states it, checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tariff {
    /// Unique name, as `customers.tariff` and `--tariff` give it.
    pub id: Arc<str>,
    /// For people.
    pub name: String,
    /// Where it applies.
    pub region: Option<String>,
    /// To whom.
    pub user_class: Option<String>,
    /// At which voltage.
    pub voltage: Option<Voltage>,
    /// Market statuses it serves; empty serves all.
    #[serde(default)]
    pub market_status: Vec<MarketStatus>,
    /// ISO code.
    pub currency: Arc<str>,
    /// Where the figures come from.
    pub source: String,
    /// How well they are backed.
    pub verified: Verified,
    /// First date of validity.
    pub effective_from: Date,
    /// Last date of validity; open when absent.
    pub effective_to: Option<Date>,
    /// Whose holidays the schedules mean.
    #[serde(default)]
    pub calendar: TariffCalendar,
    /// Dates that differ from the calendar.
    #[serde(default, rename = "special_day")]
    pub special_days: Vec<SpecialDay>,
    /// Price bands.
    #[serde(rename = "band")]
    pub bands: Vec<BandSpec>,
    /// When each band applies.
    #[serde(rename = "schedule")]
    pub schedules: Vec<ScheduleSpec>,
    /// Demand charge.
    pub demand: Option<DemandTerms>,
    /// Capacity charge.
    pub capacity: Option<CapacityTerms>,
    /// Utilisation rebate on the demand price.
    pub rebate: Option<Rebate>,
    /// Power-factor adjustment.
    pub power_factor: Option<PowerFactorTerms>,
    /// Funds on every kWh, beside those among the bands' components.
    #[serde(default, rename = "fund")]
    pub funds: Vec<FundSpec>,
    /// Fixed charges.
    #[serde(default, rename = "fixed")]
    pub fixed: Vec<FixedSpec>,
    /// The file it was read from.
    #[serde(skip)]
    pub path: PathBuf,
}

fn demand_name() -> Arc<str> {
    "demand".into()
}
fn capacity_name() -> Arc<str> {
    "capacity".into()
}
fn power_factor_name() -> Arc<str> {
    "power factor".into()
}
fn all_base_lines() -> Vec<BaseLine> {
    vec![BaseLine::Energy, BaseLine::Demand, BaseLine::Capacity]
}
const fn two() -> u32 {
    2
}

impl Tariff {
    /// Reads and checks a tariff file.
    ///
    /// # Errors
    /// [`Error::Tariff`] naming key, line or schedule, date and clock time, and the cure.
    pub fn parse(path: &Path, text: &str) -> Result<Self> {
        let mut tariff: Self = toml::from_str(text)
            .map_err(|e| Error::Tariff { path: path.to_owned(), what: e.to_string().trim_end().to_owned() })?;
        path.clone_into(&mut tariff.path);
        tariff.check()?;
        DayTable::new(&tariff)?.check_validity(&tariff)?;
        Ok(tariff)
    }

    /// Whether a date lies in its validity.
    #[must_use]
    pub fn is_effective(&self, date: Date) -> bool {
        date >= self.effective_from && self.effective_to.is_none_or(|to| date <= to)
    }

    /// Its validity in words: `2026-01-01 to 2026-01-31`.
    #[must_use]
    pub fn validity(&self) -> String {
        match self.effective_to {
            Some(to) => format!("{} to {to}", self.effective_from),
            None => format!("from {}", self.effective_from),
        }
    }

    /// An [`Error::Tariff`] about this file.
    pub(super) fn error(&self, what: impl Into<String>) -> Error {
        Error::Tariff { path: self.path.clone(), what: what.into() }
    }

    fn check(&self) -> Result<()> {
        self.check_identity()?;
        self.check_bands()?;
        self.check_demand()?;
        self.check_rest()
    }

    fn check_identity(&self) -> Result<()> {
        if self.id.is_empty() || !self.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            return Err(self.error(format!("id {:?}: use letters, digits, '-', '_' and '.'", self.id)));
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(self.error(format!("currency {:?}: give an ISO code such as CNY", self.currency)));
        }
        if self.source.trim().is_empty() {
            return Err(self.error("source is empty: say where the figures come from"));
        }
        if let Some(to) = self.effective_to.filter(|to| *to < self.effective_from) {
            let from = self.effective_from;
            return Err(self.error(format!("effective_to {to} is before effective_from {from}: exchange them")));
        }
        Ok(())
    }

    fn check_bands(&self) -> Result<()> {
        if self.bands.is_empty() || self.bands.len() > usize::from(u8::MAX) {
            return Err(self.error(format!("{} bands: give 1 to 255 [[band]] tables", self.bands.len())));
        }
        let mut names = BTreeSet::new();
        for band in &self.bands {
            if !names.insert(&band.name) {
                return Err(self.error(format!("band {:?} is there twice: rename one", band.name)));
            }
            if band.components.is_empty() {
                return Err(self.error(format!("band {:?} has no components: give at least one price", band.name)));
            }
        }
        Ok(())
    }

    fn check_demand(&self) -> Result<()> {
        let Some(demand) = &self.demand else { return Ok(()) };
        if !matches!(demand.window_minutes, 5 | 15 | 30 | 60) {
            let minutes = demand.window_minutes;
            return Err(self.error(format!("[demand] window_minutes = {minutes}: use 5, 15, 30 or 60")));
        }
        if demand.over_contract_rule.is_some() && demand.over_contract_source.is_none() {
            return Err(self.error("[demand] over_contract_rule without over_contract_source: say where it comes from"));
        }
        for (key, share) in [("floor_share", demand.floor_share), ("actual_floor_share", demand.actual_floor_share)] {
            if let Some(share) = share.filter(|s| !(0.0..=1.0).contains(s)) {
                return Err(self.error(format!("[demand] {key} = {share}: give a share between 0 and 1")));
            }
        }
        Ok(())
    }

    fn check_rest(&self) -> Result<()> {
        if let Some(rebate) = self.rebate.as_ref().filter(|r| !(r.kwh_per_kva.is_finite() && r.kwh_per_kva > 0.0)) {
            return Err(self.error(format!("[rebate] kwh_per_kva = {}: give a positive number", rebate.kwh_per_kva)));
        }
        if self.rebate.is_some() && self.demand.is_none() {
            return Err(self.error("[rebate] without [demand]: it lowers the demand price, so state that first"));
        }
        if let Some(pf) = self.power_factor.as_ref().filter(|p| p.digits != 2) {
            return Err(self.error(format!("[power_factor] digits = {}: table CN-1983 has 2", pf.digits)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::tariff::testkit::{FLAT, parse};

    #[test]
    fn wrong_files_name_the_key_and_the_cure() {
        let wrong = |from: &str, to: &str| parse(&FLAT.replace(from, to)).map_err(|e| e.to_string()).unwrap_err();
        assert!(wrong("verified", "verifyed").contains("unknown field `verifyed`"));
        assert!(wrong("verified", "verifyed").contains("line "), "the line is given");
        assert!(wrong("\"CNY\"", "\"yuan\"").contains("give an ISO code"));
        assert!(wrong("2030-12-31", "2010-12-31").contains("exchange them"));
        assert!(wrong("id = \"flat\"", "id = \"a b\"").contains("use letters"));
        assert!(wrong("price = 0.5", "price = nan").contains("not a decimal"));
        let demand = "[demand]\nprice = 40\nwindow_minutes = 20\n";
        assert!(wrong("[[band]]", &format!("{demand}[[band]]")).contains("use 5, 15, 30 or 60"));
        let rule = "[demand]\nprice = 40\nwindow_minutes = 15\nover_contract_rule = \"A\"\n";
        assert!(wrong("[[band]]", &format!("{rule}[[band]]")).contains("over_contract_source"));
    }
}
