//! Price tables beside the one that customers are billed by, made from it: a higher voltage and single-part
//! prices, in the proportions of published tables (illustrative).

use crate::error::{Error, Result};
use crate::tariff::Tariff;
use std::fs;
use std::path::Path;
use toml::{Table, Value};

/// File of the table of a higher voltage, and its level in kV.
pub const HIGHER: (&str, f64) = ("higher-voltage.toml", 35.0);
/// File of the table without a basic charge.
pub const SINGLE: &str = "single-part.toml";
/// What transport costs less at the higher voltage, per kWh, and the demand and capacity prices there as a share.
const HIGHER_LESS: (f64, f64) = (0.025, 0.94);
/// What energy costs more where there is no basic charge, per kWh.
const SINGLE_MORE: f64 = 0.11;

/// The text of a tariff file, or of a shipped tariff by its id.
///
/// # Errors
/// When there is neither.
pub fn text(name: &str) -> Result<String> {
    match Tariff::builtin_list().iter().find(|s| s.id == name) {
        Some(shipped) => Ok(shipped.text.to_owned()),
        None => fs::read_to_string(name).map_err(Error::io(Path::new(name))),
    }
}

/// File names and texts of the tables beside a tariff.
///
/// # Errors
/// When it is no tariff file.
pub fn beside(name: &str) -> Result<[(&'static str, String); 2]> {
    let wrong = |what: String| Error::Tariff { path: name.into(), what };
    let table: Table = toml::from_str(&text(name)?).map_err(|e| wrong(e.to_string().trim_end().to_owned()))?;
    let written = |t: Table| toml::to_string(&t).map_err(|e| wrong(e.to_string()));
    Ok([(HIGHER.0, written(higher(table.clone()))?), (SINGLE, written(single(table))?)])
}

fn higher(mut table: Table) -> Table {
    renamed(&mut table, "higher-voltage");
    table.insert(
        "voltage".into(),
        Value::Table([("above_kv".into(), 20.0.into()), ("to_kv".into(), HIGHER.1.into())].into_iter().collect()),
    );
    dearer(&mut table, -HIGHER_LESS.0);
    for charge in ["demand", "capacity"] {
        let price = table.get_mut(charge).and_then(|c| c.get_mut("price"));
        if let Some(price) = price {
            *price = Value::Float(number(price) * HIGHER_LESS.1);
        }
    }
    table
}

fn single(mut table: Table) -> Table {
    renamed(&mut table, "single-part");
    dearer(&mut table, SINGLE_MORE);
    for charge in ["demand", "capacity", "rebate"] {
        table.remove(charge);
    }
    if let Some(base) = table.get_mut("power_factor").and_then(|p| p.get_mut("base")) {
        *base = Value::Array(vec!["energy".into()]);
    }
    table
}

fn renamed(table: &mut Table, what: &str) {
    for key in ["id", "name", "name_zh"] {
        if let Some(Value::String(text)) = table.get_mut(key) {
            text.push('-');
            text.push_str(what);
        }
    }
}

/// Adds to the first part of each band's price.
fn dearer(table: &mut Table, per_kwh: f64) {
    let bands = table.get_mut("band").and_then(Value::as_array_mut).into_iter().flatten();
    for price in bands.filter_map(|b| b.get_mut("components")?.get_mut(0)?.get_mut("price")) {
        *price = Value::Float(((number(price) + per_kwh) * 1e6).round() / 1e6);
    }
}

fn number(value: &Value) -> f64 {
    value.as_float().or_else(|| value.as_integer().map(|i| i as f64)).unwrap_or(0.0)
}
