//! Windows, and the days on which they hold, as the file writes them.

use super::QUARTERS;
use crate::tariff::{BandSpec, Period};
use crate::text::say;
use crate::time::{Date, DayKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A month and day that recurs every year, `07-15`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MonthDay {
    /// 1–12.
    pub month: u8,
    /// 1–31.
    pub day: u8,
}

impl<'de> Deserialize<'de> for MonthDay {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let parsed = text.split_once('-').and_then(|(m, d)| m.parse().ok().zip(d.parse().ok()));
        parsed
            // 2000 was a leap year, so 02-29 is a day.
            .filter(|(month, day)| Date::from_ymd(2000, *month, *day).is_some())
            .map(|(month, day)| Self { month, day })
            .ok_or_else(|| serde::de::Error::custom(say("tariff.day_of_year", &[("text", &format_args!("{text:?}"))])))
    }
}

impl Serialize for MonthDay {
    fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        s.collect_str(&format_args!("{:02}-{:02}", self.month, self.day))
    }
}

/// A span of the year, both ends included; it crosses the year's end when `to` is before `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// First day, `12-15`.
    #[schemars(with = "String")]
    pub from: MonthDay,
    /// Last day.
    #[schemars(with = "String")]
    pub to: MonthDay,
}

impl Span {
    pub(in crate::tariff) fn contains(self, day: MonthDay) -> bool {
        if self.from <= self.to { self.from <= day && day <= self.to } else { day >= self.from || day <= self.to }
    }
}

/// Whether windows of one schedule may overlap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cover {
    /// No quarter hour is in two windows.
    #[default]
    Exact,
    /// Sharp lies over peak, deep over valley, and each of them over flat.
    Priority,
}

/// A set of windows and the days on which they hold: `[[schedule]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleSpec {
    /// Months 1–12. Without months and spans every day of the year is meant; with both, either.
    #[serde(default)]
    pub months: Vec<u8>,
    /// Spans of the year.
    #[serde(default)]
    pub spans: Vec<Span>,
    /// Kinds of day of the tariff's calendar, or weekdays; empty is all.
    #[serde(default)]
    pub days: Vec<DayName>,
    /// Holidays by name, as the calendar or `[[special_day]]` names them; with days, either.
    #[serde(default)]
    pub holidays: Vec<String>,
    /// Holds only on days that are declared by file (`--declared-sharp-days`).
    #[serde(default)]
    pub declared: bool,
    /// Lies over the schedule that otherwise holds that day.
    #[serde(default)]
    pub overlay: bool,
    /// Which of two overlays wins where both have a band: the greater; among equals sharp over peak
    /// and deep over valley.
    #[serde(default)]
    pub priority: i32,
    /// Whether its windows may overlap.
    #[serde(default)]
    pub cover: Cover,
    /// Windows `HH:MM-HH:MM` of each band; 24:00 is the day's end, and a window that ends before it
    /// begins goes over midnight of the same date.
    pub windows: BTreeMap<String, Vec<String>>,
}

/// Days as a schedule names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayName {
    /// Working days, make-up working days among them.
    Workday,
    /// Weekly rest days.
    Restday,
    /// Holidays.
    Holiday,
    /// Weekends that are worked by order of the calendar.
    MakeupWorkday,
    /// Mondays that are no holiday; so all weekdays, and no make-up working day.
    Monday,
    /// As Monday.
    Tuesday,
    /// As Monday.
    Wednesday,
    /// As Monday.
    Thursday,
    /// As Monday.
    Friday,
    /// As Monday.
    Saturday,
    /// As Monday.
    Sunday,
}

impl DayName {
    pub(super) fn names(self, day: &DayFacts<'_>) -> bool {
        let weekday = |n: u8| day.weekday == n && day.kind != DayKind::Holiday && !day.makeup;
        match self {
            Self::Workday => day.kind == DayKind::Workday,
            Self::Restday => day.kind == DayKind::Restday,
            Self::Holiday => day.kind == DayKind::Holiday,
            Self::MakeupWorkday => day.makeup,
            Self::Monday => weekday(0),
            Self::Tuesday => weekday(1),
            Self::Wednesday => weekday(2),
            Self::Thursday => weekday(3),
            Self::Friday => weekday(4),
            Self::Saturday => weekday(5),
            Self::Sunday => weekday(6),
        }
    }
}

/// What a date is, in the tariff's calendar.
#[derive(Debug, Clone, Copy)]
pub(super) struct DayFacts<'a> {
    pub day: MonthDay,
    pub kind: DayKind,
    /// A weekend that is worked.
    pub makeup: bool,
    /// 0 is Monday.
    pub weekday: u8,
    pub holiday: Option<&'a str>,
    pub declared: bool,
}

/// What kind of day a special day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpecialKind {
    /// A working day.
    #[serde(alias = "makeup_workday")]
    Workday,
    /// A rest day.
    Restday,
    /// A holiday.
    Holiday,
}

impl From<SpecialKind> for DayKind {
    fn from(kind: SpecialKind) -> Self {
        match kind {
            SpecialKind::Workday => Self::Workday,
            SpecialKind::Restday => Self::Restday,
            SpecialKind::Holiday => Self::Holiday,
        }
    }
}

/// A date that differs from the tariff's calendar: `[[special_day]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    /// The date, or the first of several.
    #[schemars(with = "String")]
    pub date: Date,
    /// The last date; absent for one day.
    #[schemars(with = "Option<String>")]
    pub to: Option<Date>,
    /// What kind of day it is.
    pub kind: SpecialKind,
    /// Its name, for schedules that name holidays.
    #[serde(default)]
    pub name: String,
}

