//! Dates that can still be applied for.

use super::Facts;
use crate::customer::BillingMode;
use crate::time::{Calendar, Date, DayKind, cycles};
use std::ops::Range;

/// Days after the run among which a cycle begins that can still be applied for: several months.
const SEARCHED_DAYS: usize = 200;
/// Years after the readings in which the same months are looked for: more than any readings are old.
const SEARCHED_YEARS: i32 = 100;
/// Months of a quarter.
const QUARTER: i32 = 3;

/// The last working day on which an application is in time for `start`.
pub(super) fn last_day(calendar: &Calendar, start: Date, workdays: usize) -> Date {
    let (mut date, mut left) = (start, workdays);
    while left > 0 {
        date = date.plus(-1);
        left -= usize::from(calendar.kind(date) == DayKind::Workday);
    }
    date
}

/// The first day for which an application of `today` is in time; without a calendar, the day itself.
pub(super) fn first_day(calendar: Option<&Calendar>, today: Date, workdays: usize) -> Date {
    let Some(calendar) = calendar else { return today };
    let (mut date, mut left) = (today, workdays);
    while left > 0 {
        left -= usize::from(calendar.kind(date) == DayKind::Workday);
        date = date.plus(1);
    }
    date
}

/// The first day of a quarter that is no earlier than a date.
pub(super) fn quarter_from(date: Date) -> Date {
    let (year, month, day) = date.ymd();
    let months = year * 12 + i32::from(month) - 1 + i32::from(day > 1);
    let quarter = (months + QUARTER - 1).div_euclid(QUARTER) * QUARTER;
    let first =
        u8::try_from(quarter.rem_euclid(12) + 1).ok().and_then(|m| Date::from_ymd(quarter.div_euclid(12), m, 1));
    first.unwrap_or(date)
}

/// The first billing cycle after the readings that begins no earlier than a date: its dates.
pub(super) fn next_cycle(facts: &Facts<'_>, from: Date) -> Option<Range<Date>> {
    let next = facts.cycles().iter().rev().find(|c| !c.partial)?.dates.end;
    let ahead = usize::try_from(from.0 - next.0).unwrap_or(0) + SEARCHED_DAYS;
    let all = cycles(next, ahead, facts.state.contract().reading_day, true, true);
    all.into_iter().map(|c| c.dates).find(|d| d.start >= from)
}

/// From when on something is in force that is applied for now, and until when to apply for that day.
pub(super) struct Earliest {
    /// The first day.
    pub from: Date,
    /// The last day to apply for it, where it is one of few: the first of a quarter.
    pub by: Option<Date>,
}

impl Earliest {
    /// Of a suspension, with another way of billing or today's; `None` without a billed cycle.
    pub fn of(facts: &Facts<'_>, mode: Option<BillingMode>) -> Option<Self> {
        let (t, calendar) = (facts.thresholds, facts.side.calendar);
        let end = facts.cycles().iter().rev().find(|c| !c.partial)?.dates.end;
        let today = facts.side.today.unwrap_or(end);
        let from = first_day(calendar, today, t.contract_lead_workdays);
        if mode.is_none() || mode == facts.state.contract().billing_mode {
            return Some(Self { from, by: None });
        }
        let quarter = quarter_from(first_day(calendar, today, t.basis_lead_workdays));
        let by = calendar.map(|c| last_day(c, quarter, t.basis_lead_workdays));
        Some(Self { from: from.max(quarter), by })
    }
}

/// The same dates of the year in the first year in which they begin no earlier than `from`.
pub(super) fn next(dates: &Range<Date>, from: Date) -> Option<Range<Date>> {
    (0..SEARCHED_YEARS).map(|k| later(dates.start, k)..later(dates.end, k)).find(|d| d.start >= from)
}

/// The [`next`] of each, in order, those that meet put together.
pub(super) fn again(dates: &[&Range<Date>], from: Date) -> Vec<Range<Date>> {
    let mut each: Vec<Range<Date>> = dates.iter().filter_map(|d| next(d, from)).collect();
    each.sort_by_key(|d| d.start);
    let mut out: Vec<Range<Date>> = Vec::new();
    for dates in each {
        match out.last_mut().filter(|p| p.end == dates.start) {
            Some(period) => period.end = dates.end,
            None => out.push(dates),
        }
    }
    out
}

/// The same day so many years later; of 29 February, 1 March where there is none.
fn later(date: Date, years: i32) -> Date {
    let (year, month, day) = date.ymd();
    let same = Date::from_ymd(year + years, month, day);
    same.or_else(|| Date::from_ymd(year + years, month + 1, 1)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;

    #[test]
    fn the_same_months_come_again_and_none_is_past() -> Result<()> {
        let date = |d: &str| d.parse::<Date>();
        let months = [("2025-01-01", "2025-02-01"), ("2025-02-01", "2025-03-01"), ("2025-12-01", "2026-01-01")];
        let months = months.map(|(a, b)| Ok(date(a)?..date(b)?)).into_iter().collect::<Result<Vec<_>>>()?;
        let next = |from: &str| {
            let told = again(&months.iter().collect::<Vec<_>>(), from.parse()?)
                .into_iter()
                .map(|d| format!("{}/{}", d.start, d.end));
            Ok::<_, crate::error::Error>(told.collect::<Vec<_>>().join(" "))
        };
        assert_eq!(next("2026-11-27")?, "2026-12-01/2027-03-01", "over the turn of the year they are one");
        assert_eq!(next("2026-01-01")?, "2026-01-01/2026-03-01 2026-12-01/2027-01-01", "the day itself counts");
        assert_eq!(next("2026-01-02")?, "2026-02-01/2026-03-01 2026-12-01/2027-02-01", "what is left of this year");
        let leap = [date("2024-02-29")?..date("2024-03-29")?];
        assert_eq!(again(&[&leap[0]], date("2025-01-01")?), [date("2025-03-01")?..date("2025-03-29")?]);
        Ok(())
    }

    #[test]
    fn an_application_is_in_time_for_the_first_day_after_its_working_days() -> Result<()> {
        let calendar = Calendar::china()?;
        for today in 0..400 {
            let today = "2025-03-01".parse::<Date>()?.plus(today);
            for workdays in [1, 5, 15] {
                let first = first_day(Some(&calendar), today, workdays);
                assert!(last_day(&calendar, first, workdays) >= today, "{today}: {first} is in time");
                assert!(last_day(&calendar, first.plus(-1), workdays) < today, "{today}: the day before is not");
            }
        }
        Ok(())
    }

    #[test]
    fn a_quarter_begins_on_its_first_day() -> Result<()> {
        for (from, first) in [("2026-10-01", "2026-10-01"), ("2026-10-02", "2027-01-01"), ("2026-03-31", "2026-04-01")]
        {
            assert_eq!(quarter_from(from.parse()?), first.parse()?);
        }
        Ok(())
    }
}
