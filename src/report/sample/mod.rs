//! A made-up but consistent customer for the tests of pages: a two-shift works with needles, night
//! load, low power factor, rest days, a gap and a bill.

mod advice;
mod bill;
mod check;
mod load;

use super::{Brand, DayBands, Language, PageContext, TariffFacts, typical_bands};
use crate::analysis::{Analysis, DayRow, MonthRow, Plan};
use crate::curve::{DayLabels, Days, Load, LoadDuration, typical_days};
use crate::customer::{BillingMode, Contract, Customer};
use crate::indicator::Reading;
use crate::peak::{Peak, PeakKind, Shape};
use crate::quality::{Issue, Severity};
use crate::tariff::CycleBill;
use crate::time::{Calendar, Date, DstLabels, Interval, Seasons, Zone};
use crate::units::{Kva, Kw, Kwh, Money, Ratio};
pub use advice::advice;
pub use bill::spans;
pub use check::check;
pub use load::load_of_days;
use std::ops::Range;
use std::sync::Arc;

/// What to vary of the sample.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each switch of a sample stands alone")]
pub struct Sample {
    pub first: &'static str,
    pub days: i32,
    pub zone: &'static str,
    pub interval: Interval,
    pub reactive: bool,
    pub back_feed: bool,
    pub gap_days: Range<usize>,
    pub tariff: bool,
    pub advice: bool,
    /// Issued bills and a work schedule.
    pub checked: bool,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            first: "2025-01-01",
            days: 365,
            zone: "Asia/Shanghai",
            interval: Interval::M15,
            reactive: true,
            back_feed: false,
            gap_days: 200..203,
            tariff: true,
            advice: true,
            checked: false,
        }
    }
}

fn money(v: f64) -> Money {
    Money::from_f64_rounded(v).unwrap()
}

fn peaks(load: &Load, labels: &DayLabels, months: &[MonthRow]) -> Vec<Peak> {
    let mut out = Vec::new();
    for (n, m) in months.iter().enumerate() {
        let Some((max_kw, i)) = m.totals.max else { continue };
        let day_kind = labels.kinds[load.days().day_at(i)];
        let shape = if n % 3 == 1 { Shape::Needle } else { Shape::Other };
        let billing = Peak {
            kind: PeakKind::Billing,
            month: Some(m.month),
            rank: 1,
            span: i..i + 1,
            max_kw,
            margin_kw: Some(Kw::new(31.5 + n as f64)),
            kwh_above: Some(Kwh::new(18.25)),
            shape: Some(shape),
            day_kind,
            recurrence: Some(Ratio::new(0.35)),
        };
        out.push(billing.clone());
        let range = load.range_of_days(m.cycle.days.clone());
        let near: Vec<usize> = range.filter(|i| load.is_valid(*i) && load.kw()[*i] >= 0.9 * max_kw.get()).collect();
        for i in near {
            out.push(Peak { kind: PeakKind::Episode, span: i..i + 1, margin_kw: None, ..billing.clone() });
        }
    }
    out
}

