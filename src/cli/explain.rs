//! `peakwise explain`.

use anyhow::{Context, bail};
use clap::Args;
use peakwise::explain::{card, recommendation};
use std::path::PathBuf;
use std::process::ExitCode;

/// Printed below the help: the doc comment of the subcommand replaces that of its arguments.
const EXAMPLES: &str = "\
Examples:
  peakwise explain R05                  the card of a rule
  peakwise explain load_factor          the card of an indicator
  peakwise explain V02                  the card of a check
  peakwise explain out 3200001 R05      how one recommendation's numbers come about";

/// Arguments of `peakwise explain`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Explain {
    /// CODE, or OUT CUSTOMER CODE
    #[arg(required = true, num_args = 1..=3, value_name = "CODE | OUT CUSTOMER CODE")]
    what: Vec<String>,
}

impl Explain {
    /// Prints a card or a derivation.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        match self.what.as_slice() {
            [code] => super::say(&format!("{}\n", card(code)?.trim_end()))?,
            [out, customer, code] => {
                let out = PathBuf::from(out);
                let text =
                    recommendation(&out, customer, code).with_context(|| format!("explaining {code} of {customer}"))?;
                super::say(&format!("{}\n", text.trim_end()))?;
            }
            _ => bail!("give CODE for a card, or OUT CUSTOMER CODE for one recommendation"),
        }
        Ok(ExitCode::SUCCESS)
    }
}
