//! What a bill line rests on beside its quantity and price, as the JSON of the `bills` table: the
//! windows and components of energy, the highest demands of the cycle with their instants, the
//! kWh and kvarh behind the power factor.

use super::windows::{Listed, Windows, listed};
use super::{
    Band, Bill, Compiled, CycleBill, CycleUsage, DemandCharge, DemandUnit, Line, LineKind, Segment, Usage, Windowing,
    register_bill,
};
use crate::curve::Load;
use crate::customer::Contract;
use crate::time::{Date, Instant};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Demands that are told of a cycle, each at least [`APART_SECONDS`] from the higher ones.
const HIGHEST: usize = 5;
/// Demands closer than this are one peak: the rule of `margin_kw` in the `peaks` table.
const APART_SECONDS: i64 = 2 * 3600;

/// Bytes that hold the evidence of most lines.
const USUAL_BYTES: usize = 512;

/// What a bill was made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The bill.
    pub bill: &'a Bill,
    /// What was used in its cycles.
    pub usages: &'a [(Arc<str>, Usage)],
    /// The loads of the supply points as they are billed, with losses where those are added.
    pub loads: &'a [(Arc<str>, Arc<Load>)],
    /// The tariff.
    pub tariff: &'a Compiled,
    /// The contract.
    pub contract: &'a Contract,
    /// It is a register bill.
    pub register_bill: bool,
}

/// What an energy line rests on. Fields of all kinds of evidence stand in the order of the alphabet, as
/// readers of the column know them.
#[derive(Serialize)]
struct Energy<'a> {
    components: Vec<Part<'a>>,
    estimated_kwh: f64,
    measured_kwh: f64,
    windows: Vec<Clock>,
}

/// A part of an energy price.
#[derive(Serialize)]
#[serde(untagged)]
enum Part<'a> {
    Component { flat_price: Option<f64>, name: &'a str, price: f64, ratio: Option<f64> },
    Tier { name: &'a str, price: f64 },
}

/// The clock times of a band on the days of a cycle that share them.
#[derive(Serialize)]
struct Clock {
    days: usize,
    first: Date,
    times: Vec<Shown<Hours>>,
}

/// Put into text where it is written.
struct Shown<T>(T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

/// Minutes of a day from and to which something lasts: `08:00-11:30`.
struct Hours(usize, usize);

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"00:00-00:00";
        for (at, n) in [(0, self.0 / 60), (3, self.0 % 60), (6, self.1 / 60), (9, self.1 % 60)] {
            text[at] += (n / 10 % 10) as u8;
            text[at + 1] += (n % 10) as u8;
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// What a demand line rests on.
#[derive(Serialize)]
struct Demand<'a> {
    bands: &'a [Arc<str>],
    estimated_intervals_left_out: usize,
    points: Vec<Point<'a>>,
    unit: DemandUnit,
    window: Windowing,
    window_minutes: u32,
}

/// The demands of a supply point.
#[derive(Serialize)]
struct Point<'a> {
    highest: Vec<Highest>,
    margin_kw: Option<f64>,
    supply_point: &'a str,
}

#[derive(Serialize)]
struct Highest {
    at: Shown<Instant>,
    kw: f64,
}

/// What a power-factor line rests on.
#[derive(Serialize)]
struct PowerFactor {
    base: f64,
    cos_phi: Option<f64>,
    kvarh: f64,
    kwh: f64,
    rate: f64,
    standard: Option<f64>,
}

/// The evidence of every line, cycle by cycle in the bill's order; `None` where quantity, price and
/// note say all.
#[must_use]
pub fn evidence(s: &Sources<'_>) -> Vec<Option<String>> {
    let registered = s.register_bill.then(|| register_bill::registered(s.usages, s.tariff));
    let s = &Sources { usages: registered.as_deref().unwrap_or(s.usages), ..*s };
    let mut out = Vec::with_capacity(s.bill.cycles.iter().map(|c| c.lines.len()).sum());
    for (index, cycle) in s.bill.cycles.iter().enumerate() {
        let days = s.alike(cycle);
        out.extend(cycle.lines.iter().map(|line| match line.kind {
            LineKind::Energy => written(&s.energy(index, &days, line)?),
            LineKind::Demand => written(&s.demand(index, cycle, line)),
            LineKind::PowerFactor => written(&s.power_factor(index, line)),
            _ => None,
        }));
    }
    out
}

/// Days of a cycle that share a schedule: its segments, the first of them, how many.
type Alike<'a> = (&'a [Segment], Date, usize);

