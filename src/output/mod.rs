//! Tables: one Parquet file each, written in row groups of consecutive customers.

mod advice;
mod bills;
mod chunk;
mod column;
mod curves;
mod customers;
mod daily;
mod directory;
mod fleet;
mod labels;
mod monthly;
mod peaks;
mod quality;
mod readings;
mod reconciliation;
mod schedule;
mod schedule_curves;
mod sink;
mod spill;
mod typical_days;

pub use column::Column;
pub use directory::{OutDirectory, file_name};
pub use fleet::{FLEET_TABLES, FleetRows, FleetTable, VisitLine, write_fleet_table};
pub use labels::Labels;
pub use readings::{MeterRows, ReadingsWriter, Shape};
pub use sink::{GROUP, Sink, WIDE_GROUP};

use crate::analysis::Outcome;
use crate::error::{Error, Result};
use crate::text::say;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// A table of the output.
pub trait Table: Sync {
    /// File stem in `tables/`, and the name in `--tables`.
    fn name(&self) -> &'static str;
    /// Columns in order.
    fn schema(&self) -> SchemaRef;
    /// Customers in a row group: [`WIDE_GROUP`] where each has a dozen rows or fewer.
    fn group(&self) -> usize {
        GROUP
    }
    /// The rows of one customer, column by column; no column when there is no row.
    ///
    /// # Errors
    /// When a value does not fit its column.
    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>>;
    /// The rows of one customer as Arrow has them.
    ///
    /// # Errors
    /// When a value does not fit its column.
    fn batch(&self, outcome: &Outcome) -> Result<RecordBatch> {
        column::batch(&self.schema(), &self.rows(outcome)?)
    }
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
    &reconciliation::Reconciliations,
    &schedule::Schedule,
    &schedule_curves::ScheduleCurves,
];

/// Tables that a run writes when none are named: all but the curves.
#[must_use]
pub fn default_tables() -> Vec<&'static dyn Table> {
    TABLES.iter().copied().filter(|t| t.name() != "curves").collect()
}

/// Finds tables of customers by name, in the order of the contract; names of tables of the fleet are
/// known and left to [`FLEET_TABLES`].
///
/// # Errors
/// Names an unknown table and lists the known ones.
pub fn named_tables(names: &[String]) -> Result<Vec<&'static dyn Table>> {
    let known = || TABLES.iter().map(|t| t.name()).chain(FLEET_TABLES.iter().map(|t| t.name()));
    if let Some(unknown) = names.iter().find(|n| !known().any(|t| t == n.as_str())) {
        let known: Vec<&str> = known().collect();
        return Err(Error::option(
            say("run.no_table", &[("name", &format_args!("{unknown:?}"))]),
            say("run.no_table_cure", &[("names", &known.join(", "))]),
        ));
    }
    Ok(TABLES.iter().copied().filter(|t| names.iter().any(|n| n == t.name())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns that `docs/contract.md` gives a table: the last cell of its row, explanations in
    /// brackets left out.
    fn documented(table: &str) -> Vec<String> {
        let contract = include_str!("../../docs/contract.md");
        let row = contract.lines().find(|l| l.starts_with(&format!("| {table} |"))).unwrap();
        let mut depth = 0;
        let kept: String = row
            .chars()
            .filter(|c| {
                depth += i32::from(*c == '(') - i32::from(*c == ')');
                depth == 0 && *c != ')'
            })
            .collect();
        let cell = kept.trim_end_matches('|').rsplit('|').next().unwrap().replace("; then", ",");
        cell.split(',').filter_map(|c| c.split_whitespace().next().map(ToOwned::to_owned)).collect()
    }

    #[test]
    fn tables_have_the_columns_of_the_contract_in_its_order() {
        for table in TABLES {
            let schema = table.schema();
            let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
            let plain: Vec<&str> = names.iter().copied().filter(|n| !n.ends_with("_utc")).collect();
            assert_eq!(plain, documented(table.name()), "{}", table.name());
        }
        for table in FLEET_TABLES {
            let schema = table.schema();
            let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
            assert_eq!(names, documented(table.name()), "{}", table.name());
        }
    }

    #[test]
    fn every_instant_is_followed_by_itself_in_utc() {
        use arrow::datatypes::{DataType, TimeUnit};
        for table in TABLES {
            let schema = table.schema();
            for (i, field) in schema.fields().iter().enumerate() {
                if *field.data_type() == DataType::Timestamp(TimeUnit::Microsecond, None) {
                    let next = schema.field(i + 1);
                    assert_eq!(next.name(), &format!("{}_utc", field.name()));
                }
            }
        }
    }
}
