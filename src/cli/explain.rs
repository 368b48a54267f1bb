//! `peakwise explain`.

use anyhow::{Context, bail};
use clap::Args;
use peakwise::explain::{bill_line, card, recommendation};
use std::path::PathBuf;
use std::process::ExitCode;

/// Printed below the help: the doc comment of the subcommand replaces that of its arguments.
const EXAMPLES: &str = "\
Examples:
  peakwise explain R05                  the card of a rule
  peakwise explain load_factor          the card of an indicator
  peakwise explain V02                  the card of a check
  peakwise explain out 3200001 R05      how one recommendation's numbers come about
  peakwise explain out 3200001 2026-01 demand      how a bill line comes about: a kind of line, a
                                        period, the tariff's own name, or all";

/// Arguments of `peakwise explain`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Explain {
    /// CODE, or OUT CUSTOMER CODE, or OUT CUSTOMER MONTH LINE
    #[arg(required = true, num_args = 1..=4, value_name = "CODE | OUT CUSTOMER CODE | OUT CUSTOMER MONTH LINE")]
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
            [out, customer, month, line] => {
                let text = bill_line(&PathBuf::from(out), customer, month, line)
                    .with_context(|| format!("explaining {line} of {customer} in {month}"))?;
                super::say(&format!("{}\n", text.trim_end()))?;
            }
            _ => bail!(
                "give CODE for a card, OUT CUSTOMER CODE for one recommendation, OUT CUSTOMER MONTH LINE for a bill line"
            ),
        }
        Ok(ExitCode::SUCCESS)
    }
}
