//! Column chunks to plain arrays. Doubles, floats, integers and stamps come straight from the
//! pages; every other type goes through Arrow's reader and its casts.

use super::file::{ReadingsFile, StampSource};
use super::stamp::{Parsed, from_integer, parse_stamp};
use crate::error::{Error, Result};
use crate::time::DAY_SECONDS;
use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, Int64Array, new_empty_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Int64Type, Schema};
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use parquet::column::reader::{get_column_reader, get_typed_column_reader};
use parquet::data_type::{DataType as ParquetType, DoubleType, FloatType, Int32Type as PInt32, Int64Type as PInt64};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

/// Numbers of a column with their nulls.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Column {
    /// One per row; 0 where null.
    pub values: Vec<f64>,
    /// True where null; `None` when nothing is.
    pub nulls: Option<Vec<bool>>,
}

/// Instants or dates of the rows of one row group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stamps {
    /// Counts since the epoch; [`NO_STAMP`] where null or unreadable.
    pub ticks: Vec<i64>,
    /// Counts per second.
    pub per_second: i64,
    /// Instants rather than wall-clock labels.
    pub utc: bool,
}

/// Values in row order, and which are null.
type Values<T> = (Vec<T>, Option<Vec<bool>>);

/// A row without a usable stamp.
pub const NO_STAMP: i64 = i64::MIN;

/// A column chunk's bytes, read at once, that answers to file offsets.
#[derive(Debug)]
struct ChunkBytes {
    base: u64,
    end: u64,
    bytes: Bytes,
}

impl Length for ChunkBytes {
    fn len(&self) -> u64 {
        self.end
    }
}

impl ChunkBytes {
    fn slice(&self, start: u64, length: Option<usize>) -> Result<Bytes, ParquetError> {
        let from = start.checked_sub(self.base).and_then(|s| usize::try_from(s).ok());
        let from = from.filter(|f| *f <= self.bytes.len());
        let to = from.map(|f| length.map_or(self.bytes.len(), |l| f.saturating_add(l)));
        match (from, to) {
            (Some(f), Some(t)) if t <= self.bytes.len() => Ok(self.bytes.slice(f..t)),
            _ => Err(ParquetError::EOF(format!("page at byte {start} lies outside its column chunk"))),
        }
    }
}

impl ChunkReader for ChunkBytes {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.slice(start, None)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.slice(start, Some(length))
    }
}

/// Reads columns of one row group of one file.
#[derive(Debug)]
pub struct RowGroup<'a> {
    file: &'a ReadingsFile,
    handle: File,
    index: usize,
    rows: usize,
}

impl<'a> RowGroup<'a> {
    /// Opens a row group.
    ///
    /// # Errors
    /// When the file cannot be opened any more.
    pub fn open(file: &'a ReadingsFile, index: usize) -> Result<Self> {
        let handle = File::open(&file.path).map_err(Error::io(&file.path))?;
        let rows = usize::try_from(file.metadata.row_group(index).num_rows()).unwrap_or(0);
        Ok(Self { file, handle, index, rows })
    }

