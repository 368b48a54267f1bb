//! The command line: arguments as typed, one file a subcommand.

mod analyze;
mod bill;
mod check;
mod completions;
mod convert;
mod demo;
mod evidence;
mod explain;
mod input;
mod progress;
mod schedule;
mod schema;
mod show;
mod summary;
mod synth;
mod tariff;

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Parser, Subcommand};
use peakwise::text::{Language, Text, tell_whole};
use std::io::Write;
use std::process::ExitCode;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Daily load curves, peaks, exact bills and ranked, priced advice for the large customers of a
/// power utility.
#[derive(Debug, Parser)]
#[command(version, styles = STYLES, arg_required_else_help = true, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Analyse readings: curves, peaks, bills, advice; tables and pages into a directory
    Analyze(Box<analyze::Analyze>),
    /// Bill alone: print every line, compare tariffs and billing modes, reconcile with issued bills
    Bill(Box<bill::BillArgs>),
    /// Analyse the fleet that ships inside: a report within a minute
    Demo(demo::Demo),
    /// Print a card, or derive one recommendation's numbers
    Explain(explain::Explain),
    /// Write the evidence behind one bill line or one peak: intervals, register, rule, hashes
    Evidence(evidence::Evidence),
    /// Print a customer's work schedule: what runs when, and what that saves
    Schedule(schedule::Schedule),
    /// Look at readings alone: their form, their quality, and which options they seem to need
    Check(Box<check::Check>),
    /// Rewrite readings in the form that is read fastest
    Convert(Box<convert::Convert>),
    /// Show a finished run on the terminal: the fleet, or one customer with its curve
    Show(show::Show),
    /// Print the JSON Schema of a customer's report
    Schema(schema::Schema),
    /// The catalogue of tariffs, and tools for tariff files
    #[command(subcommand, after_help = tariff::EXAMPLES)]
    Tariff(tariff::Command),
    /// Make a synthetic fleet with known behaviours
    Synth(synth::Synth),
    /// Print the completion script of a shell
    Completions(completions::Completions),
}

/// Parses the arguments and runs the subcommand. When nothing could be done it says why, with the file,
/// column or row, and the cure.
pub fn run() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(e) => {
            // Help and version are answers; anything else is an argument that cannot be used.
            let answered = e.print().is_ok() && !e.use_stderr();
            return if answered { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
    };
    command.run().unwrap_or_else(|e| {
        let text = Text::of(command.language());
        eprintln!("{}", text.fill("summary.error", &[("why", &tell_whole(&format!("{e:#}"), text))]));
        ExitCode::FAILURE
    })
}

impl Command {
    fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Analyze(c) => c.run(),
            Self::Bill(c) => c.run(),
            Self::Demo(c) => c.run(),
            Self::Explain(c) => c.run(),
            Self::Evidence(c) => c.run(),
            Self::Schedule(c) => c.run(),
            Self::Check(c) => c.run(),
            Self::Convert(c) => c.run(),
            Self::Show(c) => c.run(),
            Self::Schema(c) => c.run(),
            Self::Tariff(c) => c.run(),
            Self::Synth(c) => c.run(),
            Self::Completions(c) => c.run(),
        }
    }

    /// The language of what it prints.
    fn language(&self) -> Language {
        match self {
            Self::Analyze(c) => c.language(),
            Self::Demo(c) => c.language(),
            Self::Evidence(c) => c.language(),
            Self::Schedule(c) => c.language(),
            Self::Show(c) => c.language(),
            _ => Language::default(),
        }
    }
}

/// Prints to standard output; a reader that has had enough is no error.
///
/// # Errors
/// When standard output cannot be written to.
fn say(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
