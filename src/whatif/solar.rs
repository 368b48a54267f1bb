//! A PV plant behind the meter.

use super::{Change, State};
use crate::curve::Load;
use crate::text::say;
use crate::time::Date;
use crate::units::Kwh;
use std::f64::consts::TAU;

/// Days of the year of the yield.
const YEAR_DAYS: i32 = 365;
/// Days from 1970 to the epoch of the almanac's formulas, 2000-01-01 12:00 UT.
const EPOCH: i32 = 10_957;

/// The sun's declination in radians at noon of a date, from the low-precision formulas of the Astronomical Almanac
/// (Michalsky 1988: within 0.01°). The single sine of Cooper 1969 errs by up to 0.9°, which near a limit of the
/// tariff moves a month across.
fn declination(date: Date) -> f64 {
    let n = f64::from(date.0 - EPOCH);
    let anomaly = (357.528 + 0.985_600_3 * n).to_radians();
    let longitude = 280.460 + 0.985_647_4 * n + 1.915 * anomaly.sin() + 0.020 * (2.0 * anomaly).sin();
    ((23.439 - 4e-7 * n).to_radians().sin() * longitude.to_radians().sin()).asin()
}

/// Covers part of the load by the sun: a course that follows the sine of the sun's height, with its
/// highest point at noon, scaled to the yearly yield. Nothing is fed in. The day of each cycle's
/// maximum has no sun, so that no fall of the maximum is claimed; reactive power stays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Solar {
    /// Yield in an average year.
    pub yearly: Kwh,
    /// Latitude in degrees.
    pub latitude: f64,
    /// The sun of so many days comes on one of them; 1 for a sun that is the same every day.
    pub one_of: usize,
}

impl Solar {
    /// kW by interval, of every day.
    #[must_use]
    pub fn course(&self, load: &Load) -> Vec<f64> {
        let (slots, hours) = (load.interval().slots(), load.interval().hours());
        let latitude = self.latitude.to_radians();
        let angle = |s: usize| TAU * ((s as f64 + 0.5) / slots as f64 - 0.5);
        let cosines: Vec<f64> = (0..slots).map(|s| angle(s).cos()).collect();
        let day = |date: Date| {
            let declination = declination(date);
            let (a, b) = (latitude.sin() * declination.sin(), latitude.cos() * declination.cos());
            cosines.iter().map(move |c| (a + b * c).max(0.0))
        };
        let first = load.date(0);
        let yearly: f64 = (0..YEAR_DAYS).map(|n| day(first.plus(n)).sum::<f64>()).sum::<f64>() * hours;
        let scale = if yearly > 0.0 { self.one_of.max(1) as f64 * self.yearly.get() / yearly } else { 0.0 };
        let mut out = vec![0.0; load.kw().len()];
        for d in 0..load.days().len() {
            if !d.is_multiple_of(self.one_of.max(1)) {
                continue;
            }
            let course: Vec<f64> = day(load.date(d)).collect();
            let range = load.days().range(d);
            for (k, v) in out.get_mut(range).unwrap_or_default().iter_mut().enumerate() {
                *v = scale * course.get(load.days().slot(d, k)).copied().unwrap_or(0.0);
            }
        }
        out
    }
}

impl Change for Solar {
    fn apply(&self, state: &State) -> State {
        let load = state.load();
        let mut sun = self.course(load);
        for cycle in state.cycles() {
            if let Some((_, at)) = load.max_kw(load.range_of_days(cycle.days.clone())) {
                let dark = load.days().range(load.days().day_at(at));
                sun.get_mut(dark).unwrap_or_default().fill(0.0);
            }
        }
        let kw = load.kw().iter().zip(&sun).map(|(v, s)| if *v > 0.0 { (v - s).max(0.0) } else { *v }).collect();
        state.with_kw(kw)
    }

    fn describe(&self) -> String {
        say("change.solar", &[("kwh", &format_args!("{:.0}", self.yearly.get()))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::fixture::flat_year;

    #[test]
    fn the_course_yields_what_is_said_and_stands_highest_at_noon_in_june() {
        let state = flat_year(1000.0).state();
        let sun = Solar { yearly: Kwh::new(100_000.0), latitude: 31.0, one_of: 1 }.course(state.load());
        let yearly: f64 = sun.iter().sum::<f64>() / 4.0;
        assert!((yearly - 100_000.0).abs() < 1.0, "{yearly}");
        let day = |d: usize| &sun[d * 96..(d + 1) * 96];
        assert!((day(171)[47] - day(171)[48]).abs() < 1e-9, "noon lies between them");
        assert!(day(171).iter().all(|v| *v <= day(171)[48] + 1e-9) && day(171)[48] > day(354)[48]);
        assert_eq!(day(171)[0], 0.0);
    }

    /// Solstices and equinoxes of 2025 (tables of the almanac): the instants fall within a day of noon.
    #[test]
    fn the_declination_is_that_of_the_almanac() {
        for (month, day, degrees) in [(3, 20, 0.0), (6, 21, 23.44), (9, 22, 0.0), (12, 21, -23.44)] {
            let found = declination(Date::from_ymd(2025, month, day).unwrap()).to_degrees();
            assert!((found - degrees).abs() < 0.3, "{month}-{day}: {found}");
        }
    }

    #[test]
    fn a_sun_of_two_days_on_one_of_them_yields_as_much_and_is_used_less() {
        let (even, patchy) = [1, 2].map(|one_of| Solar { yearly: Kwh::new(200_000.0), latitude: 31.0, one_of }).into();
        let before = flat_year(100.0).state();
        let sum = |v: &[f64]| v.iter().sum::<f64>();
        let ratio = sum(&patchy.course(before.load())) / sum(&even.course(before.load()));
        assert!((ratio - 1.0).abs() < 0.01, "{ratio}");
        let used = |sun: Solar| sum(before.load().kw()) - sum(sun.apply(&before).load().kw());
        assert!(used(patchy) < 0.9 * used(even), "{} of {}", used(patchy), used(even));
    }

    #[test]
    fn no_fall_of_the_maximum_is_claimed_and_nothing_fed_in() {
        let before = flat_year(50.0).state();
        let after = Solar { yearly: Kwh::new(200_000.0), latitude: 31.0, one_of: 1 }.apply(&before);
        for cycle in before.cycles() {
            let max = |s: &State| s.load().max_kw(s.load().range_of_days(cycle.days.clone())).map(|m| m.0);
            assert_eq!(max(&before), max(&after));
        }
        assert!(after.load().kw().iter().all(|v| *v >= 0.0));
    }
}
