//! How a customer works, in plain words, from its typical days: a rule for each word, asked in order.

use super::facts::{HOURS, TypicalHours};
use super::settings::{Hours, PatternLimits};
use crate::analysis::Analysis;
use crate::customer::Sector;
use crate::time::DayKind;
use crate::units::Kwh;
use serde::Serialize;

/// A way of working.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// Day and night, working day or not.
    Continuous,
    /// Three shifts.
    ThreeShifts,
    /// Two shifts.
    TwoShifts,
    /// One shift.
    OneShift,
    /// The day of shops, offices and schools.
    Commercial,
    /// More by night than by day.
    NightHeavy,
    /// A part of the year.
    Seasonal,
    /// Now and then.
    Intermittent,
    /// Own generation covers much of the noon.
    Pv,
    /// Too little data to say.
    Unknown,
}

impl Pattern {
    /// All, in the order of tables.
    pub const ALL: [Self; 10] = [
        Self::Continuous,
        Self::ThreeShifts,
        Self::TwoShifts,
        Self::OneShift,
        Self::Commercial,
        Self::NightHeavy,
        Self::Seasonal,
        Self::Intermittent,
        Self::Pv,
        Self::Unknown,
    ];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Continuous => "continuous",
            Self::ThreeShifts => "three_shifts",
            Self::TwoShifts => "two_shifts",
            Self::OneShift => "one_shift",
            Self::Commercial => "commercial",
            Self::NightHeavy => "night_heavy",
            Self::Seasonal => "seasonal",
            Self::Intermittent => "intermittent",
            Self::Pv => "pv",
            Self::Unknown => "unknown",
        }
    }

    /// The pattern of an analysed load.
    #[must_use]
    pub fn of(a: &Analysis, typical: &TypicalHours, limits: &PatternLimits) -> Self {
        let Some(work) = typical.mean(&[DayKind::Workday]) else { return Self::Unknown };
        let rest = typical.mean(&[DayKind::Restday]).map(|r| ratio(mean(&r, WHOLE_DAY), mean(&work, WHOLE_DAY)));
        let kwh = |k: Option<Kwh>| k.map(Kwh::get);
        if generates(kwh(a.totals.kwh_export).zip(kwh(a.totals.kwh)), &work, limits) {
            return Self::Pv;
        }
        let whole = a.monthly.iter().filter(|m| !m.cycle.partial);
        let a_day = whole.filter_map(|m| Some(kwh(m.totals.kwh)? / m.cycle.days.len().max(1) as f64));
        if season(&a_day.collect::<Vec<f64>>(), limits) > limits.season_ratio {
            return Self::Seasonal;
        }
        let days = a.daily.iter().filter(|d| d.day_kind == DayKind::Workday);
        if idle(&mut days.filter_map(|d| kwh(d.totals.kwh)).collect::<Vec<f64>>(), limits) > limits.idle_days {
            return Self::Intermittent;
        }
        let commercial = a.customer.sector == Some(Sector::Commercial);
        by_shape(&work, (rest.unwrap_or(1.0), commercial), limits)
    }
}

/// The pattern of a working day's shape, with rest day over working day and whether the sector is commercial.
fn by_shape(work: &[f64; HOURS], (rest, commercial): (f64, bool), limits: &PatternLimits) -> Pattern {
    let (low, high) = work.iter().fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(*v), h.max(*v)));
    if high <= 0.0 {
        return Pattern::Unknown;
    }
    if ratio(mean(work, limits.night_hours), mean(work, limits.day_hours)) > limits.night_ratio {
        return Pattern::NightHeavy;
    }
    if low / high >= limits.flat {
        return if rest >= limits.no_rest { Pattern::Continuous } else { Pattern::ThreeShifts };
    }
    if low / high >= limits.never_off && rest >= limits.no_rest {
        return Pattern::Continuous;
    }
    let worked = work.iter().filter(|v| **v > low + limits.worked * (high - low)).count();
    match worked {
        _ if commercial || rest >= limits.open_on_rest_days => Pattern::Commercial,
        n if n >= limits.three_shift_hours => Pattern::ThreeShifts,
        n if n >= limits.two_shift_hours => Pattern::TwoShifts,
        _ => Pattern::OneShift,
    }
}

/// Export beside import, or a noon well below the morning and the afternoon around it.
fn generates(export_import: Option<(f64, f64)>, work: &[f64; HOURS], limits: &PatternLimits) -> bool {
    let export = export_import.is_some_and(|(e, i)| ratio(e, i) > limits.pv_export);
    let [before, after] = limits.around_noon_hours.map(|hours| mean(work, hours));
    let around = before.min(after);
    export || (around > 0.0 && mean(work, limits.noon_hours) < limits.pv_noon * around)
}

/// The greatest successive months over the least, by what each uses a day; 1 where that says nothing.
fn season(months_kwh: &[f64], limits: &PatternLimits) -> f64 {
    let spans = months_kwh.windows(limits.season_months.max(1)).map(|w| w.iter().sum::<f64>());
    let (low, high) = spans.fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(v), h.max(v)));
    if low > 0.0 { high / low } else { 1.0 }
}

/// Share of working days that stand still.
fn idle(days_kwh: &mut [f64], limits: &PatternLimits) -> f64 {
    let n = days_kwh.len().max(1) as f64;
    let median = crate::curve::percentile::percentile(days_kwh, 0.5).unwrap_or(0.0);
    days_kwh.iter().filter(|d| **d < limits.idle_share * median).count() as f64 / n
}

