//! Annex: the tariff with its source and validity, the method, how the files were read.

use super::{Section, View, render};
use crate::error::Result;
use crate::report::{Numbers, advice_title};
use crate::rule::Thresholds;
use crate::text::placeholders;
use askama::Template;

/// See the module.
#[derive(Debug)]
pub struct Annex;

#[derive(Template)]
#[template(path = "customer/annex.html")]
struct Page<'a> {
    v: View<'a>,
    tariff: Vec<(&'static str, String)>,
    method: Vec<&'static str>,
    cards: Vec<Card>,
    commands: Vec<(&'static str, String)>,
}

/// The method card of a rule that advises.
struct Card {
    code: &'static str,
    title: String,
    parts: Vec<(&'static str, String)>,
}

/// Sentences of the method, in order.
pub(in crate::report) const METHOD: [&str; 6] =
    ["annex.curves", "annex.gaps", "annex.peaks", "annex.billing", "annex.savings", "annex.certainty"];

impl Section for Annex {
    fn id(&self) -> &'static str {
        "annex"
    }

    fn render(&self, v: &View) -> Result<Option<String>> {
        let method = METHOD.iter().map(|key| v.text.t(key)).collect();
        let page = Page { v: *v, tariff: tariff(v), method, cards: cards(v), commands: commands(v) };
        render(&page, v).map(Some)
    }
}

fn tariff(v: &View) -> Vec<(&'static str, String)> {
    let Some(t) = &v.ctx.tariff else { return Vec::new() };
    let text = v.text;
    let open = |d: Option<crate::time::Date>| d.map_or_else(|| text.t("annex.open").to_owned(), |d| d.to_string());
    let state = text.t(if t.verified { "annex.verified" } else { "annex.unverified" });
    vec![
        (text.t("head.tariff"), t.name.clone()),
        (text.t("annex.id"), t.id.clone()),
        (text.t("annex.version"), t.version.clone()),
        (text.t("annex.validity"), format!("{} – {}", open(t.effective_from), open(t.effective_to))),
        (text.t("annex.source"), t.source.clone()),
        (text.t("annex.state"), state.to_owned()),
    ]
}

/// A card for each code on the page, once: what is looked for, how the saving comes about, when the
/// rule stays silent.
fn cards(v: &View) -> Vec<Card> {
    let mut codes: Vec<&'static str> = v.actions().iter().map(|a| a.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let part = |code: &str, label: &'static str, name: &str| {
        v.text
            .get(&format!("method.{code}.{name}"))
            .map(|sentence| (v.text.t(label), with_constants(sentence, &v.ctx.thresholds, v.numbers)))
    };
    let card = |code: &'static str| Card {
        code,
        title: advice_title(code, v.language()),
        parts: [("card.looks", "looks"), ("card.saving", "saving"), ("card.silent", "silent"), ("card.basis", "basis")]
            .into_iter()
            .filter_map(|(label, name)| part(code, label, name))
            .collect(),
    };
    codes.into_iter().map(card).filter(|c| !c.parts.is_empty()).collect()
}

/// A sentence with the constants of the rules that it names: `{heavy_hours}` as it is, `{pct_heavy_loading}` as a
/// share in per cent.
fn with_constants(sentence: &str, thresholds: &Thresholds, numbers: Numbers) -> String {
    let names = placeholders(sentence);
    if names.is_empty() {
        return sentence.to_owned();
    }
    let constants = serde_json::to_value(thresholds).unwrap_or_default();
    names.into_iter().fold(sentence.to_owned(), |text, name| {
        let share = name.strip_prefix("pct_");
        let Some(value) = constants.get(share.unwrap_or(name)).and_then(serde_json::Value::as_f64) else { return text };
        let told = if share.is_some() { numbers.percent(value, 1) } else { numbers.fixed(value, 1) };
        let told = told.replace(".0", "");
        text.replace(&format!("{{{name}}}"), &told)
    })
}

/// How to derive a number again, with this customer's id.
fn commands(v: &View) -> Vec<(&'static str, String)> {
    let id = &v.a.customer.id;
    let mut out = Vec::new();
    if let Some(a) = v.actions().first() {
        out.push((v.text.t("annex.derive_advice"), format!("peakwise explain OUT {id} {}", a.code)));
    }
    let month = v.a.bill.as_ref().and_then(|b| b.cycles.iter().rev().find(|c| c.is_billed())).map(|c| c.month);
    if let Some(month) = month.or_else(|| v.a.monthly.last().map(|m| m.month)) {
        out.push((v.text.t("annex.derive_evidence"), format!("peakwise evidence OUT {id} {month}")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Language, Text};
    use crate::rule::RULES;

    /// What the method says of a rule is what it went by, not what is usual.
    #[test]
    fn the_method_names_the_constants_in_force() {
        let set = Thresholds { rest_least_share: 0.55, rest_least_days: 7, ..Thresholds::default() };
        for language in Language::ALL {
            let text = Text::of(language);
            let told = |code: &str, part: &str, constants: &Thresholds| {
                let sentence = text.get(&format!("method.{code}.{part}")).unwrap();
                with_constants(sentence, constants, Numbers(language))
            };
            assert!(told("R07", "looks", &set).contains("55%") && told("R07", "silent", &set).contains('7'));
            assert!(told("R07", "looks", &Thresholds::default()).contains("40%"));
            for (rule, part) in RULES.iter().flat_map(|r| ["looks", "saving", "silent", "basis"].map(|p| (r.code(), p)))
            {
                let sentence = told(rule, part, &set);
                assert!(!sentence.contains(['{', '}']), "{rule} {part}: {sentence}");
            }
        }
    }
}
