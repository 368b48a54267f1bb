//! The report of a finished run, from its tables.

use super::Report;
use super::build::cycles_of_lines;
use super::head::Period;
use super::rows::rows;
use crate::error::{Error, Result};
use crate::report::Language;
use crate::rule::{Audience, Thresholds};
use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::statistics::Statistics;
use serde::Deserialize;
use std::fs::File;
use std::path::Path;

impl Report {
    /// The report of one customer from `OUT/tables/*.parquet`: figures and titles; sentences, terms and
    /// indicators are not in the tables. Tables that the run did not write leave their part empty.
    ///
    /// # Errors
    /// When `OUT` has no table `customers` or that has no such customer, or a table cannot be read.
    pub fn read(out: &Path, customer: &str, language: Language) -> Result<Self> {
        let table = |name: &str| rows_of(&out.join("tables").join(format!("{name}.parquet")), customer);
        if table("customers")?.is_none_or(|b| b.num_rows() == 0) {
            return Err(Error::option(
                format!("{}: table customers has no customer {customer}", out.display()),
                "ids are compared letter by letter; `peakwise show OUT` lists them",
            ));
        }
        let mut report = Self::from_rows(&table, language, Audience::Internal)?;
        report.cycles = cycles_of_lines(&report);
        let dates = report.days.first().zip(report.days.last());
        report.period = dates.map(|(a, b)| Period { from: a.date.clone(), to: b.date.clone() });
        Ok(report)
    }
}

/// Below this a yearly saving is not worth mentioning to a customer with this yearly bill, by the constants of a
/// finished run; by those that are usual where `OUT` has no manifest.
///
/// # Errors
/// When `run.json` cannot be read or states no such constants.
pub fn least_saving(out: &Path, bill_total: Option<f64>) -> Result<f64> {
    let path = out.join("run.json");
    let usual = Thresholds::default();
    let constants = if path.exists() {
        let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
        let cure =
            "it is written with the tables of a run; run again with --force, or take it away for the usual constants";
        let wrong = |e: serde_json::Error| Error::option(format!("{}: {e}", path.display()), cure);
        let run: Run = serde_json::from_str(&text).map_err(wrong)?;
        Thresholds { noise_money: run.thresholds.noise_money, noise_share: run.thresholds.noise_share, ..usual }
    } else {
        usual
    };
    Ok(constants.least_saving(bill_total.unwrap_or_default()))
}

/// What is read of `run.json`: constants of other rules come and go with the version.
#[derive(Deserialize)]
struct Run {
    thresholds: Noise,
}

#[derive(Deserialize)]
struct Noise {
    noise_money: f64,
    noise_share: f64,
}

/// The rows of one customer. Row groups hold consecutive customers, so that all but a few are passed
/// over by their least and greatest id.
fn rows_of(path: &Path, customer: &str) -> Result<Option<RecordBatch>> {
    if !path.exists() {
        return Ok(None);
    }
    let file = File::open(path).map_err(Error::io(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(Error::parquet(path))?;
    let schema = builder.schema().clone();
    let groups: Vec<usize> = builder
        .metadata()
        .row_groups()
        .iter()
        .enumerate()
        .filter(|(_, g)| g.columns().first().and_then(|c| c.statistics()).is_none_or(|s| may_hold(s, customer)))
        .map(|(i, _)| i)
        .collect();
    let reader = builder.with_row_groups(groups).build().map_err(Error::parquet(path))?;
    let mut kept = Vec::new();
    for batch in reader {
        let batch = batch.map_err(Error::parquet(path))?;
        let ids = batch.column(0).as_string_opt::<i32>();
        let mine: BooleanArray = ids.into_iter().flatten().map(|id| Some(id == Some(customer))).collect();
        kept.push(filter_record_batch(&batch, &mine).map_err(Error::parquet(path))?);
    }
    concat_batches(&schema, &kept).map(Some).map_err(Error::parquet(path))
}

/// Whether an id may lie in a row group.
fn may_hold(statistics: &Statistics, id: &str) -> bool {
    let (least, greatest) = (statistics.min_bytes_opt(), statistics.max_bytes_opt());
    least.is_none_or(|m| m <= id.as_bytes())
        && (greatest.is_none_or(|m| m >= id.as_bytes()) || !statistics.max_is_exact())
}

/// A customer as table `customers` lists it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Listed {
    /// Account number.
    pub customer_id: String,
    /// Name.
    pub name: Option<String>,
    /// `ok`, `failed` or `skipped`.
    pub status: String,
    /// Why it is not ok.
    pub reason: Option<String>,
    /// Import in kWh.
    pub kwh: Option<f64>,
    /// Greatest interval mean in kW.
    pub max_kw: Option<f64>,
    /// Mean over maximum.
    pub load_factor: Option<f64>,
    /// Of the totals.
    pub power_factor: Option<f64>,
    /// Bill of a year.
    pub bill_total: Option<f64>,
    /// Saving of a year, the whole plan.
    pub saving_total: Option<f64>,
    /// The part of it without technical potential and investments.
    pub saving_headline: Option<f64>,
    /// ISO code of both.
    pub currency: Option<String>,
}

/// All customers of a finished run, in its order.
///
/// # Errors
/// When `OUT` has no table `customers`, or it cannot be read.
pub fn listed(out: &Path) -> Result<Vec<Listed>> {
    let path = out.join("tables/customers.parquet");
    let file = File::open(&path).map_err(Error::io(&path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(Error::parquet(&path))?;
    let mut all = Vec::new();
    for batch in reader {
        all.extend(rows(&batch.map_err(Error::parquet(&path))?)?);
    }
    Ok(all)
}
