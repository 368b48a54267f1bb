//! The answer: what is paid, what could be saved, at most three things to do.

use super::figure::{Axis, Figure, Plot};
use super::{Section, View, render};
use crate::analysis::Analysis;
use crate::curve::Load;
use crate::error::Result;
use crate::report::chart::{DayChart, Mark, Series, sparkline};
use crate::rule::{Advice, Tier};
use crate::time::DayKind;
use crate::units::Kwh;
use askama::Template;

/// Recommendations on the first page.
const MOST: usize = 3;

/// See the module.
#[derive(Debug)]
pub struct Answer;

struct Tile {
    class: &'static str,
    label: &'static str,
    value: String,
    note: String,
    spark: String,
}

struct Action {
    tier: &'static str,
    title: String,
    advice: String,
    saving: String,
    no_promise: bool,
    /// The first that is not in the sum, after others that are.
    apart: bool,
    certainty: String,
    grade: &'static str,
    effort: String,
    anchor: String,
}

#[derive(Template)]
#[template(path = "customer/answer.html")]
struct Page<'a> {
    v: View<'a>,
    lead: String,
    tiles: Vec<Tile>,
    actions: Vec<Action>,
    more: String,
    charts: Vec<Figure>,
    /// What the curve after the plan is called.
    after: &'static str,
}

impl Section for Answer {
    fn id(&self) -> &'static str {
        "answer"
    }

    fn render(&self, v: &View) -> Result<Option<String>> {
        let all = v.actions();
        let mut shown: Vec<Action> = v.first_actions().into_iter().take(MOST).map(|a| action(v, a)).collect();
        let counted = shown.iter().take_while(|a| !a.no_promise).count();
        if let Some(next) = shown.get_mut(counted).filter(|_| counted > 0) {
            next.apart = true;
        }
        let rest = all.len() - shown.len();
        let more = if rest > 0 { v.text.fill("answer.more", &[("n", &rest.to_string())]) } else { String::new() };
        let page = Page {
            v: *v,
            lead: lead(v),
            tiles: tiles(v),
            actions: shown,
            more,
            charts: charts(v)?,
            after: after_key(v.a),
        };
        render(&page, v).map(Some)
    }
}

/// One sentence that answers what is paid and what could be saved.
pub(in crate::report) fn lead(v: &View) -> String {
    let plan = &v.a.plan;
    let period = v.period_text();
    let found = !v.actions().is_empty();
    match (plan.bill_now, v.could_save()) {
        (Some(bill), Some(worth)) => {
            let saving = v.saving(worth);
            v.text.fill("answer.lead_saving", &[("bill", &v.money(bill)), ("saving", &saving)])
        }
        (Some(bill), None) if v.invests() => {
            let bill = v.money(bill);
            match v.by_inspecting().map(|worth| v.saving(worth)) {
                Some(saving) => v.text.fill("answer.lead_inspect", &[("bill", &bill), ("saving", &saving)]),
                None => v.text.fill("answer.lead_invest", &[("bill", &bill)]),
            }
        }
        (Some(bill), None) if found => v.text.fill(found_key(v), &[("bill", &v.money(bill))]),
        (Some(bill), None) => v.text.fill("answer.lead_nothing", &[("bill", &v.money(bill)), ("period", &period)]),
        (None, _) if found => v.text.fill("answer.lead_unpriced", &[("period", &period)]),
        (None, _) if v.ctx.tariff.is_none() => v.text.fill("answer.lead_no_tariff", &[("period", &period)]),
        (None, _) => v.text.fill("answer.lead_no_bill", &[("period", &period)]),
    }
}

/// What is said of findings that promise nothing: whether one has a price.
fn found_key(v: &View) -> &'static str {
    if v.actions().into_iter().any(|a| !a.has_ended() && super::worth::range(a).is_some()) {
        "answer.lead_bill"
    } else {
        "answer.lead_noticed"
    }
}

fn tiles(v: &View) -> Vec<Tile> {
    let (t, plan, text) = (&v.a.totals, &v.a.plan, v.text);
    let absent = || super::super::number::ABSENT.to_owned();
    let bill = plan.bill_now.map_or_else(absent, |b| v.money(b));
    let bill_note = match plan.bill_now {
        Some(_) if plan.short => text.t("tile.bill_short"),
        Some(_) => text.t("tile.bill_note"),
        None => text.t("tile.bill_none"),
    };
    let save = v.could_save();
    let share = save.zip(plan.bill_now).filter(|(_, b)| b.to_f64() > 0.0).map(|(worth, b)| {
        let percent = |x: f64| v.numbers.fixed((x / b.to_f64() * 1000.0).floor() / 10.0, 1);
        if worth.may_fail(v.least_saving()) {
            return text.fill("tile.save_share_up", &[("told", &percent(worth.told))]);
        }
        let low = percent(worth.low.unwrap_or(worth.told));
        text.fill("tile.save_share", &[("low", &low), ("high", &percent(worth.high))])
    });
    let saving = save.map_or_else(absent, |worth| v.saving(worth));
    let save_note = share.unwrap_or_else(|| text.t("tile.save_none").to_owned());
    let peak = t.max.map_or_else(absent, |(kw, _)| v.numbers.kw(kw.get()));
    let peak_note = t.max.map(|(_, i)| v.at(i)).unwrap_or_default();
    let energy = t.kwh.map_or_else(absent, |k| v.numbers.kwh(k.get()));
    let factor = t.load_factor.map_or_else(absent, |f| v.numbers.percent(f.get(), 0));
    let energy_note = text.fill("tile.energy_note", &[("factor", &factor)]);
    // Months that the ends of the data cut are no trend.
    let whole = || v.a.monthly.iter().filter(|m| !m.cycle.partial);
    let kw: Vec<_> = whole().map(|m| m.totals.max.map(|(kw, _)| kw.get())).collect();
    let kwh: Vec<_> = whole().map(|m| m.totals.kwh.map(Kwh::get)).collect();
    let (kw, kwh) = (sparkline(&kw, text.t("usage.maxima")), sparkline(&kwh, text.t("usage.energy")));
    vec![
        Tile {
            class: "money",
            label: text.t("tile.bill"),
            value: bill,
            note: bill_note.to_owned(),
            spark: String::new(),
        },
        Tile { class: "money save", label: text.t("tile.save"), value: saving, note: save_note, spark: String::new() },
        Tile { class: "", label: text.t("tile.peak"), value: peak, note: peak_note, spark: kw },
        Tile { class: "", label: text.t("tile.energy"), value: energy, note: energy_note, spark: kwh },
    ]
}

