//! Another product: other prices, windows and, where it says so, another way of billing.

use super::{Change, State};
use crate::customer::BillingMode;
use crate::tariff::Compiled;
use crate::text::say;
use std::sync::Arc;

/// Bills under another tariff.
#[derive(Debug, Clone)]
pub struct ChangeTariff {
    /// The tariff, compiled for the load's interval.
    pub tariff: Arc<Compiled>,
    /// How the basic charge is billed; `None` keeps it.
    pub billing_mode: Option<BillingMode>,
    /// Voltage of supply in kV; `None` keeps it.
    pub voltage_kv: Option<f64>,
}

impl Change for ChangeTariff {
    fn apply(&self, state: &State) -> State {
        let mut contract = state.contract().clone();
        contract.billing_mode = self.billing_mode.or(contract.billing_mode);
        contract.voltage_kv = self.voltage_kv.or(contract.voltage_kv);
        state.with_tariff(Arc::clone(&self.tariff)).with_contract(contract)
    }

    fn describe(&self) -> String {
        let id = &self.tariff.tariff().id;
        match self.billing_mode {
            Some(mode) => say("change.table_mode", &[("id", id), ("mode", &mode.words())]),
            None => say("change.table", &[("id", id)]),
        }
    }
}
