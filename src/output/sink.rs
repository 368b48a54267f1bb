//! Rows of customers, in whatever order they are finished, to Parquet files in the order of
//! customers: a row group is encoded by the thread that completes it, and appended when its turn
//! comes, so that bytes do not depend on threads.

use super::Table;
use super::chunk::{Chunk, Encoder};
use super::column::Column;
use super::spill::{HELD_BYTES, Spill, Waiting};
use crate::error::{Error, Result};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnDescPtr;
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

/// The encoded columns of one row group, by table; empty when the table has no row in it.
type Encoded = Vec<Vec<Chunk>>;

/// Groups that are encoded before their turn, beside one a thread (judgement). The rows of those further
/// off wait unencoded, on disk beyond a bound: customers may come in any order of their ids.
const AHEAD: usize = 2;

/// The rows of a group: of each customer and table its columns.
type GroupRows = (usize, Vec<Vec<Vec<Column>>>);

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
    /// The column that each of a table's is in its file.
    leaves: Vec<Vec<ColumnDescPtr>>,
    n_customers: usize,
    state: Mutex<State>,
    /// Encoders that no thread is using.
    encoders: Mutex<Vec<Encoder>>,
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
        let (mut files, mut leaves) = (Vec::new(), Vec::new());
        for table in &tables {
            let path = dir.join(format!("{}.parquet", table.name()));
            let file = BufWriter::with_capacity(1 << 18, File::create(&path).map_err(Error::io(&path))?);
            let writer =
                ArrowWriter::try_new(file, table.schema(), Some(properties())).map_err(Error::parquet(&path))?;
            let (writer, _) = writer.into_serialized_writer().map_err(Error::parquet(&path))?;
            leaves.push(writer.schema_descr().columns().to_vec());
            files.push(TableFile { path, writer });
        }
        let spill = Spill::new(dir, HELD_BYTES);
        let state = State { files, partial: BTreeMap::new(), spill, encoded: BTreeMap::new(), next: 0 };
        Ok(Self { tables, leaves, n_customers, state: Mutex::new(state), encoders: Mutex::default() })
    }

    /// The tables that are written.
    #[must_use]
    pub fn tables(&self) -> &[&'static dyn Table] {
        &self.tables
    }

    /// Takes the rows of the customer with this rank, of each table its columns; each rank once.
    ///
    /// # Errors
    /// When encoding or writing fails.
    pub fn put(&self, rank: usize, rows: Vec<Vec<Column>>) -> Result<()> {
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
                let encoded = self.encode(&rows)?;
                let mut state = self.lock();
                state.encoded.insert(group, encoded);
                state.append()
            })?;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn encode(&self, rows: &[Vec<Vec<Column>>]) -> Result<Encoded> {
        let free = || self.encoders.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = free().pop();
        let mut encoder = kept.map_or_else(Encoder::new, Ok)?;
        let mut one = |t: usize| {
            let some = |columns: &&Vec<Column>| columns.first().is_some_and(|c| c.rows() > 0);
            let customers: Vec<&Vec<Column>> = rows.iter().filter_map(|r| r.get(t)).filter(some).collect();
            let failed = |e| Error::Parquet { path: self.tables[t].name().into(), what: format!("{e}") };
            let chunk = |(c, leaf)| {
                let parts: Vec<&Column> = customers.iter().filter_map(|columns| columns.get(c)).collect();
                encoder.chunk(&parts, leaf).map_err(failed)
            };
            let leaves = if customers.is_empty() { &[][..] } else { &self.leaves[t] };
            leaves.iter().enumerate().map(chunk).collect()
        };
        let encoded = (0..self.tables.len()).map(&mut one).collect();
        free().push(encoder);
        encoded
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

/// Chunks bring their own encodings.
fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_created_by(concat!("peakwise ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_max_row_group_row_count(None)
        .set_offset_index_disabled(true)
        .build()
}
