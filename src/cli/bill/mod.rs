//! `peakwise bill`.

mod print;

use super::analyze::{SideArgs, exit_code, today, with_threads};
use super::input::InputArgs;
use super::progress::Bar;
use anyhow::Context;
use clap::{Args, ValueEnum};
use peakwise::analysis::{Outcome, Status};
use peakwise::customer::{BillingMode, Customer};
use peakwise::pipeline::{Job, Terms, run_observed};
use peakwise::tariff::{Bill, Reconciliation};
use peakwise::text::Language;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

/// Printed below the help: the doc comment of the subcommand replaces that of its arguments.
const EXAMPLES: &str = "\
Examples:
  peakwise bill readings.parquet --customers customers.csv --tariff tariff.toml --only 3200001
  peakwise bill readings.parquet --customers customers.csv --tariff a.toml --against b.toml --out bills
  peakwise bill readings.parquet --customers customers.csv --tariff a.toml --mode capacity --mode demand
  peakwise bill readings.parquet --customers customers.csv --tariff a.toml --issued issued.csv";

/// Arguments of `peakwise bill`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct BillArgs {
    /// Parquet files, directories (hive partitions too) or globs
    #[arg(required = true, value_name = "READINGS")]
    readings: Vec<String>,
    #[command(flatten)]
    side: SideArgs,
    /// Bill the same load under another tariff too, and compare
    #[arg(long, value_name = "FILE|ID", help_heading = "Scenarios")]
    against: Vec<String>,
    /// Bill the same load in another billing mode too, and compare
    #[arg(long, value_enum, value_name = "single|capacity|demand|contract", help_heading = "Scenarios")]
    mode: Vec<Mode>,
    #[command(flatten)]
    input: InputArgs,
    /// Directory to write `tables/bills.parquet` into; without it the bills are printed alone
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Replace the directory if it exists
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Print every line of every customer; default for up to three customers
    #[arg(long, help_heading = "Output")]
    lines: bool,
    /// Threads; all processors when not given
    #[arg(long, value_name = "N", env = "PEAKWISE_THREADS", help_heading = "Output")]
    threads: Option<usize>,
    /// Print nothing
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    Single,
    Capacity,
    Demand,
    Contract,
}

impl Mode {
    const fn billing(self) -> BillingMode {
        match self {
            Self::Single => BillingMode::Single,
            Self::Capacity => BillingMode::Capacity,
            Self::Demand => BillingMode::Demand,
            Self::Contract => BillingMode::Contract,
        }
    }
}

/// What is printed of a customer.
struct Billed {
    customer: Arc<Customer>,
    status: Status,
    reason: Option<String>,
    /// As it is, then the scenarios.
    bills: Vec<(Arc<str>, Bill)>,
    reconciliation: Option<Reconciliation>,
}

impl BillArgs {
    /// Bills, writes and prints.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        // Without --out the tables go where they vanish.
        let nowhere = tempfile::tempdir().context("making a temporary directory")?;
        let out = self.out.clone().unwrap_or_else(|| nowhere.path().join("bills"));
        let job = self.job(out);
        let bar = Bar::new(self.quiet, Language::default());
        let seen = Mutex::new(Vec::new());
        let observe = |o: &Outcome| seen.lock().unwrap_or_else(PoisonError::into_inner).push(billed(o));
        let summary = with_threads(self.threads, || run_observed(&job, &bar, &observe))??;
        bar.finish();
        let mut seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        seen.sort_by(|a, b| a.customer.id.cmp(&b.customer.id));
        if !self.quiet {
            let mut text = print::text(&seen, self.lines);
            for note in &summary.notes {
                let _ = writeln!(text, "note: {note}");
            }
            if self.out.is_some() {
                let _ = writeln!(text, "Tables: {}/tables/*.parquet", summary.out.display());
            }
            super::say(&text)?;
        }
        Ok(exit_code(&summary))
    }

    fn job(&self, out: PathBuf) -> Job {
        let mut job = Job::new(self.readings.clone(), out, today());
        job.arguments = std::env::args().skip(1).collect();
        job.input = self.input.options();
        self.side.put_into(&mut job);
        job.scenarios = scenarios(&self.against, &self.mode);
        let mut tables = vec!["bills".to_owned()];
        tables.extend(job.register.issued.is_some().then(|| "reconciliation".to_owned()));
        job.tables = Some(tables);
        job.formats = Vec::new();
        job.force = self.force;
        job
    }
}

/// Every tariff given beside the customer's own, in every mode given beside its own.
fn scenarios(against: &[String], modes: &[Mode]) -> Vec<Terms> {
    let tariffs = std::iter::once(None).chain(against.iter().map(Some));
    let mut out = Vec::new();
    for tariff in tariffs {
        for mode in std::iter::once(None).chain(modes.iter().map(|m| Some(m.billing()))) {
            let parts = [tariff.map(|t| short(t)), mode.map(|m| format!("{m:?}").to_lowercase())];
            let name = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
            if !name.is_empty() {
                out.push(Terms { name, tariff: tariff.cloned(), mode });
            }
        }
    }
    out
}

/// A tariff's name in a scenario: of a file without folder and ending.
fn short(tariff: &str) -> String {
    let path = std::path::Path::new(tariff);
    let stem = path.file_stem().filter(|_| path.extension().is_some_and(|e| e == "toml"));
    stem.map_or_else(|| tariff.to_owned(), |s| s.to_string_lossy().into_owned())
}

fn billed(outcome: &Outcome) -> Billed {
    let a = outcome.analysis.as_ref();
    let own = a.and_then(|a| a.bill.as_ref()).map(|b| (Arc::from("recomputed"), b.clone()));
    Billed {
        customer: Arc::clone(&outcome.customer),
        status: outcome.status,
        reason: outcome.reason.clone(),
        bills: own.into_iter().chain(a.into_iter().flat_map(|a| a.scenarios.iter().cloned())).collect(),
        reconciliation: a.and_then(|a| a.reconciliation.clone()),
    }
}
