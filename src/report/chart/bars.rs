//! Stacked bars by month.

use super::{Frame, Svg};
use crate::report::Numbers;
use crate::time::Month;

/// A part of a stacked bar; negative parts hang below zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Class of its colour.
    pub class: &'static str,
    /// How much.
    pub value: f64,
}

/// One month's bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Its month.
    pub month: Month,
    /// What shows under the pointer.
    pub tip: String,
    /// Parts from the bottom up.
    pub parts: Vec<Part>,
    /// Drawn paler: cut by the ends of the data.
    pub partial: bool,
    /// Marked with a dot on top.
    pub marked: bool,
}

/// A chart of bars.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars<'a> {
    /// Alternative text.
    pub title: &'a str,
    /// Unit of the vertical axis.
    pub unit: &'a str,
    /// Height of the viewBox.
    pub height: f64,
    /// In time order.
    pub bars: &'a [Bar],
}

/// Width of the viewBox.
const WIDTH: f64 = 720.0;

/// Bars from this number on show every second or third label.
const MANY: usize = 14;

impl Bars<'_> {
    /// Draws it.
    #[must_use]
    pub fn draw(&self, numbers: Numbers) -> String {
        let size = (WIDTH, self.height);
        let mut svg = Svg::new(size.0, size.1, self.title);
        let sum =
            |b: &Bar, keep: fn(f64) -> bool| -> f64 { b.parts.iter().map(|p| p.value).filter(|v| keep(*v)).sum() };
        let low = self.bars.iter().map(|b| sum(b, |v| v < 0.0)).fold(0.0, f64::min);
        let high = self.bars.iter().map(|b| sum(b, |v| v > 0.0)).fold(0.0, f64::max);
        let n = self.bars.len();
        let frame = Frame::draw(&mut svg, size, (0.0, n as f64), (low, high), (numbers, self.unit));
        let wide = (frame.x.at(1.0) - frame.x.at(0.0)).min(64.0) * 0.72;
        for (i, bar) in self.bars.iter().enumerate() {
            let centre = frame.x.at(i as f64 + 0.5);
            svg.open(&bar.tip);
            let top = draw_bar(&mut svg, bar, &frame, (centre - wide / 2.0, wide));
            svg.close();
            if bar.marked {
                svg.dot("mark", (centre, top - 7.0), 3.5, "");
            }
            if i % (n / MANY + 1) == 0 {
                frame.x_label(&mut svg, centre, "middle", &self.label(i, bar.month, numbers));
            }
        }
        svg.finish()
    }

    /// The month; in January and in front of the first bar with its year.
    fn label(&self, index: usize, month: Month, numbers: Numbers) -> String {
        let name = numbers.month_name(month.month());
        if self.bars.len() > MANY {
            return format!("{:02}-{:02}", month.year().rem_euclid(100), month.month());
        }
        if index == 0 || month.month() == 1 { format!("{name} ’{:02}", month.year().rem_euclid(100)) } else { name }
    }
}

/// Draws one bar and gives the coordinate of its top.
fn draw_bar(svg: &mut Svg, bar: &Bar, frame: &Frame, (left, wide): (f64, f64)) -> f64 {
    let (mut up, mut down) = (0.0, 0.0);
    for part in bar.parts.iter().filter(|p| p.value != 0.0) {
        let from = if part.value > 0.0 { &mut up } else { &mut down };
        let (a, b) = (frame.y.at(*from), frame.y.at(*from + part.value));
        *from += part.value;
        let class = format!("{}{}", part.class, if bar.partial { " part" } else { "" });
        svg.block(&class, (left, a.min(b)), (wide, (a - b).abs()));
    }
    frame.y.at(up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Language;

    fn bars(n: i32) -> Vec<Bar> {
        (0..n)
            .map(|i| Bar {
                month: Month(2025 * 12 + i),
                tip: "100".into(),
                parts: vec![Part { class: "flat", value: 100.0 }, Part { class: "pf", value: -20.0 }],
                partial: i == 0,
                marked: i == 1,
            })
            .collect()
    }

    #[test]
    fn negative_parts_hang_below_zero() {
        let bars = bars(2);
        let s = Bars { title: "t", unit: "kWh", height: 200.0, bars: &bars }.draw(Numbers(Language::En));
        assert!(s.contains("\"flat part") && s.contains("\"pf") && s.contains("class=\"zero\""));
        assert_eq!(s.matches("class=\"mark\"").count(), 1);
        assert!(s.contains("Jan ’25") && s.contains(">Feb<"));
    }

    #[test]
    fn three_years_of_months_do_not_crowd_their_labels() {
        let bars = bars(36);
        let s = Bars { title: "t", unit: "kWh", height: 200.0, bars: &bars }.draw(Numbers(Language::En));
        assert_eq!(s.matches("lab middle").count(), 12);
    }
}
