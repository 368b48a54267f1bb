//! A data centre: flat, with cooling that follows the weather.

use super::{Archetype, Day, Kind};
use crate::synth::shape::bump;

/// See the module.
pub struct DataCentre;

static KIND: Kind = Kind {
    trades: &[
        ("云计算数据中心", "Cloud Data Centre", "数据中心"),
        ("数据科技有限公司", "Data Technologies", "数据中心"),
        ("信息港数据中心", "Infoport Data Centre", "数据中心"),
    ],
    voltage_kv: 10.0,
    working_kw: (1500.0, 6000.0),
    power_factor: 0.97,
    pf_standard: 0.85,
    supply_level: 1,
    noise: 0.008,
    feeds: &[1.0],
    transformers: 2,
};

impl Archetype for DataCentre {
    fn name(&self) -> &'static str {
        "data_centre"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        0.84 * (0.9 + 0.1 * day.level)
            + 0.03 * bump(hour, 21.0, 6.0)
            + (0.03 + 0.09 * day.cool) * (0.6 + 0.4 * bump(hour, 15.0, 9.0))
    }
}
