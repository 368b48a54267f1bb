//! Clock changes in labels that the zone they are read in does not have.

use crate::time::{DAY_SECONDS, Date, DstLabels, Shift, Zone};

/// A jump of an hour between the labels of consecutive rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Jump {
    /// The first label that is left out or comes again, in seconds of the wall clock.
    pub start: i64,
    /// An hour is left out; else it comes twice.
    pub ahead: bool,
}

const HOUR: i64 = 3_600;

impl Jump {
    /// The jump between the labels of an earlier row and the next, `step` seconds apart.
    pub const fn between(earlier: i64, later: i64, step: i64) -> Option<Self> {
        let apart = later - earlier;
        if apart == step + HOUR {
            Some(Self { start: earlier + step, ahead: true })
        } else if apart == step - HOUR {
            Some(Self { start: later, ahead: false })
        } else {
            None
        }
    }

    /// Its date and time on the wall clock.
    pub fn local(self) -> String {
        let wall = self.start.rem_euclid(DAY_SECONDS);
        format!("{} {:02}:{:02}", self.date(), wall / HOUR, wall % HOUR / 60)
    }

    fn date(self) -> Date {
        Date(i32::try_from(self.start.div_euclid(DAY_SECONDS)).unwrap_or(i32::MAX))
    }

    /// Whether a zone changes its clocks there; labels of interval ends come a step later.
    pub fn is_change_of(self, zone: &Zone) -> bool {
        let wall = self.start.rem_euclid(DAY_SECONDS);
        let there = |s: Shift| {
            let first = s.at.min(s.at + s.by);
            (s.by > 0) == self.ahead && (first..first + HOUR).contains(&wall)
        };
        zone.covers(self.date()) && zone.shift(self.date()).is_some_and(there)
    }
}

/// Zones that stand for all that change their clocks alike, and some of these.
const RULES: &[(&str, &str)] = &[
    ("Europe/Berlin", "Europe/Paris, Europe/Madrid, Europe/Warsaw and others"),
    ("Europe/London", "Europe/Dublin, Europe/Lisbon"),
    ("Europe/Athens", "Europe/Helsinki, Europe/Bucharest and others"),
    ("America/New_York", "America/Chicago, America/Denver, America/Los_Angeles"),
    ("Australia/Sydney", "Australia/Melbourne"),
    ("Pacific/Auckland", ""),
    ("America/Santiago", ""),
    ("Asia/Jerusalem", ""),
    ("Africa/Cairo", ""),
];

/// The zones whose clock changes explain all of some jumps, each with those that change alike.
pub fn that_explain(jumps: &[Jump]) -> Vec<(&'static str, &'static str)> {
    let explains =
        |name: &str| Zone::new(name, DstLabels::Repeat).is_ok_and(|zone| jumps.iter().all(|j| j.is_change_of(&zone)));
    if jumps.is_empty() { Vec::new() } else { RULES.iter().copied().filter(|(name, _)| explains(name)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_changes_are_told_from_other_jumps() {
        let zone = Zone::new("Europe/Berlin", DstLabels::Repeat).unwrap();
        let around = |utc: i64, step: i64, late: i64| {
            let label = |k: i64| zone.local(utc + k * step).local + late;
            let of = |a: i64, b: i64| Jump::between(a, b, step);
            (-40..40).filter_map(|k| of(label(k), label(k + 1))).collect::<Vec<_>>()
        };
        // 2025-10-26 01:00 and 2025-03-30 01:00 UTC.
        for (utc, ahead) in [(1_761_440_400, false), (1_743_296_400, true)] {
            for (step, late) in [(900, 0), (900, 900), (1_800, 0), (300, 300)] {
                let jumps = around(utc, step, late);
                assert_eq!(jumps.iter().map(|j| j.ahead).collect::<Vec<_>>(), [ahead], "{step} {late}");
                let zones: Vec<&str> = that_explain(&jumps).into_iter().map(|z| z.0).collect();
                assert_eq!(zones, ["Europe/Berlin"], "{step} {late}");
                let elsewhere = Jump { start: jumps[0].start + 7 * DAY_SECONDS, ..jumps[0] };
                assert!(!that_explain(&[elsewhere]).iter().any(|z| z.0 == "Europe/Berlin"));
            }
        }
        assert_eq!(that_explain(&[]), []);
    }
}
