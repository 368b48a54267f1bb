//! A tariff made ready for billing: its dates tabulated, its windows cut to interval lengths.

use super::schedule::{DayTable, QUARTERS};
use super::schema::{BandSpec, Tariff};
use super::{Period, Price};
use crate::error::{Error, Result};
use crate::time::{Date, Interval, Month};
use crate::units::Money;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Interval lengths a load can have.
const INTERVALS: [Interval; 4] = [Interval::M5, Interval::M15, Interval::M30, Interval::M60];

/// A price band ready for billing.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// The tariff's own name.
    pub name: Arc<str>,
    /// Which of the five periods it is.
    pub period: Period,
    /// What a kWh costs in all, per kWh: components and funds, as float for ranking and display.
    pub price: f64,
    /// Sum of the components that are no funds, per kWh: the price of the energy line.
    pub energy: Price,
}

/// A fund at one price, over all bands that carry it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fund {
    /// Its name.
    pub name: Arc<str>,
    /// Per kWh.
    pub price: Price,
    /// Indices into [`Compiled::bands`].
    pub bands: Vec<usize>,
}

/// A run of wall-clock slots in one band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Slots of the compiled interval length.
    pub slots: Range<usize>,
    /// Index into [`Compiled::bands`].
    pub band: usize,
}

/// A run of slots and the share of each that lies in one band; shares below 1 belong to slots that
/// straddle bands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub(super) slots: Range<usize>,
    pub(super) band: usize,
    pub(super) weight: f64,
}

/// One distinct day of the tariff.
#[derive(Debug, Clone)]
struct Variant {
    segments: Vec<Segment>,
    pieces: [Vec<Piece>; 4],
}

/// A tariff × interval length, shared by all customers.
#[derive(Debug, Clone)]
pub struct Compiled {
    tariff: Arc<Tariff>,
    interval: Interval,
    prices_as_of: Option<Date>,
    bands: Vec<Band>,
    funds: Vec<Fund>,
    days: DayTable,
    variants: Vec<Variant>,
}

impl Compiled {
    /// Tabulates a tariff. With `prices_as_of` every cycle is billed at the prices and windows of
    /// that date, otherwise only cycles within the validity are.
    ///
    /// # Errors
    /// When `prices_as_of` is outside the validity, or a schedule is wrong.
    pub fn new(tariff: Arc<Tariff>, interval: Interval, prices_as_of: Option<Date>) -> Result<Self> {
        if let Some(date) = prices_as_of.filter(|d| !tariff.is_effective(*d)) {
            let what = format!("--prices-as-of {date}: tariff {} is effective {}", tariff.id, tariff.validity());
            return Err(Error::option(what, "give a date within it, or a tariff of that date"));
        }
        let days = DayTable::new(&tariff)?;
        let bands = tariff.bands.iter().map(|b| band(b, &tariff)).collect();
        let variants = days.variants.iter().map(|q| variant(q, interval)).collect();
        let funds = funds(&tariff);
        Ok(Self { tariff, interval, prices_as_of, bands, funds, days, variants })
    }

    /// The tariff.
    #[must_use]
    pub fn tariff(&self) -> &Tariff {
        &self.tariff
    }

    /// The interval length of [`Self::segments`] and [`Self::band_at`].
    #[must_use]
    pub const fn interval(&self) -> Interval {
        self.interval
    }

    /// The date whose prices hold for every cycle.
    #[must_use]
    pub const fn prices_as_of(&self) -> Option<Date> {
        self.prices_as_of
    }

    /// Price bands in the file's order.
    #[must_use]
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// Funds, those among the bands' components first.
    #[must_use]
    pub fn funds(&self) -> &[Fund] {
        &self.funds
    }

    /// The bands of a date, covering its wall-clock slots in order; a slot that straddles two bands
    /// stands with the greater share (bills split it exactly). Empty when no schedule describes the
    /// date, which cannot be within the validity.
    #[must_use]
    pub fn segments(&self, date: Date) -> &[Segment] {
        self.variant(date).and_then(|v| self.variants.get(v)).map_or(&[], |v| &v.segments)
    }

