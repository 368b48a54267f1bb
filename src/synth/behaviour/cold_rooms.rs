//! Rooms that are cooled more than they need be: each degree by which the day is warmer than the set point
//! costs, and a set point one degree higher would do. The station of the region has measured the weather.

use super::{Behaviour, Figures, Remedy, figures};
use crate::synth::random::Random;
use crate::synth::site::{Draft, STATION, Site};

/// Load of a degree, as a share of the working load (judgement: of the order of an office tower's).
const SHARE: (f64, f64) = (0.030, 0.038);
/// Days warmer than this are cooled, °C of the daily mean (judgement).
const BALANCE_C: f64 = 18.0;
/// By how much the set point can rise, °C.
const HIGHER_C: f64 = 1.0;
/// Clock hours that are cooled.
const COOLED: (f64, f64) = (8.0, 19.0);
/// cos φ of the chillers.
const POWER_FACTOR: f64 = 0.955;

/// See the module.
pub struct ColdRooms;

impl Behaviour for ColdRooms {
    fn name(&self) -> &'static str {
        "cold_rooms"
    }

    /// The station's weather, and nothing else in the load that follows it.
    fn prepare(&self, draft: &mut Draft, _random: &mut Random) {
        draft.station = Some(STATION);
        draft.weatherproof = true;
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R08")
    }

    fn mend(&self, site: &mut Site, _draft: &Draft, random: &mut Random) -> Remedy {
        cool(site, random, BALANCE_C + HIGHER_C);
        Remedy::Load
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let (slope, days) = cool(site, random, BALANCE_C);
        figures([("slope", slope, "kW/°C"), ("balance", BALANCE_C, "°C"), ("cooled_days", days as f64, "d")])
    }
}

/// Adds the chillers for a set point; their kW a degree in the cooled hours, and the cooled days.
fn cool(site: &mut Site, random: &mut Random, balance_c: f64) -> (f64, usize) {
    let slope = site.working_kw * random.between(SHARE.0, SHARE.1);
    let mut days = 0;
    for d in 0..site.axis.days.len() {
        let warmer = site.mean_c[d] - balance_c;
        if warmer <= 0.0 {
            continue;
        }
        days += 1;
        site.run(site.axis.clock(d, COOLED.0, COOLED.1), slope * warmer, POWER_FACTOR);
    }
    (slope, days)
}
