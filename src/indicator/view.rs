//! What indicators look at.

use super::{DayShape, HighLoad, Steps, day_shapes, steps};
use crate::curve::kernel::marked;
use crate::curve::{DayLabels, Load, LoadDuration, REACTIVE, VALID, sum};
use crate::customer::{Contract, Transformer};
use crate::statistics::{DayRow, MonthRow};
use crate::time::{Cycle, DayKind, Season};
use crate::units::{Kw, Kwh};
use std::ops::Range;

/// An indicator that is a mean or a sum needs this share of its period's intervals (judgement;
/// CalTRACK 2.0 asks 90 % of the hours of a month).
pub const MIN_COVERAGE: f64 = 0.90;
/// One that rests on a maximum or minimum needs this share (judgement).
pub const MAX_COVERAGE: f64 = 0.95;
/// A load whose maximum does not exceed this share of the contract's capacity is no load: its ratios
/// are absent, not 0 (judgement).
pub const NO_LOAD_SHARE: f64 = 0.005;
/// The same where the capacity is unknown, in kW (judgement).
pub const NO_LOAD_KW: f64 = 1.0;

/// Hours of a common year, to which durations are scaled.
pub const HOURS_A_YEAR: f64 = 8760.0;

/// Energy and prices by time-of-use period, in the order of [`crate::tariff::Period::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BandUse {
    /// Import in kWh; 0 for a period that the tariff does not have.
    pub kwh: [f64; 5],
    /// Price per kWh in the tariff's currency; `None` for a period that it does not have.
    pub price: [Option<f64>; 5],
}

/// What is known of a customer before its indicators.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The load.
    pub load: &'a Load,
    /// Day kinds and seasons.
    pub labels: &'a DayLabels,
    /// Billing cycles.
    pub cycles: &'a [Cycle],
    /// One row per day of the load.
    pub daily: &'a [DayRow],
    /// One row per billing cycle.
    pub monthly: &'a [MonthRow],
    /// The load duration curve.
    pub duration: &'a LoadDuration,
    /// Terms of billing.
    pub contract: &'a Contract,
    /// The customer's transformers; empty when unknown.
    pub transformers: &'a [Transformer],
    /// Energy by period; `None` without a tariff.
    pub bands: Option<&'a BandUse>,
}

/// Inputs and what is derived from them once for all indicators.
#[derive(Debug)]
pub struct View<'a> {
    /// The inputs.
    pub of: Inputs<'a>,
    /// Shape of each day; `None` where its coverage or its load is too small.
    pub shapes: Vec<Option<DayShape>>,
    /// Changes from interval to interval; `None` when no two adjacent ones are valid.
    pub steps: Option<Steps>,
    /// Mean of the valid intervals in kW.
    pub mean_kw: Option<f64>,
}

impl<'a> View<'a> {
    /// Derives what indicators share.
    #[must_use]
    pub fn new(of: Inputs<'a>) -> Self {
        let valid = of.load.n_valid();
        let mean_kw = (valid > 0).then(|| sum(of.load.kw()) / valid as f64);
        let shapes = day_shapes(of.load, no_load_kw(of.contract));
        Self { of, shapes, steps: steps(of.load), mean_kw }
    }

    /// Ratios to a maximum at or below this are absent.
    #[must_use]
    pub fn no_load_kw(&self) -> f64 {
        no_load_kw(self.of.contract)
    }

    /// Whether the share of valid intervals of the span is at least `share`.
    #[must_use]
    pub fn covers(&self, share: f64) -> bool {
        let expected = self.of.load.span().len();
        expected > 0 && self.of.load.n_valid() as f64 >= share * expected as f64
    }

    /// The greatest kW of the span when it is covered to [`MAX_COVERAGE`] and is a load at all.
    #[must_use]
    pub fn max_kw(&self) -> Option<f64> {
        let max = *self.of.duration.kw.first()?;
        (self.covers(MAX_COVERAGE) && max > self.no_load_kw()).then_some(max)
    }

    /// Days with at least `share` of their real intervals valid: index and row. A day that the data
    /// only touches is not among them.
    pub fn days(&self, share: f64) -> impl Iterator<Item = (usize, &'a DayRow)> {
        self.days_in(0..self.of.daily.len(), share)
    }

    /// [`View::days`] of a range of days.
    pub fn days_in(&self, days: Range<usize>, share: f64) -> impl Iterator<Item = (usize, &'a DayRow)> {
        let load = self.of.load;
        let whole = move |day: usize| load.day_valid(day) as f64 >= share * load.days().range(day).len() as f64;
        let end = days.end.min(load.days().len()).min(self.of.daily.len());
        let rows = self.of.daily.get(days.start.min(end)..end).unwrap_or_default();
        (days.start..).zip(rows).filter(move |(day, _)| whole(*day))
    }

    /// Maximum, minimum and mean kW of the days covered to [`MAX_COVERAGE`].
    pub fn extremes(&self) -> impl Iterator<Item = [f64; 3]> {
        self.days(MAX_COVERAGE).filter_map(|(_, row)| extremes(row))
    }

