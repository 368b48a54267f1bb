//! `peakwise tariff lint`.

use clap::Args;
use peakwise::error::Error;
use peakwise::tariff::{chain, lint};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `peakwise tariff lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// Tariff files (TOML); files of one tariff are versions of it and must chain by date
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Lint {
    /// Prints every fault as `file:line:column: key: what; cure`; exits with 1 when there is any.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let mut out = String::new();
        let mut n = 0;
        let mut read = Vec::new();
        for path in &self.files {
            let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
            let (tariff, faults) = lint(path, &text)?;
            n += faults.len();
            for fault in &faults {
                let colon = if fault.place.is_some() { ":" } else { ": " };
                let _ = writeln!(out, "{}{colon}{fault}", path.display());
            }
            read.extend(tariff.clone());
            if let Some(tariff) = tariff.filter(|_| faults.is_empty()) {
                let (path, id, validity) = (path.display(), &tariff.id, tariff.validity());
                let bands = match tariff.bands.len() {
                    1 => "its one band".to_owned(),
                    n => format!("exactly one of {n} bands"),
                };
                let _ = writeln!(
                    out,
                    "{path}: {id} is right: every day {validity} has each of its 96 quarter hours in {bands}"
                );
            }
        }
        for (path, fault) in chain(&read) {
            n += 1;
            let _ = writeln!(out, "{}:{fault}", path.display());
        }
        if n > 0 {
            let _ = writeln!(out, "{n} {}", if n == 1 { "fault" } else { "faults" });
        }
        super::super::say(&out)?;
        Ok(if n == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
