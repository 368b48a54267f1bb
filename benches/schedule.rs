//! What the scheduler without an equipment list costs beside one plain summing pass over the same year
//! of quarter hours: learning the envelope, and finding the schedule. The aim is that both together
//! take at most fifty passes. Billing before and after is measured by the bench `bill`.

use criterion::{Criterion, criterion_group, criterion_main};
use peakwise::curve::{Channels, DayLabels, Days, Load, Placement, PowerKind, VALID, sum, typical_days};
use peakwise::customer::{BillingMode, Contract, Customer, MarketStatus};
use peakwise::rule::Thresholds;
use peakwise::tariff::{Compiled, Tariff};
use peakwise::time::{Calendar, Date, DstLabels, Interval, Seasons, Zone};
use peakwise::units::Kva;
use peakwise::whatif::{Envelope, EnvelopeLimits, Granularity, Shift, ShiftTerms, State};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

/// Rounds of the interleaved comparison.
const ROUNDS: usize = 300;

/// A year of a plant whose batch mostly runs by day and sometimes at night, demand-billed.
fn plant() -> peakwise::error::Result<(State, DayLabels)> {
    let zone = Arc::new(Zone::new("Asia/Shanghai", DstLabels::Repeat)?);
    let days = Days::new(zone, Interval::M15, "2025-01-01".parse()?, "2025-12-31".parse()?);
    let labels = DayLabels::new(&days, &Calendar::china()?, &Seasons::default(), &[]);
    let n = days.len_intervals();
    let kw = |i: usize| {
        let (day, slot) = (i / 96, i % 96);
        let batch = if day.is_multiple_of(6) { 4..20 } else { 40..56 };
        let noise = (i * 7919 % 41) as f64;
        let shift = if (32..80).contains(&slot) { 320.0 } else { 0.0 };
        400.0 + noise + shift + if batch.contains(&slot) { 260.0 } else { 0.0 }
    };
    let channels = Channels { kw: (0..n).map(kw).collect(), flags: vec![VALID; n], ..Channels::default() };
    let load = Load::new(days, 0..n, channels, Placement::default(), PowerKind::Mean);
    let cycles = load.cycles(1);
    let customer = Customer {
        contract: Contract {
            billing_mode: Some(BillingMode::Demand),
            capacity: Some(Kva::new(1600.0)),
            market_status: Some(MarketStatus::Agency),
            reading_day: 1,
            ..Contract::default()
        },
        ..Customer::unknown("plant".into())
    };
    let tariff = Compiled::new(Arc::new(Tariff::builtin("demo-two-part")?), Interval::M15, None::<Date>)?;
    Ok((State::new(Arc::new(load), Vec::new(), &customer, cycles, Some(Arc::new(tariff)))?, labels))
}

/// The quickest of many interleaved runs of each, as a ratio: other work then hits both alike.
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

fn schedules(c: &mut Criterion) -> peakwise::error::Result<()> {
    let (state, labels) = plant()?;
    let (labels, t) = (Arc::new(labels), Thresholds::default());
    let limits = EnvelopeLimits {
        flexible_cap: t.shift_flexible_cap,
        flexible_least: t.shift_slot_least,
        min_days: t.shift_least_days,
        working_share: t.shift_working_share,
        flat_share: t.shift_flat_share,
    };
    // Typical days are in every analysis, before any rule asks.
    let typical = typical_days(state.load(), &labels);
    let learn = || Arc::new(Envelope::learn(state.load(), &labels, &typical, limits));
    let shift = |envelope: &Arc<Envelope>, granularity: Granularity| {
        let terms = ShiftTerms {
            granularity,
            limit_kw: None,
            trouble_share: t.shift_trouble_share,
            ramp_kw: None,
            weekly: false,
        };
        Shift::new(Arc::clone(envelope), Arc::clone(&labels), terms)
    };
    let blocks = Granularity { block_minutes: t.shift_block_minutes, step_kw: t.shift_step_kw };
    let singly = Granularity { block_minutes: 0, step_kw: 0.0 };
    // Usage and bill of the plant as it is are there before any rule asks.
    black_box(state.bill());
    let plain = || {
        black_box(sum(black_box(state.load().kw())));
    };
    let envelope = learn();
    let days = ratio(|| drop(black_box(typical_days(state.load(), &labels))), plain);
    println!("typical days with five percentiles / plain sum = {days:.1}");
    let learnt = ratio(|| drop(black_box(learn())), plain);
    println!("envelope of them / plain sum = {learnt:.1}");
    for (name, granularity) in [("blocks of an hour and 10 kW", blocks), ("single quarter hours", singly)] {
        let change = shift(&envelope, granularity);
        let solve = ratio(|| drop(black_box(change.solve_cycles(&state, 0..state.cycles().len()))), plain);
        println!(
            "schedule in {name} / plain sum = {solve:.1}; with the envelope {:.1} (target: at most 50)",
            learnt + solve
        );
    }
    let change = shift(&envelope, blocks);
    let mut group = c.benchmark_group("schedule of 35,040 intervals");
    group.bench_function("plain sum", |b| b.iter(plain));
    group.bench_function("envelope", |b| b.iter(learn));
    group.bench_function("schedule", |b| b.iter(|| change.solve_cycles(&state, 0..state.cycles().len())));
    group.finish();
    Ok(())
}

fn run(c: &mut Criterion) {
    if let Err(e) = schedules(c) {
        eprintln!("{e}");
        std::process::exit(1);
    }
}

criterion_group!(benches, run);
criterion_main!(benches);
