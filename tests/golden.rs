//! Snapshots of the demonstration: its tables as rounded text, and its files. Never edited by hand:
//! `cargo insta review`, or `INSTA_UPDATE=always cargo test --test main golden::`.

use super::support::{Outcome, Rows, arg, demo};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Five significant digits: the same on every machine.
fn rounded(value: Option<f64>) -> String {
    let Some(v) = value else { return "-".into() };
    if v == 0.0 {
        return "0".into();
    }
    let digits = (4 - v.abs().log10().floor() as i32).clamp(-300, 300);
    let scale = 10_f64.powi(digits.abs());
    let v = if digits >= 0 { (v * scale).round() / scale } else { (v / scale).round() * scale };
    format!("{v}")
}

/// The named columns of a table as lines of text.
fn lines(rows: &Rows, columns: &[&str]) -> Outcome<String> {
    let mut cells: Vec<Vec<String>> = Vec::new();
    for name in columns {
        let field = rows.batch.schema().field_with_name(name)?.clone();
        cells.push(match field.data_type() {
            arrow::datatypes::DataType::Float64 => rows.reals(name)?.into_iter().map(rounded).collect(),
            arrow::datatypes::DataType::Timestamp(..) => {
                rows.instants(name)?.into_iter().map(|v| v.unwrap_or_else(|| "-".into())).collect()
            }
            _ => rows.text(name)?.into_iter().map(|v| v.unwrap_or_else(|| "-".into())).collect(),
        });
    }
    let mut out = columns.join(" | ");
    for row in 0..rows.len() {
        let line: Vec<&str> = cells.iter().map(|c| c[row].as_str()).collect();
        let _ = write!(out, "\n{}", line.join(" | "));
    }
    Ok(out)
}

/// What the README says that the demonstration prints.
#[test]
fn the_readme_shows_what_is_printed() -> Outcome {
    let readme = include_str!("../README.md");
    let shown = readme.split("```text\n").find(|block| block.starts_with("The same as:")).ok_or("no block")?;
    let shown = shown.split("```").next().unwrap_or_default();
    let printed = demo().printed.replace(&arg(&demo().out), "peakwise-demo");
    let lines = |s: &str| s.lines().map(|l| l.trim_end().to_owned()).collect::<Vec<_>>().join("\n");
    assert_eq!(lines(shown.trim()), lines(printed.trim()), "put into README.md what `peakwise demo` prints");
    Ok(())
}

#[test]
fn customers() -> Outcome {
    let columns = [
        "customer_id",
        "status",
        "tz",
        "interval_min",
        "first_start",
        "last_start",
        "n_expected",
        "n_valid",
        "n_missing",
        "n_invalid",
        "n_duplicate",
        "n_estimated",
        "kwh",
        "kwh_export",
        "kvarh",
        "max_kw",
        "max_at",
        "min_kw",
        "mean_kw",
        "load_factor",
        "power_factor",
        "bill_total",
        "saving_total",
        "currency",
        "months_billed",
    ];
    insta::assert_snapshot!(lines(&demo().table("customers")?, &columns)?);
    Ok(())
}

#[test]
fn monthly() -> Outcome {
    let columns = [
        "customer_id",
        "month",
        "partial",
        "n_expected",
        "n_valid",
        "kwh",
        "kwh_sharp",
        "kwh_peak",
        "kwh_flat",
        "kwh_valley",
        "kwh_deep",
        "kvarh",
        "max_kw",
        "max_at",
        "load_factor",
        "power_factor",
    ];
    insta::assert_snapshot!(lines(&demo().table("monthly")?, &columns)?);
    Ok(())
}

#[test]
fn advice() -> Outcome {
    let columns = [
        "customer_id",
        "rank",
        "code",
        "verdict",
        "tier",
        "priority",
        "saving_alone",
        "saving_joint",
        "saving_low",
        "saving_high",
        "saving_joint_observed",
        "kwh_saved",
        "kwh_shifted",
        "kw_reduced",
        "kw_potential",
        "confidence",
        "exclusive_group",
        "needs",
        "audience",
    ];
    insta::assert_snapshot!(lines(&demo().table("advice")?, &columns)?);
    Ok(())
}

#[test]
fn quality() -> Outcome {
    let columns = ["customer_id", "meter_id", "code", "severity", "first_start", "last_start", "n_intervals"];
    insta::assert_snapshot!(lines(&demo().table("quality")?, &columns)?);
    Ok(())
}

/// Bills added over months: one row a customer, kind of line and period.
#[test]
fn bills() -> Outcome {
    let bills = demo().table("bills")?;
    let (ids, kinds, periods) = (bills.ids("customer_id")?, bills.ids("line")?, bills.text("period")?);
    let mut sums: BTreeMap<(String, String, String), (usize, f64, f64)> = BTreeMap::new();
    let values = bills.reals("quantity")?.into_iter().zip(bills.reals("amount")?);
    for (((id, kind), period), (quantity, amount)) in ids.into_iter().zip(kinds).zip(periods).zip(values) {
        let sum = sums.entry((id, kind, period.unwrap_or_else(|| "-".into()))).or_default();
        *sum = (sum.0 + 1, sum.1 + quantity.unwrap_or_default(), sum.2 + amount.unwrap_or_default());
    }
    let mut out = String::from("customer_id | line | period | lines | quantity | amount");
    for ((id, kind, period), (n, quantity, amount)) in sums {
        let _ =
            write!(out, "\n{id} | {kind} | {period} | {n} | {} | {}", rounded(Some(quantity)), rounded(Some(amount)));
    }
    insta::assert_snapshot!(out);
    Ok(())
}

#[test]
fn files() -> Outcome {
    fn walk(dir: &Path, root: &Path, out: &mut Vec<String>) -> Outcome {
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                walk(&path, root, out)?;
            } else {
                out.push(path.strip_prefix(root)?.display().to_string());
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    walk(&demo().out, &demo().out, &mut found)?;
    found.sort();
    insta::assert_snapshot!(found.join("\n"));
    Ok(())
}
