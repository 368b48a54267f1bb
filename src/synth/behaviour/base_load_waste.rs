//! Load that stays on when nobody works: nights, rest days and holidays are far above what the
//! customer's own quiet days show is needed.

use super::{Behaviour, Figures, Remedy, figures};
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site, tan_phi};

/// What stays on, as a share of the working load (judgement; well above the rule's 30 %).
const WASTE: (f64, f64) = (0.26, 0.36);
/// Below this share of the working load nobody works, and the waste shows (judgement).
const IDLE: f64 = 0.4;
/// Every 16th day everything is switched off: 6 % of the days, so that the 5th percentile of the
/// idle hours shows the base load that is needed and the 10th does not.
const QUIET_EVERY: usize = 16;

/// cos φ of what stays on.
const POWER_FACTOR: f64 = 0.93;

/// See the module.
pub struct BaseLoadWaste;

impl Behaviour for BaseLoadWaste {
    fn name(&self) -> &'static str {
        "base_load_waste"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R06")
    }

    /// Nothing stays on.
    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::Load
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let waste_kw = site.working_kw * random.between(WASTE.0, WASTE.1);
        let offset = random.below(QUIET_EVERY);
        let ratio = tan_phi(POWER_FACTOR);
        let (mut intervals, mut quiet_days) = (0usize, 0usize);
        for d in 0..site.axis.days.len() {
            if d % QUIET_EVERY == offset {
                quiet_days += 1;
                continue;
            }
            let idle_kw = IDLE * site.working_kw;
            let idle: Vec<usize> = site.axis.days.range(d).filter(|i| site.gross_kw[*i] < idle_kw).collect();
            intervals += idle.len();
            for i in idle {
                site.gross_kw[i] += waste_kw;
                site.kvar[i] += waste_kw * ratio;
            }
        }
        let hours = intervals as f64 * site.axis.days.interval().hours();
        figures([
            ("waste_kw", waste_kw, "kW"),
            ("waste_hours", hours, "h"),
            ("waste_kwh", waste_kw * hours, "kWh"),
            ("quiet_days", quiet_days as f64, "d"),
        ])
    }
}
