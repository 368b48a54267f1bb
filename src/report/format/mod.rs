//! Formats of reports: one file each, chosen with `--format`.

mod html;
mod json;
mod pdf;
mod xlsx;

use super::customer::View;
use super::{FleetContext, FleetRow, PageContext, Report};
use crate::analysis::{Analysis, Outcome};
use crate::error::{Error, Result};
use std::cell::OnceCell;
use std::path::PathBuf;

/// A format of reports.
pub trait Format: Sync + std::fmt::Debug {
    /// Value of `--format`, and extension of a customer's file.
    fn name(&self) -> &'static str;

    /// Made once before a run begins.
    ///
    /// # Errors
    /// When this build or machine cannot write it; says what is lacking and how to get it.
    fn open(&self, options: &FormatOptions) -> Result<Box<dyn Writer>>;
}

/// What formats may need besides a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormatOptions {
    /// A font file for forms that carry their fonts.
    pub font: Option<PathBuf>,
}

/// Writes a format.
pub trait Writer: Send + Sync {
    /// A customer's file.
    ///
    /// # Errors
    /// When it cannot be made.
    fn customer(&self, source: &Source<'_>) -> Result<Vec<u8>>;

    /// The fleet's file, internal, with its name; `None` when the format has none.
    ///
    /// # Errors
    /// When it cannot be made.
    fn fleet(&self, _rows: &[FleetRow], _ctx: &FleetContext) -> Result<Option<(&'static str, Vec<u8>)>> {
        Ok(None)
    }
}

/// All formats, in the order of the contract.
pub static FORMATS: &[&dyn Format] = &[&html::Html, &xlsx::Xlsx, &json::Json, &pdf::Pdf];

/// Finds formats by name; `none`, alone, is no format at all.
///
/// # Errors
/// Names an unknown format and lists the known ones.
pub fn named_formats(names: &[String]) -> Result<Vec<&'static dyn Format>> {
    if matches!(names, [one] if one == "none") {
        return Ok(Vec::new());
    }
    if let Some(unknown) = names.iter().find(|n| !FORMATS.iter().any(|f| f.name() == n.as_str())) {
        let known: Vec<&str> = FORMATS.iter().map(|f| f.name()).collect();
        let cure = format!("choose among {}, or none alone", known.join(", "));
        return Err(Error::option(format!("--format {}: {unknown:?} is no format of reports", names.join(",")), cure));
    }
    Ok(FORMATS.iter().copied().filter(|f| names.iter().any(|n| n == f.name())).collect())
}

/// What a customer's file is written from.
#[derive(Debug)]
pub struct Source<'a> {
    /// The analysis.
    pub analysis: &'a Analysis,
    /// Language, audience, tariff, brand.
    pub context: &'a PageContext,
    outcome: &'a Outcome,
    report: OnceCell<Report>,
}

impl<'a> Source<'a> {
    /// The source of a customer that was analysed; `None` for any other.
    #[must_use]
    pub fn new(outcome: &'a Outcome, context: &'a PageContext) -> Option<Self> {
        Some(Self { analysis: outcome.analysis.as_ref()?, context, outcome, report: OnceCell::new() })
    }

    /// The report, made when it is first asked for.
    ///
    /// # Errors
    /// When a row does not fit it, which is a fault of peakwise.
    pub fn report(&self) -> Result<&Report> {
        if let Some(report) = self.report.get() {
            return Ok(report);
        }
        let report = Report::of(self.outcome, &View::new(self.analysis, self.context))?;
        Ok(self.report.get_or_init(|| report))
    }

    /// An error that names the customer.
    fn fault(&self, what: impl std::fmt::Display) -> Error {
        Error::Customer { customer: self.analysis.customer.id.to_string(), what: what.to_string() }
    }
}

#[cfg(test)]
mod tests;
