//! A shopping mall: open 09:30 to 22:00 every day, cooled in summer, busier on rest days.

use super::{Archetype, Day, Kind};
use crate::synth::shape::window;

/// See the module.
pub struct Mall;

static KIND: Kind = Kind {
    trades: &[
        ("购物中心", "Shopping Centre", "商场"),
        ("商业广场", "Commercial Plaza", "商场"),
        ("百货商场", "Department Store", "商场"),
    ],
    voltage_kv: 10.0,
    working_kw: (800.0, 3500.0),
    power_factor: 0.955,
    pf_standard: 0.85,
    supply_level: 3,
    noise: 0.02,
    feeds: &[1.0],
    transformers: 2,
};

impl Archetype for Mall {
    fn name(&self) -> &'static str {
        "mall"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        let open = window(hour, 9.25, 22.25, 1.0);
        let guests = if day.works() { 0.52 } else { 0.60 };
        0.13 + open * (guests * day.level + 0.33 * day.cool + 0.12 * day.heat)
    }
}
