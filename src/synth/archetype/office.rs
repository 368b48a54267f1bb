//! An office tower: weekdays 08:00 to 18:30, cooled in summer.

use super::{Archetype, Day, Kind};
use crate::synth::shape::window;

/// See the module.
pub struct Office;

static KIND: Kind = Kind {
    trades: &[
        ("国际大厦", "International Tower", "写字楼"),
        ("商务中心", "Business Centre", "写字楼"),
        ("科技大厦", "Technology Tower", "写字楼"),
    ],
    voltage_kv: 10.0,
    working_kw: (500.0, 2000.0),
    power_factor: 0.955,
    pf_standard: 0.85,
    supply_level: 3,
    noise: 0.025,
    feeds: &[1.0],
    transformers: 1,
};

impl Archetype for Office {
    fn name(&self) -> &'static str {
        "office"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        if !day.works() {
            return 0.14 + 0.04 * day.cool * window(hour, 9.0, 18.0, 1.0);
        }
        let staffed = window(hour, 7.5, 19.0, 1.25);
        0.13 + staffed * (0.45 * day.level + 0.36 * day.cool + 0.18 * day.heat)
    }
}
