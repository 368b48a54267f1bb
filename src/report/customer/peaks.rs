//! The customer's peaks: ledger of billing peaks, the days of the greatest, recurrence.

use super::answer::mean_by_slot;
use super::{Section, View, render};
use crate::error::Result;
use crate::peak::{Peak, PeakKind, Shape};
use crate::report::chart::{DayChart, Mark, Series, Week, week_chart};
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
}

#[derive(Template)]
#[template(path = "customer/peaks.html")]
struct Page<'a> {
    v: View<'a>,
    lead: String,
    rows: Vec<Row>,
    days: Vec<(String, String)>,
    week: Option<(String, String)>,
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
        let rows = billing.iter().map(|p| row(v, p)).collect();
        let page = Page { v: *v, lead: lead(v, &billing), rows, days: days(v, &billing), week: week(v) };
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
    }
}

const fn shape_key(shape: Shape) -> &'static str {
    match shape {
        Shape::Needle => "shape.needle",
        Shape::Plateau => "shape.plateau",
        Shape::Other => "shape.other",
    }
}

/// The days of the greatest billing peaks, on one scale, in the order of their height.
fn days(v: &View, billing: &[&Peak]) -> Vec<(String, String)> {
    let mut top: Vec<&Peak> = billing.to_vec();
    top.sort_by(|a, b| b.max_kw.get().total_cmp(&a.max_kw.get()).then(a.span.start.cmp(&b.span.start)));
    top.truncate(DRAWN);
    let load = &v.a.load;
    let extent = (v.a.totals.min_kw.map_or(0.0, |k| k.get().min(0.0)), top.first().map_or(0.0, |p| p.max_kw.get()));
    top.into_iter()
        .filter_map(|p| {
            let (day, minute) = v.day_and_minute(p.span.start)?;
            let kw = v.numbers.kw(p.max_kw.get());
            let caption = v.text.fill("peaks.day", &[("at", &v.at(p.span.start)), ("kw", &kw)]);
            let marks = [Mark { minute, kw: p.max_kw.get(), label: kw }];
            let series = [Series { class: "now", kw: mean_by_slot(load, |d| d == day) }];
            let kind = v.a.labels.kinds.get(day).copied().zip(v.a.labels.seasons.get(day).copied());
            let bands = v.ctx.tariff.as_ref().zip(kind).map_or(&[][..], |(t, (k, s))| t.bands_of(k, s));
            let size = (360.0, 210.0);
            let chart = DayChart {
                title: &caption,
                size,
                bands,
                range: None,
                series: &series,
                marks: &marks,
                extent: Some(extent),
            };
            Some((chart.draw(v.numbers), caption.clone()))
        })
        .collect()
}

/// Hours of the week in which episodes near the maximum fall.
fn week(v: &View) -> Option<(String, String)> {
    let mut week: Week = [[0; 24]; 7];
    let mut episodes = 0usize;
    for p in v.a.peaks.iter().filter(|p| p.kind == PeakKind::Episode) {
        episodes += 1;
        let mut last = None;
        for i in p.span.clone() {
            let Some(t) = v.instant(i) else { break };
            let cell = (usize::from(t.date().weekday()), (t.minute_of_day() / 60) as usize);
            if last != Some(cell) {
                if let Some(n) = week.get_mut(cell.0).and_then(|hours| hours.get_mut(cell.1)) {
                    *n += 1;
                }
                last = Some(cell);
            }
        }
    }
    if episodes == 0 {
        return None;
    }
    let caption = v.text.fill("peaks.week", &[("n", &v.numbers.fixed(episodes as f64, 0))]);
    let names: Vec<String> = (1..=7).map(|d| v.text.t(&format!("weekday.d{d}")).to_owned()).collect();
    let tip = |d: usize, h: usize, n: u32| {
        let day = names.get(d).map_or("", String::as_str);
        v.text.fill("peaks.week_tip", &[("day", day), ("hour", &h.to_string()), ("n", &n.to_string())])
    };
    Some((week_chart(&week, &caption, &names, tip), caption))
}
