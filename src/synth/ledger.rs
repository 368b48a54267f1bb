//! What readings cost under the prices of a tariff file, in plain arithmetic: the second opinion that
//! planted truth is worth something by.
//!
//! It shares no code with [`crate::tariff`] but the table of shipped files: it reads prices and
//! windows from the TOML itself and adds up interval by interval in binary numbers, unrounded. It
//! knows what synthetic customers need: periods, demand or capacity, rebate and power factor.

use super::adjustment::{adjustment, hundredths};
use super::axis::{Axis, Home};
use super::fleet::SynthCustomer;
use super::offer;
use crate::customer::BillingMode;
use crate::error::{Error, Result};
use crate::time::{Calendar, DayKind};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Quarter hours in a day: the grid on which windows are painted.
const QUARTERS: usize = 96;
/// Minutes of a quarter hour.
const QUARTER_MINUTES: usize = 15;
/// Periods in the order in which one lies over another in a notice.
const PRIORITY: [&str; 5] = ["flat", "valley", "deep", "peak", "sharp"];
/// Months of a year.
const MONTHS: f64 = 12.0;
/// Adverse change of the maxima under which another mode must still win, and quarters of four in which it
/// must (practitioners' review).
const MARGIN: f64 = 0.10;
const QUARTERS_WON: usize = 3;
/// Below these nothing is worth mentioning: a sum a year, and a share of the bill (practitioners' review).
const NOISE: (f64, f64) = (5_000.0, 0.005);

/// The keys of a tariff file that are priced here; others are not looked at.
#[derive(Debug, Deserialize)]
struct File {
    id: String,
    currency: String,
    #[serde(default)]
    calendar: String,
    band: Vec<Band>,
    schedule: Vec<Schedule>,
    demand: Option<Basic>,
    capacity: Option<Basic>,
    rebate: Option<Rebate>,
    power_factor: Option<toml::Table>,
}

#[derive(Debug, Deserialize)]
struct Band {
    name: String,
    period: String,
    components: Vec<Part>,
}

#[derive(Debug, Deserialize)]
struct Part {
    price: f64,
    #[serde(default)]
    fund: bool,
}

