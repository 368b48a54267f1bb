//! How electricity is used: typical days, the year, the duration curve, months, indicators.

use super::{Section, Typical, View, render};
use crate::error::Result;
use crate::report::chart::{Bar, Bars, DayChart, HeatChart, Mark, Part, Series, duration_chart};
use crate::tariff::Period;
use crate::time::{DayKind, Season};
use askama::Template;
use std::fmt::Write;

/// See the module.
#[derive(Debug)]
pub struct Usage;

/// A chart with its caption.
struct Figure {
    svg: String,
    caption: String,
}

struct Indicator {
    name: String,
    value: String,
    definition: String,
}

#[derive(Template)]
#[template(path = "customer/usage.html")]
struct Page<'a> {
    v: View<'a>,
    kinds: Option<Figure>,
    kind_legend: Vec<(&'static str, &'static str)>,
    seasons: Vec<Figure>,
    band_legend: Vec<(&'static str, String)>,
    varies: bool,
    heat: Option<Figure>,
    duration: Option<Figure>,
    energy: Figure,
    maxima: Figure,
    indicators: Vec<Indicator>,
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
        let (kinds, kind_legend) = kinds(v, &typical);
        let page = Page {
            v: *v,
            kinds,
            kind_legend,
            seasons: seasons(v, &typical),
            band_legend: band_legend(v),
            varies: v.ctx.tariff.as_ref().is_some_and(|t| t.bands.iter().any(|b| b.varies)),
            heat: heat(v)?,
            duration: duration(v),
            energy: energy(v),
            maxima: maxima(v),
            indicators: indicators(v),
        };
        render(&page, v).map(Some)
    }
}

/// Kinds of day and their line classes.
const KINDS: [(DayKind, &str); 3] = [(DayKind::Workday, "now"), (DayKind::Restday, "rest"), (DayKind::Holiday, "hol")];

/// Means of each kind of day over all seasons, weighted by days, in one chart.
fn kinds(v: &View, typical: &[Typical]) -> (Option<Figure>, Vec<(&'static str, &'static str)>) {
    let slots = v.a.load.interval().slots();
    let (mut series, mut legend) = (Vec::new(), Vec::new());
    for (kind, class) in KINDS {
        let kw: Vec<Option<f64>> = (0..slots).map(|slot| kind_mean(v, kind, slot)).collect();
        if typical.iter().any(|t| t.day_kind == kind) {
            series.push(Series { class, kw });
            legend.push((class, v.text.get(&format!("day_kind.{}", kind.name())).unwrap_or_default()));
        }
    }
    if series.is_empty() {
        return (None, legend);
    }
    let title = v.t("usage.kinds");
    let chart =
        DayChart { title, size: (720.0, 260.0), bands: &[], range: None, series: &series, marks: &[], extent: None };
    (Some(Figure { svg: chart.draw(v.numbers), caption: title.to_owned() }), legend)
}

fn kind_mean(v: &View, kind: DayKind, slot: usize) -> Option<f64> {
    let rows = v.a.typical.iter().filter(|t| t.day_kind == kind && t.slot == slot);
    let (sum, n) = rows.fold((0.0, 0), |(s, n), t| (s + t.mean_kw * t.n_days as f64, n + t.n_days));
    (n > 0).then(|| sum / n as f64)
}

/// The working day of each season (any kind that there is, when none works) with p10–p90 and the
/// tariff's bands, on one scale.
fn seasons(v: &View, typical: &[Typical]) -> Vec<Figure> {
    let kind = KINDS.into_iter().map(|(k, _)| k).find(|k| typical.iter().any(|t| t.day_kind == *k));
    let chosen: Vec<&Typical> = Season::ALL
        .into_iter()
        .filter_map(|s| typical.iter().find(|t| Some(t.day_kind) == kind && t.season == s))
        .collect();
    let all = chosen.iter().flat_map(|t| t.p90.iter().chain(&t.p10).chain(&t.mean)).flatten();
    let extent = all.fold((0.0, 0.0), |(low, high), v| (f64::min(low, *v), f64::max(high, *v)));
    chosen
        .into_iter()
        .map(|t| {
            let names = [
                ("season", format!("season.{}", t.season.name())),
                ("kind", format!("day_kind.{}", t.day_kind.name())),
            ];
            let [season, kind] = names.map(|(_, key)| v.text.get(&key).unwrap_or_default());
            let n = t.n_days.to_string();
            let caption = v.text.fill("usage.season", &[("season", season), ("kind", kind), ("n", &n)]);
            let bands = v.ctx.tariff.as_ref().map_or(&[][..], |x| x.bands_of(t.day_kind, t.season));
            let series = [Series { class: "now", kw: t.mean.clone() }];
            let range = Some((t.p10.as_slice(), t.p90.as_slice()));
            let size = (360.0, 220.0);
            let chart =
                DayChart { title: &caption, size, bands, range, series: &series, marks: &[], extent: Some(extent) };
            Figure { svg: chart.draw(v.numbers), caption: caption.clone() }
        })
        .collect()
}

