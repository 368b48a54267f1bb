//! Re-derives a recommendation from the evidence that stands in the advice table, in words that a
//! person can follow with a pocket calculator.

use super::{Band, Options, Pools};
use crate::rule::{Effect, Range};
use crate::text::say;
use crate::time::Month;
use crate::units::Money;
use serde_json::Value;
use std::fmt::Write;

/// What the evidence of an advice row says, with the arithmetic of the bills: alone, in the plan, and the
/// range drawn anew. `evidence` is the JSON of the table's column; what it does not hold is left out.
/// Never fails: writing to text does not.
#[must_use]
pub fn explain_advice(evidence: &Value, code: &str, advice_id: &str) -> String {
    let mut out = String::new();
    let title = crate::rule::find(code).and_then(|r| r.card().lines().next()).unwrap_or(code);
    let _ = writeln!(out, "{}", title.trim_start_matches('#').trim());
    if let (Some(from), Some(to)) = (text(evidence, "from"), text(evidence, "to")) {
        let _ = writeln!(out, "Looked at {from} to {to}.");
    }
    section(&mut out, "Measured", evidence.get("figures"), quantity);
    section(&mut out, "Constants of the rule", evidence.get("constants"), quantity);
    section(&mut out, "Notes", evidence.get("notes"), |v| v.as_str().unwrap_or_default().to_owned());
    if let Some(arithmetic) = evidence.get("arithmetic").filter(|a| a.is_object()) {
        bills(&mut out, arithmetic);
        load(&mut out, arithmetic);
        let saved = in_plan(&mut out, arithmetic);
        range(&mut out, arithmetic, &saved, advice_id);
    }
    confidence(&mut out, evidence);
    out
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|t| !t.is_empty())
}

fn section(out: &mut String, title: &str, table: Option<&Value>, show: impl Fn(&Value) -> String) {
    let Some(table) = table.and_then(Value::as_object).filter(|t| !t.is_empty()) else { return };
    let width = table.keys().map(|k| k.chars().count()).max().unwrap_or(0);
    let _ = writeln!(out, "\n{title}");
    for (name, value) in table {
        let _ = writeln!(out, "  {name:width$}  {}", show(value));
    }
}

/// A figure with its unit.
fn quantity(figure: &Value) -> String {
    let value = figure.get("value").and_then(Value::as_f64).map_or_else(|| "?".into(), |v| number(v, 4));
    match text(figure, "unit") {
        Some(unit) => format!("{value} {unit}"),
        None => value,
    }
}

/// Thousands apart, at most so many decimals, no trailing zeros.
fn number(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    let sign = if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{fraction}") }
}

