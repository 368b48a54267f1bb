//! Planned maintenance: four afternoons of working days a year, when much runs at high prices, or the
//! nights of rest days, when little does at low ones.

use super::{Behaviour, Figures, figures};
use crate::synth::random::Random;
use crate::synth::site::Site;
use crate::time::{DAY_SECONDS, DayKind};

/// Every so many days one is due.
const EVERY_DAYS: usize = 91;
/// Clock hours of a maintenance in the dear time: peak or sharp in most Chinese tariffs.
const DEAR: (f64, f64) = (16.0, 20.0);
/// Clock hours of one in the cheap time: valley in nearly every Chinese tariff.
const CHEAP: (f64, f64) = (1.0, 5.0);
/// What still runs meanwhile, as a share of the load (judgement).
const LEFT: f64 = 0.5;
/// Seconds of an hour.
const HOUR: f64 = 3600.0;

/// Maintenance when it costs most; see the module.
pub struct DearMaintenance;

/// Maintenance when it costs least; see the module.
pub struct QuietMaintenance;

impl Behaviour for DearMaintenance {
    fn name(&self) -> &'static str {
        "dear_maintenance"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R21")
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        maintain(site, random, DayKind::Workday, DEAR)
    }
}

impl Behaviour for QuietMaintenance {
    fn name(&self) -> &'static str {
        "quiet_maintenance"
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        maintain(site, random, DayKind::Restday, CHEAP)
    }
}

/// Lowers the load on the first days of a kind after each due day, and notes when.
fn maintain(site: &mut Site, random: &mut Random, kind: DayKind, (from, to): (f64, f64)) -> Figures {
    let (n, mut due, mut times) = (site.axis.days.len(), random.below(EVERY_DAYS / 2), 0usize);
    while let Some(day) = (due..n).find(|d| site.axis.dates[*d].kind == kind) {
        for i in site.axis.clock(day, from, to) {
            site.gross_kw[i] *= LEFT;
            site.kvar[i] *= LEFT;
        }
        let midnight = i64::from(site.axis.days.date(day).0) * DAY_SECONDS;
        site.maintenance.push(midnight + (from * HOUR) as i64..midnight + (to * HOUR) as i64);
        (due, times) = (due + EVERY_DAYS, times + 1);
    }
    figures([("times", times as f64, ""), ("hours", to - from, "h")])
}
