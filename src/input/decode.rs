//! Column chunks to plain arrays. Doubles, floats, integers, stamps and texts come straight from the
//! pages; every other type goes through Arrow's reader and its casts.

use super::bad_cell::BadCell;
use super::chunk::{Doubles, Floats, Int32s, Int64s, Stored, Visit, for_values};
use super::file::ReadingsFile;
use super::guard::decoding;
use super::pages::{BATCH, ChunkBytes, ZstdPages};
use crate::error::{Error, Result};
use crate::text::{said, say};
use arrow::array::{Array, ArrayRef, AsArray, new_empty_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ConvertedType, LogicalType, Type as Physical};
use parquet::column::page::Page;
use parquet::column::reader::{get_column_reader, get_typed_column_reader};
use parquet::errors::ParquetError;
use parquet::file::serialized_reader::SerializedPageReader;
use std::cell::RefCell;
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

impl Column {
    /// An empty column with room.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self { values: Vec::with_capacity(rows), nulls: None }
    }

    /// Makes room for more values.
    pub fn reserve_exact(&mut self, more: usize) {
        self.values.reserve_exact(more);
    }

    /// Adds rows.
    pub fn extend(&mut self, values: &[f64], nulls: Option<&[bool]>) {
        if nulls.is_some() || self.nulls.is_some() {
            let all = self.nulls.get_or_insert_with(|| vec![false; self.values.len()]);
            match nulls {
                Some(nulls) => all.extend_from_slice(nulls),
                None => all.resize(self.values.len() + values.len(), false),
            }
        }
        self.values.extend_from_slice(values);
    }
}

/// Reads columns of one row group of one file.
#[derive(Debug)]
pub struct RowGroup<'a> {
    file: &'a ReadingsFile,
    handle: File,
    index: usize,
    rows: usize,
    bad: RefCell<Vec<BadCell>>,
}

impl<'a> RowGroup<'a> {
    /// Opens a row group.
    ///
    /// # Errors
    /// When the file cannot be opened any more.
    pub fn open(file: &'a ReadingsFile, index: usize) -> Result<Self> {
        let handle = File::open(&file.path).map_err(Error::io(&file.path))?;
        let rows = usize::try_from(file.metadata.row_group(index).num_rows()).unwrap_or(0);
        Ok(Self { file, handle, index, rows, bad: RefCell::default() })
    }

    /// Its file.
    pub(super) const fn file(&self) -> &ReadingsFile {
        self.file
    }

    /// Its number in the file.
    pub(super) const fn index(&self) -> usize {
        self.index
    }

    /// Rows in it.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The cells that could not be read so far, in the order of columns and rows.
    pub(super) fn take_bad_cells(&self) -> Vec<BadCell> {
        self.bad.take()
    }

