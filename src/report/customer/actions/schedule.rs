//! The off-peak work schedule: who runs when, as a table that a shift supervisor can follow, with a
//! picture of the machines' hours and of the day before and after.

use crate::error::Result;
use crate::report::BandSpan;
use crate::report::chart::{DayChart, Hours, HoursRow, Series};
use crate::report::customer::View;
use crate::report::customer::figure::{Axis, Figure, Plot};
use crate::time::{DayKind, Month};
use crate::units::Money;
use crate::whatif::{DayPlan, Move, WorkSchedule, clocks, joined};
use askama::Template;

/// Rows at most: table `schedule` has them all.
const ROWS: usize = 40;

/// The schedule's part of the page.
#[derive(Template)]
#[template(path = "customer/schedule.html")]
pub(super) struct Schedule<'a> {
    v: View<'a>,
    lead: String,
    rows: Vec<Row>,
    /// Of the days of which most were observed.
    pictures: Option<Pictures>,
    notes: Vec<String>,
}

/// Cells of a row.
struct Row {
    days: &'static str,
    months: String,
    equipment: String,
    kw: String,
    from: String,
    to: String,
    n_days: String,
    saving: String,
}

/// Which days, the machines' hours, the day before and after.
struct Pictures {
    title: String,
    hours: Figure,
    day: Figure,
}

/// A machine's new hours on days of a kind, over all months in which they are the same.
struct Order<'a> {
    day_kind: DayKind,
    months: Vec<Month>,
    moved: &'a Move,
    n_days: usize,
    saving: Money,
}

impl<'a> Schedule<'a> {
    /// The plan's schedule; `None` without one.
    ///
    /// # Errors
    /// When a picture's data have no JSON form.
    pub(super) fn of(v: &View<'a>) -> Result<Option<Self>> {
        let Some(work) = v.a.plan.schedule.as_deref().filter(|s| !s.plans.is_empty()) else { return Ok(None) };
        let orders = orders(work);
        let lead =
            v.text.fill("schedule.lead", &[("saving", &v.numbers.saving(None, work.saving.to_f64(), v.currency()))]);
        let notes = notes(v, work, orders.len().saturating_sub(ROWS));
        let rows = orders.iter().take(ROWS).map(|o| row(v, o)).collect();
        Ok(Some(Self { v: *v, lead, rows, pictures: pictures(v, work)?, notes }))
    }
}

/// The moves of all months, those that are the same put together; by kind of day, then by clock.
fn orders(work: &WorkSchedule) -> Vec<Order<'_>> {
    let mut out: Vec<Order<'_>> = Vec::new();
    for (plan, m) in work.plans.iter().flat_map(|p| p.moves.iter().map(move |m| (p, m))) {
        let same = |o: &&mut Order<'_>| {
            let alike =
                |a: &Move, b: &Move| (&a.equipment, a.kw, &a.from, &a.to) == (&b.equipment, b.kw, &b.from, &b.to);
            o.day_kind == plan.day_kind && alike(o.moved, m)
        };
        if let Some(order) = out.iter_mut().find(same) {
            order.months.extend(&plan.months);
            order.n_days += m.n_days;
            order.saving += m.saving;
        } else {
            let (months, n_days, saving) = (plan.months.clone(), m.n_days, m.saving);
            out.push(Order { day_kind: plan.day_kind, months, moved: m, n_days, saving });
        }
    }
    let start = |o: &Order<'_>| joined(&o.moved.to).first().map_or(0, |r| r.start);
    for order in &mut out {
        order.months.sort_unstable();
    }
    out.sort_by_key(|o| (o.day_kind, o.months.first().copied(), start(o)));
    out
}

