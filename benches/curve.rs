//! What a customer's curves cost, beside one plain summing pass over the same readings: divide by
//! `sum` of the same run to compare machines.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use peakwise::curve::{self, Channels, DayLabels, Days, Load, LoadDuration, Placement, PowerKind, VALID};
use peakwise::error::Result;
use peakwise::time::{Calendar, DstLabels, Interval, Seasons, Zone};
use std::hint::black_box;
use std::sync::Arc;

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

fn curves(c: &mut Criterion) {
    let shapes = [("complete", "Asia/Shanghai", false), ("gaps-dst", "Europe/Berlin", true)];
    for (name, zone, gaps) in shapes {
        let Ok(load) = load(zone, gaps) else { continue };
        let calendar = Calendar::china().unwrap_or_default();
        let labels = DayLabels::new(load.days(), &calendar, &Seasons::default(), &[]);
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Elements(load.kw().len() as u64));
        group.bench_function("sum", |b| b.iter(|| curve::sum(black_box(load.kw()))));
        group.bench_function("max", |b| b.iter(|| curve::kernel::max(black_box(load.kw()))));
        group.bench_function("slot_means", |b| b.iter(|| curve::slot_means(black_box(&load), &labels)));
        group.bench_function("typical_days", |b| b.iter(|| curve::typical_days(black_box(&load), &labels)));
        group.bench_function("duration", |b| b.iter(|| LoadDuration::new(black_box(&load))));
        group.finish();
    }
}

criterion_group!(benches, curves);
criterion_main!(benches);
