//! A hospital: wards round the clock, outpatients by day.

use super::{Archetype, Day, Kind};
use crate::synth::shape::window;

/// See the module.
pub struct Hospital;

static KIND: Kind = Kind {
    trades: &[
        ("人民医院", "People's Hospital", "医院"),
        ("中心医院", "Central Hospital", "医院"),
        ("妇幼保健院", "Maternity Hospital", "医院"),
    ],
    voltage_kv: 10.0,
    working_kw: (800.0, 3000.0),
    power_factor: 0.96,
    pf_standard: 0.85,
    supply_level: 1,
    noise: 0.02,
    feeds: &[1.0],
    transformers: 2,
};

impl Archetype for Hospital {
    fn name(&self) -> &'static str {
        "hospital"
    }

    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn load(&self, day: &Day, hour: f64) -> f64 {
        let outpatients = if day.works() { 0.36 } else { 0.20 };
        let climate = 0.24 * day.cool + 0.14 * day.heat;
        0.38 + climate * (0.6 + 0.4 * window(hour, 7.0, 20.0, 2.0))
            + outpatients * day.level * window(hour, 6.75, 17.75, 1.5)
    }
}
