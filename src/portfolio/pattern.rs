//! How a customer works, in plain words, from its typical days: a rule for each word, asked in order.

use super::facts::{HOURS, TypicalHours};
use super::settings::{Hours, PatternLimits};
use crate::analysis::Analysis;
use crate::curve::percentile::percentile;
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
        Behaviour::of(a, typical).map_or(Self::Unknown, |b| b.pattern(limits))
    }
}

/// kW by hour.
type Profile = [f64; HOURS];

/// What a pattern is told from.
struct Behaviour {
    /// The mean working day.
    work: Profile,
    /// The mean rest day.
    rest: Option<Profile>,
    /// Energy fed back and drawn.
    export_import: Option<(f64, f64)>,
    /// Energy a day of each whole month.
    months: Vec<f64>,
    /// Energy of each working day.
    days: Vec<f64>,
    /// Whether the sector is commercial.
    commercial: bool,
}

impl Behaviour {
    /// `None` without a working day.
    fn of(a: &Analysis, typical: &TypicalHours) -> Option<Self> {
        let work = typical.mean(&[DayKind::Workday])?;
        let kwh = |k: Option<Kwh>| k.map(Kwh::get);
        let whole = a.monthly.iter().filter(|m| !m.cycle.partial);
        let days = a.daily.iter().filter(|d| d.day_kind == DayKind::Workday);
        Some(Self {
            work,
            rest: typical.mean(&[DayKind::Restday]),
            export_import: kwh(a.totals.kwh_export).zip(kwh(a.totals.kwh)),
            months: whole.filter_map(|m| Some(kwh(m.totals.kwh)? / m.cycle.days.len().max(1) as f64)).collect(),
            days: days.filter_map(|d| kwh(d.totals.kwh)).collect(),
            commercial: a.customer.sector == Some(Sector::Commercial),
        })
    }

    fn pattern(&self, limits: &PatternLimits) -> Pattern {
        if generates(self.export_import, (&self.work, self.rest.as_ref()), limits) {
            Pattern::Pv
        } else if season(&self.months, limits) > limits.season_ratio {
            Pattern::Seasonal
        } else if idle(&self.days, limits) > limits.idle_days {
            Pattern::Intermittent
        } else {
            by_shape(&self.work, (self.rest.as_ref(), self.commercial), limits)
        }
    }
}

/// The pattern of a working day's shape, with the rest day and whether the sector is commercial.
fn by_shape(work: &Profile, (rest_day, commercial): (Option<&Profile>, bool), limits: &PatternLimits) -> Pattern {
    let rest = rest_day.map_or(1.0, |r| ratio(mean(r, WHOLE_DAY), mean(work, WHOLE_DAY)));
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
    let at_work = |kw: f64| kw > low + limits.worked * (high - low);
    let worked = work.iter().filter(|v| at_work(**v)).count();
    // Of these hours alone: what runs all day and night opens nothing.
    let open = |rest: &Profile| work.iter().zip(rest).filter(|(w, r)| at_work(**w) && at_work(**r)).count();
    let opens = rest_day.is_some_and(|r| open(r) as f64 >= limits.open_on_rest_days * worked as f64);
    match worked {
        _ if commercial || opens => Pattern::Commercial,
        n if n >= limits.three_shift_hours => Pattern::ThreeShifts,
        n if n >= limits.two_shift_hours => Pattern::TwoShifts,
        _ => Pattern::OneShift,
    }
}

/// Export beside import, or a noon well below the morning and the afternoon around it, on rest days, too: a break or
/// dear hours stop work at noon, but on working days alone.
fn generates(
    export_import: Option<(f64, f64)>,
    (work, rest): (&Profile, Option<&Profile>),
    limits: &PatternLimits,
) -> bool {
    let export = export_import.is_some_and(|(e, i)| e > limits.pv_export * i);
    let dips = |day: &Profile| {
        let [before, after] = limits.around_noon_hours.map(|hours| mean(day, hours));
        let around = before.min(after);
        around > 0.0 && mean(day, limits.noon_hours) < limits.pv_noon * around
    };
    export || (dips(work) && rest.is_some_and(dips))
}

