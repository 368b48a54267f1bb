//! Civil dates, interval lengths, zones with their daylight-saving days, calendars and billing
//! cycles. Nothing here is called once per reading: everything is tabulated by day.

mod calendar;
mod cycle;
mod season;
mod zone;

pub use calendar::{Calendar, DayKind};
pub use cycle::{Cycle, Month, cycles};
pub use season::{Season, Seasons};
pub use zone::{DstLabels, Shift, Zone};

use crate::error::{Error, Result};
use crate::text::{said, say};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Seconds in a civil day without a clock change.
pub const DAY_SECONDS: i64 = 86_400;

/// A civil date, as days since 1970-01-01.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

impl Date {
    /// From year, month and day; `None` when there is no such date.
    #[must_use]
    pub fn from_ymd(year: i32, month: u8, day: u8) -> Option<Self> {
        let date = jiff::civil::Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
        Some(Self::from_civil(date))
    }

    /// From jiff's civil date.
    #[must_use]
    pub fn from_civil(date: jiff::civil::Date) -> Self {
        let epoch = jiff::civil::date(1970, 1, 1);
        Self(epoch.until(date).map_or(0, |span| span.get_days()))
    }

    /// As jiff's civil date; dates beyond its range clamp to its ends.
    #[must_use]
    pub fn civil(self) -> jiff::civil::Date {
        jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(self.0))
    }

    /// Year, month 1–12 and day 1–31.
    #[must_use]
    pub fn ymd(self) -> (i32, u8, u8) {
        let d = self.civil();
        (i32::from(d.year()), d.month().unsigned_abs(), d.day().unsigned_abs())
    }

    /// 0 = Monday … 6 = Sunday.
    #[must_use]
    pub const fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        (self.0 + 3).rem_euclid(7) as u8
    }

    /// Saturday or Sunday.
    #[must_use]
    pub const fn is_weekend(self) -> bool {
        self.weekday() >= 5
    }

    /// The date `days` later.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = self.ymd();
        write!(f, "{y:04}-{m:02}-{d:02}")
    }
}

impl std::str::FromStr for Date {
    type Err = Error;
    /// `2026-01-31`, `2026/1/31` or `20260131`.
    fn from_str(text: &str) -> Result<Self> {
        let t = text.trim();
        let parts: Vec<&str> = if t.len() == 8 && t.bytes().all(|b| b.is_ascii_digit()) {
            vec![&t[..4], &t[4..6], &t[6..]]
        } else {
            t.split(['-', '/', '.']).collect()
        };
        let date = match parts.as_slice() {
            [y, m, d] => y.parse().ok().zip(m.parse().ok()).zip(d.parse().ok()),
            _ => None,
        };
        date.and_then(|((y, m), d)| Self::from_ymd(y, m, d)).ok_or_else(|| {
            Error::option(say("side.not_a_date", &[("text", &format_args!("{text:?}"))]), said("side.date_cure"))
        })
    }
}

impl Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The start of an interval: the wall clock of the customer's zone and the instant in UTC.
/// Both are seconds since 1970-01-01T00:00; the wall clock of a repeated autumn hour is ambiguous
/// without the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    /// Seconds of UTC since the epoch; orders instants.
    pub utc: i64,
    /// Seconds of wall clock since the epoch's midnight.
    pub local: i64,
}

impl Instant {
    /// The civil date on the wall.
    #[must_use]
    pub const fn date(self) -> Date {
        Date(self.local.div_euclid(DAY_SECONDS) as i32)
    }

    /// Minutes after the wall clock's midnight.
    #[must_use]
    pub const fn minute_of_day(self) -> u32 {
        (self.local.rem_euclid(DAY_SECONDS) / 60) as u32
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((year, month, day), minute) = (self.date().ymd(), self.minute_of_day());
        write!(f, "{year:04}-{month:02}-{day:02} {:02}:{:02}", minute / 60, minute % 60)
    }
}

/// Length of the metering interval: 5, 15, 30 or 60 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "u8")]
pub struct Interval(u8);

impl From<Interval> for u8 {
    fn from(i: Interval) -> Self {
        i.0
    }
}

impl Interval {
    /// Five minutes, 288 a day.
    pub const M5: Self = Self(5);
    /// A quarter of an hour, 96 a day.
    pub const M15: Self = Self(15);
    /// Half an hour, 48 a day.
    pub const M30: Self = Self(30);
    /// An hour, 24 a day.
    pub const M60: Self = Self(60);

    /// From minutes; `None` unless 5, 15, 30 or 60.
    #[must_use]
    pub const fn from_minutes(minutes: i64) -> Option<Self> {
        match minutes {
            5 => Some(Self::M5),
            15 => Some(Self::M15),
            30 => Some(Self::M30),
            60 => Some(Self::M60),
            _ => None,
        }
    }

    /// From the number of points that cover 24 hours (288, 96, 48 or 24).
    #[must_use]
    pub const fn from_points(points: usize) -> Option<Self> {
        match points {
            288 => Some(Self::M5),
            96 => Some(Self::M15),
            48 => Some(Self::M30),
            24 => Some(Self::M60),
            _ => None,
        }
    }

    /// Length in minutes.
    #[must_use]
    pub const fn minutes(self) -> u32 {
        self.0 as u32
    }

    /// Length in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0 as i64 * 60
    }

    /// Length in hours; multiplies kW to kWh.
    #[must_use]
    pub fn hours(self) -> f64 {
        f64::from(self.0) / 60.0
    }

    /// Wall-clock slots in a day of 24 hours.
    #[must_use]
    pub const fn slots(self) -> usize {
        1440 / self.0 as usize
    }

    /// Clock time of a slot's start, `07:45`; slot `slots()` is `24:00`.
    #[must_use]
    pub fn clock(self, slot: usize) -> String {
        let m = slot as u32 * self.minutes();
        format!("{:02}:{:02}", m / 60, m % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_convert_both_ways() {
        assert_eq!(Date::from_ymd(1970, 1, 1), Some(Date(0)));
        assert_eq!("2024-02-29".parse::<Date>().map(Date::ymd).ok(), Some((2024, 2, 29)));
        assert_eq!("20240229".parse::<Date>().map(|d| d.to_string()).ok(), Some("2024-02-29".into()));
        assert!("2023-02-29".parse::<Date>().is_err());
        assert_eq!(Date::from_ymd(2026, 11, 21).map(Date::weekday), Some(5));
    }

    #[test]
    fn weekday_before_the_epoch() {
        assert_eq!(Date(-1).weekday(), 2);
    }
}
