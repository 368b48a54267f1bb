//! Who the rate is for, and when.

use super::ImportOptions;
use super::fields::{Fields, quoted};
use crate::time::{DAY_SECONDS, Date};
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;
use std::fmt::Write;

/// The keys before the first table, and eligibility.
pub(super) fn write(fields: &mut Fields<'_>, options: &ImportOptions) -> String {
    let label = fields.text("label").map(str::to_owned);
    let name = fields.text("name").or_else(|| fields.text("rateName")).unwrap_or("unnamed rate").to_owned();
    let utility = fields.text("utility").map(str::to_owned);
    let title = utility.map_or_else(|| name.clone(), |u| format!("{u}: {name}"));
    let id = label.as_deref().map_or_else(|| format!("urdb-{}", slug(&title)), |l| format!("urdb-{}", slug(l)));
    let source = fields.text("source").or_else(|| fields.text("uri")).map(str::to_owned);
    let mut about = String::from("US Utility Rate Database");
    if let Some(label) = &label {
        let _ = write!(about, ", label {label}");
    }
    if let Some(source) = source {
        let _ = write!(about, "; {source}");
    }
    let from = date(fields, "startdate").or(options.effective_from);
    let from = from.unwrap_or_else(|| {
        fields.refuse("startdate", "the rate does not say since when it holds; give --effective-from");
        Date::default()
    });
    let mut out = format!("id = {}\nname = {}\n", quoted(&id), quoted(&title));
    if let Some(sector) = fields.text("sector") {
        let _ = writeln!(out, "user_class = {}", quoted(sector));
    }
    let volts =
        |f: &mut Fields<'_>, key| f.number(key).and_then(|v| v.to_f64()).filter(|v| *v > 0.0).map(|v| v / 1000.0);
    let (least, most) = (volts(fields, "voltageminimum"), volts(fields, "voltagemaximum"));
    let ends = [least.map(|v| format!("above_kv = {:?}", below(v))), most.map(|v| format!("to_kv = {v:?}"))];
    let ends: Vec<String> = ends.into_iter().flatten().collect();
    if !ends.is_empty() {
        let _ = writeln!(out, "voltage = {{ {} }}", ends.join(", "));
    }
    let _ = write!(out, "currency = \"USD\"\nsource = {}\nverified = \"second_hand\"\n", quoted(&about));
    let _ = writeln!(out, "effective_from = \"{from}\"");
    if let Some(to) = date(fields, "enddate").filter(|to| *to >= from) {
        let _ = writeln!(out, "effective_to = \"{to}\"");
    }
    let sizes = [("min_kw", "peakkwcapacitymin"), ("max_kw", "peakkwcapacitymax")];
    let sizes: Vec<String> = sizes
        .iter()
        .filter_map(|(key, field)| Some(format!("{key} = {:?}", fields.number(field)?.to_f64()?)))
        .collect();
    if !sizes.is_empty() {
        let _ = write!(out, "\n[eligibility]\n{}\n", sizes.join("\n"));
    }
    out
}

/// The open end of a range that includes `kv`: a volt below.
fn below(kv: f64) -> f64 {
    (kv * 1000.0 - 1.0) / 1000.0
}

/// A date as seconds since 1970, or as text.
fn date(fields: &mut Fields<'_>, name: &str) -> Option<Date> {
    let value = fields.take(name)?;
    let found = match value {
        Value::Number(n) => n.as_i64().map(|s| Date(s.div_euclid(DAY_SECONDS) as i32)),
        Value::String(s) => s.split([' ', 'T']).next().and_then(|d| d.parse().ok()),
        _ => None,
    };
    if found.is_none() {
        fields.refuse(name, format!("{value} is no date"));
    }
    found
}

/// Letters, digits and dashes.
fn slug(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    plain.split('-').filter(|p| !p.is_empty()).collect::<Vec<_>>().join("-")
}