    /// The band of a wall-clock slot; `None` when no schedule describes the date or the day has no
    /// such slot.
    #[must_use]
    pub fn band_at(&self, date: Date, slot: usize) -> Option<usize> {
        self.segments(date).iter().find(|s| s.slots.contains(&slot)).map(|s| s.band)
    }

    /// Whether the tariff has a demand charge, and what it costs per kW in that month.
    #[must_use]
    pub fn demand_price(&self, _month: Month) -> Option<Money> {
        self.tariff.demand.as_ref().map(|d| d.price.money())
    }

    /// What the capacity charge costs per kVA in that month.
    #[must_use]
    pub fn capacity_price(&self, _month: Month) -> Option<Money> {
        self.tariff.capacity.as_ref().map(|c| c.price.money())
    }

    /// The demand window; `None` without a demand charge.
    #[must_use]
    pub fn demand_window(&self) -> Option<Interval> {
        self.tariff.demand.as_ref().and_then(|d| Interval::from_minutes(i64::from(d.window_minutes)))
    }

    /// Whether prices are stated for all of these dates.
    #[must_use]
    pub fn prices_cover(&self, dates: &Range<Date>) -> bool {
        self.prices_as_of.is_some()
            || (self.tariff.is_effective(dates.start) && self.tariff.is_effective(dates.end.plus(-1)))
    }

    /// The kinds of regular day (holidays apart) among dates, as opaque numbers: months with the
    /// same set belong to the same season of the tariff.
    #[must_use]
    pub fn regular_days(&self, dates: Range<Date>) -> BTreeSet<usize> {
        (dates.start.0..dates.end.0)
            .map(Date)
            .filter(|d| !self.days.is_holiday(*d))
            .filter_map(|d| self.variant(d))
            .collect()
    }

    /// Index of a date's distinct day; `None` when no schedule describes it.
    pub(super) fn variant(&self, date: Date) -> Option<usize> {
        self.days.variant(date)
    }

    /// How many of these dates, from the first on, are the same distinct day; at least 1.
    pub(super) fn same_windows(&self, dates: Range<Date>) -> usize {
        self.days.same(&dates)
    }

    /// The pieces of a distinct day at an interval length.
    pub(super) fn pieces(&self, variant: usize, interval: Interval) -> &[Piece] {
        let length = INTERVALS.iter().position(|i| *i == interval);
        length.and_then(|l| self.variants.get(variant).and_then(|v| v.pieces.get(l))).map_or(&[], Vec::as_slice)
    }
}

fn band(spec: &BandSpec, tariff: &Tariff) -> Band {
    let sum = |fund: bool| {
        let parts = spec.components.iter().filter(|c| c.fund == fund);
        parts.fold(Price::ZERO, |sum, c| sum.plus(c.price))
    };
    let funds = tariff.funds.iter().fold(sum(true), |sum, f| sum.plus(f.price));
    Band { name: Arc::clone(&spec.name), period: spec.period, price: sum(false).plus(funds).get(), energy: sum(false) }
}

fn funds(tariff: &Tariff) -> Vec<Fund> {
    let mut out: Vec<Fund> = Vec::new();
    let mut add =
        |name: &Arc<str>, price: Price, band: usize| match out.iter_mut().find(|f| f.name == *name && f.price == price)
        {
            Some(fund) => fund.bands.push(band),
            None => out.push(Fund { name: Arc::clone(name), price, bands: vec![band] }),
        };
    for (i, band) in tariff.bands.iter().enumerate() {
        for component in band.components.iter().filter(|c| c.fund) {
            add(&component.name, component.price, i);
        }
    }
    for fund in &tariff.funds {
        for band in 0..tariff.bands.len() {
            add(&fund.name, fund.price, band);
        }
    }
    out
}

fn variant(quarters: &[u8; QUARTERS], interval: Interval) -> Variant {
    Variant { segments: segments(quarters, interval), pieces: INTERVALS.map(|i| pieces(quarters, i)) }
}

