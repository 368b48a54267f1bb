//! What a bill line rests on beside its quantity and price, as the JSON of the `bills` table: the
//! windows and components of energy, the highest demands of the cycle with their instants, the
//! kWh and kvarh behind the power factor.

use super::{Bill, Compiled, CycleBill, CycleUsage, Line, LineKind, Usage};
use crate::curve::{Load, VALID};
use crate::customer::Contract;
use crate::time::{DAY_SECONDS, Date, Instant};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Demands that are told of a cycle, each at least [`APART_SECONDS`] from the higher ones.
const HIGHEST: usize = 5;
/// Demands closer than this are one peak: the rule of `margin_kw` in the `peaks` table.
const APART_SECONDS: i64 = 2 * 3600;

/// What a bill was made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The bill.
    pub bill: &'a Bill,
    /// What was used in its cycles.
    pub usages: &'a [(Arc<str>, Usage)],
    /// The loads of the supply points.
    pub loads: &'a [(Arc<str>, Arc<Load>)],
    /// The tariff.
    pub tariff: &'a Compiled,
    /// The contract.
    pub contract: &'a Contract,
}

/// The evidence of every line, cycle by cycle in the bill's order; `None` where quantity, price and
/// note say all.
#[must_use]
pub fn evidence(s: &Sources<'_>) -> Vec<Option<String>> {
    let cycles = s.bill.cycles.iter().enumerate();
    cycles.flat_map(|(i, c)| c.lines.iter().map(move |l| s.line(i, c, l).map(|v| v.to_string()))).collect()
}

impl Sources<'_> {
    fn line(&self, index: usize, cycle: &CycleBill, line: &Line) -> Option<Value> {
        match line.kind {
            LineKind::Energy => self.energy(index, cycle, line),
            LineKind::Demand => Some(self.demand(index, cycle, line)),
            LineKind::PowerFactor => Some(self.power_factor(index, line)),
            _ => None,
        }
    }

    /// Usages of the line's supply point, or of all.
    fn usages(&self, index: usize, line: &Line) -> impl Iterator<Item = &CycleUsage> {
        let point = line.supply_point.clone();
        let of = move |id: &Arc<str>| point.as_ref().is_none_or(|p| p == id);
        self.usages.iter().filter(move |u| of(&u.0)).filter_map(move |u| u.1.cycles.get(index))
    }

    fn energy(&self, index: usize, cycle: &CycleBill, line: &Line) -> Option<Value> {
        let band = self.tariff.bands().iter().position(|b| b.name == line.name)?;
        let spec = self.tariff.tariff().bands.get(band)?;
        let sum = |of: fn(&CycleUsage) -> &Vec<crate::units::Kwh>| -> f64 {
            self.usages(index, line).filter_map(|u| of(u).get(band)).map(|k| k.get()).sum()
        };
        let components: Vec<Value> = spec
            .components
            .iter()
            .filter(|c| !c.fund)
            .map(|c| json!({ "name": c.name, "price": c.price.get() }))
            .collect();
        Some(json!({
            "measured_kwh": sum(|u| &u.kwh),
            "estimated_kwh": sum(|u| &u.estimated_kwh),
            "windows": self.windows(cycle, band),
            "components": components,
        }))
    }

    /// The clock times of a band, by the days of the cycle that share them.
    fn windows(&self, cycle: &CycleBill, band: usize) -> Vec<Value> {
        let minutes = self.tariff.interval().minutes() as usize;
        let clock = |slot: usize| format!("{:02}:{:02}", slot * minutes / 60, slot * minutes % 60);
        let mut days: BTreeMap<Vec<String>, (Date, usize)> = BTreeMap::new();
        for day in cycle.dates.start.0..cycle.dates.end.0 {
            let of_band = self.tariff.segments(Date(day)).iter().filter(|s| s.band == band);
            let times: Vec<String> =
                of_band.map(|s| format!("{}-{}", clock(s.slots.start), clock(s.slots.end))).collect();
            if !times.is_empty() {
                days.entry(times).or_insert((Date(day), 0)).1 += 1;
            }
        }
        days.into_iter().map(|(times, (first, n))| json!({ "times": times, "days": n, "first": first })).collect()
    }

    fn demand(&self, index: usize, cycle: &CycleBill, line: &Line) -> Value {
        let minutes = self.tariff.demand_window().map_or(0, crate::time::Interval::minutes);
        let points = self.loads.iter().filter(|l| line.supply_point.as_ref().is_none_or(|p| *p == l.0));
        let of_point = |(id, load): &(Arc<str>, Arc<Load>)| {
            let highest = highest(load, cycle, minutes);
            let margin = highest.first().zip(highest.get(1)).map(|(a, b)| a.0 - b.0);
            let list: Vec<Value> = highest.iter().map(|(kw, at)| json!({ "kw": kw, "at": stamp(*at) })).collect();
            json!({ "supply_point": id, "highest": list, "margin_kw": margin })
        };
        let estimated: usize = self.usages(index, line).map(|u| u.n_estimated).sum();
        json!({
            "window_minutes": minutes,
            "points": points.map(of_point).collect::<Vec<_>>(),
            "estimated_intervals_left_out": estimated,
        })
    }

    fn power_factor(&self, index: usize, line: &Line) -> Value {
        let (mut kwh, mut kvarh) = (0.0, 0.0);
        for usage in self.usages(index, line).filter(|u| u.kvarh.is_some()) {
            kwh += usage.kwh_with_kvarh.get();
            kvarh += usage.kvarh.map_or(0.0, crate::units::Kvarh::get);
        }
        json!({
            "kwh": kwh,
            "kvarh": kvarh,
            "cos_phi": if kwh > 0.0 { Some(kwh / kwh.hypot(kvarh)) } else { None },
            "standard": self.contract.pf_standard.map(crate::units::Ratio::get),
            "rate": line.price,
            "base": line.quantity,
        })
    }
}

/// The highest demands of a cycle, each [`APART_SECONDS`] from the higher ones; of equals the first.
/// Only windows of which every interval was measured count.
fn highest(load: &Load, cycle: &CycleBill, minutes: u32) -> Vec<(f64, Instant)> {
    let n = (minutes / load.interval().minutes()).max(1) as usize;
    let mut all: Vec<(f64, usize)> = Vec::new();
    for day in (cycle.dates.start.0..cycle.dates.end.0).filter_map(|d| load.days().day_of(Date(d))) {
        let first = load.days().range(day).start;
        let windows = load.day_kw(day).chunks_exact(n).zip(load.day_flags(day).chunks_exact(n)).enumerate();
        let measured = windows.filter(|(_, (_, flags))| flags.iter().all(|f| f & VALID != 0));
        all.extend(measured.map(|(k, (kw, _))| (kw.iter().sum::<f64>() / n as f64, first + k * n)));
    }
    let mut out: Vec<(f64, Instant)> = Vec::new();
    while let Some((kw, index)) = all.iter().copied().reduce(|a, b| if b.0 > a.0 { b } else { a }) {
        let at = load.instant(index);
        out.push((kw, at));
        if out.len() == HIGHEST {
            break;
        }
        all.retain(|(_, i)| (load.instant(*i).utc - at.utc).abs() >= APART_SECONDS);
    }
    out
}

/// `2026-01-14 18:00` of the wall clock.
fn stamp(at: Instant) -> String {
    let seconds = at.local.rem_euclid(DAY_SECONDS);
    format!("{} {:02}:{:02}", at.date(), seconds / 3600, seconds % 3600 / 60)
}
