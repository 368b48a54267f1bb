//! A tariff made ready for billing: its dates tabulated, its windows cut to interval lengths, its
//! versions chained by date.

mod band;
mod chain;
mod measure;
mod pieces;

pub use band::{Band, Fund, Tier};
pub use chain::Part;
pub(super) use measure::Measure;
pub(super) use pieces::Piece;
pub use pieces::Segment;

use super::Price;
use super::conditions::Conditions;
use super::schedule::{DayTable, MonthDay, QUARTERS};
use super::schema::{DemandTerms, Tariff};
use crate::error::Result;
use crate::time::{Date, Interval, Month};
use crate::units::Money;
use band::Merged;
use chain::{as_of, check_chain};
use measure::Measures;
use pieces::{pieces, segments};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// Interval lengths a load can have.
const INTERVALS: [Interval; 4] = [Interval::M5, Interval::M15, Interval::M30, Interval::M60];
/// Entry of a date that no schedule describes.
const NONE: u16 = u16::MAX;

/// One distinct day of the tariff.
#[derive(Debug, Clone)]
struct Variant {
    /// Band of each quarter hour.
    quarters: [u16; QUARTERS],
    /// Price of each quarter hour that comes on top of the bands', where there is a series.
    series: Option<Arc<[f64; QUARTERS]>>,
    /// Days of the same windows have the same number, whatever their prices.
    season: usize,
    segments: Vec<Segment>,
    pieces: [Vec<Piece>; 4],
}

/// A tariff × interval length, shared by all customers.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// In the order of their dates.
    versions: Vec<Arc<Tariff>>,
    /// The version that the tariff is called by: that of `prices_as_of`, else the last.
    named: usize,
    interval: Interval,
    conditions: Conditions,
    bands: Vec<Band>,
    funds: Vec<Fund>,
    /// First date of the tables.
    first: Date,
    /// Distinct day of each date.
    table: Vec<u16>,
    holiday: Vec<bool>,
    variants: Vec<Variant>,
    measures: Measures,
}

impl Compiled {
    /// Tabulates one tariff. With `prices_as_of` every cycle is billed at the prices and windows of
    /// that date, otherwise only cycles within the validity are.
    ///
    /// # Errors
    /// When `prices_as_of` is outside the validity, or a schedule is wrong.
    pub fn new(tariff: Arc<Tariff>, interval: Interval, prices_as_of: Option<Date>) -> Result<Self> {
        Self::chain(vec![tariff], interval, Conditions { prices_as_of, ..Conditions::default() })
    }

    /// Tabulates the versions of a tariff; each date is billed by the version in force.
    ///
    /// # Errors
    /// When the versions' dates overlap or they cannot be billed together, when none is in force at
    /// `prices_as_of`, or a schedule is wrong.
    pub fn chain(mut versions: Vec<Arc<Tariff>>, interval: Interval, conditions: Conditions) -> Result<Self> {
        versions.sort_by_key(|t| t.effective_from);
        check_chain(&versions)?;
        let as_of = conditions.prices_as_of.map(|date| as_of(&versions, date)).transpose()?;
        let named = as_of.unwrap_or(versions.len() - 1);
        let mut merged = Merged::default();
        let mut tables = Vec::with_capacity(versions.len());
        for (v, tariff) in versions.iter().enumerate() {
            let days = DayTable::new(tariff, conditions.declared.as_ref().map(|d| d.dates()))?;
            tables.push((days, merged.add(tariff, v)));
        }
        let mut out = Self {
            first: DayTable::FIRST,
            table: Vec::new(),
            holiday: Vec::new(),
            variants: Vec::new(),
            measures: Measures::default(),
            named,
            interval,
            conditions,
            bands: merged.bands,
            funds: merged.funds,
            versions,
        };
        out.tabulate(&tables, as_of);
        out.measures = Measures::new(&out.versions, &out.bands, &out.variants.iter().map(|v| &v.pieces));
        Ok(out)
    }

    /// Fills the date table from those of the versions.
    fn tabulate(&mut self, tables: &[(DayTable, Vec<u16>)], as_of: Option<usize>) {
        let mut known: BTreeMap<(usize, u16, u16), u16> = BTreeMap::new();
        let mut last = None;
        for day in DayTable::FIRST.0..DayTable::END.0 {
            let date = Date(day);
            let version = as_of.unwrap_or_else(|| self.version_at(date));
            let Some((days, bands)) = tables.get(version) else { continue };
            let (variant, series) = days.entry(date);
            self.holiday.push(days.is_holiday(date));
            let key = (version, variant, series);
            let at = match last {
                Some((k, at)) if k == key => at,
                _ => *known.entry(key).or_insert_with(|| self.variant_of(&key, days, bands)),
            };
            last = Some((key, at));
            self.table.push(at);
        }
    }

    /// The number of a distinct day, made when it is new.
    fn variant_of(&mut self, key: &(usize, u16, u16), days: &DayTable, bands: &[u16]) -> u16 {
        let (version, variant, series) = *key;
        let Some(local) = days.variants.get(usize::from(variant)) else { return NONE };
        let quarters = local.map(|b| bands.get(usize::from(b)).copied().unwrap_or_default());
        let series = self.versions.get(version).and_then(|t| t.price_series.get(usize::from(series))).map(|s| {
            let per_price = QUARTERS / s.prices.len().max(1);
            Arc::new(std::array::from_fn(|q| s.prices.get(q / per_price).map_or(0.0, |p| p.get())))
        });
        if let Some(at) = self.variants.iter().position(|v| v.quarters == quarters && v.series == series) {
            return at as u16;
        }
        let name = |b: &u16| self.bands.get(usize::from(*b)).map(|b| &b.name);
        let alike = |v: &Variant| v.quarters.iter().map(name).eq(quarters.iter().map(name));
        let season = self.variants.iter().find(|v| alike(v)).map_or(self.variants.len(), |v| v.season);
        let (segments, pieces) = (segments(&quarters, self.interval), INTERVALS.map(|i| pieces(&quarters, i)));
        self.variants.push(Variant { quarters, series, season, segments, pieces });
        (self.variants.len() - 1) as u16
    }

