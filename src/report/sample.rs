//! A made-up but consistent customer for the tests of pages: a two-shift works with needles, night
//! load, low power factor, rest days, a gap and a bill.

use super::{BandSpan, Brand, DayBands, Language, PageContext, TariffFacts, typical_bands};
use crate::analysis::{Analysis, DayRow, MonthRow, Plan, Totals};
use crate::curve::{Channels, DayLabels, Days, Load, LoadDuration, Placement, PowerKind, VALID, typical_days};
use crate::customer::{BillingMode, Contract, Customer};
use crate::indicator::Reading;
use crate::peak::{Peak, PeakKind, Shape};
use crate::quality::{Issue, Severity};
use crate::rule::{Advice, Arithmetic, Audience, Evidence, LineSum, Outcome, Tier};
use crate::tariff::{
    Bill, BillState, Cause, CycleBill, Line, LineKind, LineReconciliation, MonthReconciliation, Period, Reconciliation,
    ReconciliationState, Side,
};
use crate::time::{Calendar, Date, DstLabels, Interval, Seasons, Zone};
use crate::units::{Kva, Kvarh, Kw, Kwh, Money, Ratio};
use crate::whatif::{DayPlan, Move, WorkSchedule};
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

/// A plain quarter-hour load from a function of day and slot.
pub fn load_of_days(n: i32, kw: impl Fn(usize, usize) -> Option<f64>) -> Load {
    let zone = Arc::new(Zone::new("Asia/Shanghai", DstLabels::Repeat).unwrap());
    let first: Date = "2025-01-01".parse().unwrap();
    fill(Days::new(zone, Interval::M15, first, first.plus(n - 1)), None, kw)
}

fn fill(days: Days, kvar_share: Option<f64>, kw: impl Fn(usize, usize) -> Option<f64>) -> Load {
    let mut channels = Channels::default();
    for d in 0..days.len() {
        for k in 0..days.range(d).len() {
            let v = kw(d, days.slot(d, k));
            channels.kw.push(v.unwrap_or(0.0));
            channels.flags.push(if v.is_some() { VALID } else { 0 });
        }
    }
    channels.kvar = kvar_share.map(|s| channels.kw.iter().map(|v| v * s).collect());
    let span = 0..days.len_intervals();
    Load::new(days, span, channels, Placement::default(), PowerKind::Mean)
}

/// A small deterministic noise in −1..1.
fn noise(d: usize, s: usize) -> f64 {
    let x = (d as u64 * 1_000_003 + s as u64 * 7919 + 17).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((x >> 33) % 2001) as f64 / 1000.0 - 1.0
}

