//! Typical days: each kind of day in one picture, and kind by season with the tariff's bands.

use super::{Axis, Figure, Plot};
use crate::error::Result;
use crate::report::chart::{DayChart, Series};
use crate::report::customer::{Typical, View};
use crate::time::DayKind;

/// Kinds of day and their line classes.
const KINDS: [(DayKind, &str); 3] = [(DayKind::Workday, "now"), (DayKind::Restday, "rest"), (DayKind::Holiday, "hol")];

/// Size of one picture.
const SIZE: (f64, f64) = (360.0, 210.0);

/// A class of the style sheet and the name of what it draws.
type Legend = Vec<(&'static str, &'static str)>;

/// Means of each kind of day over all seasons, weighted by days, in one chart.
pub(super) fn kinds(v: &View, typical: &[Typical]) -> Result<(Option<Figure>, Legend)> {
    let (mut series, mut legend) = (Vec::new(), Vec::new());
    let mut plot = Plot::new(Axis::Clock);
    for (kind, class) in KINDS {
        if typical.iter().any(|t| t.day_kind == kind) {
            let name = v.text.get(&format!("day_kind.{}", kind.name())).unwrap_or_default();
            let kw = kind_mean(v, kind);
            plot = plot.curve(name, class, kw.iter().copied());
            series.push(Series { class, kw });
            legend.push((class, name));
        }
    }
    if series.is_empty() {
        return Ok((None, legend));
    }
    let title = v.t("usage.kinds");
    let chart =
        DayChart { title, size: (720.0, 260.0), bands: &[], range: None, series: &series, marks: &[], extent: None };
    let figure = Figure::new(chart.draw(v.numbers), title).wide().with(&plot)?;
    Ok((Some(figure), legend))
}

/// Mean kW of a kind of day by slot over all seasons, weighted by days.
fn kind_mean(v: &View, kind: DayKind) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0usize); v.a.load.interval().slots()];
    for t in v.a.typical.iter().filter(|t| t.day_kind == kind) {
        if let Some((sum, n)) = sums.get_mut(t.slot) {
            *sum += t.mean_kw * t.n_days as f64;
            *n += t.n_days;
        }
    }
    sums.into_iter().map(|(sum, n)| (n > 0).then(|| sum / n as f64)).collect()
}

/// The working day of each season, and the rest day and holiday of the season that has most of them,
/// with p10–p90 and the tariff's bands, all on one scale.
pub(super) fn figures(v: &View, typical: &[Typical]) -> Result<Vec<Figure>> {
    let days = |kind: DayKind| typical.iter().filter(move |t| t.day_kind == kind);
    let most = |kind: DayKind| days(kind).rev().max_by_key(|t| t.n_days);
    let mut chosen: Vec<&Typical> = days(DayKind::Workday).collect();
    chosen.extend([DayKind::Restday, DayKind::Holiday].into_iter().filter_map(most));
    let all = chosen.iter().flat_map(|t| t.p90.iter().chain(&t.p10).chain(&t.mean)).flatten();
    let extent = all.fold((0.0, 0.0), |(low, high), v| (f64::min(low, *v), f64::max(high, *v)));
    chosen.into_iter().map(|t| figure(v, t, extent)).collect()
}

fn figure(v: &View, t: &Typical, extent: (f64, f64)) -> Result<Figure> {
    let season = v.text.get(&format!("season.{}", t.season.name())).unwrap_or_default();
    let kind = v.text.get(&format!("day_kind.{}", t.day_kind.name())).unwrap_or_default();
    let caption = v.text.fill("usage.season", &[("season", season), ("kind", kind), ("n", &t.n_days.to_string())]);
    let bands = v.ctx.tariff.as_ref().map_or(&[][..], |x| x.bands_of(t.day_kind, t.season));
    let series = [Series { class: "now", kw: t.mean.clone() }];
    let range = Some((t.p10.as_slice(), t.p90.as_slice()));
    let chart =
        DayChart { title: &caption, size: SIZE, bands, range, series: &series, marks: &[], extent: Some(extent) };
    let plot = Plot::new(Axis::Clock)
        .curve("p10", "edge", t.p10.iter().copied())
        .curve("p90", "edge", t.p90.iter().copied())
        .range()
        .curve(v.t("usage.mean"), "now", t.mean.iter().copied())
        .bands(bands)
        .scale(extent);
    Figure::new(chart.draw(v.numbers), caption).with(&plot)
}
