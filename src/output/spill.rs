//! Rows that wait for their turn, on disk beyond a bound: customers that come in another order than
//! that of their ids must not make memory grow with their number.

use crate::error::{Error, Result};
use arrow::array::RecordBatch;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes of waiting rows that are held in memory (judgement: some hundred customers' tables).
pub const HELD_BYTES: usize = 64 << 20;

/// The rows of one customer, one batch a table.
#[derive(Debug)]
pub enum Waiting {
    /// In memory.
    Held(Vec<RecordBatch>),
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
    pub fn keep(&mut self, rows: Vec<RecordBatch>) -> Result<Waiting> {
        let bytes: usize = rows.iter().map(RecordBatch::get_array_memory_size).sum();
        if self.held + bytes <= self.limit {
            self.held += bytes;
            return Ok(Waiting::Held(rows));
        }
        let mut buffer = Vec::with_capacity(bytes);
        for batch in &rows {
            let mut writer = StreamWriter::try_new(&mut buffer, &batch.schema()).map_err(Error::parquet(&self.dir))?;
            writer.write(batch).and_then(|()| writer.finish()).map_err(Error::parquet(&self.dir))?;
        }
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
    pub fn take(&mut self, waiting: Waiting) -> Result<Vec<RecordBatch>> {
        let (start, length) = match waiting {
            Waiting::Held(rows) => {
                let bytes: usize = rows.iter().map(RecordBatch::get_array_memory_size).sum();
                self.held = self.held.saturating_sub(bytes);
                return Ok(rows);
            }
            Waiting::Spilled(start, length) => (start, length),
        };
        let path = &self.dir;
        let mut buffer = vec![0; length];
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut buffer)).map_err(Error::io(path))?;
        }
        let mut rest = buffer.as_slice();
        let mut rows = Vec::new();
        while !rest.is_empty() {
            let reader = StreamReader::try_new(&mut rest, None).map_err(Error::parquet(path))?;
            for batch in reader {
                rows.push(batch.map_err(Error::parquet(path))?);
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::column::{Kind, batch, count, schema};
    use crate::output::labels::same;

    fn rows(n: usize) -> Vec<RecordBatch> {
        let schema = schema(&[("customer_id", Kind::Text), ("n", Kind::Count)]);
        let one = |n: usize| batch(&schema, vec![same("c", n), count(0..n)]).unwrap();
        vec![one(n), one(0), one(2 * n)]
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
