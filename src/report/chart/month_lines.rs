//! Lines over months: prices, power factor, transformer loading, each beside what it is held against.

use super::{Frame, Svg, Trace};
use crate::report::Numbers;
use crate::time::Month;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct MonthLine {
    /// Class of its colour and dashes.
    pub class: &'static str,
    /// What it is, shown under the pointer.
    pub name: String,
    /// By month; absent months interrupt it.
    pub values: Vec<Option<f64>>,
    /// Drawn without dots: a level, not a measurement.
    pub level: bool,
}

/// A chart of lines by month.
#[derive(Debug, Clone, PartialEq)]
pub struct MonthLines<'a> {
    /// Alternative text.
    pub title: &'a str,
    /// Unit of the vertical axis; empty for a ratio.
    pub unit: &'a str,
    /// In time order.
    pub months: &'a [Month],
    /// Lines, the last on top.
    pub lines: &'a [MonthLine],
    /// Decimals of a value under the pointer.
    pub decimals: usize,
    /// Whether the axis starts at zero; otherwise it fits the values.
    pub from_zero: bool,
}

const SIZE: (f64, f64) = (360.0, 210.0);
/// Months up to which each has a dot; more would touch.
const DOTTED: usize = 24;
/// Least height of an axis that fits the values, as a share of the greatest (judgement).
const LEAST_SPAN: f64 = 0.05;
/// Room of a month's label.
const LABEL: f64 = 34.0;

impl MonthLines<'_> {
    /// Draws it.
    #[must_use]
    pub fn draw(&self, numbers: Numbers) -> String {
        let mut svg = Svg::new(SIZE.0, SIZE.1, self.title);
        let n = self.months.len();
        let frame = Frame::draw(&mut svg, SIZE, (0.0, n as f64), self.extent(), (numbers, self.unit));
        let x = |i: usize| frame.x.at(i as f64 + 0.5);
        for line in self.lines {
            let points: Vec<_> =
                line.values.iter().enumerate().map(|(i, v)| v.map(|v| (x(i), frame.y.at(v)))).collect();
            svg.path(&format!("ln {}", line.class), &Trace::through(points.iter().copied()));
            for (i, v) in line.values.iter().enumerate().filter(|_| !line.level && n <= DOTTED) {
                let (Some(v), Some(month)) = (v, self.months.get(i)) else { continue };
                let tip = format!("{} · {} {}", numbers.month(*month), line.name, numbers.fixed(*v, self.decimals));
                svg.dot(&format!("pt {}", line.class), (x(i), frame.y.at(*v)), 3.0, &tip);
            }
        }
        let every = (LABEL / (frame.x.at(1.0) - frame.x.at(0.0))).ceil().max(1.0) as usize;
        for (i, month) in self.months.iter().enumerate().filter(|(i, _)| i % every == 0) {
            let long = format!("{:02}-{:02}", month.year().rem_euclid(100), month.month());
            let text = if n > 12 { long } else { numbers.month_name(month.month()) };
            frame.x_label(&mut svg, x(i), "middle", &text);
        }
        svg.finish()
    }

    fn extent(&self) -> (f64, f64) {
        let all = self.lines.iter().flat_map(|l| &l.values).flatten();
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        if self.from_zero || low > high {
            return (low.min(0.0), high.max(0.0));
        }
        // Months that hardly differ are to look so.
        let (mid, half) = (f64::midpoint(low, high), high.abs() * LEAST_SPAN / 2.0);
        (low.min(mid - half), high.max(mid + half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Language;

    #[test]
    fn a_level_has_no_dots_and_a_gap_interrupts_the_line() {
        let months: Vec<Month> = (0..4).map(|m| Month(2025 * 12 + m)).collect();
        let lines = [
            MonthLine { class: "level", name: "standard".into(), values: vec![Some(0.9); 4], level: true },
            MonthLine {
                class: "now",
                name: "cos φ".into(),
                values: vec![Some(0.8), None, Some(0.95), Some(0.9)],
                level: false,
            },
        ];
        let s = MonthLines { title: "t", unit: "", months: &months, lines: &lines, decimals: 3, from_zero: false }
            .draw(Numbers(Language::En));
        assert_eq!(s.matches("class=\"pt now\"").count(), 3);
        assert!(s.contains("<title>Mar 2025 · cos φ 0.950</title>") && s.matches("class=\"ln now\"").count() == 1);
    }

    #[test]
    fn months_that_hardly_differ_look_so() {
        let months: Vec<Month> = (0..3).map(|m| Month(2025 * 12 + m)).collect();
        let values = vec![Some(0.876), Some(0.876 + 1e-15), Some(0.877)];
        let lines = [MonthLine { class: "now", name: "cos φ".into(), values, level: false }];
        let chart = MonthLines { title: "t", unit: "", months: &months, lines: &lines, decimals: 3, from_zero: false };
        let (low, high) = chart.extent();
        assert!(high - low > 0.04 && low < 0.876 && high > 0.877, "{low} to {high}");
        assert!(chart.draw(Numbers(Language::En)).contains(">0.88<"));
    }

    #[test]
    fn nothing_known_is_an_empty_frame() {
        let lines = [MonthLine { class: "now", name: String::new(), values: vec![None], level: false }];
        let s = MonthLines { title: "t", unit: "", months: &[Month(0)], lines: &lines, decimals: 1, from_zero: true }
            .draw(Numbers(Language::Zh));
        assert!(!s.contains("class=\"ln") && s.contains("</svg>"));
    }
}
