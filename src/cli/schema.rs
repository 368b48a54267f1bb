//! `peakwise schema`.

use clap::Args;
use std::process::ExitCode;

/// Printed below the help.
const EXAMPLES: &str = "\
Example:
  peakwise schema > report.schema.json";

/// Prints the JSON Schema of `--format json`: the file of one customer's report.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Schema {}

impl Schema {
    /// Prints it.
    #[expect(clippy::unused_self, reason = "subcommands are run alike")]
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        super::say(&peakwise::report::json_schema()?)?;
        Ok(ExitCode::SUCCESS)
    }
}
