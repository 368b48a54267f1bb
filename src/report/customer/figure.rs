//! A picture with its caption, and the data behind it for hover and zoom.

use crate::error::Result;
use crate::report::BandSpan;
use crate::report::chart::{Mark, Ramp};
use crate::report::script::{Number, json, short};
use crate::time::Date;
use askama::Template;
use serde::Serialize;

/// A picture of a section. Without a script the SVG stands alone; with one a plot over the same
/// data takes its place on the screen, and the SVG stays for paper.
#[derive(Debug, Clone, Template)]
#[template(path = "customer/figure.html")]
pub(super) struct Figure {
    /// The static picture.
    pub svg: String,
    /// Below it.
    pub caption: String,
    /// [`Plot`] as JSON; empty without hover and zoom.
    pub plot: String,
    /// Over the whole width of the page.
    pub wide: bool,
}

impl Figure {
    /// A static picture.
    pub fn new(svg: String, caption: impl Into<String>) -> Self {
        Self { svg, caption: caption.into(), plot: String::new(), wide: false }
    }

    /// Over the whole width of the page.
    pub fn wide(self) -> Self {
        Self { wide: true, ..self }
    }

    /// With the data behind it.
    ///
    /// # Errors
    /// When they have no JSON form.
    pub fn with(self, plot: &Plot) -> Result<Self> {
        Ok(Self { plot: json(plot)?, ..self })
    }
}

/// What the horizontal axis of a plot counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Axis {
    /// Slots of the wall clock: value k stands in the middle of slot k.
    Clock,
    /// Hours, given in `x`.
    Hours,
    /// Days from `x[0]`, a count of days since 1970-01-01.
    Days,
    /// The year's picture; see [`Plot::heat`].
    Heat,
}

/// Points of a day at most: finer intervals are averaged, for the page's size.
const MOST: usize = 96;

fn mean(values: &[Option<f64>]) -> Option<f64> {
    let known = values.iter().flatten();
    let n = known.clone().count();
    (n > 0).then(|| known.sum::<f64>() / n as f64)
}

/// The data of a plot. Names are short: a page has many of them.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Plot {
    /// What x counts.
    k: Axis,
    /// Unit of the values.
    u: &'static str,
    /// See [`Axis`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    x: Vec<Number>,
    /// Curves.
    s: Vec<Curve>,
    /// Indices of the curves between which a range is painted.
    #[serde(skip_serializing_if = "Option::is_none")]
    r: Option<(usize, usize)>,
    /// Bands behind: first minute, minute after the last, class, name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    b: Vec<(u32, u32, &'static str, String)>,
    /// Points that stand out: place, value, what it says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    m: Vec<(Option<Number>, Option<Number>, String)>,
    /// Lowest and highest value of a scale that pictures share.
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<(Option<Number>, Option<Number>)>,
    /// Colours of the year's picture, from low to high.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    c: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Curve {
    n: String,
    c: &'static str,
    v: Vec<Option<Number>>,
}

impl Plot {
    /// An empty plot in kW.
    pub const fn new(axis: Axis) -> Self {
        Self {
            k: axis,
            u: "kW",
            x: Vec::new(),
            s: Vec::new(),
            r: None,
            b: Vec::new(),
            m: Vec::new(),
            y: None,
            c: Vec::new(),
        }
    }

    /// Sets what x counts from or through.
    pub fn at(mut self, x: Vec<f64>) -> Self {
        self.x = x.into_iter().filter_map(short).collect();
        self
    }

    /// Lets x count days from a date.
    pub fn starting_on(mut self, first: Date) -> Self {
        self.x = vec![Number::Whole(first.0.into())];
        self
    }

    /// Adds a curve; class `edge` has no line of its own.
    pub fn curve(mut self, name: &str, class: &'static str, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let mut values: Vec<Option<f64>> = values.into_iter().collect();
        if self.k == Axis::Clock && values.len() > MOST {
            values = values.chunks(values.len().div_ceil(MOST)).map(mean).collect();
        }
        let v = values.into_iter().map(|v| v.and_then(short)).collect();
        self.s.push(Curve { n: name.to_owned(), c: class, v });
        self
    }

    /// Paints the range between the last two curves added.
    pub fn range(mut self) -> Self {
        self.r = self.s.len().checked_sub(2).map(|i| (i, i + 1));
        self
    }

    /// Puts the tariff's bands behind.
    pub fn bands(mut self, bands: &[BandSpan]) -> Self {
        let one = |b: &BandSpan| (b.from_minute, b.to_minute, b.period.name(), b.name.to_string());
        self.b = bands.iter().map(one).collect();
        self
    }

    /// Marks points; their minutes are those of the axis (hours: minutes of it).
    pub fn marks(mut self, marks: &[Mark]) -> Self {
        let per = if self.k == Axis::Hours { 60.0 } else { 1.0 };
        self.m = marks.iter().map(|m| (short(m.minute / per), short(m.kw), m.label.clone())).collect();
        self
    }

    /// The year's picture: first day, days, slots, kW at both ends of the colours.
    pub fn heat(first: Date, (days, slots): (usize, usize), (low, high): (f64, f64)) -> Self {
        let whole = [i64::from(first.0), days as i64, slots as i64].map(Number::Whole);
        let x = whole.into_iter().chain([low, high].into_iter().filter_map(short)).collect();
        let ramp = Ramp::default();
        let c = (0..ramp.0.len()).map(|i| ramp.hex(i as u8)).collect();
        Self { x, c, ..Self::new(Axis::Heat) }
    }

    /// Shares a scale.
    pub fn scale(mut self, extent: (f64, f64)) -> Self {
        self.y = Some((short(extent.0), short(extent.1)));
        self
    }
}
