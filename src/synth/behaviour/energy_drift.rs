//! The same work takes more energy from some day on: worn machines, leaking air, fouled coolers.

use super::{Behaviour, Figures, figures};
use crate::synth::random::Random;
use crate::synth::site::Site;

/// What the load grows by (judgement; above the rule's 5 %).
const SHARE: (f64, f64) = (0.09, 0.16);
/// Days before the end of the readings since which it does (judgement; above the rule's fortnight).
const SINCE_DAYS: (f64, f64) = (35.0, 75.0);

/// See the module.
pub struct EnergyDrift;

impl Behaviour for EnergyDrift {
    fn name(&self) -> &'static str {
        "energy_drift"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R09")
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let share = random.between(SHARE.0, SHARE.1);
        let days = random.between(SINCE_DAYS.0, SINCE_DAYS.1) as usize;
        let first = site.axis.days.len().saturating_sub(days);
        let from = site.axis.days.range(first).start;
        let kw = site.gross_kw.get_mut(from..).unwrap_or_default();
        let kvar = site.kvar.get_mut(from..).unwrap_or_default();
        kw.iter_mut().chain(kvar).for_each(|v| *v *= 1.0 + share);
        figures([("share", share, ""), ("days", days as f64, "d")])
    }
}