#[derive(Debug, Deserialize)]
struct Schedule {
    #[serde(default)]
    months: Vec<u8>,
    #[serde(default)]
    spans: Vec<BTreeMap<String, String>>,
    #[serde(default)]
    days: Vec<String>,
    #[serde(default)]
    overlay: bool,
    windows: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct Basic {
    price: f64,
    floor_share: Option<f64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Rebate {
    kwh_per_kva: f64,
    factor: f64,
}

/// How the basic charge is billed, and what maxima are multiplied by.
#[derive(Debug, Clone, Copy)]
struct Basis {
    mode: BillingMode,
    stretch: f64,
}

/// Price of each interval of an axis, per kWh.
#[derive(Debug)]
struct Priced {
    /// All parts.
    full: Vec<f64>,
    /// Without government funds: what the power-factor adjustment is counted on.
    without_funds: Vec<f64>,
}

/// Prices of a tariff on the axes of a fleet.
#[derive(Debug)]
pub struct Ledger {
    file: File,
    axes: [Priced; 2],
    /// Tables that are made beside it, by the names of their files.
    beside: Vec<(&'static str, Self)>,
}

impl Ledger {
    /// Reads a tariff file, or a shipped tariff by its id, for the axes of [`Home::ALL`]; and, where they are
    /// asked for, the tables that are made from it.
    ///
    /// # Errors
    /// When there is no such tariff, or it states its prices in a form that is not read here.
    pub fn open(name: &str, axes: [&Axis; 2], beside: bool) -> Result<Self> {
        let read = |text: &str| {
            let wrong = |what: String| Error::Tariff { path: name.into(), what };
            let file: File = toml::from_str(text).map_err(|e| wrong(e.to_string().trim_end().to_owned()))?;
            let priced = |axis| Priced::new(&file, axis).map_err(wrong);
            let axes = [priced(axes[0])?, priced(axes[1])?];
            Ok(Self { file, axes, beside: Vec::new() })
        };
        let mut ledger = read(&offer::text(name)?)?;
        for (file, text) in beside.then(|| offer::beside(name)).transpose()?.into_iter().flatten() {
            ledger.beside.push((file, read(&text)?));
        }
        Ok(ledger)
    }

    /// A table that is made beside this one.
    pub(super) fn beside(&self, file: &str) -> Option<&Self> {
        self.beside.iter().find(|b| b.0 == file).map(|b| &b.1)
    }

    /// The tariff's id.
    #[must_use]
    pub fn tariff(&self) -> &str {
        &self.file.id
    }

    /// ISO code of all amounts.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.file.currency
    }

    /// What a customer pays in a year if its basic charge is billed by `mode`: the sum of twelve
    /// months, or the mean month × 12. Its readings must be complete, one row per interval of the
    /// axis.
    #[must_use]
    pub fn year(&self, customer: &SynthCustomer, axis: &Axis, mode: BillingMode) -> f64 {
        let months = self.months(customer, axis, Basis { mode, stretch: 1.0 });
        months.iter().sum::<f64>() * MONTHS / months.len().max(1) as f64
    }

    /// Whether another mode of the basic charge is cheaper beyond doubt: over the year when every
    /// maximum is 10 % to its disadvantage, and in three quarters of four (practitioners' review).
    #[must_use]
    pub fn wins(&self, customer: &SynthCustomer, axis: &Axis, mode: BillingMode) -> bool {
        let now = customer.register.billing_mode;
        let saved = |stretch: f64| -> Vec<f64> {
            let [before, after] = [now, mode].map(|mode| self.months(customer, axis, Basis { mode, stretch }));
            before.iter().zip(&after).map(|(b, a)| b - a).collect()
        };
        let adverse = if mode == BillingMode::Demand { 1.0 + MARGIN } else { 1.0 - MARGIN };
        let quarters = saved(1.0).chunks(3).filter(|q| q.iter().sum::<f64>() > 0.0).count();
        saved(adverse).iter().sum::<f64>() > 0.0 && quarters >= QUARTERS_WON
    }

    /// Price of each interval of an axis per kWh, all parts.
    #[must_use]
    pub fn prices(&self, axis: &Axis) -> &[f64] {
        &self.axes[usize::from(axis.home != Home::China)].full
    }

    /// What a customer saves in a year who is billed by capacity of which only `left` kVA stay in service in
    /// the `months` months, of those that `allow` it, in which that saves most. And whether that stands
    /// as [`Ledger::wins`] asks where it is another mode than today's, and the rest alone, beside that mode, is worth
    /// mentioning.
    #[must_use]
    pub fn suspension(
        &self,
        customer: &SynthCustomer,
        axis: &Axis,
        (left, months): (f64, usize),
        allow: impl Fn(&std::ops::Range<usize>) -> bool,
    ) -> (f64, bool) {
        let basis = |mode| Basis { mode, stretch: 1.0 };
        let mut reduced = customer.clone();
        reduced.register.capacity_kva = left;
        let now = customer.register.billing_mode;
        let as_is = self.months(customer, axis, basis(now));
        let [full, less] = [customer, &reduced].map(|c| self.months(c, axis, basis(BillingMode::Capacity)));
        let worth = |m: usize| full[m] - less[m];
        let allowed: Vec<usize> = (0..full.len()).filter(|m| allow(&axis.months[*m].1)).collect();
        let mut which = allowed.clone();
        which.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)));
        which.truncate(months);
        let rest: f64 = which.iter().map(|m| worth(*m)).sum();
        let saved = rest + as_is.iter().zip(&full).map(|(a, f)| a - f).sum::<f64>();
        let told = rest >= NOISE.0.max(NOISE.1 * as_is.iter().sum::<f64>());
        let worse = Basis { mode: now, stretch: 1.0 - MARGIN };
        let stressed = saved + self.months(customer, axis, worse).iter().sum::<f64>() - as_is.iter().sum::<f64>();
        // Months are not scattered to win quarters: some year has them one after the other, as far as they are allowed.
        let wins = |first: usize| {
            let from = |m: usize| (m + full.len() - first) % full.len();
            let mut rests = allowed.clone();
            rests.sort_by_key(|m| from(*m));
            rests.truncate(months);
            let cost = |m: usize| if rests.contains(&m) { less[m] } else { full[m] };
            let quarters = (0..full.len() / 3).map(|q| (3 * q..3 * q + 3).map(|m| as_is[m] - cost(m)).sum::<f64>());
            quarters.filter(|saved| *saved > 0.0).count() >= QUARTERS_WON
        };
        let won = (0..full.len()).any(wins);
        let firm = told && (now == BillingMode::Capacity || (stressed > 0.0 && won));
        (saved * MONTHS / full.len().max(1) as f64, firm)
    }

    /// Cost of each month as the customer is billed.
    pub(super) fn by_month(&self, customer: &SynthCustomer, axis: &Axis) -> Vec<f64> {
        self.months(customer, axis, Basis { mode: customer.register.billing_mode, stretch: 1.0 })
    }

    /// Cost of each month.
    fn months(&self, customer: &SynthCustomer, axis: &Axis, basis: Basis) -> Vec<f64> {
        let prices = &self.axes[usize::from(axis.home != Home::China)];
        axis.months.iter().map(|(_, range)| self.month(customer, range.clone(), prices, basis)).collect()
    }

    fn month(&self, c: &SynthCustomer, range: std::ops::Range<usize>, prices: &Priced, basis: Basis) -> f64 {
        let hours = c.interval.hours();
        let (mut energy, mut base, mut kwh, mut kvarh, mut demand) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for feed in &c.readings {
            let mut highest = 0.0f64;
            for i in range.clone() {
                let import = feed.kw(i).unwrap_or(0.0).max(0.0);
                highest = highest.max(import);
                energy += import * hours * prices.full[i];
                base += import * hours * prices.without_funds[i];
                kwh += import * hours;
                kvarh += feed.kvar(i).unwrap_or(0.0).abs() * hours;
            }
            demand += highest;
        }
        let basic = self.basic(c, basis.mode, kwh, basis.stretch * demand);
        let standard = (c.register.pf_standard * 100.0).round() as i32;
        let rate = match &self.file.power_factor {
            Some(_) if kwh > 0.0 => adjustment(standard, hundredths(kwh / kwh.hypot(kvarh))),
            _ => 0.0,
        };
        energy + basic + rate * (base + basic)
    }

    /// Billed kW under a contract (发改办价格〔2016〕1583号): at least the contract and the floor, what is
    /// above 105 % double, by the continuous reading of the rule.
    fn under_contract(&self, c: &SynthCustomer, demand: f64) -> f64 {
        let floor = self.file.demand.as_ref().and_then(|d| d.floor_share).unwrap_or(0.0) * c.register.capacity_kva;
        let contract = c.register.contract_demand_kw.unwrap_or(demand).max(floor);
        contract + 2.0 * (demand - 1.05 * contract).max(0.0)
    }

    fn basic(&self, c: &SynthCustomer, mode: BillingMode, kwh: f64, demand: f64) -> f64 {
        let kva = c.register.capacity_kva;
        let price = |b: &Option<Basic>| b.as_ref().map_or(0.0, |b| b.price);
        let rebate = self.file.rebate.filter(|r| kwh >= r.kwh_per_kva * kva).map_or(1.0, |r| r.factor);
        match mode {
            BillingMode::Single => 0.0,
            BillingMode::Capacity => price(&self.file.capacity) * kva,
            BillingMode::Demand => price(&self.file.demand) * rebate * demand,
            BillingMode::Contract => price(&self.file.demand) * rebate * self.under_contract(c, demand),
        }
    }
}

