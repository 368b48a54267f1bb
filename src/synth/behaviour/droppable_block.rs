//! A machine that runs through every working day but each sixth: what could be dropped in the dear hours when the
//! grid asks, as the plant's own days show, is its power.

use super::{Behaviour, Figures, figures};
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site};

/// Power of the machine as a share of the working load (judgement).
const SHARE: (f64, f64) = (0.30, 0.45);
/// Clock hours of its run: all that are peak or sharp in nearly every Chinese tariff.
const RUN: (f64, f64) = (7.0, 23.0);
/// Every 6th working day it stands: 17 %, above the 10 % that a tenth percentile needs.
const OFF_EVERY: usize = 6;
/// cos φ of the machine.
const POWER_FACTOR: f64 = 0.955;

/// See the module.
pub struct DroppableBlock;

impl Behaviour for DroppableBlock {
    fn name(&self) -> &'static str {
        "droppable_block"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R15")
    }

    fn prepare(&self, draft: &mut Draft, _random: &mut Random) {
        // Days that differ by little else.
        draft.level_spread = 0.004;
        draft.noise = 0.005;
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let kw = site.working_kw * random.between(SHARE.0, SHARE.1);
        let mut worked = random.below(OFF_EVERY);
        for d in site.axis.working_days() {
            worked += 1;
            if !worked.is_multiple_of(OFF_EVERY) {
                site.run(site.axis.clock(d, RUN.0, RUN.1), kw, POWER_FACTOR);
            }
        }
        figures([("potential_kw", kw, "kW")])
    }
}
