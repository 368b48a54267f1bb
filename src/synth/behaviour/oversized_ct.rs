//! Current transformers far too large for the load, as they stay behind when a plant shrinks.

use super::{Behaviour, Figures, figures};
use crate::synth::SynthCustomer;
use crate::synth::random::Random;
use crate::synth::site::Draft;

/// The ratio over the one that fits.
const FACTOR: u32 = 10;

/// See the module.
pub struct OversizedCt;

impl Behaviour for OversizedCt {
    fn name(&self) -> &'static str {
        "oversized_ct"
    }

    fn prepare(&self, draft: &mut Draft, _random: &mut Random) {
        draft.ct_factor = FACTOR;
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R18")
    }

    fn finish(&self, customer: &mut SynthCustomer, _random: &mut Random) -> Figures {
        let ratio = customer.meters.first().map_or(0, |m| m.ct_ratio);
        figures([("ct_ratio", f64::from(ratio), ""), ("max_kw", customer.max_kw, "kW")])
    }
}
