//! The load duration curve.

use super::{Frame, Mark, Svg, Trace, ticks};
use crate::curve::LoadDuration;
use crate::report::Numbers;

/// Points drawn; more would not be seen at 720 px.
const POINTS: usize = 160;

/// Draws kW against the hours in which it is reached or exceeded. The first values are drawn more
/// densely, because the head of the curve is what a demand charge bills.
#[must_use]
pub fn duration_chart(
    curve: &LoadDuration,
    title: &str,
    hours_label: &str,
    marks: &[Mark],
    numbers: Numbers,
) -> String {
    let size = (720.0, 260.0);
    let mut svg = Svg::new(size.0, size.1, title);
    let n = curve.kw.len();
    let hours = n as f64 * curve.interval_hours;
    let low = curve.kw.last().copied().unwrap_or(0.0).min(0.0);
    let high = curve.kw.first().copied().unwrap_or(0.0).max(0.0);
    let frame = Frame::draw(&mut svg, size, (0.0, hours), (low, high), (numbers, "kW"));
    let (values, step) = ticks(0.0, hours, 6);
    for v in values.into_iter().filter(|v| *v <= hours * 1.001) {
        let at = frame.x.at(v);
        svg.line("tick", (at, frame.y.range.0), (at, frame.y.range.0 + 4.0));
        frame.x_label(&mut svg, at, "middle", &numbers.tick(v, step));
    }
    svg.text("lab end", (frame.x.range.1, frame.y.range.0 - 6.0), hours_label);
    let points: Vec<Option<(f64, f64)>> = sample(n)
        .into_iter()
        .filter_map(|i| curve.kw.get(i).map(|kw| (frame.x.at(i as f64 * curve.interval_hours), frame.y.at(*kw))))
        .map(Some)
        .collect();
    let floor: Vec<_> = points.iter().map(|p| p.map(|(x, _)| (x, frame.y.at(0.0)))).collect();
    svg.path("area", &Trace::between(&points, &floor));
    svg.path("ln now", &Trace::through(points));
    for m in marks {
        let at = (frame.x.at(m.minute / 60.0), frame.y.at(m.kw));
        svg.dot("mark", at, 4.0, &m.label);
        svg.text("lab strong", (at.0 + 8.0, at.1 - 6.0), &m.label);
    }
    svg.finish()
}

/// Indices of a duration curve to draw: quadratically denser towards the head, first and last included.
#[must_use]
pub fn sample(n: usize) -> Vec<usize> {
    let last = n.saturating_sub(1);
    let mut out: Vec<usize> = (0..POINTS)
        .map(|k| {
            let share = k as f64 / (POINTS - 1) as f64;
            (share * share * last as f64).round() as usize
        })
        .collect();
    out.dedup();
    if n == 0 { Vec::new() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Language;

    #[test]
    fn the_head_and_the_end_are_drawn() {
        assert_eq!(sample(0), Vec::<usize>::new());
        assert_eq!(sample(1), [0]);
        let s = sample(35_040);
        assert_eq!((s[0], s[1], s.last()), (0, 1, Some(&35_039)));
    }

    #[test]
    fn a_curve_without_values_is_an_empty_frame() {
        let curve = LoadDuration { kw: Vec::new(), interval_hours: 0.25 };
        let s = duration_chart(&curve, "t", "h", &[], Numbers(Language::En));
        assert!(s.contains("</svg>") && !s.contains("ln now"));
    }
}
