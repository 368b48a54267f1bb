//! `peakwise check`.

use super::analyze::{today, with_threads};
use super::input::InputArgs;
use super::progress::Bar;
use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use peakwise::pipeline::{CheckReport, Form, HintKind, Job, check};
use peakwise::report::Numbers;
use peakwise::text::Language;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Printed below the help: the doc comment of the subcommand replaces that of its arguments.
const EXAMPLES: &str = "\
Examples:
  peakwise check data/ --tz Europe/Berlin
  peakwise check 'data/month=*/*.parquet' --customers customers.csv --meters meters.csv
  peakwise check readings.parquet --stamp end --midnight same --json";

/// Arguments of `peakwise check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Check {
    /// Parquet files, directories (hive partitions too) or globs
    #[arg(required = true, value_name = "READINGS")]
    readings: Vec<String>,
    #[command(flatten)]
    side: SideArgs,
    #[command(flatten)]
    input: InputArgs,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
    /// Threads; all processors when not given
    #[arg(long, value_name = "N", env = "PEAKWISE_THREADS")]
    threads: Option<usize>,
    /// No progress
    #[arg(long, short)]
    quiet: bool,
}

/// The side files that checks look at.
#[derive(Debug, Args)]
#[command(next_help_heading = "Side inputs (CSV or Parquet)")]
struct SideArgs {
    /// Register of customers: zones, capacities
    #[arg(long, value_name = "FILE")]
    customers: Option<PathBuf>,
    /// Meters: customer, supply point, role, multiplier
    #[arg(long, value_name = "FILE")]
    meters: Option<PathBuf>,
    /// Register readings, which the sums of intervals are compared with
    #[arg(long, value_name = "FILE")]
    registers: Option<PathBuf>,
    /// Known events: outages and shutdowns explain gaps and zeros
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Calendar of working days: a CSV file, cn, none, or auto (cn in China, else weekends)
    #[arg(long, value_name = "FILE|cn|none|auto", default_value = "auto")]
    calendar: String,
    /// Only these customers (comma-separated)
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    only: Vec<String>,
}

impl Check {
    /// Prints the form of the readings, hints and findings.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let job = self.job();
        let bar = Bar::new(self.quiet || self.json, Language::default());
        let report = with_threads(self.threads, || check(&job, &bar))??;
        bar.finish();
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            print!("{}", text(&report));
        }
        Ok(if report.failed > 0 { ExitCode::from(2) } else { ExitCode::SUCCESS })
    }

    fn job(&self) -> Job {
        let calendar = PathBuf::from(&self.side.calendar);
        let mut job = Job::new(self.readings.clone(), PathBuf::new(), today());
        job.input = self.input.options();
        job.register.customers.clone_from(&self.side.customers);
        job.register.meters.clone_from(&self.side.meters);
        job.register.registers.clone_from(&self.side.registers);
        job.register.events.clone_from(&self.side.events);
        job.register.calendar = calendar.exists().then_some(calendar);
        job.calendar.clone_from(&self.side.calendar);
        job.only.clone_from(&self.side.only);
        job
    }
}

const NUMBERS: Numbers = Numbers(Language::En);

fn count(n: impl TryInto<u64>) -> String {
    NUMBERS.fixed(n.try_into().unwrap_or(u64::MAX) as f64, 0)
}

/// `1 file`, `2 files`.
fn counted(n: u64, one: &str) -> String {
    format!("{} {one}{}", count(n), if n == 1 { "" } else { "s" })
}

