//! `peakwise demo`.

use super::analyze::{exit_code, today, with_threads};
use super::progress::Bar;
use clap::Args;
use peakwise::pipeline::{Job, WhichMonth, run};
use peakwise::report::{FormatOptions, named_formats};
use peakwise::synth::demo_inputs;
use peakwise::text::{Language, Text};
use std::path::PathBuf;
use std::process::ExitCode;

/// Printed below the help.
const EXAMPLES: &str = "\
Examples:
  peakwise demo
  peakwise demo --lang zh --format html,xlsx --out /tmp/demo";

/// Writes a fleet of 32 customers, analyses it and says where the pages are. Half of it is cut from
/// SimBench (ODbL 1.0), half is synthetic; its tariff is illustrative.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Demo {
    /// Directory to make, or to replace if it exists
    #[arg(long, value_name = "DIR", default_value = "peakwise-demo")]
    out: PathBuf,
    /// Language of the pages
    #[arg(long, value_enum, default_value = "en")]
    lang: super::analyze::Lang,
    /// Reports: html, xlsx, json, pdf (comma-separated), or none for tables alone
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "html")]
    format: Vec<String>,
    /// Font file of PDF reports; those of the system when not given
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
    /// Threads; all processors when not given
    #[arg(long, value_name = "N", env = "PEAKWISE_THREADS")]
    threads: Option<usize>,
}

/// The tariff of the demonstration.
const TARIFF: &str = "demo-two-part";
/// SimBench's year is 2016, the tariff begins in 2024: all cycles are billed at the prices of 2025.
const PRICES_AS_OF: &str = "2025-01-01";

impl Demo {
    /// Language of reports and of what is printed.
    pub fn language(&self) -> Language {
        self.lang.into()
    }

    /// Writes the inputs and runs the job that a user would.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let formats = named_formats(&self.format)?;
        let inputs = demo_inputs(&self.out.join("input"))?;
        let language = self.language();
        let input = self.out.join("input");
        let file = |name: &str| input.join(name).display().to_string();
        let out = self.out.join("report");
        let mut arguments: Vec<String> = [
            "analyze",
            &file("readings"),
            "--customers",
            &file("customers.csv"),
            "--meters",
            &file("meters.csv"),
            "--transformers",
            &file("transformers.csv"),
            "--equipment",
            &file("equipment.csv"),
            "--tariff",
            TARIFF,
            "--prices-as-of",
            PRICES_AS_OF,
            "--energy-bill",
            "latest",
            "--out",
            &out.display().to_string(),
            "--force",
        ]
        .map(ToOwned::to_owned)
        .into();
        if self.format != ["html"] {
            arguments.extend(["--format".to_owned(), self.format.join(",")]);
        }
        if language != Language::default() {
            arguments.extend(["--lang", language.code()].map(ToOwned::to_owned));
        }
        let same_as = Text::of(language).fill("summary.same_as", &[("arguments", &arguments.join(" "))]);
        super::say(&format!("{same_as}\n\n"))?;
        let mut job = Job::new(inputs.readings.iter().map(|p| p.display().to_string()).collect(), out, today());
        job.arguments = arguments;
        job.register.customers = Some(inputs.customers);
        job.register.meters = Some(inputs.meters);
        job.register.transformers = Some(inputs.transformers);
        job.register.equipment = Some(inputs.equipment);
        job.tariffs = vec![TARIFF.to_owned()];
        job.prices_as_of = Some(PRICES_AS_OF.parse()?);
        job.language = language;
        job.energy_bill = Some(WhichMonth::Latest);
        job.formats = formats;
        job.format_options = FormatOptions { font: self.font.clone() };
        job.force = true;
        let bar = Bar::new(false, language);
        let summary = with_threads(self.threads, || run(&job, &bar))??;
        bar.finish();
        super::say(&super::summary::text(&summary, &job))?;
        Ok(exit_code(&summary))
    }
}
