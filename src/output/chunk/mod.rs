//! Column chunks, written straight from the rows of customers: nothing is put together first, a value is
//! touched once on its way into its page, and one compressor serves all columns that a thread writes.
//!
//! Counts, dates, instants and money, which grow or stay from row to row, are written as packed differences; reals
//! by streams of bytes, since measured reals hardly repeat within a row group and their leading bytes alone
//! compress; labels through a dictionary and runs of its keys; other texts and flags as they are. Pages are
//! compressed by zstd where that makes them smaller, which it does not for instants and labels. Ends are noted of
//! what a reader seeks by: texts, dates and instants.

mod bits;
mod flags;
mod integers;
mod labels;
mod levels;
mod page;
mod reals;
mod texts;

use super::column::Column;
use super::labels::Labels;
use crate::error::Error;
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int32Type, TimestampMicrosecondType};
use bytes::Bytes;
use page::Pages;
use parquet::basic::{Encoding, Type};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::statistics::Statistics;
use parquet::file::writer::SerializedRowGroupWriter;
use parquet::schema::types::ColumnDescPtr;
use std::io::Write;
use zstd::bulk::Compressor;

/// Values of a page unless one customer has more of them (judgement: a megabyte of reals, which a core's
/// cache holds while they are compressed).
const PAGE_VALUES: usize = 1 << 17;

/// Percent of its plain size that a chunk's first page may keep for the chunk to be compressed (judgement: below,
/// readers inflate it for nothing).
const WORTH_PERCENT: usize = 97;

/// Level of zstd: the first of its fast ones, which pack no literals by their frequency. Measured beside level 1
/// (`benches/README.md`): the job's processor time is 7 % less, its tables are 10 % larger.
const ZSTD_LEVEL: i32 = -1;

/// A column chunk, ready to be appended to a row group.
#[derive(Debug)]
pub struct Chunk {
    bytes: Bytes,
    close: ColumnCloseResult,
}

impl Chunk {
    /// Appends it as the next column of a row group.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn append_to<W: Write + Send>(self, group: &mut SerializedRowGroupWriter<'_, W>) -> Result<()> {
        group.append_column(&self.bytes, self.close)
    }
}

type Put = fn(&[ArrayRef], &mut Vec<u8>);
/// The ends of values beside a number of nulls.
type Ends = fn(&[ArrayRef], u64) -> Statistics;

/// How the values of a kind are written.
struct Form {
    encoding: Encoding,
    /// Whether zstd may make them smaller.
    shrinks: bool,
    /// Appends the values that are there.
    put: Put,
    /// Least and greatest, where they are noted.
    ends: Option<Ends>,
}

impl Form {
    /// Of a kind of values in a column of a file.
    fn of(kind: &DataType, column: Type) -> Option<Self> {
        let form = |encoding, shrinks, put: Put, ends: Option<Ends>| Some(Self { encoding, shrinks, put, ends });
        let delta = |shrinks, put: Put, ends: Option<Ends>| form(Encoding::DELTA_BINARY_PACKED, shrinks, put, ends);
        match (kind, column) {
            (DataType::Float64, Type::DOUBLE) => form(Encoding::BYTE_STREAM_SPLIT, true, reals::put, None),
            (DataType::Int32, Type::INT32) => delta(true, integers::put::<Int32Type>, None),
            (DataType::Decimal128(..), Type::INT64) => delta(true, integers::put::<Decimal128Type>, None),
            (DataType::Date32, Type::INT32) => delta(true, integers::put::<Date32Type>, Some(integers::days)),
            (DataType::Timestamp(..), Type::INT64) => {
                delta(false, integers::put::<TimestampMicrosecondType>, Some(integers::instants))
            }
            (DataType::Boolean, Type::BOOLEAN) => form(Encoding::PLAIN, true, flags::put, None),
            (DataType::Utf8, Type::BYTE_ARRAY) => form(Encoding::PLAIN, true, texts::put, Some(texts::ends)),
            _ => None,
        }
    }
}

/// Writes chunks, one after another.
pub struct Encoder {
    zstd: Compressor<'static>,
    plain: Vec<u8>,
    packed: Vec<u8>,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Encoder")
    }
}

impl Encoder {
    /// An encoder with a compressor of its own.
    ///
    /// # Errors
    /// When there is no memory for the compressor.
    pub fn new() -> std::result::Result<Self, Error> {
        let zstd = Compressor::new(ZSTD_LEVEL).map_err(Error::io("zstd".as_ref()))?;
        Ok(Self { zstd, plain: Vec::new(), packed: Vec::new() })
    }

    /// The chunk of a column whose rows stand in `parts`, one after another.
    ///
    /// # Errors
    /// When the rows are not of the column's type.
    pub fn chunk(&mut self, parts: &[&Column], of: &ColumnDescPtr) -> Result<Chunk> {
        let texts: Vec<&Labels> = parts.iter().filter_map(|p| p.labels()).collect();
        if texts.len() == parts.len() {
            return labels::chunk(&texts, of);
        }
        let parts: Vec<&ArrayRef> = parts.iter().filter_map(|p| p.values()).collect();
        let leaves: Vec<ArrayRef> = parts.iter().map(|p| levels::leaf(p)).collect();
        let kind = leaves.first().map_or(DataType::Null, |l| l.data_type().clone());
        let unknown = || ParquetError::NYI(format!("{kind} in column {}", of.name()));
        let form = Form::of(&kind, of.physical_type()).ok_or_else(unknown)?;
        let mut pages = Pages::new(of, form.encoding);
        let mut shrinks = (!form.shrinks).then_some(false);
        let mut from = 0;
        while from < leaves.len() {
            let to = page_end(&leaves, from);
            self.plain.clear();
            let values = levels::put(&parts[from..to], of, &mut self.plain);
            (form.put)(&leaves[from..to], &mut self.plain);
            if shrinks != Some(false) {
                self.packed.reserve(zstd::zstd_safe::compress_bound(self.plain.len()));
                self.zstd.compress_to_buffer(&self.plain, &mut self.packed)?;
            }
            let shrunk = *shrinks.get_or_insert(self.packed.len() * 100 <= self.plain.len() * WORTH_PERCENT);
            pages.data(values, self.plain.len(), if shrunk { &self.packed } else { &self.plain });
            from = to;
        }
        let rows = parts.iter().map(|p| p.len()).sum();
        let nulls = leaves.iter().map(|l| l.null_count() as u64).sum();
        pages.finish(rows, shrinks == Some(true), form.ends.map(|ends| ends(&leaves, nulls)))
    }
}

/// Where the page ends that starts with part `from`: a page holds whole parts.
fn page_end(leaves: &[ArrayRef], from: usize) -> usize {
    let mut values = 0;
    let fits = |leaf: &&ArrayRef| {
        values += leaf.len();
        values <= PAGE_VALUES
    };
    from + leaves[from..].iter().take_while(fits).count().max(1)
}

/// The values that are there, in runs.
fn present<T: ArrowPrimitiveType>(parts: &[ArrayRef]) -> impl Iterator<Item = &[T::Native]> {
    parts.iter().filter_map(|p| p.as_primitive_opt::<T>()).flat_map(|p| {
        let nulls = p.nulls().filter(|n| n.null_count() > 0);
        let whole = nulls.is_none().then_some((0, p.len()));
        let runs = nulls.into_iter().flat_map(|n| n.valid_slices());
        whole.into_iter().chain(runs).map(|(start, end)| &p.values()[start..end])
    })
}

#[cfg(test)]
mod tests;
