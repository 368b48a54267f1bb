//! `peakwise tariff`: the catalogue, and tools for tariff files.

mod calendar;
mod import;
mod lint;
mod list;
mod show;

use clap::Subcommand;
use peakwise::error::Error;
use peakwise::tariff::{Shipped, Tariff};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Printed below the help.
pub const EXAMPLES: &str = "\
Examples:
  peakwise tariff list
  peakwise tariff show demo-two-part
  peakwise tariff lint my-tariff.toml
  peakwise tariff calendar demo-two-part --date 2025-07-15
  peakwise tariff import urdb rate.json --out my-tariff.toml";

/// Subcommands of `peakwise tariff`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The tariffs that ship inside
    List(list::List),
    /// One tariff: source, prices, windows, charges; or its file, to copy from
    Show(show::Show),
    /// Prove that files are right, or point at every fault by line and column
    Lint(lint::Lint),
    /// Make a tariff file of a rate in another format
    #[command(subcommand)]
    Import(import::Import),
    /// Draw the bands of one day
    Calendar(calendar::Calendar),
}

impl Command {
    /// Runs the subcommand.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(c) => c.run(),
            Self::Show(c) => c.run(),
            Self::Lint(c) => c.run(),
            Self::Import(c) => c.run(),
            Self::Calendar(c) => c.run(),
        }
    }
}

/// A tariff by file or by the id of a shipped one, and the text of its file.
fn open(name: &str) -> anyhow::Result<(Arc<Tariff>, String)> {
    let path = Path::new(name);
    if path.exists() {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        return Ok((Arc::new(Tariff::parse(path, &text)?), text));
    }
    let tariff = Tariff::builtin(name)?;
    let text = Tariff::builtin_list().iter().find(|s: &&Shipped| s.id == name).map_or("", |s| s.text);
    Ok((Arc::new(tariff), text.to_owned()))
}

/// A price a kWh; `?` in a template.
fn price(tariff: &Tariff, price: f64) -> String {
    if tariff.unpriced().is_empty() { format!("{price:.6}") } else { "?".into() }
}

/// How well figures are backed, in words.
const fn backed(verified: peakwise::tariff::Verified) -> &'static str {
    match verified {
        peakwise::tariff::Verified::Official => "official",
        peakwise::tariff::Verified::SecondHand => "second hand",
        peakwise::tariff::Verified::Illustrative => "illustrative",
    }
}
