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

/// Customers in a row group of a table (judgement: large enough to compress, small enough to hold two or three in
/// memory).
pub const GROUP: usize = 64;

/// Customers in a row group of a table that has few rows of each (judgement: some thousand rows are worth a row group;
/// those that wait for it take a megabyte).
pub const WIDE_GROUP: usize = 4 * GROUP;

/// Groups of a table that are encoded before their turn, beside one a thread (judgement). The rows of those further
/// off wait unencoded, on disk beyond a bound: customers may come in any order of their ids.
const AHEAD: usize = 2;

/// A complete group of a table: the table, the group and the columns of each customer.
type Complete = (usize, usize, Vec<Vec<Column>>);

/// Rows of a group that has not all its customers yet.
#[derive(Default)]
struct Partial {
    have: usize,
    rows: Vec<Option<Waiting>>,
}

/// One table's open file.
struct TableFile {
    path: PathBuf,
    writer: SerializedFileWriter<BufWriter<File>>,
    /// Customers in a row group.
    group: usize,
    partial: BTreeMap<usize, Partial>,
    /// Encoded columns of groups whose turn has not come; none of one without rows.
    encoded: BTreeMap<usize, Vec<Chunk>>,
    next: usize,
}

struct State {
    files: Vec<TableFile>,
    spill: Spill,
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
            files.push(TableFile {
                path,
                writer,
                group: table.group().max(1),
                partial: BTreeMap::new(),
                encoded: BTreeMap::new(),
                next: 0,
            });
        }
        let state = Mutex::new(State { files, spill: Spill::new(dir, HELD_BYTES) });
        Ok(Self { tables, leaves, n_customers, state, encoders: Mutex::default() })
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
        let mut complete = false;
        {
            let State { files, spill } = &mut *self.lock();
            for (file, columns) in files.iter_mut().zip(rows) {
                complete |= file.wait(rank, spill.keep(columns)?, self.n_customers);
            }
        }
        if complete { self.encode_ready() } else { Ok(()) }
    }

    /// Encodes and appends the complete groups whose turn is near.
    fn encode_ready(&self) -> Result<()> {
        let ahead = rayon::current_num_threads() + AHEAD;
        loop {
            let ready = self.lock().ready(ahead)?;
            if ready.is_empty() {
                return Ok(());
            }
            ready.into_par_iter().try_for_each(|(table, group, rows)| {
                let encoded = self.encode(table, &rows)?;
                self.lock().files.get_mut(table).map_or(Ok(()), |file| file.append(group, encoded))
            })?;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The columns of a group of a table; none where it has no rows.
    fn encode(&self, table: usize, rows: &[Vec<Column>]) -> Result<Vec<Chunk>> {
        let some = |columns: &&Vec<Column>| columns.first().is_some_and(|c| c.rows() > 0);
        let customers: Vec<&Vec<Column>> = rows.iter().filter(some).collect();
        if customers.is_empty() {
            return Ok(Vec::new());
        }
        let free = || self.encoders.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = free().pop();
        let mut encoder = kept.map_or_else(Encoder::new, Ok)?;
        let failed = |e| Error::Parquet { path: self.tables[table].name().into(), what: format!("{e}") };
        let chunk = |(c, leaf)| {
            let parts: Vec<&Column> = customers.iter().filter_map(|columns| columns.get(c)).collect();
            encoder.chunk(&parts, leaf).map_err(failed)
        };
        let encoded = self.leaves[table].iter().enumerate().map(chunk).collect();
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
    /// Takes the rows of each table's complete groups that are at most `ahead` of the next to be written.
    fn ready(&mut self, ahead: usize) -> Result<Vec<Complete>> {
        let mut out = Vec::new();
        for (table, file) in self.files.iter_mut().enumerate() {
            for (group, rows) in file.complete(ahead) {
                let rows = rows.into_iter().map(|w| self.spill.take(w)).collect::<Result<_>>()?;
                out.push((table, group, rows));
            }
        }
        Ok(out)
    }
}

impl TableFile {
    /// Keeps the rows of the customer with this rank, of so many; whether its group is now complete.
    fn wait(&mut self, rank: usize, rows: Waiting, n_customers: usize) -> bool {
        let group = rank / self.group;
        let size = self.group.min(n_customers.saturating_sub(group * self.group));
        let partial = self.partial.entry(group).or_default();
        partial.rows.resize_with(size, || None);
        if let Some(place) = partial.rows.get_mut(rank % self.group) {
            *place = Some(rows);
            partial.have += 1;
        }
        partial.have >= size
    }

    /// Takes the complete groups that are at most `ahead` of the next to be written.
    fn complete(&mut self, ahead: usize) -> Vec<(usize, Vec<Waiting>)> {
        let complete = |(g, p): (&usize, &Partial)| (p.have >= p.rows.len()).then_some(*g);
        let groups: Vec<usize> = self.partial.range(..=self.next + ahead).filter_map(complete).collect();
        let rows = |p: Partial| p.rows.into_iter().flatten().collect();
        groups.into_iter().filter_map(|g| Some((g, rows(self.partial.remove(&g)?)))).collect()
    }

    /// Appends the row groups whose turn has come.
    fn append(&mut self, group: usize, encoded: Vec<Chunk>) -> Result<()> {
        self.encoded.insert(group, encoded);
        while let Some(chunks) = self.encoded.remove(&self.next) {
            self.next += 1;
            if chunks.is_empty() {
                continue;
            }
            let mut group = self.writer.next_row_group().map_err(Error::parquet(&self.path))?;
            for chunk in chunks {
                chunk.append_to(&mut group).map_err(Error::parquet(&self.path))?;
            }
            group.close().map_err(Error::parquet(&self.path))?;
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