/// The tariff's bands by period, each with its names.
fn band_legend(v: &View) -> Vec<(&'static str, String)> {
    let Some(tariff) = &v.ctx.tariff else { return Vec::new() };
    let spans = || tariff.bands.iter().flat_map(|b| &b.spans);
    Period::ALL
        .into_iter()
        .filter(|p| spans().any(|s| s.period == *p))
        .map(|p| (p.name(), v.text.t(&format!("period.{}", p.name())).to_owned()))
        .collect()
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
    Ok(Some(Figure { svg, caption }))
}

fn duration(v: &View) -> Option<Figure> {
    let curve = &v.a.duration;
    let first = *curve.kw.first()?;
    // Hours at or above 90 % of the maximum: what a demand charge would fall by if shaved.
    let near = curve.kw.partition_point(|kw| *kw >= 0.9 * first);
    let hours = near as f64 * curve.interval_hours;
    let label = v.text.fill("usage.near", &[("hours", &v.numbers.auto(hours))]);
    let marks = [Mark { minute: hours * 60.0, kw: 0.9 * first, label }];
    let title = v.t("usage.duration");
    let shown: &[Mark] = if first > 0.0 { &marks } else { &[] };
    let svg = duration_chart(curve, title, v.t("usage.hours"), shown, v.numbers);
    Some(Figure { svg, caption: title.to_owned() })
}

fn energy(v: &View) -> Figure {
    let scale = |kwh: f64| kwh / 1000.0;
    let bars: Vec<Bar> = v
        .a
        .monthly
        .iter()
        .map(|m| {
            let mut tip = v.numbers.month(m.month);
            let mut part = |class: &'static str, name: &str, kwh: f64| {
                if kwh != 0.0 {
                    let _ = write!(tip, " · {name} {}", v.numbers.kwh(kwh));
                }
                Part { class, value: scale(kwh) }
            };
            let parts = match m.kwh_by_period {
                // From the cheapest up, so that dear energy crowns the bar.
                Some(by) => Period::ALL
                    .into_iter()
                    .zip(by)
                    .rev()
                    .map(|(p, k)| part(p.name(), v.text.t(&format!("period.{}", p.name())), k.get()))
                    .collect(),
                None => vec![part("load", v.t("usage.energy_unit"), m.totals.kwh.map_or(0.0, crate::units::Kwh::get))],
            };
            Bar { month: m.month, tip, parts, partial: m.cycle.partial, marked: false }
        })
        .collect();
    let title = v.t("usage.energy");
    Figure { svg: Bars { title, unit: "MWh", height: 230.0, bars: &bars }.draw(v.numbers), caption: title.to_owned() }
}

fn maxima(v: &View) -> Figure {
    let most = v.a.totals.max.map(|(kw, _)| kw.get());
    let bars: Vec<Bar> =
        v.a.monthly
            .iter()
            .map(|m| {
                let kw = m.totals.max.map_or(0.0, |(kw, _)| kw.get());
                let at = m.totals.max.map(|(_, i)| v.at(i)).unwrap_or_default();
                let tip = format!("{} · {} · {at}", v.numbers.month(m.month), v.numbers.kw(kw));
                let parts = vec![Part { class: "max", value: kw }];
                Bar { month: m.month, tip, parts, partial: m.cycle.partial, marked: most == Some(kw) }
            })
            .collect();
    let title = v.t("usage.maxima");
    Figure { svg: Bars { title, unit: "kW", height: 190.0, bars: &bars }.draw(v.numbers), caption: title.to_owned() }
}

fn indicators(v: &View) -> Vec<Indicator> {
    v.a.indicators
        .iter()
        .filter_map(|r| {
            let value = r.value?;
            let key = |part: &str| format!("indicator.{}.{part}", r.code);
            let name = v.text.get(&key("name")).map_or_else(|| r.code.replace('_', " "), str::to_owned);
            let definition = v.text.get(&key("definition")).unwrap_or_default().to_owned();
            let value = match r.unit {
                "" => v.numbers.fixed(value, 3),
                "%" => format!("{}%", v.numbers.auto(value)),
                unit => format!("{} {unit}", v.numbers.auto(value)),
            };
            Some(Indicator { name, value, definition })
        })
        .collect()
}
