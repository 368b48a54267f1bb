//! `peakwise show`.

use clap::Args;
use peakwise::report::{Report, least_saving, listed, terminal};
use peakwise::text::Language;
use std::path::PathBuf;
use std::process::ExitCode;

/// Columns where the output is no terminal.
const WIDTH: usize = 100;

/// Printed below the help: the doc comment of the subcommand replaces that of its arguments.
const EXAMPLES: &str = "\
Examples:
  peakwise show out                the fleet in short
  peakwise show out 3200001        one customer: totals, curve, months, peaks, advice";

/// Arguments of `peakwise show`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Show {
    /// Output directory of a run
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Account number
    #[arg(value_name = "CUSTOMER")]
    customer: Option<String>,
    /// Language
    #[arg(long, value_enum, value_name = "en|zh", default_value = "en")]
    lang: super::analyze::Lang,
    /// Columns; those of the terminal when not given
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..))]
    width: Option<u16>,
}

impl Show {
    /// Language of what is printed.
    pub fn language(&self) -> Language {
        self.lang.into()
    }

    /// Prints the summary.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let language = self.language();
        let terminal = || terminal_size::terminal_size().map(|(w, _)| usize::from(w.0).max(40));
        let width = self.width.map(usize::from).or_else(terminal).unwrap_or(WIDTH);
        let text = match &self.customer {
            Some(id) => {
                let report = Report::read(&self.out, id, language)?;
                let least = least_saving(&self.out, report.totals.bill_total)?;
                terminal::customer(&report, least, language, width)
            }
            None => terminal::fleet(&listed(&self.out)?, language, width),
        };
        super::say(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}