/// The analysis.
pub fn analysis(sample: &Sample) -> Analysis {
    let zone = Arc::new(Zone::new(sample.zone, DstLabels::Repeat).unwrap());
    let first: Date = sample.first.parse().unwrap();
    let days = Days::new(zone, sample.interval, first, first.plus(sample.days - 1));
    let labels = DayLabels::new(&days, &Calendar::china().unwrap(), &Seasons::default(), &[]);
    let step = f64::from(sample.interval.minutes());
    let load = load::fill(days, sample.reactive.then_some(0.55), |d, s| {
        load::works(sample, &labels, d, (s as f64 + 0.5) * step)
    });
    let months: Vec<MonthRow> = load
        .cycles(1)
        .into_iter()
        .map(|cycle| MonthRow {
            month: cycle.month,
            kwh_by_period: sample.tariff.then(|| bill::by_period(&load, cycle.days.clone())),
            totals: load::totals(&load, load.range_of_days(cycle.days.clone())),
            cycle,
        })
        .collect();
    let daily = (0..load.days().len())
        .map(|d| DayRow {
            date: load.date(d),
            day_kind: labels.kinds[d],
            totals: load::totals(&load, load.days().range(d)),
        })
        .collect();
    let all = load::totals(&load, 0..load.kw().len());
    let bill = sample.tariff.then(|| bill::bill(&months));
    let year: Option<Money> = bill.as_ref().map(|b| b.cycles.iter().rev().take(12).map(CycleBill::total).sum());
    let advice = advice::all(sample);
    let saving: Money = advice.iter().filter_map(|a| a.saving_joint).sum();
    let after = (sample.tariff && sample.advice)
        .then(|| load.with_kw(load.kw().iter().map(|k| if *k < 300.0 { k * 0.8 } else { k.min(800.0) }).collect()));
    let issue = |code, first| Issue {
        code,
        severity: if code == "V02" { Severity::Blocking } else { Severity::Advisory },
        meter: None,
        first: Some(first),
        last: Some(first + 40),
        n_intervals: 41,
        evidence: serde_json::json!({"longest_h": 72.0}),
    };
    let peaks = peaks(&load, &labels, &months);
    Analysis {
        customer: Arc::new(Customer {
            id: "10023".into(),
            name: Some("华中精密机械有限公司 · Central Precision Works".into()),
            industry: Some("机械加工".into()),
            contract: Contract {
                billing_mode: Some(BillingMode::Capacity),
                capacity: Some(Kva::new(1600.0)),
                voltage_kv: Some(10.0),
                reading_day: 1,
                ..Contract::default()
            },
            manager: Some("Internal Manager".into()),
            ..Customer::default()
        }),
        typical: typical_days(&load, &labels),
        duration: LoadDuration::new(&load),
        indicators: vec![
            Reading { code: "load_factor", value: all.load_factor.map(Ratio::get), unit: "" },
            Reading { code: "rise_time", value: Some(1.25), unit: "h" },
            Reading { code: "absent_one", value: None, unit: "" },
        ],
        issues: [("V02", 900), ("V02", 9000), ("V09", 3000), ("V13", 5)]
            .into_iter()
            .filter(|(_, first)| first + 40 < load.kw().len())
            .map(|(code, first)| issue(code, first))
            .collect(),
        plan: Plan {
            bill_now: year,
            bill_after: year.map(|y| y - saving),
            saving: Some(saving),
            short: months.len() < 12,
            load_after: after,
            ..Plan::default()
        },
        totals: all,
        monthly: months,
        labels,
        daily,
        peaks,
        bill,
        evidence: Vec::new(),
        scenarios: Vec::new(),
        reconciliation: None,
        advice,
        supplies: Vec::new(),
        load: load.into(),
    }
}

/// A context for it.
pub fn context(sample: &Sample, a: &Analysis, language: Language) -> PageContext {
    let bands: Vec<DayBands> = typical_bands(a.load.days(), &a.labels, spans);
    let tariff = sample.tariff.then(|| TariffFacts {
        id: "demo-two-part".into(),
        name: "Two-part time-of-use, 10 kV".into(),
        source: "Province price bureau, notice 12/2024".into(),
        version: "2025-01".into(),
        effective_from: "2025-01-01".parse().ok(),
        effective_to: None,
        verified: true,
        bands,
        schedule_bands: vec![spans("2025-03-03".parse().unwrap())],
    });
    let mut ctx = PageContext::new(language, Date(20_500));
    ctx.data_notes = vec!["Power in kW, interval means, stamped at the start.".into()];
    let (person, phone) = (Some("Ms Li".into()), Some("027-1234 5678".into()));
    ctx.brand = Arc::new(Brand { person, phone, ..Brand::default() });
    ctx.tariff = tariff;
    ctx
}