/// What to know of the schedule before following it.
fn notes(v: &View, work: &WorkSchedule, more: usize) -> Vec<String> {
    let mut out = vec![v.t("schedule.read_off").to_owned()];
    if more > 0 {
        out.push(v.text.fill("schedule.more", &[("n", &more.to_string())]));
    }
    for (key, names) in [("schedule.unseen", &work.unseen), ("schedule.stated_unseen", &work.stated_unseen)] {
        if !names.is_empty() {
            out.push(v.text.fill(key, &[("names", &names.join(v.t("word.list")))]));
        }
    }
    if !work.lapsed.is_empty() {
        let names: Vec<String> = work.lapsed.iter().map(|l| l.told(|k| kind(v, k))).collect();
        out.push(v.text.fill("schedule.lapsed", &[("names", &names.join(v.t("word.list")))]));
    }
    let gap = Money::from_f64_rounded(work.gap).filter(|g| *g > Money::ZERO && !work.exact);
    out.push(match gap {
        Some(gap) => v.text.fill("schedule.gap", &[("gap", &v.money(gap))]),
        None => v.t("schedule.best").to_owned(),
    });
    out
}

/// Months in runs: `Jan 2025–Mar 2025, Dec 2025`.
fn months(v: &View, months: &[Month]) -> String {
    let mut runs: Vec<(Month, Month)> = Vec::new();
    for month in months {
        match runs.last_mut().filter(|r| r.1.0 + 1 == month.0) {
            Some(run) => run.1 = *month,
            None => runs.push((*month, *month)),
        }
    }
    let shown = |(a, b): &(Month, Month)| {
        let first = v.numbers.month(*a);
        if a == b { first } else { format!("{first}–{}", v.numbers.month(*b)) }
    };
    runs.iter().map(shown).collect::<Vec<_>>().join(v.t("word.list"))
}

fn kind(v: &View, kind: DayKind) -> &'static str {
    v.text.get(&format!("day_kind.{}", kind.name())).unwrap_or_default()
}

fn row(v: &View, o: &Order<'_>) -> Row {
    Row {
        days: kind(v, o.day_kind),
        months: months(v, &o.months),
        equipment: o.moved.equipment.to_string(),
        kw: v.numbers.kw(o.moved.kw.get()),
        from: clocks(&o.moved.from),
        to: clocks(&o.moved.to),
        n_days: o.n_days.to_string(),
        saving: v.numbers.saving(None, o.saving.to_f64(), v.currency()),
    }
}

/// Pictures of the days of which most were observed; none on a page that must be small.
fn pictures(v: &View, work: &WorkSchedule) -> Result<Option<Pictures>> {
    let most = work.plans.iter().enumerate().rev().max_by_key(|(_, p)| p.n_days);
    let Some((i, plan)) = most.filter(|_| !v.slim) else { return Ok(None) };
    let bands = v.ctx.tariff.as_ref().and_then(|t| t.schedule_bands.get(i)).map_or(&[][..], Vec::as_slice);
    let days =
        [("kind", kind(v, plan.day_kind)), ("months", &months(v, &plan.months)), ("n", &plan.n_days.to_string())];
    let title = v.text.fill("schedule.days", &days);
    Ok(Some(Pictures { title, hours: hours(v, plan, bands), day: day(v, plan, bands)? }))
}

/// The hours of each machine today and as scheduled.
fn hours(v: &View, plan: &DayPlan, bands: &[BandSpan]) -> Figure {
    let one = |m: &Move| HoursRow { name: m.equipment.to_string(), now: m.from.clone(), after: m.to.clone() };
    let rows: Vec<HoursRow> = plan.moves.iter().take(ROWS).map(one).collect();
    let title = v.t("schedule.hours");
    Figure::new(Hours { title, bands, rows: &rows }.draw(), title).wide()
}

/// The mean day before and after.
fn day(v: &View, plan: &DayPlan, bands: &[BandSpan]) -> Result<Figure> {
    let curve = |kw: &[f64]| kw.iter().copied().map(Some).collect::<Vec<_>>();
    let (before, after) = (curve(&plan.before_kw), curve(&plan.after_kw));
    let title = v.t("schedule.day");
    let plot = Plot::new(Axis::Clock)
        .curve(v.t("answer.before"), "now", before.iter().copied())
        .curve(v.t("schedule.with"), "after", after.iter().copied())
        .bands(bands);
    let series = [Series { class: "now", kw: before }, Series { class: "after", kw: after }];
    let chart = DayChart { title, size: (720.0, 240.0), bands, range: None, series: &series, marks: &[], extent: None };
    Figure::new(chart.draw(v.numbers), title).wide().with(&plot)
}
