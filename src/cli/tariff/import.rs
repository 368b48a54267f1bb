//! `peakwise tariff import`.

use super::super::input::date;
use anyhow::bail;
use clap::{Args, Subcommand};
use peakwise::error::Error;
use peakwise::tariff::urdb;
use peakwise::time::Date;
use std::path::PathBuf;
use std::process::ExitCode;

/// Formats that can be imported.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// A rate of the US Utility Rate Database (OpenEI), as JSON
    Urdb(Urdb),
}

/// Arguments of `peakwise tariff import urdb`.
#[derive(Debug, Args)]
pub struct Urdb {
    /// JSON of a rate, or of an answer of the database's API with one or more rates
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Tariff file to write, or a directory for several rates; standard output when not given
    #[arg(long, value_name = "FILE|DIR")]
    out: Option<PathBuf>,
    /// Fields to leave out though a tariff file cannot express them (comma-separated); the file says so
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    ignore: Vec<String>,
    /// First date of validity where the rate states none
    #[arg(long, value_name = "DATE", value_parser = date)]
    effective_from: Option<Date>,
}

impl Import {
    /// Writes the tariff files.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let Self::Urdb(args) = self;
        let text = std::fs::read_to_string(&args.file).map_err(Error::io(&args.file))?;
        let options = urdb::ImportOptions { ignore: args.ignore.clone(), effective_from: args.effective_from };
        let files = urdb::import(&args.file, &text, &options)?;
        match &args.out {
            None => super::super::say(&files.join("\n"))?,
            Some(dir) if dir.is_dir() => {
                for file in &files {
                    let id = file.lines().find_map(|l| l.strip_prefix("id = \"")?.strip_suffix('"')).unwrap_or("rate");
                    let path = dir.join(format!("{id}.toml"));
                    std::fs::write(&path, file).map_err(Error::io(&path))?;
                }
            }
            Some(path) => match files.as_slice() {
                [one] => std::fs::write(path, one).map_err(Error::io(path))?,
                many => {
                    bail!("{} holds {} rates; give a directory that exists to --out", args.file.display(), many.len())
                }
            },
        }
        Ok(ExitCode::SUCCESS)
    }
}
