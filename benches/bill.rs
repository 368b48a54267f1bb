//! What a bill costs beside one plain summing pass over the same year of quarter hours. The target
//! is that the whole bill takes at most six times as long; and what a bill costs after a change of one
//! month.

use criterion::{Criterion, criterion_group, criterion_main};
use peakwise::curve::{Channels, Days, Load, Placement, PowerKind, REACTIVE, VALID, sum};
use peakwise::customer::{BillingMode, Contract};
use peakwise::error::Error;
use peakwise::tariff::{Before, Compiled, Supply, Tariff, Terms, bill, measure_after, price, price_after, usage};
use peakwise::time::{Date, DstLabels, Interval, Zone};
use peakwise::units::{Kva, Ratio};
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

/// A year of a two-shift plant with reactive readings; 35,040 intervals.
fn year() -> peakwise::error::Result<Load> {
    let zone = Arc::new(Zone::new("Asia/Shanghai", DstLabels::Repeat)?);
    let days = Days::new(zone, Interval::M15, "2025-01-01".parse()?, "2025-12-31".parse()?);
    let n = days.len_intervals();
    let kw = |i: usize| if (32..88).contains(&(i % 96)) { 800.0 + (i * 37 % 101) as f64 } else { 150.0 };
    let channels = Channels {
        kw: (0..n).map(kw).collect(),
        export_kw: None,
        kvar: Some((0..n).map(|i| kw(i) * 0.4).collect()),
        kvar_lead: None,
        flags: vec![VALID | REACTIVE; n],
    };
    Ok(Load::new(days, 0..n, channels, Placement::default(), PowerKind::Mean))
}

/// The load with a tenth less in July.
fn one_month_less(load: &Load) -> Load {
    let mut kw = load.kw().to_vec();
    kw[181 * 96..212 * 96].iter_mut().for_each(|v| *v *= 0.9);
    load.with_kw(kw)
}

/// Rounds of the interleaved comparison.
const ROUNDS: usize = 2000;

/// How many times as long the first takes, by the quickest of many interleaved runs of each: other
/// work on the machine then hits both alike.
fn ratio(first: impl Fn(), second: impl Fn()) -> f64 {
    let time = |run: &dyn Fn()| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    let (mut a, mut b) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        b = b.min(time(&second));
        a = a.min(time(&first));
    }
    a / b
}

fn bills(c: &mut Criterion) -> peakwise::error::Result<()> {
    let load = year()?;
    let cycles = load.cycles(1);
    let tariff = Arc::new(Tariff::builtin("demo-two-part")?);
    let compiled = Compiled::new(Arc::clone(&tariff), Interval::M15, None::<Date>)?;
    let contract = Contract {
        billing_mode: Some(BillingMode::Demand),
        capacity: Some(Kva::new(1600.0)),
        pf_standard: Some(Ratio::new(0.9)),
        ..Contract::default()
    };
    let terms = Terms::new(&contract, &[]);
    let supplies = [Supply { id: "main".into(), load }];
    let load = &supplies[0].load;
    let usages = [(Arc::from("main"), usage(load, &cycles, &compiled))];

    let mut group = c.benchmark_group("bill of 35,040 intervals");
    group.bench_function("plain sum", |b| b.iter(|| sum(black_box(load.kw()))));
    group.bench_function("usage", |b| b.iter(|| usage(black_box(load), &cycles, &compiled)));
    group.bench_function("price", |b| b.iter(|| price(black_box(&usages), &cycles, &terms, &compiled)));
    group.bench_function("bill", |b| b.iter(|| bill(black_box(&supplies), &cycles, &terms, &compiled)));
    let (changed, bill_before) = (one_month_less(load), bill(&supplies, &cycles, &terms, &compiled));
    let again = || {
        let before = (load, &usages[0].1);
        let usage = measure_after((&supplies[0].id, black_box(&changed)), before, &cycles, &terms, &compiled);
        let before = Before { usages: &usages, bill: &bill_before };
        price_after(Some(before), &[(Arc::clone(&usages[0].0), usage)], &cycles, &terms, &compiled)
    };
    group.bench_function("bill after one month changed", |b| b.iter(again));
    group.finish();
    let plain = || {
        black_box(sum(black_box(load.kw())));
    };
    let whole = || drop(black_box(bill(black_box(&supplies), &cycles, &terms, &compiled)));
    println!("bill / plain sum = {:.2} (target: at most 6)", ratio(whole, plain));
    println!("bill after one month changed / bill = {:.2}", ratio(|| drop(black_box(again())), whole));
    beside_pysam(load.days(), load.kw())?;
    c.bench_function("compile tariff", |b| b.iter(|| Compiled::new(Arc::clone(&tariff), Interval::M15, None)));
    Ok(())
}

/// Times the bill of `fixtures/reference/pysam_tou.toml` beside PySAM's on as many intervals, where
/// `PEAKWISE_PYTHON` names a Python that has it: `scripts/bill_references.py --time` prints its time.
fn beside_pysam(days: &Days, kw: &[f64]) -> peakwise::error::Result<()> {
    let text = include_str!("../fixtures/reference/pysam_tou.toml");
    let tariff = Tariff::parse(Path::new("pysam_tou.toml"), text)?;
    let compiled = Compiled::new(Arc::new(tariff), Interval::M15, Some("2018-01-01".parse()?))?;
    let channels = Channels { kw: kw.to_vec(), flags: vec![VALID; kw.len()], ..Channels::default() };
    let load = Load::new(days.clone(), 0..kw.len(), channels, Placement::default(), PowerKind::Mean);
    let cycles = load.cycles(1);
    let contract = Contract::default();
    let supplies = [Supply { id: "main".into(), load }];
    let terms = Terms::new(&contract, &[]);
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        drop(black_box(bill(black_box(&supplies), &cycles, &terms, &compiled)));
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("bill pysam_tou: {:.1} µs", best * 1e6);
    let Some(python) = std::env::var_os("PEAKWISE_PYTHON") else { return Ok(()) };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/bill_references.py");
    let output = Command::new(python).arg(script).arg("--time").output().map_err(Error::io(Path::new("python")))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let theirs = said.split_once(": ").and_then(|(_, t)| t.split_whitespace().next()?.parse::<f64>().ok());
    match theirs {
        Some(micros) => println!("{} — PySAM / peakwise = {:.0}", said.trim(), micros / (best * 1e6)),
        None => println!("PySAM was not timed: {}", String::from_utf8_lossy(&output.stderr)),
    }
    Ok(())
}

fn run(c: &mut Criterion) {
    if let Err(e) = bills(c) {
        eprintln!("{e}");
        std::process::exit(1);
    }
}

criterion_group!(benches, run);
criterion_main!(benches);
