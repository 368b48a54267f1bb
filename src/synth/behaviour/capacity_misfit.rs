//! The basic charge on the wrong basis: a transformer far larger than the maximum demand billed by
//! its capacity, or a well-used one billed by demand.

use super::{Behaviour, Figures, Remedy, figures};
use crate::customer::BillingMode;
use crate::synth::SynthCustomer;
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site};

/// Maximum demand over capacity when the transformer is too large: far below the break-even of
/// about 0.63 kW/kVA that published prices have.
const OVERSIZED: (f64, f64) = (0.24, 0.34);
/// The same when capacity billing would be cheaper: far above it.
const TIGHT: (f64, f64) = (0.84, 0.90);

/// See the module.
pub struct CapacityMisfit;

impl Behaviour for CapacityMisfit {
    fn name(&self) -> &'static str {
        "capacity_misfit"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R04")
    }

    /// Billed the other way.
    fn mend(&self, _site: &mut Site, draft: &Draft, _random: &mut Random) -> Remedy {
        match draft.billing_mode {
            Some(BillingMode::Capacity) => Remedy::Mode(BillingMode::Demand),
            _ => Remedy::Mode(BillingMode::Capacity),
        }
    }

    fn prepare(&self, draft: &mut Draft, random: &mut Random) {
        let oversized = random.chance(0.5);
        let range = if oversized { OVERSIZED } else { TIGHT };
        draft.loading = random.between(range.0, range.1);
        draft.billing_mode = Some(if oversized { BillingMode::Capacity } else { BillingMode::Demand });
    }

    fn plant(&self, site: &mut Site, _random: &mut Random) -> Figures {
        figures([("mean_month_max_kw", site.mean_month_max_kw(), "kW")])
    }

    fn finish(&self, customer: &mut SynthCustomer, _random: &mut Random) -> Figures {
        let capacity = customer.register.capacity_kva;
        let by_capacity = customer.register.billing_mode == BillingMode::Capacity;
        figures([
            ("capacity_kva", capacity, "kVA"),
            ("max_kw", customer.max_kw, "kW"),
            ("kw_per_kva", customer.max_kw / capacity, "kW/kVA"),
            ("billed_by_capacity", f64::from(u8::from(by_capacity)), ""),
        ])
    }
}
