//! Inputs that rules need, and how it is told that one is lacking.

use super::Facts;
use super::apparent::reads_reactive;
use crate::customer::{BillingMode, EventKind, Sector};
use crate::tariff::BillState;
use std::collections::BTreeMap;

/// Minutes of the longest interval that shows a start-up.
const QUARTER_HOUR: u32 = 15;

/// The input that no file can carry: it is measured on site.
pub const MEASURED_ON_SITE: &str = "phase_currents";

/// An input of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A tariff.
    Tariff,
    /// How the demand or capacity part is billed.
    BillingMode,
    /// Contract transformer capacity, or the list of transformers.
    Capacity,
    /// The power-factor standard.
    PfStandard,
    /// Whether the published time-of-use price is the customer's.
    MarketStatus,
    /// Reactive readings.
    Reactive,
    /// A calendar that tells rest days.
    Calendar,
    /// The contracted demand of those who contract one.
    ContractDemand,
    /// The list of transformers.
    Transformers,
    /// How important the supply is.
    SupplyLevel,
    /// What the customer does.
    Sector,
    /// Temperatures where the customer is.
    Temperature,
    /// The same, of those whose load the weather may move: all but plants that work by order.
    Weather,
    /// Figures of similar customers.
    Peers,
    /// Terms of a battery.
    Battery,
    /// Terms of a PV plant.
    Pv,
    /// Price tables of other voltages.
    VoltageLevels,
    /// Price tables of other products.
    Products,
    /// Maintenance that was done.
    Maintenance,
    /// Ratios of current transformers.
    CtRatio,
    /// Voltage of supply.
    Voltage,
    /// Readings of each phase's current.
    PhaseCurrents,
    /// Readings of the year before the latest months.
    YearBefore,
    /// Readings every quarter of an hour or finer.
    QuarterHours,
    /// At least one billed cycle.
    BilledCycle,
}

impl Need {
    /// Its column or file name when it is lacking; `None` when it is there.
    #[must_use]
    pub fn lacking(self, facts: &Facts<'_>) -> Option<String> {
        let contract = facts.state.contract();
        let (there, name) = match self {
            Self::Tariff => (facts.state.tariff().is_some(), "tariff"),
            Self::BillingMode => (contract.billing_mode.is_some(), "billing_mode"),
            Self::Capacity => (contract.capacity.is_some() || !facts.state.transformers().is_empty(), "capacity_kva"),
            Self::PfStandard => (contract.pf_standard.is_some(), "pf_standard"),
            Self::MarketStatus => (contract.market_status.is_some(), "market_status"),
            Self::Reactive => (reads_reactive(facts.load()), "kvar"),
            Self::Calendar => (facts.calendar_known, "calendar"),
            Self::ContractDemand => {
                let contracts = contract.billing_mode == Some(BillingMode::Contract);
                (!contracts || contract.contract_demand.is_some(), "contract_demand_kw")
            }
            Self::Transformers => (!facts.state.transformers().is_empty(), "transformers"),
            Self::SupplyLevel => (facts.customer.supply_level.is_some(), "supply_level"),
            Self::Sector => (facts.customer.sector.is_some(), "industry"),
            Self::Temperature => (facts.side.temperature.is_some(), "temperature"),
            Self::Weather => (facts.side.temperature.is_some() || works_by_order(facts), "temperature"),
            Self::Peers => (facts.side.peers.is_some(), "peers"),
            Self::Battery => (facts.side.terms.is_some_and(|t| t.battery.is_some()), "battery"),
            Self::Pv => (facts.side.terms.is_some_and(|t| t.pv.is_some()), "pv"),
            Self::VoltageLevels => (facts.side.terms.is_some_and(|t| !t.voltage.is_empty()), "voltage"),
            Self::Products => (facts.side.terms.is_some_and(|t| !t.product.is_empty()), "product"),
            Self::Maintenance => {
                (facts.customer.events.iter().any(|e| e.kind == EventKind::Maintenance), "maintenance")
            }
            Self::CtRatio => (facts.side.meters.iter().any(|m| m.ct_ratio.is_some()), "ct_ratio"),
            Self::Voltage => (contract.voltage_kv.is_some(), "voltage_kv"),
            // No shape of readings carries them yet.
            Self::PhaseCurrents => (false, MEASURED_ON_SITE),
            Self::QuarterHours => (facts.load().interval().minutes() <= QUARTER_HOUR, "quarter_hours"),
            Self::YearBefore => (facts.load().days().len() >= facts.thresholds.drift_least_history_days, "year_before"),
            Self::BilledCycle => return unbilled(facts),
        };
        (!there).then(|| name.to_owned())
    }
}

/// Whether the load follows output rather than the weather.
fn works_by_order(facts: &Facts<'_>) -> bool {
    use Sector::{ContinuousProcess, DataCentre, DiscreteManufacturing};
    matches!(facts.customer.sector, Some(ContinuousProcess | DataCentre | DiscreteManufacturing))
}

/// What keeps all cycles from being billed: the commonest input that the bill says is missing, else
/// the readings. `None` when a cycle is billed, or when there is no bill to ask.
fn unbilled(facts: &Facts<'_>) -> Option<String> {
    let bill = facts.bill()?;
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for cycle in &bill.cycles {
        match &cycle.state {
            BillState::Billed => return None,
            BillState::Partial => {}
            BillState::Unbillable(why) => {
                *reasons.entry(input_of(why)).or_default() += 1;
            }
        }
    }
    let commonest = reasons.into_iter().rev().max_by_key(|(_, n)| *n).map_or("readings", |(name, _)| name);
    Some(commonest.to_owned())
}

/// The input that an unbillable cycle's reason speaks of.
fn input_of(reason: &str) -> &str {
    match reason.strip_prefix("missing: ") {
        Some(input) => input.split(';').next().unwrap_or(input),
        None if reason.contains("tariff ") => "tariff",
        None => "readings",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_bills_name_inputs() {
        assert_eq!(input_of("missing: billing_mode"), "billing_mode");
        assert_eq!(input_of("missing: retail price; tariff x does not serve market_status retail"), "retail price");
        assert_eq!(input_of("tariff x is effective 2026; give a tariff of 2027-01"), "tariff");
        assert_eq!(input_of("7 intervals without reading or estimate"), "readings");
    }
}