    /// Rows in it.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    fn fail<E: std::fmt::Display>(&self, leaf: usize) -> impl FnOnce(E) -> Error + '_ {
        move |e| Error::Parquet {
            path: self.file.path.clone(),
            what: format!("row group {}, column {}: {e}; is the file damaged?", self.index, self.column_name(leaf)),
        }
    }

    fn column_name(&self, leaf: usize) -> &str {
        self.file.metadata.file_metadata().schema_descr().get_column_root(leaf).name()
    }

    /// A numeric column.
    ///
    /// # Errors
    /// When pages are damaged or the type is not numeric.
    pub fn numbers(&self, leaf: usize) -> Result<Column> {
        let descr = self.file.metadata.file_metadata().schema_descr().column(leaf);
        let decimal = descr.converted_type() == ConvertedType::DECIMAL
            || matches!(descr.logical_type_ref(), Some(LogicalType::Decimal { .. }));
        if descr.max_rep_level() > 0 || descr.max_def_level() > 1 {
            return self.numbers_by_arrow(leaf);
        }
        let field = self.file.schema.field_with_name(self.column_name(leaf));
        let unsigned = field.is_ok_and(|f| f.data_type().is_unsigned_integer());
        match descr.physical_type() {
            Physical::DOUBLE => self.typed::<DoubleType>(leaf).map(|(values, nulls)| Column { values, nulls }),
            Physical::FLOAT => self.converted::<FloatType>(leaf, |v| f64::from(*v)),
            Physical::INT32 if !decimal && !unsigned => self.converted::<PInt32>(leaf, |v| f64::from(*v)),
            Physical::INT64 if !decimal && !unsigned => self.converted::<PInt64>(leaf, |v| *v as f64),
            _ => self.numbers_by_arrow(leaf),
        }
    }

    fn converted<T: ParquetType>(&self, leaf: usize, f: impl Fn(&T::T) -> f64) -> Result<Column> {
        let (values, nulls) = self.typed::<T>(leaf)?;
        Ok(Column { values: values.iter().map(f).collect(), nulls })
    }

    /// All values of a flat column in row order, default where null, with the nulls.
    fn typed<T: ParquetType>(&self, leaf: usize) -> Result<Values<T::T>> {
        let meta = self.file.metadata.row_group(self.index).column(leaf);
        let descr = meta.column_descr_ptr();
        let (start, length) = meta.byte_range();
        let mut buffer = vec![0; usize::try_from(length).unwrap_or(0)];
        let mut handle = &self.handle;
        handle
            .seek(SeekFrom::Start(start))
            .and_then(|_| handle.read_exact(&mut buffer))
            .map_err(Error::io(&self.file.path))?;
        let chunk = ChunkBytes { base: start, end: start + length, bytes: buffer.into() };
        let pages = SerializedPageReader::new(Arc::new(chunk), meta, self.rows, None).map_err(self.fail(leaf))?;
        let mut reader = get_typed_column_reader::<T>(get_column_reader(Arc::clone(&descr), Box::new(pages)));
        let mut values: Vec<T::T> = Vec::with_capacity(self.rows);
        let mut levels: Vec<i16> = Vec::new();
        let optional = descr.max_def_level() > 0;
        let mut read = 0;
        while read < self.rows {
            let levels = optional.then_some(&mut levels);
            let (records, _, _) =
                reader.read_records(self.rows - read, levels, None, &mut values).map_err(self.fail(leaf))?;
            if records == 0 {
                return Err(self.fail(leaf)(format!("{read} values where {} were expected", self.rows)));
            }
            read += records;
        }
        if values.len() == self.rows {
            return Ok((values, None));
        }
        let mut present = values.into_iter();
        let mut nulls = Vec::with_capacity(self.rows);
        let mut spread = Vec::with_capacity(self.rows);
        for level in levels {
            nulls.push(level == 0);
            spread.push(if level == 0 { T::T::default() } else { present.next().unwrap_or_default() });
        }
        Ok((spread, Some(nulls)))
    }

    fn numbers_by_arrow(&self, leaf: usize) -> Result<Column> {
        let array = self.arrow(leaf, None)?;
        let array = if let DataType::Dictionary(_, value) = array.data_type() {
            cast(&array, value).map_err(self.fail(leaf))?
        } else {
            array
        };
        if matches!(array.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Binary) {
            return self.numbers_of_text(leaf, &array);
        }
        let numeric = cast(&array, &DataType::Float64).map_err(self.fail(leaf))?;
        if numeric.null_count() > array.null_count() {
            let row = (0..array.len()).find(|i| numeric.is_null(*i) && array.is_valid(*i)).unwrap_or(0);
            return Err(self.fail(leaf)(format!("row {row} of the row group holds no number")));
        }
        let values = numeric.as_primitive::<Float64Type>();
        let nulls = values.nulls().filter(|n| n.null_count() > 0).map(|n| n.iter().map(|v| !v).collect());
        Ok(Column { values: values.iter().map(|v| v.unwrap_or(0.0)).collect(), nulls })
    }

    fn numbers_of_text(&self, leaf: usize, array: &ArrayRef) -> Result<Column> {
        let text = cast(array, &DataType::Utf8).map_err(self.fail(leaf))?;
        let mut column = Column { values: Vec::with_capacity(self.rows), nulls: Some(Vec::with_capacity(self.rows)) };
        for (row, cell) in text.as_string::<i32>().iter().enumerate() {
            // An empty cell is null.
            let text = cell.map(str::trim).filter(|t| !t.is_empty() && !t.eq_ignore_ascii_case("null"));
            let Ok(value) = text.map(str::parse::<f64>).transpose() else {
                let what = format!("row {row} of the row group holds {:?}, no number", text.unwrap_or_default());
                return Err(self.wrong(leaf, &what, "export numbers without units or separators, and nulls as null"));
            };
            column.values.push(value.unwrap_or(0.0));
            column.nulls.get_or_insert_default().push(value.is_none());
        }
        column.nulls = column.nulls.filter(|n| n.contains(&true));
        Ok(column)
    }

    /// One column as one Arrow array, read as `target` where given.
    fn arrow(&self, leaf: usize, target: Option<DataType>) -> Result<ArrayRef> {
        let name = self.column_name(leaf);
        let schema = target.map(|t| {
            let replace = |f: &Arc<Field>| {
                if f.name() == name { Arc::new(f.as_ref().clone().with_data_type(t.clone())) } else { Arc::clone(f) }
            };
            Arc::new(Schema::new(self.file.schema.fields().iter().map(replace).collect::<Vec<_>>()))
        });
        let mut options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        if let Some(schema) = schema {
            options = options.with_schema(schema);
        }
        let meta = ArrowReaderMetadata::try_new(Arc::clone(&self.file.metadata), options).map_err(self.fail(leaf))?;
        let handle = self.handle.try_clone().map_err(Error::io(&self.file.path))?;
        let descr = self.file.metadata.file_metadata().schema_descr();
        let mut reader = ParquetRecordBatchReaderBuilder::new_with_metadata(handle, meta)
            .with_projection(ProjectionMask::leaves(descr, [leaf]))
            .with_row_groups(vec![self.index])
            .with_batch_size(self.rows.max(1))
            .build()
            .map_err(self.fail(leaf))?;
        match reader.next() {
            Some(batch) => Ok(Arc::clone(batch.map_err(self.fail(leaf))?.column(0))),
            None if self.rows == 0 => {
                let field = self.file.schema.field_with_name(name).map_err(self.fail(leaf))?;
                Ok(new_empty_array(field.data_type()))
            }
            None => Err(self.fail(leaf)("no rows")),
        }
    }

    /// A text column as dictionary keys per row (−1 where null) and the texts they stand for.
    /// Integers become plain decimals.
    ///
    /// # Errors
    /// When pages are damaged or the type has no text.
    pub fn texts(&self, leaf: usize) -> Result<(Vec<i32>, Vec<Arc<str>>)> {
        let descr = self.file.metadata.file_metadata().schema_descr().column(leaf);
        if self.rows == 0 {
            return Ok((Vec::new(), Vec::new()));
        }
        let dictionary = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
        let decimal = matches!(descr.logical_type_ref(), Some(LogicalType::Decimal { .. }));
        let array = if descr.physical_type() == Physical::BYTE_ARRAY && !decimal {
            let text = descr.converted_type() == ConvertedType::UTF8
                || matches!(descr.logical_type_ref(), Some(LogicalType::String));
            // Spark and Impala may not declare text as such.
            let hint = if text { dictionary.clone() } else { DataType::Utf8 };
            cast(&self.arrow(leaf, Some(hint))?, &dictionary).map_err(self.fail(leaf))?
        } else {
            let plain = self.arrow(leaf, None)?;
            let whole = if plain.data_type().is_floating() { self.whole(leaf, &plain)? } else { plain };
            let text = cast(&whole, &DataType::Utf8).map_err(self.fail(leaf))?;
            cast(&text, &dictionary).map_err(self.fail(leaf))?
        };
        let Some(array) = array.as_any().downcast_ref::<DictionaryArray<Int32Type>>() else {
            return Err(self.fail(leaf)(format!("{} is no text", array.data_type())));
        };
        let texts = array.values().as_string::<i32>();
        let names = (0..texts.len()).map(|i| if texts.is_valid(i) { texts.value(i) } else { "" }.into()).collect();
        let mut keys = array.keys().values().to_vec();
        if let Some(nulls) = array.logical_nulls().filter(|n| n.null_count() > 0) {
            for (key, valid) in keys.iter_mut().zip(nulls.iter()) {
                if !valid {
                    *key = -1;
                }
            }
        }
        Ok((keys, names))
    }

    /// Instants or dates of all rows.
    ///
    /// # Errors
    /// When pages are damaged or the type holds no time.
    pub fn stamps(&self) -> Result<Stamps> {
        match self.file.stamp {
            StampSource::Ticks { leaf, per_second, utc } => {
                let (mut ticks, nulls) = self.typed::<PInt64>(leaf)?;
                for (t, _) in ticks.iter_mut().zip(nulls.iter().flatten()).filter(|(_, null)| **null) {
                    *t = NO_STAMP;
                }
                Ok(Stamps { ticks, per_second, utc })
            }
            StampSource::Partition(date) => {
                Ok(Stamps { ticks: vec![i64::from(date.0) * DAY_SECONDS; self.rows], per_second: 1, utc: false })
            }
            StampSource::Converted { leaf } => self.converted_stamps(leaf),
        }
    }

    fn converted_stamps(&self, leaf: usize) -> Result<Stamps> {
        let physical = self.file.metadata.file_metadata().schema_descr().column(leaf).physical_type();
        if physical == Physical::BYTE_ARRAY {
            let (keys, texts) = self.texts(leaf)?;
            let parsed: Vec<Option<Parsed>> = texts.iter().map(|t| parse_stamp(t)).collect();
            let bad = texts.iter().zip(&parsed).find(|(t, p)| p.is_none() && !t.trim().is_empty());
            if let Some((bad, _)) = bad.filter(|_| parsed.iter().all(Option::is_none)) {
                return Err(self.wrong(leaf, &format!("{bad:?} is no instant"), STAMP_CURE));
            }
            let utc = self.one_kind(leaf, parsed.iter().flatten())?;
            let value = |key: &i32| {
                usize::try_from(*key).ok().and_then(|k| parsed.get(k).copied().flatten()).map_or(NO_STAMP, |p| p.0)
            };
            return Ok(Stamps { ticks: keys.iter().map(value).collect(), per_second: 1, utc });
        }
        let array = self.arrow(leaf, None)?;
        let ticks = |array: &ArrayRef, scale: i64| -> Result<Vec<i64>> {
            let wide = cast(array, &DataType::Int64).map_err(self.fail(leaf))?;
            Ok(wide.as_primitive::<Int64Type>().iter().map(|v| v.map_or(NO_STAMP, |v| v * scale)).collect())
        };
        match array.data_type() {
            DataType::Date32 => Ok(Stamps {
                ticks: ticks(&cast(&array, &DataType::Int32).map_err(self.fail(leaf))?, DAY_SECONDS)?,
                per_second: 1,
                utc: false,
            }),
            DataType::Date64 => Ok(Stamps { ticks: ticks(&array, 1)?, per_second: 1_000, utc: false }),
            DataType::Timestamp(_, zone) => {
                let seconds = cast(&array, &DataType::Timestamp(arrow::datatypes::TimeUnit::Second, zone.clone()))
                    .map_err(self.fail(leaf))?;
                Ok(Stamps { ticks: ticks(&seconds, 1)?, per_second: 1, utc: zone.is_some() })
            }
            kind if kind.is_integer() || kind.is_floating() || matches!(kind, DataType::Decimal128(..)) => {
                let values = ticks(&array, 1)?;
                let parsed: Vec<Option<Parsed>> = values.iter().map(|v| from_integer(*v)).collect();
                let bad = values.iter().zip(&parsed).find(|(v, p)| p.is_none() && **v != NO_STAMP);
                if let Some((bad, _)) = bad.filter(|_| parsed.iter().all(Option::is_none)) {
                    return Err(self.wrong(leaf, &format!("{bad} is no instant"), STAMP_CURE));
                }
                let utc = self.one_kind(leaf, parsed.iter().flatten())?;
                let ticks = parsed.iter().map(|p| p.map_or(NO_STAMP, |p| p.0)).collect();
                Ok(Stamps { ticks, per_second: 1, utc })
            }
            other => Err(self.wrong(leaf, &format!("{other} holds no time"), STAMP_CURE)),
        }
    }

    /// Whether the values are instants; a column that mixes them with labels is refused.
    fn one_kind<'b>(&self, leaf: usize, mut parsed: impl Iterator<Item = &'b Parsed>) -> Result<bool> {
        let Some((_, utc)) = parsed.next() else { return Ok(false) };
        if parsed.any(|p| p.1 != *utc) {
            return Err(self.wrong(leaf, "some rows have a zone and some have none", STAMP_CURE));
        }
        Ok(*utc)
    }

    /// Ids in a floating-point column, as data frames with nulls leave them: whole numbers.
    fn whole(&self, leaf: usize, array: &ArrayRef) -> Result<ArrayRef> {
        let doubles = cast(array, &DataType::Float64).map_err(self.fail(leaf))?;
        let doubles = doubles.as_primitive::<Float64Type>();
        let id = |v: f64| v.fract() == 0.0 && v.abs() < EXACT_WHOLE;
        if let Some(bad) = doubles.iter().flatten().find(|v| !v.is_nan() && !id(*v)) {
            let cure = "export the ids as text or integers";
            return Err(self.wrong(leaf, &format!("{bad} is an id that was rounded or is none"), cure));
        }
        let ids: Int64Array = doubles.iter().map(|v| v.filter(|v| !v.is_nan()).map(|v| v as i64)).collect();
        Ok(Arc::new(ids))
    }

    fn wrong(&self, leaf: usize, what: &str, cure: &str) -> Error {
        Error::Columns {
            path: self.file.path.clone(),
            what: format!("row group {}, column {}: {what}", self.index, self.column_name(leaf)),
            cure: cure.into(),
        }
    }
}

/// Greatest whole number that a double holds exactly.
const EXACT_WHOLE: f64 = 9_007_199_254_740_992.0;

const STAMP_CURE: &str = "write 2026-01-31 23:45 or 2026-01-31, or store a timestamp or date";
