//! Which band holds in each quarter hour of each date.

mod spec;

pub use spec::{Cover, DayName, MonthDay, ScheduleSpec, Span, SpecialDay, SpecialKind};
pub(super) use spec::{clock, in_season};

use super::schema::{PriceSeries, Tariff, TariffCalendar};
use crate::error::{Error, Result};
use crate::text::{said, say};
use crate::time::{Calendar, Date, DayKind};
use spec::{DayFacts, Painted, lies_over};
use std::collections::{BTreeMap, BTreeSet};

/// Quarter hours in a day: the grid of every schedule.
pub(super) const QUARTERS: usize = 96;
/// Schedules of one tariff are a bit set.
const MAX_SCHEDULES: usize = 64;
/// Entry of a date that no schedule describes.
const NONE: u16 = u16::MAX;

/// The band of each quarter hour of a day, and on which dates.
#[derive(Debug, Clone)]
pub(in crate::tariff) struct DayTable {
    /// Index into `variants` for each date from 1990 to 2069, or [`NONE`].
    table: Vec<u16>,
    /// Dates that are holidays of the tariff's calendar.
    holiday: Vec<bool>,
    /// Index into the tariff's price series for each date, or [`NONE`]; empty without any.
    series: Vec<u16>,
    /// Distinct days.
    pub(in crate::tariff) variants: Vec<[u8; QUARTERS]>,
    /// Why dates have no entry: by the schedules that apply, the one at fault and the fault.
    faults: BTreeMap<u64, (usize, String)>,
    sets: Vec<u64>,
}

impl DayTable {
    /// First date of the table, 1990-01-01, as that of zones.
    pub(in crate::tariff) const FIRST: Date = Date(7_305);
    /// Date after the last of the table, 2070-01-01.
    pub(in crate::tariff) const END: Date = Date(36_525);

    /// Resolves the schedules of every date from 1990 to 2069.
    ///
    /// # Errors
    /// When a schedule's windows or months are wrong in themselves; see also [`Self::check_validity`].
    pub(in crate::tariff) fn new(tariff: &Tariff, declared: Option<&BTreeSet<Date>>) -> Result<Self> {
        if let Some(fault) = faults_of_schedules(tariff).into_iter().next() {
            return Err(fault);
        }
        let (out, doubles) = Self::resolved(tariff, declared)?;
        doubles.into_iter().next().map_or(Ok(out), Err)
    }

