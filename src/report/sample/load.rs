//! The load of the sample, and what it comes to.

use super::Sample;
use crate::analysis::Totals;
use crate::curve::{Channels, DayLabels, Days, Load, Placement, PowerKind, VALID};
use crate::time::{Date, DstLabels, Interval, Zone};
use crate::units::{Kvarh, Kw, Kwh};
use std::ops::Range;
use std::sync::Arc;

/// A plain quarter-hour load from a function of day and slot.
pub fn load_of_days(n: i32, kw: impl Fn(usize, usize) -> Option<f64>) -> Load {
    let zone = Arc::new(Zone::new("Asia/Shanghai", DstLabels::Repeat).unwrap());
    let first: Date = "2025-01-01".parse().unwrap();
    fill(Days::new(zone, Interval::M15, first, first.plus(n - 1)), None, kw)
}

pub(super) fn fill(days: Days, kvar_share: Option<f64>, kw: impl Fn(usize, usize) -> Option<f64>) -> Load {
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

pub(super) fn works(sample: &Sample, labels: &DayLabels, d: usize, minute: f64) -> Option<f64> {
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

pub(super) fn totals(load: &Load, range: Range<usize>) -> Totals {
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
