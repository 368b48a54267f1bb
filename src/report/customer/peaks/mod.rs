//! The customer's peaks: ledger of billing peaks, the days of the greatest, recurrence.

mod episodes;

use super::answer::mean_by_slot;
use super::figure::{Axis, Figure, Plot};
use super::{Section, View, render};
use crate::error::Result;
use crate::peak::{Peak, PeakKind, Shape};
use crate::report::chart::{DayChart, Mark, Series};
use crate::report::number::ABSENT;
use askama::Template;

/// Days of billing peaks that are drawn.
const DRAWN: usize = 3;

/// See the module.
#[derive(Debug)]
pub struct Peaks;

struct Row {
    month: String,
    at: String,
    kw: String,
    margin: String,
    shape: &'static str,
    day_kind: &'static str,
    above: String,
    recurrence: String,
    /// The register's demand of the month, with its distance from `kw`.
    register: String,
    event: String,
}

#[derive(Template)]
#[template(path = "customer/peaks.html")]
struct Page<'a> {
    v: View<'a>,
    lead: String,
    rows: Vec<Row>,
    registers: bool,
    events: bool,
    days: Vec<Figure>,
    episodes: Option<episodes::Episodes>,
}

impl Section for Peaks {
    fn id(&self) -> &'static str {
        "peaks"
    }

    fn render(&self, v: &View) -> Result<Option<String>> {
        let billing: Vec<&Peak> = v.a.peaks.iter().filter(|p| p.kind == PeakKind::Billing).collect();
        if billing.is_empty() {
            return Ok(None);
        }
        let rows: Vec<Row> = billing.iter().map(|p| row(v, p)).collect();
        let page = Page {
            v: *v,
            lead: lead(v, &billing),
            registers: rows.iter().any(|r| !r.register.is_empty()),
            events: rows.iter().any(|r| !r.event.is_empty()),
            rows,
            days: days(v, &billing)?,
            episodes: episodes::episodes(v),
        };
        render(&page, v).map(Some)
    }
}

fn lead(v: &View, billing: &[&Peak]) -> String {
    let n = billing.len().to_string();
    let needles = billing.iter().filter(|p| p.shape == Some(Shape::Needle)).count();
    let key = if needles == 0 { "peaks.lead_none" } else { "peaks.lead" };
    v.text.fill(key, &[("n", &n), ("needles", &needles.to_string())])
}

fn row(v: &View, p: &Peak) -> Row {
    let absent = || ABSENT.to_owned();
    Row {
        month: p.month.map_or_else(absent, |m| v.numbers.month(m)),
        at: v.at(p.span.start),
        kw: v.numbers.auto(p.max_kw.get()),
        margin: p.margin_kw.map_or_else(absent, |m| v.numbers.auto(m.get())),
        shape: p.shape.map_or(ABSENT, |s| v.text.t(shape_key(s))),
        day_kind: v.text.get(&format!("day_kind.one_{}", p.day_kind.name())).unwrap_or_default(),
        above: p.kwh_above.map_or_else(absent, |k| v.numbers.auto(k.get())),
        recurrence: p.recurrence.map_or_else(absent, |r| v.numbers.percent(r.get(), 0)),
        register: register(v, p).unwrap_or_default(),
        event: event(v, p).unwrap_or_default(),
    }
}

/// What the demand register showed of the peak's month, and how far the interval mean is from it.
fn register(v: &View, p: &Peak) -> Option<String> {
    let demand = v.ctx.registers.iter().find(|r| Some(r.month) == p.month)?.demand;
    let off = p.max_kw.over(demand)?.get() - 1.0;
    Some(format!("{} ({})", v.numbers.auto(demand.get()), v.numbers.signed_percent(off, 1)))
}

/// The known event that the peak falls into.
fn event(v: &View, p: &Peak) -> Option<String> {
    let start = v.instant(p.span.start)?;
    let local = i64::from(start.date().0) * crate::time::DAY_SECONDS + i64::from(start.minute_of_day()) * 60;
    let event = v.a.customer.events.iter().find(|e| e.local().contains(&local))?;
    let kind = serde_json::to_value(event.kind).ok()?;
    let name = v.text.get(&format!("event.{}", kind.as_str()?))?.to_owned();
    Some(event.note.as_ref().map_or_else(|| name.clone(), |note| format!("{name}{}{note}", v.t("word.of"))))
}

const fn shape_key(shape: Shape) -> &'static str {
    match shape {
        Shape::Needle => "shape.needle",
        Shape::Plateau => "shape.plateau",
        Shape::Other => "shape.other",
    }
}

/// The days of the greatest billing peaks, on one scale, in the order of their height.
fn days(v: &View, billing: &[&Peak]) -> Result<Vec<Figure>> {
    let mut top: Vec<&Peak> = billing.to_vec();
    top.sort_by(|a, b| b.max_kw.get().total_cmp(&a.max_kw.get()).then(a.span.start.cmp(&b.span.start)));
    top.truncate(DRAWN);
    let lowest = v.a.totals.min_kw.map_or(0.0, |k| k.get().min(0.0));
    let extent = (lowest, top.first().map_or(0.0, |p| p.max_kw.get()));
    top.into_iter().filter_map(|p| day(v, p, extent)).collect()
}

fn day(v: &View, p: &Peak, extent: (f64, f64)) -> Option<Result<Figure>> {
    let (day, minute) = v.day_and_minute(p.span.start)?;
    let kw = v.numbers.kw(p.max_kw.get());
    let caption = v.text.fill("peaks.day", &[("at", &v.at(p.span.start)), ("kw", &kw)]);
    let marks = [Mark { minute, kw: p.max_kw.get(), label: kw }];
    let series = [Series { class: "now", kw: mean_by_slot(&v.a.load, |d| d == day) }];
    let kind = v.a.labels.kinds.get(day).copied().zip(v.a.labels.seasons.get(day).copied());
    let bands = v.ctx.tariff.as_ref().zip(kind).map_or(&[][..], |(t, (k, s))| t.bands_of(k, s));
    let [curve] = &series;
    let plot = Plot::new(Axis::Clock)
        .curve(v.t("usage.load"), "now", curve.kw.iter().copied())
        .bands(bands)
        .marks(&marks)
        .scale(extent);
    let chart = DayChart {
        title: &caption,
        size: (360.0, 210.0),
        bands,
        range: None,
        series: &series,
        marks: &marks,
        extent: Some(extent),
    };
    Some(Figure::new(chart.draw(v.numbers), &caption).with(&plot))
}