    pub(super) fn fail<E: std::fmt::Display>(&self, leaf: usize) -> impl FnOnce(E) -> Error + '_ {
        move |e| Error::Parquet {
            path: self.file.path.clone(),
            what: say(
                "readings.leaf_damaged",
                &[("group", &self.index), ("name", &self.column_name(leaf)), ("detail", &e)],
            ),
        }
    }

    fn column_name(&self, leaf: usize) -> &str {
        self.file.column_name(leaf)
    }

    /// A numeric column.
    ///
    /// # Errors
    /// When pages are damaged or the type is not numeric.
    pub fn numbers(&self, leaf: usize) -> Result<Column> {
        let mut column = Column::with_capacity(self.rows);
        self.for_numbers(leaf, &mut |values, nulls| column.extend(values, nulls))?;
        Ok(column)
    }

    /// Calls `visit` with a numeric column's values, batch by batch, 0 where null, and which are null.
    ///
    /// # Errors
    /// When pages are damaged or the type is not numeric.
    pub fn for_numbers(&self, leaf: usize, visit: Visit<'_, f64>) -> Result<()> {
        let descr = self.file.metadata.file_metadata().schema_descr().column(leaf);
        let decimal = descr.converted_type() == ConvertedType::DECIMAL
            || matches!(descr.logical_type_ref(), Some(LogicalType::Decimal { .. }));
        let by_arrow = |visit: Visit<'_, f64>| {
            let column = self.numbers_by_arrow(leaf)?;
            visit(&column.values, column.nulls.as_deref());
            Ok(())
        };
        if descr.max_rep_level() > 0 || descr.max_def_level() > 1 {
            return by_arrow(visit);
        }
        let field = self.file.schema.field_with_name(self.column_name(leaf));
        let unsigned = field.is_ok_and(|f| f.data_type().is_unsigned_integer());
        match descr.physical_type() {
            Physical::DOUBLE => self.values::<Doubles>(leaf, visit),
            Physical::FLOAT => self.values::<Floats>(leaf, visit),
            Physical::INT32 if !decimal && !unsigned => self.values::<Int32s>(leaf, visit),
            Physical::INT64 if !decimal && !unsigned => self.values::<Int64s>(leaf, visit),
            _ => by_arrow(visit),
        }
    }

    /// The bytes of a column chunk.
    pub(super) fn bytes(&self, leaf: usize) -> Result<ChunkBytes> {
        decoding(leaf);
        let (base, length) = self.file.metadata.row_group(self.index).column(leaf).byte_range();
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        let mut handle = &self.handle;
        handle
            .seek(SeekFrom::Start(base))
            .and_then(|_| handle.take(length).read_to_end(&mut bytes))
            .map_err(Error::io(&self.file.path))?;
        Ok(ChunkBytes { base, bytes: bytes.into() })
    }

    /// The pages of a column chunk.
    pub(super) fn pages(&self, leaf: usize) -> Result<SerializedPageReader<ChunkBytes>> {
        let meta = self.file.metadata.row_group(self.index).column(leaf);
        SerializedPageReader::new(Arc::new(self.bytes(leaf)?), meta, self.rows, None).map_err(self.fail(leaf))
    }

    /// The pages of a column chunk for a decoder of our own.
    pub(super) fn own_pages(&self, leaf: usize) -> Result<Box<dyn Iterator<Item = Result<Page, ParquetError>>>> {
        let meta = self.file.metadata.row_group(self.index).column(leaf);
        if !matches!(meta.compression(), Compression::ZSTD(_)) {
            return Ok(Box::new(self.pages(leaf)?));
        }
        let most = usize::try_from(meta.uncompressed_size()).unwrap_or(0);
        let as_stored = meta.clone().into_builder().set_compression(Compression::UNCOMPRESSED).build();
        let meta = as_stored.map_err(self.fail(leaf))?;
        let bytes = Arc::new(self.bytes(leaf)?);
        let pages = SerializedPageReader::new(bytes, &meta, self.rows, None).map_err(self.fail(leaf))?;
        Ok(Box::new(ZstdPages { pages, most }))
    }

    /// Calls `visit` with the values of a flat column, batch by batch.
    pub(super) fn values<S: Stored>(&self, leaf: usize, visit: Visit<'_, S::Value>) -> Result<()> {
        let meta = self.file.metadata.row_group(self.index).column(leaf);
        let optional = meta.column_descr().max_def_level() > 0;
        let mut read = 0;
        if S::reads(*meta.encodings_mask()) {
            let mut counted = |values: &[S::Value], nulls: Option<&[bool]>| {
                read += values.len();
                visit(values, nulls);
            };
            match for_values::<S>(&mut self.own_pages(leaf)?, optional, &mut counted) {
                Err(ParquetError::NYI(_)) if read == 0 => {}
                Err(e) => return Err(self.fail(leaf)(e)),
                Ok(()) if read == self.rows => return Ok(()),
                Ok(()) => return Err(self.fail(leaf)(say("readings.n_values", &[("read", &read), ("n", &self.rows)]))),
            }
        }
        self.values_by_crate::<S>(leaf, optional, visit)
    }

    /// The same through the parquet crate's reader, which knows every encoding.
    fn values_by_crate<S: Stored>(&self, leaf: usize, optional: bool, visit: Visit<'_, S::Value>) -> Result<()> {
        let descr = self.file.metadata.row_group(self.index).column(leaf).column_descr_ptr();
        let pages = Box::new(self.pages(leaf)?);
        let mut reader = get_typed_column_reader::<S::Parquet>(get_column_reader(descr, pages));
        let (mut stored, mut levels) = (Vec::new(), Vec::new());
        let mut read = 0;
        while read < self.rows {
            stored.clear();
            levels.clear();
            let most = (self.rows - read).min(BATCH);
            let (records, _, _) = reader
                .read_records(most, optional.then_some(&mut levels), None, &mut stored)
                .map_err(self.fail(leaf))?;
            if records == 0 {
                return Err(self.fail(leaf)(say("readings.n_values", &[("read", &read), ("n", &self.rows)])));
            }
            read += records;
            let mut present = stored.iter().map(S::convert);
            if stored.len() == records {
                visit(&present.collect::<Vec<_>>(), None);
                continue;
            }
            let nulls: Vec<bool> = levels.iter().map(|l| *l == 0).collect();
            let spread =
                nulls.iter().map(|n| if *n { S::Value::default() } else { present.next().unwrap_or_default() });
            visit(&spread.collect::<Vec<_>>(), Some(&nulls));
        }
        Ok(())
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
            return Err(self.fail(leaf)(say("readings.no_number", &[("row", &row)])));
        }
        let values = numeric.as_primitive::<Float64Type>();
        let nulls = values.nulls().filter(|n| n.null_count() > 0).map(|n| n.iter().map(|v| !v).collect());
        Ok(Column { values: values.iter().map(|v| v.unwrap_or(0.0)).collect(), nulls })
    }

    fn numbers_of_text(&self, leaf: usize, array: &ArrayRef) -> Result<Column> {
        let text = cast(array, &DataType::Utf8).map_err(self.fail(leaf))?;
        let mut column = Column { values: Vec::with_capacity(self.rows), nulls: Some(Vec::with_capacity(self.rows)) };
        for (row, cell) in text.as_string::<i32>().iter().enumerate() {
            let cell = cell.map(str::trim).filter(|t| !no_value(t));
            let value = cell.map(str::parse::<f64>);
            // Bytes that are no text are null after the cast.
            let bytes = cell.is_none() && text.is_null(row) && array.is_valid(row);
            if bytes || matches!(value, Some(Err(_))) {
                let what = cell.map_or_else(
                    || say("readings.text_bytes", &[("row", &row)]),
                    |text| say("readings.text_number", &[("row", &row), ("text", &format_args!("{text:?}"))]),
                );
                let cure = said("readings.text_cure");
                self.bad.borrow_mut().push(BadCell { row, error: self.wrong(leaf, &what, cure) });
            }
            let value = value.and_then(std::result::Result::ok);
            column.values.push(value.unwrap_or(0.0));
            column.nulls.get_or_insert_default().push(value.is_none());
        }
        column.nulls = column.nulls.filter(|n| n.contains(&true));
        Ok(column)
    }

    /// One column as one Arrow array, read as `target` where given.
    pub(super) fn arrow(&self, leaf: usize, target: Option<DataType>) -> Result<ArrayRef> {
        decoding(leaf);
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
            None => Err(self.fail(leaf)(said("readings.empty_column"))),
        }
    }

    pub(super) fn wrong(&self, leaf: usize, what: &str, cure: &str) -> Error {
        Error::Columns {
            path: self.file.path.clone(),
            what: say("readings.leaf", &[("group", &self.index), ("name", &self.column_name(leaf)), ("why", &what)]),
            cure: cure.into(),
        }
    }
}

/// Words that stand for a reading that is not there: an empty cell, and what databases and spreadsheets
/// write for it.
fn no_value(text: &str) -> bool {
    const WORDS: &[&str] = &["null", "none", "na", "n/a", "#n/a", "<na>", "\\n", "-", "--"];
    text.is_empty() || WORDS.iter().any(|w| text.eq_ignore_ascii_case(w))
}
