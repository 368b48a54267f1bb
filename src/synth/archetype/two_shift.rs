//! A factory that works two shifts, 06:30 to 23:00.

use super::{Archetype, Day, Kind};
use crate::synth::shape::{bump, window};

/// See the module.
pub struct TwoShift;

static KIND: Kind = Kind {
    trades: &[
        ("汽车零部件有限公司", "Auto Parts", "汽车零部件制造"),
        ("塑料制品有限公司", "Plastics", "塑料制品制造"),
        ("电器制造有限公司", "Appliances", "家用电器制造"),
    ],
    voltage_kv: 10.0,
    working_kw: (700.0, 3500.0),
    power_factor: 0.955,
    pf_standard: 0.90,
    supply_level: 3,
    noise: 0.025,
    feeds: &[1.0],
    transformers: 1,
};

impl Archetype for TwoShift {
    fn name(&self) -> &'static str {
        "two_shift"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        if !day.works() {
            return 0.12;
        }
        let breaks = 0.12 * bump(hour, 11.5, 0.6) + 0.15 * bump(hour, 14.75, 0.4) + 0.12 * bump(hour, 18.5, 0.6);
        0.14 + (0.80 + 0.06 * day.cool) * day.level * (window(hour, 6.5, 23.0, 0.6) - breaks)
    }
}