/// The greatest successive months over the least, by what each uses a day: infinite where those stand still, 1
/// where that says nothing.
fn season(months_kwh: &[f64], limits: &PatternLimits) -> f64 {
    let spans = months_kwh.windows(limits.season_months.max(1)).map(|w| w.iter().sum::<f64>());
    let (low, high) = spans.fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(v), h.max(v)));
    if high > 0.0 { high / low.max(0.0) } else { 1.0 }
}

/// Share of working days that stand still beside a busy one: the median of those above the mean, because most
/// days may stand still.
fn idle(days_kwh: &[f64], limits: &PatternLimits) -> f64 {
    let n = days_kwh.len().max(1) as f64;
    let mean = days_kwh.iter().sum::<f64>() / n;
    let mut above: Vec<f64> = days_kwh.iter().copied().filter(|d| *d >= mean).collect();
    let busy = percentile(&mut above, 0.5).unwrap_or(0.0);
    days_kwh.iter().filter(|d| **d < limits.idle_share * busy).count() as f64 / n
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

    /// A rest day with a share of the working day's load in each hour.
    fn scaled(work: &Profile, share: f64) -> Profile {
        work.map(|kw| share * kw)
    }

    fn named(work: &Profile, rest: f64, commercial: bool) -> Pattern {
        by_shape(work, (Some(&scaled(work, rest)), commercial), &PatternLimits::default())
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

    /// One shift on five days of the week, all the year.
    fn usual() -> Behaviour {
        Behaviour {
            work: day(8..17, 0.1),
            rest: Some(scaled(&day(8..17, 0.1), 0.2)),
            export_import: Some((0.0, 100.0)),
            months: vec![1.0; 12],
            days: vec![1.0; 100],
            commercial: false,
        }
    }

    fn word(b: &Behaviour) -> Pattern {
        b.pattern(&PatternLimits::default())
    }

    #[test]
    fn a_shape_has_its_word_and_the_one_next_to_it_another() {
        let word = |work: Profile, rest: f64| word(&Behaviour { work, rest: Some(scaled(&work, rest)), ..usual() });
        let night = |kw: f64| std::array::from_fn(|h| if (6..22).contains(&h) { 1.0 } else { kw });
        assert_eq!(
            (word(day(0..24, 1.0), 0.86), word(day(0..24, 1.0), 0.84)),
            (Pattern::Continuous, Pattern::ThreeShifts)
        );
        assert_eq!(
            (word(day(8..18, 0.76), 0.5), word(day(8..18, 0.74), 0.5)),
            (Pattern::ThreeShifts, Pattern::OneShift)
        );
        assert_eq!(
            (word(day(8..18, 0.51), 0.86), word(day(8..18, 0.49), 0.86)),
            (Pattern::Continuous, Pattern::Commercial)
        );
        assert_eq!(
            (word(day(2..22, 0.1), 0.2), word(day(3..22, 0.1), 0.2)),
            (Pattern::ThreeShifts, Pattern::TwoShifts)
        );
        assert_eq!((word(day(6..19, 0.1), 0.2), word(day(6..18, 0.1), 0.2)), (Pattern::TwoShifts, Pattern::OneShift));
        assert_eq!((word(night(1.21), 0.2), word(night(1.19), 0.2)), (Pattern::NightHeavy, Pattern::ThreeShifts));
    }

    #[test]
    fn a_shop_is_open_on_rest_days() {
        let of = |rest| word(&Behaviour { work: day(9..21, 0.1), rest, ..usual() });
        let open = |hours| of(Some(day(hours, 0.1)));
        assert_eq!((open(9..18), open(9..17)), (Pattern::Commercial, Pattern::OneShift));
        // The naive case: a workshop whose rest day has as much load all day and night.
        let flat = |work: Profile, kw| word(&Behaviour { work, rest: Some([kw; HOURS]), ..usual() });
        assert_eq!(flat(day(8..20, 0.61), 0.61), Pattern::OneShift);
        assert_eq!(of(None), Pattern::OneShift, "nothing is known of rest days");
    }

    #[test]
    fn the_sector_alone_makes_an_office_of_one_shift() {
        assert_eq!(word(&usual()), Pattern::OneShift);
        assert_eq!(word(&Behaviour { commercial: true, ..usual() }), Pattern::Commercial);
    }

    #[test]
    fn a_year_with_a_season_is_seasonal_even_where_the_rest_stands_still() {
        let of = |high: f64, low: f64| {
            let months = (0..12).map(|m| if (5..8).contains(&m) { high } else { low }).collect();
            word(&Behaviour { months, ..usual() })
        };
        assert_eq!((of(2.51, 1.0), of(2.49, 1.0)), (Pattern::Seasonal, Pattern::OneShift));
        assert_eq!((of(1.0, 0.0), of(0.0, 0.0)), (Pattern::Seasonal, Pattern::OneShift));
        assert_eq!(word(&Behaviour { months: vec![9.0, 1.0], ..usual() }), Pattern::OneShift, "two months are no year");
    }

    #[test]
    fn days_that_stand_still_are_intermittent_even_where_they_are_most_days() {
        let of = |still: usize, kwh: f64| {
            let days = (0..100).map(|d| if d < still { kwh } else { 1.0 }).collect();
            word(&Behaviour { days, ..usual() })
        };
        assert_eq!(
            (of(21, 0.2), of(20, 0.2), of(21, 0.26)),
            (Pattern::Intermittent, Pattern::OneShift, Pattern::OneShift)
        );
        assert_eq!(
            (of(60, 0.0), of(60, 0.1), of(90, 0.1)),
            (Pattern::Intermittent, Pattern::Intermittent, Pattern::Intermittent)
        );
    }

    #[test]
    fn own_generation_shows_in_what_is_fed_back_or_at_noon() {
        let export = |e: f64, i: f64| word(&Behaviour { export_import: Some((e, i)), ..usual() });
        assert_eq!((export(1.1, 100.0), export(0.9, 100.0)), (Pattern::Pv, Pattern::OneShift));
        assert_eq!(export(5.0, 0.0), Pattern::Pv, "nothing is drawn");
        let dip =
            |kw: f64, around: Profile| std::array::from_fn(|h| if (11..14).contains(&h) { kw } else { around[h] });
        let noon = |kw: f64, rest| word(&Behaviour { work: dip(kw, day(6..19, 0.1)), rest, ..usual() });
        let sunny = Some(dip(0.0, [0.1; HOURS]));
        assert_eq!((noon(0.54, sunny), noon(0.56, sunny)), (Pattern::Pv, Pattern::TwoShifts));
        // The naive case: work that stops at noon or in dear hours.
        assert_eq!((noon(0.1, Some([0.1; HOURS])), noon(0.1, None)), (Pattern::OneShift, Pattern::OneShift));
    }

    #[test]
    fn hours_go_over_midnight() {
        let hours = std::array::from_fn(|h| h as f64);
        assert_eq!(mean(&hours, [22, 6]), (22.0 + 23.0 + 15.0) / 8.0);
        assert_eq!((mean(&hours, [8, 20]), mean(&hours, WHOLE_DAY)), (13.5, 11.5));
    }

    /// Each limit, set otherwise, changes a word.
    #[test]
    fn every_limit_decides_a_word() {
        let base = PatternLimits::default();
        let shape = |limits: PatternLimits, work: &Profile, rest: f64| {
            let rest = scaled(work, rest);
            let usual = by_shape(work, (Some(&rest), false), &base);
            assert_ne!(by_shape(work, (Some(&rest), false), &limits), usual, "{limits:?} of {usual:?}");
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
        let cloudy: Profile = std::array::from_fn(|h| if (11..14).contains(&h) { 0.5 } else { day(6..19, 0.1)[h] });
        let pv = |limits: PatternLimits| generates(Some((0.5, 100.0)), (&cloudy, Some(&scaled(&cloudy, 0.3))), &limits);
        assert!(pv(base));
        assert!(!pv(PatternLimits { pv_noon: 0.4, ..base }) && !pv(PatternLimits { noon_hours: [9, 11], ..base }));
        assert!(!pv(PatternLimits { around_noon_hours: [[0, 5], [20, 23]], ..base }));
        assert!(pv(PatternLimits { pv_noon: 0.4, pv_export: 0.004, ..base }));
        let months = [1.0, 1.0, 4.0, 4.0, 4.0, 1.0];
        assert_eq!(season(&months, &base), 2.0);
        assert_eq!(season(&months, &PatternLimits { season_months: 1, ..base }), 4.0);
        let days = || [1.0, 1.0, 0.3, 1.0, 0.1];
        assert_eq!(idle(&days(), &base), 0.2);
        assert_eq!(idle(&days(), &PatternLimits { idle_share: 0.4, ..base }), 0.4);
    }
}
