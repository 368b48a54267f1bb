//! Other terms of billing.

use super::{Change, State};
use crate::customer::BillingMode;
use crate::text::say;
use crate::units::Kw;

/// Bills the demand or capacity part in another way. The load stays, so usages are not measured again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recontract {
    /// The mode to change to.
    pub billing_mode: BillingMode,
    /// The demand to contract; `None` keeps what is contracted.
    pub contract_demand: Option<Kw>,
}

impl Change for Recontract {
    fn apply(&self, state: &State) -> State {
        let mut contract = state.contract().clone();
        contract.billing_mode = Some(self.billing_mode);
        if self.contract_demand.is_some() {
            contract.contract_demand = self.contract_demand;
            contract.contract_schedule.clear();
        }
        state.with_contract(contract)
    }

    fn describe(&self) -> String {
        let mode = self.billing_mode.words();
        match self.contract_demand {
            Some(kw) => say("change.basis_contract", &[("mode", &mode), ("kw", &kw)]),
            None => say("change.basis", &[("mode", &mode)]),
        }
    }
}
