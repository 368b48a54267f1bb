//! `peakwise completions`.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};
use std::process::ExitCode;

/// Example:
///   peakwise completions bash > /etc/bash_completion.d/peakwise
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        generate(self.shell, &mut super::Cli::command(), "peakwise", &mut std::io::stdout());
        Ok(ExitCode::SUCCESS)
    }
}
