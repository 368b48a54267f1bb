//! A plant that is not shut down on rest days and holidays, although nothing is made: an even load day
//! and night. Every fifth such day it is.

use super::{Behaviour, Figures, Remedy, figures};
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site};
use crate::time::DayKind;

/// Load of such a day over the mean of a working day (judgement; between the rule's 40 and 80 %).
const SHARE: (f64, f64) = (0.56, 0.68);
/// Every fifth rest day all is switched off.
const OFF_EVERY: usize = 5;
/// cos φ of what stays on.
const POWER_FACTOR: f64 = 0.955;

/// See the module.
pub struct RestDaysOn;

impl Behaviour for RestDaysOn {
    fn name(&self) -> &'static str {
        "rest_days_on"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R07")
    }

    /// It is shut down on every rest day.
    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::Load
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let works = |site: &Site, d: usize| site.axis.dates[d].kind == DayKind::Workday;
        let days = site.axis.days.len();
        let working: Vec<usize> = site.axis.working_days().into_iter().flat_map(|d| site.axis.days.range(d)).collect();
        let mean = working.iter().map(|i| site.gross_kw[*i]).sum::<f64>() / working.len().max(1) as f64;
        let level = mean * random.between(SHARE.0, SHARE.1);
        let (mut rest, mut on, mut kwh) = (random.below(OFF_EVERY), 0usize, 0.0);
        for d in 0..days {
            if works(site, d) {
                continue;
            }
            rest += 1;
            if rest.is_multiple_of(OFF_EVERY) {
                continue;
            }
            on += 1;
            for i in site.axis.days.range(d) {
                let add = (level - site.gross_kw[i]).max(0.0);
                site.run([i], add, POWER_FACTOR);
                kwh += add * site.axis.days.interval().hours();
            }
        }
        figures([("level_kw", level, "kW"), ("days_on", on as f64, "d"), ("waste_kwh", kwh, "kWh")])
    }
}