/// A JSON amount: decimals are written as text.
fn amount(value: Option<&Value>) -> Option<f64> {
    let value = value?;
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// Two decimals, thousands apart.
fn money(value: f64) -> String {
    let text = number(value, 2);
    match text.split_once('.') {
        Some((_, cents)) if cents.len() == 2 => text,
        Some(_) => format!("{text}0"),
        None => format!("{text}.00"),
    }
}

fn bills(out: &mut String, a: &Value) {
    let currency = text(a, "currency").unwrap_or_default();
    if let Some(change) = text(a, "change") {
        let _ = writeln!(out, "\nChange: {change}");
    }
    let months = months(a);
    let _ = writeln!(
        out,
        "\nBill of {} months ({}), {currency}; lines that stay the same are left out",
        months.len(),
        ends(&months)
    );
    for (title, key) in [("As it is", "before"), ("With this advice alone", "after")] {
        let _ = writeln!(out, "  {title}");
        for line in a.get(key).and_then(Value::as_array).into_iter().flatten() {
            let _ = writeln!(out, "    {}", bill_line(line));
        }
    }
    let (Some(before), Some(after)) = (amount(a.get("total_before")), amount(a.get("total_after"))) else { return };
    let _ = writeln!(out, "  Whole bill: {} − {} = {} saved", money(before), money(after), money(before - after));
    year(out, a, before - after, &amounts(a.get("monthly_saving")));
}

/// Energy and maxima: what changes in each month, and the yearly figures added up from it.
fn load(out: &mut String, a: &Value) {
    let effect = a.get("effect").and_then(|e| serde_json::from_value::<Effect>(e.clone()).ok());
    let Some(effect) = effect else { return };
    let _ = writeln!(out, "\nLoad with this advice alone");
    let _ = writeln!(
        out,
        "    {:7}  {:>14}  {:>14}  {:>12}  {:>12}",
        "", "less kWh", "more kWh", "maximum kW", "becomes kW"
    );
    let energies = effect.less_kwh.iter().zip(&effect.more_kwh);
    let maxima = effect.max_before_kw.iter().zip(&effect.max_after_kw);
    let kw = |v: &Option<f64>| v.map_or_else(|| "same".into(), |v| number(v, 3));
    for ((month, (less, more)), (was, becomes)) in months(a).iter().zip(energies).zip(maxima) {
        let (less, more) = (number(*less, 3), number(*more, 3));
        let _ = writeln!(out, "    {month:7}  {less:>14}  {more:>14}  {:>12}  {:>12}", kw(was), kw(becomes));
    }
    let (less, more) = (effect.less(), effect.more());
    let (first, second, what) = if less < more { (more, less, "used more") } else { (less, more, "saved") };
    let saved = number(first - second, 3);
    let _ = writeln!(out, "  Energy {what}: {} − {} = {saved} kWh", number(first, 3), number(second, 3));
    let _ = writeln!(out, "  Energy moved: the lesser of both = {} kWh", number(less.min(more), 3));
    let n = months(a).len();
    if let Some(factor) = factor(a).filter(|f| (f - 1.0).abs() > 1e-9) {
        let (saved, moved) = (number((first - second) * factor, 3), number(second * factor, 3));
        let _ = writeln!(out, "  A year: × 12/{n} = {saved} kWh {what}, {moved} kWh moved");
    }
    if let Some(fall) = effect.fall() {
        let verb = if fall < 0.0 { "rises" } else { "falls" };
        let _ = writeln!(out, "  Maximum: {verb} by {} kW, the mean over all {n} months", number(fall.abs(), 3));
    }
}

/// A saving of the counted months for a year, and month by month.
fn year(out: &mut String, a: &Value, saved: f64, monthly: &[f64]) {
    let months = months(a);
    match factor(a) {
        Some(factor) if (factor - 1.0).abs() > 1e-9 => {
            let _ = writeln!(out, "  A year: {} × 12/{} = {}", money(saved), months.len(), money(saved * factor));
        }
        Some(_) => {
            let why =
                if months.len() < 12 { "what is done on dates comes once a year" } else { "these are twelve months" };
            let _ = writeln!(out, "  A year: {} ({why})", money(saved));
        }
        None => {
            let _ = writeln!(out, "  A year: not stated; a season with its own prices has no billed month");
        }
    }
    for (saved, month) in monthly.iter().zip(&months) {
        let _ = writeln!(out, "    {month}  {:>16}", money(*saved));
    }
}

/// The step in the plan and, where it is another, in what could be saved without buying anything. Returns the
/// monthly savings that the range is drawn from: those of the latter, else those in the plan, outside it those
/// of the advice alone.
fn in_plan(out: &mut String, a: &Value) -> Vec<f64> {
    let planned = if let Some(s) = a.get("in_plan") {
        step(out, a, s, "In the plan")
    } else {
        let _ = writeln!(out, "\nNot in the plan: an alternative is, or it saves too little on top of the others");
        amounts(a.get("monthly_saving"))
    };
    match a.get("in_headline") {
        Some(s) => step(out, a, s, "Without what must be bought and what is only thought possible"),
        None => planned,
    }
}

/// A step of a waterfall and what it saves in each month.
fn step(out: &mut String, a: &Value, step: &Value, place: &str) -> Vec<f64> {
    let alone = amounts(a.get("monthly_saving"));
    let before: Vec<&str> = strings(step.get("on_top_of"));
    if before.is_empty() {
        let _ = writeln!(out, "\n{place} it comes first, and saves there what it saves alone");
        return alone;
    }
    let _ = writeln!(out, "\n{place}, on the customer as {} left it", before.join(", "));
    let own = amounts(step.get("monthly_saving"));
    let monthly = if own.is_empty() { &alone } else { &own };
    if let (Some(was), Some(becomes)) = (amount(step.get("total_before")), amount(step.get("total_after"))) {
        let _ = writeln!(out, "  Whole bill: {} − {} = {} saved", money(was), money(becomes), money(was - becomes));
        year(out, a, was - becomes, if own.is_empty() { &[] } else { monthly });
    }
    monthly.clone()
}

/// The range of the yearly saving, its years drawn anew where they need no bill.
fn range(out: &mut String, a: &Value, monthly: &[f64], seed: &str) {
    let stored = a.get("range").and_then(|r| serde_json::from_value::<Range>(r.clone()).ok());
    let (Some(mut range), Some(factor)) = (stored, factor(a)) else { return };
    let mid = monthly.iter().sum::<f64>() * factor;
    if !range.billed_anew {
        let options = Options {
            resamples: range.years,
            block_months: range.block_months,
            tail: range.tail,
            price_band: range.price_band,
            ..Options::default()
        };
        let months: Vec<Money> = monthly.iter().filter_map(|m| Money::from_f64_rounded(*m)).collect();
        let pools = if range.seasonal { pools(a, range.block_months) } else { Pools::default() };
        let drawn = |mid: Money| Band::of((mid, factor), &months, &pools, (seed, &options));
        if let Some(band) = Money::from_f64_rounded(mid).and_then(drawn) {
            range = Range { kept: range.kept, least_spread: range.least_spread, ..band.derived };
        }
    }
    let anew = if range.billed_anew { ", each billed anew (a ratchet couples months)" } else { "" };
    let blocks = format!("from these months in blocks of {} months", range.block_months);
    let near = range.block_months / 2;
    let from = match a.get("in_force") {
        _ if !range.seasonal => blocks,
        Some(_) => {
            format!("month by month, each itself or one at most {near} before or after that is as much in force")
        }
        None => format!("month by month, each itself or one at most {near} before or after"),
    };
    let _ = writeln!(
        out,
        "\nRange: {} years drawn {from} (seed {seed}){anew};\n  without {} % at each end they save {} to {}",
        range.years,
        number(100.0 * range.tail, 1),
        money(range.drawn_low),
        money(range.drawn_high)
    );
    if range.least_spread > 0.0 {
        let _ = writeln!(
            out,
            "  So few months cannot show how much they differ: each end at least {} % away",
            number(100.0 * range.least_spread, 1)
        );
    }
    if range.widened > 1.0 {
        let _ = writeln!(out, "  Away from {} by × {} (√(12/months))", money(mid), number(range.widened, 4));
    }
    if let Some(kept) = range.kept {
        let share = number(100.0 * kept, 1);
        let _ =
            writeln!(out, "  A test on unseen months kept {share} %: the lower end is at most {}", money(kept * mid));
    }
    let [low, high] = range.ends(mid);
    let prices = number(100.0 * range.price_band, 1);
    let _ = writeln!(out, "  Prices {prices} % lower or higher: {} to {}", money(low), money(high));
}

/// Of which months each month of a drawn year may be one.
fn pools(a: &Value, block_months: usize) -> Pools {
    let first = |m: &str| format!("{m}-01").parse().ok().map(Month::of);
    let months: Vec<Month> = months(a).into_iter().filter_map(first).collect();
    let in_force = a.get("in_force").and_then(Value::as_array).into_iter().flatten();
    Pools::of_seasons(&months, &in_force.filter_map(Value::as_bool).collect::<Vec<_>>(), block_months)
}

/// The confidence as the product that its card says.
fn confidence(out: &mut String, evidence: &Value) {
    let factors = ["coverage", "stability", "model", "data"];
    let of = |name: &str| evidence.get("figures")?.get(format!("confidence_{name}"))?.get("value")?.as_f64();
    let found: Vec<(&str, f64)> = factors.iter().filter_map(|f| Some((*f, of(f)?))).collect();
    if found.is_empty() {
        return;
    }
    let product: f64 = found.iter().map(|f| f.1).product();
    let terms: Vec<String> = found.iter().map(|(name, v)| format!("{name} {}", number(*v, 4))).collect();
    let _ = writeln!(out, "\nConfidence: {} = {}", terms.join(" × "), number(product, 4));
}

fn factor(a: &Value) -> Option<f64> {
    a.get("annual_factor")?.as_f64()
}

fn months(a: &Value) -> Vec<&str> {
    strings(a.get("months"))
}

fn strings(list: Option<&Value>) -> Vec<&str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn amounts(list: Option<&Value>) -> Vec<f64> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(|m| amount(Some(m))).collect()
}

