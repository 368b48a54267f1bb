//! One file, customer by customer, each in the order of delivery; row groups do not fall on
//! customers' bounds.

use super::columns::{StampUnit, batch, create, schema};
use super::{Layout, Sink};
use crate::error::{Error, Result};
use crate::synth::fleet::{Fleet, SynthCustomer};
use parquet::arrow::ArrowWriter;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Rows of a row group.
const ROW_GROUP: usize = 1 << 20;

/// See the module.
pub struct Long;

impl Layout for Long {
    fn name(&self) -> &'static str {
        "long"
    }

    fn open(&self, dir: &Path, _fleet: &Fleet, stamps: StampUnit) -> Result<Box<dyn Sink>> {
        let path = dir.join("readings.parquet");
        let writer = create(&path, schema(stamps), ROW_GROUP)?;
        Ok(Box::new(LongSink { path, writer, stamps }))
    }
}

struct LongSink {
    path: PathBuf,
    writer: ArrowWriter<File>,
    stamps: StampUnit,
}

impl Sink for LongSink {
    fn push(&mut self, customer: &SynthCustomer) -> Result<()> {
        for (meter, readings) in customer.meters.iter().zip(&customer.readings) {
            let rows = batch(&meter.meter_id, readings, 0..readings.len(), self.stamps)?;
            self.writer.write(&rows).map_err(Error::parquet(&self.path))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>> {
        self.writer.close().map_err(Error::parquet(&self.path))?;
        Ok(vec![self.path])
    }
}
