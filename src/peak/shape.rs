//! Needle or plateau.

use super::runs::Run;
use super::{NOISE_QUANTA, SEPARATION_HOURS, Shape};
use crate::curve::Load;

/// A needle lasts at most this long (judgement, common practice of demand management).
pub const NEEDLE_HOURS: f64 = 1.0;
/// A needle's prominence is at least this share of the cycle's maximum (judgement).
pub const NEEDLE_PROMINENCE: f64 = 0.10;
/// A needle's energy above the threshold is less than this many hours of the cycle's maximum
/// (judgement).
pub const NEEDLE_ENERGY_HOURS: f64 = 0.25;
/// A plateau is above the threshold for more than this many hours a day … (judgement)
pub const PLATEAU_HOURS: f64 = 4.0;
/// … on at least this share of the cycle's days (judgement).
pub const PLATEAU_DAYS: f64 = 0.30;

/// What of its cycle decides a run's shape.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Surroundings {
    /// The cycle's maximum in kW.
    pub max_kw: f64,
    /// Whether more than [`PLATEAU_HOURS`] a day are above the threshold on at least
    /// [`PLATEAU_DAYS`] of the cycle's days.
    pub plateau: bool,
    /// Register step as power in kW; a prominence under three of them is noise.
    pub quantum_kw: Option<f64>,
}

/// The shape of an episode.
#[must_use]
pub fn shape(load: &Load, run: &Run, cycle: Surroundings) -> Shape {
    let hours = load.interval().hours();
    let short = run.span.len() as f64 * hours <= NEEDLE_HOURS;
    let little = run.above_kw * hours < NEEDLE_ENERGY_HOURS * cycle.max_kw;
    let noise_kw = cycle.quantum_kw.map_or(0.0, |q| NOISE_QUANTA * q);
    let sharp = short
        && little
        && prominence(load, run.max.1).is_some_and(|p| p >= NEEDLE_PROMINENCE * cycle.max_kw && p >= noise_kw);
    match (sharp, cycle.plateau) {
        (true, _) => Shape::Needle,
        (false, true) => Shape::Plateau,
        (false, false) => Shape::Other,
    }
}

/// Prominence in kW of an interval within 2 h on either side: its height over the higher of the two
/// lowest points that lie on each side before a higher value (`scipy.signal.peak_prominences` with
/// `wlen` of 4 h). Intervals that are not valid are passed over; `None` when no side has a reading.
#[must_use]
pub fn prominence(load: &Load, at: usize) -> Option<f64> {
    let reach = (SEPARATION_HOURS / load.interval().hours()) as usize;
    let top = *load.kw().get(at)?;
    let left = lowest(load, top, (at.saturating_sub(reach)..at).rev());
    let right = lowest(load, top, at + 1..(at + 1 + reach).min(load.kw().len()));
    let base = match (left, right) {
        (Some(l), Some(r)) => l.max(r),
        (l, r) => l.or(r)?,
    };
    Some(top - base)
}

/// The lowest of some intervals, up to the first that is higher than `top`; `None` without a valid one.
fn lowest(load: &Load, top: f64, side: impl Iterator<Item = usize>) -> Option<f64> {
    let valid = side.filter(|i| load.is_valid(*i)).map(|i| load.kw()[i]);
    valid.take_while(|kw| *kw <= top).reduce(|a, b| if b < a { b } else { a })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::testing;
    use crate::peak::runs::runs_above;

    const CYCLE: Surroundings = Surroundings { max_kw: 100.0, plateau: false, quantum_kw: None };

    fn shape_of(kw: &[f64], cycle: Surroundings) -> Vec<Shape> {
        let load = testing::load(15, &[kw]);
        runs_above(&load, 0..kw.len(), 90.0, true).iter().map(|r| shape(&load, r, cycle)).collect()
    }

    #[test]
    fn a_quarter_hour_far_above_its_surroundings_is_a_needle() {
        let mut kw = [80.0; 96];
        kw[40] = 100.0;
        assert_eq!(shape_of(&kw, CYCLE), [Shape::Needle]);
        let plateau = Surroundings { plateau: true, ..CYCLE };
        assert_eq!(shape_of(&kw, plateau), [Shape::Needle], "also where the cycle has plateaus");
        let coarse = Surroundings { quantum_kw: Some(7.0), ..CYCLE };
        assert_eq!(shape_of(&kw, coarse), [Shape::Other], "20 kW are less than three steps of 7 kW");
    }

    #[test]
    fn an_hour_and_a_quarter_is_none() {
        let mut kw = [50.0; 96];
        kw[40..44].fill(92.0);
        assert_eq!(shape_of(&kw, CYCLE), [Shape::Needle]);
        kw[44] = 92.0;
        assert_eq!(shape_of(&kw, CYCLE), [Shape::Other]);
    }

    #[test]
    fn little_prominence_is_none() {
        let mut kw = [89.0; 96];
        kw[40] = 95.0;
        assert_eq!(shape_of(&kw, CYCLE), [Shape::Other]);
    }

    #[test]
    fn prominence_stops_at_the_window_and_at_higher_ground() {
        let mut kw = [50.0; 96];
        kw[40] = 90.0;
        kw[43] = 95.0;
        kw[42] = 70.0;
        kw[41] = 60.0;
        let load = testing::load(15, &[&kw]);
        assert_eq!(prominence(&load, 40), Some(30.0), "right side ends before 95, its low is 60");
        assert_eq!(prominence(&load, 43), Some(45.0));
        let lonely = testing::load(60, &[&[f64::NAN, f64::NAN, 9.0, f64::NAN, f64::NAN]]);
        assert_eq!(prominence(&lonely, 2), None);
        let edge = testing::load(60, &[&[9.0, 5.0, 6.0]]);
        assert_eq!(prominence(&edge, 0), Some(4.0), "one side is enough at the end of the data");
    }
}
