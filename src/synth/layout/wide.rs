//! One row a meter and date, one column a slot: `kw.parquet` with P1…Pn and `kvar.parquet` with
//! Q1…Qn. A lost row and a null reading are both a null cell; a date without any row has none.

use super::columns::{StampUnit, create};
use super::{Layout, Sink};
use crate::error::{Error, Result};
use crate::synth::fleet::{Fleet, SynthCustomer};
use crate::synth::readings::Readings;
use crate::time::{DAY_SECONDS, Interval};
use arrow::array::{ArrayRef, Date32Builder, Float64Builder, RecordBatch, StringDictionaryBuilder};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of a row group: 50 customers of a year.
const ROW_GROUP: usize = 50 * 365;
/// Rows that are gathered before they are handed to the writer.
const BATCH: usize = 10 * 365;

/// See the module.
pub struct Wide;

impl Layout for Wide {
    fn name(&self) -> &'static str {
        "wide"
    }

    fn open(&self, dir: &Path, fleet: &Fleet, _stamps: StampUnit) -> Result<Box<dyn Sink>> {
        let interval = fleet.spec().interval;
        let active = Table::open(dir.join("kw.parquet"), 'P', interval)?;
        let reactive = Table::open(dir.join("kvar.parquet"), 'Q', interval)?;
        Ok(Box::new(WideSink { interval, active, reactive }))
    }

    fn holds_repeats(&self) -> bool {
        false
    }
}

struct WideSink {
    interval: Interval,
    active: Table,
    reactive: Table,
}

impl Sink for WideSink {
    fn push(&mut self, customer: &SynthCustomer) -> Result<()> {
        for (meter, readings) in customer.meters.iter().zip(&customer.readings) {
            let cells = Cells { id: &meter.meter_id, readings, interval: self.interval };
            self.active.push(&cells, Readings::kw)?;
            self.reactive.push(&cells, Readings::kvar)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>> {
        Ok(vec![self.active.close()?, self.reactive.close()?])
    }
}

struct Cells<'a> {
    id: &'a str,
    readings: &'a Readings,
    interval: Interval,
}

struct Table {
    path: PathBuf,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
    ids: StringDictionaryBuilder<Int32Type>,
    dates: Date32Builder,
    slots: Vec<Float64Builder>,
    rows: usize,
}

impl Table {
    fn open(path: PathBuf, letter: char, interval: Interval) -> Result<Self> {
        let ids = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let mut fields = vec![Field::new("meter_id", ids, false), Field::new("date", DataType::Date32, false)];
        fields.extend((1..=interval.slots()).map(|k| Field::new(format!("{letter}{k}"), DataType::Float64, true)));
        let schema = Arc::new(Schema::new(fields));
        let writer = create(&path, Arc::clone(&schema), ROW_GROUP)?;
        let slots = (0..interval.slots()).map(|_| Float64Builder::new()).collect();
        Ok(Self {
            path,
            schema,
            writer,
            ids: StringDictionaryBuilder::new(),
            dates: Date32Builder::new(),
            slots,
            rows: 0,
        })
    }

    fn push(&mut self, cells: &Cells<'_>, value: impl Fn(&Readings, usize) -> Option<f64>) -> Result<()> {
        let stamps = &cells.readings.stamps;
        let mut row = 0;
        while let Some(first) = stamps.get(row) {
            let date = first.div_euclid(DAY_SECONDS);
            self.ids.append(cells.id).map_err(Error::parquet(&self.path))?;
            self.dates.append_value(date as i32);
            for (slot, column) in self.slots.iter_mut().enumerate() {
                let wanted = date * DAY_SECONDS + slot as i64 * cells.interval.seconds();
                let here = stamps.get(row) == Some(&wanted);
                column.append_option(if here { value(cells.readings, row) } else { None });
                row += usize::from(here);
            }
            self.rows += 1;
            if self.rows == BATCH {
                self.flush()?;
            }
            // A row whose label is off the grid would never be passed; the generator makes none.
            if stamps.get(row).is_some_and(|s| s.div_euclid(DAY_SECONDS) == date) {
                let what = format!("meter {}: label {} s is not on the grid or stands twice", cells.id, stamps[row]);
                return Err(Error::Parquet { path: self.path.clone(), what });
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let mut columns: Vec<ArrayRef> = vec![Arc::new(self.ids.finish()), Arc::new(self.dates.finish())];
        columns.extend(self.slots.iter_mut().map(|c| Arc::new(c.finish()) as ArrayRef));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(Error::parquet(&self.path))?;
        self.rows = 0;
        self.writer.write(&batch).map_err(Error::parquet(&self.path))
    }

    fn close(mut self) -> Result<PathBuf> {
        self.flush()?;
        self.writer.close().map_err(Error::parquet(&self.path))?;
        Ok(self.path)
    }
}
