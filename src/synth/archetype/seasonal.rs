//! A crop processor: two shifts from September to December, nearly idle otherwise.

use super::{Archetype, Day, Kind};
use crate::synth::shape::window;

/// See the module.
pub struct Seasonal;

static KIND: Kind = Kind {
    trades: &[
        ("粮油加工有限公司", "Grain and Oil", "粮油加工"),
        ("果品有限公司", "Fruit Works", "果品加工"),
        ("茶业有限公司", "Tea Works", "茶叶加工"),
    ],
    voltage_kv: 10.0,
    working_kw: (600.0, 2500.0),
    power_factor: 0.955,
    pf_standard: 0.90,
    supply_level: 3,
    noise: 0.03,
    feeds: &[1.0],
    transformers: 2,
};

impl Archetype for Seasonal {
    fn name(&self) -> &'static str {
        "seasonal"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn stands(&self, month: u8, _day: u8) -> bool {
        !(9..=12).contains(&month)
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        let in_season = !self.stands(day.month, day.day) && day.kind != crate::time::DayKind::Holiday;
        let campaign =
            if in_season { 0.80 * window(hour, 6.0, 22.5, 0.75) } else { 0.05 * window(hour, 8.0, 17.0, 1.0) };
        0.08 + campaign * day.level
    }
}
