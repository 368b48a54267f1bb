//! Customers who could buy or choose something: a battery, a PV plant, a higher voltage, another product.

use super::guards::{BATTERY, PV, terms};
use super::tests::{More, everything};
use crate::customer::BillingMode;
use crate::tariff::{Compiled, Tariff};
use crate::whatif::fixture::{Fixture, TARIFF, year};
use std::path::Path;
use std::sync::Arc;

/// A higher voltage at a tenth of the bill for each kW.
const VOLTAGE: &str = "[[voltage]]\nkv = 35\ntariff = \"higher\"\ncapex = 20000\n";
/// A product that keeps the way of billing open.
const PRODUCT: &str = "[[product]]\ntariff = \"package\"\nlock_in_months = 12\n";

/// The test tariff with other prices of energy, in the order of its bands.
fn priced(f: &Fixture, id: &str, prices: [&str; 3]) -> (String, Arc<Compiled>) {
    let now = ["price = 1.0 }", "price = 0.6 }", "price = 0.3 }"];
    let text = now.iter().zip(prices).fold(TARIFF.replace("test-two-part", id), |text, (now, then)| {
        assert!(text.contains(now), "{now}");
        text.replace(now, &format!("price = {then} }}"))
    });
    let tariff = Tariff::parse(Path::new("offered.toml"), &text).unwrap();
    (id.to_owned(), Arc::new(Compiled::new(Arc::new(tariff), f.interval, None).unwrap()))
}

fn offered(f: Fixture, what: &str) -> (Fixture, More) {
    let tariffs = vec![priced(&f, "higher", ["0.96", "0.57", "0.28"]), priced(&f, "package", ["0.95", "0.62", "0.29"])];
    let mut f = f;
    f.customer.contract.voltage_kv = Some(10.0);
    (f, More { terms: terms(what), tariffs, ..More::default() })
}

/// Customers of every way of billing, each with some of it; one has a roof that feeds back.
pub(super) fn offered_customers() -> Vec<(Fixture, More)> {
    let mut two_feeds = everything(BillingMode::Demand, 500.0);
    two_feeds.shares = vec![|i| if i % 96 < 48 { 0.8 } else { 0.3 }, |i| if i % 96 < 48 { 0.2 } else { 0.7 }];
    let mut roof = everything(BillingMode::Demand, 1000.0);
    let sun = year(|d, s| if d % 3 > 0 && (44..56).contains(&s) { 480.0 } else { 0.0 });
    roof.kw.iter_mut().zip(&sun.kw).for_each(|(kw, sun)| *kw -= sun);
    vec![
        offered(everything(BillingMode::Demand, 1000.0), &format!("{BATTERY}{PV}{VOLTAGE}{PRODUCT}")),
        offered(everything(BillingMode::Capacity, 2500.0), &format!("{BATTERY}{PV}{VOLTAGE}")),
        offered(everything(BillingMode::Capacity, 900.0), &format!("{BATTERY}{PRODUCT}")),
        offered(two_feeds, &format!("{PV}{VOLTAGE}{PRODUCT}")),
        offered(roof, &format!("{BATTERY}{VOLTAGE}")),
    ]
}
