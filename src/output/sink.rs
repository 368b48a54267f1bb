//! Rows of customers, in whatever order they are finished, to Parquet files in the order of
//! customers: a row group is encoded by the thread that completes it, and appended when its turn
//! comes, so that bytes do not depend on threads.

use super::Table;
use super::labels::{LabelChunk, is_labels};
use super::spill::{HELD_BYTES, Spill, Waiting};
use crate::error::{Error, Result};
use arrow::array::RecordBatch;
use arrow::compute::concat;
use arrow::datatypes::DataType;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnDescPtr, ColumnPath};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Customers in a row group of every table (judgement: large enough to compress, small enough to
/// hold two or three in memory).
pub const GROUP: usize = 64;

/// One table's open file.
struct TableFile {
    path: PathBuf,
    writer: SerializedFileWriter<BufWriter<File>>,
}

/// An encoded column of one row group.
enum Chunk {
    Labels(LabelChunk),
    Values(ArrowColumnChunk),
}

/// The encoded columns of one row group, by table; empty when the table has no row in it.
type Encoded = Vec<Vec<Chunk>>;

/// Groups that are encoded before their turn, beside one a thread (judgement). The rows of those further
/// off wait unencoded, on disk beyond a bound: customers may come in any order of their ids.
const AHEAD: usize = 2;

/// The rows of a group: of each customer one batch a table.
type GroupRows = (usize, Vec<Vec<RecordBatch>>);

/// Rows of a group that has not all its customers yet.
#[derive(Default)]
struct Partial {
    have: usize,
    rows: Vec<Option<Waiting>>,
}

struct State {
    files: Vec<TableFile>,
    partial: BTreeMap<usize, Partial>,
    spill: Spill,
    encoded: BTreeMap<usize, Encoded>,
    next: usize,
}

/// Writes tables.
pub struct Sink {
    tables: Vec<&'static dyn Table>,
    factories: Vec<ArrowRowGroupWriterFactory>,
    leaves: Vec<Vec<ColumnDescPtr>>,
    n_customers: usize,
    state: Mutex<State>,
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sink({} tables, {} customers)", self.tables.len(), self.n_customers)
    }
}

impl Sink {
    /// Opens one file a table in `dir`, for `n_customers` customers.
    ///
    /// # Errors
    /// When a file cannot be created.
    pub fn create(dir: &Path, tables: Vec<&'static dyn Table>, n_customers: usize) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(Error::io(dir))?;
        let mut files = Vec::new();
        let (mut factories, mut leaves) = (Vec::new(), Vec::new());
        for table in &tables {
            let path = dir.join(format!("{}.parquet", table.name()));
            let file = BufWriter::with_capacity(1 << 18, File::create(&path).map_err(Error::io(&path))?);
            let writer =
                ArrowWriter::try_new(file, table.schema(), Some(properties(*table))).map_err(Error::parquet(&path))?;
            let (writer, factory) = writer.into_serialized_writer().map_err(Error::parquet(&path))?;
            leaves.push(writer.schema_descr().columns().to_vec());
            files.push(TableFile { path, writer });
            factories.push(factory);
        }
        let spill = Spill::new(dir, HELD_BYTES);
        let state = State { files, partial: BTreeMap::new(), spill, encoded: BTreeMap::new(), next: 0 };
        Ok(Self { tables, factories, leaves, n_customers, state: Mutex::new(state) })
    }

    /// The tables that are written.
    #[must_use]
    pub fn tables(&self) -> &[&'static dyn Table] {
        &self.tables
    }

    /// Takes the rows of the customer with this rank, one batch a table; each rank once.
    ///
    /// # Errors
    /// When encoding or writing fails.
    pub fn put(&self, rank: usize, rows: Vec<RecordBatch>) -> Result<()> {
        let group = rank / GROUP;
        let size = GROUP.min(self.n_customers - group * GROUP);
        {
            let mut state = self.lock();
            let waiting = state.spill.keep(rows)?;
            let partial = state.partial.entry(group).or_default();
            partial.rows.resize_with(size, || None);
            partial.rows[rank % GROUP] = Some(waiting);
            partial.have += 1;
            if partial.have < size {
                return Ok(());
            }
        }
        self.encode_ready()
    }