impl SpecialDay {
    /// Its dates.
    pub(super) fn dates(&self) -> impl Iterator<Item = Date> {
        (self.date.0..=self.to.unwrap_or(self.date).0).map(Date)
    }
}

/// Whether a day of the year is in months or spans; without both every day is.
pub(in crate::tariff) fn in_season(months: &[u8], spans: &[Span], day: MonthDay) -> bool {
    (months.is_empty() && spans.is_empty()) || months.contains(&day.month) || spans.iter().any(|s| s.contains(day))
}

impl ScheduleSpec {
    pub(super) fn applies(&self, day: &DayFacts<'_>) -> bool {
        let named =
            || day.kind == DayKind::Holiday && day.holiday.is_some_and(|h| self.holidays.iter().any(|n| n == h));
        in_season(&self.months, &self.spans, day.day)
            && ((self.days.is_empty() && self.holidays.is_empty()) || self.days.iter().any(|d| d.names(day)) || named())
            && (!self.declared || day.declared)
    }

    /// Band of each quarter hour that this schedule's windows name, and what is wrong with them.
    pub(super) fn paint(&self, bands: &[BandSpec]) -> (Painted, Vec<Fault>) {
        let (mut out, mut faults): (Painted, Vec<Fault>) = ([None; QUARTERS], Vec::new());
        for (name, windows) in &self.windows {
            let Some(band) = bands.iter().position(|b| *b.name == **name) else {
                let what = say("tariff.band_unknown", &[("name", &format_args!("{name:?}"))]);
                faults.push(Fault { key: format!("windows.{name}"), what });
                continue;
            };
            for (w, window) in windows.iter().enumerate() {
                let key = format!("windows.{name}[{w}]");
                match quarters(window) {
                    Ok(window) => {
                        let told = self.lay(&mut out, &window, band, bands).into_iter();
                        faults.extend(told.map(|what| Fault { key: key.clone(), what }));
                    }
                    Err(what) => faults.push(Fault { key, what }),
                }
            }
        }
        (out, faults)
    }

    /// Gives a window's quarter hours to its band; a sentence for each band that it may not lie over.
    fn lay(&self, out: &mut Painted, window: &[usize], band: usize, bands: &[BandSpec]) -> Vec<String> {
        let mut clashes: Vec<(u8, usize)> = Vec::new();
        for q in window {
            let winner = match out[*q] {
                None => Some(band),
                Some(other) => {
                    let winner = self.resolve(bands, usize::from(other), band);
                    if winner.is_none() && clashes.iter().all(|c| c.0 != other) {
                        clashes.push((other, *q));
                    }
                    winner
                }
            };
            if let Some(winner) = winner {
                out[*q] = u8::try_from(winner).ok();
            }
        }
        let told = clashes.into_iter().map(|(other, q)| {
            let (a, b, time) = (&bands[usize::from(other)].name, &bands[band].name, clock(q));
            match self.cover {
                Cover::Exact => say("tariff.windows_overlap_exact", &[("a", a), ("b", b), ("time", &time)]),
                Cover::Priority => say("tariff.windows_overlap", &[("a", a), ("b", b), ("time", &time)]),
            }
        });
        told.collect()
    }

    fn resolve(&self, bands: &[BandSpec], a: usize, b: usize) -> Option<usize> {
        if self.cover == Cover::Exact || a == b {
            return None;
        }
        match (lies_over(bands[a].period, bands[b].period), lies_over(bands[b].period, bands[a].period)) {
            (true, _) => Some(a),
            (_, true) => Some(b),
            _ => None,
        }
    }
}

/// What is wrong with a key of a schedule.
#[derive(Debug)]
pub(super) struct Fault {
    pub key: String,
    pub what: String,
}

/// Band of each quarter hour that a schedule names.
pub(super) type Painted = [Option<u8>; QUARTERS];

/// Sharp over peak, deep over valley, each over flat; no other pair is ordered.
pub(super) const fn lies_over(top: Period, bottom: Period) -> bool {
    matches!(
        (top, bottom),
        (Period::Sharp, Period::Peak | Period::Flat)
            | (Period::Deep, Period::Valley | Period::Flat)
            | (Period::Peak | Period::Valley, Period::Flat)
    )
}

/// `07:15` of a quarter hour.
pub(in crate::tariff) fn clock(quarter: usize) -> String {
    format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15)
}

/// The quarter hours of `HH:MM-HH:MM`, in order of the clock from its start.
pub(super) fn quarters(window: &str) -> std::result::Result<Vec<usize>, String> {
    let wrong = || say("tariff.window_text", &[("text", &format_args!("{window:?}"))]);
    let point = |text: &str| -> Option<usize> {
        let (h, m) = text.trim().split_once(':')?;
        let (h, m): (usize, usize) = (h.parse().ok()?, m.parse().ok()?);
        (m < 60 && m.is_multiple_of(15) && h * 60 + m <= 1440).then_some(h * 4 + m / 15)
    };
    let (from, to) = window.split_once('-').ok_or_else(wrong)?;
    let (from, to) = point(from).zip(point(to)).filter(|(f, t)| f != t && *f < QUARTERS).ok_or_else(wrong)?;
    Ok(if from < to { (from..to).collect() } else { (from..QUARTERS).chain(0..to).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cross_midnight_and_half_hours() {
        assert_eq!(quarters("22:30-06:15").map(|q| (q[0], q.len())), Ok((90, 31)));
        assert_eq!(quarters("00:00-24:00").map(|q| q.len()), Ok(96));
        for wrong in ["7:10-8:00", "08:00-08:00", "24:00-06:00", "8-9", "25:00-26:00", "", "99999999999:00-1:00"] {
            assert!(quarters(wrong).is_err(), "{wrong}");
        }
    }
}
