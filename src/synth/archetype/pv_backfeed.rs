//! A one-shift factory whose roof gives more than it needs at midday: the meter runs backwards.

use super::{Archetype, Day, Kind};
use crate::synth::shape::{bump, window};

/// See the module.
pub struct PvBackfeed;

static KIND: Kind = Kind {
    trades: &[
        ("电子科技有限公司", "Electronics", "电子制造"),
        ("新能源材料有限公司", "New Materials", "电子材料制造"),
        ("光电有限公司", "Optoelectronics", "电子器件制造"),
    ],
    voltage_kv: 10.0,
    working_kw: (400.0, 1500.0),
    power_factor: 0.97,
    pf_standard: 0.90,
    supply_level: 3,
    noise: 0.025,
    feeds: &[1.0],
    transformers: 1,
};

impl Archetype for PvBackfeed {
    fn name(&self) -> &'static str {
        "pv_backfeed"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        if !day.works() {
            return 0.12;
        }
        0.12 + (0.62 + 0.14 * day.cool)
            * day.level
            * (window(hour, 7.75, 18.0, 0.75) - 0.3 * window(hour, 11.75, 13.25, 0.25))
    }

    fn generation(&self, day: &Day, hour: f64) -> f64 {
        1.05 * day.sun * bump(hour, 12.5, 5.75)
    }
}
