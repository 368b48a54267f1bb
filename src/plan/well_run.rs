//! A flat, well-run customer of whom everything is known: no rule asks, and none advises.

use super::guards::terms;
use super::tests::{More, run_with};
use super::*;
use crate::customer::{BillingMode, Event, EventKind, Meter, Sector, Transformer, Wiring};
use crate::register::{Group, Series};
use crate::tariff::{Compiled, Tariff};
use crate::time::DAY_SECONDS;
use crate::units::{Kva, Kw};
use crate::whatif::fixture::{Fixture, TARIFF, year};
use std::path::Path;
use std::sync::Arc;

/// Two years at a load factor of 0.95, cos φ 0.96 and 65 % of the transformers' rating, at break-even of the ways
/// of billing, maintained on rest days in the cheapest hours.
fn well_run(sector: Sector, mode: BillingMode) -> Fixture {
    let mut f = year(|_, _| 0.0);
    f.n_days = 730;
    let wave = |d: usize, s: usize| 50.0 * (((d * 96 + s) as f64) * 0.37).sin() + ((d * 13 + s * 7) % 11) as f64;
    f.kw = (0..730 * 96).map(|i| 1000.0 + wave(i / 96, i % 96)).collect();
    f.kvar = Some(f.kw.iter().map(|kw| kw * (1.0 / (0.96_f64 * 0.96) - 1.0).sqrt()).collect());
    f.customer.sector = Some(sector);
    f.customer.supply_level = Some(3);
    let unit = |name: &str| Transformer { p0_kw: Some(0.9), pk_kw: Some(9.0), ..Transformer::running(name, 850.0) };
    f.customer.transformers = vec![unit("T1"), unit("T2")];
    let contract = &mut f.customer.contract;
    contract.capacity = Some(Kva::new(1700.0));
    contract.billing_mode = Some(mode);
    contract.voltage_kv = Some(10.0);
    contract.contract_demand = (mode == BillingMode::Contract).then(|| Kw::new(1062.0));
    // A Saturday of June in the valley.
    let date: crate::time::Date = "2026-06-06".parse().unwrap();
    let from = i64::from(date.0) * DAY_SECONDS + 3600;
    let clock = Some(from..from + 4 * 3600);
    f.customer.events = vec![Event { clock, ..Event::on_dates(date..date.plus(1), EventKind::Maintenance) }];
    f
}

/// All side inputs: own terms that do not pay, price tables that are dearer, a fitting meter, peers that use their
/// supply no better, temperatures, a calendar.
fn everything_known(f: &Fixture, sector: Sector) -> More {
    let table = |name: &str| {
        let text = TARIFF.replace("test-two-part", name).replace("price = 1.0 }", "price = 1.1 }");
        let tariff = Tariff::parse(Path::new("other.toml"), &text).unwrap();
        (name.to_owned(), Arc::new(Compiled::new(Arc::new(tariff), f.interval, None).unwrap()))
    };
    let offered = "[battery]\ncapex_per_kwh = 5000\nhours = 2\nround_trip = 0.9\ncycle_life = 3000\nlife_years = 10\n\
                   [pv]\ncapex_per_kwp = 30000\nkwp = 100\nkwh_per_kwp = 900\nlatitude = 31\nlife_years = 15\n\
                   [[voltage]]\nkv = 35\ntariff = \"higher\"\ncapex = 1e6\n\
                   [[product]]\ntariff = \"package\"\nlock_in_months = 12\n";
    let meter = Meter {
        ct_ratio: Some(24.0),
        pt_ratio: Some(100.0),
        wiring: Some(Wiring::ThreeWire),
        ..Meter::alone(&"T1".into())
    };
    let group = Group { sector, n: 20, largest_share: 0.1, load_factor: [0.5, 0.6, 0.7], base_to_peak: None };
    let season = |d: i64| 16.0 - 12.0 * ((d as f64 - 15.0) / 365.0 * std::f64::consts::TAU).cos();
    let hour = |h: i64| (i64::from(f.from.0) * DAY_SECONDS + h * 3600, season(h / 24));
    More {
        terms: terms(offered),
        tariffs: vec![table("higher"), table("package")],
        meters: vec![meter],
        peers: Some(group),
        temperature: Some(Series::new(&(0..730 * 24).map(hour).collect::<Vec<_>>())),
        today: Some("2027-01-05".parse().unwrap()),
        ..More::default()
    }
}

#[test]
fn nothing_is_asked_of_a_well_run_customer_and_nothing_told() {
    for sector in [Sector::DiscreteManufacturing, Sector::Commercial, Sector::ContinuousProcess, Sector::Hospital] {
        for mode in [BillingMode::Capacity, BillingMode::Demand, BillingMode::Contract] {
            let f = well_run(sector, mode);
            let (rows, plan, _) = run_with(&f, &everything_known(&f, sector), RULES);
            assert!(rows.is_empty(), "{sector:?} {mode:?}: {rows:#?}");
            let looked: Vec<&str> = plan.rejected.iter().map(|r| r.code).collect();
            assert_eq!(looked.len(), RULES.len(), "every rule has looked: {looked:?}");
            assert_eq!((plan.saving, plan.saving_headline), (Some(Money::ZERO), Some(Money::ZERO)));
        }
    }
}
