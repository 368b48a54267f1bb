//! `peakwise synth`.

use super::input::date;
use clap::Args;
use peakwise::synth::{SynthOptions, run};
use peakwise::time::{Date, Interval};
use std::path::PathBuf;
use std::process::ExitCode;

/// Printed below the help: the doc comment of the subcommand replaces that of its arguments.
const EXAMPLES: &str = "\
Examples:
  peakwise synth fleet --customers 100 --truth fleet/truth.json
  peakwise synth wide --layout wide --interval 30 --start 2024-07-01 --days 366";

/// Arguments of `peakwise synth`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Synth {
    /// Directory to make
    out: PathBuf,
    /// Number of customers
    #[arg(long, default_value_t = 100)]
    customers: u64,
    /// Seed of all random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Interval length in minutes
    #[arg(long, default_value = "15", value_parser = |t: &str| t.parse().ok().and_then(Interval::from_minutes).ok_or("choose 5, 15, 30 or 60"))]
    interval: Interval,
    /// First date
    #[arg(long, default_value = "2025-01-01", value_parser = date)]
    start: Date,
    /// Number of dates
    #[arg(long, default_value_t = 365)]
    days: u32,
    /// long, monthly, daily or wide
    #[arg(long, default_value = "long")]
    layout: String,
    /// standard, full, planted, aging, offered or demo
    #[arg(long, default_value = "standard")]
    mix: String,
    /// Write what was planted in whom, and what it is worth
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// Tariff at whose prices the truth states it
    #[arg(long, value_name = "FILE|ID", default_value = "demo-two-part")]
    tariff: String,
}

impl Synth {
    /// Writes the fleet.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let written = run(&SynthOptions {
            out: self.out.clone(),
            customers: self.customers,
            seed: self.seed,
            interval: self.interval,
            first: self.start,
            days: self.days,
            layout: self.layout.clone(),
            mix: self.mix.clone(),
            truth: self.truth.clone(),
            tariff: self.tariff.clone(),
            ..SynthOptions::default()
        })?;
        println!(
            "{} customers, {} meters, {} readings in {}",
            written.n_customers,
            written.n_meters,
            written.n_readings,
            self.out.display()
        );
        Ok(ExitCode::SUCCESS)
    }
}
