//! Rows that wait for their turn, on disk beyond a bound: customers that come in another order than
//! that of their ids must not make memory grow with their number.

use super::column::Column;
use crate::error::{Error, Result};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Field, Schema};
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of waiting rows that are held in memory (judgement: some hundred customers' tables).
pub const HELD_BYTES: usize = 64 << 20;

/// The rows of one customer in a table, column by column.
#[derive(Debug)]
pub enum Waiting {
    /// In memory.
    Held(Vec<Column>),
    /// In the spill file: where and how long.
    Spilled(u64, usize),
}

/// Keeps waiting rows.
#[derive(Debug)]
pub struct Spill {
    dir: PathBuf,
    file: Option<File>,
    end: u64,
    held: usize,
    limit: usize,
}

impl Spill {
    /// A spill file in `dir`, made when the first row needs it. It has no name, so that it goes with
    /// every exit.
    #[must_use]
    pub fn new(dir: &Path, limit: usize) -> Self {
        Self { dir: dir.to_owned(), file: None, end: 0, held: 0, limit }
    }

    /// Keeps rows in memory while there is room, else on disk.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&mut self, columns: Vec<Column>) -> Result<Waiting> {
        let bytes = size(&columns);
        if self.held + bytes <= self.limit {
            self.held += bytes;
            return Ok(Waiting::Held(columns));
        }
        let mut buffer = Vec::with_capacity(bytes);
        write(&columns, &mut buffer).map_err(Error::parquet(&self.dir))?;
        let start = self.end;
        let path = &self.dir;
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(path).map_err(Error::io(path))?),
        };
        file.seek(SeekFrom::Start(start)).and_then(|_| file.write_all(&buffer)).map_err(Error::io(path))?;
        self.end += buffer.len() as u64;
        Ok(Waiting::Spilled(start, buffer.len()))
    }

    /// Gives kept rows back.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn take(&mut self, waiting: Waiting) -> Result<Vec<Column>> {
        let (start, length) = match waiting {
            Waiting::Held(columns) => {
                self.held = self.held.saturating_sub(size(&columns));
                return Ok(columns);
            }
            Waiting::Spilled(start, length) => (start, length),
        };
        let path = &self.dir;
        let mut buffer = vec![0; length];
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut buffer)).map_err(Error::io(path))?;
        }
        let mut batches = StreamReader::try_new(buffer.as_slice(), None).map_err(Error::parquet(path))?;
        let batch = batches.next().transpose().map_err(Error::parquet(path))?;
        Ok(batch.map_or_else(Vec::new, |batch| batch.columns().iter().map(Column::from_array).collect()))
    }
}

fn size(columns: &[Column]) -> usize {
    columns.iter().map(Column::size).sum()
}

/// Writes the columns of a table, which may be none.
fn write(columns: &[Column], out: &mut Vec<u8>) -> arrow::error::Result<()> {
    let arrays: Vec<ArrayRef> = columns.iter().map(Column::to_array).collect();
    let schema = Schema::new(arrays.iter().map(|a| Field::new("", a.data_type().clone(), true)).collect::<Vec<_>>());
    let mut writer = StreamWriter::try_new(out, &schema)?;
    let schema = Arc::new(schema);
    let batch = if arrays.is_empty() { RecordBatch::new_empty(schema) } else { RecordBatch::try_new(schema, arrays)? };
    writer.write(&batch)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::column::{count, maybe_count};
    use crate::output::labels::{labels, same};

    fn rows(n: usize) -> Vec<Column> {
        let kinds = (0..n).map(|i| ["a", "b"].get(i / 3 % 3).copied());
        let counts = maybe_count((0..n).map(|i| (i % 5 > 0).then_some(i)));
        if n % 7 == 0 { Vec::new() } else { vec![same("c", n), labels(kinds), counts, count(0..n)] }
    }

    #[test]
    fn rows_come_back_from_disk_as_they_were() {
        let dir = tempfile::tempdir().unwrap();
        let mut spill = Spill::new(dir.path(), 10_000);
        let kept: Vec<Waiting> = (1..40).map(|n| spill.keep(rows(n)).unwrap()).collect();
        assert!(
            kept.iter().any(|w| matches!(w, Waiting::Held(_)))
                && kept.iter().any(|w| matches!(w, Waiting::Spilled(..)))
        );
        for (n, waiting) in (1..40).zip(kept).rev() {
            assert_eq!(spill.take(waiting).unwrap(), rows(n));
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "the file has no name");
    }
}