impl Priced {
    fn new(file: &File, axis: &Axis) -> Result<Self, String> {
        let holidays =
            if file.calendar == "cn" { Calendar::china().map_err(|e| e.to_string())? } else { Calendar::weekends() };
        let sum = |b: &Band, funds: bool| b.components.iter().filter(|p| funds || !p.fund).map(|p| p.price).sum();
        let price: Vec<[f64; 2]> = file.band.iter().map(|b| [sum(b, true), sum(b, false)]).collect();
        let minutes = axis.days.interval().minutes() as usize;
        let (mut full, mut without_funds) = (Vec::new(), Vec::new());
        for (d, day) in axis.dates.iter().enumerate() {
            let painted = paint(file, (day.month, day.day), holidays.kind(day.date))?;
            for i in axis.days.range(d) {
                // An interval longer than a quarter hour is taken to run evenly.
                let first = usize::from(axis.slots[i]) * minutes / QUARTER_MINUTES;
                let quarters = first..first + (minutes / QUARTER_MINUTES).max(1);
                let mean = |which: usize| {
                    quarters.clone().map(|q| price[painted[q]][which]).sum::<f64>() / quarters.len() as f64
                };
                full.push(mean(0));
                without_funds.push(mean(1));
            }
        }
        Ok(Self { full, without_funds })
    }
}

