//! A contracted demand far above what the plant draws: it is paid for whether it is reached or not.

use super::{Behaviour, Figures, Remedy, figures};
use crate::customer::BillingMode;
use crate::synth::SynthCustomer;
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site};

/// Contract over the year's maximum (judgement).
const OVER: (f64, f64) = (1.35, 1.6);
/// Maximum over capacity: demand billing is right, and the contract is above the least that the rules allow (40 %).
const LOADING: (f64, f64) = (0.46, 0.54);

/// See the module.
pub struct ContractMisfit;

impl Behaviour for ContractMisfit {
    fn name(&self) -> &'static str {
        "contract_misfit"
    }

    fn prepare(&self, draft: &mut Draft, random: &mut Random) {
        draft.billing_mode = Some(BillingMode::Contract);
        draft.contract_over = Some(random.between(OVER.0, OVER.1));
        draft.loading = random.between(LOADING.0, LOADING.1);
        // Maxima that a forecast can meet: a contract pays for steady plants alone.
        draft.level_spread = 0.004;
        draft.noise = 0.005;
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R10")
    }

    /// Each month is contracted at its own maximum, which costs what billing by actual demand does.
    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::Mode(BillingMode::Demand)
    }

    fn finish(&self, customer: &mut SynthCustomer, _random: &mut Random) -> Figures {
        let contract = customer.register.contract_demand_kw.unwrap_or(0.0);
        figures([("contract_kw", contract, "kW"), ("max_kw", customer.max_kw, "kW")])
    }
}
