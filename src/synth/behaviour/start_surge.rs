//! Everything starts at once: the first half hour of the shift sets every month's maximum, day by day.

use super::{Behaviour, Figures, Remedy, figures};
use crate::customer::BillingMode;
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site};
use crate::time::DayKind;

/// Height over the month's maximum without it (judgement).
const HEIGHT: (f64, f64) = (1.12, 1.20);
/// The lowest surge of a month, as a share of its highest: they come day by day, so none is a needle.
const LOWEST: f64 = 0.96;
/// Clock hours of the start.
const START: (f64, f64) = (6.75, 7.25);

/// See the module.
pub struct StartSurge;

impl Behaviour for StartSurge {
    fn name(&self) -> &'static str {
        "start_surge"
    }

    fn prepare(&self, draft: &mut Draft, random: &mut Random) {
        draft.billing_mode = Some(BillingMode::Demand);
        draft.loading = random.between(0.46, 0.54);
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R02")
    }

    /// The starts follow one another: the same work is done after them, below the maximum of the rest.
    fn mend(&self, site: &mut Site, _draft: &Draft, random: &mut Random) -> Remedy {
        surge(site, random, true);
        Remedy::Load
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let (days, excess_kw) = surge(site, random, false);
        figures([("start_days", days as f64, "d"), ("excess_kw", excess_kw, "kW")])
    }
}

/// Adds the start of each working day, at once or one machine after the other; the days, and the mean over
/// the months of what the highest surge lies above all else.
fn surge(site: &mut Site, random: &mut Random, staggered: bool) -> (usize, f64) {
    let (mut days, mut excess, mut months) = (0usize, 0.0, 0usize);
    for (_, range) in site.axis.months.clone() {
        let without = site.max_kw(range.clone());
        let height = without * random.between(HEIGHT.0, HEIGHT.1);
        let (first, last) = (site.axis.days.day_at(range.start), site.axis.days.day_at(range.end - 1));
        for day in (first..=last).filter(|d| site.axis.dates[*d].kind == DayKind::Workday).collect::<Vec<_>>() {
            let target = height * random.between(LOWEST, 1.0);
            let start = site.axis.clock(day, START.0, START.1);
            let mut left: f64 = start.iter().map(|i| (target - site.net_kw(*i)).max(0.0)).sum();
            let (places, level) =
                if staggered { (site.axis.clock(day, START.0, 24.0), LOWEST * without) } else { (start, target) };
            for i in places {
                let add = (level - site.net_kw(i)).max(0.0).min(left);
                let ratio = site.kvar[i] / site.gross_kw[i].max(1.0);
                site.gross_kw[i] += add;
                site.kvar[i] += add * ratio;
                left -= add;
            }
            days += 1;
        }
        excess += height - without;
        months += 1;
    }
    (days, excess / months.max(1) as f64)
}
