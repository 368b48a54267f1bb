//! Curves over the 24 hours of the wall clock: typical days, before and after, days of a peak.

use super::{Frame, Svg, Trace};
use crate::report::{BandSpan, Numbers};

/// One curve of kW by wall-clock slot; slots cover 24 hours evenly, absent ones are `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Class of its line: `now`, `after`, `rest`, `hol`.
    pub class: &'static str,
    /// kW by slot.
    pub kw: Vec<Option<f64>>,
}

/// A point that stands out.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Minute of the day.
    pub minute: f64,
    /// Its height.
    pub kw: f64,
    /// What it says.
    pub label: String,
}

/// Lower and upper kW by slot.
pub type Range<'a> = (&'a [Option<f64>], &'a [Option<f64>]);

/// A chart of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayChart<'a> {
    /// Alternative text.
    pub title: &'a str,
    /// Width and height in px of the viewBox.
    pub size: (f64, f64),
    /// Tariff bands behind the curves; may be empty.
    pub bands: &'a [BandSpan],
    /// A range by slot, such as p10 and p90.
    pub range: Option<Range<'a>>,
    /// Curves, the last on top.
    pub series: &'a [Series],
    /// Points that stand out.
    pub marks: &'a [Mark],
    /// Lowest and highest kW to show, for charts that share a scale; `None` fits the curves.
    pub extent: Option<(f64, f64)>,
}

impl DayChart<'_> {
    /// Draws it.
    #[must_use]
    pub fn draw(&self, numbers: Numbers) -> String {
        self.draw_in(numbers, "kW")
    }

    /// Draws what is measured in another unit.
    #[must_use]
    pub fn draw_in(&self, numbers: Numbers, unit: &str) -> String {
        let mut svg = Svg::new(self.size.0, self.size.1, self.title);
        let extent = self.extent.unwrap_or_else(|| self.fit());
        paint_bands(&mut svg, self.bands, self.size);
        let frame = Frame::draw(&mut svg, self.size, (0.0, 1440.0), extent, (numbers, unit));
        frame.clock(&mut svg);
        let most = if self.range.is_some() && self.size.0 < 500.0 { FEW } else { MOST };
        let points = |kw: &[Option<f64>]| points(kw, &frame, most);
        if let Some((low, high)) = self.range {
            svg.path("range", &Trace::between(&points(high), &points(low)));
        }
        for s in self.series {
            svg.path(&format!("ln {}", s.class), &Trace::through(points(&s.kw)));
        }
        for m in self.marks {
            let at = (frame.x.at(m.minute), frame.y.at(m.kw));
            svg.dot("mark", at, 4.0, &m.label);
            let (class, dx) = if m.minute > 960.0 { ("lab strong end", -8.0) } else { ("lab strong", 8.0) };
            svg.text(class, (at.0 + dx, at.1 - 6.0), &m.label);
        }
        svg.finish()
    }

    /// From zero (or the lowest negative) to the highest value.
    fn fit(&self) -> (f64, f64) {
        let (low, high) = self.range.unwrap_or((&[], &[]));
        let all = self.series.iter().flat_map(|s| &s.kw).chain(low).chain(high).flatten();
        extent(all.copied().chain(self.marks.iter().map(|m| m.kw)))
    }
}

/// From zero (or the lowest negative value) to the highest value.
pub(crate) fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((0.0, 0.0), |(low, high), v| (f64::min(low, v), f64::max(high, v)))
}

/// Points of a curve at most: more would not be seen.
const MOST: usize = 96;
/// Points of a typical day's curve and range on a small picture: means over many days are smooth.
const FEW: usize = 48;

fn points(kw: &[Option<f64>], frame: &Frame, most: usize) -> Vec<Option<(f64, f64)>> {
    let per = kw.len().div_ceil(most).max(1);
    let width = 1440.0 / kw.len().max(1) as f64;
    kw.chunks(per)
        .enumerate()
        .map(|(i, chunk)| {
            let values: Vec<f64> = chunk.iter().copied().flatten().collect();
            let middle = (i * per) as f64 + chunk.len() as f64 / 2.0;
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            (!values.is_empty()).then(|| (frame.x.at(middle * width), frame.y.at(mean)))
        })
        .collect()
}

/// Paints the bands over the height of the plotting area.
pub(super) fn paint_bands(svg: &mut Svg, bands: &[BandSpan], size: (f64, f64)) {
    let frame = Frame::of(size, (0.0, 1440.0), (0.0, 1.0));
    let (bottom, top) = frame.y.range;
    for b in bands {
        let (from, to) = (frame.x.at(f64::from(b.from_minute)), frame.x.at(f64::from(b.to_minute)));
        let clock = |m: u32| format!("{}:{:02}", m / 60, m % 60);
        let tip = format!("{} {}–{}", b.name, clock(b.from_minute), clock(b.to_minute));
        svg.rect(&format!("bg {}", b.period.name()), (from, top), (to - from, bottom - top), &tip);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Language;
    use crate::tariff::Period;

    #[test]
    fn bands_stand_behind_the_curve_and_the_peak_is_marked() {
        let band = BandSpan { from_minute: 0, to_minute: 480, period: Period::Valley, name: "谷".into() };
        let series = [Series { class: "now", kw: vec![Some(10.0), None, Some(20.0), Some(30.0)] }];
        let marks = [Mark { minute: 1260.0, kw: 30.0, label: "30 kW".into() }];
        let chart = DayChart {
            title: "day",
            size: (360.0, 200.0),
            bands: &[band],
            range: None,
            series: &series,
            marks: &marks,
            extent: None,
        };
        let s = chart.draw(Numbers(Language::En));
        let (bg, line) = (s.find("bg valley"), s.find("ln now"));
        assert!(bg.is_some() && bg < line);
        assert!(s.contains("谷 0:00–8:00") && s.contains(">30 kW</text>") && s.contains(">24:00<"));
    }

    #[test]
    fn back_feed_shows_below_zero() {
        assert_eq!(extent([5.0, -3.0, 9.0].into_iter()), (-3.0, 9.0));
        assert_eq!(extent(std::iter::empty()), (0.0, 0.0));
    }
}
