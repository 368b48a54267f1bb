//! Cards, and the derivation of one recommendation or bill line from a run's tables.

mod line;

pub use line::bill_line;

use crate::error::{Error, Result};
use crate::{indicator, plan, quality, rule};
use arrow::array::{Array, AsArray};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::fmt::Write;
use std::path::Path;

/// The card of a rule, an indicator or a check.
///
/// # Errors
/// When the code is none of them; the message lists all.
pub fn card(code: &str) -> Result<String> {
    if let Some(rule) = rule::find(code) {
        return Ok(rule.card().to_owned());
    }
    if let Some(indicator) = indicator::find(code) {
        return Ok(indicator.card().to_owned());
    }
    if let Some(check) = quality::CHECKS.iter().find(|c| c.code().eq_ignore_ascii_case(code)) {
        return Ok(format!("# {} — {}\n\n{}", check.code(), check.name(), check.card()));
    }
    let rules: Vec<&str> = rule::RULES.iter().map(|r| r.code()).collect();
    let indicators: Vec<&str> = indicator::INDICATORS.iter().map(|i| i.code()).collect();
    let checks: Vec<&str> = quality::CHECKS.iter().map(|c| c.code()).collect();
    Err(Error::option(
        format!("{code:?} is no rule, indicator or check"),
        format!("rules: {}; indicators: {}; checks: {}", rules.join(", "), indicators.join(", "), checks.join(", ")),
    ))
}

/// How the numbers of one recommendation come about, from `OUT/tables/advice.parquet` alone.
///
/// # Errors
/// When the table is not there, or has no such customer or code.
pub fn recommendation(out: &Path, customer: &str, code: &str) -> Result<String> {
    let path = out.join("tables/advice.parquet");
    let mut codes = Vec::new();
    for batch in open(&path)? {
        let batch = batch.map_err(Error::parquet(&path))?;
        let text = |name: &str, row: usize| -> Option<String> {
            let column = batch.column_by_name(name)?.as_string_opt::<i32>()?;
            column.is_valid(row).then(|| column.value(row).to_owned())
        };
        for row in (0..batch.num_rows()).filter(|r| text("customer_id", *r).as_deref() == Some(customer)) {
            let found = text("code", row).unwrap_or_default();
            if found.eq_ignore_ascii_case(code) {
                return derivation(&path, &found, &|name| text(name, row), &|name| number(&batch, name, row));
            }
            codes.push(found);
        }
    }
    let cure = if codes.is_empty() {
        "the customer has no row there; ids are compared letter by letter".to_owned()
    } else {
        format!("this customer has {}", codes.join(", "))
    };
    Err(Error::option(format!("{}: no {code} of customer {customer}", path.display()), cure))
}

fn open(path: &Path) -> Result<ParquetRecordBatchReader> {
    let file = std::fs::File::open(path).map_err(Error::io(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file);
    builder.and_then(ParquetRecordBatchReaderBuilder::build).map_err(Error::parquet(path))
}

fn number(batch: &arrow::array::RecordBatch, name: &str, row: usize) -> Option<f64> {
    let column = batch.column_by_name(name)?.as_primitive_opt::<arrow::datatypes::Float64Type>()?;
    column.is_valid(row).then(|| column.value(row))
}

fn derivation(
    path: &Path,
    code: &str,
    text: &dyn Fn(&str) -> Option<String>,
    number: &dyn Fn(&str) -> Option<f64>,
) -> Result<String> {
    let evidence = text("evidence").unwrap_or_default();
    let evidence: serde_json::Value = serde_json::from_str(&evidence).map_err(Error::parquet(path))?;
    let mut out = plan::explain_advice(&evidence, code, &text("advice_id").unwrap_or_default());
    if let Some(needs) = text("needs") {
        let _ = writeln!(out, "\nMissing: {needs}");
    }
    let currency = text("currency").unwrap_or_default();
    let _ = writeln!(out, "\nIn the advice table");
    let columns = [
        ("saving_alone", currency.as_str()),
        ("saving_joint", currency.as_str()),
        ("saving_headline", currency.as_str()),
        ("saving_low", currency.as_str()),
        ("saving_high", currency.as_str()),
        ("saving_joint_observed", currency.as_str()),
        ("kwh_saved", "kWh a year"),
        ("kwh_shifted", "kWh a year"),
        ("kw_reduced", "kW"),
        ("kw_potential", "kW"),
        ("confidence", ""),
    ];
    for (name, unit) in columns {
        if let Some(value) = number(name) {
            let _ = writeln!(out, "  {name:22} {value:>16.2} {unit}");
        }
    }
    Ok(out)
}