    /// What comes from outside the tariff file.
    #[must_use]
    pub const fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// The interval length of [`Self::segments`] and [`Self::band_at`].
    #[must_use]
    pub const fn interval(&self) -> Interval {
        self.interval
    }

    /// The date whose prices hold for every cycle.
    #[must_use]
    pub const fn prices_as_of(&self) -> Option<Date> {
        self.conditions.prices_as_of
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

    /// Energy price of each wall-clock slot of a date, in the currency per kWh: that of its band, and the mean by share of a
    /// slot that straddles bands. A series that comes on top of the bands is left out. Empty when no schedule
    /// describes the date.
    #[must_use]
    pub fn slot_prices(&self, date: Date) -> Vec<f64> {
        let Some(variant) = self.variant(date) else { return Vec::new() };
        let mut prices = vec![0.0; self.interval.slots()];
        for piece in self.pieces(variant, self.interval) {
            let price = self.bands.get(piece.band).map_or(0.0, |b| b.price) * piece.weight;
            prices.get_mut(piece.slots.clone()).into_iter().flatten().for_each(|p| *p += price);
        }
        prices
    }

    /// Whether the tariff has a demand charge, and what it costs per kW in that month.
    #[must_use]
    pub fn demand_price(&self, month: Month) -> Option<Money> {
        let date = month.first();
        let (_, month, day) = date.ymd();
        self.in_force(date).demand.as_ref().map(|d| price_on(d, MonthDay { month, day }).money())
    }

    /// What the capacity charge costs per kVA in that month.
    #[must_use]
    pub fn capacity_price(&self, month: Month) -> Option<Money> {
        self.in_force(month.first()).capacity.as_ref().map(|c| c.price.money())
    }

    /// The demand window; `None` without a demand charge.
    #[must_use]
    pub fn demand_window(&self) -> Option<Interval> {
        self.tariff().demand.as_ref().and_then(|d| Interval::from_minutes(i64::from(d.window_minutes)))
    }

    /// The kinds of regular day (holidays apart) among dates, as opaque numbers: months with the
    /// same set belong to the same season of the tariff.
    #[must_use]
    pub fn regular_days(&self, dates: Range<Date>) -> BTreeSet<usize> {
        (dates.start.0..dates.end.0)
            .map(Date)
            .filter(|d| !self.is_holiday(*d))
            .filter_map(|d| self.variant(d).and_then(|v| self.variants.get(v)).map(|v| v.season))
            .collect()
    }

    fn at(&self, date: Date) -> Option<usize> {
        usize::try_from(date.0 - self.first.0).ok()
    }

    fn is_holiday(&self, date: Date) -> bool {
        self.at(date).and_then(|i| self.holiday.get(i)).copied().unwrap_or(false)
    }

    /// Index of a date's distinct day; `None` when no schedule describes it.
    pub(super) fn variant(&self, date: Date) -> Option<usize> {
        self.at(date).and_then(|i| self.table.get(i)).filter(|v| **v != NONE).map(|v| usize::from(*v))
    }

    /// How many of these dates, from the first on, are the same distinct day; at least 1.
    pub(super) fn same_windows(&self, dates: &Range<Date>) -> usize {
        let index = |d: Date| self.at(d).unwrap_or(0).min(self.table.len());
        let run = self.table.get(index(dates.start)..index(dates.end)).unwrap_or_default();
        let first = run.first();
        run.iter().position(|v| Some(v) != first).unwrap_or(run.len()).max(1)
    }

    /// Demand that is measured beside the maximum of `[demand]`.
    pub(super) const fn measures(&self) -> &Measures {
        &self.measures
    }

    /// Prices by quarter hour that come on top of the bands' on a distinct day, and the bands.
    pub(super) fn series(&self, variant: usize) -> Option<(&[f64; QUARTERS], &[u16; QUARTERS])> {
        let variant = self.variants.get(variant)?;
        Some((variant.series.as_deref()?, &variant.quarters))
    }

    /// Whether any day has a series of prices.
    pub(super) fn has_series(&self) -> bool {
        self.variants.iter().any(|v| v.series.is_some())
    }

    /// The pieces of a distinct day at an interval length.
    pub(super) fn pieces(&self, variant: usize, interval: Interval) -> &[Piece] {
        let day = self.variants.get(variant);
        day.and_then(|v| v.pieces.get(length_index(interval))).map_or(&[], Vec::as_slice)
    }
}

/// Place of an interval length among those that days are cut to.
pub(super) fn length_index(interval: Interval) -> usize {
    INTERVALS.iter().position(|i| *i == interval).unwrap_or(INTERVALS.len())
}

/// The demand price of a day.
pub(super) fn price_on(terms: &DemandTerms, day: MonthDay) -> Price {
    let season = terms.seasons.iter().find(|s| super::schedule::in_season(&s.months, &s.spans, day));
    season.map_or(terms.price, |s| s.price)
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
        let (prices, of) = (c.slot_prices(date("2026-03-02")), |band: usize| c.bands()[band].price);
        assert_eq!((prices.len(), prices[8], prices[22]), (24, of(0), of(1)));
        assert!((prices[21] - (0.75 * of(0) + 0.25 * of(1))).abs() < 1e-12, "the mean of its quarters");
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