    /// [`View::extremes`] of the days that have a load: those that ratios are formed on.
    pub fn loaded(&self) -> impl Iterator<Item = [f64; 3]> {
        self.loaded_in(0..self.of.daily.len())
    }

    /// [`View::loaded`] of a range of days.
    pub fn loaded_in(&self, days: Range<usize>) -> impl Iterator<Item = [f64; 3]> {
        let no_load = self.no_load_kw();
        self.days_in(days, MAX_COVERAGE).filter_map(|(_, row)| extremes(row)).filter(move |[max, ..]| *max > no_load)
    }

    /// High-load periods of the days that are not flat.
    pub fn high_load(&self) -> impl Iterator<Item = HighLoad> {
        self.shapes.iter().flatten().filter_map(|s| s.high)
    }

    /// Hours a year in which the load is at or above a share of its maximum.
    #[must_use]
    pub fn hours_above(&self, share: f64) -> Option<f64> {
        let level = Kw::new(share * self.max_kw()?);
        let duration = self.of.duration;
        duration.hours_at_or_above(level).over(duration.hours()).map(|part| part.get() * HOURS_A_YEAR)
    }

    /// Mean daily import in kWh of the days, covered to [`MIN_COVERAGE`], whose labels are wanted.
    pub fn daily_kwh(&self, wanted: impl Fn(DayKind, Season) -> bool) -> Option<f64> {
        let labels = self.of.labels;
        mean(self.days(MIN_COVERAGE).filter_map(|(day, row)| {
            let label = labels.kinds.get(day).zip(labels.seasons.get(day));
            label.filter(|(kind, season)| wanted(**kind, **season)).and(row.totals.kwh).map(Kwh::get)
        }))
    }

    /// Whether at least a share of the valid intervals has a reactive reading.
    #[must_use]
    pub fn covers_reactive(&self, share: f64) -> bool {
        let n = if self.of.load.has_reactive() { marked(self.of.load.flags(), VALID | REACTIVE) } else { 0 };
        n > 0 && n as f64 >= share * self.of.load.n_valid() as f64
    }

    /// Whole billing cycles with at least `share` of their real intervals valid.
    pub fn months(&self, share: f64) -> impl Iterator<Item = &'a MonthRow> {
        let load = self.of.load;
        self.of.monthly.iter().filter(move |row| {
            let days = row.cycle.days.start..row.cycle.days.end.min(load.days().len());
            !row.cycle.partial
                && !days.is_empty()
                && row.totals.n_valid as f64 >= share * load.range_of_days(days).len() as f64
        })
    }

    /// The latest 12 cycles in a row that are whole and covered to [`MAX_COVERAGE`].
    #[must_use]
    pub fn year(&self) -> Option<Vec<&'a MonthRow>> {
        let months: Vec<&MonthRow> = self.months(MAX_COVERAGE).collect();
        let year = months.windows(12).rev().find(|w| w.last().map(|l| l.month.0) == w.first().map(|f| f.month.0 + 11));
        year.map(<[_]>::to_vec)
    }

    /// Real hours of a year's cycles, the greatest kW, and the energy as if every interval were
    /// valid; `None` without a year or without a load.
    #[must_use]
    pub fn year_use(&self) -> Option<YearUse> {
        let year = self.year()?;
        let load = self.of.load;
        let mut use_of = YearUse { hours: 0.0, max_kw: f64::NEG_INFINITY, kwh: 0.0 };
        let mut valid = 0;
        for row in year {
            let days = row.cycle.days.start..row.cycle.days.end.min(load.days().len());
            use_of.hours += load.range_of_days(days).len() as f64 * load.interval().hours();
            use_of.max_kw = use_of.max_kw.max(row.totals.max?.0.get());
            use_of.kwh += row.totals.kwh?.get();
            valid += row.totals.n_valid;
        }
        use_of.kwh *= use_of.hours / (valid as f64 * load.interval().hours());
        (use_of.max_kw > self.no_load_kw()).then_some(use_of)
    }

    /// Share of each period in the energy.
    #[must_use]
    pub fn band_shares(&self) -> Option<[f64; 5]> {
        let bands = self.of.bands?;
        let all: f64 = bands.kwh.iter().sum();
        (all > 0.0 && self.covers(MIN_COVERAGE)).then(|| bands.kwh.map(|kwh| kwh / all))
    }
}

/// A year's hours, maximum and energy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct YearUse {
    /// 8760 or 8784.
    pub hours: f64,
    /// Greatest interval mean.
    pub max_kw: f64,
    /// Import, scaled for missing intervals.
    pub kwh: f64,
}

/// Mean of values in the order they come; `None` of none.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0usize), |(sum, n), v| (sum + v, n + 1));
    (n > 0).then(|| sum / n as f64)
}

fn extremes(row: &DayRow) -> Option<[f64; 3]> {
    let t = &row.totals;
    Some([t.max?.0.get(), t.min_kw?.get(), t.mean_kw?.get()])
}

fn no_load_kw(contract: &Contract) -> f64 {
    contract.capacity.map_or(NO_LOAD_KW, |c| NO_LOAD_SHARE * c.get())
}
