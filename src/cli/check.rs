//! `peakwise check`.

use super::input::InputArgs;
use clap::Args;
use peakwise::input::Readings;
use std::process::ExitCode;

/// Printed below the help: the doc comment of the subcommand replaces that of its arguments.
const EXAMPLES: &str = "\
Example:
  peakwise check data/ --tz Europe/Berlin";

/// Arguments of `peakwise check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Check {
    /// Parquet files, directories or globs
    #[arg(required = true, value_name = "READINGS")]
    readings: Vec<String>,
    #[command(flatten)]
    input: InputArgs,
}

impl Check {
    /// Prints the form of the readings.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let readings = Readings::open(&self.readings, self.input.options())?;
        println!(
            "{} rows in {} files, {} meters: {}",
            readings.rows(),
            readings.files.len(),
            readings.meters().len(),
            readings.form()
        );
        Ok(ExitCode::SUCCESS)
    }
}
