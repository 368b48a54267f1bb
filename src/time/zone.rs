//! A time zone tabulated by day, so that placing a reading is integer arithmetic.

use super::{DAY_SECONDS, Date, Instant};
use crate::error::{Error, Result};
use crate::text::{said, say};
use std::fmt;
use std::sync::Arc;

/// First and last date of the table; readings outside are refused as wrong stamps.
const FIRST: i32 = 7_305; // 1990-01-01
const LAST: i32 = 36_525; // 2070-01-01

/// How a source labels the two days of the year on which clocks change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DstLabels {
    /// The wall clock: the spring hour is absent, the autumn hour is there twice.
    #[default]
    Repeat,
    /// Every date has 24 hours of labels: the source keeps standard time all year.
    None,
}

/// A clock change within a day, in seconds after the day's first instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    /// Real seconds from the day's start to the change.
    pub at: i64,
    /// Seconds by which the wall clock jumps; positive in spring.
    pub by: i64,
}

impl Shift {
    /// Wall-clock seconds after midnight for `elapsed` real seconds of the day.
    #[must_use]
    pub const fn wall(self, elapsed: i64) -> i64 {
        if elapsed < self.at { elapsed } else { elapsed + self.by }
    }

    /// Real seconds of the day for a wall-clock label: none in the absent hour, two in the
    /// repeated one (earlier first).
    #[must_use]
    pub const fn elapsed(self, wall: i64) -> (Option<i64>, Option<i64>) {
        if self.by > 0 {
            if wall < self.at {
                (Some(wall), None)
            } else if wall < self.at + self.by {
                (None, None)
            } else {
                (Some(wall - self.by), None)
            }
        } else if wall < self.at + self.by {
            (Some(wall), None)
        } else if wall < self.at {
            (Some(wall), Some(wall - self.by))
        } else {
            (Some(wall - self.by), None)
        }
    }
}

/// A zone: the first instant of every date from 1990 to 2069 and the clock changes between.
pub struct Zone {
    name: Arc<str>,
    starts: Vec<i64>,
    shifts: Vec<(Date, Shift)>,
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({}, {} clock changes)", self.name, self.shifts.len())
    }
}

impl Zone {
    /// First date of the table.
    pub const FIRST: Date = Date(FIRST);
    /// The date after the last of the table.
    pub const LAST: Date = Date(LAST);

    /// Tabulates an IANA zone.
    ///
    /// # Errors
    /// When the name is unknown.
    pub fn new(name: &str, labels: DstLabels) -> Result<Self> {
        let zone = jiff::tz::TimeZone::get(name).map_err(|_| {
            Error::option(say("customer.zone", &[("name", &format_args!("{name:?}"))]), said("customer.zone_cure"))
        })?;
        let begin = jiff::Timestamp::from_second(i64::from(FIRST - 2) * DAY_SECONDS).unwrap_or(jiff::Timestamp::MIN);
        let limit = (i64::from(LAST) + 2) * DAY_SECONDS;
        let mut offset = i64::from(zone.to_offset(begin).seconds());
        let mut changes: Vec<(i64, i64)> = zone
            .following(begin)
            .map(|t| (t.timestamp().as_second(), i64::from(t.offset().seconds())))
            .take_while(|(at, _)| *at < limit)
            .collect();
        if labels == DstLabels::None {
            // Standard time is the least offset in force at the end of the table's customary year.
            let recent = changes.iter().rev().take(2).map(|c| c.1).min();
            offset = recent.unwrap_or(offset);
            changes.clear();
        }
        Ok(Self::tabulate(name, offset, &changes))
    }

    fn tabulate(name: &str, mut offset: i64, changes: &[(i64, i64)]) -> Self {
        let mut starts = Vec::with_capacity((LAST - FIRST + 1) as usize);
        let mut next = changes.iter().copied().peekable();
        for day in FIRST..=LAST {
            let midnight = i64::from(day) * DAY_SECONDS;
            let mut start = midnight - offset;
            while let Some((at, to)) = next.next_if(|(at, _)| *at <= start) {
                offset = to;
                start = (midnight - offset).max(at);
            }
            starts.push(start);
        }
        let mut zone = Self { name: name.into(), starts, shifts: Vec::new() };
        zone.shifts = zone.find_shifts(changes);
        zone
    }