    /// Encodes and appends the complete groups whose turn is near.
    fn encode_ready(&self) -> Result<()> {
        let ahead = rayon::current_num_threads() + AHEAD;
        loop {
            let ready = self.lock().ready(ahead)?;
            if ready.is_empty() {
                return Ok(());
            }
            ready.into_par_iter().try_for_each(|(group, rows)| {
                let encoded = self.encode(group, &rows)?;
                let mut state = self.lock();
                state.encoded.insert(group, encoded);
                state.append()
            })?;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn encode(&self, group: usize, rows: &[Vec<RecordBatch>]) -> Result<Encoded> {
        let one = |t: usize| {
            let batches: Vec<&RecordBatch> =
                rows.iter().filter_map(|r| r.get(t)).filter(|b| b.num_rows() > 0).collect();
            let failed = |e| Error::Parquet { path: self.tables[t].name().into(), what: format!("{e}") };
            if batches.is_empty() { Ok(Vec::new()) } else { self.chunks(t, group, &batches).map_err(failed) }
        };
        (0..self.tables.len()).map(one).collect()
    }

    /// The columns of one table's row group. A column of labels is written from its runs.
    fn chunks(&self, t: usize, group: usize, batches: &[&RecordBatch]) -> parquet::errors::Result<Vec<Chunk>> {
        let (schema, leaves) = (self.tables[t].schema(), &self.leaves[t]);
        let mut writers = self.factories[t].create_column_writers(group)?.into_iter();
        let mut chunks = Vec::new();
        for (c, field) in schema.fields().iter().enumerate() {
            let parts = || batches.iter().map(|b| b.column(c));
            if parts().all(|p| is_labels(p)) {
                writers.next();
                if let Some(leaf) = leaves.get(chunks.len()) {
                    chunks.push(Chunk::Labels(LabelChunk::encode(parts(), leaf)?));
                }
                continue;
            }
            let column = concat(&parts().map(|p| p.as_ref()).collect::<Vec<_>>())?;
            for (leaf, mut writer) in compute_leaves(field, &column)?.into_iter().zip(writers.by_ref()) {
                writer.write(&leaf)?;
                chunks.push(Chunk::Values(writer.close()?));
            }
        }
        Ok(chunks)
    }

    /// Writes the footers.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(self) -> Result<()> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        for file in state.files {
            file.writer.close().map_err(Error::parquet(&file.path))?;
        }
        Ok(())
    }
}

impl State {
    /// Takes the rows of complete groups that are at most `ahead` of the next to be written.
    fn ready(&mut self, ahead: usize) -> Result<Vec<GroupRows>> {
        let last = self.next + ahead;
        let complete = |(g, p): (&usize, &Partial)| (p.have == p.rows.len()).then_some(*g);
        let groups: Vec<usize> = self.partial.range(..=last).filter_map(complete).collect();
        let mut out = Vec::with_capacity(groups.len());
        for group in groups {
            let rows = self.partial.remove(&group).into_iter().flat_map(|p| p.rows).flatten();
            out.push((group, rows.map(|w| self.spill.take(w)).collect::<Result<_>>()?));
        }
        Ok(out)
    }

    /// Appends the row groups whose turn has come.
    fn append(&mut self) -> Result<()> {
        while let Some(tables) = self.encoded.remove(&self.next) {
            for (file, chunks) in self.files.iter_mut().zip(tables) {
                if chunks.is_empty() {
                    continue;
                }
                let path = &file.path;
                let mut group = file.writer.next_row_group().map_err(Error::parquet(path))?;
                for chunk in chunks {
                    chunk.append_to(&mut group).map_err(Error::parquet(path))?;
                }
                group.close().map_err(Error::parquet(path))?;
            }
            self.next += 1;
        }
        Ok(())
    }
}

impl Chunk {
    fn append_to(self, group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>) -> parquet::errors::Result<()> {
        match self {
            Self::Values(chunk) => chunk.append_to_row_group(group),
            Self::Labels(chunk) => {
                let (bytes, close) = chunk.into_parts();
                group.append_column(&bytes, close)
            }
        }
    }
}

/// zstd 1. Labels go through dictionaries (see there), other texts as they are; counts, dates and instants, which
/// grow or stay from row to row, as packed differences, which zstd makes no smaller for instants; reals by streams
/// of bytes, since measured reals hardly repeat within a row group and their leading bytes alone compress. Ends
/// are noted of what a reader seeks by: ids, dates and instants.
fn properties(table: &dyn Table) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap_or_default()))
        .set_created_by(concat!("peakwise ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true);
    for field in table.schema().fields() {
        let (parts, encoding) = match field.data_type() {
            DataType::Float64 => (vec![field.name().clone()], Encoding::BYTE_STREAM_SPLIT),
            DataType::List(item) => {
                (vec![field.name().clone(), "list".into(), item.name().clone()], Encoding::BYTE_STREAM_SPLIT)
            }
            DataType::Int32 | DataType::Date32 | DataType::Timestamp(..) => {
                (vec![field.name().clone()], Encoding::DELTA_BINARY_PACKED)
            }
            DataType::Utf8 => (vec![field.name().clone()], Encoding::PLAIN),
            _ => continue,
        };
        let path = ColumnPath::new(parts);
        if matches!(field.data_type(), DataType::Date32 | DataType::Timestamp(..) | DataType::Utf8) {
            builder = builder.set_column_statistics_enabled(path.clone(), EnabledStatistics::Chunk);
        }
        if matches!(field.data_type(), DataType::Timestamp(..)) {
            builder = builder.set_column_compression(path.clone(), Compression::UNCOMPRESSED);
        }
        builder = builder.set_column_dictionary_enabled(path.clone(), false).set_column_encoding(path, encoding);
    }
    builder.build()
}
