//! Load that stays on when nobody works: nights, rest days and holidays are far above what the
//! customer's own quiet days show is needed.

use super::{Behaviour, Figures, Remedy, figures};
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site};
use crate::time::DayKind;

/// What stays on, as a share of the working load (judgement; with the base that is needed well above the rule's 30 %
/// of the working mean, and below the 70 % of the day's peak from which a plant has no pause).
const WASTE: (f64, f64) = (0.26, 0.32);
/// Every 8th rest day or holiday everything is switched off: 12 %, above the 5 % that shows the base load that is
/// needed.
const QUIET_EVERY: usize = 8;

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

    /// On rest days it is also what a plant that stands still leaves on.
    fn part(&self) -> Option<&'static str> {
        Some("R07")
    }

    /// Nothing stays on.
    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::Load
    }

    /// Nothing stays on when all rest.
    fn mend_part(&self, site: &mut Site, random: &mut Random) {
        leave_on(site, random, |kind| kind == DayKind::Workday);
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        leave_on(site, random, |_| true)
    }
}

/// Leaves it on outside of work on days of some kinds. It is what those who come first would switch on: what runs
/// because somebody works takes its place.
fn leave_on(site: &mut Site, random: &mut Random, which: impl Fn(DayKind) -> bool) -> Figures {
    let waste_kw = site.working_kw * random.between(WASTE.0, WASTE.1);
    let hours = site.axis.days.interval().hours();
    let (mut rested, mut waste_kwh, mut quiet_days) = (random.below(QUIET_EVERY), 0.0, 0usize);
    for d in 0..site.axis.days.len() {
        let kind = site.axis.dates[d].kind;
        let rests = kind != DayKind::Workday;
        rested += usize::from(rests);
        if rests && rested.is_multiple_of(QUIET_EVERY) {
            quiet_days += 1;
            continue;
        }
        for i in site.axis.days.range(d).filter(|_| which(kind)) {
            let busy_kw = if rests { 0.0 } else { site.busy_kw[i] };
            let left_kw = (waste_kw - busy_kw).max(0.0);
            site.run([i], left_kw, POWER_FACTOR);
            waste_kwh += left_kw * hours;
        }
    }
    figures([("waste_kw", waste_kw, "kW"), ("waste_kwh", waste_kwh, "kWh"), ("quiet_days", quiet_days as f64, "d")])
}
