//! The evidence behind one bill line or one billing peak, to answer a complaint with: the intervals,
//! the register, the rule with its clause, and the hashes of what it was computed from.

mod intervals;
mod statement;

pub use intervals::{Sums, interval_rows};

use crate::analysis::Analysis;
use crate::error::{Error, Result};
use crate::peak::{Peak, PeakKind};
use crate::register::Register;
use crate::tariff::{Compiled, CycleBill, Line, LineKind};
use crate::text::Language;
use crate::time::Month;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Decimal128Type, Float64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::Path;

/// What a bundle is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Subject<'a> {
    /// A line of the bill.
    Line(&'a Line),
    /// The cycle's billing peak.
    Peak(&'a Peak),
}

/// Everything that a bundle is made from.
#[derive(Debug)]
pub struct Case<'a> {
    /// The analysis made again from the inputs.
    pub analysis: &'a Analysis,
    /// The tariff that billed it.
    pub tariff: Option<&'a Compiled>,
    /// Register readings.
    pub register: &'a Register,
    /// The run's manifest.
    pub manifest: &'a Value,
    /// Inputs with their hash in the manifest and now.
    pub inputs: &'a [InputHash],
    /// What the run's tables say of the subject: amount of a line, kW of a peak; `None` when they
    /// have no such row.
    pub recorded: Option<f64>,
    /// Language of the statement.
    pub language: Language,
}

/// An input with its SHA-256 when the run was made and now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputHash {
    /// As the manifest names it.
    pub path: String,
    /// In the manifest; `None` when it was left out.
    pub then: Option<String>,
    /// Of the file as it is.
    pub now: String,
}

impl InputHash {
    /// Whether the file is provably the same.
    #[must_use]
    pub fn same(&self) -> bool {
        self.then.as_deref() == Some(self.now.as_str())
    }
}

/// A file of a bundle.
pub type File = (&'static str, Vec<u8>);

/// What can be asked of a month: `peak`, then the names of its lines.
#[must_use]
pub fn choices(a: &Analysis, month: Month) -> Vec<String> {
    let peak = billing_peak(a, month).map(|_| "peak".to_owned());
    let lines = cycle(a, month).into_iter().flat_map(|c| c.lines.iter().map(line_name));
    peak.into_iter().chain(lines).collect()
}

/// The name a line is asked for by: with its supply point where it has one.
#[must_use]
pub fn line_name(line: &Line) -> String {
    line.supply_point.as_ref().map_or_else(|| line.name.to_string(), |point| format!("{} · {point}", line.name))
}

/// The subject of that name.
///
/// # Errors
/// When the month has no such line or peak; the message lists what it has.
pub fn subject<'a>(a: &'a Analysis, month: Month, name: &str) -> Result<Subject<'a>> {
    if name == "peak"
        && let Some(peak) = billing_peak(a, month)
    {
        return Ok(Subject::Peak(peak));
    }
    let lines = cycle(a, month).map_or(&[][..], |c| &c.lines);
    let exact = lines.iter().find(|l| line_name(l) == name);
    let mut plain = lines.iter().filter(|l| &*l.name == name);
    match exact.or_else(|| plain.next().filter(|_| plain.next().is_none())) {
        Some(line) => Ok(Subject::Line(line)),
        None => Err(Error::option(
            format!("{month} of customer {} has no line {name:?}", a.customer.id),
            format!("choose among: {}", choices(a, month).join(", ")),
        )),
    }
}

fn cycle(a: &Analysis, month: Month) -> Option<&CycleBill> {
    a.bill.as_ref()?.cycles.iter().find(|c| c.month == month)
}

fn billing_peak(a: &Analysis, month: Month) -> Option<&Peak> {
    a.peaks.iter().find(|p| p.kind == PeakKind::Billing && p.month == Some(month))
}

/// The files of a bundle: intervals, register, the facts as JSON, a statement, and their hashes.
///
/// # Errors
/// When the month is not in the analysis.
pub fn bundle(case: &Case<'_>, month: Month, subject: Subject<'_>) -> Result<Vec<File>> {
    let Some(row) = case.analysis.monthly.iter().find(|m| m.month == month) else {
        return Err(Error::option(format!("{month} is not in the readings"), "name a month of the monthly table"));
    };
    let (csv, sums) = interval_rows(case, row, subject)?;
    let facts = facts(case, month, subject, &sums);
    let text = serde_json::to_string_pretty(&facts).unwrap_or_default() + "\n";
    let mut files: Vec<File> = vec![("intervals.csv", csv), ("evidence.json", text.into_bytes())];
    files.extend(register(case).map(|csv| ("register.csv", csv)));
    files.push(("statement.txt", statement::text(case, month, subject, &sums).into_bytes()));
    let hash = |bytes: &[u8]| Sha256::digest(bytes).iter().fold(String::new(), |hex, b| hex + &format!("{b:02x}"));
    let list: String = files.iter().map(|(name, bytes)| format!("{}  {name}\n", hash(bytes))).collect();
    files.push(("SHA256SUMS", list.into_bytes()));
    Ok(files)
}

