//! Runs the examples that stand in the rules' cards.

use super::{Options, advise_with};
use crate::customer::{BillingMode, MarketStatus, Sector};
use crate::rule::card::Card;
use crate::rule::{Facts, Outcome, RULES, Rule, Thresholds, Verdict, ask};
use crate::time::DayKind;
use crate::units::{Kva, Ratio};
use crate::whatif::fixture::{Fixture, flat_year};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write;

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
    pf_standard: Option<f64>,
    market_status: Option<MarketStatus>,
    calendar: Option<bool>,
    /// `band price window, …, demand price, capacity price, power_factor`.
    tariff: Option<String>,
    expect: Expect,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    verdict: String,
    saving: Option<f64>,
    /// Share of the saving.
    within: Option<f64>,
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

impl Example {
    fn fixture(&self) -> Fixture {
        let mut f = flat_year(0.0);
        f.customer.sector = self.sector;
        let contract = &mut f.customer.contract;
        contract.billing_mode = self.billing_mode;
        contract.capacity = self.capacity_kva.map(Kva::new);
        contract.pf_standard = self.pf_standard.map(Ratio::new);
        contract.market_status = self.market_status;
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
            f.kw.extend(shape);
        }
        f.kvar = self.power_factor.map(|pf| f.kw.iter().map(|kw| kw * (1.0 / (pf * pf) - 1.0).sqrt()).collect());
        f
    }

    fn check(&self, rule: &'static dyn Rule, which: &str) {
        let (f, thresholds) = (self.fixture(), Thresholds::default());
        let (state, labels) = (f.state(), f.labels());
        let peaks = crate::peak::detect(state.load(), &labels, state.cycles(), None);
        let facts = Facts {
            customer: &f.customer,
            state: &state,
            labels: &labels,
            typical: &[],
            peaks: &peaks,
            indicators: &[],
            issues: &[],
            calendar_known: self.calendar.unwrap_or(true),
            quantum: None,
            thresholds: &thresholds,
        };
        let (rows, _) = advise_with(&[rule], &facts, &Options::default());
        match (self.expect.verdict.as_str(), ask(rule, &facts)) {
            ("advise", Verdict::Advise(_)) => {
                assert_eq!(rows.len(), 1, "{which}: dropped as not worth mentioning");
                let saving = rows[0].saving_alone.unwrap().to_f64();
                let expected = self.expect.saving.unwrap();
                let within = self.expect.within.unwrap() * expected;
                assert!((saving - expected).abs() <= within, "{which}: saves {saving}, not {expected} ± {within}");
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
        for verdict in ["advise", "nothing", "missing"] {
            assert!(verdicts.contains(&verdict), "{}: no example of {verdict}", rule.code());
        }
        for (i, example) in examples.iter().enumerate() {
            example.check(*rule, &format!("{} example {}", rule.code(), i + 1));
        }
    }
}