/// All hours.
const WHOLE_DAY: Hours = [0, HOURS];

fn mean(hours: &[f64; HOURS], [from, to]: Hours) -> f64 {
    let n = if from < to { to - from } else { HOURS + to - from };
    let of = hours.iter().cycle().skip(from).take(n);
    of.sum::<f64>() / n.max(1) as f64
}

fn ratio(a: f64, b: f64) -> f64 {
    if b.abs() > 0.0 { a / b } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(on: std::ops::Range<usize>, base: f64) -> [f64; HOURS] {
        std::array::from_fn(|h| if on.contains(&h) { 1.0 } else { base })
    }

    fn named(work: &[f64; HOURS], rest: f64, commercial: bool) -> Pattern {
        by_shape(work, (rest, commercial), &PatternLimits::default())
    }

    #[test]
    fn shapes_have_their_words() {
        assert_eq!(named(&day(8..17, 0.1), 0.2, false), Pattern::OneShift);
        assert_eq!(named(&day(6..22, 0.1), 0.2, false), Pattern::TwoShifts);
        assert_eq!(named(&day(0..23, 0.4), 0.2, false), Pattern::ThreeShifts);
        assert_eq!(named(&day(0..24, 1.0), 0.3, false), Pattern::ThreeShifts);
        assert_eq!(named(&day(0..24, 1.0), 0.99, false), Pattern::Continuous);
        assert_eq!(named(&day(8..18, 0.6), 0.95, false), Pattern::Continuous, "a hospital");
        assert_eq!(named(&day(9..21, 0.2), 1.1, false), Pattern::Commercial, "open on rest days");
        assert_eq!(named(&day(8..18, 0.2), 0.3, true), Pattern::Commercial, "an office");
        let night = std::array::from_fn(|h| if !(7..22).contains(&h) { 1.0 } else { 0.3 });
        assert_eq!(named(&night, 0.9, false), Pattern::NightHeavy);
        assert_eq!(named(&[0.0; HOURS], 1.0, false), Pattern::Unknown);
    }

    #[test]
    fn hours_go_over_midnight() {
        let hours = std::array::from_fn(|h| h as f64);
        assert_eq!(mean(&hours, [22, 6]), (22 + 23 + (1 + 2 + 3 + 4 + 5)) as f64 / 8.0);
        assert_eq!((mean(&hours, [8, 20]), mean(&hours, WHOLE_DAY)), (13.5, 11.5));
    }

    /// Each limit, set otherwise, changes a word.
    #[test]
    fn every_limit_decides_a_word() {
        let base = PatternLimits::default();
        let shape = |limits: PatternLimits, work: &[f64; HOURS], rest: f64| {
            let usual = by_shape(work, (rest, false), &base);
            assert_ne!(by_shape(work, (rest, false), &limits), usual, "{limits:?} of {usual:?}");
        };
        let (one, hospital, shop) = (day(8..17, 0.1), day(8..18, 0.6), day(9..21, 0.2));
        shape(PatternLimits { two_shift_hours: 9, ..base }, &one, 0.2);
        shape(PatternLimits { three_shift_hours: 9, ..base }, &one, 0.2);
        shape(PatternLimits { never_off: 0.7, ..base }, &hospital, 0.95);
        shape(PatternLimits { no_rest: 0.96, ..base }, &hospital, 0.95);
        shape(PatternLimits { flat: 0.5, ..base }, &hospital, 0.5);
        shape(PatternLimits { open_on_rest_days: 1.2, ..base }, &shop, 1.1);
        // A lunch break at half load.
        let broken = std::array::from_fn(|h| if h == 12 { 0.5 } else { day(6..19, 0.1)[h] });
        shape(PatternLimits { worked: 0.4, ..base }, &broken, 0.2);
        let late: [f64; HOURS] = day(18..24, 0.3);
        shape(PatternLimits { night_hours: [18, 24], ..base }, &late, 0.2);
        shape(PatternLimits { night_ratio: 0.9, ..base }, &late, 0.2);
        shape(PatternLimits { day_hours: [8, 12], night_ratio: 1.5, ..base }, &late, 0.2);
        let cloudy = std::array::from_fn(|h| if (11..14).contains(&h) { 0.5 } else { day(6..19, 0.1)[h] });
        let pv = |limits: PatternLimits| generates(Some((0.5, 100.0)), &cloudy, &limits);
        assert!(pv(base));
        assert!(!pv(PatternLimits { pv_noon: 0.4, ..base }) && !pv(PatternLimits { noon_hours: [9, 11], ..base }));
        assert!(!pv(PatternLimits { around_noon_hours: [[0, 5], [20, 23]], ..base }));
        assert!(pv(PatternLimits { pv_noon: 0.4, pv_export: 0.004, ..base }));
        let months = [1.0, 1.0, 4.0, 4.0, 4.0, 1.0];
        assert_eq!(season(&months, &base), 2.0);
        assert_eq!(season(&months, &PatternLimits { season_months: 1, ..base }), 4.0);
        let days = || [1.0, 1.0, 0.3, 1.0, 0.1];
        assert_eq!(idle(&mut days(), &base), 0.2);
        assert_eq!(idle(&mut days(), &PatternLimits { idle_share: 0.4, ..base }), 0.4);
    }
}
