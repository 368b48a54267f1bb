//! A cold store: compressors all year, more in heat, pre-cooling at night.

use super::{Archetype, Day, Kind};
use crate::synth::shape::{bump, window};

/// See the module.
pub struct ColdStore;

static KIND: Kind = Kind {
    trades: &[
        ("冷链物流有限公司", "Cold Chain Logistics", "冷链物流"),
        ("冷藏仓储有限公司", "Cold Storage", "冷藏仓储"),
        ("食品冷库有限公司", "Food Cold Stores", "冷库"),
    ],
    voltage_kv: 10.0,
    working_kw: (400.0, 1800.0),
    power_factor: 0.955,
    pf_standard: 0.90,
    supply_level: 2,
    noise: 0.035,
    feeds: &[1.0],
    transformers: 1,
};

impl Archetype for ColdStore {
    fn name(&self) -> &'static str {
        "cold_store"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        0.40 + 0.12 * bump(hour, 15.0, 8.0) + 0.26 * day.cool + 0.18 * day.level * window(hour, 23.0, 7.0, 0.5)
    }
}