impl Sources<'_> {
    /// Usages of the line's supply point, or of all.
    fn usages(&self, index: usize, line: &Line) -> impl Iterator<Item = &CycleUsage> {
        let point = line.supply_point.clone();
        let of = move |id: &Arc<str>| point.as_ref().is_none_or(|p| p == id);
        self.usages.iter().filter(move |u| of(&u.0)).filter_map(move |u| u.1.cycles.get(index))
    }

    fn energy<'b>(&'b self, index: usize, days: &[Alike<'_>], line: &Line) -> Option<Energy<'b>> {
        // Versions of a tariff have bands of one name: the origin tells them apart.
        let named = |b: &Band| b.name == line.name && b.origin == line.origin;
        let at = self.tariff.bands().iter().position(named)?;
        let band = self.tariff.bands().get(at)?;
        let sum = |of: fn(&CycleUsage) -> &Vec<crate::units::Kwh>| -> f64 {
            self.usages(index, line).filter_map(|u| of(u).get(at)).map(|k| k.get()).sum()
        };
        let version = self.tariff.versions().get(*band.versions.first()?)?;
        let spec = version.bands.iter().find(|b| b.name == band.name)?;
        let components = version.components.iter().chain(&spec.components).filter(|c| !c.fund);
        let mut before = 0.0;
        let mut parts: Vec<Part<'_>> = components
            .map(|c| {
                let ratio = Some(spec.ratio.get()).filter(|r| c.floats && *r != 1.0);
                let price = ratio.map_or(c.price, |_| c.price.times(spec.ratio)).get();
                before += price;
                Part::Component { flat_price: ratio.map(|_| c.price.get()), name: &c.name, price, ratio }
            })
            .collect();
        if !band.tiers.is_empty() {
            parts.push(Part::Tier { name: "tier", price: line.price - before });
        }
        Some(Energy {
            components: parts,
            estimated_kwh: sum(|u| &u.estimated_kwh),
            measured_kwh: sum(|u| &u.kwh),
            windows: self.windows(days, at),
        })
    }

    /// The days of a cycle by the schedule that they share.
    fn alike(&self, cycle: &CycleBill) -> Vec<Alike<'_>> {
        let mut out: Vec<Alike<'_>> = Vec::new();
        for date in (cycle.dates.start.0..cycle.dates.end.0).map(Date) {
            let segments = self.tariff.segments(date);
            // Days that the tariff has in common share their segments.
            match out.iter_mut().find(|s| std::ptr::eq(s.0, segments)) {
                Some((.., n)) => *n += 1,
                None => out.push((segments, date, 1)),
            }
        }
        out
    }

    /// The clock times of a band, by the days that share them.
    fn windows(&self, days: &[Alike<'_>], band: usize) -> Vec<Clock> {
        let minutes = self.tariff.interval().minutes() as usize;
        let mut clocks: BTreeMap<Vec<(usize, usize)>, (Date, usize)> = BTreeMap::new();
        for (segments, first, n) in days {
            let of_band = segments.iter().filter(|s| s.band == band);
            let slots: Vec<(usize, usize)> = of_band.map(|s| (s.slots.start, s.slots.end)).collect();
            if !slots.is_empty() {
                clocks.entry(slots).or_insert((*first, 0)).1 += n;
            }
        }
        let hours = |(start, end): &(usize, usize)| Shown(Hours(start * minutes, end * minutes));
        let clock =
            |(slots, (first, days)): (Vec<_>, _)| Clock { days, first, times: slots.iter().map(hours).collect() };
        clocks.into_iter().map(clock).collect()
    }

    fn demand<'b>(&'b self, index: usize, cycle: &CycleBill, line: &Line) -> Demand<'b> {
        let measure = self.measure_of(line);
        let measures = self.tariff.measures().list();
        let terms = self.tariff.tariff().demand.as_ref();
        let (minutes, window, unit) = match measure.and_then(|m| measures.get(m)) {
            Some(m) => (m.window_minutes, m.window, m.unit),
            None => {
                terms.map_or((0, Windowing::Fixed, DemandUnit::Kw), |d| (d.window_minutes, d.window, DemandUnit::Kw))
            }
        };
        let points = self.loads.iter().filter(|l| line.supply_point.as_ref().is_none_or(|p| *p == l.0));
        let of_point = |(id, load): &'b (Arc<str>, Arc<Load>)| {
            let days = |d: Date| (d.0 - load.days().first().0).clamp(0, load.days().len() as i32) as usize;
            let days = days(cycle.dates.start)..days(cycle.dates.end);
            let all = if let Some(m) = measure {
                listed(load, self.tariff, m, days)
            } else {
                let mut all = Listed::default();
                let windows = Windows::new(minutes, window, unit, load.interval());
                windows.list(load, load.range_of_days(days), &mut all);
                all
            };
            let highest = highest(load, all);
            let margin = highest.first().zip(highest.get(1)).map(|(a, b)| a.0 - b.0);
            let list = highest.into_iter().map(|(kw, at)| Highest { at: Shown(at), kw }).collect();
            Point { highest: list, margin_kw: margin, supply_point: id }
        };
        let estimated: usize = self.usages(index, line).map(|u| u.n_estimated).sum();
        Demand {
            bands: self.charge_of(line).map_or(&[][..], |c| &c.bands),
            estimated_intervals_left_out: estimated,
            points: points.map(of_point).collect(),
            unit,
            window,
            window_minutes: minutes,
        }
    }

    /// The `[[demand_charge]]` that a line comes from: its version and place; `None` for `[demand]`.
    fn place_of(&self, line: &Line) -> Option<(usize, usize)> {
        let versions = self.tariff.versions().iter().enumerate();
        let mut places = versions.flat_map(|(v, t)| (0..t.demand_charges.len()).map(move |c| (v, c, t)));
        let (version, charge, _) = places.find(|(_, c, t)| t.origin("demand_charge", *c) == line.origin)?;
        Some((version, charge))
    }

    fn measure_of(&self, line: &Line) -> Option<usize> {
        let (version, charge) = self.place_of(line)?;
        self.tariff.measures().of_charge(version, charge)
    }

    fn charge_of(&self, line: &Line) -> Option<&DemandCharge> {
        let (version, charge) = self.place_of(line)?;
        self.tariff.versions().get(version)?.demand_charges.get(charge)
    }

    fn power_factor(&self, index: usize, line: &Line) -> PowerFactor {
        let (mut kwh, mut kvarh) = (0.0, 0.0);
        for usage in self.usages(index, line).filter(|u| u.kvarh.is_some()) {
            kwh += usage.kwh_with_kvarh.get();
            kvarh += usage.kvarh.map_or(0.0, crate::units::Kvarh::get);
        }
        PowerFactor {
            base: line.quantity,
            cos_phi: (kwh > 0.0).then(|| kwh / kwh.hypot(kvarh)),
            kvarh,
            kwh,
            rate: line.price,
            standard: self.contract.pf_standard.map(crate::units::Ratio::get),
        }
    }
}

