//! Scales, round ticks, and the frame that a chart stands in.

use super::Svg;
use crate::report::Numbers;

/// A linear map from values to coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Values at both ends.
    pub domain: (f64, f64),
    /// Coordinates of both ends.
    pub range: (f64, f64),
}

impl Scale {
    /// The coordinate of a value; the first end when the domain has no extent.
    #[must_use]
    pub fn at(&self, value: f64) -> f64 {
        let extent = self.domain.1 - self.domain.0;
        if extent == 0.0 || !extent.is_finite() {
            return self.range.0;
        }
        self.range.0 + (value - self.domain.0) / extent * (self.range.1 - self.range.0)
    }
}

/// About `wanted` round values (1, 2, 2.5 or 5 × a power of ten) that enclose `low..=high`, and
/// their step.
#[must_use]
pub fn ticks(low: f64, high: f64, wanted: usize) -> (Vec<f64>, f64) {
    let (low, high) = if low.is_finite() && high.is_finite() && low < high { (low, high) } else { (low.min(0.0), 1.0) };
    let (low, high) = if low.is_finite() && low < high { (low, high) } else { (0.0, 1.0) };
    let raw = (high - low) / wanted.max(1) as f64;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|m| m * power >= raw * 0.999).unwrap_or(10.0) * power;
    let first = (low / step + 1e-9).floor() as i64;
    let last = (high / step - 1e-9).ceil() as i64;
    ((first..=last).map(|i| i as f64 * step).collect(), step)
}

/// The plotting area of a chart with its two scales.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Horizontal scale.
    pub x: Scale,
    /// Vertical scale; its first end lies at the bottom.
    pub y: Scale,
}

/// Room left of the plotting area for the labels of the vertical axis.
const LEFT: f64 = 52.0;
/// Room above it for the unit.
const TOP: f64 = 22.0;
/// Room at its right.
const RIGHT: f64 = 20.0;
/// Room below for the labels of the horizontal axis.
const BOTTOM: f64 = 24.0;

impl Frame {
    /// The scales of a chart of a size, without drawing.
    #[must_use]
    pub fn of(size: (f64, f64), x: (f64, f64), y: (f64, f64)) -> Self {
        Self {
            x: Scale { domain: x, range: (LEFT, size.0 - RIGHT) },
            y: Scale { domain: y, range: (size.1 - BOTTOM, TOP) },
        }
    }

    /// Draws the horizontal grid with its labels and unit, and gives the scales.
    pub fn draw(
        svg: &mut Svg,
        size: (f64, f64),
        x: (f64, f64),
        y: (f64, f64),
        (numbers, unit): (Numbers, &str),
    ) -> Self {
        let wanted = if size.1 < 200.0 { 3 } else { 5 };
        let (values, step) = ticks(y.0, y.1, wanted);
        // Little below zero needs no whole step of room.
        let below = y.0 < 0.0 && -y.0 < 0.3 * step;
        let low = if below { 1.5 * y.0 } else { values.first().copied().unwrap_or(0.0) };
        let values: Vec<f64> = values.into_iter().filter(|v| *v >= low).collect();
        let domain = (low, values.last().copied().unwrap_or(1.0));
        let frame = Self::of(size, x, domain);
        let at: Vec<f64> = values.iter().map(|v| frame.y.at(*v)).collect();
        let (left, right) = frame.x.range;
        let level = |zero: bool| {
            let chosen = values.iter().zip(&at).filter(move |(v, _)| (**v == 0.0) == zero);
            chosen.map(move |(_, at)| ((left, *at), (right, *at)))
        };
        svg.segments("gl", level(false));
        svg.segments("zero", level(true));
        let labels = values.iter().zip(&at).map(|(v, at)| ((LEFT - 6.0, at + 4.0), numbers.tick(*v, step)));
        svg.labels("lab end", labels);
        // A long unit starts at the picture's edge.
        let (class, at) = if unit.len() > 5 { ("lab", 2.0) } else { ("lab end", LEFT - 6.0) };
        svg.text(class, (at, TOP - 10.0), unit);
        frame
    }

    /// A label under the horizontal axis.
    pub fn x_label(&self, svg: &mut Svg, at: f64, class: &str, text: &str) {
        svg.text(&format!("lab {class}"), (at, self.y.range.0 + 16.0), text);
    }

    /// The clock from 0:00 to 24:00 under a horizontal scale in minutes.
    pub fn clock(&self, svg: &mut Svg) {
        // A label needs about 40 px.
        let step = if self.x.range.1 - self.x.range.0 < 240.0 { 6 } else { 4 };
        let hours: Vec<(i32, f64)> =
            (0..=24).step_by(step).map(|hour| (hour, self.x.at(f64::from(hour) * 60.0))).collect();
        let bottom = self.y.range.0;
        svg.segments("tick", hours.iter().map(|(_, at)| ((*at, bottom), (*at, bottom + 4.0))));
        svg.labels("lab middle", hours.iter().map(|(hour, at)| ((*at, bottom + 16.0), format!("{hour}:00"))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_enclose_the_values() {
        assert_eq!(ticks(0.0, 1234.0, 5).0, [0.0, 250.0, 500.0, 750.0, 1000.0, 1250.0]);
        assert_eq!(ticks(-30.0, 80.0, 4).0, [-50.0, 0.0, 50.0, 100.0]);
        assert_eq!(ticks(0.0, 100.0, 5).0, [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
    }

    #[test]
    fn ticks_of_nothing_are_zero_to_one() {
        for (low, high) in [(0.0, 0.0), (f64::INFINITY, f64::NEG_INFINITY), (f64::NAN, 1.0)] {
            let (t, _) = ticks(low, high, 4);
            assert_eq!((t.first().copied(), t.last().copied()), (Some(0.0), Some(1.0)));
        }
    }

    #[test]
    fn a_scale_without_extent_does_not_divide_by_zero() {
        assert_eq!(Scale { domain: (3.0, 3.0), range: (1.0, 9.0) }.at(7.0), 1.0);
        assert_eq!(Scale { domain: (0.0, 10.0), range: (100.0, 0.0) }.at(2.5), 75.0);
    }
}
