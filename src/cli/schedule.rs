//! `peakwise schedule`.

use anyhow::{Context, bail};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type};
use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use peakwise::report::Numbers;
use peakwise::text::{Language, Text, said};
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
    /// Language
    #[arg(long, value_enum, value_name = "en|zh", default_value = "en")]
    lang: super::analyze::Lang,
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

/// A kind of day in all months whose machines run at the same hours.
struct Group<'a> {
    months: Vec<&'a str>,
    rows: Vec<&'a Row>,
    /// Observed days of each row.
    n_days: Vec<f64>,
    /// Savings of each row.
    savings: Vec<f64>,
    /// Days, as many as were observed, and the sums of their mean curves before and after.
    days: f64,
    curves: Vec<(f64, f64)>,
}

impl Schedule {
    /// Language of what is printed.
    pub fn language(&self) -> Language {
        self.lang.into()
    }

    /// Prints the table that a shift supervisor follows, and the day before and after.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let runs = self.rows("schedule")?;
        if runs.is_empty() {
            let text = Text::of(self.language());
            let out = self.out.display().to_string();
            bail!("{}", text.fill("schedule.none", &[("out", &out), ("customer", &self.customer)]));
        }
        let curves = self.rows("schedule_curves")?;
        let (text, numbers) = (Text::of(self.language()), Numbers(self.language()));
        let currency = runs.first().map_or("", |r| r.text("currency"));
        let total: f64 = runs.iter().filter_map(|r| r.number("saving_observed")).sum();
        let mut out = text.fill("schedule.lead", &[("saving", &numbers.saving(None, total, currency))]);
        out.push_str("\n\n");
        for group in groups(&runs, &curves) {
            let kind = group.rows.first().map_or("", |r| r.text("day_kind"));
            let kind = text.get(&format!("day_kind.{kind}")).unwrap_or(kind);
            let days = [("kind", kind), ("months", &group.months.join(", ")), ("n", &numbers.fixed(group.days, 0))];
            let _ = writeln!(out, "{}", text.fill("schedule.days", &days));
            let _ = writeln!(out, "{}", table(&group, (text, numbers), currency));
            let _ = writeln!(out, "{}\n{}\n", text.t("schedule.day"), day(&group, (text, numbers)));
        }
        if let Some((gap, exact)) = self.gap() {
            let best = exact || numbers.fixed(gap, 2) == numbers.fixed(0.0, 2);
            let gap = [("gap", numbers.money(gap.max(0.0), currency))];
            let gap = gap.each_ref().map(|(k, v)| (*k, v.as_str()));
            let _ = writeln!(
                out,
                "{}",
                if best { text.t("schedule.best").to_owned() } else { text.fill("schedule.gap", &gap) }
            );
        }
        let _ = writeln!(out, "{}", text.t("schedule.read_off"));
        super::say(&out)?;
        Ok(ExitCode::SUCCESS)
    }

    /// How far from the best the schedule can be, and whether it was proved, as the evidence of R01 states it.
    fn gap(&self) -> Option<(f64, bool)> {
        let advice = self.rows("advice").ok()?;
        let row = advice.iter().find(|r| r.text("code") == "R01")?;
        let evidence: serde_json::Value = serde_json::from_str(row.text("evidence")).ok()?;
        let exact = evidence["notes"]["solved"].as_str()? == said("rule.exact");
        Some((evidence["figures"]["gap_to_bound"]["value"].as_f64()?, exact))
    }

    fn rows(&self, table: &str) -> anyhow::Result<Vec<Row>> {
        let path = self.out.join("tables").join(format!("{table}.parquet"));
        read(&path, &self.customer).with_context(|| format!("{}: run analyze with this table", path.display()))
    }
}

