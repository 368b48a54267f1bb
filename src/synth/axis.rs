//! The time axis that all customers of one country share: stamps, slots, kinds of day, months.

use crate::curve::Days;
use crate::error::{Error, Result};
use crate::time::{Calendar, Date, DayKind, DstLabels, Interval, Month, Zone};
use std::ops::Range;
use std::sync::Arc;

/// Where a synthetic customer is: its clock, its calendar and the places it may be named after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// Asia/Shanghai, China's published holidays and make-up days.
    China,
    /// Europe/Berlin with daylight saving, weekends alone.
    Germany,
}

impl Home {
    /// All, in the order of [`axes`].
    pub const ALL: [Self; 2] = [Self::China, Self::Germany];

    /// IANA zone.
    #[must_use]
    pub const fn tz(self) -> &'static str {
        match self {
            Self::China => "Asia/Shanghai",
            Self::Germany => "Europe/Berlin",
        }
    }

    /// Region as in the customers file.
    #[must_use]
    pub const fn region(self) -> &'static str {
        match self {
            Self::China => "湖北",
            Self::Germany => "Hessen",
        }
    }
}

/// One date of the axis.
#[derive(Debug, Clone, Copy)]
pub struct AxisDay {
    /// Civil date.
    pub date: Date,
    /// 1–12.
    pub month: u8,
    /// 1–31.
    pub day: u8,
    /// Kind of day in the country's calendar.
    pub kind: DayKind,
    /// Share of the year gone by, 0 at 1 January.
    pub year_share: f64,
}

/// Stamps, slots and days of a span of dates in one zone.
#[derive(Debug)]
pub struct Axis {
    /// Where.
    pub home: Home,
    /// Dates and their intervals in real-time order.
    pub days: Days,
    /// One per date.
    pub dates: Vec<AxisDay>,
    /// Wall-clock slot of each interval.
    pub slots: Vec<u16>,
    /// Wall clock of each interval's start, in seconds since 1970-01-01T00:00.
    pub stamps: Vec<i64>,
    /// Calendar months and their intervals.
    pub months: Vec<(Month, Range<usize>)>,
}

/// The axes of [`Home::ALL`], in its order.
///
/// # Errors
/// When a date lies outside the years that zones are tabulated for (1990–2069).
pub fn axes(interval: Interval, first: Date, days: u32) -> Result<[Arc<Axis>; 2]> {
    let [china, germany] = Home::ALL;
    Ok([Arc::new(Axis::new(china, interval, first, days)?), Arc::new(Axis::new(germany, interval, first, days)?)])
}

impl Axis {
    /// `days` dates from `first` on.
    ///
    /// # Errors
    /// When a date lies outside the years that zones are tabulated for (1990–2069).
    pub fn new(home: Home, interval: Interval, first: Date, days: u32) -> Result<Self> {
        let zone = Arc::new(Zone::new(home.tz(), DstLabels::Repeat)?);
        let last = Date(i32::try_from(i64::from(first.0) + i64::from(days) - 1).unwrap_or(i32::MAX));
        if days == 0 || !zone.covers(first) || !zone.covers(last) {
            return Err(Error::option(
                format!("{days} days from {first} cannot be generated"),
                "give --start and --days of a span within 1990-01-01 and 2069-12-30",
            ));
        }
        let calendar = match home {
            Home::China => Calendar::china()?,
            Home::Germany => Calendar::weekends(),
        };
        let days = Days::new(zone, interval, first, last);
        let dates: Vec<AxisDay> = (0..days.len()).map(|d| axis_day(days.date(d), &calendar)).collect();
        let mut slots = Vec::with_capacity(days.len_intervals());
        let mut stamps = Vec::with_capacity(days.len_intervals());
        for d in 0..days.len() {
            let midnight = i64::from(days.date(d).0) * crate::time::DAY_SECONDS;
            for k in 0..days.range(d).len() {
                let slot = days.slot(d, k);
                slots.push(slot as u16);
                stamps.push(midnight + slot as i64 * interval.seconds());
            }
        }
        let months = months(&days);
        Ok(Self { home, days, dates, slots, stamps, months })
    }

    /// The working days, in order.
    #[must_use]
    pub fn working_days(&self) -> Vec<usize> {
        (0..self.dates.len()).filter(|d| self.dates[*d].kind == DayKind::Workday).collect()
    }

    /// The intervals of a date whose slots begin within the clock hours `from..to`.
    #[must_use]
    pub fn clock(&self, day: usize, from: f64, to: f64) -> Vec<usize> {
        let hours = self.days.interval().hours();
        let inside = |i: &usize| (from..to).contains(&(f64::from(self.slots[*i]) * hours));
        self.days.range(day).filter(inside).collect()
    }
}

fn axis_day(date: Date, calendar: &Calendar) -> AxisDay {
    let (year, month, day) = date.ymd();
    let january = Date::from_ymd(year, 1, 1).unwrap_or(date);
    let year_share = f64::from(date.0 - january.0) / 365.25;
    AxisDay { date, month, day, kind: calendar.kind(date), year_share }
}

fn months(days: &Days) -> Vec<(Month, Range<usize>)> {
    let mut out: Vec<(Month, Range<usize>)> = Vec::new();
    for d in 0..days.len() {
        let (month, range) = (Month::of(days.date(d)), days.range(d));
        match out.last_mut() {
            Some((m, r)) if *m == month => r.end = range.end,
            _ => out.push((month, range)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repeated_hour_has_its_labels_twice() -> Result<()> {
        let axis = Axis::new(Home::Germany, Interval::M15, "2025-10-26".parse()?, 1)?;
        assert_eq!(axis.stamps.len(), 100);
        assert_eq!(axis.stamps[8..12], axis.stamps[12..16]);
        assert_eq!(axis.clock(0, 2.0, 3.0).len(), 8);
        let spring = Axis::new(Home::Germany, Interval::M15, "2025-03-30".parse()?, 1)?;
        assert_eq!((spring.stamps.len(), spring.clock(0, 2.0, 3.0).len()), (92, 0));
        Ok(())
    }

    #[test]
    fn a_span_beyond_the_tabulated_years_is_refused() -> Result<()> {
        let wrong =
            |first: &str, days| Ok::<_, Error>(Axis::new(Home::China, Interval::M60, first.parse()?, days).is_err());
        assert!(wrong("1989-12-31", 1)? && wrong("2069-12-01", 400)? && wrong("2025-01-01", 0)?);
        assert!(wrong("2025-01-01", u32::MAX)?);
        Ok(())
    }
}
