//! Rates of the US Utility Rate Database (OpenEI) as tariff files: every field is either put into the
//! file, or refused by its name; none is dropped.
//!
//! Fields as in the database's API, versions 3 to 8. Tier ceilings are cumulative, `adj` adds to
//! `rate`, and tiers are filled by each period's own use. A period of the demand schedule that cuts a
//! period of the energy schedule parts its band in two of the same price.

mod demand;
mod energy;
mod fields;
mod identity;
mod rest;

use super::Tariff;
use crate::error::{Error, Result};
use crate::time::Date;
use fields::Fields;
use serde_json::Value;
use std::path::Path;

/// What an import may assume.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Fields that are to be left out though they are not expressed; the file says so.
    pub ignore: Vec<String>,
    /// First date of validity where the rate states none.
    pub effective_from: Option<Date>,
}

/// Turns the JSON of a rate, alone or as `items` of an answer of the API, into the text of one tariff
/// file a rate.
///
/// # Errors
/// [`Error::Tariff`] with every field that cannot be expressed, its name and the cure; when the file
/// is no JSON, or holds no rate.
pub fn import(path: &Path, text: &str, options: &ImportOptions) -> Result<Vec<String>> {
    let wrong = |what: String| Error::Tariff { path: path.to_owned(), what };
    let json: Value = serde_json::from_str(text)
        .map_err(|e| wrong(format!("line {}, column {}: {e}; give the JSON of a rate", e.line(), e.column())))?;
    let rates: Vec<&Value> = match json.get("items").and_then(Value::as_array) {
        Some(items) => items.iter().collect(),
        None => vec![&json],
    };
    if rates.is_empty() {
        return Err(wrong("items is empty: the answer holds no rate; ask for one by its label".into()));
    }
    let mut out = Vec::new();
    let mut refused = Vec::new();
    for (i, rate) in rates.iter().enumerate() {
        let at = if rates.len() > 1 { format!("items[{i}].") } else { String::new() };
        match one(path, rate, options) {
            Ok(text) => out.push(text),
            Err(list) => refused.extend(list.into_iter().map(|what| format!("{at}{what}"))),
        }
    }
    if refused.is_empty() {
        return Ok(out);
    }
    let n = refused.len();
    let list = refused.join("\n  ");
    Err(wrong(format!(
        "{n} {} not expressed by a tariff file:\n  {list}",
        if n == 1 { "field is" } else { "fields are" }
    )))
}

/// One rate; on failure all that is refused.
fn one(path: &Path, rate: &Value, options: &ImportOptions) -> Result<String, Vec<String>> {
    let Some(map) = rate.as_object() else { return Err(vec!["the rate is no object; give its JSON".into()]) };
    if !map.contains_key("energyratestructure") {
        let label = rate.pointer("/ElectricTariff/urdb_label").and_then(Value::as_str);
        return Err(vec![match label {
            Some(label) => {
                format!(
                    "ElectricTariff.urdb_label: it names rate {label} and does not hold it; give that rate's own JSON"
                )
            }
            None => {
                "energyratestructure: it is missing; give the JSON of a rate as the database's API returns it".into()
            }
        }]);
    }
    let mut fields = Fields::new(map, &options.ignore);
    let identity = identity::write(&mut fields, options);
    let grid = energy::Grid::new(&mut fields);
    let energy = grid.as_ref().map(|g| energy::write(g, &mut fields)).unwrap_or_default();
    let demand = grid.as_ref().map(|g| demand::write(g, &mut fields)).unwrap_or_default();
    let rest = rest::write(&mut fields);
    let (notes, refused) = fields.finish();
    if !refused.is_empty() {
        return Err(refused);
    }
    let text = format!("{notes}{identity}{energy}{demand}{rest}");
    // What is written must be a tariff: a fault here is one of this module, told with its place.
    Tariff::parse(path, &text).map_err(|e| vec![format!("the file made of it is wrong: {e}")])?;
    Ok(text)
}
