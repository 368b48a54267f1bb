//! A line that runs one working day a week: the connection serves it alone, so that the load factor lies far
//! below that of its peers.

use super::{Behaviour, Figures, Remedy, figures};
use crate::synth::peers::lowest_quarter;
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site, tan_phi};
use crate::time::DayKind;

/// Load factor with the line over that below which the lowest quarter of its peers lies (judgement).
const BELOW: (f64, f64) = (0.65, 0.75);
/// Clock hours of its run.
const RUN: (f64, f64) = (9.0, 15.0);
/// One working day in so many.
const EVERY: usize = 5;
/// cos φ of the line.
const POWER_FACTOR: f64 = 0.955;

/// See the module.
pub struct Uneven;

impl Behaviour for Uneven {
    fn name(&self) -> &'static str {
        "uneven"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R20")
    }

    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::None
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let all = 0..site.gross_kw.len();
        let interval = site.axis.days.interval().hours();
        let hours = all.len() as f64 * interval;
        let factor =
            |site: &Site| site.import_kwh(all.clone()) / hours / site.max_kw(all.clone()).max(f64::MIN_POSITIVE);
        let wanted = random.between(BELOW.0, BELOW.1) * lowest_quarter(site.archetype);
        let works = |d: &usize| site.axis.dates[*d].kind == DayKind::Workday;
        let days: Vec<usize> = (0..site.axis.days.len()).filter(works).step_by(EVERY).collect();
        let run: Vec<usize> = days.into_iter().flat_map(|d| site.axis.clock(d, RUN.0, RUN.1)).collect();
        // (energy + power · run) / hours = wanted · (highest load of the run + power), solved for the power.
        let (energy, highest) =
            (site.import_kwh(all.clone()), run.iter().map(|i| site.gross_kw[*i]).fold(0.0, f64::max));
        let run_hours = run.len() as f64 * interval;
        let power = (energy - wanted * hours * highest) / (wanted * hours - run_hours);
        let before = factor(site);
        for i in run {
            site.gross_kw[i] += power;
            site.kvar[i] += power * tan_phi(POWER_FACTOR);
        }
        figures([("line_kw", power, "kW"), ("load_factor", factor(site), ""), ("load_factor_without", before, "")])
    }
}
