//! The bundle's statement in words: how the number comes about, and from what.

use super::{Case, Subject, Sums, agrees, line_name};
use crate::report::{Numbers, Text, tell};
use crate::tariff::LineKind;
use crate::time::Month;
use std::fmt::Write;

/// The statement, line by line.
pub(super) fn text(case: &Case<'_>, month: Month, subject: Subject<'_>, sums: &Sums) -> String {
    let (text, numbers) = (Text::of(case.language), Numbers(case.language));
    let a = case.analysis;
    let mut out = String::new();
    let mut say = |line: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{line}");
    };
    let title = match subject {
        Subject::Line(l) => line_name(l),
        Subject::Peak(_) => text.t("proof.peak").to_owned(),
    };
    let name = a.customer.name.as_deref().unwrap_or("");
    say(&text.fill("proof.title", &[("what", &title), ("month", &numbers.month(month))]));
    say(&format!("{}{}{} {name}", text.t("head.account"), text.t("word.colon"), a.customer.id));
    say("");
    match subject {
        Subject::Line(l) => {
            let quantity = format!("{} {}", numbers.fixed(l.quantity, 4), l.unit);
            let values = [
                ("quantity", quantity),
                ("price", numbers.fixed(l.price, 6)),
                ("exact", numbers.fixed(l.amount_exact, 6)),
                ("amount", numbers.fixed(l.amount.to_f64(), 2)),
            ];
            say(&fill(text, "proof.product", &values));
            if !l.note.is_empty() {
                say(&format!("{}{}{}", text.t("bill.note"), text.t("word.colon"), tell(&l.note, text)));
            }
            say(&rule(text, l.kind));
            if matches!(l.kind, LineKind::Energy) {
                let values = [
                    ("kwh", numbers.fixed(sums.kwh_counted, 4)),
                    ("off", numbers.fixed(sums.kwh_counted - l.quantity, 4)),
                    ("estimated", numbers.fixed(sums.kwh_estimated, 4)),
                ];
                say(&fill(text, "proof.energy_sum", &values));
            }
        }
        Subject::Peak(p) => {
            let margin = p.margin_kw.map_or_else(|| "–".to_owned(), |m| numbers.kw(m.get()));
            let at = a.load.instant(p.span.start).to_string();
            say(&fill(text, "monthly.peak", &[("at", at), ("kw", numbers.kw(p.max_kw.get())), ("margin", margin)]));
            say(text.t("proof.rule_peak"));
        }
    }
    if let Some((kw, at)) = &sums.max_kw {
        say(&fill(text, "proof.maximum", &[("kw", numbers.fixed(*kw, 4)), ("at", at.clone())]));
    }
    let (n, valid, estimated) = (sums.n_intervals, sums.n_valid, sums.n_estimated);
    let counts = [("n", n.to_string()), ("valid", valid.to_string()), ("estimated", estimated.to_string())];
    say(&fill(text, "proof.intervals", &counts));
    say("");
    if let Some(t) = case.tariff.map(crate::tariff::Compiled::tariff) {
        let (language, own) = (case.language.code(), str::to_owned);
        let from = t.effective_from.to_string();
        let values = [("name", own(t.name_in(language))), ("from", from), ("source", own(t.source_in(language)))];
        say(&fill(text, "proof.tariff", &values));
    }
    let key = if agrees(case, subject) { "proof.agrees" } else { "proof.differs" };
    say(text.t(key));
    say(text.t("proof.inputs"));
    for i in case.inputs {
        say(&format!("  {}  {}  {}", i.now, i.path, text.t(if i.same() { "proof.same" } else { "proof.changed" })));
    }
    say("");
    say(text.t("page.reservation"));
    out
}

fn fill(text: &Text, key: &'static str, values: &[(&str, String)]) -> String {
    let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    text.fill(key, &values)
}

/// The sentence that says how a kind of line is computed.
fn rule(text: &Text, kind: LineKind) -> String {
    let name = serde_json::to_value(kind).ok();
    let key = format!("proof.rule_{}", name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default());
    text.get(&key).unwrap_or_else(|| text.t("proof.rule_other")).to_owned()
}
