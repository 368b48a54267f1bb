//! What a customer's curves cost, beside one plain summing pass over the same readings: divide by
//! `sum` of the same run to compare machines.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use peakwise::analysis::{DayRow, MonthRow, Totals};
use peakwise::curve::{self, Channels, DayLabels, Days, Load, LoadDuration, Placement, PowerKind, VALID};
use peakwise::customer::Contract;
use peakwise::error::Result;
use peakwise::indicator::{self, Inputs};
use peakwise::peak;
use peakwise::time::{Calendar, DstLabels, Interval, Seasons, Zone};
use peakwise::units::{Kw, Kwh, Ratio};
use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;

/// Name, zone, and whether there are gaps.
const SHAPES: [(&str, &str, bool); 2] = [("complete", "Asia/Shanghai", false), ("gaps-dst", "Europe/Berlin", true)];

/// A year of quarter hours: two shifts on workdays, noise, and gaps where `gaps` is set.
fn load(zone: &str, gaps: bool) -> Result<Load> {
    let zone = Arc::new(Zone::new(zone, DstLabels::Repeat)?);
    let days = Days::new(zone, Interval::M15, "2023-01-01".parse()?, "2023-12-31".parse()?);
    let mut state = 1u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 24)
    };
    let kw: Vec<f64> = (0..days.len_intervals())
        .map(|i| {
            let (day, hour) = (i / 96, (i % 96) / 4);
            let working = day % 7 < 5 && (6..22).contains(&hour);
            (if working { 800.0 } else { 150.0 }) + 60.0 * noise() + (day as f64 / 58.0).sin() * 40.0
        })
        .collect();
    let flags = (0..kw.len()).map(|i| if gaps && i % 977 < 5 { 0 } else { VALID }).collect();
    let n = kw.len();
    let channels = Channels { kw, flags, ..Channels::default() };
    Ok(Load::new(days, 0..n, channels, Placement::default(), PowerKind::Mean))
}

/// Counts and extremes of a range, as the tables have them.
fn totals(load: &Load, range: Range<usize>) -> Totals {
    let valid: Vec<f64> = range.clone().filter(|i| load.is_valid(*i)).map(|i| load.kw()[i]).collect();
    let mean_kw = curve::sum(&valid) / valid.len() as f64;
    let max = load.max_kw(range.clone()).map(|(kw, at)| (Kw::new(kw), at));
    Totals {
        n_expected: range.len(),
        n_valid: valid.len(),
        kwh: Some(Kwh::new(load.import_kwh(range))),
        max,
        min_kw: valid.iter().copied().reduce(f64::min).map(Kw::new),
        mean_kw: Some(Kw::new(mean_kw)),
        load_factor: max.map(|m| Ratio::new(mean_kw / m.0.get())),
        ..Totals::default()
    }
}

/// The whole set of indicators, the shared facts included.
fn indicators(c: &mut Criterion) {
    for (name, zone, gaps) in SHAPES {
        let Ok(load) = load(zone, gaps) else { continue };
        let labels = DayLabels::new(load.days(), &Calendar::weekends(), &Seasons::default(), &[]);
        let cycles = load.cycles(1);
        let row = |d: usize| DayRow {
            date: load.date(d),
            day_kind: labels.kinds[d],
            totals: totals(&load, load.days().range(d)),
        };
        let daily: Vec<DayRow> = (0..load.days().len()).map(row).collect();
        let month = |c: &peakwise::time::Cycle| MonthRow {
            cycle: c.clone(),
            month: c.month,
            kwh_by_period: None,
            totals: totals(&load, load.range_of_days(c.days.clone())),
        };
        let monthly: Vec<MonthRow> = cycles.iter().map(month).collect();
        let duration = LoadDuration::new(&load);
        let inputs = Inputs {
            load: &load,
            labels: &labels,
            cycles: &cycles,
            daily: &daily,
            monthly: &monthly,
            duration: &duration,
            contract: &Contract::default(),
            transformers: &[],
            bands: None,
        };
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Elements(load.kw().len() as u64));
        group.bench_function("day_shapes", |b| b.iter(|| indicator::day_shapes(black_box(&load), 1.0)));
        group.bench_function("steps", |b| b.iter(|| indicator::steps(black_box(&load))));
        group.bench_function("variability", |b| b.iter(|| indicator::load_variability(black_box(&load), 1.0)));
        group.bench_function("indicators", |b| {
            b.iter(|| indicator::readings(&indicator::View::new(black_box(inputs))));
        });
        group.bench_function("peaks", |b| b.iter(|| peak::detect(black_box(&load), &labels, &cycles, None)));
        group.finish();
    }
}

fn curves(c: &mut Criterion) {
    for (name, zone, gaps) in SHAPES {
        let Ok(load) = load(zone, gaps) else { continue };
        let calendar = Calendar::china().unwrap_or_default();
        let labels = DayLabels::new(load.days(), &calendar, &Seasons::default(), &[]);
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Elements(load.kw().len() as u64));
        group.bench_function("sum", |b| b.iter(|| curve::sum(black_box(load.kw()))));
        group.bench_function("extremes", |b| b.iter(|| curve::kernel::extremes(black_box(load.kw()))));
        group.bench_function("slot_means", |b| b.iter(|| curve::slot_means(black_box(&load), &labels)));
        group.bench_function("typical_days", |b| b.iter(|| curve::typical_days(black_box(&load), &labels)));
        group.bench_function("duration", |b| b.iter(|| LoadDuration::new(black_box(&load))));
        group.finish();
    }
}

criterion_group!(benches, curves, indicators);
criterion_main!(benches);
