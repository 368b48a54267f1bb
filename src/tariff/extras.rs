//! What few tariffs ask of a load: series of prices, credited export, lagging reactive energy apart
//! from leading, and the load at the system's peaks.

use super::schedule::QUARTERS;
use super::{Compiled, CycleUsage, PeakLoad};
use crate::curve::{Load, REACTIVE};
use crate::time::{DAY_SECONDS, Interval};
use crate::units::{Kvarh, Kw, Kwh};
use std::ops::Range;

/// Prices of the quarter hours of a day and their bands.
type Series<'a> = (&'a [f64; QUARTERS], &'a [u16; QUARTERS]);

/// Adds what a series of prices comes to for kW added up by slot.
pub(super) fn add_series(series: Series<'_>, kw_by_slot: &[f64], interval: Interval, out: &mut CycleUsage) {
    for (slot, kw) in kw_by_slot.iter().enumerate().filter(|(_, kw)| **kw != 0.0) {
        add_slot(series, slot, kw * interval.hours(), interval, out);
    }
}

/// Adds what a series of prices comes to for the energy of one slot, which quarter hours share evenly.
pub(super) fn add_slot(series: Series<'_>, slot: usize, kwh: f64, interval: Interval, out: &mut CycleUsage) {
    let n = (interval.minutes() / 15).max(1) as usize;
    let first = slot * interval.minutes() as usize / 15;
    for q in first..(first + n).min(QUARTERS) {
        let (price, band) = (series.0.get(q).copied().unwrap_or(0.0), series.1.get(q).copied().unwrap_or(0));
        if let Some(amount) = out.series_amount.get_mut(usize::from(band)) {
            *amount += kwh / n as f64 * price;
        }
    }
}

/// Adds what the tariff asks for beyond energy and demand.
pub(super) fn add(load: &Load, tariff: &Compiled, days: &Range<usize>, out: &mut CycleUsage) {
    if load.has_export() && tariff.bands().iter().any(|b| b.sell.is_some()) {
        out.export_kwh = export(load, tariff, days.clone());
    }
    if load.has_reactive() && tariff.versions().iter().any(|t| !t.reactive.is_empty()) {
        out.kvarh_lag_lead = Some(lag_lead(load, load.range_of_days(days.clone())));
    }
    if tariff.versions().iter().any(|t| !t.coincident.is_empty()) {
        out.peaks = peaks(load, tariff, days);
    }
}

fn export(load: &Load, tariff: &Compiled, days: Range<usize>) -> Vec<Kwh> {
    let mut out = vec![Kwh::ZERO; tariff.bands().len()];
    let interval = load.interval();
    for day in days {
        let Some(variant) = tariff.variant(load.date(day)) else { continue };
        for (k, index) in load.days().range(day).enumerate() {
            let (kw, slot) = (load.export_kw(index), load.days().slot(day, k));
            for piece in tariff.pieces(variant, interval).iter().filter(|p| kw > 0.0 && p.slots.contains(&slot)) {
                if let Some(band) = out.get_mut(piece.band) {
                    *band += Kwh::new(kw * piece.weight * interval.hours());
                }
            }
        }
    }
    out
}

/// A single reactive channel is signed, lagging positive; a leading channel is a magnitude.
fn lag_lead(load: &Load, range: Range<usize>) -> (Kvarh, Kvarh) {
    let channel = |c: &Option<Vec<f64>>, i: usize| c.as_ref().and_then(|v| v.get(i)).copied().unwrap_or(0.0);
    let (mut lag, mut lead) = (0.0, 0.0);
    for i in range.filter(|i| load.flags().get(*i).is_some_and(|f| f & REACTIVE != 0)) {
        let signed = channel(&load.channels().kvar, i);
        lag += signed.max(0.0);
        lead += (-signed).max(0.0) + channel(&load.channels().kvar_lead, i).abs();
    }
    let hours = load.interval().hours();
    (Kvarh::new(lag * hours), Kvarh::new(lead * hours))
}

fn peaks(load: &Load, tariff: &Compiled, days: &Range<usize>) -> Vec<PeakLoad> {
    let Some(list) = &tariff.conditions().system_peaks else { return Vec::new() };
    let mut out = Vec::new();
    for (peak, p) in list.iter().enumerate() {
        let Some(day) = load.days().day_of(p.date()).filter(|d| days.contains(d)) else { continue };
        let second = p.start.rem_euclid(DAY_SECONDS);
        let range = load.days().range(day);
        // The first pass of a repeated hour; the interval that contains the instant.
        let wanted = (second / load.interval().seconds()) as usize;
        let Some(k) = (0..range.len()).find(|k| load.days().slot(day, *k) == wanted) else { continue };
        let n = (p.minutes / load.interval().minutes()).max(1) as usize;
        let window = range.start + k..range.start + k + n;
        let measured = window.clone().all(|i| load.is_valid(i));
        let mean = || window.map(|i| load.import_kw(i)).sum::<f64>() / n as f64;
        out.push(PeakLoad { peak, kw: measured.then(|| Kw::new(mean())) });
    }
    out
}
