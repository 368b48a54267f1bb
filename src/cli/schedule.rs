//! `peakwise schedule`.

use anyhow::{Context, bail};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type};
use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use peakwise::report::Numbers;
use peakwise::text::Language;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Printed below the help: the doc comment of the subcommand replaces that of its arguments.
const EXAMPLES: &str = "\
Examples:
  peakwise analyze readings/ --customers c.csv --tariff t.toml --equipment machines.csv --out out
  peakwise schedule out 3200001";

/// Arguments of `peakwise schedule`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Schedule {
    /// Directory that `analyze` wrote
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Customer
    #[arg(value_name = "CUSTOMER")]
    customer: String,
}

/// One row of a table, by column name.
struct Row {
    batch: RecordBatch,
    at: usize,
}

impl Row {
    fn text(&self, name: &str) -> &str {
        let column = self.batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
        column.filter(|c| c.is_valid(self.at)).map_or("", |c| c.value(self.at))
    }
    fn number(&self, name: &str) -> Option<f64> {
        let column = self.batch.column_by_name(name)?;
        if let Some(c) = column.as_primitive_opt::<Int32Type>() {
            return c.is_valid(self.at).then(|| f64::from(c.value(self.at)));
        }
        let column = column.as_primitive_opt::<Float64Type>()?;
        column.is_valid(self.at).then(|| column.value(self.at))
    }
}

impl Schedule {
    /// Prints the table that a shift supervisor follows, and the day before and after.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let runs = self.rows("schedule")?;
        if runs.is_empty() {
            bail!(
                "{}: no work schedule of customer {}; a schedule needs --equipment, and stands where moving pays (see: peakwise explain {} {} R01)",
                self.out.display(),
                self.customer,
                self.out.display(),
                self.customer
            );
        }
        let curves = self.rows("schedule_curves")?;
        let numbers = Numbers(Language::En);
        let mut out = String::new();
        for group in runs.chunk_by(same_group) {
            let Some(first) = group.first() else { continue };
            let _ = writeln!(out, "{}s of {}", first.text("day_kind"), first.text("months"));
            let _ = writeln!(out, "{}", table(group, numbers));
            let days: Vec<&Row> = curves.iter().filter(|c| same_group(c, first)).collect();
            let _ = writeln!(out, "{}\n", day(&days, numbers));
        }
        let total: f64 = runs.iter().filter_map(|r| r.number("saving_observed")).sum();
        let currency = runs.first().map_or("", |r| r.text("currency"));
        let _ = writeln!(out, "All moves together save {currency} {} in these months.", numbers.fixed(total, 2));
        if let Some((gap, how)) = self.gap() {
            let gap = numbers.fixed(gap.max(0.0), 2);
            let _ =
                writeln!(out, "No schedule of these machines saves more than {currency} {gap} beyond that ({how}).");
        }
        super::say(&out)?;
        Ok(ExitCode::SUCCESS)
    }

    /// How far from the best the schedule can be, and how it was found, as the evidence of R01 states it.
    fn gap(&self) -> Option<(f64, String)> {
        let advice = self.rows("advice").ok()?;
        let row = advice.iter().find(|r| r.text("code") == "R01")?;
        let evidence: serde_json::Value = serde_json::from_str(row.text("evidence")).ok()?;
        let solved = evidence["notes"]["solved"].as_str()?.to_owned();
        Some((evidence["figures"]["gap_to_bound"]["value"].as_f64()?, solved))
    }

    fn rows(&self, table: &str) -> anyhow::Result<Vec<Row>> {
        let path = self.out.join("tables").join(format!("{table}.parquet"));
        read(&path, &self.customer).with_context(|| format!("{}: run analyze with this table", path.display()))
    }
}

fn read(path: &Path, customer: &str) -> anyhow::Result<Vec<Row>> {
    let file = std::fs::File::open(path)?;
    let mut rows = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file)?.build()? {
        let batch = batch?;
        let all = (0..batch.num_rows()).map(|at| Row { batch: batch.clone(), at });
        rows.extend(all.filter(|r| r.text("customer_id") == customer));
    }
    Ok(rows)
}

/// Whether two rows belong to one kind of day in the same months.
fn same_group(a: &Row, b: &Row) -> bool {
    ["months", "day_kind"].iter().all(|c| a.text(c) == b.text(c))
}

fn table(rows: &[Row], numbers: Numbers) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["machine", "kW", "days", "runs today", "is to run", "saves"]);
    for row in rows {
        let first = row.number("run") == Some(1.0);
        let only_first = |text: String| if first { text } else { String::new() };
        let money = row.number("saving_observed").map(|v| format!("{} {}", row.text("currency"), numbers.fixed(v, 2)));
        table.add_row([
            only_first(row.text("equipment").to_owned()),
            only_first(numbers.fixed(row.number("kw").unwrap_or(0.0), 0)),
            only_first(numbers.fixed(row.number("n_days").unwrap_or(0.0), 0)),
            only_first(row.text("from").to_owned()),
            format!("{}–{}", row.text("start"), row.text("end")),
            money.unwrap_or_default(),
        ]);
    }
    for column in [1, 2, 5] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The mean day hour by hour, as it is and as scheduled.
fn day(slots: &[&Row], numbers: Numbers) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", "kW by hour", "as it is", "as scheduled"]);
    let per_hour = (slots.len() / 24).max(1);
    for (hour, rows) in slots.chunks(per_hour).enumerate() {
        let mean = |c: &str| rows.iter().filter_map(|r| r.number(c)).sum::<f64>() / rows.len().max(1) as f64;
        let (before, after) = (mean("before_kw"), mean("after_kw"));
        let change = if (after - before).abs() < 0.5 {
            ""
        } else if after > before {
            "+"
        } else {
            "−"
        };
        let clock = format!("{hour:02}:00");
        table.add_row([change.to_owned(), clock, numbers.fixed(before, 0), numbers.fixed(after, 0)]);
    }
    for column in [2, 3] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
