//! A process that never stops and hardly varies.

use super::{Archetype, Day, Kind};
use crate::synth::shape::bump;

/// See the module.
pub struct Continuous;

static KIND: Kind = Kind {
    trades: &[
        ("化工有限公司", "Chemicals", "化工"),
        ("玻璃有限公司", "Glass", "玻璃"),
        ("水泥有限公司", "Cement", "水泥"),
    ],
    voltage_kv: 10.0,
    working_kw: (3000.0, 9000.0),
    power_factor: 0.957,
    pf_standard: 0.90,
    supply_level: 2,
    noise: 0.015,
    feeds: &[1.0],
    transformers: 2,
};

impl Archetype for Continuous {
    fn name(&self) -> &'static str {
        "continuous"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        (0.96 + 0.01 * bump(hour, 14.0, 8.0) + 0.02 * day.cool) * day.level
    }
}