/// The groups of the table, those whose machines run at the same hours put together.
fn groups<'a>(runs: &'a [Row], curves: &'a [Row]) -> Vec<Group<'a>> {
    let mut out: Vec<Group<'a>> = Vec::new();
    for rows in runs.chunk_by(same_group) {
        let Some(first) = rows.first() else { continue };
        let curves: Vec<&Row> = curves.iter().filter(|c| same_group(c, first)).collect();
        let days = curves.first().and_then(|c| c.number("n_days")).unwrap_or(0.0);
        let of = |row: &Row, column: &str| row.number(column).unwrap_or(0.0);
        let curves: Vec<(f64, f64)> =
            curves.iter().map(|c| (days * of(c, "before_kw"), days * of(c, "after_kw"))).collect();
        let alike =
            |g: &&mut Group<'_>| g.rows.len() == rows.len() && g.rows.iter().zip(rows).all(|(a, b)| same_run(a, b));
        if let Some(group) = out.iter_mut().find(alike) {
            group.months.push(first.text("months"));
            group.days += days;
            group.n_days.iter_mut().zip(rows).for_each(|(n, row)| *n += of(row, "n_days"));
            group.savings.iter_mut().zip(rows).for_each(|(sum, row)| *sum += of(row, "saving_observed"));
            group.curves.iter_mut().zip(curves).for_each(|(sum, c)| *sum = (sum.0 + c.0, sum.1 + c.1));
        } else {
            let n_days = rows.iter().map(|row| of(row, "n_days")).collect();
            let savings = rows.iter().map(|row| of(row, "saving_observed")).collect();
            let rows = rows.iter().collect();
            out.push(Group { months: vec![first.text("months")], rows, n_days, savings, days, curves });
        }
    }
    out
}

/// Whether two rows are the same run of the same machine on the same kind of day.
fn same_run(a: &Row, b: &Row) -> bool {
    ["day_kind", "equipment", "from", "start", "end"].iter().all(|c| a.text(c) == b.text(c))
        && a.number("kw") == b.number("kw")
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

/// One line a machine.
fn table(group: &Group<'_>, (text, numbers): (&Text, Numbers), currency: &str) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    let keys = ["machine", "power", "n_days", "from", "to", "saving"].map(|k| format!("schedule.{k}"));
    table.set_header(keys.iter().map(|k| text.t(k)));
    let runs: Vec<usize> = (0..group.rows.len()).collect();
    for runs in runs.chunk_by(|a, b| group.rows[*a].text("equipment") == group.rows[*b].text("equipment")) {
        let Some(row) = runs.first().map(|i| group.rows[*i]) else { continue };
        let to: Vec<String> =
            runs.iter().map(|i| format!("{}–{}", group.rows[*i].text("start"), group.rows[*i].text("end"))).collect();
        let sum = |of: &[f64]| runs.iter().map(|i| of[*i]).fold(0.0, |sum, v| sum + v);
        table.add_row([
            row.text("equipment").to_owned(),
            format!("{} kW", numbers.fixed(row.number("kw").unwrap_or(0.0), 0)),
            numbers.fixed(group.n_days[runs[0]], 0),
            row.text("from").to_owned(),
            to.join(", "),
            numbers.saving(None, sum(&group.savings), currency),
        ]);
    }
    align_right(&mut table, &[1, 2, 5]);
    table
}

fn align_right(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// The mean day slot by slot where the schedule changes it, hour by hour elsewhere.
fn day(group: &Group<'_>, (text, numbers): (&Text, Numbers)) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", "", text.t("answer.before"), text.t("schedule.with")]);
    let (n, days) = (group.curves.len(), group.days.max(1.0));
    let per_hour = (n / 24).max(1);
    let changes = |part: &[(f64, f64)]| part.iter().any(|(b, a)| ((a - b) / days).abs() >= 0.5);
    let mut slot = 0;
    while let Some(hour) = group.curves.get(slot..(slot + per_hour).min(n)).filter(|h| !h.is_empty()) {
        // An hour in which all slots change alike is one line.
        let level = |(b, a): &(f64, f64)| ((a - b) / days).round();
        let alike = hour.iter().all(|s| level(s) == level(&hour[0]));
        let size = if changes(hour) && !alike { 1 } else { per_hour };
        let part = &group.curves[slot..(slot + size).min(n)];
        let mean = |of: fn(&(f64, f64)) -> f64| part.iter().map(of).sum::<f64>() / (days * part.len() as f64);
        let (before, after) = (mean(|p| p.0), mean(|p| p.1));
        let sign = match after - before {
            d if d.abs() < 0.5 => "",
            d if d > 0.0 => "+",
            _ => "−",
        };
        let minutes = slot * 1440 / n.max(1);
        let clock = format!("{:02}:{:02}", minutes / 60, minutes % 60);
        table.add_row([sign.to_owned(), clock, numbers.fixed(before, 0), numbers.fixed(after, 0)]);
        slot += size;
    }
    align_right(&mut table, &[2, 3]);
    table
}
