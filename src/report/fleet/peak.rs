//! The fleet's typical day with its peak, and who makes it.

use crate::report::chart::{DayChart, Mark, Series};
use crate::report::number::ABSENT;
use crate::report::{Numbers, Text};
use crate::time::{DayKind, Season};

/// The fleet's typical day that holds its peak.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetPeak {
    /// Kind of day.
    pub day_kind: DayKind,
    /// Season.
    pub season: Season,
    /// Sum of the customers' typical hours in kW, 24 of them; `None` where no customer has one.
    pub kw: Vec<Option<f64>>,
    /// The hour of the peak.
    pub hour: usize,
    /// Customers with the most power in that hour, greatest first.
    pub makers: Vec<Maker>,
}

/// A customer in the peak.
#[derive(Debug, Clone, PartialEq)]
pub struct Maker {
    /// Name, or account.
    pub name: String,
    /// Address of its page; empty without one.
    pub href: String,
    /// Power in the peak hour.
    pub kw: f64,
    /// Share of the fleet's.
    pub share: f64,
}

/// What the template shows.
pub(super) struct View {
    pub svg: String,
    pub caption: String,
    pub makers: Vec<(String, String, String, String)>,
}

pub(super) fn view(p: &FleetPeak, text: &Text, numbers: Numbers) -> View {
    let kw = p.kw.get(p.hour).copied().flatten();
    let shown = kw.map_or_else(|| ABSENT.to_owned(), |kw| numbers.kw(kw));
    let kind = text.get(&format!("day_kind.{}", p.day_kind.name())).unwrap_or_default();
    let season = text.get(&format!("season.{}", p.season.name())).unwrap_or_default();
    let hour = p.hour.to_string();
    let values = [("kind", kind), ("season", season), ("kw", shown.as_str()), ("hour", hour.as_str())];
    let caption = text.fill("fleet.peak_caption", &values);
    let series = [Series { class: "now", kw: p.kw.clone() }];
    let marks: Vec<Mark> =
        kw.map(|kw| Mark { minute: p.hour as f64 * 60.0 + 30.0, kw, label: shown.clone() }).into_iter().collect();
    let chart = DayChart {
        title: &caption,
        size: (720.0, 260.0),
        bands: &[],
        range: None,
        series: &series,
        marks: &marks,
        extent: None,
    };
    let maker = |m: &Maker| (m.name.clone(), m.href.clone(), numbers.kw(m.kw), numbers.percent(m.share, 1));
    View { svg: chart.draw(numbers), caption, makers: p.makers.iter().map(maker).collect() }
}
