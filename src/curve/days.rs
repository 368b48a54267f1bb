//! The day axis of a load: which intervals belong to which date, and which slot each has.

use crate::time::{DAY_SECONDS, Date, Instant, Interval, Shift, Zone};
use std::ops::Range;
use std::sync::Arc;

/// Consecutive whole dates in a zone, cut into intervals in real-time order. A spring day of a
/// 15-minute load has 92 of them, an autumn day 100.
#[derive(Debug, Clone)]
pub struct Days {
    zone: Arc<Zone>,
    interval: Interval,
    first: Date,
    offsets: Vec<u32>,
    regular: bool,
}

impl PartialEq for Days {
    fn eq(&self, o: &Self) -> bool {
        self.zone.name() == o.zone.name()
            && self.interval == o.interval
            && self.first == o.first
            && self.offsets == o.offsets
    }
}

impl Days {
    /// The dates `first..=last`; an empty axis when `last` is earlier.
    #[must_use]
    pub fn new(zone: Arc<Zone>, interval: Interval, first: Date, last: Date) -> Self {
        let n = (last.0 - first.0 + 1).max(0);
        let mut offsets = Vec::with_capacity(n as usize + 1);
        let regular = !zone.shifts_between(first, last);
        let mut at = 0u32;
        offsets.push(0);
        for d in 0..n {
            let seconds = if regular { DAY_SECONDS } else { zone.day_seconds(first.plus(d)) };
            at += u32::try_from(seconds / interval.seconds()).unwrap_or(0);
            offsets.push(at);
        }
        Self { zone, interval, first, offsets, regular }
    }

    /// Number of days.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no day.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of intervals in all.
    #[must_use]
    pub fn len_intervals(&self) -> usize {
        self.offsets.last().map_or(0, |n| *n as usize)
    }

    /// No clock change within: every day has the same number of intervals.
    #[must_use]
    pub const fn is_regular(&self) -> bool {
        self.regular
    }

    /// The zone.
    #[must_use]
    pub const fn zone(&self) -> &Arc<Zone> {
        &self.zone
    }

    /// Length of an interval.
    #[must_use]
    pub const fn interval(&self) -> Interval {
        self.interval
    }

    /// First date.
    #[must_use]
    pub const fn first(&self) -> Date {
        self.first
    }

    /// The date of a day.
    #[must_use]
    pub const fn date(&self, day: usize) -> Date {
        self.first.plus(day as i32)
    }

    /// The day of a date, when the axis has it.
    #[must_use]
    pub fn day_of(&self, date: Date) -> Option<usize> {
        usize::try_from(date.0 - self.first.0).ok().filter(|d| *d < self.len())
    }

    /// Intervals of a day.
    #[must_use]
    pub fn range(&self, day: usize) -> Range<usize> {
        self.offsets[day] as usize..self.offsets[day + 1] as usize
    }

    /// Intervals of a run of days.
    #[must_use]
    pub fn range_of(&self, days: Range<usize>) -> Range<usize> {
        self.offsets[days.start] as usize..self.offsets[days.end] as usize
    }

    /// The day that holds an interval.
    #[must_use]
    pub fn day_at(&self, index: usize) -> usize {
        if self.regular {
            return index / self.interval.slots();
        }
        self.offsets.partition_point(|o| *o as usize <= index) - 1
    }

    /// The clock change of a day, if it has one.
    #[must_use]
    pub fn shift(&self, day: usize) -> Option<Shift> {
        if self.regular { None } else { self.zone.shift(self.date(day)) }
    }

    /// Wall-clock slot of the `k`-th interval of a day; the repeated hour has its slots twice.
    #[must_use]
    pub fn slot(&self, day: usize, k: usize) -> usize {
        match self.shift(day) {
            None => k,
            Some(s) => {
                let wall = s.wall(k as i64 * self.interval.seconds());
                ((wall / self.interval.seconds()) as usize).min(self.interval.slots() - 1)
            }
        }
    }

    /// The instant at which an interval starts.
    #[must_use]
    pub fn instant(&self, index: usize) -> Instant {
        let day = self.day_at(index);
        let elapsed = (index - self.offsets[day] as usize) as i64 * self.interval.seconds();
        let wall = self.shift(day).map_or(elapsed, |s| s.wall(elapsed));
        let date = self.date(day);
        Instant { utc: self.zone.day_start(date) + elapsed, local: i64::from(date.0) * DAY_SECONDS + wall }
    }

    /// The instant at which an interval ends.
    #[must_use]
    pub fn end(&self, index: usize) -> Instant {
        if index + 1 < self.len_intervals() {
            return self.instant(index + 1);
        }
        self.zone.local(self.instant(index).utc + self.interval.seconds())
    }

    /// The first interval that starts at or after a wall-clock second, the axis's end when none does; of
    /// a repeated hour the first pass.
    #[must_use]
    pub fn first_from(&self, local: i64) -> usize {
        let ahead = local.div_euclid(DAY_SECONDS) - i64::from(self.first.0);
        let Ok(day) = usize::try_from(ahead) else { return 0 };
        if day >= self.len() {
            return self.len_intervals();
        }
        let range = self.range(day);
        if self.shift(day).is_none() {
            let wall = local.rem_euclid(DAY_SECONDS);
            return range.start + (wall as u64).div_ceil(self.interval.seconds() as u64) as usize;
        }
        range.clone().find(|i| self.instant(*i).local >= local).unwrap_or(range.end)
    }

    /// The interval that contains a UTC second; `None` outside the axis.
    #[must_use]
    pub fn index_of_utc(&self, utc: i64) -> Option<usize> {
        let local = self.zone.local(utc);
        let day = self.day_of(local.date())?;
        let k = (utc - self.zone.day_start(self.date(day))) / self.interval.seconds();
        Some(self.offsets[day] as usize + k as usize).filter(|i| *i < self.offsets[day + 1] as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;
    use crate::time::DstLabels;

    #[test]
    fn spring_has_92_and_autumn_100_quarter_hours() -> Result<()> {
        let zone = Arc::new(Zone::new("Europe/Berlin", DstLabels::Repeat)?);
        let days = Days::new(zone, Interval::M15, "2016-03-26".parse()?, "2016-10-31".parse()?);
        assert_eq!((days.range(0).len(), days.range(1).len()), (96, 92));
        let autumn = days.day_of("2016-10-30".parse()?).unwrap_or(0);
        assert_eq!(days.range(autumn).len(), 100);
        assert_eq!(days.slot(1, 8), 12, "02:00 does not exist");
        assert_eq!([days.slot(autumn, 8), days.slot(autumn, 12), days.slot(autumn, 16)], [8, 8, 12]);
        for i in 0..days.len_intervals() {
            assert_eq!(days.index_of_utc(days.instant(i).utc), Some(i));
            assert_eq!(days.end(i), days.zone().local(days.instant(i).utc + 900));
        }
        let from = |day: usize, wall: i64| days.first_from(i64::from(days.date(day).0) * DAY_SECONDS + wall);
        let start = |day: usize| days.range(day).start;
        assert_eq!([from(0, 0), from(0, 901), from(0, 86_399)], [0, 2, 96]);
        assert_eq!(from(1, 2 * 3600), start(1) + 8, "02:00 does not exist: 03:00 comes next");
        assert_eq!(from(autumn, 2 * 3600), start(autumn) + 8, "the first pass");
        assert_eq!((days.first_from(0), days.first_from(i64::MAX / 2)), (0, days.len_intervals()));
        Ok(())
    }
}
