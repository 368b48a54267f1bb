//! `peakwise analyze`.

use super::input::{InputArgs, date};
use super::progress::Bar;
use clap::{Args, ValueEnum};
use peakwise::analysis::Status;
use peakwise::pipeline::{Audiences, Job, Summary, WhichMonth, run};
use peakwise::register::RegisterPaths;
use peakwise::report::{Brand, FormatOptions, named_formats};
use peakwise::rule::Audience;
use peakwise::text::Language;
use peakwise::time::{Date, Seasons};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Printed below the help: the doc comment of the subcommand replaces that of its arguments.
const EXAMPLES: &str = "\
Examples:
  peakwise analyze readings.parquet --customers customers.csv --tariff tariff.toml --out out
  peakwise analyze 'data/month=*/*.parquet' --meters meters.csv --out out --force
  peakwise analyze wide/ --point1 00:15 --tables daily,monthly --format none --out out";

/// Arguments of `peakwise analyze`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Analyze {
    /// Parquet files, directories (hive partitions too) or globs
    #[arg(required = true, value_name = "READINGS")]
    readings: Vec<String>,
    #[command(flatten)]
    side: SideArgs,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// Side files.
#[derive(Debug, Args)]
#[command(next_help_heading = "Side inputs (CSV or Parquet)")]
pub struct SideArgs {
    /// Register of customers
    #[arg(long, value_name = "FILE")]
    customers: Option<PathBuf>,
    /// Meters: customer, supply point, role, multiplier
    #[arg(long, value_name = "FILE")]
    meters: Option<PathBuf>,
    /// Transformers
    #[arg(long, value_name = "FILE")]
    transformers: Option<PathBuf>,
    /// Register readings
    #[arg(long, value_name = "FILE")]
    registers: Option<PathBuf>,
    /// Contract demands by month: customer_id, month, contract_demand_kw
    #[arg(long, value_name = "FILE")]
    contract_demand: Option<PathBuf>,
    /// Known events
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Peaks of the supply system: at, minutes, system, source
    #[arg(long, value_name = "FILE")]
    system_peaks: Option<PathBuf>,
    /// Weights and limits of the portfolio (TOML)
    #[arg(long, value_name = "FILE")]
    portfolio: Option<PathBuf>,
    /// Bills that were really sent, to reconcile with
    #[arg(long, value_name = "FILE")]
    issued: Option<PathBuf>,
    /// Machines that may run at other hours: power, run time, window
    #[arg(long, value_name = "FILE")]
    equipment: Option<PathBuf>,
    /// Temperatures by customer or region, hourly or finer
    #[arg(long, value_name = "FILE")]
    temperature: Option<PathBuf>,
    /// Figures of similar customers: the peers.json that an earlier run wrote
    #[arg(long, value_name = "FILE")]
    peers: Option<PathBuf>,
    /// Terms of investments and other products (TOML): batteries, PV, voltage levels, tariffs to choose
    #[arg(long, value_name = "FILE")]
    terms: Option<PathBuf>,
    /// Constants of the rules (TOML); run.json lists them all
    #[arg(long, value_name = "FILE")]
    thresholds: Option<PathBuf>,
    /// Own keywords that map industries to sectors (TOML)
    #[arg(long, value_name = "FILE")]
    sectors: Option<PathBuf>,
    /// Tariff file, or the id of a shipped tariff; the first serves customers whose register names none
    #[arg(long, value_name = "FILE|ID")]
    tariff: Vec<String>,
    /// Bill every cycle at the prices in force on a date
    #[arg(long, value_name = "DATE", value_parser = date)]
    prices_as_of: Option<Date>,
    /// Bill energy as real bills do: by the registers in whole steps, flat as the total less the other
    /// periods; where they were not read, by intervals in whole steps
    #[arg(long)]
    register_bill: bool,
    /// Declared sharp days (days of heat, say): date, source
    #[arg(long, value_name = "FILE")]
    declared_sharp_days: Option<PathBuf>,
    /// Calendar of working days: a CSV file, cn, none, or auto (cn in China, else weekends)
    #[arg(long, value_name = "FILE|cn|none|auto", default_value = "auto")]
    calendar: String,
    /// Seasons of typical days [default: spring=3-5,summer=6-8,autumn=9-11,winter=12-2]
    #[arg(long, value_name = "SPANS", value_parser = |t: &str| Seasons::parse(t).map_err(|e| e.to_string()))]
    seasons: Option<Seasons>,
    /// Only these customers (comma-separated)
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    only: Vec<String>,
}

/// Where results go.
#[expect(clippy::struct_excessive_bools, reason = "each is one independent switch of the command line")]
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutArgs {
    /// Directory to write
    #[arg(long, value_name = "DIR", default_value = "peakwise-out")]
    out: PathBuf,
    /// Replace the directory if it exists
    #[arg(long)]
    force: bool,
    /// Write only these tables, and compute only what they need (comma-separated)
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    tables: Option<Vec<String>>,
    /// Also write every day's curve
    #[arg(long)]
    curves: bool,
    /// Reports: html, xlsx, json, pdf (comma-separated), or none for tables alone
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "html")]
    format: Vec<String>,
    /// Also write each customer's one-page energy bill of a month
    #[arg(long, value_name = "MONTH|latest", value_parser = |t: &str| t.parse::<WhichMonth>().map_err(|e| e.to_string()))]
    energy_bill: Option<WhichMonth>,
    /// For whom: customer writes customers/, internal writes internal/ and the fleet's files
    /// [default: customers/ and the fleet's files]
    #[arg(long, value_enum, value_name = "customer|internal", value_delimiter = ',')]
    audience: Vec<Reader>,
    /// Organisation, logo, contact and foreword of the reports (TOML)
    #[arg(long, value_name = "FILE")]
    brand: Option<PathBuf>,
    /// Font file of PDF reports; those of the system when not given
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
    /// Language of the reports
    #[arg(long, value_enum, value_name = "en|zh", default_value = "en")]
    lang: Lang,
    /// The day of the run: printed on pages, applications can be made from it [default: today]
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,
    /// Leave the SHA-256 of inputs out of run.json
    #[arg(long)]
    no_hash: bool,
    /// Threads; all processors when not given
    #[arg(long, value_name = "N", env = "PEAKWISE_THREADS")]
    threads: Option<usize>,
    /// No progress, no summary
    #[arg(long, short)]
    quiet: bool,
}

