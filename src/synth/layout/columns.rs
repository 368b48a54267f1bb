//! Arrow columns of the long shape, and the one way in which files are opened.

use crate::error::{Error, Result};
use crate::synth::readings::Readings;
use arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Float64Builder, Int32Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Unit of the naive stamps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StampUnit {
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    #[default]
    Microseconds,
}

/// Columns `meter_id, ts, kw, kvar`.
#[must_use]
pub fn schema(stamps: StampUnit) -> SchemaRef {
    let unit = match stamps {
        StampUnit::Milliseconds => TimeUnit::Millisecond,
        StampUnit::Microseconds => TimeUnit::Microsecond,
    };
    let ids = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    Arc::new(Schema::new(vec![
        Field::new("meter_id", ids, false),
        Field::new("ts", DataType::Timestamp(unit, None), false),
        Field::new("kw", DataType::Float64, true),
        Field::new("kvar", DataType::Float64, true),
    ]))
}

/// Creates a Parquet file: zstd, row groups of `rows` rows.
///
/// # Errors
/// When it cannot be made.
pub fn create(path: &Path, schema: SchemaRef, rows: usize) -> Result<ArrowWriter<File>> {
    let file = File::create(path).map_err(Error::io(path))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(rows))
        // Stamps of a regular grid are almost nothing as differences.
        .set_column_dictionary_enabled(ColumnPath::from("ts"), false)
        .set_column_encoding(ColumnPath::from("ts"), Encoding::DELTA_BINARY_PACKED)
        .build();
    ArrowWriter::try_new(file, schema, Some(properties)).map_err(Error::parquet(path))
}

/// Rows of one meter as a batch of the long shape.
///
/// # Errors
/// When Arrow refuses the columns.
pub fn batch(id: &str, readings: &Readings, rows: Range<usize>, stamps: StampUnit) -> Result<RecordBatch> {
    let keys = Int32Array::from(vec![0; rows.len()]);
    let when = readings.stamps.get(rows.clone()).unwrap_or_default();
    let (mut kw, mut kvar) = (Float64Builder::with_capacity(rows.len()), Float64Builder::with_capacity(rows.len()));
    for row in rows {
        kw.append_option(readings.kw(row));
        kvar.append_option(readings.kvar(row));
    }
    long_batch((keys, &[id]), when.iter().copied(), (kw.finish(), kvar.finish()), stamps)
}

/// A batch of the long shape from keys into ids, stamps in seconds, kW and kvar.
///
/// # Errors
/// When Arrow refuses the columns.
pub fn long_batch(
    (keys, ids): (Int32Array, &[&str]),
    seconds: impl Iterator<Item = i64>,
    (kw, kvar): (Float64Array, Float64Array),
    stamps: StampUnit,
) -> Result<RecordBatch> {
    let refuse = |e: arrow::error::ArrowError| Error::parquet(Path::new("synthetic readings"))(e);
    let ids = DictionaryArray::<Int32Type>::try_new(keys, Arc::new(StringArray::from(ids.to_vec()))).map_err(refuse)?;
    let when: ArrayRef = match stamps {
        StampUnit::Milliseconds => Arc::new(TimestampMillisecondArray::from_iter_values(seconds.map(|s| s * 1_000))),
        StampUnit::Microseconds => {
            Arc::new(TimestampMicrosecondArray::from_iter_values(seconds.map(|s| s * 1_000_000)))
        }
    };
    RecordBatch::try_new(schema(stamps), vec![Arc::new(ids), when, Arc::new(kw), Arc::new(kvar)]).map_err(refuse)
}
