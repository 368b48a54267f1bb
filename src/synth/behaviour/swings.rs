//! A large machine that comes and goes at any hour of the shift.

use super::{Behaviour, Figures, figures};
use crate::synth::random::Random;
use crate::synth::site::Site;

/// Power of the machine over the plant's maximum without it (judgement: its jump is well over half of the
/// maximum with it).
const POWER: (f64, f64) = (1.6, 2.0);
/// Clock hours within which it runs once each, a quarter of an hour, away from the ends of every shift. They
/// do not meet, so that no two runs add up to a needle.
const WITHIN: [(f64, f64); 2] = [(10.0, 11.5), (13.5, 15.5)];
/// cos φ of the machine.
const POWER_FACTOR: f64 = 0.955;

/// See the module.
pub struct Swings;

impl Behaviour for Swings {
    fn name(&self) -> &'static str {
        "swings"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R19")
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let power = site.max_kw(0..site.gross_kw.len()) * random.between(POWER.0, POWER.1);
        let mut runs = 0usize;
        for d in site.axis.working_days() {
            for (from, to) in WITHIN {
                let hours = site.axis.clock(d, from, to);
                let Some(i) = hours.get(random.below(hours.len())).copied() else { continue };
                site.run([i], power, POWER_FACTOR);
                runs += 1;
            }
        }
        figures([("machine_kw", power, "kW"), ("runs", runs as f64, "")])
    }
}
