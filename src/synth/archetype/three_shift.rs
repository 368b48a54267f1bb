//! A factory that works round the clock in three shifts, less on rest days.

use super::{Archetype, Day, Kind};
use crate::synth::shape::{bump, window};

/// See the module.
pub struct ThreeShift;

static KIND: Kind = Kind {
    trades: &[
        ("纺织有限公司", "Textiles", "纺织"),
        ("包装材料有限公司", "Packaging", "包装材料制造"),
        ("轴承制造有限公司", "Bearings", "轴承制造"),
    ],
    voltage_kv: 10.0,
    working_kw: (1000.0, 5000.0),
    power_factor: 0.955,
    pf_standard: 0.90,
    supply_level: 3,
    noise: 0.02,
    feeds: &[1.0],
    transformers: 2,
};

impl Archetype for ThreeShift {
    fn name(&self) -> &'static str {
        "three_shift"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        let changes =
            0.10 * (bump(hour, 8.0, 0.5) + bump(hour, 16.0, 0.5) + bump(hour, 24.0, 0.5) + bump(hour, 0.0, 0.5));
        let running = (0.84 + 0.10 * window(hour, 8.0, 17.5, 0.5) - changes) * day.level;
        match day.kind {
            crate::time::DayKind::Workday => running,
            crate::time::DayKind::Restday => 0.70 * running,
            crate::time::DayKind::Holiday => 0.40 * running,
        }
    }
}
