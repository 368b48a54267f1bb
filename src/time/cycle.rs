//! Billing cycles: calendar months, or from meter-reading day to meter-reading day.

use super::Date;
use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Range;

/// A month label `YYYY-MM`, as months since year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub i32);

impl Month {
    /// The calendar month of a date.
    #[must_use]
    pub fn of(date: Date) -> Self {
        let (y, m, _) = date.ymd();
        Self(y * 12 + i32::from(m) - 1)
    }

    /// Calendar year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// 1–12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.0.rem_euclid(12) as u8 + 1
    }

    /// First date of the calendar month.
    #[must_use]
    pub fn first(self) -> Date {
        Date::from_ymd(self.year(), self.month(), 1).unwrap_or_default()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// A billing cycle of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cycle {
    /// The month that contains the cycle's last instant.
    pub month: Month,
    /// First date and the date after the last.
    pub dates: Range<Date>,
    /// The cycle's days that the data has, counted from the load's first day.
    pub days: Range<usize>,
    /// Cut by the ends of the data; neither billed nor annualised.
    pub partial: bool,
}

/// The start of the cycle that is labelled `month` when meters are read on `reading_day`:
/// 1 is the calendar month; 20 makes `[Jan 20, Feb 20)` February; 29–31 clamp to the month's end.
fn cycle_start(month: Month, reading_day: u8) -> Date {
    if reading_day <= 1 {
        return month.first();
    }
    let previous = Month(month.0 - 1);
    let length = month.first().0 - previous.first().0;
    previous.first().plus(i32::from(reading_day).min(length) - 1)
}

/// The billing cycles that `first..first + n_days` touches. `whole_first` and `whole_last` say
/// whether the first and last day are covered from their first to their last interval.
#[must_use]
pub fn cycles(first: Date, n_days: usize, reading_day: u8, whole_first: bool, whole_last: bool) -> Vec<Cycle> {
    let end = first.plus(n_days as i32);
    let mut month = Month::of(first);
    if cycle_start(Month(month.0 + 1), reading_day) <= first {
        month = Month(month.0 + 1);
    }
    let mut out = Vec::new();
    loop {
        let dates = cycle_start(month, reading_day)..cycle_start(Month(month.0 + 1), reading_day);
        if dates.start >= end {
            return out;
        }
        let day = |d: Date| (d.0 - first.0).clamp(0, n_days as i32) as usize;
        let partial = dates.start < first
            || dates.end > end
            || (dates.start == first && !whole_first)
            || (dates.end == end && !whole_last);
        out.push(Cycle { month, days: day(dates.start)..day(dates.end), dates, partial });
        month = Month(month.0 + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn calendar_months_of_a_year() {
        let c = cycles(date("2018-01-01"), 365, 1, true, true);
        assert_eq!(c.len(), 12);
        assert!(c.iter().all(|c| !c.partial));
        assert_eq!(c[1].days, 31..59);
        assert_eq!(c[11].month.to_string(), "2018-12");
    }

    #[test]
    fn reading_day_20_labels_by_the_last_instant() {
        let c = cycles(date("2018-01-01"), 80, 20, true, true);
        let labels: Vec<String> =
            c.iter().map(|c| format!("{} {}..{} {}", c.month, c.dates.start, c.dates.end, c.partial)).collect();
        assert_eq!(
            labels,
            [
                "2018-01 2017-12-20..2018-01-20 true",
                "2018-02 2018-01-20..2018-02-20 false",
                "2018-03 2018-02-20..2018-03-20 false",
                "2018-04 2018-03-20..2018-04-20 true",
            ]
        );
    }

    #[test]
    fn reading_day_31_clamps_to_the_months_end() {
        let c = cycles(date("2018-01-31"), 60, 31, true, true);
        assert_eq!(c[0].dates, date("2018-01-31")..date("2018-02-28"));
        assert_eq!(c[1].dates, date("2018-02-28")..date("2018-03-31"));
    }

    #[test]
    fn a_first_day_without_its_first_interval_is_partial() {
        let c = cycles(date("2018-01-01"), 59, 1, false, true);
        assert_eq!(c.iter().map(|c| c.partial).collect::<Vec<_>>(), [true, false]);
    }
}
