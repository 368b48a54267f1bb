//! Readings as Parquet in the form that is read fastest: customer by customer, stamps as packed
//! differences, ids and values through dictionaries, row groups that end where meters end.

use crate::error::{Error, Result};
use crate::input::columns::{Channel, Role, role_name};
use crate::input::decode::Column;
use crate::input::index::MeterKey;
use arrow::array::{ArrayRef, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows from which a row group ends at the next meter: dictionaries stay small enough for the near
/// caches, and a thread has work for some milliseconds (judgement, measured on quarter hours).
const GROUP_ROWS: usize = 1 << 18;
/// Rows of a page, which the page index tells apart.
const PAGE_ROWS: usize = 1 << 16;
/// Bytes that a dictionary may have: more than the distinct values of a row group need.
const DICTIONARY_BYTES: usize = 8 * GROUP_ROWS;

/// What the rows of one output file have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent property")]
pub struct Shape {
    /// Quantities.
    pub channels: Vec<Channel>,
    /// Unit of the stamps.
    pub unit: TimeUnit,
    /// Stamps are instants rather than labels.
    pub utc: bool,
    /// Rows have their own multiplier.
    pub multiplier: bool,
    /// Readings name the customer beside the meter.
    pub customer: bool,
    /// The lone id is a meter's.
    pub meter: bool,
}

impl Shape {
    fn columns(&self) -> Vec<(&'static str, DataType)> {
        let id = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
        let mut out = Vec::new();
        if self.customer || !self.meter {
            out.push((role_name(Role::Customer), id.clone()));
        }
        if self.customer || self.meter {
            out.push((role_name(Role::Meter), id));
        }
        out.push((role_name(Role::Stamp), DataType::Timestamp(self.unit, self.utc.then(|| "UTC".into()))));
        out.extend(self.channels.iter().map(|c| (role_name(Role::Value(*c)), DataType::Float64)));
        if self.multiplier {
            out.push((role_name(Role::Multiplier), DataType::Float64));
        }
        out
    }

    fn schema(&self) -> SchemaRef {
        let field = |(name, kind): (&'static str, DataType)| Field::new(name, kind, !name.ends_with("_id"));
        Arc::new(Schema::new(self.columns().into_iter().map(field).collect::<Vec<_>>()))
    }

    /// File name: the quantities, and what sets the stamps apart.
    fn file_name(&self) -> String {
        let mut parts: Vec<&str> = self.channels.iter().map(|c| role_name(Role::Value(*c))).collect();
        parts.extend(self.utc.then_some("utc"));
        parts.extend(self.multiplier.then_some("raw"));
        format!("{}.parquet", parts.join("-"))
    }

    fn properties() -> WriterProperties {
        let stamp = ColumnPath::from(role_name(Role::Stamp));
        WriterProperties::builder()
            .set_compression(Compression::LZ4_RAW)
            .set_created_by(concat!("peakwise ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_max_row_group_row_count(None)
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_data_page_size_limit(usize::MAX)
            .set_write_batch_size(PAGE_ROWS)
            .set_dictionary_page_size_limit(DICTIONARY_BYTES)
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_column_dictionary_enabled(stamp.clone(), false)
            .set_column_encoding(stamp, Encoding::DELTA_BINARY_PACKED)
            .build()
    }
}

/// Long rows of one meter.
#[derive(Debug, Clone, Default)]
pub struct MeterRows {
    /// Counts since the epoch in the unit of the shape; `None` without a usable stamp.
    pub stamps: Vec<Option<i64>>,
    /// Values of each channel of the shape.
    pub values: Vec<Column>,
    /// CT × PT of each row, where the shape has it.
    pub multiplier: Vec<f64>,
}

/// One output file.
struct OpenFile {
    shape: Shape,
    path: PathBuf,
    writer: ArrowWriter<File>,
    /// Rows of the row group that is open.
    rows: usize,
}

/// Writes readings, one file a shape.
pub struct ReadingsWriter {
    dir: PathBuf,
    files: Vec<OpenFile>,
}

impl std::fmt::Debug for ReadingsWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReadingsWriter({}, {} files)", self.dir.display(), self.files.len())
    }
}

impl ReadingsWriter {
    /// Writes into `dir`; files are made as their first rows come.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), files: Vec::new() }
    }

    /// Writes a meter's rows of one shape.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn put(&mut self, key: &MeterKey, shape: &Shape, rows: &MeterRows) -> Result<()> {
        let known = self.files.iter().position(|f| f.shape == *shape);
        if known.is_none() {
            self.files.push(OpenFile::create(&self.dir, shape)?);
        }
        let at = known.unwrap_or(self.files.len() - 1);
        self.files.iter_mut().skip(at).take(1).try_for_each(|file| file.put(key, rows))
    }

    /// Writes the footers; the files and their rows.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(self) -> Result<Vec<(PathBuf, u64)>> {
        let close = |file: OpenFile| {
            let metadata = file.writer.close().map_err(Error::parquet(&file.path))?;
            Ok((file.path, u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0)))
        };
        self.files.into_iter().map(close).collect()
    }
}

impl OpenFile {
    fn create(dir: &Path, shape: &Shape) -> Result<Self> {
        let path = dir.join(shape.file_name());
        let file = File::create(&path).map_err(Error::io(&path))?;
        let writer =
            ArrowWriter::try_new(file, shape.schema(), Some(Shape::properties())).map_err(Error::parquet(&path))?;
        Ok(Self { shape: shape.clone(), path, writer, rows: 0 })
    }

    fn put(&mut self, key: &MeterKey, rows: &MeterRows) -> Result<()> {
        let path = &self.path;
        let n = rows.stamps.len();
        let id = |text: &str| -> Result<ArrayRef> {
            let values = Arc::new(StringArray::from(vec![text]));
            let keys = arrow::array::Int32Array::from(vec![0; n]);
            Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values).map_err(Error::parquet(path))?))
        };
        let mut columns: Vec<ArrayRef> = Vec::new();
        if let Some(customer) = key.customer.as_ref().filter(|_| self.shape.customer) {
            columns.push(id(customer)?);
        }
        columns.push(id(&key.meter)?);
        let stamps: Int64Array = rows.stamps.iter().copied().collect();
        let kind = DataType::Timestamp(self.shape.unit, self.shape.utc.then(|| "UTC".into()));
        columns.push(cast(&stamps, &kind).map_err(Error::parquet(path))?);
        for column in &rows.values {
            let valid = |nulls: &Vec<bool>| NullBuffer::new(BooleanBuffer::collect_bool(nulls.len(), |i| !nulls[i]));
            columns.push(Arc::new(Float64Array::new(column.values.clone().into(), column.nulls.as_ref().map(valid))));
        }
        if self.shape.multiplier {
            columns.push(Arc::new(Float64Array::from(rows.multiplier.clone())));
        }
        let batch = RecordBatch::try_new(self.shape.schema(), columns).map_err(Error::parquet(path))?;
        self.writer.write(&batch).map_err(Error::parquet(path))?;
        self.rows += n;
        if self.rows >= GROUP_ROWS {
            self.writer.flush().map_err(Error::parquet(path))?;
            self.rows = 0;
        }
        Ok(())
    }
}