/// The bands within one slot and how much of it each has, in order of the clock.
fn shares(quarters: &[u8; QUARTERS], slot: usize, interval: Interval) -> Vec<(usize, f64)> {
    let per_slot = (interval.minutes() / 15).max(1) as usize;
    let first = slot * interval.minutes() as usize / 15;
    let mut out: Vec<(usize, f64)> = Vec::new();
    for band in quarters.iter().skip(first).take(per_slot).map(|b| usize::from(*b)) {
        match out.iter_mut().find(|(b, _)| *b == band) {
            Some((_, share)) => *share += 1.0 / per_slot as f64,
            None => out.push((band, 1.0 / per_slot as f64)),
        }
    }
    out
}

fn pieces(quarters: &[u8; QUARTERS], interval: Interval) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for slot in 0..interval.slots() {
        let shares = shares(quarters, slot, interval);
        let whole = shares.len() == 1;
        for (band, weight) in shares {
            let weight = if whole { 1.0 } else { weight };
            match out.last_mut().filter(|p| whole && p.band == band && p.weight == 1.0) {
                Some(last) => last.slots.end = slot + 1,
                None => out.push(Piece { slots: slot..slot + 1, band, weight }),
            }
        }
    }
    out
}

fn segments(quarters: &[u8; QUARTERS], interval: Interval) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::new();
    for slot in 0..interval.slots() {
        let shares = shares(quarters, slot, interval);
        // The greatest share; the earlier of equals.
        let band = shares.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |s| s.0);
        match out.last_mut().filter(|s| s.band == band) {
            Some(last) => last.slots.end = slot + 1,
            None => out.push(Segment { slots: slot..slot + 1, band }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariff::testkit::{TWO_BANDS, compiled, date, parse};

    const HALF_HOURS: &str = "[[schedule]]\nwindows = { high = [\"07:30-21:45\"], low = [\"21:45-07:30\"] }\n";

    #[test]
    fn an_hour_that_straddles_bands_is_split_by_quarters() {
        let c = compiled(&format!("{TWO_BANDS}{HALF_HOURS}"), Interval::M60);
        let v = c.variant(date("2026-03-02")).unwrap();
        let split: Vec<(usize, usize, f64)> = c
            .pieces(v, Interval::M60)
            .iter()
            .filter(|p| p.weight < 1.0)
            .map(|p| (p.slots.start, p.band, p.weight))
            .collect();
        assert_eq!(split, [(7, 1, 0.5), (7, 0, 0.5), (21, 0, 0.75), (21, 1, 0.25)]);
        assert_eq!(c.band_at(date("2026-03-02"), 7), Some(1), "the earlier of equal shares");
        assert_eq!(c.band_at(date("2026-03-02"), 21), Some(0));
        assert_eq!(c.band_at(date("2026-03-02"), 24), None);
    }

    #[test]
    fn pieces_weigh_a_whole_day_at_every_length() {
        for interval in INTERVALS {
            let c = compiled(&format!("{TWO_BANDS}{HALF_HOURS}"), interval);
            let v = c.variant(date("2026-03-02")).unwrap();
            let hours = |band: usize| -> f64 {
                let of = c.pieces(v, interval).iter().filter(|p| p.band == band);
                of.map(|p| p.slots.len() as f64 * p.weight * interval.hours()).sum()
            };
            assert_eq!((hours(0), hours(1)), (14.25, 9.75));
            let slots: usize = c.segments(date("2026-03-02")).iter().map(|s| s.slots.len()).sum();
            assert_eq!(slots, interval.slots());
        }
    }

    #[test]
    fn prices_as_of_must_be_in_the_validity() {
        let tariff = Arc::new(parse(&format!("{TWO_BANDS}{HALF_HOURS}")).unwrap());
        let at = |d: &str| {
            Compiled::new(Arc::clone(&tariff), Interval::M15, Some(date(d))).map(|_| ()).map_err(|e| e.to_string())
        };
        assert_eq!(at("2026-01-01"), Ok(()));
        assert!(at("2019-12-31").is_err_and(|e| e.contains("is effective 2020-01-01 to 2030-12-31")));
    }
}