fn facts(case: &Case<'_>, month: Month, subject: Subject<'_>, sums: &Sums) -> Value {
    let a = case.analysis;
    let tariff = case.tariff.map(|t| {
        let t = t.tariff();
        json!({"id": t.id, "name": t.name, "source": t.source, "effective_from": t.effective_from,
            "effective_to": t.effective_to, "verified": format!("{:?}", t.verified).to_lowercase()})
    });
    let inputs: Vec<Value> = case
        .inputs
        .iter()
        .map(|i| json!({"path": i.path, "sha256_of_the_run": i.then, "sha256_now": i.now, "same": i.same()}))
        .collect();
    let about = match subject {
        Subject::Line(l) => json!({"line": l.kind, "name": l.name, "supply_point": l.supply_point, "period": l.period,
            "quantity": l.quantity, "unit": l.unit, "price": l.price, "amount": l.amount,
            "amount_exact": l.amount_exact, "note": l.note}),
        Subject::Peak(p) => json!({"peak": "billing", "start": a.load.instant(p.span.start).to_string(),
            "max_kw": p.max_kw.get(), "margin_kw": p.margin_kw.map(crate::units::Kw::get), "shape": p.shape,
            "day_kind": p.day_kind.name()}),
    };
    json!({
        "customer_id": a.customer.id, "month": month.to_string(), "subject": about, "sums": sums,
        "recorded_in_the_tables": case.recorded, "agrees": agrees(case, subject), "tariff": tariff,
        "inputs": inputs, "arguments": case.manifest.get("arguments"),
        "peakwise_of_the_run": case.manifest.get("peakwise"), "peakwise_now": env!("CARGO_PKG_VERSION"),
    })
}

/// Whether what was computed again is what the tables hold.
#[must_use]
pub fn agrees(case: &Case<'_>, subject: Subject<'_>) -> bool {
    let now = match subject {
        Subject::Line(l) => l.amount.to_f64(),
        Subject::Peak(p) => p.max_kw.get(),
    };
    case.recorded == Some(now)
}

/// Register readings of the customer's meters, as the meters show them; `None` without any.
fn register(case: &Case<'_>) -> Option<Vec<u8>> {
    let mut out = String::from("meter_id,read_at,total_kwh,kvarh_lag,kvarh_lead,max_demand_kw,multiplier\n");
    let mut any = false;
    let cell = |v: Option<f64>| v.map_or_else(String::new, |v| v.to_string());
    for meter in case.register.meters_of(&case.analysis.customer.id) {
        for r in case.register.registers.get(&meter.id).into_iter().flatten() {
            any = true;
            let at = crate::time::Instant { utc: r.read_at, local: r.read_at };
            let cells = [r.total_kwh, r.kvarh_lag, r.kvarh_lead, r.max_demand_kw].map(cell).join(",");
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{},{at},{cells},{}", meter.id, meter.multiplier);
        }
    }
    any.then_some(out.into_bytes())
}

/// Whether an interval's energy is in a line's quantity.
fn counts(line: &Line, band: Option<(&str, f64)>) -> bool {
    match line.kind {
        LineKind::Energy => band == Some((&*line.name, line.price)),
        _ => true,
    }
}

/// What a run's tables say of a subject: amount of a line, kW of a peak; `None` when they have no
/// such row.
///
/// # Errors
/// When the table cannot be read.
pub fn recorded(out: &Path, customer: &str, month: Month, subject: Subject<'_>) -> Result<Option<f64>> {
    let table = match subject {
        Subject::Line(_) => "bills",
        Subject::Peak(_) => "peaks",
    };
    let path = out.join("tables").join(table).with_extension("parquet");
    let file = std::fs::File::open(&path).map_err(Error::io(&path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(Error::parquet(&path))?;
    let month = month.to_string();
    for batch in reader {
        let batch = batch.map_err(Error::parquet(&path))?;
        let is = |row: usize, column: &str, wanted: Option<&str>| text(&batch, column, row).as_deref() == wanted;
        let here = |row: &usize| is(*row, "customer_id", Some(customer)) && is(*row, "month", Some(&month));
        let found = (0..batch.num_rows()).filter(here).find(|row| match subject {
            Subject::Peak(_) => is(*row, "kind", Some("billing")),
            Subject::Line(l) => {
                is(*row, "scenario", Some("recomputed"))
                    && is(*row, "name", Some(&l.name))
                    && is(*row, "supply_point", l.supply_point.as_deref())
                    && real(&batch, "price", *row) == Some(l.price)
            }
        });
        if let Some(row) = found {
            return Ok(match subject {
                Subject::Peak(_) => real(&batch, "max_kw", row),
                Subject::Line(_) => amount(&batch, row),
            });
        }
    }
    Ok(None)
}

fn text(batch: &RecordBatch, name: &str, row: usize) -> Option<String> {
    let column = batch.column_by_name(name)?.as_string_opt::<i32>()?;
    column.is_valid(row).then(|| column.value(row).to_owned())
}

fn real(batch: &RecordBatch, name: &str, row: usize) -> Option<f64> {
    let column = batch.column_by_name(name)?.as_primitive_opt::<Float64Type>()?;
    column.is_valid(row).then(|| column.value(row))
}

fn amount(batch: &RecordBatch, row: usize) -> Option<f64> {
    let column = batch.column_by_name("amount")?.as_primitive_opt::<Decimal128Type>()?;
    column.is_valid(row).then(|| column.value_as_string(row).parse().ok()).flatten()
}
