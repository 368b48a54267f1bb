//! When machines run: today's hours above the scheduled ones, machine by machine, on the clock.

use super::{Frame, Svg, paint_bands};
use crate::report::BandSpan;
use std::ops::Range;

/// Width of the picture.
const WIDTH: f64 = 720.0;
/// Room above the first machine and below the last.
const MARGINS: f64 = 54.0;
/// Height of a machine: its name, today's bar, the scheduled bar.
const ROW: f64 = 44.0;
/// Height of a bar.
const BAR: f64 = 9.0;

/// The hours of one machine, in minutes after midnight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoursRow {
    /// The machine.
    pub name: String,
    /// When it runs today.
    pub now: Vec<Range<u32>>,
    /// When it is to run.
    pub after: Vec<Range<u32>>,
}

/// The picture.
#[derive(Debug, Clone, Copy)]
pub struct Hours<'a> {
    /// Alternative text.
    pub title: &'a str,
    /// Tariff bands behind.
    pub bands: &'a [BandSpan],
    /// One machine below the other.
    pub rows: &'a [HoursRow],
}

impl Hours<'_> {
    /// Draws it.
    #[must_use]
    pub fn draw(&self) -> String {
        let size = (WIDTH, MARGINS + ROW * self.rows.len() as f64);
        let mut svg = Svg::new(size.0, size.1, self.title);
        paint_bands(&mut svg, self.bands, size);
        let frame = Frame::of(size, (0.0, 1440.0), (0.0, 1.0));
        frame.clock(&mut svg);
        for (i, row) in self.rows.iter().enumerate() {
            let top = frame.y.range.1 + ROW * i as f64;
            svg.text("lab strong", (frame.x.range.0 + 4.0, top + 14.0), &row.name);
            for (class, runs, y) in [("now", &row.now, top + 19.0), ("after", &row.after, top + 30.0)] {
                for run in runs {
                    let (from, to) = (frame.x.at(f64::from(run.start)), frame.x.at(f64::from(run.end)));
                    svg.block(&format!("run {class}"), (from, y), (to - from, BAR));
                }
            }
        }
        svg.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_machine_has_a_bar_for_every_run() {
        let row = |name: &str| HoursRow { name: name.into(), now: vec![480..720], after: vec![0..120, 1320..1440] };
        let svg = Hours { title: "hours", bands: &[], rows: &[row("mill & press"), row("pump")] }.draw();
        assert_eq!((svg.matches("run now").count(), svg.matches("run after").count()), (2, 4));
        assert!(svg.contains("mill &amp; press") || svg.contains("mill &#38; press"), "{svg}");
        assert!(svg.contains("0 0 720 142"), "{svg}");
    }
}