    /// The table, and every two price series that apply on one date.
    ///
    /// # Errors
    /// When a shipped calendar cannot be read.
    pub(in crate::tariff) fn resolved(
        tariff: &Tariff,
        declared: Option<&BTreeSet<Date>>,
    ) -> Result<(Self, Vec<Error>)> {
        let painted: Vec<Painted> = tariff.schedules.iter().map(|s| s.paint(&tariff.bands).0).collect();
        let calendar = match tariff.calendar {
            TariffCalendar::Weekends => Calendar::weekends(),
            TariffCalendar::Cn => Calendar::china()?,
        };
        let special: BTreeMap<Date, &SpecialDay> =
            tariff.special_days.iter().flat_map(|s| s.dates().map(move |d| (d, s))).collect();
        let n = (Self::END.0 - Self::FIRST.0) as usize;
        let mut out = Self {
            table: Vec::with_capacity(n),
            holiday: Vec::with_capacity(n),
            series: Vec::new(),
            variants: Vec::new(),
            faults: BTreeMap::new(),
            sets: Vec::with_capacity(n),
        };
        let mut known: BTreeMap<u64, u16> = BTreeMap::new();
        let mut doubles: BTreeMap<(usize, usize), Date> = BTreeMap::new();
        for day in Self::FIRST.0..Self::END.0 {
            let date = Date(day);
            let at = special.get(&date);
            let kind = at.map_or_else(|| calendar.kind(date), |s| s.kind.into());
            let (_, month, day) = date.ymd();
            let facts = DayFacts {
                day: MonthDay { month, day },
                kind,
                makeup: kind == DayKind::Workday && date.is_weekend(),
                weekday: date.weekday(),
                holiday: at.map_or_else(|| calendar.holiday_name(date), |s| Some(s.name.as_str())),
                declared: declared.is_some_and(|d| d.contains(&date)),
            };
            let set = applying(tariff, &facts);
            let variant = *known.entry(set).or_insert_with(|| out.resolve(tariff, set, &painted));
            out.table.push(variant);
            out.holiday.push(kind == DayKind::Holiday);
            out.sets.push(set);
            if !tariff.price_series.is_empty() {
                let (series, double) = series_of(tariff, date, &facts);
                out.series.push(series);
                if let Some(pair) = double {
                    doubles.entry(pair).or_insert(date);
                }
            }
        }
        let told = doubles.into_iter().map(|((a, b), date)| {
            let what = say("tariff.series_both", &[("date", &date), ("a", &(a + 1)), ("b", &(b + 1))]);
            tariff.error_at(&format!("price_series[{b}]"), what)
        });
        Ok((out, told.collect()))
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
    pub(in crate::tariff) fn check_validity(&self, tariff: &Tariff) -> Result<()> {
        let last = tariff.effective_to.unwrap_or(Self::END.plus(-1));
        if tariff.effective_from < Self::FIRST || last >= Self::END {
            return Err(tariff.error_at("effective_from", said("tariff.dates")));
        }
        for day in tariff.effective_from.0..=last.0 {
            let i = (day - Self::FIRST.0) as usize;
            if self.table.get(i).is_none_or(|v| *v == NONE) {
                let fault = self.sets.get(i).and_then(|s| self.faults.get(s));
                let (schedule, what) = fault.map_or((0, said("tariff.no_schedule")), |(s, what)| (*s, what.as_str()));
                return Err(tariff.error_at(&format!("schedule[{schedule}]"), format!("{}: {what}", Date(day))));
            }
        }
        self.without_series(tariff).map_or(Ok(()), Err)
    }

    /// The first date of the validity that has no price series, where the tariff has any.
    fn without_series(&self, tariff: &Tariff) -> Option<Error> {
        let last = tariff.effective_to.unwrap_or(Self::END.plus(-1)).min(Self::END.plus(-1));
        let mut days = (tariff.effective_from.max(Self::FIRST).0..=last.0).map(Date);
        let date = days.find(|d| self.entry(*d).1 == NONE).filter(|_| !tariff.price_series.is_empty())?;
        Some(tariff.error_at("price_series", say("tariff.series_gap", &[("date", &date)])))
    }

    /// Every set of schedules that leaves dates of the validity without exactly one band in each quarter
    /// hour, as an error with the first date and how many more.
    pub(in crate::tariff) fn gaps(&self, tariff: &Tariff) -> Vec<Error> {
        let last = tariff.effective_to.unwrap_or(Self::END.plus(-1)).min(Self::END.plus(-1));
        let mut dates: BTreeMap<u64, (Date, usize)> = BTreeMap::new();
        for day in tariff.effective_from.max(Self::FIRST).0..=last.0 {
            let set = self.sets.get((day - Self::FIRST.0) as usize).filter(|s| self.faults.contains_key(s));
            if let Some(set) = set {
                dates.entry(*set).or_insert((Date(day), 0)).1 += 1;
            }
        }
        let told = dates.iter().filter_map(|(set, (first, n))| {
            let (schedule, what) = self.faults.get(set)?;
            let told = match n - 1 {
                0 => format!("{first}: {what}"),
                more => say("tariff.on_dates", &[("date", first), ("n", &more), ("why", what)]),
            };
            Some(tariff.error_at(&format!("schedule[{schedule}]"), told))
        });
        told.chain(self.without_series(tariff)).collect()
    }

    /// Variant and price series of a date, as indices; both beyond the ends when it has none.
    pub(in crate::tariff) fn entry(&self, date: Date) -> (u16, u16) {
        let i = usize::try_from(date.0 - Self::FIRST.0).unwrap_or(usize::MAX);
        (self.table.get(i).copied().unwrap_or(NONE), self.series.get(i).copied().unwrap_or(NONE))
    }

    /// Whether a date is a holiday of the tariff's calendar.
    pub(in crate::tariff) fn is_holiday(&self, date: Date) -> bool {
        usize::try_from(date.0 - Self::FIRST.0).ok().and_then(|i| self.holiday.get(i)).copied().unwrap_or(false)
    }
}

/// What is wrong with each schedule by itself.
pub(in crate::tariff) fn faults_of_schedules(tariff: &Tariff) -> Vec<Error> {
    let n = tariff.schedules.len();
    if n == 0 || n > MAX_SCHEDULES {
        let what = say("tariff.n_schedules", &[("n", &n), ("most", &MAX_SCHEDULES)]);
        return vec![tariff.error_at("schedule", what)];
    }
    let mut out = Vec::new();
    for (i, schedule) in tariff.schedules.iter().enumerate() {
        for (k, month) in schedule.months.iter().enumerate().filter(|(_, m)| !(1..=12).contains(*m)) {
            let what = say("tariff.month", &[("month", month)]);
            let what = say("tariff.of_schedule", &[("n", &(i + 1)), ("why", &what)]);
            out.push(tariff.error_at(&format!("schedule[{i}].months[{k}]"), what));
        }
        let faults = schedule.paint(&tariff.bands).1.into_iter();
        out.extend(faults.map(|f| {
            tariff.error_at(
                &format!("schedule[{i}].{}", f.key),
                say("tariff.of_schedule", &[("n", &(i + 1)), ("why", &f.what)]),
            )
        }));
    }
    out
}

/// The price series of a date, and two that both apply.
fn series_of(tariff: &Tariff, date: Date, facts: &DayFacts<'_>) -> (u16, Option<(usize, usize)>) {
    let applies = |s: &PriceSeries| {
        let dated = s.from.is_none_or(|from| from <= date) && s.to.is_none_or(|to| date <= to);
        dated
            && spec::in_season(&s.months, &s.spans, facts.day)
            && (s.days.is_empty() || s.days.iter().any(|d| d.names(facts)))
    };
    let mut found = tariff.price_series.iter().enumerate().filter(|(_, s)| applies(s)).map(|(i, _)| i);
    let (first, second) = (found.next(), found.next());
    (first.and_then(|i| u16::try_from(i).ok()).unwrap_or(NONE), first.zip(second))
}

fn applying(tariff: &Tariff, day: &DayFacts<'_>) -> u64 {
    let applies = |(i, s): (usize, &ScheduleSpec)| u64::from(s.applies(day)) << i;
    tariff.schedules.iter().enumerate().map(applies).sum()
}

/// One base schedule, with the overlays over it; every quarter hour must end up with a band. A fault
/// is given with the schedule that has it.
fn lay(tariff: &Tariff, set: u64, painted: &[Painted]) -> std::result::Result<[u8; QUARTERS], (usize, String)> {
    let of = |overlay: bool| -> Vec<usize> {
        let chosen = |i: &usize| (set >> i) & 1 == 1 && tariff.schedules[*i].overlay == overlay;
        (0..tariff.schedules.len()).filter(chosen).collect()
    };
    let base = match of(false).as_slice() {
        [] => return Err((0, said("tariff.no_schedule_applies").into())),
        [one] => *one,
        [a, b, ..] => {
            return Err((*b, say("tariff.schedules_both", &[("a", &(a + 1)), ("b", &(b + 1))])));
        }
    };
    let mut top: [Option<(u8, usize)>; QUARTERS] = [None; QUARTERS];
    for i in of(true) {
        for (q, band) in painted[i].iter().enumerate().filter_map(|(q, b)| b.map(|b| (q, b))) {
            let over = |other: (u8, usize)| wins(tariff, (band, i), other);
            match top[q] {
                None => top[q] = Some((band, i)),
                Some(other) => match over(other) {
                    Some(true) => top[q] = Some((band, i)),
                    Some(false) => {}
                    None => {
                        let (a, time) = (other.1 + 1, clock(q));
                        return Err((i, say("tariff.overlays_differ", &[("a", &a), ("b", &(i + 1)), ("time", &time)])));
                    }
                },
            }
        }
    }
    let band = |q: usize| top[q].map(|t| t.0).or(painted[base][q]);
    let open: Vec<usize> = (0..QUARTERS).filter(|q| band(*q).is_none()).collect();
    if !open.is_empty() {
        let runs = open.chunk_by(|a, b| a + 1 == *b);
        let times: Vec<String> = runs.map(|r| format!("{}-{}", clock(r[0]), clock(r[r.len() - 1] + 1))).collect();
        let what = say("tariff.not_covered", &[("n", &(base + 1)), ("names", &times.join(", "))]);
        return Err((base, what));
    }
    Ok(std::array::from_fn(|q| band(q).unwrap_or_default()))
}

/// Whether the first of two overlays' bands wins; `None` when nothing orders them.
fn wins(tariff: &Tariff, a: (u8, usize), b: (u8, usize)) -> Option<bool> {
    if a.0 == b.0 {
        return Some(false);
    }
    let priority = |s: usize| tariff.schedules[s].priority;
    if priority(a.1) != priority(b.1) {
        return Some(priority(a.1) > priority(b.1));
    }
    let period = |band: u8| tariff.bands[usize::from(band)].period;
    match (lies_over(period(a.0), period(b.0)), lies_over(period(b.0), period(a.0))) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariff::testkit::{TWO_BANDS, parse};

    fn table(schedules: &str) -> std::result::Result<(Tariff, DayTable), String> {
        let tariff = parse(&format!("{TWO_BANDS}{schedules}")).map_err(|e| e.to_string())?;
        let table = DayTable::new(&tariff, None).map_err(|e| e.to_string())?;
        Ok((tariff, table))
    }

    fn day(table: &DayTable, date: &str) -> String {
        let date: Date = date.parse().unwrap();
        let quarters = table.variants[usize::from(table.entry(date).0)];
        quarters.iter().step_by(4).map(|b| char::from(b'0' + b)).collect()
    }

    #[test]
    fn a_gap_names_schedule_day_and_clock() {
        let e = table("[[schedule]]\nwindows = { high = [\"08:00-22:00\"], low = [\"22:00-07:30\"] }\n").unwrap_err();
        assert!(e.contains("2020-01-01: schedule 1: no band covers 07:30-08:00; add that time to a window"), "{e}");
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

    /// Five bands by their numbers: sharp 0, peak 1, flat 2, valley 3, deep 4.
    fn five(schedules: &str) -> std::result::Result<String, String> {
        let head = &TWO_BANDS[..TWO_BANDS.find("[[band]]").unwrap()];
        let bands = ["sharp", "peak", "flat", "valley", "deep"].map(|b| {
            format!("[[band]]\nname = \"{b}\"\nperiod = \"{b}\"\ncomponents = [{{ name = \"energy\", price = 1.0 }}]\n")
        });
        let base = "[[schedule]]\nwindows = { flat = [\"00:00-24:00\"] }\n";
        let tariff = parse(&format!("{head}{}{base}{schedules}", bands.concat())).map_err(|e| e.to_string())?;
        Ok(day(&DayTable::new(&tariff, None).map_err(|e| e.to_string())?, "2026-03-02"))
    }

    #[test]
    fn sharp_lies_over_peak_and_deep_over_valley_unless_a_priority_says_otherwise() {
        let overlay = |priority: i32, windows: &str| {
            format!("[[schedule]]\noverlay = true\npriority = {priority}\nwindows = {{ {windows} }}\n")
        };
        let sharp = overlay(0, "sharp = [\"18:00-20:00\"], deep = [\"02:00-04:00\"]");
        let peak = |priority| overlay(priority, "peak = [\"16:00-22:00\"], valley = [\"00:00-08:00\"]");
        assert_eq!(five(&format!("{sharp}{}", peak(0))).as_deref(), Ok("334433332222222211001122"));
        assert_eq!(five(&format!("{}{sharp}", peak(0))).as_deref(), Ok("334433332222222211001122"), "in either order");
        let first = five(&format!("{sharp}{}", peak(1)));
        assert_eq!(first.as_deref(), Ok("333333332222222211111122"), "the greater priority wins");
        let clash = format!("{}{}", overlay(0, "peak = [\"06:00-10:00\"]"), overlay(0, "valley = [\"08:00-12:00\"]"));
        assert!(five(&clash).is_err_and(|e| {
            e.contains("overlays 2 and 3 differ at 08:00; part their windows, or give one a greater priority")
        }));
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
