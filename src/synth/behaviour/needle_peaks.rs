//! Short start-ups that set the month's maximum, twice a month: everything is switched on at once.

use super::{Behaviour, Figures, Remedy, figures};
use crate::customer::BillingMode;
use crate::rule::Figure;
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site};
use crate::time::DayKind;

/// Height over the month's maximum without it (judgement; a needle needs 10 % prominence).
const HEIGHT: (f64, f64) = (1.22, 1.34);
/// The second needle of a month, as a share of the first.
const SECOND: f64 = 0.96;
/// Clock hours of the quarter hour of the start.
const START: (f64, f64) = (7.5, 7.75);
/// Needles a month: few enough that the 99.9th percentile of a month of quarter hours misses them.
const NEEDLES: usize = 2;
/// Starting motors draw more reactive power than running ones.
const KVAR_GAIN: f64 = 1.6;

/// See the module.
pub struct NeedlePeaks;

impl Behaviour for NeedlePeaks {
    fn name(&self) -> &'static str {
        "needle_peaks"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R03")
    }

    /// The starts are spread and no longer stand out.
    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::Load
    }

    fn prepare(&self, draft: &mut Draft, random: &mut Random) {
        // The needle must be what is billed, and demand billing the right choice all the same.
        draft.billing_mode = Some(BillingMode::Demand);
        draft.loading = random.between(0.46, 0.54);
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let mut out = Figures::new();
        let (mut excess, mut months) = (0.0, 0usize);
        for (month, range) in site.axis.months.clone() {
            let first = site.axis.days.day_at(range.start);
            let last = site.axis.days.day_at(range.end - 1);
            let mut days: Vec<usize> =
                (first..=last).filter(|d| site.axis.dates[*d].kind == DayKind::Workday).collect();
            let without = site.max_kw(range);
            let height = without * random.between(HEIGHT.0, HEIGHT.1);
            let mut needles = 0;
            while needles < NEEDLES && !days.is_empty() {
                let day = days.swap_remove(random.below(days.len()));
                let target = if needles == 0 { height } else { height * SECOND };
                raise(site, day, target);
                needles += 1;
            }
            if needles > 0 {
                months += 1;
                excess += height - without;
                out.insert(format!("max_kw {month}"), Figure { value: height, unit: "kW" });
                out.insert(format!("max_without_kw {month}"), Figure { value: without, unit: "kW" });
            }
        }
        let mean = if months == 0 { 0.0 } else { excess / months as f64 };
        out.extend(figures([("months", months as f64, ""), ("excess_kw", mean, "kW")]));
        out
    }
}

/// Lifts the intervals of the start to `target` kW net.
fn raise(site: &mut Site, day: usize, target: f64) {
    let hours = site.axis.days.interval().hours();
    // Half-hourly and hourly data have one interval that contains the start.
    let from = (START.0 / hours).floor() * hours;
    for i in site.axis.clock(day, from, START.1) {
        let add = target - site.net_kw(i);
        let ratio = site.kvar[i] / site.gross_kw[i].max(1.0);
        site.gross_kw[i] += add;
        site.kvar[i] += add * ratio * KVAR_GAIN;
    }
}
