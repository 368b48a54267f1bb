//! `peakwise convert`.

use super::analyze::with_threads;
use super::input::InputArgs;
use super::progress::Bar;
use clap::Args;
use peakwise::pipeline::{Converted, convert};
use peakwise::report::Numbers;
use peakwise::text::Language;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Printed below the help: the doc comment of the subcommand replaces that of its arguments.
const EXAMPLES: &str = "\
Customer by customer in the order of time; stamps as DELTA_BINARY_PACKED, ids and values through dictionaries
under LZ4, row groups that end where meters end, a page index. Every row stays: the same options give the same
tables from the copy as from the original.

Examples:
  peakwise convert 'daily/dt=*/*.parquet' fast
  peakwise convert wide/ fast --point1 00:15 --memory 4G";

/// Arguments of `peakwise convert`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Convert {
    /// Parquet files, directories (hive partitions too) or globs
    #[arg(required = true, value_name = "IN")]
    readings: Vec<String>,
    /// Directory to write
    #[arg(value_name = "OUT")]
    out: PathBuf,
    #[command(flatten)]
    input: InputArgs,
    /// Replace the directory if it exists
    #[arg(long)]
    force: bool,
    /// Threads; all processors when not given
    #[arg(long, value_name = "N", env = "PEAKWISE_THREADS")]
    threads: Option<usize>,
    /// No progress, no summary
    #[arg(long, short)]
    quiet: bool,
}

impl Convert {
    /// Rewrites the readings.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let bar = Bar::new(self.quiet, Language::default());
        let options = self.input.options();
        let done = with_threads(self.threads, || convert(&self.readings, options, (&self.out, self.force), &bar))??;
        bar.finish();
        if !self.quiet {
            super::say(&text(&done)?)?;
        }
        Ok(if done.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
    }
}

/// The files with their sizes, and what could not be read.
fn text(done: &Converted) -> anyhow::Result<String> {
    let numbers = Numbers(Language::En);
    let mib = |bytes: u64| numbers.fixed(bytes as f64 / f64::from(1 << 20), 1);
    let mut out = format!("{} rows read, {} MiB.\n", numbers.fixed(done.rows as f64, 0), mib(done.bytes_read));
    for (path, rows) in &done.files {
        let bytes = std::fs::metadata(path)?.len();
        writeln!(out, "{}: {} rows, {} MiB", path.display(), numbers.fixed(*rows as f64, 0), mib(bytes))?;
    }
    for (meter, reason) in &done.failed {
        writeln!(out, "meter {meter} left out: {reason}")?;
    }
    Ok(out)
}
