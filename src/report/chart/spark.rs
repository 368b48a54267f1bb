//! Sparklines: a handful of values beside a figure.

use super::{Scale, Svg, Trace};

/// Draws values over equal steps from zero; the highest has a dot. Empty without two values.
#[must_use]
pub fn sparkline(values: &[Option<f64>], title: &str) -> String {
    let (width, height) = (120.0, 28.0);
    let (low, high) = super::day::extent(values.iter().flatten().copied());
    if values.iter().flatten().count() < 2 || low == high {
        return String::new();
    }
    let mut svg = Svg::new(width, height, title);
    let x = Scale { domain: (0.0, (values.len() - 1) as f64), range: (3.0, width - 3.0) };
    let y = Scale { domain: (low, high), range: (height - 3.0, 4.0) };
    let points: Vec<_> = values.iter().enumerate().map(|(i, v)| v.map(|v| (x.at(i as f64), y.at(v)))).collect();
    svg.path("ln spark", &Trace::through(points.iter().copied()));
    if let Some((i, v)) = values.iter().enumerate().find_map(|(i, v)| v.filter(|v| *v == high).map(|v| (i, v))) {
        svg.dot("sparkdot", (x.at(i as f64), y.at(v)), 2.4, "");
    }
    svg.finish()
}

/// Draws values as bars over equal steps, negative ones below zero. Empty without two values.
#[must_use]
pub fn small_bars(values: &[f64], title: &str) -> String {
    let (width, height) = (156.0, 34.0);
    let (low, high) = super::day::extent(values.iter().copied());
    if values.len() < 2 || low == high {
        return String::new();
    }
    let mut svg = Svg::new(width, height, title);
    let y = Scale { domain: (low, high), range: (height - 1.0, 1.0) };
    let step = width / values.len() as f64;
    for (i, v) in values.iter().enumerate() {
        let (a, b) = (y.at(0.0), y.at(*v));
        let class = if *v < 0.0 { "lose" } else { "gain" };
        svg.rect(class, (i as f64 * step + 1.0, a.min(b)), (step - 2.0, (a - b).abs().max(0.5)), "");
    }
    svg.line("zero", (0.0, y.at(0.0)), (width, y.at(0.0)));
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_that_loses_hangs_below_zero() {
        let s = small_bars(&[10.0, -5.0, 0.0], "t");
        assert_eq!((s.matches("\"gain").count(), s.matches("\"lose").count()), (2, 1));
        assert_eq!(small_bars(&[1.0], "t"), "");
    }

    #[test]
    fn one_value_is_no_line() {
        assert_eq!(sparkline(&[Some(1.0)], "t"), "");
        assert_eq!(sparkline(&[Some(0.0), Some(0.0)], "t"), "");
        assert!(sparkline(&[Some(1.0), None, Some(3.0)], "t").contains("sparkdot"));
    }
}
