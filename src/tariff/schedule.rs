//! Which band holds in each quarter hour of each date.

use super::schema::{Tariff, TariffCalendar};
use super::{BandSpec, Period};
use crate::error::Result;
use crate::time::{Calendar, Date, DayKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// Quarter hours in a day: the grid of every schedule.
pub(super) const QUARTERS: usize = 96;
/// First date of the table, 1990-01-01, as that of zones.
const FIRST: Date = Date(7_305);
/// Date after the last of the table, 2070-01-01.
const END: Date = Date(36_525);
/// Schedules of one tariff are a bit set.
const MAX_SCHEDULES: usize = 64;
/// Entry of a date that no schedule describes.
const NONE: u16 = u16::MAX;

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
            .ok_or_else(|| serde::de::Error::custom(format!("{text:?} is no day of the year; write it as 07-15")))
    }
}

/// A span of the year, both ends included; it crosses the year's end when `to` is before `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// First day.
    pub from: MonthDay,
    /// Last day.
    pub to: MonthDay,
}

impl Span {
    fn contains(self, day: MonthDay) -> bool {
        if self.from <= self.to { self.from <= day && day <= self.to } else { day >= self.from || day <= self.to }
    }
}

/// Whether windows of one schedule may overlap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cover {
    /// No quarter hour is in two windows.
    #[default]
    Exact,
    /// Sharp lies over peak, deep over valley, and each of them over flat.
    Priority,
}

/// A set of windows and the days on which they hold: `[[schedule]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleSpec {
    /// Months 1–12. Without months and spans every day of the year is meant; with both, either.
    #[serde(default)]
    pub months: Vec<u8>,
    /// Spans of the year.
    #[serde(default)]
    pub spans: Vec<Span>,
    /// Kinds of day of the tariff's calendar; empty is all.
    #[serde(default)]
    pub days: Vec<DayKindName>,
    /// Lies over the schedule that otherwise holds that day.
    #[serde(default)]
    pub overlay: bool,
    /// Whether its windows may overlap.
    #[serde(default)]
    pub cover: Cover,
    /// Windows `HH:MM-HH:MM` of each band; 24:00 is the day's end, and a window that ends before it
    /// begins goes over midnight of the same date.
    pub windows: BTreeMap<String, Vec<String>>,
}

/// A kind of day as the file names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayKindName {
    /// Working days.
    Workday,
    /// Weekly rest days.
    Restday,
    /// Holidays.
    Holiday,
}

impl From<DayKindName> for DayKind {
    fn from(name: DayKindName) -> Self {
        match name {
            DayKindName::Workday => Self::Workday,
            DayKindName::Restday => Self::Restday,
            DayKindName::Holiday => Self::Holiday,
        }
    }
}

/// A date that differs from the tariff's calendar: `[[special_day]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    /// The date.
    pub date: Date,
    /// What kind of day it is.
    pub kind: DayKindName,
    /// Its name.
    #[serde(default)]
    pub name: String,
}

impl ScheduleSpec {
    fn applies(&self, day: MonthDay, kind: DayKind) -> bool {
        let season = (self.months.is_empty() && self.spans.is_empty())
            || self.months.contains(&day.month)
            || self.spans.iter().any(|s| s.contains(day));
        season && (self.days.is_empty() || self.days.iter().any(|k| DayKind::from(*k) == kind))
    }

    /// Band of each quarter hour that this schedule's windows name.
    fn paint(&self, bands: &[BandSpec]) -> std::result::Result<Painted, String> {
        let mut out: Painted = [None; QUARTERS];
        for (name, windows) in &self.windows {
            let band = bands
                .iter()
                .position(|b| *b.name == **name)
                .ok_or_else(|| format!("band {name:?} is not defined; add a [[band]] of that name"))?;
            for window in windows {
                for q in quarters(window)? {
                    let winner = match out[q] {
                        None => band,
                        Some(other) => self.resolve(bands, usize::from(other), band).ok_or_else(|| {
                            let (a, b) = (&bands[usize::from(other)].name, &bands[band].name);
                            format!("{a} and {b} overlap at {}; mend their windows{}", clock(q), self.overlap_cure())
                        })?,
                    };
                    out[q] = u8::try_from(winner).ok();
                }
            }
        }
        Ok(out)
    }

