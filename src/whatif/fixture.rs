//! Customers that tests share.

use super::State;
use crate::curve::{Channels, DayLabels, Days, Load, Placement, PowerKind, REACTIVE, VALID};
use crate::customer::{BillingMode, Contract, Customer, Equipment, MarketStatus};
use crate::quality::without_dead_reactive;
use crate::tariff::{Compiled, Tariff};
use crate::time::{Calendar, Date, DstLabels, Interval, Seasons, Zone};
use crate::units::{Kva, Kw, Ratio};
use std::path::Path;
use std::sync::Arc;

/// Two-part tariff with peak 8–20, valley 0–8, flat 20–24; 40 per kW, 25 per kVA.
pub(crate) const TARIFF: &str = r#"
id = "test-two-part"
name = "Two-part for tests"
currency = "CNY"
source = "invented for tests"
verified = "illustrative"
effective_from = "2020-01-01"
effective_to = "2030-12-31"
calendar = "cn"
[[band]]
name = "peak"
period = "peak"
components = [{ name = "energy", price = 1.0 }]
[[band]]
name = "flat"
period = "flat"
components = [{ name = "energy", price = 0.6 }]
[[band]]
name = "valley"
period = "valley"
components = [{ name = "energy", price = 0.3 }]
[[schedule]]
windows = { peak = ["08:00-20:00"], valley = ["00:00-08:00"], flat = ["20:00-24:00"] }
[demand]
price = 40.0
window_minutes = 15
over_contract_rule = "B"
over_contract_source = "invented for tests"
[capacity]
price = 25.0
[power_factor]
table = "CN-1983"
"#;

/// What a test's customer is made of.
pub(crate) struct Fixture {
    pub(crate) customer: Customer,
    pub(crate) from: Date,
    pub(crate) n_days: usize,
    pub(crate) interval: Interval,
    pub(crate) kw: Vec<f64>,
    pub(crate) kvar: Option<Vec<f64>>,
    pub(crate) kvar_lead: Option<Vec<f64>>,
    pub(crate) tariff: Option<String>,
    /// Shares of the supply points; empty for one.
    pub(crate) shares: Vec<fn(usize) -> f64>,
}

/// Demand-billed, 1000 kVA, agency, standard 0.90.
pub(crate) fn customer(id: &str) -> Customer {
    Customer {
        contract: Contract {
            billing_mode: Some(BillingMode::Demand),
            capacity: Some(Kva::new(1000.0)),
            pf_standard: Some(Ratio::new(0.90)),
            market_status: Some(MarketStatus::Agency),
            reading_day: 1,
            ..Contract::default()
        },
        ..Customer::unknown(id.into())
    }
}

/// A year of 15-minute intervals with kW by (day, slot).
pub(crate) fn year(kw: impl Fn(usize, usize) -> f64) -> Fixture {
    let mut fixture = Fixture {
        customer: customer("T1"),
        from: "2025-01-01".parse().unwrap(),
        n_days: 365,
        interval: Interval::M15,
        kw: Vec::new(),
        kvar: None,
        kvar_lead: None,
        tariff: Some(TARIFF.into()),
        shares: Vec::new(),
    };
    let days = fixture.days();
    fixture.kw = (0..days.len()).flat_map(|d| (0..96).map(move |s| (d, s))).map(|(d, s)| kw(d, s)).collect();
    fixture
}

/// A year at one level.
pub(crate) fn flat_year(kw: f64) -> Fixture {
    year(|_, _| kw)
}

/// A listed machine that runs once on a day in one go, at any time.
pub(crate) fn machine(name: &str, kw: f64, run_minutes: f64) -> Equipment {
    Equipment {
        name: name.into(),
        rating: Kw::new(kw),
        run_minutes,
        earliest: 0,
        latest: 1440,
        interruptible: false,
        min_run_minutes: 0,
        precedes: Vec::new(),
        crew: None,
        usual_start: None,
    }
}

impl Fixture {
    pub(crate) fn days(&self) -> Days {
        let zone = Arc::new(Zone::new("Asia/Shanghai", DstLabels::Repeat).unwrap());
        Days::new(zone, self.interval, self.from, self.from.plus(self.n_days as i32 - 1))
    }

    fn load_of(&self, share: impl Fn(usize) -> f64) -> Load {
        let n = self.kw.len();
        let read = |i: usize| self.kvar.as_ref().is_some_and(|q| !q[i].is_nan());
        let flags = |i| if read(i) { VALID | REACTIVE } else { VALID };
        let part = |of: &Vec<f64>| {
            let value = |v: f64| if v.is_nan() { 0.0 } else { v };
            of.iter().enumerate().map(|(i, v)| value(*v) * share(i)).collect::<Vec<f64>>()
        };
        let channels = Channels {
            kw: part(&self.kw),
            kvar: self.kvar.as_ref().map(part),
            kvar_lead: self.kvar_lead.as_ref().map(part),
            flags: (0..n).map(flags).collect(),
            ..Channels::default()
        };
        without_dead_reactive(Load::new(self.days(), 0..n, channels, Placement::default(), PowerKind::Mean))
    }

    pub(crate) fn labels(&self) -> DayLabels {
        let own = self.customer.own_rest_days();
        DayLabels::new(&self.days(), &Calendar::china().unwrap(), &Seasons::default(), &own)
    }

    pub(crate) fn state(&self) -> State {
        let total = Arc::new(self.load_of(|_| 1.0));
        let points = self.shares.iter().enumerate().map(|(k, share)| {
            let id: Arc<str> = format!("P{k}").into();
            (id, Arc::new(self.load_of(share)))
        });
        let tariff = self.tariff.as_ref().map(|text| {
            let tariff = Tariff::parse(Path::new("test.toml"), text).unwrap();
            Arc::new(Compiled::new(Arc::new(tariff), self.interval, None).unwrap())
        });
        let cycles = total.cycles(self.customer.contract.reading_day);
        State::new(Arc::clone(&total), points.collect(), &self.customer, cycles, tariff).unwrap()
    }
}
