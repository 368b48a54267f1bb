//! Tables: one Parquet file each, written in row groups of consecutive customers.

mod advice;
mod bills;
mod column;
mod curves;
mod customers;
mod daily;
mod directory;
mod monthly;
mod peaks;
mod quality;
mod sink;
mod typical_days;

pub use directory::{OutDirectory, file_name};
pub use sink::{GROUP, Sink};

use crate::analysis::Outcome;
use crate::error::{Error, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// A table of the output.
pub trait Table: Sync {
    /// File stem in `tables/`, and the name in `--tables`.
    fn name(&self) -> &'static str;
    /// Columns in order.
    fn schema(&self) -> SchemaRef;
    /// The rows of one customer.
    ///
    /// # Errors
    /// When a value does not fit its column.
    fn rows(&self, outcome: &Outcome) -> Result<RecordBatch>;
}

/// All tables, in the order of the contract.
pub static TABLES: &[&dyn Table] = &[
    &customers::Customers,
    &daily::Daily,
    &monthly::Monthly,
    &curves::Curves,
    &typical_days::TypicalDays,
    &peaks::Peaks,
    &bills::Bills,
    &advice::Recommendations,
    &quality::Quality,
];

/// Tables that a run writes when none are named: all but the curves.
#[must_use]
pub fn default_tables() -> Vec<&'static dyn Table> {
    TABLES.iter().copied().filter(|t| t.name() != "curves").collect()
}

/// Finds tables by name, in the order of the contract.
///
/// # Errors
/// Names an unknown table and lists the known ones.
pub fn named_tables(names: &[String]) -> Result<Vec<&'static dyn Table>> {
    if let Some(unknown) = names.iter().find(|n| !TABLES.iter().any(|t| t.name() == n.as_str())) {
        let known: Vec<&str> = TABLES.iter().map(|t| t.name()).collect();
        return Err(Error::option(
            format!("no table is called {unknown:?}"),
            format!("choose among {}", known.join(", ")),
        ));
    }
    Ok(TABLES.iter().copied().filter(|t| names.iter().any(|n| n == t.name())).collect())
}
