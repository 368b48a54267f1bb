//! What to do: every recommendation with its finding, saving, certainty and evidence.

mod schedule;

use super::{Section, View, render, worth};
use crate::error::Result;
use crate::report::Text;
use crate::report::advice_text::{currency, figure_name, named_figure, note};
use crate::report::advice_title;
use crate::report::chart::small_bars;
use crate::report::number::ABSENT;
use crate::rule::{Advice, Arithmetic, LineSum};
use askama::Template;
use std::fmt::Write;

/// See the module.
#[derive(Debug)]
pub struct Actions;

struct Item {
    anchor: String,
    code: &'static str,
    tier: &'static str,
    title: String,
    finding: String,
    action: String,
    saving: String,
    no_promise: bool,
    months: String,
    alternatives: String,
    facts: Vec<(&'static str, String)>,
    caveat: String,
    evidence: Vec<(String, String, &'static str)>,
    bills: Option<Bills>,
}

/// The two bills behind a saving.
struct Bills {
    months: String,
    lines: Vec<(String, String, String)>,
    before: String,
    after: String,
}

#[derive(Template)]
#[template(path = "customer/actions.html")]
struct Page<'a> {
    v: View<'a>,
    items: Vec<Item>,
    nothing: String,
    schedule: Option<schedule::Schedule<'a>>,
    rejected: Vec<(String, &'static str, String)>,
}

impl Section for Actions {
    fn id(&self) -> &'static str {
        "actions"
    }

    fn render(&self, v: &View) -> Result<Option<String>> {
        let all = v.actions();
        let items: Vec<Item> = all.iter().map(|a| item(v, a, &all)).collect();
        let key = match (v.a.totals.n_valid, &v.ctx.tariff) {
            (0, _) => "actions.no_reading",
            (_, None) => "actions.no_tariff",
            _ => "actions.nothing",
        };
        let nothing = v.text.fill(key, &[("period", &v.period_text())]);
        let schedule = schedule::Schedule::of(v)?;
        render(&Page { v: *v, items, nothing, schedule, rejected: rejected(v) }, v).map(Some)
    }
}

/// The anchor of a recommendation: its code with what tells it from others of the same code.
pub(super) fn anchor(advice: &Advice) -> String {
    advice.advice_id.bytes().fold(String::from("a-"), |mut s, b| {
        if b.is_ascii_alphanumeric() || b == b'-' {
            s.push(char::from(b));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(s, "_{b:02x}");
        }
        s
    })
}

/// What was looked at and is not advised: name, code and reason.
pub(in crate::report) fn rejected(v: &View) -> Vec<(String, &'static str, String)> {
    let mine = v.a.plan.rejected.iter().filter(|r| v.ctx.may_show(r.audience));
    let why =
        |reason: &Option<String>| reason.as_ref().map_or_else(|| v.t("rejected.small").to_owned(), |r| v.phrase(r));
    mine.map(|r| (advice_title(r.code, v.language()), r.code, why(&r.reason))).collect()
}

/// The other recommendations of which only one can be followed, each with its saving alone.
fn alternatives(v: &View, advice: &Advice, all: &[&Advice]) -> String {
    let apart = |o: &Advice| worth::outside_plan(o) || worth::outside_plan(advice);
    let others = all.iter().filter(|o| o.advice_id != advice.advice_id && worth::excludes(advice, o) && apart(o));
    let one = |o: &&Advice| {
        let title = v.words(o).title;
        let alone = o.saving_alone.map(|m| v.numbers.saving(None, m.to_f64(), v.currency()));
        alone.map_or(title.clone(), |m| format!("{title} ({m})"))
    };
    others.map(one).collect::<Vec<_>>().join(v.t("word.list"))
}

/// The saving of each counted month as small bars.
fn months(v: &View, advice: &Advice) -> String {
    let Some(a) = &advice.evidence.arithmetic else { return String::new() };
    let values: Vec<f64> = a.monthly_saving.iter().map(|m| m.to_f64()).collect();
    small_bars(&values, v.t("action.by_month"))
}

fn item(v: &View, advice: &Advice, all: &[&Advice]) -> Item {
    let words = v.words(advice);
    Item {
        anchor: anchor(advice),
        code: advice.code,
        tier: super::answer::tier_key(advice.tier),
        title: words.title,
        finding: words.finding,
        action: words.action,
        saving: v.saving_text(advice),
        no_promise: worth::is_no_promise(advice),
        months: months(v, advice),
        alternatives: alternatives(v, advice, all),
        facts: facts(v, advice),
        caveat: v.caveat(advice),
        evidence: if v.slim { Vec::new() } else { evidence(v, advice) },
        bills: advice.evidence.arithmetic.as_ref().map(|a| bills(v, a)),
    }
}

fn facts(v: &View, advice: &Advice) -> Vec<(&'static str, String)> {
    let (text, numbers) = (v.text, v.numbers);
    let money = |m: crate::units::Money| numbers.saving(None, m.to_f64(), v.currency());
    let mut out = Vec::new();
    let mut fact = |key: &'static str, value: Option<String>| out.extend(value.map(|value| (text.t(key), value)));
    fact("action.alone", advice.saving_alone.map(money));
    fact("action.joint", advice.saving_joint.map(money));
    let free = advice.saving_headline.map(money).filter(|m| Some(m) != advice.saving_joint.map(money).as_ref());
    // The range is that of the last saving told: of the one without buying equipment, where there are two.
    let range = if free.is_some() { "action.range_free" } else { "action.range" };
    fact("action.free", free);
    if let Some(worth) = worth::range(advice).filter(|w| w.low.is_some()) {
        fact(range, Some(numbers.saving_range(v.least_saving(), worth, v.currency())));
    }
    fact("action.plan", worth::outside_plan(advice).then(|| why_outside(v, advice).to_owned()));
    fact("action.kw", advice.kw_reduced.map(|k| numbers.kw(k.get())));
    fact("action.kw_potential", advice.kw_potential.map(|k| numbers.kw(k.get())));
    fact("action.saved", advice.kwh_saved.map(|k| numbers.kwh(k.get())));
    fact("action.shifted", advice.kwh_shifted.map(|k| numbers.kwh(k.get())));
    fact("action.effort", Some(v.effort(advice)));
    fact("action.certainty", Some(v.certainty_text(advice)).filter(|s| !s.is_empty()));
    let holds =
        advice.holds.map(|(n, m)| text.fill("action.holds_value", &[("n", &n.to_string()), ("m", &m.to_string())]));
    fact("action.holds", holds);
    fact("action.needs", (!advice.needs.is_empty()).then(|| need_names(v.text, &advice.needs)));
    out
}

/// Why a recommendation is no part of the plan: what it mends has gone, another of its group is part, or what others
/// leave is too little.
fn why_outside(v: &View, advice: &Advice) -> &'static str {
    if advice.has_ended() {
        return v.text.t("action.ended_plan");
    }
    let taken = v.a.advice.iter().any(|o| !worth::outside_plan(o) && worth::excludes(o, advice));
    v.text.t(if taken { "action.outside_plan" } else { "action.too_little" })
}

