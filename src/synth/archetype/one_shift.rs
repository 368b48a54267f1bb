//! A factory that works one shift, 07:30 to 17:30, with a lunch break.

use super::{Archetype, Day, Kind};
use crate::synth::shape::window;

/// See the module.
pub struct OneShift;

static KIND: Kind = Kind {
    trades: &[
        ("精密铸造有限公司", "Precision Castings", "精密铸件制造"),
        ("机械加工有限公司", "Machining", "机械制造"),
        ("钢结构有限公司", "Steel Structures", "金属结构制造"),
    ],
    voltage_kv: 10.0,
    working_kw: (500.0, 2500.0),
    power_factor: 0.955,
    pf_standard: 0.90,
    supply_level: 3,
    noise: 0.025,
    feeds: &[1.0],
    transformers: 1,
};

impl Archetype for OneShift {
    fn name(&self) -> &'static str {
        "one_shift"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        if !day.works() {
            return 0.09;
        }
        let shift = window(hour, 7.5, 17.5, 0.75) - 0.25 * window(hour, 11.75, 13.0, 0.25);
        0.10 + (0.82 + 0.08 * day.cool) * day.level * shift
    }
}
