//! Episodes near the maximum: how many, how long, the greatest of them, and when in the week.

use crate::peak::{Peak, PeakKind};
use crate::report::chart::{Week, week_chart};
use crate::report::customer::View;
use crate::report::customer::figure::Figure;
use crate::report::number::ABSENT;

/// Episodes that are listed (judgement).
const LISTED: usize = 8;

/// One of the greatest episodes.
pub(super) struct Row {
    pub start: String,
    pub hours: String,
    pub max_kw: String,
    pub above: String,
    pub day_kind: &'static str,
}

/// All episodes in a sentence, the greatest of them, and their hours of the week.
pub(super) struct Episodes {
    pub lead: String,
    pub rows: Vec<Row>,
    pub week: Figure,
}

/// `None` without an episode.
pub(super) fn episodes(v: &View) -> Option<Episodes> {
    let mut all: Vec<&Peak> = v.a.peaks.iter().filter(|p| p.kind == PeakKind::Episode).collect();
    if all.is_empty() {
        return None;
    }
    let step = v.a.load.interval().hours();
    let hours = |p: &Peak| p.span.len() as f64 * step;
    let week = week(v, &all);
    let total: f64 = all.iter().map(|p| hours(p)).sum();
    let longest = all.iter().map(|p| hours(p)).fold(0.0, f64::max);
    let lead = v.text.fill(
        "peaks.episodes_lead",
        &[
            ("n", &v.numbers.fixed(all.len() as f64, 0)),
            ("hours", &v.numbers.short(total)),
            ("longest", &v.numbers.short(longest)),
        ],
    );
    let above = |p: &Peak| p.kwh_above.map_or(0.0, crate::units::Kwh::get);
    all.sort_by(|a, b| above(b).total_cmp(&above(a)).then(a.span.start.cmp(&b.span.start)));
    let row = |p: &Peak| Row {
        start: v.at(p.span.start),
        hours: v.numbers.fixed(hours(p), 2),
        max_kw: v.numbers.auto(p.max_kw.get()),
        above: p.kwh_above.map_or_else(|| ABSENT.to_owned(), |k| v.numbers.auto(k.get())),
        day_kind: v.text.get(&format!("day_kind.one_{}", p.day_kind.name())).unwrap_or_default(),
    };
    Some(Episodes { lead, rows: all.iter().take(LISTED).map(|p| row(p)).collect(), week })
}

/// Hours of the week in which episodes fall.
fn week(v: &View, all: &[&Peak]) -> Figure {
    let mut week: Week = [[0; 24]; 7];
    for p in all {
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
    let caption = v.text.fill("peaks.week", &[("n", &v.numbers.fixed(all.len() as f64, 0))]);
    let names: Vec<String> = (1..=7).map(|d| v.text.t(&format!("weekday.d{d}")).to_owned()).collect();
    Figure::new(week_chart(&week, &caption, &names), caption).wide()
}
