//! How electricity is used: typical days, the year, the duration curve, months, indicators.

mod days;
mod indicators;
mod months;

use super::figure::{Axis, Figure, Plot};
use super::{Section, View, render};
use crate::error::Result;
use crate::report::chart::{DayLevels, DayValues, HeatChart, Mark, duration_chart, duration_sample, year_chart};
use crate::tariff::Period;
use askama::Template;

/// See the module.
#[derive(Debug)]
pub struct Usage;

#[derive(Template)]
#[template(path = "customer/usage.html")]
struct Page<'a> {
    v: View<'a>,
    kinds: Option<Figure>,
    kind_legend: Vec<(&'static str, &'static str)>,
    typical: Vec<Figure>,
    band_legend: Vec<(&'static str, &'static str)>,
    varies: bool,
    heat: Option<Figure>,
    year: Option<Figure>,
    duration: Option<Figure>,
    energy: Figure,
    maxima: Figure,
    months: Vec<months::Row>,
    indicators: indicators::Table,
}

impl Section for Usage {
    fn id(&self) -> &'static str {
        "usage"
    }

    fn render(&self, v: &View) -> Result<Option<String>> {
        if v.a.totals.n_valid == 0 {
            return Ok(None);
        }
        let typical = v.typical();
        let (kinds, kind_legend) = days::kinds(v, &typical)?;
        let page = Page {
            v: *v,
            kinds,
            kind_legend,
            typical: days::figures(v, &typical)?,
            band_legend: band_legend(v),
            varies: v.ctx.tariff.as_ref().is_some_and(|t| t.bands.iter().any(|b| b.varies)),
            heat: heat(v)?,
            year: year(v)?,
            duration: duration(v)?,
            energy: months::energy(v),
            maxima: months::maxima(v),
            months: months::rows(v),
            indicators: indicators::table(v),
        };
        render(&page, v).map(Some)
    }
}

/// The periods of the tariff's bands.
fn band_legend(v: &View) -> Vec<(&'static str, &'static str)> {
    let Some(tariff) = &v.ctx.tariff else { return Vec::new() };
    let spans = || tariff.bands.iter().flat_map(|b| &b.spans);
    let used = Period::ALL.into_iter().filter(|p| spans().any(|s| s.period == *p));
    used.map(|p| (p.name(), v.text.get(&format!("period.{}", p.name())).unwrap_or_default())).collect()
}

/// Shares of time cut off at both ends of the heat map's scale, so that one spike does not
/// darken the year (judgement).
const CLIP: f64 = 0.005;

fn heat(v: &View) -> Result<Option<Figure>> {
    let kw = &v.a.duration.kw;
    let clip = (kw.len() as f64 * CLIP) as usize;
    let (Some(high), Some(low)) = (kw.get(clip), kw.len().checked_sub(clip + 1).and_then(|i| kw.get(i))) else {
        return Ok(None);
    };
    let load = &v.a.load;
    let days = HeatChart::days(load);
    let dates = (load.date(days.start), load.date(days.end.saturating_sub(1)));
    let caption = v.text.fill("usage.heat", &[("from", &dates.0.to_string()), ("to", &dates.1.to_string())]);
    let svg = HeatChart { title: &caption, load, extent: (*low, *high) }.draw(v.numbers)?;
    let plot = Plot::heat(dates.0, (days.len(), HeatChart::rows(load)), (*low, *high));
    Figure::new(svg, caption).wide().with(&plot).map(Some)
}

/// Highest, mean and lowest load of each day that the heat map shows.
fn year(v: &View) -> Result<Option<Figure>> {
    let level = |t: &crate::analysis::Totals| -> DayValues {
        let (min, mean, max) = (t.min_kw?.get(), t.mean_kw?.get(), t.max?.0.get());
        Some(DayLevels { min, mean, max })
    };
    let shown = v.a.daily.get(HeatChart::days(&v.a.load)).unwrap_or_default();
    let days: Vec<DayValues> = shown.iter().map(|d| level(&d.totals)).collect();
    let Some(first) = shown.first().map(|d| d.date).filter(|_| days.len() > 1) else { return Ok(None) };
    let caption = v.t("usage.year");
    let values = |of: fn(&DayLevels) -> f64| days.iter().map(move |d| d.as_ref().map(of));
    let plot = Plot::new(Axis::Days)
        .curve(v.t("usage.lowest"), "edge", values(|d| d.min))
        .curve(v.t("usage.highest"), "edge", values(|d| d.max))
        .range()
        .curve(v.t("usage.mean"), "now", values(|d| d.mean))
        .starting_on(first);
    Figure::new(year_chart(first, &days, caption, v.numbers), caption).wide().with(&plot).map(Some)
}

fn duration(v: &View) -> Result<Option<Figure>> {
    let curve = &v.a.duration;
    let Some(first) = curve.kw.first().copied() else { return Ok(None) };
    // Hours at or above 90 % of the maximum: what a demand charge would fall by if shaved.
    let near = curve.kw.partition_point(|kw| *kw >= 0.9 * first);
    let hours = near as f64 * curve.interval_hours;
    let label = v.text.fill("usage.near", &[("hours", &v.numbers.short(hours))]);
    let marks = [Mark { minute: hours * 60.0, kw: 0.9 * first, label }];
    let title = v.t("usage.duration");
    let shown: &[Mark] = if first > 0.0 { &marks } else { &[] };
    let svg = duration_chart(curve, title, v.t("usage.hours"), shown, v.numbers);
    let points = duration_sample(curve.kw.len());
    let plot = Plot::new(Axis::Hours)
        .at(points.iter().map(|i| *i as f64 * curve.interval_hours).collect())
        .curve(v.t("usage.load"), "now", points.iter().map(|i| curve.kw.get(*i).copied()))
        .marks(shown);
    Figure::new(svg, title).wide().with(&plot).map(Some)
}
