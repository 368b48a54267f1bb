//! A foundry that melts at night, when energy is cheap.

use super::{Archetype, Day, Kind};
use crate::synth::shape::window;

/// See the module.
pub struct NightHeavy;

static KIND: Kind = Kind {
    trades: &[
        ("铸造有限公司", "Foundry", "铸件制造"),
        ("合金材料有限公司", "Alloys", "金属制品制造"),
        ("热处理有限公司", "Heat Treatment", "金属热处理加工"),
    ],
    voltage_kv: 10.0,
    working_kw: (800.0, 3500.0),
    power_factor: 0.955,
    pf_standard: 0.90,
    supply_level: 3,
    noise: 0.02,
    feeds: &[1.0],
    transformers: 1,
};

impl Archetype for NightHeavy {
    fn name(&self) -> &'static str {
        "night_heavy"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        if !day.works() {
            return 0.12;
        }
        0.14 + 0.10 * window(hour, 8.0, 17.5, 0.5) + 0.72 * day.level * window(hour, 0.0, 7.75, 0.25)
    }
}
