//! `peakwise schema`.

use clap::Args;
use std::process::ExitCode;

/// Prints the JSON Schema of `--format json`: the file of one customer's report.
#[derive(Debug, Args)]
pub struct Schema {}

impl Schema {
    /// Prints it.
    #[expect(clippy::unused_self, reason = "subcommands are run alike")]
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        super::say(&peakwise::report::json_schema()?)?;
        Ok(ExitCode::SUCCESS)
    }
}