    const fn overlap_cure(&self) -> &'static str {
        match self.cover {
            Cover::Exact => ", or set cover = \"priority\"",
            Cover::Priority => "",
        }
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

type Painted = [Option<u8>; QUARTERS];

/// Sharp over peak, deep over valley, each over flat; no other pair is ordered.
const fn lies_over(top: Period, bottom: Period) -> bool {
    matches!(
        (top, bottom),
        (Period::Sharp, Period::Peak | Period::Flat)
            | (Period::Deep, Period::Valley | Period::Flat)
            | (Period::Peak | Period::Valley, Period::Flat)
    )
}

/// `07:15` of a quarter hour.
pub(super) fn clock(quarter: usize) -> String {
    format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15)
}

/// The quarter hours of `HH:MM-HH:MM`, in order of the clock from its start.
fn quarters(window: &str) -> std::result::Result<Vec<usize>, String> {
    let cure = "write it as 07:30-11:00 on quarter hours, 24:00 being the day's end";
    let wrong = || format!("window {window:?} is not understood; {cure}");
    let point = |text: &str| -> Option<usize> {
        let (h, m) = text.trim().split_once(':')?;
        let (h, m): (usize, usize) = (h.parse().ok()?, m.parse().ok()?);
        (m < 60 && m.is_multiple_of(15) && h * 60 + m <= 1440).then_some(h * 4 + m / 15)
    };
    let (from, to) = window.split_once('-').ok_or_else(wrong)?;
    let (from, to) = point(from).zip(point(to)).filter(|(f, t)| f != t && *f < QUARTERS).ok_or_else(wrong)?;
    Ok(if from < to { (from..to).collect() } else { (from..QUARTERS).chain(0..to).collect() })
}

/// The band of each quarter hour of a day, and on which dates.
#[derive(Debug, Clone)]
pub(super) struct DayTable {
    /// Index into `variants` for each date from 1990 to 2069, or [`NONE`].
    table: Vec<u16>,
    /// Dates that are holidays of the tariff's calendar.
    holiday: Vec<bool>,
    /// Distinct days.
    pub(super) variants: Vec<[u8; QUARTERS]>,
    /// Why dates have no entry: the schedules that apply, and the fault.
    faults: BTreeMap<u64, String>,
    sets: Vec<u64>,
}

impl DayTable {
    /// Resolves the schedules of every date from 1990 to 2069.
    ///
    /// # Errors
    /// When a schedule's windows or months are wrong in themselves; see also [`Self::check_validity`].
    pub(super) fn new(tariff: &Tariff) -> Result<Self> {
        check_schedules(tariff)?;
        let painted = paint_all(tariff)?;
        let calendar = match tariff.calendar {
            TariffCalendar::Weekends => Calendar::weekends(),
            TariffCalendar::Cn => Calendar::china()?,
        };
        let special: BTreeMap<Date, DayKind> = tariff.special_days.iter().map(|s| (s.date, s.kind.into())).collect();
        let n = (END.0 - FIRST.0) as usize;
        let mut out = Self {
            table: Vec::with_capacity(n),
            holiday: Vec::with_capacity(n),
            variants: Vec::new(),
            faults: BTreeMap::new(),
            sets: Vec::with_capacity(n),
        };
        let mut known: BTreeMap<u64, u16> = BTreeMap::new();
        for day in FIRST.0..END.0 {
            let date = Date(day);
            let kind = special.get(&date).copied().unwrap_or_else(|| calendar.kind(date));
            let (_, month, day) = date.ymd();
            let set = applying(tariff, MonthDay { month, day }, kind);
            let variant = *known.entry(set).or_insert_with(|| out.resolve(tariff, set, &painted));
            out.table.push(variant);
            out.holiday.push(kind == DayKind::Holiday);
            out.sets.push(set);
        }
        Ok(out)
    }

    fn resolve(&mut self, tariff: &Tariff, set: u64, painted: &[Painted]) -> u16 {
        match lay(tariff, set, painted) {
            Ok(quarters) => {
                let at = self.variants.iter().position(|v| *v == quarters).unwrap_or_else(|| {
                    self.variants.push(quarters);
                    self.variants.len() - 1
                });
                u16::try_from(at).unwrap_or(NONE)
            }
            Err(fault) => {
                self.faults.insert(set, fault);
                NONE
            }
        }
    }

