//! A works on two supply points, one of which takes the whole load when the other is switched off.

use super::{Archetype, Day, Kind};
use crate::synth::shape::{bump, window};

/// See the module.
pub struct TwoFeeds;

static KIND: Kind = Kind {
    trades: &[
        ("金属制品有限公司", "Metal Products", "金属制品制造"),
        ("船舶配件有限公司", "Marine Fittings", "船舶配件制造"),
        ("重型机械有限公司", "Heavy Machinery", "重型机械制造"),
    ],
    voltage_kv: 10.0,
    working_kw: (2500.0, 6000.0),
    power_factor: 0.957,
    pf_standard: 0.90,
    supply_level: 2,
    noise: 0.02,
    feeds: &[0.6, 0.4],
    transformers: 2,
};

impl Archetype for TwoFeeds {
    fn name(&self) -> &'static str {
        "two_feeds"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        let running = 0.50 + 0.36 * window(hour, 7.0, 22.5, 0.75) - 0.08 * bump(hour, 11.75, 0.75);
        if day.works() { running * day.level } else { 0.55 * running * day.level }
    }
}
