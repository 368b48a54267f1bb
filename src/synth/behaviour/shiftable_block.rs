//! A batch of known energy that runs in the dear evening on most working days, and on some of them
//! in the valley: the customer's own history shows that it can.

use super::{Behaviour, Figures, Remedy, figures};
use crate::synth::random::Random;
use crate::synth::site::{Batch, Draft, Site};

/// Power of the batch as a share of the working load (judgement; with it clearly more than 3 % of the energy could
/// move, whatever stays on at night).
const SHARE: (f64, f64) = (0.28, 0.38);
/// Clock hours of the dear run: peak or sharp in nearly every Chinese tariff.
const DEAR: (f64, f64) = (18.0, 21.0);
/// Clock hours of the cheap run: valley in nearly every Chinese tariff.
const CHEAP: (f64, f64) = (1.0, 4.0);
/// Every 6th working day runs in the valley: 17 %, above the 10 % that a tenth percentile needs.
const CHEAP_EVERY: usize = 6;
/// cos φ of the batch.
const POWER_FACTOR: f64 = 0.955;

/// See the module.
pub struct ShiftableBlock;

impl Behaviour for ShiftableBlock {
    fn name(&self) -> &'static str {
        "shiftable_block"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R01")
    }

    /// Every run is in the valley.
    fn mend(&self, site: &mut Site, _draft: &Draft, random: &mut Random) -> Remedy {
        run(site, random, |_| true);
        Remedy::Hours
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let Runs { block_kw, dear_days, cheap_days, movable_kwh } =
            run(site, random, |worked| worked.is_multiple_of(CHEAP_EVERY));
        figures([
            ("block_kw", block_kw, "kW"),
            ("block_hours", DEAR.1 - DEAR.0, "h"),
            ("block_kwh", block_kw * (DEAR.1 - DEAR.0), "kWh"),
            ("dear_from", DEAR.0, "h"),
            ("cheap_from", CHEAP.0, "h"),
            ("dear_days", dear_days as f64, "d"),
            ("cheap_days", cheap_days as f64, "d"),
            ("movable_kwh", movable_kwh, "kWh"),
        ])
    }
}

/// What was run.
struct Runs {
    block_kw: f64,
    dear_days: usize,
    cheap_days: usize,
    movable_kwh: f64,
}

/// Adds the batch to every working day; `cheap` says of the number of a working day whether it runs
/// in the valley.
fn run(site: &mut Site, random: &mut Random, cheap: impl Fn(usize) -> bool) -> Runs {
    let block_kw = site.working_kw * random.between(SHARE.0, SHARE.1);
    let hours = site.axis.days.interval().hours();
    let mut usual_days = Vec::new();
    let mut out = Runs { block_kw, dear_days: 0, cheap_days: 0, movable_kwh: 0.0 };
    let mut worked = random.below(CHEAP_EVERY);
    for d in site.axis.working_days() {
        worked += 1;
        let cheap = cheap(worked);
        let (from, to) = if cheap { CHEAP } else { DEAR };
        let run = site.axis.clock(d, from, to);
        if cheap {
            out.cheap_days += 1;
        } else {
            out.dear_days += 1;
            usual_days.push(d);
            out.movable_kwh += run.len() as f64 * hours * block_kw;
        }
        site.run(run, block_kw, POWER_FACTOR);
    }
    site.batches.push(Batch { kw: block_kw, usual: DEAR, days: usual_days });
    out
}