    /// Every quarter hour of every date of the validity is covered exactly once.
    ///
    /// # Errors
    /// Names the schedules, the first date and the clock time at fault, and the cure.
    pub(super) fn check_validity(&self, tariff: &Tariff) -> Result<()> {
        let last = tariff.effective_to.unwrap_or(END.plus(-1));
        if tariff.effective_from < FIRST || last >= END {
            return Err(tariff.error("validity: dates from 1990-01-01 to 2069-12-31 can be given"));
        }
        for day in tariff.effective_from.0..=last.0 {
            let i = (day - FIRST.0) as usize;
            if self.table.get(i).is_none_or(|v| *v == NONE) {
                let fault = self.sets.get(i).and_then(|s| self.faults.get(s)).map_or("no schedule", String::as_str);
                return Err(tariff.error(format!("{}: {fault}", Date(day))));
            }
        }
        Ok(())
    }

    /// Index of a date's variant; `None` when no schedule describes the date.
    pub(super) fn variant(&self, date: Date) -> Option<usize> {
        let i = usize::try_from(date.0 - FIRST.0).ok()?;
        self.table.get(i).filter(|v| **v != NONE).map(|v| usize::from(*v))
    }

    /// How many of these dates, from the first on, have the first one's variant; at least 1.
    pub(super) fn same(&self, dates: &Range<Date>) -> usize {
        let index = |d: Date| usize::try_from(d.0 - FIRST.0).unwrap_or(0).min(self.table.len());
        let run = self.table.get(index(dates.start)..index(dates.end)).unwrap_or_default();
        let first = run.first();
        run.iter().position(|v| Some(v) != first).unwrap_or(run.len()).max(1)
    }

    /// Whether a date is a holiday of the tariff's calendar.
    pub(super) fn is_holiday(&self, date: Date) -> bool {
        usize::try_from(date.0 - FIRST.0).ok().and_then(|i| self.holiday.get(i)).copied().unwrap_or(false)
    }
}

fn check_schedules(tariff: &Tariff) -> Result<()> {
    if tariff.schedules.is_empty() || tariff.schedules.len() > MAX_SCHEDULES {
        let n = tariff.schedules.len();
        return Err(tariff.error(format!("{n} schedules: give 1 to {MAX_SCHEDULES} [[schedule]] tables")));
    }
    for (i, schedule) in tariff.schedules.iter().enumerate() {
        if let Some(m) = schedule.months.iter().find(|m| !(1..=12).contains(*m)) {
            return Err(tariff.error(format!("schedule {}: month {m} does not exist; use 1 to 12", i + 1)));
        }
    }
    Ok(())
}

fn paint_all(tariff: &Tariff) -> Result<Vec<Painted>> {
    let paint = |(i, s): (usize, &ScheduleSpec)| {
        s.paint(&tariff.bands).map_err(|what| tariff.error(format!("schedule {}: {what}", i + 1)))
    };
    tariff.schedules.iter().enumerate().map(paint).collect()
}

fn applying(tariff: &Tariff, day: MonthDay, kind: DayKind) -> u64 {
    let applies = |(i, s): (usize, &ScheduleSpec)| u64::from(s.applies(day, kind)) << i;
    tariff.schedules.iter().enumerate().map(applies).sum()
}

