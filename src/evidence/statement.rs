//! The bundle's statement in words: how the number comes about, and from what.

use super::{Case, Subject, Sums, agrees, line_name};
use crate::report::Numbers;
use crate::tariff::LineKind;
use crate::text::{Text, tell};
use crate::time::Month;
use std::fmt::Write;

/// The statement, line by line.
pub(super) fn text(case: &Case<'_>, month: Month, subject: Subject<'_>, sums: &Sums) -> String {
    let (text, numbers) = (Text::of(case.language), Numbers(case.language));
    let a = case.analysis;
    let mut out = String::new();
    let mut add = |line: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{line}");
    };
    let title = match subject {
        Subject::Line(l) => line_name(l),
        Subject::Peak(_) => text.t("proof.peak").to_owned(),
    };
    let name = a.customer.name.as_deref().unwrap_or("");
    add(&text.fill("proof.title", &[("what", &title), ("month", &numbers.month(month))]));
    add(&format!("{}{}{} {name}", text.t("head.account"), text.t("word.colon"), a.customer.id));
    add("");
    match subject {
        Subject::Line(l) => {
            let quantity = format!("{} {}", numbers.fixed(l.quantity, 4), l.unit);
            let values = [
                ("quantity", quantity),
                ("price", numbers.fixed(l.price, 6)),
                ("exact", numbers.fixed(l.amount_exact, 6)),
                ("amount", numbers.fixed(l.amount.to_f64(), 2)),
            ];
            add(&fill(text, "proof.product", &values));
            if !l.note.is_empty() {
                add(&format!("{}{}{}", text.t("bill.note"), text.t("word.colon"), tell(&l.note, text)));
            }
            add(&rule(text, l.kind));
            if matches!(l.kind, LineKind::Energy) {
                let values = [
                    ("kwh", numbers.fixed(sums.kwh_counted, 4)),
                    ("off", numbers.fixed(sums.kwh_counted - l.quantity, 4)),
                    ("estimated", numbers.fixed(sums.kwh_estimated, 4)),
                ];
                add(&fill(text, "proof.energy_sum", &values));
            }
        }
        Subject::Peak(p) => {
            let margin = p.margin_kw.map_or_else(|| "–".to_owned(), |m| numbers.kw(m.get()));
            let at = a.load.instant(p.span.start).to_string();
            add(&fill(text, "monthly.peak", &[("at", at), ("kw", numbers.kw(p.max_kw.get())), ("margin", margin)]));
            add(text.t("proof.rule_peak"));
        }
    }
    if let Some((kw, at)) = &sums.max_kw {
        add(&fill(text, "proof.maximum", &[("kw", numbers.fixed(*kw, 4)), ("at", at.clone())]));
    }
    let (n, valid, estimated) = (sums.n_intervals, sums.n_valid, sums.n_estimated);
    let counts = [("n", n.to_string()), ("valid", valid.to_string()), ("estimated", estimated.to_string())];
    add(&fill(text, "proof.intervals", &counts));
    add("");
    if let Some(t) = case.tariff.map(crate::tariff::Compiled::tariff) {
        let (language, own) = (case.language.code(), str::to_owned);
        let from = t.effective_from.to_string();
        let values = [("name", own(t.name_in(language))), ("from", from), ("source", own(t.source_in(language)))];
        add(&fill(text, "proof.tariff", &values));
    }
    let key = if agrees(case, subject) { "proof.agrees" } else { "proof.differs" };
    add(text.t(key));
    add(text.t("proof.inputs"));
    for i in case.inputs {
        add(&format!("  {}  {}  {}", i.now, i.path, text.t(if i.same() { "proof.same" } else { "proof.changed" })));
    }
    add("");
    add(text.t("page.reservation"));
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
