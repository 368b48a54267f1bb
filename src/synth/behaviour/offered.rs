//! What a customer has been offered, on terms from good to bad: a battery, a PV plant, supply at a higher
//! voltage, single-part prices. What they are worth follows from its load.

use super::{Behaviour, Figures, Remedy, figures};
use crate::customer::BillingMode;
use crate::register::{Battery, Product, Pv, VoltageLevel};
use crate::synth::offer::{HIGHER, SINGLE};
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site};

/// Room for a battery over the maximum, and its price per kWh.
const ROOM: (f64, f64) = (0.06, 0.10);
const BATTERY_PRICE: (f64, f64) = (700.0, 6_000.0);
/// PV power over the maximum, its price per kWp and its yearly yield.
const PV_SHARE: (f64, f64) = (0.10, 0.45);
const PV_PRICE: (f64, f64) = (2_500.0, 30_000.0);
const PV_YIELD: (f64, f64) = (950.0, 1_150.0);
/// Latitude of China's middle, in degrees.
const LATITUDE: f64 = 31.0;
/// Price of a higher voltage per kW of the maximum.
const VOLTAGE_PRICE: (f64, f64) = (150.0, 3_000.0);
/// Capacity in kVA up to which single-part prices may be chosen.
const SINGLE_TO: (f64, f64) = (800.0, 6_000.0);

/// A price between two, as often in each part of equal ratio.
fn price(random: &mut Random, (low, high): (f64, f64)) -> f64 {
    (low * (high / low).powf(random.unit())).round()
}

/// Greatest net power of a site in kW.
fn max_kw(site: &Site) -> f64 {
    site.max_kw(0..site.gross_kw.len())
}

/// A battery.
pub struct BatteryOffered;

impl Behaviour for BatteryOffered {
    fn name(&self) -> &'static str {
        "battery_offered"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R13")
    }

    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::Battery
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let most_kw = (max_kw(site) * random.between(ROOM.0, ROOM.1)).round();
        let capex_per_kwh = price(random, BATTERY_PRICE);
        site.offers.battery = Some(Battery {
            capex_per_kwh,
            capex_per_kw: 0.0,
            hours: 2.0,
            round_trip: 0.88,
            cycle_life: 6000.0,
            life_years: 12.0,
            most_kw: Some(most_kw),
        });
        figures([("battery_kw", most_kw, "kW"), ("capex_per_kwh", capex_per_kwh, "per kWh")])
    }
}

/// A PV plant.
pub struct PvOffered;

impl Behaviour for PvOffered {
    fn name(&self) -> &'static str {
        "pv_offered"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R14")
    }

    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::Pv
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let kwp = (max_kw(site) * random.between(PV_SHARE.0, PV_SHARE.1)).round();
        let capex_per_kwp = price(random, PV_PRICE);
        let kwh_per_kwp = random.between(PV_YIELD.0, PV_YIELD.1).round();
        let (latitude, life_years) = (LATITUDE, 20.0);
        site.offers.pv = Some(Pv { capex_per_kwp, kwp, kwh_per_kwp, latitude, life_years, feed_in_price: None });
        figures([("kwp", kwp, "kW"), ("capex_per_kwp", capex_per_kwp, "per kW")])
    }
}

/// A higher voltage.
pub struct VoltageOffered;

impl Behaviour for VoltageOffered {
    fn name(&self) -> &'static str {
        "voltage_offered"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R17")
    }

    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::Voltage
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let capex = (max_kw(site) * price(random, VOLTAGE_PRICE)).round();
        site.offers.voltage = vec![VoltageLevel { kv: HIGHER.1, tariff: HIGHER.0.into(), capex }];
        figures([("voltage_kv", HIGHER.1, "kV"), ("capex", capex, "currency")])
    }
}

/// Single-part prices.
pub struct ProductOffered;

impl Behaviour for ProductOffered {
    fn name(&self) -> &'static str {
        "product_offered"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R22")
    }

    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::Product
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let most = price(random, SINGLE_TO);
        site.offers.product = vec![Product {
            tariff: SINGLE.into(),
            billing_mode: Some(BillingMode::Single),
            capacity_kva: Some([100.0, most]),
            lock_in_months: 12,
        }];
        figures([("capacity_to", most, "kVA")])
    }
}
