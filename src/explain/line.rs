//! How a bill line comes about, from `OUT/tables/bills.parquet` alone.

use super::{number, open};
use crate::error::{Error, Result};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Decimal128Type;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// The recomputed lines of a customer's month that `line` names: a kind (`demand`), a period
/// (`peak`) or the tariff's own name; `all` for every line.
///
/// # Errors
/// When the table is not there, or has no such customer, month or line; the message lists those
/// there are.
pub fn bill_line(out: &Path, customer: &str, month: &str, line: &str) -> Result<String> {
    let path = out.join("tables/bills.parquet");
    let (mut months, mut lines): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut text = String::new();
    for batch in open(&path)? {
        let batch = batch.map_err(Error::parquet(&path))?;
        for row in (0..batch.num_rows()).map(|row| Row { batch: &batch, row }) {
            let is = |column: &str, value: &str| row.text(column).is_some_and(|t| t == value);
            if !is("customer_id", customer) || !is("scenario", "recomputed") {
                continue;
            }
            add(&mut months, row.text("month").unwrap_or_default());
            if !is("month", month) {
                continue;
            }
            let names = ["line", "period", "name"].map(|c| row.text(c).unwrap_or_default());
            add(&mut lines, &names.join(" ").replace("  ", " "));
            if line == "all" || names.iter().any(|n| n.eq_ignore_ascii_case(line)) {
                row.explain(&mut text);
            }
        }
    }
    if !text.is_empty() {
        return Ok(text);
    }
    let cure = match (months.as_slice(), lines.as_slice()) {
        ([], _) => "the customer has no bill there; ids are compared letter by letter".to_owned(),
        (months, []) => format!("billed months are {}", months.join(", ")),
        (_, lines) => format!("its lines are {}; or say all", lines.join(", ")),
    };
    Err(Error::option(format!("{}: no line {line} of customer {customer} in {month}", path.display()), cure))
}

fn add(list: &mut Vec<String>, item: &str) {
    if !list.iter().any(|i| i == item) {
        list.push(item.to_owned());
    }
}

struct Row<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

impl Row<'_> {
    fn text(&self, column: &str) -> Option<&str> {
        let column = self.batch.column_by_name(column)?.as_string_opt::<i32>()?;
        column.is_valid(self.row).then(|| column.value(self.row))
    }

    fn real(&self, column: &str) -> f64 {
        number(self.batch, column, self.row).unwrap_or(0.0)
    }

    /// A DECIMAL(18,2) as it is written.
    fn amount(&self) -> String {
        let cents = self.batch.column_by_name("amount").and_then(|c| c.as_primitive_opt::<Decimal128Type>());
        cents.filter(|c| c.is_valid(self.row)).map_or_else(String::new, |c| c.value_as_string(self.row))
    }

    fn explain(&self, out: &mut String) {
        let text = |c: &str| self.text(c).unwrap_or_default();
        if !out.is_empty() {
            out.push('\n');
        }
        let point = self.text("supply_point").map(|p| format!(", supply point {p}")).unwrap_or_default();
        let period = self.text("period").map(|p| format!(" ({p})")).unwrap_or_default();
        let _ = writeln!(out, "{}  {}: {}{period}{point}", text("month"), text("line"), text("name"));
        let (quantity, price) = (self.real("quantity"), self.real("price"));
        let exact = self.real("amount_exact");
        let _ = writeln!(
            out,
            "  {} {} × {} = {}  (before rounding {})",
            plain(quantity),
            text("unit"),
            plain(price),
            self.amount(),
            plain(exact)
        );
        let _ = writeln!(
            out,
            "  tariff {}{}",
            text("tariff"),
            self.text("note").map(|n| format!("; {n}")).unwrap_or_default()
        );
        let Some(evidence) = self.text("evidence").and_then(|e| serde_json::from_str::<Value>(e).ok()) else { return };
        energy(&evidence, out);
        demand(&evidence, out);
        power_factor(&evidence, out);
    }
}