fn works(sample: &Sample, labels: &DayLabels, d: usize, minute: f64) -> Option<f64> {
    if sample.gap_days.contains(&d) {
        return None;
    }
    let works = labels.kinds[d] == crate::time::DayKind::Workday;
    let hour = minute / 60.0;
    let season = 1.0 + 0.12 * (std::f64::consts::TAU * (d as f64 - 200.0) / 365.0).cos();
    let shift = |from: f64, to: f64| (((hour - from) * 3.0).tanh() - ((hour - to) * 3.0).tanh()) / 2.0;
    let base = 210.0 + 6.0 * noise(d, hour as usize);
    let day = if works { 520.0 * shift(7.0, 12.0) + 540.0 * shift(13.0, 22.5) } else { 60.0 * shift(9.0, 16.0) };
    let needle = if works && d % 9 == 4 && (8.0..8.26).contains(&hour) { 230.0 } else { 0.0 };
    let pv = if sample.back_feed { 420.0 * (-((hour - 12.8) / 2.6).powi(2)).exp() } else { 0.0 };
    Some((base + day * season + needle - pv + 14.0 * noise(d, minute as usize + 97)).mul_add(1.0, 0.0))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn totals(load: &Load, range: Range<usize>) -> Totals {
    let valid: Vec<usize> = range.clone().filter(|i| load.is_valid(*i)).collect();
    let kw: Vec<f64> = valid.iter().map(|i| load.kw()[*i]).collect();
    let kwh = Kwh::new(load.import_kwh(range.clone()));
    let kvarh = load.kvarh(range.clone()).map(Kvarh::new);
    let max = load.max_kw(range.clone()).map(|(kw, i)| (Kw::new(kw), i));
    let mean_kw = (!kw.is_empty()).then(|| Kw::new(mean(&kw)));
    Totals {
        n_expected: range.len(),
        n_valid: valid.len(),
        n_missing: range.len() - valid.len(),
        kwh: Some(kwh),
        kwh_export: load.export_kwh(range).map(Kwh::new),
        kvarh,
        max,
        min_kw: kw.iter().copied().reduce(f64::min).map(Kw::new),
        mean_kw,
        load_factor: mean_kw.zip(max).and_then(|(m, (x, _))| m.over(x)),
        power_factor: kvarh.and_then(|q| kwh.power_factor(q)),
        ..Totals::default()
    }
}

/// The bands of a made-up tariff with all five periods in summer.
pub fn spans(date: Date) -> Vec<BandSpan> {
    use Period::{Deep, Flat, Peak, Sharp, Valley};
    let summer = (7..=8).contains(&date.ymd().1);
    let top = if summer { (Sharp, "尖峰") } else { (Peak, "高峰") };
    [
        (0, 360, Valley, "低谷"),
        (360, 480, Flat, "平段"),
        (480, 660, Peak, "高峰"),
        (660, 780, Deep, "深谷"),
        (780, 1080, Flat, "平段"),
        (1080, 1260, top.0, top.1),
        (1260, 1380, Peak, "高峰"),
        (1380, 1440, Valley, "低谷"),
    ]
    .into_iter()
    .map(|(from_minute, to_minute, period, name)| BandSpan { from_minute, to_minute, period, name: name.into() })
    .collect()
}

fn money(v: f64) -> Money {
    Money::from_f64_rounded(v).unwrap()
}

fn by_period(load: &Load, days: Range<usize>) -> [Kwh; 5] {
    let mut out = [0.0; 5];
    for d in days {
        let spans = spans(load.date(d));
        for (k, i) in load.days().range(d).enumerate() {
            let minute = load.days().slot(d, k) as u32 * load.interval().minutes();
            let span = spans.iter().find(|s| (s.from_minute..s.to_minute).contains(&minute)).unwrap();
            out[span.period as usize] += load.import_kw(i) * load.interval().hours();
        }
    }
    out.map(Kwh::new)
}

fn bill(months: &[MonthRow]) -> Bill {
    let line = |kind, name: &str, period, quantity: f64, unit, price: f64| Line {
        supply_point: None,
        kind,
        name: name.into(),
        period,
        quantity,
        unit,
        price,
        amount: money(quantity * price),
        amount_exact: quantity * price,
        note: String::new(),
        origin: "sample.toml:1".into(),
    };
    let cycles = months
        .iter()
        .map(|m| {
            let dates = || m.cycle.dates.clone();
            if m.cycle.partial {
                return CycleBill {
                    month: m.month,
                    dates: dates(),
                    state: BillState::Partial,
                    lines: Vec::new(),
                    notes: Vec::new(),
                };
            }
            if m.totals.n_valid < m.totals.n_expected * 9 / 10 {
                let why = format!("{} intervals without reading or estimate", m.totals.n_missing);
                return CycleBill {
                    month: m.month,
                    dates: dates(),
                    state: BillState::Unbillable(why),
                    lines: Vec::new(),
                    notes: Vec::new(),
                };
            }
            let kwh = m.kwh_by_period.unwrap();
            let names = ["尖峰", "高峰", "平段", "低谷", "深谷"];
            let prices = [1.21, 1.02, 0.68, 0.34, 0.22];
            let mut lines: Vec<Line> = (0..5)
                .filter(|p| kwh[*p].get() > 0.0)
                .map(|p| line(LineKind::Energy, names[p], Some(Period::ALL[p]), kwh[p].get(), "kWh", prices[p]))
                .collect();
            let max = m.totals.max.map_or(0.0, |(kw, _)| kw.get());
            lines.push(line(LineKind::Demand, "需量", None, max, "kW", 42.0));
            if m.totals.power_factor.is_some() {
                let base: f64 = lines.iter().map(|l| l.amount.to_f64()).sum();
                lines.push(line(LineKind::PowerFactor, "力调", None, base, "CNY", 0.025));
            }
            lines.push(line(LineKind::Fund, "基金", None, m.totals.kwh.unwrap().get(), "kWh", 0.0452));
            CycleBill { month: m.month, dates: dates(), state: BillState::Billed, lines, notes: Vec::new() }
        })
        .collect();
    Bill {
        currency: "CNY".into(),
        tariff: "demo".into(),
        cycles,
        notes: vec!["it is not known whose energy price applies: advice on energy prices is withheld".into()],
    }
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

/// A recommendation that saves.
pub fn advice(code: &'static str) -> Advice {
    let (tier, confidence, low, high) = match code {
        "R04" => (Tier::Counter, 0.9, 91_234.0, 118_765.0),
        "R05" => (Tier::Invest, 0.55, 36_000.0, 52_100.0),
        "R01" => (Tier::Operate, 0.4, 61_000.0, 125_000.0),
        _ => (Tier::Operate, 0.62, 48_700.0, 77_900.0),
    };
    let mut evidence = Evidence { from: "2025-01-01".into(), to: "2025-12-31".into(), ..Evidence::default() };
    evidence.figure("night_base", 212.4, "kW");
    evidence.figure("quiet_day_level", 240.0, "kW");
    evidence.figure("reference", 151.0, "kW");
    evidence.figure("quarters", 4.0, "");
    evidence.figure("quarters_won", 4.0, "");
    evidence.figure("worst_month_extra_cost", 1234.5, "currency");
    evidence.figure("max_2025-03", 1012.0, "kW");
    evidence.constant("least_ratio", 0.3, "");
    evidence.note("from_mode", "capacity");
    evidence.note("to_mode", "demand");
    evidence.note("ask", "is a change of production planned in the next year?");
    let sum = |name: &str, quantity, price, amount| LineSum {
        kind: LineKind::Capacity,
        name: name.into(),
        quantity,
        unit: "kVA",
        price,
        lines: 12,
        amount: money(amount),
    };
    evidence.arithmetic = Some(Arithmetic {
        change: "bill by demand".into(),
        currency: "CNY".into(),
        months: (1..=12).map(|m| format!("2025-{m:02}")).collect(),
        annual_factor: Some(1.0),
        before: vec![sum("capacity", 19_200.0, 26.3, 504_960.0)],
        after: vec![sum("demand", 9_660.0, 42.0, 405_720.0)],
        total_before: money(3_552_023.0),
        total_after: money(3_452_783.0),
        monthly_saving: vec![money(8_270.0); 12],
        ..Arithmetic::default()
    });
    Advice {
        advice_id: format!("10023-{code}"),
        rank: Some(1),
        code,
        verdict: Outcome::Advise,
        tier,
        audience: Audience::Customer,
        priority: 1,
        headline: matches!(code, "R04" | "R06"),
        saving_headline: matches!(code, "R04" | "R06").then(|| money(f64::midpoint(low, high))),
        saving_alone: Some(money(high * 1.05)),
        saving_joint: Some(money(f64::midpoint(low, high))),
        saving_low: Some(money(low)),
        saving_high: Some(money(high)),
        saving_joint_observed: Some(money(f64::midpoint(low, high))),
        holds: Some((11, 12)),
        kwh_saved: (code == "R06").then(|| Kwh::new(186_400.0)),
        kwh_shifted: (code == "R01").then(|| Kwh::new(402_000.0)),
        kw_reduced: (code == "R03").then(|| Kw::new(96.0)),
        confidence: Some(Ratio::new(confidence)),
        certainty: Some(crate::rule::Thresholds::default().certainty(Ratio::new(confidence))),
        exclusive_group: None,
        needs: Vec::new(),
        evidence,
    }
}

fn missing(code: &'static str, needs: &[&str]) -> Advice {
    Advice {
        verdict: Outcome::Missing,
        rank: None,
        needs: needs.iter().map(|n| (*n).to_owned()).collect(),
        headline: false,
        saving_headline: None,
        saving_alone: None,
        saving_joint: None,
        saving_low: None,
        saving_high: None,
        ..advice(code)
    }
}

fn all_advice(sample: &Sample) -> Vec<Advice> {
    if !sample.tariff {
        return ["R01", "R03", "R04", "R05", "R06"].map(|c| missing(c, &["tariff"])).into();
    }
    if !sample.advice {
        return vec![missing("R01", &["market_status"])];
    }
    let mut out: Vec<Advice> = ["R04", "R06", "R01", "R05"].map(advice).into();
    for (i, a) in out.iter_mut().enumerate() {
        a.rank = Some(i as u32 + 1);
    }
    let internal = Advice { audience: Audience::Internal, ..advice("R18") };
    out.extend([internal, missing("R11", &["transformers"])]);
    out
}

/// The analysis.
pub fn analysis(sample: &Sample) -> Analysis {
    let zone = Arc::new(Zone::new(sample.zone, DstLabels::Repeat).unwrap());
    let first: Date = sample.first.parse().unwrap();
    let days = Days::new(zone, sample.interval, first, first.plus(sample.days - 1));
    let labels = DayLabels::new(&days, &Calendar::china().unwrap(), &Seasons::default(), &[]);
    let step = f64::from(sample.interval.minutes());
    let load = fill(days, sample.reactive.then_some(0.55), |d, s| works(sample, &labels, d, (s as f64 + 0.5) * step));
    let months: Vec<MonthRow> = load
        .cycles(1)
        .into_iter()
        .map(|cycle| MonthRow {
            month: cycle.month,
            kwh_by_period: sample.tariff.then(|| by_period(&load, cycle.days.clone())),
            totals: totals(&load, load.range_of_days(cycle.days.clone())),
            cycle,
        })
        .collect();
    let daily = (0..load.days().len())
        .map(|d| DayRow { date: load.date(d), day_kind: labels.kinds[d], totals: totals(&load, load.days().range(d)) })
        .collect();
    let all = totals(&load, 0..load.kw().len());
    let bill = sample.tariff.then(|| bill(&months));
    let year: Option<Money> = bill.as_ref().map(|b| b.cycles.iter().rev().take(12).map(CycleBill::total).sum());
    let advice = all_advice(sample);
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

/// Adds issued bills beside the recomputed ones and a work schedule.
pub fn check(a: &mut Analysis) {
    let cycles = a.bill.iter().flat_map(|b| &b.cycles).filter(|c| c.is_billed());
    let line = |l: &Line, off: f64, cause| LineReconciliation {
        line: Arc::clone(&l.name),
        unit: l.unit,
        issued: Some(Side { quantity: Some(l.quantity), amount: money(l.amount.to_f64() * (1.0 - off)) }),
        recomputed: Some(Side { quantity: Some(l.quantity), amount: l.amount }),
        difference: l.amount - money(l.amount.to_f64() * (1.0 - off)),
        cause,
    };
    let months = cycles.enumerate().map(|(i, c)| {
        let beyond = i % 5 == 4;
        let price = |l: &Line| Cause::Price { issued: l.price * 0.9, recomputed: l.price };
        let lines: Vec<LineReconciliation> =
            c.lines
                .iter()
                .map(|l| {
                    if beyond && l.kind == LineKind::Energy { line(l, 0.1, Some(price(l))) } else { line(l, 0.0, None) }
                })
                .collect();
        let difference: Money = lines.iter().map(|l| l.difference).sum();
        MonthReconciliation {
            month: c.month,
            issued: c.total() - difference,
            recomputed: Some(c.total()),
            difference: Some(difference),
            share: Some(difference.to_f64().abs() / (c.total() - difference).to_f64()),
            recent: true,
            lines,
            reason: None,
        }
    });
    a.reconciliation = Some(Reconciliation { state: ReconciliationState::Unreconciled, months: months.collect() });
    let moves = [("球磨机 Ball mill", 120.0, 480..720, 0..240), ("空压站 Compressors", 45.0, 600..660, 1380..1440)];
    let moves = moves.into_iter().map(|(name, kw, from, to)| Move {
        equipment: name.into(),
        kw: Kw::new(kw),
        n_days: 58,
        from: vec![from],
        to: vec![to],
        saving: money(kw * 101.5),
    });
    let day = |add: f64| (0..96).map(|s| 300.0 + add * f64::from(s % 7)).collect();
    let plan = DayPlan {
        months: a.monthly.iter().map(|m| m.month).take(3).collect(),
        day_kind: crate::time::DayKind::Workday,
        n_days: 61,
        moves: moves.collect(),
        before_kw: day(20.0),
        after_kw: day(10.0),
    };
    let unseen = vec!["破碎机".into()];
    a.plan.schedule =
        Some(Arc::new(WorkSchedule { plans: vec![plan], gap: 812.0, exact: false, unseen, saving: money(16_747.5) }));
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