/// One base schedule, with the overlays over it; every quarter hour must end up with a band.
fn lay(tariff: &Tariff, set: u64, painted: &[Painted]) -> std::result::Result<[u8; QUARTERS], String> {
    let of = |overlay: bool| -> Vec<usize> {
        let chosen = |i: &usize| (set >> i) & 1 == 1 && tariff.schedules[*i].overlay == overlay;
        (0..tariff.schedules.len()).filter(chosen).collect()
    };
    let base = match of(false).as_slice() {
        [] => return Err("no schedule applies; widen one's months, spans or days, or add one".into()),
        [one] => *one,
        [a, b, ..] => {
            let cure = "part their months, spans or days, or set overlay = true in the one that lies over the other";
            return Err(format!("schedules {} and {} both apply; {cure}", a + 1, b + 1));
        }
    };
    let mut top: Painted = [None; QUARTERS];
    for i in of(true) {
        for (q, band) in painted[i].iter().enumerate().filter(|(_, b)| b.is_some()) {
            if top[q].is_some() && top[q] != *band {
                return Err(format!("two overlays differ at {} (schedule {}); part their windows", clock(q), i + 1));
            }
            top[q] = *band;
        }
    }
    let mut out = [0; QUARTERS];
    for (q, cell) in out.iter_mut().enumerate() {
        *cell = top[q]
            .or(painted[base][q])
            .ok_or_else(|| format!("schedule {}: no band covers {}; add that time to a window", base + 1, clock(q)))?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariff::testkit::{TWO_BANDS, parse};

    fn table(schedules: &str) -> std::result::Result<(Tariff, DayTable), String> {
        let tariff = parse(&format!("{TWO_BANDS}{schedules}")).map_err(|e| e.to_string())?;
        let table = DayTable::new(&tariff).map_err(|e| e.to_string())?;
        Ok((tariff, table))
    }

    fn day(table: &DayTable, date: &str) -> String {
        let date: Date = date.parse().unwrap();
        let quarters = table.variants[table.variant(date).unwrap()];
        quarters.iter().step_by(4).map(|b| char::from(b'0' + b)).collect()
    }

    #[test]
    fn windows_cross_midnight_and_half_hours() {
        assert_eq!(quarters("22:30-06:15").map(|q| (q[0], q.len())), Ok((90, 31)));
        assert_eq!(quarters("00:00-24:00").map(|q| q.len()), Ok(96));
        for wrong in ["7:10-8:00", "08:00-08:00", "24:00-06:00", "8-9", "25:00-26:00", "", "99999999999:00-1:00"] {
            assert!(quarters(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_gap_names_schedule_day_and_clock() {
        let e = table("[[schedule]]\nwindows = { high = [\"08:00-22:00\"], low = [\"22:00-07:30\"] }\n").unwrap_err();
        assert!(e.contains("2020-01-01: schedule 1: no band covers 07:30; add that time to a window"), "{e}");
    }

    #[test]
    fn an_overlap_names_both_bands() {
        let e = table("[[schedule]]\nwindows = { high = [\"08:00-22:00\"], low = [\"21:45-08:00\"] }\n").unwrap_err();
        assert!(e.contains("schedule 1: high and low overlap at 21:45"), "{e}");
    }

    #[test]
    fn priority_resolves_flat_below_peak() -> std::result::Result<(), String> {
        let (_, t) = table(
            "[[schedule]]\ncover = \"priority\"\nwindows = { high = [\"08:00-22:00\"], low = [\"00:00-24:00\"] }\n",
        )?;
        assert_eq!(day(&t, "2026-03-01"), "111111110000000000000011");
        Ok(())
    }

    #[test]
    fn spans_cross_the_year_and_overlays_lie_on_holidays() -> std::result::Result<(), String> {
        let (_, t) = table(
            r#"
[[schedule]]
spans = [{ from = "12-15", to = "01-31" }]
windows = { high = ["00:00-24:00"] }
[[schedule]]
spans = [{ from = "02-01", to = "12-14" }]
windows = { low = ["00:00-24:00"] }
[[schedule]]
overlay = true
days = ["holiday"]
windows = { high = ["09:00-15:00"] }
"#,
        )?;
        assert_eq!(day(&t, "2025-12-15"), "0".repeat(24));
        assert_eq!(day(&t, "2026-01-31"), "0".repeat(24));
        assert_eq!(day(&t, "2026-02-01"), "1".repeat(24));
        assert_eq!(day(&t, "2026-10-01"), "111111111000000111111111", "National Day of the file's calendar");
        assert_eq!(t.variants.len(), 3);
        Ok(())
    }

    #[test]
    fn two_base_schedules_on_a_day_are_refused() {
        let all = "[[schedule]]\nwindows = { low = [\"00:00-24:00\"] }\n";
        let e = table(&format!("{all}{all}")).unwrap_err();
        assert!(e.contains("schedules 1 and 2 both apply"), "{e}");
        let e = table("[[schedule]]\nmonths = [1, 2]\nwindows = { low = [\"00:00-24:00\"] }\n").unwrap_err();
        assert!(e.contains("2020-03-01: no schedule applies"), "{e}");
    }
}