fn action(v: &View, advice: &Advice) -> Action {
    let words = v.words(advice);
    Action {
        tier: tier_key(advice.tier),
        title: words.title,
        advice: words.action,
        saving: v.saving_text(advice),
        no_promise: super::worth::is_no_promise(advice),
        apart: false,
        certainty: v.certainty_text(advice),
        grade: v.certainty(advice).unwrap_or("none"),
        effort: v.effort(advice),
        anchor: super::actions::anchor(advice),
    }
}

/// The tier as in keys and classes.
pub(super) const fn tier_key(tier: Tier) -> &'static str {
    match tier {
        Tier::Counter => "counter",
        Tier::Operate => "operate",
        Tier::Invest => "invest",
        Tier::Inform => "inform",
    }
}

/// What the curve after the plan is called: whether it has more in it than what could be saved without buying.
fn after_key(a: &Analysis) -> &'static str {
    let beyond = |r: &Advice| r.saving_joint_observed.is_some() != r.headline;
    if a.advice.iter().any(beyond) { "answer.after_all" } else { "answer.after" }
}

/// The load before and after: the mean working day, and the day of the highest load.
fn charts(v: &View) -> Result<Vec<Figure>> {
    let Some(after) = &v.a.plan.load_after else { return Ok(Vec::new()) };
    let load = &v.a.load;
    if after.kw() == load.kw() || after.days() != load.days() {
        return Ok(Vec::new());
    }
    let kind = if v.a.labels.kinds.contains(&DayKind::Workday) { DayKind::Workday } else { DayKind::Restday };
    let mean = |l: &Load| mean_by_slot(l, |d| v.a.labels.kinds.get(d) == Some(&kind));
    let caption = v.text.fill("answer.mean_day", &[("kind", v.text.t(&format!("day_kind.{}", kind.name())))]);
    let mut out = vec![pair(v, &caption, (mean(load), mean(after)), &[])?];
    if let Some((kw, (day, minute))) = v.a.totals.max.and_then(|(kw, i)| Some((kw, v.day_and_minute(i)?))) {
        let caption = v.text.fill("answer.peak_day", &[("date", &load.date(day).to_string())]);
        let mark = Mark { minute, kw: kw.get(), label: v.numbers.kw(kw.get()) };
        let one = |l: &Load| mean_by_slot(l, |d| d == day);
        out.push(pair(v, &caption, (one(load), one(after)), &[mark])?);
    }
    Ok(out)
}

type Curve = Vec<Option<f64>>;

fn pair(v: &View, title: &str, (before, after): (Curve, Curve), marks: &[Mark]) -> Result<Figure> {
    let plot = Plot::new(Axis::Clock)
        .curve(v.t("answer.before"), "now", before.iter().copied())
        .curve(v.t(after_key(v.a)), "after", after.iter().copied())
        .marks(marks);
    let series = [Series { class: "now", kw: before }, Series { class: "after", kw: after }];
    let size = (360.0, 230.0);
    let chart = DayChart { title, size, bands: &[], range: None, series: &series, marks, extent: None };
    Figure::new(chart.draw(v.numbers), title).with(&plot)
}

/// Mean kW of the valid intervals by wall-clock slot, over the days that `keep` names.
pub(super) fn mean_by_slot(load: &Load, keep: impl Fn(usize) -> bool) -> Vec<Option<f64>> {
    let slots = load.interval().slots();
    let (mut sum, mut count) = (vec![0.0; slots], vec![0u32; slots]);
    for d in (0..load.days().len()).filter(|d| keep(*d)) {
        for (k, (kw, flags)) in load.day_kw(d).iter().zip(load.day_flags(d)).enumerate() {
            let slot = load.days().slot(d, k);
            if let (Some(s), Some(c)) = (sum.get_mut(slot), count.get_mut(slot))
                && flags & crate::curve::VALID != 0
            {
                *s += kw;
                *c += 1;
            }
        }
    }
    sum.iter().zip(&count).map(|(s, c)| (*c > 0).then(|| s / f64::from(*c))).collect()
}
