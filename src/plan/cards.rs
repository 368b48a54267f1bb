//! Runs the examples that stand in the rules' cards.

use super::{Options, advise_with};
use crate::customer::{BillingMode, Event, EventKind, MarketStatus, Meter, Sector, Transformer, UnitState, Wiring};
use crate::indicator::Reading;
use crate::register::{Group, Series, Terms};
use crate::rule::card::Card;
use crate::rule::{Facts, Outcome, RULES, Rule, Side, Thresholds, Verdict, ask};
use crate::tariff::{Compiled, Tariff};
use crate::time::{DAY_SECONDS, Date, DayKind};
use crate::units::{Kva, Kw, Ratio};
use crate::whatif::fixture::{Fixture, flat_year};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

/// What an example states: shapes of days over 2025 in China, terms, and the verdict.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    /// `HH:MM kW` steps of a day.
    workday: String,
    restday: String,
    /// As `restday` when absent.
    holiday: Option<String>,
    /// Another shape on every n-th workday.
    other_workday: Option<String>,
    every: Option<usize>,
    /// `HH:MM kW` on the 10th of each month.
    needle: Option<String>,
    power_factor: Option<f64>,
    sector: Option<Sector>,
    billing_mode: Option<BillingMode>,
    capacity_kva: Option<f64>,
    contract_demand_kw: Option<f64>,
    supply_level: Option<u8>,
    /// `unit kVA [state]`, comma-separated.
    transformers: Option<String>,
    pf_standard: Option<f64>,
    market_status: Option<MarketStatus>,
    calendar: Option<bool>,
    /// `band price window, …, demand price, capacity price, power_factor`.
    tariff: Option<String>,
    /// Further tariffs by name, as lines like `tariff`.
    other_tariffs: Option<BTreeMap<String, String>>,
    /// Load that follows a temperature of 15 °C − 13 °C · cos(2π · day/365).
    cooling: Option<CoolingLoad>,
    /// A group of peers.
    peers: Option<Group>,
    /// `date clock hours` of a maintenance.
    maintenance: Option<String>,
    ct_ratio: Option<f64>,
    wiring: Option<Wiring>,
    voltage_kv: Option<f64>,
    /// Days from 2025-01-01.
    days: Option<usize>,
    /// A rise of the load from a day on.
    drift: Option<Rise>,
    /// kW more for a quarter of an hour a workday, each day at another time.
    swing_kw: Option<f64>,
    /// Readings every hour.
    hourly: Option<bool>,
    /// As in the file of terms.
    terms: Option<Terms>,
    expect: Expect,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct CoolingLoad {
    kw_per_degree: f64,
    above: f64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rise {
    from: usize,
    share: f64,
}

/// Temperature of a day of the examples.
fn temperature(day: usize) -> f64 {
    15.0 - 13.0 * (std::f64::consts::TAU * day as f64 / 365.0).cos()
}

/// A maintenance of `date clock hours`.
fn event(text: &str) -> Event {
    let parts: Vec<&str> = text.split(' ').collect();
    let date: Date = parts[0].parse().unwrap();
    let from = i64::from(date.0) * DAY_SECONDS + slot(parts[1]) as i64 * 900;
    let clock = Some(from..from + parts[2].parse::<i64>().unwrap() * 3600);
    Event { clock, ..Event::on_dates(date..date.plus(1), EventKind::Maintenance) }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    verdict: String,
    saving: Option<f64>,
    /// Share of the saving.
    within: Option<f64>,
    /// Figures of the evidence, for advice without money.
    figures: Option<BTreeMap<String, f64>>,
    needs: Option<Vec<String>>,
    reason: Option<String>,
}

fn slot(clock: &str) -> usize {
    let (h, m) = clock.split_once(':').unwrap();
    (h.parse::<usize>().unwrap() * 60 + m.parse::<usize>().unwrap()) / 15
}

/// 96 values from `HH:MM kW` steps.
fn day(steps: &str) -> Vec<f64> {
    let mut out = vec![0.0; 96];
    for step in steps.split(',') {
        let (clock, kw) = step.trim().split_once(' ').unwrap();
        out[slot(clock)..].fill(kw.parse().unwrap());
    }
    out
}

/// A tariff file of an example's line.
fn tariff(line: &str) -> String {
    let mut text = String::from(
        "id = \"card\"\nname = \"card\"\ncurrency = \"CNY\"\nsource = \"card\"\nverified = \"illustrative\"\n\
         effective_from = \"2020-01-01\"\ncalendar = \"cn\"\n",
    );
    let (mut windows, mut charges) = (Vec::new(), String::new());
    for item in line.split(',').map(str::trim) {
        match item.split(' ').collect::<Vec<_>>()[..] {
            ["demand", price] => write!(charges, "[demand]\nprice = {price}\nwindow_minutes = 15\n").unwrap(),
            ["capacity", price] => write!(charges, "[capacity]\nprice = {price}\n").unwrap(),
            ["over_contract_rule", rule] => {
                write!(charges, "over_contract_rule = \"{rule}\"\nover_contract_source = \"card\"\n").unwrap();
            }
            ["power_factor"] => charges += "[power_factor]\ntable = \"CN-1983\"\n",
            [band, price, window] => {
                let part = format!("components = [{{ name = \"energy\", price = {price} }}]");
                write!(text, "[[band]]\nname = \"{band}\"\nperiod = \"{band}\"\n{part}\n").unwrap();
                windows.push(format!("{band} = [\"{window}\"]"));
            }
            _ => panic!("{item:?} is no part of a tariff"),
        }
    }
    text + "[[schedule]]\nwindows = { " + &windows.join(", ") + " }\n" + &charges
}

/// A transformer of `unit kVA [state]`.
fn unit(text: &str) -> Transformer {
    let parts: Vec<&str> = text.split(' ').collect();
    let state = match parts.get(2) {
        None => UnitState::Running,
        Some(&"hot_standby") => UnitState::HotStandby,
        Some(other) => panic!("{other:?} is no state of an example"),
    };
    Transformer { state, ..Transformer::running(parts[0], parts[1].parse().unwrap()) }
}

impl Example {
    /// The further tariffs, compiled.
    fn tariffs(&self, interval: crate::time::Interval) -> Vec<(String, Arc<Compiled>)> {
        let compiled = |(name, line): (&String, &String)| {
            let tariff = Tariff::parse(Path::new("card.toml"), &tariff(line)).unwrap();
            (name.clone(), Arc::new(Compiled::new(Arc::new(tariff), interval, None).unwrap()))
        };
        self.other_tariffs.iter().flatten().map(compiled).collect()
    }

    fn fixture(&self) -> Fixture {
        let mut f = flat_year(0.0);
        f.customer.sector = self.sector;
        let contract = &mut f.customer.contract;
        contract.billing_mode = self.billing_mode;
        contract.capacity = self.capacity_kva.map(Kva::new);
        contract.pf_standard = self.pf_standard.map(Ratio::new);
        contract.market_status = self.market_status;
        contract.contract_demand = self.contract_demand_kw.map(Kw::new);
        f.customer.contract.voltage_kv = self.voltage_kv;
        f.customer.supply_level = self.supply_level;
        f.customer.events = self.maintenance.iter().map(|m| event(m)).collect();
        f.n_days = self.days.unwrap_or(f.n_days);
        f.customer.transformers = self.transformers.iter().flat_map(|t| t.split(',')).map(|t| unit(t.trim())).collect();
        f.tariff = self.tariff.as_deref().map(tariff);
        let (days, labels) = (f.days(), f.labels());
        let holiday = self.holiday.as_ref().unwrap_or(&self.restday);
        let mut workdays = 0;
        f.kw.clear();
        for (d, kind) in labels.kinds.iter().enumerate() {
            let mut shape = match kind {
                DayKind::Workday => {
                    workdays += 1;
                    let other = self.every.is_some_and(|n| (workdays - 1) % n == 0);
                    day(self.other_workday.as_ref().filter(|_| other).unwrap_or(&self.workday))
                }
                DayKind::Restday => day(&self.restday),
                DayKind::Holiday => day(holiday),
            };
            if let Some((clock, kw)) = self.needle.as_ref().and_then(|n| n.split_once(' '))
                && days.date(d).ymd().2 == 10
            {
                shape[slot(clock)] = kw.parse().unwrap();
            }
            self.vary(d, *kind, &mut shape);
            f.kw.extend(shape);
        }
        if self.hourly == Some(true) {
            f.interval = crate::time::Interval::M60;
            f.kw = f.kw.chunks(4).map(|c| c.iter().sum::<f64>() / 4.0).collect();
        }
        f.kvar = self.power_factor.map(|pf| f.kw.iter().map(|kw| kw * (1.0 / (pf * pf) - 1.0).sqrt()).collect());
        f
    }

    /// What changes from day to day.
    fn vary(&self, d: usize, kind: DayKind, shape: &mut [f64]) {
        if let Some(c) = self.cooling {
            let more = c.kw_per_degree * (temperature(d) - c.above).max(0.0);
            for v in shape.iter_mut() {
                *v += more;
            }
        }
        if let Some(rise) = self.drift.filter(|r| d >= r.from) {
            for v in shape.iter_mut() {
                *v *= 1.0 + rise.share;
            }
        }
        if let Some(kw) = self.swing_kw.filter(|_| kind == DayKind::Workday) {
            shape[d * 37 % 96] += kw;
        }
    }

    /// The only meter.
    fn meter(&self, f: &Fixture) -> Meter {
        Meter { ct_ratio: self.ct_ratio, wiring: self.wiring, ..Meter::alone(&f.customer.id) }
    }

    /// Hourly temperatures where the load follows them.
    fn temperatures(&self, f: &Fixture) -> Option<Series> {
        let hours = |d: usize| (0..24).map(move |h| (d, h));
        let first = i64::from(f.from.0) * DAY_SECONDS;
        let at = |(d, h): (usize, i64)| (first + d as i64 * DAY_SECONDS + h * 3600, temperature(d));
        self.cooling.map(|_| Series::new(&(0..f.n_days).flat_map(hours).map(at).collect::<Vec<_>>()))
    }

    fn check(&self, rule: &'static dyn Rule, which: &str) {
        let (f, thresholds) = (self.fixture(), Thresholds::default());
        let (state, labels) = (f.state(), f.labels());
        let peaks = crate::peak::detect(state.load(), &labels, state.cycles(), None);
        let typical = crate::curve::typical_days(state.load(), &labels);
        let (meters, temperatures) = ([self.meter(&f)], self.temperatures(&f));
        let kw = state.load().kw();
        let (mean, max) = (kw.iter().sum::<f64>() / kw.len() as f64, state.load().max_kw(0..kw.len()).unwrap().0);
        let indicators = [Reading { code: "load_factor", value: Some(mean / max), unit: "" }];
        let (tariffs, calendar) = (self.tariffs(f.interval), crate::time::Calendar::china().unwrap());
        let facts = Facts {
            customer: &f.customer,
            state: &state,
            labels: &labels,
            typical: &typical,
            peaks: &peaks,
            indicators: &indicators,
            issues: &[],
            calendar_known: self.calendar.unwrap_or(true),
            quantum: None,
            thresholds: &thresholds,
            side: Side {
                calendar: Some(&calendar),
                meters: &meters,
                temperature: temperatures.as_ref(),
                peers: self.peers.as_ref(),
                terms: self.terms.as_ref(),
                tariffs: &tariffs,
                ..Side::default()
            },
        };
        let (rows, _) = advise_with(&[rule], &facts, &Options::default());
        for (name, value) in self.expect.figures.iter().flatten() {
            let found = rows.first().and_then(|r| r.evidence.figures.get(name)).map(|f| f.value);
            assert!(found.is_some_and(|f| (f - value).abs() < 1e-6), "{which}: {name} = {found:?}, not {value}");
        }
        match (self.expect.verdict.as_str(), ask(rule, &facts)) {
            ("advise", Verdict::Advise(proposal)) => {
                let invests = proposal.tier == crate::rule::Tier::Invest;
                assert!(!(invests && proposal.headline), "{which}: no investment is in what could be paid");
                assert_eq!(rows.len(), 1, "{which}: dropped as not worth mentioning");
                let saving = rows[0].saving_alone.unwrap().to_f64();
                let expected = self.expect.saving.unwrap();
                let within = self.expect.within.unwrap() * expected;
                assert!((saving - expected).abs() <= within, "{which}: saves {saving}, not {expected} ± {within}");
            }
            ("advise", Verdict::Inform(_)) => {
                assert_eq!(rows.len(), 1, "{which}");
                assert!(rows[0].saving_alone.is_none() && self.expect.saving.is_none(), "{which}: carries no money");
            }
            ("missing", Verdict::Missing(needs)) => {
                assert_eq!(Some(needs), self.expect.needs, "{which}");
                assert_eq!(rows[0].verdict, Outcome::Missing);
            }
            ("nothing", Verdict::Nothing(why)) => {
                let reason = self.expect.reason.as_deref().unwrap();
                assert!(why.contains(reason), "{which}: silent because {why:?}, not {reason:?}");
                assert!(rows.is_empty());
            }
            (_, found) => panic!("{which}: {found:?}"),
        }
    }
}

/// Rules whose readings no shape of input carries: they can only ask.
const UNREADABLE: [&str; 1] = ["R16"];

#[test]
fn every_card_has_its_headings_and_its_examples_come_true() {
    let mut codes = BTreeSet::new();
    for rule in RULES {
        let card = Card::parse(rule.card()).unwrap();
        assert_eq!(card.code, rule.code());
        assert!(codes.insert(rule.code()), "{} is there twice", rule.code());
        assert!(card.title.ends_with(')') && card.title.contains(" ("), "{}: title with the Chinese one", rule.code());
        let examples: Vec<Example> = card.examples.iter().map(|e| toml::from_str(e).unwrap()).collect();
        let verdicts: Vec<&str> = examples.iter().map(|e| e.expect.verdict.as_str()).collect();
        let advises = !UNREADABLE.contains(&rule.code());
        for verdict in ["advise", "nothing", "missing"].into_iter().filter(|v| advises || *v != "advise") {
            assert!(verdicts.contains(&verdict), "{}: no example of {verdict}", rule.code());
        }
        for (i, example) in examples.iter().enumerate() {
            example.check(*rule, &format!("{} example {}", rule.code(), i + 1));
        }
    }
}
