//! The off-peak work schedule: who runs when, as a table that a shift supervisor can follow, with a
//! picture of the machines' hours and of the day before and after.

use crate::error::Result;
use crate::report::BandSpan;
use crate::report::chart::{DayChart, Hours, HoursRow, Series};
use crate::report::customer::View;
use crate::report::customer::figure::{Axis, Figure, Plot};
use crate::time::Month;
use crate::units::Money;
use crate::whatif::{DayPlan, Move, WorkSchedule, clocks};
use askama::Template;

/// Parts of the schedule that have pictures at most: those of the most days.
const PICTURED: usize = 2;
/// Machines listed at most, the first parts first: table `schedule` has them all.
const ROWS: usize = 40;

/// The schedule's part of the page.
#[derive(Template)]
#[template(path = "customer/schedule.html")]
pub(super) struct Schedule<'a> {
    v: View<'a>,
    lead: String,
    plans: Vec<Plan>,
    notes: Vec<String>,
}

/// The days of one kind.
struct Plan {
    title: String,
    rows: Vec<Row>,
    /// The machines' hours, and the day before and after.
    pictures: Option<(Figure, Figure)>,
}

/// One machine.
struct Row {
    equipment: String,
    kw: String,
    from: String,
    to: String,
    n_days: String,
    saving: String,
}

impl<'a> Schedule<'a> {
    /// The plan's schedule; `None` without one.
    ///
    /// # Errors
    /// When a picture's data have no JSON form.
    pub(super) fn of(v: &View<'a>) -> Result<Option<Self>> {
        let Some(work) = v.a.plan.schedule.as_deref().filter(|s| !s.plans.is_empty()) else { return Ok(None) };
        let bands = v.ctx.tariff.iter().flat_map(|t| t.schedule_bands.iter().map(Vec::as_slice));
        let bands = bands.chain(std::iter::repeat(&[][..]));
        let mut by_days: Vec<usize> = work.plans.iter().map(|p| p.n_days).collect();
        by_days.sort_unstable_by(|a, b| b.cmp(a));
        let least = by_days.get(PICTURED - 1).copied().unwrap_or(0);
        let mut room = ROWS;
        let mut plans = Vec::new();
        for (p, bands) in work.plans.iter().zip(bands) {
            if room == 0 {
                break;
            }
            plans.push(plan(v, p, (bands, p.n_days >= least), room)?);
            room = room.saturating_sub(p.moves.len());
        }
        let lead = v.text.fill("schedule.lead", &[("saving", &v.money(work.saving))]);
        let all: usize = work.plans.iter().map(|p| p.moves.len()).sum();
        Ok(Some(Self { v: *v, lead, plans, notes: notes(v, work, all.saturating_sub(ROWS)) }))
    }
}

/// What to know of the schedule before following it.
fn notes(v: &View, work: &WorkSchedule, more: usize) -> Vec<String> {
    let mut out = vec![v.t("schedule.read_off").to_owned()];
    if more > 0 {
        out.push(v.text.fill("schedule.more", &[("n", &more.to_string())]));
    }
    if !work.unseen.is_empty() {
        let names: Vec<&str> = work.unseen.iter().map(AsRef::as_ref).collect();
        out.push(v.text.fill("schedule.unseen", &[("names", &names.join(v.t("word.list")))]));
    }
    let gap = Money::from_f64_rounded(work.gap).filter(|g| *g > Money::ZERO && !work.exact);
    out.push(match gap {
        Some(gap) => v.text.fill("schedule.gap", &[("gap", &v.money(gap))]),
        None => v.t("schedule.best").to_owned(),
    });
    out
}

fn plan(v: &View, plan: &DayPlan, (bands, pictured): (&[BandSpan], bool), room: usize) -> Result<Plan> {
    let kind = v.text.get(&format!("day_kind.{}", plan.day_kind.name())).unwrap_or_default();
    let title = v.text.fill(
        "schedule.days",
        &[("kind", kind), ("months", &months(v, &plan.months)), ("n", &plan.n_days.to_string())],
    );
    let pictures = if pictured { Some((hours(v, plan, bands), day(v, plan, bands)?)) } else { None };
    Ok(Plan { rows: plan.moves.iter().take(room).map(|m| row(v, m)).collect(), pictures, title })
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

fn row(v: &View, m: &Move) -> Row {
    Row {
        equipment: m.equipment.to_string(),
        kw: v.numbers.kw(m.kw.get()),
        from: clocks(&m.from),
        to: clocks(&m.to),
        n_days: m.n_days.to_string(),
        saving: v.numbers.fixed(m.saving.to_f64(), 2),
    }
}

/// The hours of each machine today and as scheduled.
fn hours(v: &View, plan: &DayPlan, bands: &[BandSpan]) -> Figure {
    let one = |m: &Move| HoursRow { name: m.equipment.to_string(), now: m.from.clone(), after: m.to.clone() };
    let rows: Vec<HoursRow> = plan.moves.iter().map(one).collect();
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
        .curve(v.t("answer.after"), "after", after.iter().copied())
        .bands(bands);
    let series = [Series { class: "now", kw: before }, Series { class: "after", kw: after }];
    let chart = DayChart { title, size: (720.0, 240.0), bands, range: None, series: &series, marks: &[], extent: None };
    Figure::new(chart.draw(v.numbers), title).wide().with(&plot)
}
