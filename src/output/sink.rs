//! Rows of customers, in whatever order they are finished, to Parquet files in the order of
//! customers: a row group is encoded by the thread that completes it, and appended when its turn
//! comes, so that bytes do not depend on threads.

use super::Table;
use super::spill::{HELD_BYTES, Spill, Waiting};
use crate::error::{Error, Result};
use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
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

/// The encoded columns of one row group, by table; empty when the table has no row in it.
type Encoded = Vec<Vec<ArrowColumnChunk>>;

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
        let mut factories = Vec::new();
        for table in &tables {
            let path = dir.join(format!("{}.parquet", table.name()));
            let file = BufWriter::with_capacity(1 << 18, File::create(&path).map_err(Error::io(&path))?);
            let writer =
                ArrowWriter::try_new(file, table.schema(), Some(properties(*table))).map_err(Error::parquet(&path))?;
            let (writer, factory) = writer.into_serialized_writer().map_err(Error::parquet(&path))?;
            files.push(TableFile { path, writer });
            factories.push(factory);
        }
        let spill = Spill::new(dir, HELD_BYTES);
        let state = State { files, partial: BTreeMap::new(), spill, encoded: BTreeMap::new(), next: 0 };
        Ok(Self { tables, factories, n_customers, state: Mutex::new(state) })
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
        let rows: Vec<Vec<RecordBatch>> = {
            let mut state = self.lock();
            let waiting = state.spill.keep(rows)?;
            let partial = state.partial.entry(group).or_default();
            partial.rows.resize_with(size, || None);
            partial.rows[rank % GROUP] = Some(waiting);
            partial.have += 1;
            if partial.have < size {
                return Ok(());
            }
            let complete = state.partial.remove(&group).into_iter().flat_map(|p| p.rows).flatten();
            complete.map(|w| state.spill.take(w)).collect::<Result<Vec<_>>>()?
        };
        let encoded = self.encode(group, &rows)?;
        let mut state = self.lock();
        state.encoded.insert(group, encoded);
        state.append()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn encode(&self, group: usize, rows: &[Vec<RecordBatch>]) -> Result<Encoded> {
        let mut out = Vec::with_capacity(self.tables.len());
        for (t, (table, factory)) in self.tables.iter().zip(&self.factories).enumerate() {
            let fail = |e: &dyn std::fmt::Display| Error::Parquet { path: table.name().into(), what: e.to_string() };
            let schema = table.schema();
            let batch = concat_batches(&schema, rows.iter().filter_map(|r| r.get(t))).map_err(|e| fail(&e))?;
            if batch.num_rows() == 0 {
                out.push(Vec::new());
                continue;
            }
            let mut writers = factory.create_column_writers(group).map_err(|e| fail(&e))?.into_iter();
            let mut chunks = Vec::new();
            for (field, column) in schema.fields().iter().zip(batch.columns()) {
                for leaf in compute_leaves(field, column).map_err(|e| fail(&e))? {
                    let Some(mut writer) = writers.next() else { return Err(fail(&"fewer writers than columns")) };
                    writer.write(&leaf).map_err(|e| fail(&e))?;
                    chunks.push(writer.close().map_err(|e| fail(&e))?);
                }
            }
            out.push(chunks);
        }
        Ok(out)
    }

    /// Writes the footers.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(self) -> Result<()> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.spill.finish()?;
        for file in state.files {
            file.writer.close().map_err(Error::parquet(&file.path))?;
        }
        Ok(())
    }
}

impl State {
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
                    chunk.append_to_row_group(&mut group).map_err(Error::parquet(path))?;
                }
                group.close().map_err(Error::parquet(path))?;
            }
            self.next += 1;
        }
        Ok(())
    }
}

/// zstd 1; dictionaries where values repeat, plain reals elsewhere: measured reals hardly repeat
/// within a row group, and a dictionary that overflows is built for nothing.
fn properties(table: &dyn Table) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap_or_default()))
        .set_created_by(concat!("peakwise ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for field in table.schema().fields() {
        let real = matches!(field.data_type(), arrow::datatypes::DataType::Float64);
        if real {
            builder = builder.set_column_dictionary_enabled(ColumnPath::from(field.name().as_str()), false);
        }
    }
    builder.build()
}
