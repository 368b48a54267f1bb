//! What to do: every recommendation with its finding, saving, certainty and evidence.

use super::{Section, View, render, view};
use crate::error::Result;
use crate::report::advice_text::figure;
use crate::rule::Advice;
use askama::Template;

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
    facts: Vec<(&'static str, String)>,
    caveat: String,
    evidence: Vec<(String, String, &'static str)>,
}

#[derive(Template)]
#[template(path = "customer/actions.html")]
struct Page<'a> {
    v: View<'a>,
    items: Vec<Item>,
    nothing: String,
}

impl Section for Actions {
    fn id(&self) -> &'static str {
        "actions"
    }

    fn render(&self, v: &View) -> Result<Option<String>> {
        let items: Vec<Item> = v.actions().into_iter().map(|a| item(v, a)).collect();
        let nothing = v.text.fill("actions.nothing", &[("period", &v.period_text())]);
        render(&Page { v: *v, items, nothing }, v).map(Some)
    }
}

/// The anchor of a recommendation: its code with what tells it from others of the same code.
pub(super) fn anchor(advice: &Advice) -> String {
    advice.advice_id.bytes().fold(String::from("a-"), |mut s, b| {
        if b.is_ascii_alphanumeric() || b == b'-' {
            s.push(char::from(b));
        } else {
            s.push_str(&format!("_{b:02x}"));
        }
        s
    })
}

fn item(v: &View, advice: &Advice) -> Item {
    let words = v.words(advice);
    let caveat = v.text.get(&format!("advice.{}.caveat", advice.code)).unwrap_or_default().to_owned();
    Item {
        anchor: anchor(advice),
        code: advice.code,
        tier: super::answer::tier_key(advice.tier),
        title: words.title,
        finding: words.finding,
        action: words.action,
        saving: v.saving_text(advice),
        facts: facts(v, advice),
        caveat,
        evidence: evidence(v, advice),
    }
}

fn facts(v: &View, advice: &Advice) -> Vec<(&'static str, String)> {
    let (text, numbers) = (v.text, v.numbers);
    let money = |m: crate::units::Money| numbers.saving(None, m.to_f64(), v.currency());
    let mut out = Vec::new();
    let mut say = |key: &'static str, value: Option<String>| out.extend(value.map(|value| (text.t(key), value)));
    say("action.alone", advice.saving_alone.map(money));
    say("action.joint", advice.saving_joint.map(money));
    if let Some((Some(low), high)) = view::range(advice) {
        say("action.range", Some(numbers.saving(Some(low), high, v.currency())));
    }
    let outside = advice.saving_joint.is_none() && advice.saving_alone.is_some();
    say("action.plan", outside.then(|| text.t("action.outside_plan").to_owned()));
    say("action.kw", advice.kw_reduced.map(|k| numbers.kw(k.get())));
    say("action.saved", advice.kwh_saved.map(|k| numbers.kwh(k.get())));
    say("action.shifted", advice.kwh_shifted.map(|k| numbers.kwh(k.get())));
    say("action.certainty", Some(v.certainty_text(advice)).filter(|s| !s.is_empty()));
    let holds =
        advice.holds.map(|(n, m)| text.fill("action.holds_value", &[("n", &n.to_string()), ("m", &m.to_string())]));
    say("action.holds", holds);
    say("action.needs", (!advice.needs.is_empty()).then(|| need_names(v, &advice.needs)));
    out
}

/// Names of inputs, in words where the text files have them.
pub(super) fn need_names(v: &View, needs: &[String]) -> String {
    let name = |n: &String| v.text.get(&format!("need.{n}")).map_or_else(|| n.clone(), str::to_owned);
    needs.iter().map(name).collect::<Vec<_>>().join(v.text.t("word.list"))
}

/// Name, value and origin (measured or the rule's constant) of everything in the evidence.
fn evidence(v: &View, advice: &Advice) -> Vec<(String, String, &'static str)> {
    let e = &advice.evidence;
    let name = |n: &String| v.text.get(&format!("figure.{n}")).map_or_else(|| n.replace('_', " "), str::to_owned);
    let mut out = Vec::new();
    if !e.from.is_empty() {
        let period = format!("{} – {}", e.from, e.to);
        out.push((v.text.t("head.period").to_owned(), period, v.text.t("evidence.measured")));
    }
    for (origin, map) in [("evidence.measured", &e.figures), ("evidence.constant", &e.constants)] {
        out.extend(map.iter().map(|(k, f)| (name(k), figure(f, v.numbers), v.text.get(origin).unwrap_or_default())));
    }
    out.extend(e.notes.iter().map(|(k, s)| (name(k), s.clone(), v.text.t("evidence.note"))));
    out
}
