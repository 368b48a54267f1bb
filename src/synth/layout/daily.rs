//! Hive partitions `dt=YYYY-MM-DD`, instant by instant with all customers interleaved. The whole
//! fleet is held in memory, 24 bytes a row.

use super::columns::{StampUnit, create, long_batch, schema};
use super::{Layout, Sink};
use crate::error::{Error, Result};
use crate::synth::fleet::{Fleet, SynthCustomer};
use crate::time::{DAY_SECONDS, Date};
use arrow::array::{Float64Array, Int32Array};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Rows of a row group.
const ROW_GROUP: usize = 1 << 20;

/// See the module.
pub struct Daily;

impl Layout for Daily {
    fn name(&self) -> &'static str {
        "daily"
    }

    fn open(&self, dir: &Path, fleet: &Fleet, stamps: StampUnit) -> Result<Box<dyn Sink>> {
        let dates = fleet.dates();
        let days = vec![Vec::new(); (dates.end.0 - dates.start.0).max(0) as usize];
        Ok(Box::new(DailySink {
            dir: dir.to_owned(),
            stamps,
            first: dates.start,
            days,
            ids: Vec::new(),
            scales: Vec::new(),
        }))
    }
}

#[derive(Clone, Copy)]
struct Row {
    /// Seconds after midnight on the wall.
    clock: i32,
    /// Index into the ids.
    meter: i32,
    active: i32,
    reactive: i32,
    present: bool,
}

struct DailySink {
    dir: PathBuf,
    stamps: StampUnit,
    first: Date,
    days: Vec<Vec<Row>>,
    ids: Vec<String>,
    scales: Vec<u32>,
}

impl Sink for DailySink {
    fn push(&mut self, customer: &SynthCustomer) -> Result<()> {
        for (meter, readings) in customer.meters.iter().zip(&customer.readings) {
            let key = self.ids.len() as i32;
            self.ids.push(meter.meter_id.clone());
            self.scales.push(readings.scale);
            for (row, stamp) in readings.stamps.iter().enumerate() {
                let date = stamp.div_euclid(DAY_SECONDS) - i64::from(self.first.0);
                let clock = stamp.rem_euclid(DAY_SECONDS) as i32;
                let (active, reactive) = (readings.active[row], readings.reactive[row]);
                if let Some(day) = usize::try_from(date).ok().and_then(|d| self.days.get_mut(d)) {
                    day.push(Row { clock, meter: key, active, reactive, present: readings.present[row] });
                }
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<PathBuf>> {
        let days = std::mem::take(&mut self.days);
        let this = &*self;
        days.into_par_iter().enumerate().map(|(d, rows)| this.write_day(this.first.plus(d as i32), rows)).collect()
    }
}

impl DailySink {
    fn write_day(&self, date: Date, mut rows: Vec<Row>) -> Result<PathBuf> {
        // Stable: copies of one meter and label keep the order of delivery.
        rows.sort_by_key(|r| (r.clock, r.meter));
        let dir = self.dir.join(format!("dt={date}"));
        std::fs::create_dir_all(&dir).map_err(Error::io(&dir))?;
        let path = dir.join("part-0.parquet");
        let ids: Vec<&str> = self.ids.iter().map(String::as_str).collect();
        let keys = Int32Array::from_iter_values(rows.iter().map(|r| r.meter));
        let midnight = i64::from(date.0) * DAY_SECONDS;
        let kw: Float64Array = rows.iter().map(|r| self.power(r, r.active)).collect();
        let kvar: Float64Array = rows.iter().map(|r| self.power(r, r.reactive)).collect();
        let seconds = rows.iter().map(|r| midnight + i64::from(r.clock));
        let batch = long_batch((keys, &ids), seconds, (kw, kvar), self.stamps)?;
        let mut writer = create(&path, schema(self.stamps), ROW_GROUP)?;
        writer.write(&batch).map_err(Error::parquet(&path))?;
        writer.close().map_err(Error::parquet(&path))?;
        Ok(path)
    }

    fn power(&self, row: &Row, steps: i32) -> Option<f64> {
        let scale = *self.scales.get(row.meter as usize)?;
        row.present.then(|| crate::synth::readings::power(steps, scale))
    }
}
