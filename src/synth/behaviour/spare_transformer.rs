//! A second transformer of the size that the plant needs once, billed by its capacity: it can rest for the six
//! months that a suspension may last, whichever they are.

use super::{Behaviour, Figures, Remedy, figures};
use crate::customer::BillingMode;
use crate::synth::SynthCustomer;
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site};

/// Maximum demand over the capacity of both: one of them carries it below the 80 % to which it may be loaded.
const LOADING: (f64, f64) = (0.31, 0.35);
/// The greatest that sizes of transformers may lead to.
const MOST_LOADED: f64 = 0.36;

/// See the module.
pub struct SpareTransformer;

impl Behaviour for SpareTransformer {
    fn name(&self) -> &'static str {
        "spare_transformer"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R11")
    }

    fn prepare(&self, draft: &mut Draft, random: &mut Random) {
        draft.billing_mode = Some(BillingMode::Capacity);
        draft.loading = random.between(LOADING.0, LOADING.1);
        draft.most_loaded = MOST_LOADED;
        draft.units = 2;
    }

    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::Rest
    }

    fn finish(&self, customer: &mut SynthCustomer, _random: &mut Random) -> Figures {
        let spare = customer.transformers.last().map_or(0.0, |t| t.kva);
        figures([("spare_kva", spare, "kVA"), ("capacity_kva", customer.register.capacity_kva, "kVA")])
    }
}