/// Band of each quarter hour of a date: the schedule of its season, overlays over it; where windows
/// of one schedule meet, the order of [`PRIORITY`] holds.
fn paint(file: &File, date: (u8, u8), kind: DayKind) -> Result<[usize; QUARTERS], String> {
    let mut out = [usize::MAX; QUARTERS];
    for overlay in [false, true] {
        for schedule in file.schedule.iter().filter(|s| s.overlay == overlay && holds(s, date, kind)) {
            for period in PRIORITY {
                for (b, band) in file.band.iter().enumerate().filter(|(_, b)| b.period == period) {
                    for window in schedule.windows.get(&band.name).into_iter().flatten() {
                        let quarters = quarters(window).ok_or_else(|| format!("window {window:?} is not read here"))?;
                        quarters.for_each(|q| out[q % QUARTERS] = b);
                    }
                }
            }
        }
    }
    match out.iter().position(|b| *b == usize::MAX) {
        Some(q) => Err(format!("no window covers quarter hour {q} of {:02}-{:02}", date.0, date.1)),
        None => Ok(out),
    }
}

fn holds(schedule: &Schedule, date: (u8, u8), kind: DayKind) -> bool {
    let parse = |text: &String| text.split_once('-').and_then(|(m, d)| Some((m.parse().ok()?, d.parse().ok()?)));
    let inside = |span: &BTreeMap<String, String>| {
        let ends = span.get("from").and_then(parse).zip(span.get("to").and_then(parse));
        ends.is_some_and(
            |(from, to): ((u8, u8), (u8, u8))| {
                if from <= to { from <= date && date <= to } else { date >= from || date <= to }
            },
        )
    };
    let season = schedule.months.is_empty() && schedule.spans.is_empty();
    (season || schedule.months.contains(&date.0) || schedule.spans.iter().any(inside))
        && (schedule.days.is_empty() || schedule.days.iter().any(|d| d == kind.name()))
}

/// Quarter hours of `HH:MM-HH:MM`, counted on over midnight.
fn quarters(window: &str) -> Option<std::ops::Range<usize>> {
    let clock = |text: &str| {
        let (h, m) = text.trim().split_once(':')?;
        Some((h.parse::<usize>().ok()? * 60 + m.parse::<usize>().ok()?) / QUARTER_MINUTES)
    };
    let (from, to) = window.split_once('-')?;
    let (from, to) = (clock(from)?, clock(to)?);
    Some(from..if to <= from { to + QUARTERS } else { to })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariff::Tariff;

    #[test]
    fn windows_go_over_midnight() {
        assert_eq!(quarters("23:30-06:30"), Some(94..122));
        assert_eq!(quarters("00:00-24:00"), Some(0..96));
        assert_eq!(quarters("noon"), None);
    }

    #[test]
    fn a_noon_of_a_holiday_is_deep_valley() {
        let text = Tariff::builtin_list().iter().find(|s| s.id == "demo-two-part").unwrap().text;
        let file: File = toml::from_str(text).unwrap();
        let at = |date, kind, q: usize| file.band[paint(&file, date, kind).unwrap()[q]].period.clone();
        assert_eq!(at((7, 1), DayKind::Workday, 48), "flat");
        assert_eq!(at((7, 1), DayKind::Holiday, 48), "deep");
        assert_eq!(at((7, 20), DayKind::Workday, 80), "sharp");
        assert_eq!(at((12, 20), DayKind::Workday, 70), "sharp");
        assert_eq!(at((4, 1), DayKind::Workday, 4), "valley");
    }
}
