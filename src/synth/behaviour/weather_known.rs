//! A place whose weather is known and moves its load, as it moves that of any building: a warm year is no
//! drift of the plant.

use super::Behaviour;
use crate::synth::random::Random;
use crate::synth::site::{Draft, STATION};

/// See the module.
pub struct WeatherKnown;

impl Behaviour for WeatherKnown {
    fn name(&self) -> &'static str {
        "weather_known"
    }

    fn prepare(&self, draft: &mut Draft, _random: &mut Random) {
        draft.station = Some(STATION);
    }
}
