//! `peakwise evidence`.

use super::analyze::Lang;
use anyhow::{Context, bail};
use clap::Args;
use peakwise::analysis::{Analysis, Outcome};
use peakwise::evidence::{Case, InputHash, Subject, agrees, bundle, choices, line_name, recorded, subject};
use peakwise::pipeline::{Job, Progress, run_observed, sha256};
use peakwise::register::Register;
use peakwise::tariff::Shelf;
use peakwise::text::Language;
use peakwise::time::{Date, Month};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

/// Printed below the help: the doc comment of the subcommand replaces that of its arguments.
const EXAMPLES: &str = "\
Examples:
  peakwise evidence out 3200001 2025-03                 what can be asked for
  peakwise evidence out 3200001 2025-03 peak            the billing peak
  peakwise evidence out 3200001 2025-03 高峰 --into answer";

/// Arguments of `peakwise evidence`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Evidence {
    /// Directory of a run; its inputs are read again and must be where they were
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Account
    #[arg(value_name = "CUSTOMER")]
    customer: String,
    /// Billing cycle, as 2025-03
    #[arg(value_name = "MONTH", value_parser = month)]
    month: Month,
    /// `peak`, or the name of a bill line; without it the names are listed
    #[arg(value_name = "peak | LINE")]
    what: Option<String>,
    /// Directory to write; must not exist
    #[arg(long, value_name = "DIR", default_value = "evidence")]
    into: PathBuf,
    /// Language of the statement
    #[arg(long, value_enum, value_name = "en|zh", default_value = "en")]
    lang: Lang,
}

/// A month as `2025-03`.
pub fn month(text: &str) -> Result<Month, String> {
    let date = format!("{text}-01").parse::<Date>();
    date.map(Month::of).map_err(|_| format!("{text:?} is not a month: write it as 2025-03"))
}

struct Quiet;

impl Progress for Quiet {
    fn start(&self, _: u64) {}
    fn advance(&self, _: u64) {}
}

impl Evidence {
    /// Language of the statement.
    pub fn language(&self) -> Language {
        self.lang.into()
    }

    /// Analyses the customer again, compares, writes the bundle. 2 when the numbers differ.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let path = self.out.join("run.json");
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let manifest: Value = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
        let nowhere = tempfile::tempdir().context("making a temporary directory")?;
        let job = Job {
            only: vec![self.customer.clone()],
            tables: Some(vec!["bills".into(), "peaks".into()]),
            out: nowhere.path().join("again"),
            hash: false,
            formats: Vec::new(),
            energy_bill: None,
            curves: false,
            ..super::analyze::job_of(&manifest)?
        };
        let analysis = again(&job, &self.customer)?;
        let Some(what) = &self.what else {
            super::say(&format!("{}\n", choices(&analysis, self.month).join("\n")))?;
            return Ok(ExitCode::SUCCESS);
        };
        let subject = subject(&analysis, self.month, what)?;
        self.write(&job, &analysis, &manifest, subject)
    }

    fn write(&self, job: &Job, a: &Analysis, manifest: &Value, subject: Subject<'_>) -> anyhow::Result<ExitCode> {
        let (register, _) = Register::load(&job.register)?;
        let mut shelf = Shelf::open(&job.tariffs, job.conditions()?)?;
        shelf.add_named(a.customer.tariff.as_deref().into_iter());
        let tariff = shelf.get(a.customer.tariff.as_deref(), a.load.interval())?;
        let inputs = inputs(manifest)?;
        let case = Case {
            analysis: a,
            tariff: tariff.as_deref(),
            register: &register,
            manifest,
            inputs: &inputs,
            recorded: recorded(&self.out, &self.customer, self.month, subject)?,
            language: self.language(),
        };
        let files = bundle(&case, self.month, subject)?;
        let into = &self.into;
        std::fs::create_dir(into)
            .with_context(|| format!("making {}: name a directory that does not exist (--into)", into.display()))?;
        for (name, bytes) in &files {
            let path = into.join(name);
            std::fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))?;
        }
        let what = match subject {
            Subject::Line(l) => line_name(l),
            Subject::Peak(_) => "peak".into(),
        };
        let fine = agrees(&case, subject) && inputs.iter().all(InputHash::same);
        let verdict = if fine { "as in the tables, inputs unchanged" } else { "NOT PROVED: see statement.txt" };
        super::say(&format!("{what}, {}: {verdict}\n{}: {} files\n", self.month, into.display(), files.len()))?;
        Ok(if fine { ExitCode::SUCCESS } else { ExitCode::from(2) })
    }
}

/// The customer's analysis, made again.
fn again(job: &Job, customer: &str) -> anyhow::Result<Analysis> {
    let seen = Mutex::new(None);
    let observe = |o: &Outcome| *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(o.clone());
    run_observed(job, &Quiet, &observe).context("analysing the customer again from the inputs of the run")?;
    let outcome = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Some(outcome) = outcome else { bail!("customer {customer:?} is not in the inputs of the run") };
    let reason = outcome.reason.unwrap_or_default();
    outcome.analysis.with_context(|| format!("customer {customer:?} has no analysis: {reason}"))
}

/// The inputs of the manifest with their hashes then and now.
fn inputs(manifest: &Value) -> anyhow::Result<Vec<InputHash>> {
    let list = manifest.get("inputs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let one = |v: &Value| {
        let text = |key: &str| v.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
        let path = text("path").context("run.json: an input without a path")?;
        let now = sha256(Path::new(&path))?;
        Ok(InputHash { then: text("sha256"), now, path })
    };
    list.iter().map(one).collect()
}
