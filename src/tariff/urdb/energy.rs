//! Energy: periods and tiers, the schedules of 12 months by 24 hours, and the bands that both
//! schedules make together.

use super::fields::{Fields, decimal, month_list, quoted};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A table of 12 months by 24 hours; entries are periods.
type Hours = Vec<Vec<usize>>;

/// A tier of a period.
struct Tier {
    rate: Decimal,
    adj: Decimal,
    up_to: Option<Decimal>,
    unit: &'static str,
    sell: Option<Decimal>,
}

/// Energy and demand period of every hour, of weekdays and of weekends.
pub(super) struct Grid {
    energy: [Hours; 2],
    demand: Option<[Hours; 2]>,
    periods: Vec<Vec<Tier>>,
}

impl Grid {
    pub(super) fn new(fields: &mut Fields<'_>) -> Option<Self> {
        let structure = fields.take("energyratestructure")?;
        let periods = periods(structure, fields)?;
        let energy = schedules(fields, "energyweekdayschedule", "energyweekendschedule", periods.len());
        let demand_periods = fields.take("demandratestructure").and_then(Value::as_array).map(Vec::len);
        let demand =
            demand_periods.and_then(|n| schedules(fields, "demandweekdayschedule", "demandweekendschedule", n));
        let Some(energy) = energy else {
            fields.refuse("energyweekdayschedule", "it is no table of 12 months by 24 hours of known periods");
            return None;
        };
        let grid = Self { energy, demand, periods };
        for p in 0..grid.periods.len() {
            if grid.periods.get(p).is_some_and(|t| t.len() > 1) && grid.bands().filter(|b| b.0 == p).count() > 1 {
                fields.refuse(
                    &format!("energyratestructure[{p}]"),
                    "its tiers are filled by one period, which the demand schedule cuts in parts",
                );
            }
        }
        Some(grid)
    }

    /// Energy and demand period of an hour; `day` is 0 on weekdays, 1 on weekends.
    fn at(&self, day: usize, month: usize, hour: usize) -> (usize, usize) {
        let of = |h: &[Hours; 2]| h.get(day).and_then(|m| m.get(month)?.get(hour).copied()).unwrap_or(0);
        (of(&self.energy), self.demand.as_ref().map_or(0, of))
    }

    /// Every pair of energy and demand period that occurs.
    fn bands(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let all: BTreeSet<(usize, usize)> = (0..2 * 12 * 24).map(|i| self.at(i / 288, i % 288 / 24, i % 24)).collect();
        all.into_iter()
    }

    fn name(&self, band: (usize, usize)) -> String {
        let parted = self.bands().filter(|b| b.0 == band.0).count() > 1;
        let part = if parted { format!(", demand {}", band.1 + 1) } else { String::new() };
        format!("period {}{part}", band.0 + 1)
    }

    /// Names of the bands that lie in a demand period.
    pub(super) fn bands_of_demand(&self, period: usize) -> Vec<String> {
        self.bands().filter(|b| b.1 == period).map(|b| self.name(b)).collect()
    }

    /// Months in which a demand period occurs.
    pub(super) fn months_of_demand(&self, period: usize) -> String {
        month_list(|m| (0..2).any(|d| (0..24).any(|h| self.at(d, m, h).1 == period)))
    }

    /// Whether the demand schedule has hours of a period.
    pub(super) fn has_demand(&self, period: usize) -> bool {
        self.demand.is_some() && self.bands().any(|b| b.1 == period)
    }
}

fn periods(structure: &Value, fields: &mut Fields<'_>) -> Option<Vec<Vec<Tier>>> {
    let mut out = Vec::new();
    for (p, tiers) in structure.as_array()?.iter().enumerate() {
        let mut period = Vec::new();
        for (t, tier) in tiers.as_array()?.iter().enumerate() {
            let here = format!("energyratestructure[{p}][{t}]");
            let Some(tier) = tier.as_object() else {
                fields.refuse(&here, "it is no tier");
                continue;
            };
            let number = |key: &str| tier.get(key).filter(|v| !v.is_null()).and_then(decimal);
            let unit = match tier.get("unit").and_then(Value::as_str).unwrap_or("kWh") {
                "kWh" => "kwh",
                "kWh/kW" => "kwh_per_kw",
                "kWh daily" => "kwh_per_day",
                other => {
                    fields.refuse(&format!("{here}.unit"), format!("{other:?} is no unit of tiers here"));
                    "kwh"
                }
            };
            for key in tier.keys().filter(|k| !["rate", "adj", "max", "unit", "sell"].contains(&k.as_str())) {
                fields.refuse(&format!("{here}.{key}"), "no part of a tier stands for it");
            }
            period.push(Tier {
                rate: number("rate").unwrap_or_default(),
                adj: number("adj").unwrap_or_default(),
                up_to: number("max"),
                unit,
                sell: number("sell"),
            });
        }
        if period.is_empty() {
            fields.refuse(&format!("energyratestructure[{p}]"), "it has no tier");
        }
        out.push(period);
    }
    Some(out)
}

fn schedules(fields: &mut Fields<'_>, weekday: &str, weekend: &str, periods: usize) -> Option<[Hours; 2]> {
    let (weekday, weekend) = (fields.take(weekday)?, fields.take(weekend)?);
    let table = |v: &Value| -> Option<Hours> {
        let row = |r: &Value| -> Option<Vec<usize>> {
            let hours: Option<Vec<usize>> =
                r.as_array()?.iter().map(|c| c.as_u64().map(|c| c as usize).filter(|c| *c < periods)).collect();
            hours.filter(|h| h.len() == 24)
        };
        let rows: Option<Hours> = v.as_array()?.iter().map(row).collect();
        rows.filter(|r| r.len() == 12)
    };
    Some([table(weekday)?, table(weekend)?])
}