fn written(evidence: &impl Serialize) -> Option<String> {
    let mut text = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut text, evidence).ok()?;
    String::from_utf8(text).ok()
}

/// The highest of a cycle's windows, each [`APART_SECONDS`] from the higher ones; of equals the first. Each that is
/// taken blanks its neighbours, and only the stretches that they lie in are looked at again.
fn highest(load: &Load, mut all: Listed) -> Vec<(f64, Instant)> {
    // Intervals follow each other in real time, whatever the clock does.
    let step = load.interval().seconds();
    let apart = ((APART_SECONDS + step - 1) / step).max(1) as usize;
    // Of a few values each.
    let top = |values: &[f64]| values.iter().fold(f64::NEG_INFINITY, |most, v| if *v > most { *v } else { most });
    let mut tops: Vec<f64> = all.values.chunks(apart).map(top).collect();
    let mut taken: Vec<(f64, usize)> = Vec::with_capacity(HIGHEST);
    let n = all.values.len();
    while taken.len() < HIGHEST {
        let level = top(&tops);
        let Some(stretch) = tops.iter().position(|t| *t == level).filter(|_| level > f64::NEG_INFINITY) else { break };
        let Some(at) = (stretch * apart..n).find(|at| all.values[*at] == level) else { break };
        let start = all.interval(at);
        taken.push((level, start));
        let near = (at + 1).saturating_sub(apart)..(at + apart).min(n);
        all.blank(near.clone(), |interval| interval.abs_diff(start) < apart);
        let stretches = near.start / apart..(near.end - 1) / apart + 1;
        let values = all.values.chunks(apart);
        for (level, values) in tops.iter_mut().zip(values).take(stretches.end).skip(stretches.start) {
            *level = top(values);
        }
    }
    taken.into_iter().map(|(kw, index)| (kw, load.instant(index))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_have_two_digits() {
        assert_eq!(Hours(8 * 60 + 5, 24 * 60).to_string(), "08:05-24:00");
    }
}