/// Names of inputs, in words where the text files have them.
pub(in crate::report) fn need_names(text: &Text, needs: &[String]) -> String {
    let name = |n: &String| text.get(&format!("need.{n}")).map_or_else(|| n.clone(), str::to_owned);
    needs.iter().map(name).collect::<Vec<_>>().join(text.t("word.list"))
}

/// Name, value and origin (measured or the rule's constant) of everything in the evidence. Notes
/// that are sentences are left to the text files; those that are facts have a name there.
fn evidence(v: &View, advice: &Advice) -> Vec<(String, String, &'static str)> {
    let e = &advice.evidence;
    let mut out = Vec::new();
    if !e.from.is_empty() {
        let period = format!("{} – {}", e.from, e.to);
        out.push((v.text.t("head.period").to_owned(), period, v.text.t("evidence.measured")));
    }
    for (origin, map) in [("evidence.measured", &e.figures), ("evidence.constant", &e.constants)] {
        let origin = v.text.get(origin).unwrap_or_default();
        let named = map.iter().map(|(k, f)| named_figure(k, f, currency(advice), v.numbers));
        out.extend(named.map(|(name, value)| (name, value, origin)));
    }
    let facts = e.notes.iter().filter_map(|(k, s)| Some((figure_name(k, v.numbers)?, note(k, s, v.language()))));
    out.extend(facts.map(|(k, s)| (k, s, v.text.t("evidence.note"))));
    out
}

/// Lines that change, before beside after; a line that one of the bills lacks is absent there.
fn bills(v: &View, a: &Arithmetic) -> Bills {
    let one = |l: &LineSum| {
        let quantity = format!("{} {}", v.numbers.fixed(l.quantity, 2), v.unit(l.unit));
        format!("{quantity} × {} = {}", v.numbers.fixed(l.price, 6), v.numbers.fixed(l.amount.to_f64(), 2))
    };
    let same = |x: &LineSum, y: &LineSum| x.kind == y.kind && x.name == y.name;
    let label = |l: &LineSum| l.name.to_string();
    let absent = || ABSENT.to_owned();
    let mut rest: Vec<&LineSum> = a.after.iter().collect();
    let mut lines = Vec::new();
    for before in &a.before {
        let at = rest.iter().position(|l| same(before, l));
        let after = at.map(|i| rest.remove(i));
        lines.push((label(before), one(before), after.map_or_else(absent, one)));
    }
    lines.extend(rest.into_iter().map(|l| (label(l), absent(), one(l))));
    let months = match (a.months.first(), a.months.last()) {
        (Some(first), Some(last)) => format!("{first} – {last} ({})", a.months.len()),
        _ => String::new(),
    };
    let total = |m: crate::units::Money| v.numbers.fixed(m.to_f64(), 2);
    Bills { months, lines, before: total(a.total_before), after: total(a.total_after) }
}
