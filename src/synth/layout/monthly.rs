//! One file a calendar month, each customer by customer: the commonest export.

use super::columns::{StampUnit, batch, create, schema};
use super::{Layout, Sink};
use crate::error::{Error, Result};
use crate::synth::fleet::{Fleet, SynthCustomer};
use crate::time::{DAY_SECONDS, Month};
use parquet::arrow::ArrowWriter;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Rows of a row group; twelve files are open at a time.
const ROW_GROUP: usize = 1 << 18;

/// See the module.
pub struct Monthly;

impl Layout for Monthly {
    fn name(&self) -> &'static str {
        "monthly"
    }

    fn open(&self, dir: &Path, fleet: &Fleet, stamps: StampUnit) -> Result<Box<dyn Sink>> {
        let dates = fleet.dates();
        let last = Month::of(dates.end.plus(-1));
        let mut files = Vec::new();
        let mut month = Month::of(dates.start);
        while month <= last {
            let path = dir.join(format!("{month}.parquet"));
            let writer = create(&path, schema(stamps), ROW_GROUP)?;
            let end = i64::from(Month(month.0 + 1).first().0) * DAY_SECONDS;
            files.push(MonthFile { path, writer, end });
            month = Month(month.0 + 1);
        }
        Ok(Box::new(MonthlySink { files, stamps }))
    }
}

struct MonthFile {
    path: PathBuf,
    writer: ArrowWriter<File>,
    /// First second of the next month.
    end: i64,
}

struct MonthlySink {
    files: Vec<MonthFile>,
    stamps: StampUnit,
}

impl Sink for MonthlySink {
    fn push(&mut self, customer: &SynthCustomer) -> Result<()> {
        for (meter, readings) in customer.meters.iter().zip(&customer.readings) {
            let file_of = |stamp: i64| self.files.partition_point(|f| f.end <= stamp);
            let mut runs: Vec<(usize, usize)> = Vec::new();
            for (row, stamp) in readings.stamps.iter().enumerate() {
                let month = file_of(*stamp);
                if runs.last().is_none_or(|r| r.0 != month) {
                    runs.push((month, row));
                }
            }
            for (k, (month, start)) in runs.iter().enumerate() {
                let end = runs.get(k + 1).map_or(readings.len(), |r| r.1);
                let rows = batch(&meter.meter_id, readings, *start..end, self.stamps)?;
                if let Some(file) = self.files.get_mut(*month) {
                    file.writer.write(&rows).map_err(Error::parquet(&file.path))?;
                }
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>> {
        let mut out = Vec::with_capacity(self.files.len());
        for file in self.files {
            file.writer.close().map_err(Error::parquet(&file.path))?;
            out.push(file.path);
        }
        Ok(out)
    }
}