fn ends(months: &[&str]) -> String {
    match months {
        [] => "none".into(),
        [one] => (*one).to_owned(),
        [first, .., last] => say("part.validity", &[("from", &first), ("to", &last)]),
    }
}

/// `energy peak: 12,000 kWh × 1.05 = 12,600.00`.
fn bill_line(line: &Value) -> String {
    let part = |key: &str| line.get(key).and_then(Value::as_f64);
    let kind = text(line, "kind").unwrap_or("line").replace('_', " ");
    let name = text(line, "name").filter(|n| *n != kind).map(|n| format!(" {n}")).unwrap_or_default();
    let (quantity, price) = (part("quantity").unwrap_or(0.0), part("price").unwrap_or(0.0));
    let sum = amount(line.get("amount")).unwrap_or(0.0);
    let n = part("lines").unwrap_or(1.0);
    let lines = if n > 1.0 { format!("  (sum of {n:.0} lines, each rounded)") } else { String::new() };
    let unit = text(line, "unit").unwrap_or_default();
    format!("{kind}{name}: {} {unit} × {} = {}{lines}", number(quantity, 3), number(price, 6), money(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(1_234_567.5, 4), "1,234,567.5");
        assert_eq!(number(-999.0, 2), "-999");
        assert_eq!(number(-0.001, 2), "0");
        assert_eq!((money(12.5), money(1000.0)), ("12.50".into(), "1,000.00".into()));
    }

    #[test]
    fn a_strange_evidence_is_shown_as_far_as_it_goes() {
        let v = serde_json::json!({ "figures": { "x": 3 }, "arithmetic": { "months": 5 } });
        let text = explain_advice(&v, "R99", "c-R99");
        assert!(text.starts_with("R99\n") && text.contains("x  ?"), "{text}");
        assert_eq!(explain_advice(&Value::Null, "R99", "c-R99"), "R99\n");
    }
}