fn plain_table(header: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The report as text.
fn text(report: &CheckReport) -> String {
    let mut out = String::new();
    head(&mut out, report);
    for form in &report.forms {
        files(&mut out, form);
    }
    options(&mut out, report);
    hints(&mut out, report);
    quality(&mut out, report);
    worst(&mut out, report);
    for note in &report.notes {
        let _ = writeln!(out, "note: {note}");
    }
    out
}

fn head(out: &mut String, r: &CheckReport) {
    let _ = writeln!(
        out,
        "{} in {}, {}, {}: {} checked, {} skipped, {} failed.",
        counted(r.rows, "row"),
        counted(r.files as u64, "file"),
        counted(r.meters as u64, "meter"),
        counted(r.customers as u64, "customer"),
        count(r.ok),
        count(r.skipped),
        count(r.failed)
    );
    if let (Some(first), Some(last)) = (&r.first_start, &r.last_start) {
        let _ = writeln!(out, "Intervals start from {first} to {last} (wall clock).");
    }
    let lengths: Vec<String> =
        r.intervals.iter().map(|(m, n)| format!("{m} minutes ({})", counted(*n as u64, "meter"))).collect();
    if !lengths.is_empty() {
        let _ = writeln!(out, "Interval length: {}.", lengths.join(", "));
    }
    if r.rows_without_id > 0 {
        let _ = writeln!(out, "Rows without an id, left out: {}.", count(r.rows_without_id));
    }
}

fn files(out: &mut String, form: &Form) {
    let more = if form.files > 1 { format!(" and {} more", count(form.files - 1)) } else { String::new() };
    let points = if form.points > 1 { format!(" of {} points", form.points) } else { String::new() };
    let _ = writeln!(
        out,
        "\n{}{more}\n  {}{points}, {}; {}\n  {}, {} of {} to {} rows, {} of them cut within a customer",
        form.first_file,
        form.shape,
        form.row_order,
        form.time_order,
        counted(form.rows, "row"),
        counted(form.row_groups as u64, "row group"),
        count(form.group_rows.0),
        count(form.group_rows.1),
        count(form.groups_cut)
    );
    let mut table = plain_table(
        &["", "holds", "column", "type", "unit", "encoding", "compression", "bytes/row", "decoded", "nulls"],
        &[7, 8, 9],
    );
    let rows = form.rows.max(1) as f64;
    for c in &form.columns {
        let per_row = |bytes: u64| if bytes == 0 { "–".into() } else { NUMBERS.fixed(bytes as f64 / rows, 2) };
        table.add_row([
            String::new(),
            c.role.clone(),
            c.name.clone(),
            c.kind.clone(),
            c.unit.unwrap_or("–").to_owned(),
            c.encodings.join(" + "),
            c.compression.join(" + "),
            per_row(c.bytes),
            per_row(c.bytes_plain),
            c.nulls.map_or_else(|| "?".into(), count),
        ]);
    }
    let _ = writeln!(out, "{}", table.trim_fmt());
}

fn options(out: &mut String, report: &CheckReport) {
    let _ = writeln!(out, "\nRead with");
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for o in &report.options {
        let said = if o.default { "(default)" } else { "" };
        table.add_row(["", o.option, &o.value, said]);
    }
    let _ = writeln!(out, "{}", table.trim_fmt());
}

fn hints(out: &mut String, report: &CheckReport) {
    for (kind, title) in [
        (HintKind::Contradicted, "Options that the readings contradict"),
        (HintKind::Unknown, "What the readings cannot tell"),
        (HintKind::Cost, "What makes reading dearer than it need be"),
    ] {
        let mut of_kind = report.hints.iter().filter(|h| h.kind == kind).peekable();
        if of_kind.peek().is_some() {
            let _ = writeln!(out, "\n{title}");
        }
        for hint in of_kind {
            let _ = writeln!(out, "  - {}\n    → {}", hint.what, hint.cure);
        }
    }
}

fn quality(out: &mut String, report: &CheckReport) {
    let _ = writeln!(out, "\nFindings by check");
    let mut table =
        plain_table(&["", "code", "check", "customers", "findings", "intervals", "worst customer"], &[3, 4, 5]);
    for q in &report.quality {
        table.add_row([
            String::new(),
            q.code.to_owned(),
            q.name.to_owned(),
            count(q.customers),
            count(q.findings),
            count(q.intervals),
            q.worst.clone().unwrap_or_else(|| "–".into()),
        ]);
    }
    let _ = writeln!(out, "{}", table.trim_fmt());
}

fn worst(out: &mut String, report: &CheckReport) {
    if report.worst.is_empty() {
        let _ = writeln!(out, "\nEvery customer is complete and without a finding.");
        return;
    }
    let _ = writeln!(out, "\nCustomers to look at first");
    let mut table =
        plain_table(&["", "customer", "status", "expected", "usable", "coverage", "findings", "checks"], &[3, 4, 5, 6]);
    for c in &report.worst {
        table.add_row([
            String::new(),
            c.customer_id.clone(),
            c.status.to_owned(),
            count(c.n_expected),
            count(c.n_valid),
            c.coverage.map_or_else(|| "–".into(), percent_down),
            count(c.findings),
            c.reason.clone().unwrap_or_else(|| c.codes.join(" ")),
        ]);
    }
    let _ = writeln!(out, "{}", table.trim_fmt());
}

/// Percent with one decimal, cut off: 99.97 % is not 100 %.
fn percent_down(ratio: f64) -> String {
    format!("{:.1} %", (ratio * 1000.0).floor() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_json_tell_the_same_of_a_small_fleet() {
        let dir = tempfile::tempdir().unwrap();
        let options = peakwise::synth::SynthOptions {
            out: dir.path().join("fleet"),
            customers: 3,
            days: 40,
            layout: "monthly".into(),
            ..peakwise::synth::SynthOptions::default()
        };
        let written = peakwise::synth::run(&options).unwrap();
        let readings = written.readings.iter().map(|p| p.display().to_string()).collect();
        let job = Job::new(readings, PathBuf::new(), today());
        let report = check(&job, &Bar::new(true, Language::default())).unwrap();
        assert_eq!((report.files, report.customers, report.failed), (2, 3, 0));
        let text = text(&report);
        assert!(
            text.contains("11,520 rows in 2 files, 3 meters, 3 customers: 3 checked, 0 skipped, 0 failed."),
            "{text}"
        );
        assert!(text.contains("long, customer by customer; oldest first"), "{text}");
        assert!(text.lines().all(|l| l == l.trim_end()), "{text}");
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["quality"].as_array().map(Vec::len), Some(report.quality.len()));
        assert_eq!(json["intervals"]["15"], 3);
    }

    #[test]
    fn a_share_just_below_one_is_not_printed_as_whole() {
        assert_eq!((percent_down(0.9999), percent_down(1.0)), ("99.9 %".into(), "100.0 %".into()));
    }
}
