//! Cost of all checks on a clean year of one customer, in passes of a plain sum over the same values.

use criterion::{Criterion, Throughput};
use peakwise::curve::{Channels, DayLabels, Days, Load, Placement, PowerKind, REACTIVE, VALID, sum};
use peakwise::customer::{Customer, RegisterReadings};
use peakwise::quality::{CHECKS, EstimationRules, Inspection, estimate, inspect};
use peakwise::time::{Calendar, Date, DstLabels, Interval, Seasons, Zone};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A year of quarter hours of a two-shift factory with noise, reactive power if wanted.
fn load(zone: Zone, reactive: bool) -> Load {
    let first = Date(20_089);
    let days = Days::new(Arc::new(zone), Interval::M15, first, first.plus(364));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let n = days.len_intervals();
    let kw: Vec<f64> = (0..n)
        .map(|i| {
            let (day, slot) = (days.date(i / 96), i % 96);
            let level = if !day.is_weekend() && (24..88).contains(&slot) { 800.0 } else { 120.0 };
            let noise: f64 = rng.random_range(0.9..1.1);
            (level * noise * 25.0).round() / 25.0
        })
        .collect();
    let kvar = reactive.then(|| kw.iter().map(|v| 0.45 * v).collect());
    let flags = vec![if reactive { VALID | REACTIVE } else { VALID }; n];
    let channels = Channels { kw, kvar, flags, ..Channels::default() };
    Load::new(days, 0..n, channels, Placement::default(), PowerKind::Mean)
}

/// Shortest time of a call in many.
fn shortest(mut call: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..300 {
        let start = Instant::now();
        call();
        best = best.min(start.elapsed());
    }
    best
}

fn main() -> peakwise::error::Result<()> {
    let customer = Customer::unknown("c".into());
    let registers = RegisterReadings::new();
    let mut criterion = Criterion::default().configure_from_args();
    for reactive in [false, true] {
        let load = load(Zone::new("Asia/Shanghai", DstLabels::Repeat)?, reactive);
        let labels = DayLabels::new(load.days(), &Calendar::weekends(), &Seasons::default(), &[]);
        let look = || Inspection::new(&load, &labels, &customer, &[], &registers);
        let all = || inspect(&look()).len();
        let name = if reactive { "active and reactive" } else { "active" };

        let pass = shortest(|| {
            black_box(sum(black_box(load.kw())));
        });
        let passes = |t: Duration| t.as_secs_f64() / pass.as_secs_f64();
        let checks = shortest(|| {
            black_box(all());
        });
        println!("{name}: {} issues; all checks {checks:?} = {:.1} summing passes of {pass:?}", all(), passes(checks));
        let facts = shortest(|| {
            black_box(look());
        });
        println!("  daily sums and maxima {:5.1} passes", passes(facts));
        let seen = look();
        for check in CHECKS {
            let t = shortest(|| {
                black_box(check.run(&seen));
            });
            println!("  {} {:16} {:5.1} passes", check.code(), check.name(), passes(t));
        }

        let mut group = criterion.benchmark_group(format!("quality/{name}"));
        group.throughput(Throughput::Elements(load.kw().len() as u64));
        group.bench_function("sum", |b| b.iter(|| sum(black_box(load.kw()))));
        group.bench_function("inspect", |b| b.iter(all));
        group.bench_function("estimate", |b| {
            let mut load = load.clone();
            b.iter(|| estimate(&mut load, &labels, &EstimationRules::default()));
        });
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}
