//! The course of the sun over a year at a latitude (Bourges 1985), for what a PV plant yields.

use crate::synth::axis::Axis;
use crate::time::Date;
use std::f64::consts::TAU;

/// Days of the year of the yield.
const YEAR_DAYS: i32 = 365;

/// Days of a tropical year, and the year of the first equinox in the formula.
const TROPICAL_DAYS: f64 = 365.2422;
const FIRST: i32 = 1969;

/// Declination in radians at noon of a date (Bourges 1985: a Fourier series from the equinox, within 0.02°).
fn declination(date: Date) -> f64 {
    let year = date.ymd().0;
    let first = Date::from_ymd(year, 1, 1).map_or(date.0, |d| d.0);
    let since = year - FIRST;
    let equinox = 78.801 + 0.2422 * f64::from(since) - f64::from(since.div_euclid(4));
    let w = TAU / TROPICAL_DAYS * (f64::from(date.0 - first) + 0.5 - equinox);
    let degrees = 0.3723 + 23.2567 * w.sin() + 0.1149 * (2.0 * w).sin() - 0.1712 * (3.0 * w).sin() - 0.758 * w.cos()
        + 0.3656 * (2.0 * w).cos()
        + 0.0201 * (3.0 * w).cos();
    degrees.to_radians()
}

/// Sine of the sun's height at a clock hour, noon at 12; 0 at night.
fn height(date: Date, hour: f64, latitude: f64) -> f64 {
    let (phi, delta) = (latitude.to_radians(), declination(date));
    (phi.sin() * delta.sin() + phi.cos() * delta.cos() * (TAU * (hour - 12.0) / 24.0).cos()).max(0.0)
}

/// Power in kW of each interval of an axis, of a plant that yields `kwh` in a year.
pub(super) fn course(axis: &Axis, kwh: f64, latitude: f64) -> Vec<f64> {
    let hours = axis.days.interval().hours();
    let hour = |slot: usize| (slot as f64 + 0.5) * hours;
    let slots = axis.days.interval().slots();
    let day = |date: Date| (0..slots).map(move |s| height(date, hour(s), latitude));
    let first = axis.dates.first().map_or(Date(0), |d| d.date);
    let year: f64 = (0..YEAR_DAYS).flat_map(|n| day(first.plus(n))).sum();
    let mut out = Vec::with_capacity(axis.slots.len());
    for (d, date) in axis.dates.iter().enumerate() {
        let kw = |i: usize| kwh / (year * hours) * height(date.date, hour(usize::from(axis.slots[i])), latitude);
        out.extend(axis.days.range(d).map(kw));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Solstices and equinoxes of 2025, and 15 April (tables of the almanac).
    #[test]
    fn the_sun_stands_where_the_almanac_has_it() {
        let on = |month, day| Date::from_ymd(2025, month, day).unwrap();
        for (month, day, degrees) in [(6, 21, 23.44), (12, 21, -23.44), (3, 20, 0.0), (9, 22, 0.0), (4, 15, 9.9)] {
            let found = declination(on(month, day)).to_degrees();
            assert!((found - degrees).abs() < 0.3, "{month}-{day}: {found}");
        }
        assert!((height(on(6, 21), 12.0, 31.0).asin().to_degrees() - (90.0 - 31.0 + 23.44)).abs() < 0.1);
        assert_eq!(height(on(12, 21), 5.0, 31.0), 0.0);
    }
}
