//! How a customer works, in plain words, from its typical days: a rule for each word, asked in order.

use super::facts::{HOURS, TypicalHours};
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

/// Export over import from which own generation shows. Judgement.
const PV_EXPORT: f64 = 0.01;
/// Noon below this share of the hours before and after it, which work: own generation. Judgement.
const PV_NOON: f64 = 0.55;
/// Least and greatest three successive months: beyond this ratio the year has a season. Judgement.
const SEASONAL_RATIO: f64 = 2.5;
/// A working day below this share of the median stands still. Judgement.
const IDLE_SHARE: f64 = 0.25;
/// Share of working days that stand still from which work is intermittent. Judgement.
const IDLE_DAYS: f64 = 0.20;
/// Night over day from which the night is heavy. Judgement.
const NIGHT_RATIO: f64 = 1.2;
/// Least over greatest hour of a day without a pause. Judgement.
const FLAT: f64 = 0.75;
/// The same for loads that do not rest at weekends either: hospitals, cold stores. Judgement.
const NEVER_OFF: f64 = 0.5;
/// Rest day over working day from which rest days are no rest. Judgement.
const NO_REST: f64 = 0.85;
/// The same for shops, which open on rest days but not at night. Judgement.
const OPEN_ON_RESTDAYS: f64 = 0.75;
/// Hours above the middle of the day's range: more are three shifts, two shifts, else one. Judgement: a
/// shift has 8 h, its ends and breaks apart.
const SHIFT_HOURS: [usize; 2] = [20, 13];

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
    pub fn of(a: &Analysis, typical: &TypicalHours) -> Self {
        let Some(work) = typical.mean(&[DayKind::Workday]) else { return Self::Unknown };
        let rest = typical.mean(&[DayKind::Restday]).map(|r| ratio(mean(&r, 0..HOURS), mean(&work, 0..HOURS)));
        if generates(a, &work) {
            return Self::Pv;
        }
        let months = MonthlySwing::of(a);
        if months.ratio > SEASONAL_RATIO {
            return Self::Seasonal;
        }
        if months.idle_days > IDLE_DAYS {
            return Self::Intermittent;
        }
        let commercial = a.customer.sector == Some(Sector::Commercial);
        by_shape(&work, rest.unwrap_or(1.0), commercial)
    }
}

/// The pattern of a working day's shape; `rest` is rest day over working day.
fn by_shape(work: &[f64; HOURS], rest: f64, commercial: bool) -> Pattern {
    let (low, high) = work.iter().fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(*v), h.max(*v)));
    if high <= 0.0 {
        return Pattern::Unknown;
    }
    let night = [22, 23, 0, 1, 2, 3, 4, 5].map(|h| work[h]);
    let night = night.iter().sum::<f64>() / night.len() as f64;
    if ratio(night, mean(work, 8..20)) > NIGHT_RATIO {
        return Pattern::NightHeavy;
    }
    if low / high >= FLAT {
        return if rest >= NO_REST { Pattern::Continuous } else { Pattern::ThreeShifts };
    }
    if low / high >= NEVER_OFF && rest >= NO_REST {
        return Pattern::Continuous;
    }
    let above = work.iter().filter(|v| **v > low + 0.5 * (high - low)).count();
    match above {
        _ if commercial || rest >= OPEN_ON_RESTDAYS => Pattern::Commercial,
        n if n >= SHIFT_HOURS[0] => Pattern::ThreeShifts,
        n if n >= SHIFT_HOURS[1] => Pattern::TwoShifts,
        _ => Pattern::OneShift,
    }
}

/// Export, or a noon well below the morning and the afternoon around it.
fn generates(a: &Analysis, work: &[f64; HOURS]) -> bool {
    let t = &a.totals;
    let export = t.kwh_export.zip(t.kwh).is_some_and(|(e, i)| ratio(e.get(), i.get()) > PV_EXPORT);
    let around = mean(work, 7..9).min(mean(work, 16..18));
    export || (around > 0.0 && mean(work, 11..14) < PV_NOON * around)
}

/// How the months and working days of a year differ.
struct MonthlySwing {
    ratio: f64,
    idle_days: f64,
}

impl MonthlySwing {
    fn of(a: &Analysis) -> Self {
        let a_day: Vec<f64> = a
            .monthly
            .iter()
            .filter(|m| !m.cycle.partial)
            .filter_map(|m| m.totals.kwh.map(|k| k.get() / m.cycle.days.len().max(1) as f64))
            .collect();
        let quarters = || a_day.windows(3).map(|w| w.iter().sum::<f64>());
        let (low, high) = quarters().fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(v), h.max(v)));
        let mut days: Vec<f64> = a
            .daily
            .iter()
            .filter(|d| d.day_kind == DayKind::Workday)
            .filter_map(|d| d.totals.kwh.map(Kwh::get))
            .collect();
        let n = days.len().max(1) as f64;
        let median = crate::curve::percentile::percentile(&mut days, 0.5).unwrap_or(0.0);
        let idle = days.iter().filter(|d| **d < IDLE_SHARE * median).count() as f64;
        Self { ratio: if low > 0.0 { high / low } else { 1.0 }, idle_days: idle / n }
    }
}

fn mean(hours: &[f64; HOURS], range: std::ops::Range<usize>) -> f64 {
    let n = range.len().max(1) as f64;
    hours.get(range).unwrap_or(&[]).iter().sum::<f64>() / n
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

    #[test]
    fn shapes_have_their_words() {
        assert_eq!(by_shape(&day(8..17, 0.1), 0.2, false), Pattern::OneShift);
        assert_eq!(by_shape(&day(6..22, 0.1), 0.2, false), Pattern::TwoShifts);
        assert_eq!(by_shape(&day(0..23, 0.4), 0.2, false), Pattern::ThreeShifts);
        assert_eq!(by_shape(&day(0..24, 1.0), 0.3, false), Pattern::ThreeShifts);
        assert_eq!(by_shape(&day(0..24, 1.0), 0.99, false), Pattern::Continuous);
        assert_eq!(by_shape(&day(8..18, 0.6), 0.95, false), Pattern::Continuous, "a hospital");
        assert_eq!(by_shape(&day(9..21, 0.2), 1.1, false), Pattern::Commercial, "open on rest days");
        assert_eq!(by_shape(&day(8..18, 0.2), 0.3, true), Pattern::Commercial, "an office");
        let night = std::array::from_fn(|h| if !(7..22).contains(&h) { 1.0 } else { 0.3 });
        assert_eq!(by_shape(&night, 0.9, false), Pattern::NightHeavy);
        assert_eq!(by_shape(&[0.0; HOURS], 1.0, false), Pattern::Unknown);
    }
}