    fn find_shifts(&self, changes: &[(i64, i64)]) -> Vec<(Date, Shift)> {
        let mut shifts = Vec::new();
        for &(at, to) in changes {
            let day = self.starts.partition_point(|s| *s <= at);
            let Some(index) = day.checked_sub(1).filter(|i| i + 1 < self.starts.len()) else { continue };
            let length = self.starts[index + 1] - self.starts[index];
            let date = Date(FIRST + index as i32);
            let at_elapsed = at - self.starts[index];
            // Wall clock before the change is what the start's offset gives.
            let wall_after = at + to - i64::from(date.0) * DAY_SECONDS;
            let by = wall_after - at_elapsed;
            if by != 0 && length != DAY_SECONDS {
                shifts.push((date, Shift { at: at_elapsed, by }));
            }
        }
        shifts
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same, shared.
    #[must_use]
    pub fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Whether a date is within the table.
    #[must_use]
    pub const fn covers(&self, date: Date) -> bool {
        date.0 >= FIRST && date.0 < LAST
    }

    /// UTC second of a date's first instant; dates outside the table clamp to its ends.
    #[must_use]
    pub fn day_start(&self, date: Date) -> i64 {
        let last = self.starts.len() - 1;
        self.starts[((date.0 - FIRST).max(0) as usize).min(last)]
    }

    /// Real length of a date in seconds: 86,400 but on the days of a clock change.
    #[must_use]
    pub fn day_seconds(&self, date: Date) -> i64 {
        match self.shift(date) {
            None => DAY_SECONDS,
            Some(_) => self.day_start(date.plus(1)) - self.day_start(date),
        }
    }

    /// The clock change of a date, if it has one.
    #[must_use]
    pub fn shift(&self, date: Date) -> Option<Shift> {
        let i = self.shifts.binary_search_by_key(&date, |s| s.0).ok()?;
        Some(self.shifts[i].1)
    }

    /// Whether any clock changes between two dates, both included.
    #[must_use]
    pub fn shifts_between(&self, first: Date, last: Date) -> bool {
        let i = self.shifts.partition_point(|s| s.0 < first);
        self.shifts.get(i).is_some_and(|s| s.0 <= last)
    }

    /// The wall clock at a UTC second.
    #[must_use]
    pub fn local(&self, utc: i64) -> Instant {
        let index = self.starts.partition_point(|s| *s <= utc).saturating_sub(1);
        let date = Date(FIRST + index as i32);
        let elapsed = utc - self.starts[index];
        let wall = self.shift(date).map_or(elapsed, |s| s.wall(elapsed));
        Instant { utc, local: i64::from(date.0) * DAY_SECONDS + wall }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn lengths_of_days_agree_with_jiff() -> Result<()> {
        for name in [
            "Asia/Shanghai",
            "Europe/Berlin",
            "US/Mountain",
            "Australia/Lord_Howe",
            "America/Sao_Paulo",
            "Asia/Kolkata",
        ] {
            let zone = Zone::new(name, DstLabels::Repeat)?;
            let tz = jiff::tz::TimeZone::get(name).map_err(|e| Error::option(e.to_string(), ""))?;
            for day in (FIRST..LAST).step_by(1) {
                let civil = Date(day).civil();
                let expected = civil.to_zoned(tz.clone()).map_or(0, |z| z.timestamp().as_second());
                assert_eq!(zone.day_start(Date(day)), expected, "{name} {}", Date(day));
                let next =
                    civil.tomorrow().and_then(|d| d.to_zoned(tz.clone())).map_or(0, |z| z.timestamp().as_second());
                assert_eq!(zone.day_seconds(Date(day)), next - expected, "{name} {}", Date(day));
            }
        }
        Ok(())
    }

    #[test]
    fn spring_and_autumn_in_berlin() -> Result<()> {
        let zone = Zone::new("Europe/Berlin", DstLabels::Repeat)?;
        let spring = zone.shift(date("2016-03-27"));
        assert_eq!(spring, Some(Shift { at: 7200, by: 3600 }));
        assert_eq!(spring.map(|s| (s.elapsed(7200), s.elapsed(10_800))), Some(((None, None), (Some(7200), None))));
        let autumn = zone.shift(date("2016-10-30"));
        assert_eq!(autumn, Some(Shift { at: 10_800, by: -3600 }));
        assert_eq!(autumn.map(|s| s.elapsed(7200)), Some((Some(7200), Some(10_800))));
        assert_eq!(autumn.map(|s| s.elapsed(10_800)), Some((Some(14_400), None)));
        Ok(())
    }

    #[test]
    fn labels_without_dst_keep_standard_time() -> Result<()> {
        let zone = Zone::new("Europe/Berlin", DstLabels::None)?;
        assert!(!zone.shifts_between(Date(FIRST), Date(LAST)));
        assert_eq!(zone.day_start(date("2016-07-01")), i64::from(date("2016-07-01").0) * DAY_SECONDS - 3600);
        Ok(())
    }

    #[test]
    fn wall_clock_round_trip() -> Result<()> {
        let zone = Zone::new("US/Mountain", DstLabels::Repeat)?;
        let tz = jiff::tz::TimeZone::get("US/Mountain").map_err(|e| Error::option(e.to_string(), ""))?;
        for utc in (1_450_000_000..1_500_000_000).step_by(1800) {
            let expected = jiff::Timestamp::from_second(utc).map_or(0, |t| utc + i64::from(tz.to_offset(t).seconds()));
            assert_eq!(zone.local(utc).local, expected);
        }
        Ok(())
    }
}