/// Bands and schedules.
pub(super) fn write(grid: &Grid, fields: &mut Fields<'_>) -> String {
    let mut out = String::new();
    let ranks = ranks(grid);
    for band in grid.bands() {
        let tiers = grid.periods.get(band.0).map_or(&[][..], Vec::as_slice);
        let rank = ranks.get(&band.0).copied().unwrap_or("flat");
        let _ = write!(out, "\n[[band]]\nname = {}\nperiod = \"{rank}\"\n", quoted(&grid.name(band)));
        if let Some(sell) = tiers.first().and_then(|t| t.sell) {
            let _ = writeln!(out, "sell = {}", price(sell));
        }
        if tiers.iter().any(|t| t.sell != tiers.first().and_then(|t| t.sell)) {
            fields.refuse(&format!("energyratestructure[{}]", band.0), "its tiers differ in sell");
        }
        match tiers {
            [one] if one.adj.is_zero() => {
                let _ = writeln!(out, "components = [{{ name = \"energy\", price = {} }}]", price(one.rate));
            }
            [one] => {
                let (rate, adj) = (price(one.rate), price(one.adj));
                let adj = format!("{{ name = \"adjustment\", price = {adj} }}");
                let _ = writeln!(out, "components = [{{ name = \"energy\", price = {rate} }}, {adj}]");
            }
            many => many.iter().enumerate().for_each(|(t, tier)| {
                let _ = write!(out, "\n[[band.tier]]\n");
                // The last tier takes the rest, whatever ceiling the database states for it.
                if let Some(up_to) = tier.up_to.filter(|_| t + 1 < many.len()) {
                    let _ = writeln!(out, "up_to = {}", real(up_to));
                }
                let _ = write!(out, "unit = \"{}\"\nprice = {}\n", tier.unit, price(tier.rate + tier.adj));
            }),
        }
    }
    for day in 0..2 {
        day_schedules(grid, day, &mut out);
    }
    fuel(fields, &mut out);
    out
}

/// One schedule for all months that have the same hours.
fn day_schedules(grid: &Grid, day: usize, out: &mut String) {
    let mut by_hours: BTreeMap<Vec<(usize, usize)>, Vec<usize>> = BTreeMap::new();
    for month in 0..12 {
        by_hours.entry((0..24).map(|h| grid.at(day, month, h)).collect()).or_default().push(month);
    }
    let days = if day == 0 { "[\"workday\"]" } else { "[\"restday\", \"holiday\"]" };
    let mut groups: Vec<_> = by_hours.iter().collect();
    groups.sort_by_key(|g| g.1.first().copied());
    for (hours, months) in groups {
        let list = month_list(|m| months.contains(&m));
        let _ = write!(out, "\n[[schedule]]\nmonths = {list}\ndays = {days}\n\n[schedule.windows]\n");
        let mut windows: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut from = 0;
        for run in hours.chunk_by(|a, b| a == b) {
            let to = from + run.len();
            if let Some(band) = run.first() {
                windows.entry(grid.name(*band)).or_default().push(format!("\"{from:02}:00-{to:02}:00\""));
            }
            from = to;
        }
        for (name, list) in windows {
            let _ = writeln!(out, "{} = [{}]", quoted(&name), list.join(", "));
        }
    }
}

/// Adjustments by the month are a series that is added at every hour.
fn fuel(fields: &mut Fields<'_>, out: &mut String) {
    let Some(months) = fields.months("fueladjustmentsmonthly").filter(|m| m.iter().any(|v| !v.is_zero())) else {
        return;
    };
    let distinct: BTreeSet<Decimal> = months.iter().copied().collect();
    for value in distinct {
        let prices = vec![price(value); 24].join(", ");
        let list = month_list(|m| months.get(m) == Some(&value));
        let _ = write!(out, "\n# Fuel adjustment.\n[[price_series]]\nmonths = {list}\nprices = [{prices}]\n");
    }
}

/// Periods by the price of their first tier: the dearest is sharp or peak, the cheapest valley or deep.
fn ranks(grid: &Grid) -> BTreeMap<usize, &'static str> {
    let used: BTreeSet<usize> = grid.bands().map(|b| b.0).collect();
    let first = |p: usize| grid.periods.get(p).and_then(|t| t.first()).map_or(Decimal::ZERO, |t| t.rate + t.adj);
    let prices: Vec<Decimal> = used.iter().map(|p| first(*p)).collect::<BTreeSet<_>>().into_iter().collect();
    let names: &[&'static str] = match prices.len() {
        0 | 1 => &["flat"],
        2 => &["flat", "peak"],
        3 => &["valley", "flat", "peak"],
        4 => &["valley", "flat", "peak", "sharp"],
        _ => &["deep", "valley", "flat", "peak", "sharp"],
    };
    let rank = |p: usize| {
        let at = prices.iter().position(|v| *v == first(p)).unwrap_or(0);
        names.get(at * names.len() / prices.len().max(1)).copied().unwrap_or("flat")
    };
    used.into_iter().map(|p| (p, rank(p))).collect()
}

/// A price as TOML: a decimal in quotes loses no digit.
pub(super) fn price(value: Decimal) -> String {
    format!("\"{}\"", value.normalize())
}

/// A real as TOML, with a point.
pub(super) fn real(value: Decimal) -> String {
    let text = value.normalize().to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}
