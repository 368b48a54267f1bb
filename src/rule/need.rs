//! Inputs that rules need, and how it is told that one is lacking.

use super::Facts;
use crate::tariff::BillState;
use std::collections::BTreeMap;

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
            Self::Reactive => (has_reactive(facts), "kvar"),
            Self::Calendar => (facts.calendar_known, "calendar"),
            Self::BilledCycle => return unbilled(facts),
        };
        (!there).then(|| name.to_owned())
    }
}

/// Reactive readings of which at least one is not zero.
fn has_reactive(facts: &Facts<'_>) -> bool {
    let channels = facts.load().channels();
    let any = |q: &Option<Vec<f64>>| q.as_ref().is_some_and(|q| q.iter().any(|v| *v != 0.0));
    any(&channels.kvar) || any(&channels.kvar_lead)
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
