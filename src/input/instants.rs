//! The stamps of a row group, whatever their type.

use super::chunk::Counts;
use super::decode::RowGroup;
use super::file::StampSource;
use super::pages::BATCH;
use super::stamp::{Parsed, from_integer, parse_stamp};
use super::ticks::{NO_STAMP, Ticks};
use crate::error::Result;
use crate::text::{said, say};
use crate::time::DAY_SECONDS;
use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use parquet::basic::Type as Physical;

/// Instants or dates of the rows of one row group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stamps {
    /// Counts since the epoch.
    pub ticks: Ticks,
    /// Counts per second.
    pub per_second: i64,
    /// Instants rather than wall-clock labels.
    pub utc: bool,
}

impl RowGroup<'_> {
    /// Instants or dates of all rows, one by one.
    ///
    /// # Errors
    /// When pages are damaged or the type holds no time.
    pub fn ticks(&self) -> Result<(Vec<i64>, i64, bool)> {
        let mut ticks = Vec::with_capacity(self.rows());
        let (per_second, utc) = self.for_ticks(&mut |batch| ticks.extend_from_slice(batch))?;
        Ok((ticks, per_second, utc))
    }

    /// Calls `visit` with the instants or dates of all rows, batch by batch, [`NO_STAMP`] where null or
    /// unreadable. Gives counts per second, and whether they are instants rather than labels.
    ///
    /// # Errors
    /// When pages are damaged or the type holds no time.
    pub fn for_ticks(&self, visit: &mut dyn FnMut(&[i64])) -> Result<(i64, bool)> {
        match self.file().stamp {
            StampSource::Ticks { leaf, per_second, utc } => {
                let mut blanked = Vec::new();
                self.values::<Counts>(leaf, &mut |ticks, nulls| match nulls {
                    None => visit(ticks),
                    Some(nulls) => {
                        blanked.clear();
                        blanked.extend(ticks.iter().zip(nulls).map(|(t, null)| if *null { NO_STAMP } else { *t }));
                        visit(&blanked);
                    }
                })?;
                Ok((per_second, utc))
            }
            StampSource::Partition(date) => {
                let ticks = [i64::from(date.0) * DAY_SECONDS; BATCH];
                for start in (0..self.rows()).step_by(BATCH) {
                    visit(&ticks[..BATCH.min(self.rows() - start)]);
                }
                Ok((1, false))
            }
            StampSource::Converted { leaf } => {
                let (ticks, per_second, utc) = self.converted_stamps(leaf)?;
                visit(&ticks);
                Ok((per_second, utc))
            }
        }
    }

    fn converted_stamps(&self, leaf: usize) -> Result<(Vec<i64>, i64, bool)> {
        let physical = self.file().metadata.file_metadata().schema_descr().column(leaf).physical_type();
        if physical == Physical::BYTE_ARRAY {
            let (runs, texts) = self.texts(leaf)?;
            let parsed: Vec<Option<Parsed>> = texts.iter().map(|t| parse_stamp(t)).collect();
            let bad = texts.iter().zip(&parsed).find(|(t, p)| p.is_none() && !t.trim().is_empty());
            if let Some((bad, _)) = bad.filter(|_| parsed.iter().all(Option::is_none)) {
                return Err(self.wrong(
                    leaf,
                    &say("readings.no_instant", &[("text", &format_args!("{bad:?}"))]),
                    said("readings.stamp_cure"),
                ));
            }
            let utc = self.one_kind(leaf, parsed.iter().flatten())?;
            let value = |key: i32| {
                usize::try_from(key).ok().and_then(|k| parsed.get(k).copied().flatten()).map_or(NO_STAMP, |p| p.0)
            };
            let ticks = runs.iter().flat_map(|(key, n)| std::iter::repeat_n(value(key), n as usize));
            return Ok((ticks.collect(), 1, utc));
        }
        let array = self.arrow(leaf, None)?;
        let ticks = |array: &ArrayRef, scale: i64| -> Result<Vec<i64>> {
            let wide = cast(array, &DataType::Int64).map_err(self.fail(leaf))?;
            Ok(wide.as_primitive::<Int64Type>().iter().map(|v| v.map_or(NO_STAMP, |v| v * scale)).collect())
        };
        match array.data_type() {
            DataType::Date32 => {
                let days = cast(&array, &DataType::Int32).map_err(self.fail(leaf))?;
                Ok((ticks(&days, DAY_SECONDS)?, 1, false))
            }
            DataType::Date64 => Ok((ticks(&array, 1)?, 1_000, false)),
            DataType::Timestamp(_, zone) => {
                let seconds = cast(&array, &DataType::Timestamp(arrow::datatypes::TimeUnit::Second, zone.clone()))
                    .map_err(self.fail(leaf))?;
                Ok((ticks(&seconds, 1)?, 1, zone.is_some()))
            }
            kind if kind.is_integer() || kind.is_floating() || matches!(kind, DataType::Decimal128(..)) => {
                let values = ticks(&array, 1)?;
                let parsed: Vec<Option<Parsed>> = values.iter().map(|v| from_integer(*v)).collect();
                let bad = values.iter().zip(&parsed).find(|(v, p)| p.is_none() && **v != NO_STAMP);
                if let Some((bad, _)) = bad.filter(|_| parsed.iter().all(Option::is_none)) {
                    return Err(self.wrong(
                        leaf,
                        &say("readings.no_instant", &[("text", &bad)]),
                        said("readings.stamp_cure"),
                    ));
                }
                let utc = self.one_kind(leaf, parsed.iter().flatten())?;
                Ok((parsed.iter().map(|p| p.map_or(NO_STAMP, |p| p.0)).collect(), 1, utc))
            }
            other => Err(self.wrong(leaf, &say("readings.no_time", &[("kind", &other)]), said("readings.stamp_cure"))),
        }
    }

    /// Whether the values are instants; a column that mixes them with labels is refused.
    fn one_kind<'b>(&self, leaf: usize, mut parsed: impl Iterator<Item = &'b Parsed>) -> Result<bool> {
        let Some((_, utc)) = parsed.next() else { return Ok(false) };
        if parsed.any(|p| p.1 != *utc) {
            return Err(self.wrong(leaf, said("readings.zones_mixed"), said("readings.stamp_cure")));
        }
        Ok(*utc)
    }
}
