//! Working days, rest days and holidays, from dated files.

use super::Date;
use crate::error::{Error, Result};
use crate::text::{said, say};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// China's published holidays and make-up working days (`calendars/cn.csv`).
const CHINA: &str = include_str!("../../calendars/cn.csv");

/// What kind of day a date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DayKind {
    /// An ordinary working day, make-up weekends included.
    Workday,
    /// A weekly day of rest.
    Restday,
    /// A day of a published break, in-lieu days included.
    Holiday,
}

impl DayKind {
    /// All three, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Workday, Self::Restday, Self::Holiday];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workday => "workday",
            Self::Restday => "restday",
            Self::Holiday => "holiday",
        }
    }

    /// Several of them, in words: `rest days`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Workday => said("part.workdays"),
            Self::Restday => said("part.restdays"),
            Self::Holiday => said("part.holidays"),
        }
    }
}

/// Dated exceptions to the weekly rhythm of Saturday and Sunday.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    name: String,
    days: BTreeMap<Date, (DayKind, String)>,
    years: BTreeSet<i32>,
}

impl Calendar {
    /// Weekends alone.
    #[must_use]
    pub fn weekends() -> Self {
        Self { name: "none".into(), ..Self::default() }
    }

    /// China's calendar, to the last year whose make-up days are published.
    ///
    /// # Errors
    /// Never on the shipped file; the signature is that of any calendar.
    pub fn china() -> Result<Self> {
        Self::from_csv("cn", Path::new("calendars/cn.csv"), CHINA)
    }

    /// Reads `date,kind,name,source`; kind is `holiday`, `makeup_workday` or `restday`. A year that
    /// has at least one row counts as published.
    ///
    /// # Errors
    /// Names the row and column of a wrong date or kind.
    pub fn from_csv(name: &str, path: &Path, text: &str) -> Result<Self> {
        let mut out = Self { name: name.into(), ..Self::default() };
        let mut reader =
            csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
        for (i, record) in reader.records().enumerate() {
            let cell = |column: &str, what: String, cure: &str| Error::Cell {
                path: path.to_owned(),
                row: i + 2,
                column: column.into(),
                what,
                cure: cure.into(),
            };
            let record = record.map_err(|e| cell("date", e.to_string(), said("side.calendar_cure")))?;
            let text = record.get(0).unwrap_or_default();
            let date: Date = text.parse().map_err(|_| {
                cell("date", say("side.not_a_date", &[("text", &format_args!("{text:?}"))]), said("side.date_cure"))
            })?;
            let kind = match record.get(1).unwrap_or_default() {
                "holiday" => DayKind::Holiday,
                "makeup_workday" => DayKind::Workday,
                "restday" => DayKind::Restday,
                other => {
                    let cure = said("side.day_kind_cure");
                    return Err(cell("kind", say("side.no_day_kind", &[("text", &format_args!("{other:?}"))]), cure));
                }
            };
            out.years.insert(date.ymd().0);
            out.days.insert(date, (kind, record.get(2).unwrap_or_default().to_owned()));
        }
        Ok(out)
    }

    /// The calendar's name, `none` for weekends alone.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kind of day a date is.
    #[must_use]
    pub fn kind(&self, date: Date) -> DayKind {
        match self.days.get(&date) {
            Some((kind, _)) => *kind,
            None if date.is_weekend() => DayKind::Restday,
            None => DayKind::Workday,
        }
    }

    /// The holiday's name, where the file gives one.
    #[must_use]
    pub fn holiday_name(&self, date: Date) -> Option<&str> {
        self.days.get(&date).map(|d| d.1.as_str()).filter(|n| !n.is_empty())
    }

    /// Whether a year's exceptions are in the file; without them day kinds are weekends only and
    /// the run says so. A calendar of weekends alone is always complete.
    #[must_use]
    pub fn published(&self, year: i32) -> bool {
        self.name == "none" || self.years.contains(&year)
    }

    /// Last published year.
    #[must_use]
    pub fn last_year(&self) -> Option<i32> {
        self.years.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn china_2026() -> Result<()> {
        let c = Calendar::china()?;
        let kind = |d: &str| d.parse().map(|d| c.kind(d));
        assert_eq!(kind("2026-01-04")?, DayKind::Workday, "make-up Sunday");
        assert_eq!(kind("2026-10-01")?, DayKind::Holiday);
        assert_eq!(kind("2026-10-17")?, DayKind::Restday);
        assert_eq!(kind("2026-10-16")?, DayKind::Workday);
        assert!(c.published(2026) && !c.published(2027));
        Ok(())
    }

    #[test]
    fn a_wrong_row_is_named() {
        let e = Calendar::from_csv("x", Path::new("x.csv"), "date,kind,name,source\n2026-01-01,holliday,,\n");
        assert_eq!(
            e.map_err(|e| e.to_string()),
            Err("x.csv, row 2, column kind: \"holliday\" is no kind of day; use holiday, makeup_workday or restday"
                .into())
        );
    }
}