/// At most six decimals, no trailing zeros.
fn plain(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn real(value: &Value, key: &str) -> Option<f64> {
    value.get(key)?.as_f64()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn energy(e: &Value, out: &mut String) {
    let Some(measured) = real(e, "measured_kwh") else { return };
    let estimated = real(e, "estimated_kwh").unwrap_or(0.0);
    let _ = writeln!(out, "  Energy: {} kWh measured + {} kWh estimated", plain(measured), plain(estimated));
    for window in list(e, "windows") {
        let times: Vec<&str> = list(window, "times").filter_map(Value::as_str).collect();
        let first = window.get("first").and_then(Value::as_str).unwrap_or_default();
        let days = real(window, "days").unwrap_or(0.0);
        let _ = writeln!(out, "    {} on {days} days, the first {first}", times.join(", "));
    }
    let parts: Vec<String> = list(e, "components")
        .map(|c| {
            let name = c.get("name").and_then(Value::as_str).unwrap_or_default();
            let price = plain(real(c, "price").unwrap_or(0.0));
            match real(c, "flat_price").zip(real(c, "ratio")) {
                Some((flat, ratio)) => format!("{name} {} × {} = {price}", plain(flat), plain(ratio)),
                None => format!("{name} {price}"),
            }
        })
        .collect();
    if !parts.is_empty() {
        let _ = writeln!(out, "  Price a kWh: {}", parts.join(" + "));
    }
}

fn demand(e: &Value, out: &mut String) {
    let Some(minutes) = real(e, "window_minutes") else { return };
    let text = |key: &str| e.get(key).and_then(Value::as_str).unwrap_or_default();
    let sliding = if text("window") == "sliding" { " sliding" } else { "" };
    let unit = match text("unit") {
        "kva" => "kVA",
        "kvar" => "kvar",
        _ => "kW",
    };
    let bands: Vec<&str> = list(e, "bands").filter_map(Value::as_str).collect();
    let within = if bands.is_empty() { String::new() } else { format!(" within {}", bands.join(", ")) };
    let _ = writeln!(out, "  Highest{sliding} means of {minutes} minutes{within}, at least 2 hours apart");
    for point in list(e, "points") {
        let _ =
            writeln!(out, "    supply point {}", point.get("supply_point").and_then(Value::as_str).unwrap_or_default());
        for (i, peak) in list(point, "highest").enumerate() {
            let at = peak.get("at").and_then(Value::as_str).unwrap_or_default();
            let billed = if i == 0 { "  the maximum" } else { "" };
            let _ = writeln!(out, "      {:>14} {unit} from {at}{billed}", plain(real(peak, "kw").unwrap_or(0.0)));
        }
        if let Some(margin) = real(point, "margin_kw") {
            let _ = writeln!(out, "      its lead over the next: {} {unit}", plain(margin));
        }
    }
    if let Some(n) = real(e, "estimated_intervals_left_out").filter(|n| *n > 0.0) {
        let _ = writeln!(out, "    {n} estimated intervals set no maximum");
    }
}

fn power_factor(e: &Value, out: &mut String) {
    let (Some(kwh), Some(kvarh)) = (real(e, "kwh"), real(e, "kvarh")) else { return };
    let _ = writeln!(out, "  {} kWh and {} kvarh in the month", plain(kwh), plain(kvarh));
    if let Some(cos_phi) = real(e, "cos_phi") {
        let _ = writeln!(out, "  cos φ = kWh / √(kWh² + kvarh²) = {}, rounded {:.2}", plain(cos_phi), cos_phi + 1e-9);
    }
    if let (Some(standard), Some(rate)) = (real(e, "standard"), real(e, "rate")) {
        let _ = writeln!(
            out,
            "  table of standard {standard:.2}: {:+.2} % of {}",
            rate * 100.0,
            plain(real(e, "base").unwrap_or(0.0))
        );
    }
}