impl SideArgs {
    /// Puts the side files, tariffs and restrictions into a job.
    pub fn put_into(&self, job: &mut Job) {
        let calendar = PathBuf::from(&self.calendar);
        job.register = RegisterPaths {
            customers: self.customers.clone(),
            meters: self.meters.clone(),
            transformers: self.transformers.clone(),
            contracts: self.contract_demand.clone(),
            registers: self.registers.clone(),
            events: self.events.clone(),
            issued: self.issued.clone(),
            equipment: self.equipment.clone(),
            calendar: calendar.exists().then_some(calendar),
            temperature: self.temperature.clone(),
            peers: self.peers.clone(),
            terms: self.terms.clone(),
            sectors: self.sectors.clone(),
        };
        job.portfolio.clone_from(&self.portfolio);
        job.thresholds.clone_from(&self.thresholds);
        job.tariffs.clone_from(&self.tariff);
        job.prices_as_of = self.prices_as_of;
        job.register_bill = self.register_bill;
        job.declared_days.clone_from(&self.declared_sharp_days);
        job.system_peaks.clone_from(&self.system_peaks);
        job.calendar.clone_from(&self.calendar);
        job.seasons = self.seasons.unwrap_or_default();
        job.only.clone_from(&self.only);
    }
}

impl Analyze {
    /// Runs the job.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let job = self.job()?;
        let bar = Bar::new(self.out.quiet, self.language());
        let summary = with_threads(self.out.threads, || run(&job, &bar))??;
        bar.finish();
        if !self.out.quiet {
            super::say(&super::summary::text(&summary, &job))?;
        }
        Ok(exit_code(&summary))
    }

    /// Language of reports and of what is printed.
    pub fn language(&self) -> Language {
        self.out.lang.into()
    }

    fn job(&self) -> anyhow::Result<Job> {
        let formats = named_formats(&self.out.format)?;
        let mut input = self.input.options();
        let reactive_tables =
            ["monthly", "bills", "advice", "customers", "daily", "quality", "portfolio", "visits", "reconciliation"];
        input.reactive &= !formats.is_empty()
            || self.out.tables.as_ref().is_none_or(|t| t.iter().any(|t| reactive_tables.contains(&t.as_str())));
        let mut job = Job::new(self.readings.clone(), self.out.out.clone(), self.out.as_of.unwrap_or_else(today));
        job.arguments = std::env::args().skip(1).collect();
        job.input = input;
        self.side.put_into(&mut job);
        job.tables.clone_from(&self.out.tables);
        job.curves = self.out.curves;
        job.energy_bill = self.out.energy_bill;
        job.formats = formats;
        job.format_options = FormatOptions { font: self.out.font.clone() };
        let readers: Vec<Audience> = self.out.audience.iter().map(|r| (*r).into()).collect();
        job.audiences = Audiences::of(&readers);
        if let Some(path) = &self.out.brand {
            job.brand = Arc::new(Brand::read(path)?);
        }
        job.language = self.language();
        job.hash = !self.out.no_hash;
        job.force = self.out.force;
        Ok(job)
    }
}

/// The job of a run that is done, from the arguments in its manifest.
pub fn job_of(manifest: &serde_json::Value) -> anyhow::Result<Job> {
    #[derive(Debug, clap::Parser)]
    enum Run {
        Analyze(Box<Analyze>),
    }
    let arguments = manifest.get("arguments").and_then(serde_json::Value::as_array);
    let arguments: Vec<&str> = arguments.into_iter().flatten().filter_map(serde_json::Value::as_str).collect();
    let Run::Analyze(analyze) = <Run as clap::Parser>::try_parse_from(std::iter::once("peakwise").chain(arguments))?;
    analyze.job()
}

/// A kind of reader.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Reader {
    Customer,
    Internal,
}

impl From<Reader> for Audience {
    fn from(reader: Reader) -> Self {
        match reader {
            Reader::Customer => Self::Customer,
            Reader::Internal => Self::Internal,
        }
    }
}

/// Language of pages.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Lang {
    En,
    Zh,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::En,
            Lang::Zh => Self::Zh,
        }
    }
}

/// The day of the run in the system's zone.
pub fn today() -> Date {
    Date::from_civil(jiff::Zoned::now().date())
}

/// Runs on a pool of `threads` threads.
pub fn with_threads<T: Send>(threads: Option<usize>, f: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build()?;
    Ok(pool.install(f))
}

/// 2 when a customer failed.
pub fn exit_code(summary: &Summary) -> ExitCode {
    if summary.count(Status::Failed) > 0 { ExitCode::from(2) } else { ExitCode::SUCCESS }
}
