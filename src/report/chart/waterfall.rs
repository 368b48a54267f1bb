//! A waterfall: how the lines of a bill add up to its total.

use super::{Frame, Svg};
use crate::report::Numbers;

/// One step of a waterfall.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Class of its colour.
    pub class: &'static str,
    /// What it is called under the axis.
    pub name: String,
    /// What it adds; negative takes away.
    pub value: f64,
    /// What it says above its bar.
    pub label: String,
}

/// A waterfall with its total at the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Waterfall<'a> {
    /// Alternative text.
    pub title: &'a str,
    /// Unit of the vertical axis.
    pub unit: &'a str,
    /// In the order of the picture.
    pub steps: &'a [Step],
    /// Name and label of the last bar, which stands on zero.
    pub total: (&'a str, String),
}

const SIZE: (f64, f64) = (720.0, 270.0);

impl Waterfall<'_> {
    /// Draws it.
    #[must_use]
    pub fn draw(&self, numbers: Numbers) -> String {
        let mut svg = Svg::new(SIZE.0, SIZE.1, self.title);
        let ends: Vec<(f64, f64)> = self
            .steps
            .iter()
            .scan(0.0, |at, s| {
                let from = *at;
                *at += s.value;
                Some((from, *at))
            })
            .collect();
        let total = ends.last().map_or(0.0, |e| e.1);
        let all = || ends.iter().flat_map(|e| [e.0, e.1]);
        let (low, high) = all().fold((0.0, 0.0), |(l, h), v| (f64::min(l, v), f64::max(h, v)));
        let n = self.steps.len() + 1;
        let frame = Frame::draw(&mut svg, SIZE, (0.0, n as f64), (low, high * 1.06), (numbers, self.unit));
        let wide = (frame.x.at(1.0) - frame.x.at(0.0)) * 0.66;
        let centre = |i: usize| frame.x.at(i as f64 + 0.5);
        for (i, (step, (from, to))) in self.steps.iter().zip(&ends).enumerate() {
            let (a, b) = (frame.y.at(*from), frame.y.at(*to));
            svg.rect(step.class, (centre(i) - wide / 2.0, a.min(b)), (wide, (a - b).abs().max(1.0)), "");
            svg.line("tick", (centre(i) + wide / 2.0, b), (centre(i + 1) - wide / 2.0, b));
            svg.text("lab strong middle", (centre(i), a.min(b) - 5.0), &step.label);
            frame.x_label(&mut svg, centre(i), "middle", &step.name);
        }
        let (zero, top) = (frame.y.at(0.0), frame.y.at(total));
        svg.rect("total", (centre(n - 1) - wide / 2.0, top.min(zero)), (wide, (zero - top).abs()), "");
        svg.text("lab strong middle", (centre(n - 1), top.min(zero) - 5.0), &self.total.1);
        frame.x_label(&mut svg, centre(n - 1), "middle", self.total.0);
        svg.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Language;

    fn step(class: &'static str, value: f64) -> Step {
        Step { class, name: class.to_owned(), value, label: value.to_string() }
    }

    #[test]
    fn each_step_starts_where_the_last_ended_and_the_total_stands_on_zero() {
        let steps = [step("flat", 60.0), step("demand", 50.0), step("pf", -10.0)];
        let s = Waterfall { title: "t", unit: "k", steps: &steps, total: ("all", "100".into()) }
            .draw(Numbers(Language::En));
        let rect = |class: &str| {
            let tag = s.split(&format!("<rect class=\"{class}\"")).nth(1).and_then(|r| r.split("/>").next()).unwrap();
            let value = |name: &str| -> f64 {
                tag.split(&format!("{name}=\"")).nth(1).and_then(|r| r.split('"').next()).unwrap().parse().unwrap()
            };
            (value(" y"), value("height"))
        };
        let ((y1, h1), (y2, h2), (y3, h3), (y4, h4)) = (rect("flat"), rect("demand"), rect("pf"), rect("total"));
        assert!((y2 + h2 - y1).abs() < 0.11 && (y3 - y2).abs() < 0.11, "steps join");
        assert!((y4 - (y3 + h3)).abs() < 0.11 && (y4 + h4 - (y1 + h1)).abs() < 0.11, "the total ends there");
    }
}
