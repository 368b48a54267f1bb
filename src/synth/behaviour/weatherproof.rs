//! A place whose load does not follow the weather, although the weather is known: nothing to advise.

use super::Behaviour;
use crate::synth::random::Random;
use crate::synth::site::{Draft, STATION};

/// See the module.
pub struct Weatherproof;

impl Behaviour for Weatherproof {
    fn name(&self) -> &'static str {
        "weatherproof"
    }

    fn prepare(&self, draft: &mut Draft, _random: &mut Random) {
        draft.station = Some(STATION);
        draft.weatherproof = true;
    }
}
