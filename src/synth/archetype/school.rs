//! A school: term and vacation, day and boarding.

use super::{Archetype, Day, Kind};
use crate::synth::shape::{bump, window};

/// See the module.
pub struct School;

static KIND: Kind = Kind {
    trades: &[
        ("实验学校", "Experimental School", "学校"),
        ("外国语学校", "Foreign Languages School", "学校"),
        ("职业技术学院", "Vocational College", "学校"),
    ],
    voltage_kv: 10.0,
    working_kw: (350.0, 1200.0),
    power_factor: 0.955,
    pf_standard: 0.85,
    supply_level: 3,
    noise: 0.03,
    feeds: &[1.0],
    transformers: 1,
};

impl Archetype for School {
    fn name(&self) -> &'static str {
        "school"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn stands(&self, month: u8, day: u8) -> bool {
        matches!((month, day), (1, 18..) | (2, ..=20) | (7, 6..) | (8, _))
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        if self.stands(day.month, day.day) {
            return 0.10 + 0.05 * window(hour, 8.0, 17.0, 1.0);
        }
        let climate = 0.20 * day.cool + 0.16 * day.heat;
        let lessons = if day.works() { 0.40 * day.level + climate } else { 0.06 };
        0.12 + lessons * window(hour, 6.5, 17.5, 1.25) + 0.28 * bump(hour, 20.0, 2.75)
    }
}
