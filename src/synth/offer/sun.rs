//! The course of the sun over a year at a latitude (Spencer 1971), for what a PV plant yields.

use crate::synth::axis::Axis;
use crate::time::Date;
use std::f64::consts::TAU;

/// Days of the year of the yield.
const YEAR_DAYS: u16 = 365;

/// Declination in radians on the `n`-th day of a year (Spencer 1971).
fn declination(n: f64) -> f64 {
    let g = TAU * (n - 1.0) / f64::from(YEAR_DAYS);
    0.006_918 - 0.399_912 * g.cos() + 0.070_257 * g.sin() - 0.006_758 * (2.0 * g).cos() + 0.000_907 * (2.0 * g).sin()
        - 0.002_697 * (3.0 * g).cos()
        + 0.001_48 * (3.0 * g).sin()
}

/// Sine of the sun's height at a clock hour, noon at 12; 0 at night.
fn height(n: f64, hour: f64, latitude: f64) -> f64 {
    let (phi, delta) = (latitude.to_radians(), declination(n));
    (phi.sin() * delta.sin() + phi.cos() * delta.cos() * (TAU * (hour - 12.0) / 24.0).cos()).max(0.0)
}

/// Power in kW of each interval of an axis, of a plant that yields `kwh` in a year.
pub(super) fn course(axis: &Axis, kwh: f64, latitude: f64) -> Vec<f64> {
    let hours = axis.days.interval().hours();
    let hour = |slot: usize| (slot as f64 + 0.5) * hours;
    let slots = axis.days.interval().slots();
    let day = |n: f64| (0..slots).map(move |s| height(n, hour(s), latitude));
    let year: f64 = (1..=YEAR_DAYS).flat_map(|n| day(f64::from(n))).sum();
    let first = |year: i32| Date::from_ymd(year, 1, 1).map_or(0, |d| d.0);
    let mut out = Vec::with_capacity(axis.slots.len());
    for (d, date) in axis.dates.iter().enumerate() {
        let n = f64::from(date.date.0 - first(date.date.ymd().0) + 1);
        let kw = |i: usize| kwh / (year * hours) * height(n, hour(usize::from(axis.slots[i])), latitude);
        out.extend(axis.days.range(d).map(kw));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Solstices, and equinoxes within half a degree (astronomical almanac).
    #[test]
    fn the_sun_stands_where_the_almanac_has_it() {
        for (n, degrees) in [(172.0, 23.45), (355.0, -23.45), (80.0, 0.0), (266.0, 0.0)] {
            assert!((declination(n).to_degrees() - degrees).abs() < 0.5, "day {n}: {}", declination(n).to_degrees());
        }
        assert!((height(172.0, 12.0, 31.0).asin().to_degrees() - (90.0 - 31.0 + 23.45)).abs() < 0.2);
        assert_eq!(height(355.0, 5.0, 31.0), 0.0);
    }
}
