//! Segments that wait for the rest of their customers: in memory up to a bound, then in a temporary
//! file, meter by meter. So rows in any order are read once, in bounded memory: time-major data are
//! transposed to customer-major pieces, one a meter and spill.

use super::block::{Block, Segment};
use super::columns::Channel;
use super::decode::Column;
use super::instants::Stamps;
use super::ticks::Ticks;
use crate::text::say;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that are written to the file at once.
const BUFFER: usize = 1 << 20;

/// A meter's rows: here, or where they are in the file.
#[derive(Debug)]
pub enum Held {
    /// In memory.
    Here(Segment),
    /// In the temporary file.
    Away(Piece),
}

/// A stretch of the temporary file that holds rows of one meter.
#[derive(Debug, Clone)]
pub struct Piece {
    file: Arc<Mutex<File>>,
    start: u64,
    bytes: usize,
}

/// Segments that have come so far, until all of a customer's are there.
#[derive(Debug)]
pub struct Pending {
    segments: HashMap<u32, Vec<Segment>>,
    /// By meter, its pieces in the order of spills.
    away: HashMap<u32, Vec<Piece>>,
    held: usize,
    limit: usize,
    dir: PathBuf,
    file: Option<Arc<Mutex<File>>>,
    end: u64,
    /// Why rows were lost: the temporary file could not be written.
    fault: Option<String>,
}

impl Pending {
    /// Holds up to `limit` bytes in memory, the rest in a file in `dir` that has no name: it goes with
    /// every exit of the process, whatever ends it.
    #[must_use]
    pub fn new(limit: usize, dir: PathBuf) -> Self {
        Self { segments: HashMap::new(), away: HashMap::new(), held: 0, limit, dir, file: None, end: 0, fault: None }
    }

    /// Adds segments of one row group.
    pub fn add(&mut self, segments: Vec<(u32, Segment)>) {
        for (meter, segment) in segments {
            self.held += bytes_of(&segment);
            self.segments.entry(meter).or_default().push(segment);
        }
        if self.held > self.limit
            && let Err(e) = self.spill()
        {
            let dir = self.dir.display();
            self.fault = Some(say("customer.no_space", &[("dir", &dir), ("detail", &e)]));
        }
    }

    /// A meter's rows; they are let go when `last` says that nobody else waits for them.
    ///
    /// # Errors
    /// Why rows were lost.
    pub fn take(&mut self, meter: u32, last: bool) -> Result<Vec<Held>, String> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let (here, away) = if last {
            let here = self.segments.remove(&meter).unwrap_or_default();
            self.held = self.held.saturating_sub(here.iter().map(bytes_of).sum());
            (here, self.away.remove(&meter).unwrap_or_default())
        } else {
            (self.segments.get(&meter).cloned().unwrap_or_default(), self.away.get(&meter).cloned().unwrap_or_default())
        };
        Ok(here.into_iter().map(Held::Here).chain(away.into_iter().map(Held::Away)).collect())
    }

    /// Writes what is held, meter by meter.
    fn spill(&mut self) -> io::Result<()> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(self.file.insert(Arc::new(Mutex::new(tempfile::tempfile_in(&self.dir)?)))),
        };
        let meters: BTreeMap<u32, Vec<Segment>> = std::mem::take(&mut self.segments).into_iter().collect();
        self.held = 0;
        let handle = file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = BufWriter::with_capacity(BUFFER, &*handle);
        out.seek(SeekFrom::Start(self.end))?;
        let mut record = Vec::new();
        for (meter, mut segments) in meters {
            segments.sort_by_key(|s| s.order);
            record.clear();
            for same in segments.chunk_by(joins) {
                write_segments(same, &mut record);
            }
            out.write_all(&record)?;
            let piece = Piece { file: Arc::clone(&file), start: self.end, bytes: record.len() };
            self.away.entry(meter).or_default().push(piece);
            self.end += record.len() as u64;
        }
        out.flush()
    }
}

/// A meter's segments in the order of files and rows, read back where they are in the file.
///
/// # Errors
/// When the file cannot be read.
pub fn bring(held: Vec<Held>) -> io::Result<Vec<Segment>> {
    let mut out = Vec::with_capacity(held.len());
    for held in held {
        match held {
            Held::Here(segment) => out.push(segment),
            Held::Away(piece) => {
                let mut bytes = vec![0; piece.bytes];
                {
                    let mut file = piece.file.lock().unwrap_or_else(PoisonError::into_inner);
                    file.seek(SeekFrom::Start(piece.start))?;
                    file.read_exact(&mut bytes)?;
                }
                let mut rest = bytes.as_slice();
                while !rest.is_empty() {
                    out.push(read_segment(&mut rest).ok_or(io::ErrorKind::InvalidData)?);
                }
            }
        }
    }
    out.sort_by_key(|s| s.order);
    Ok(out)
}

/// Memory that a segment's rows need.
fn bytes_of(segment: &Segment) -> usize {
    let block = &segment.block;
    let value = |c: &(Channel, Column)| 8 + usize::from(c.1.nulls.is_some());
    let row = block.points * block.columns.iter().map(value).sum::<usize>()
        + block.multiplier.as_ref().map_or(0, |_| 8)
        + usize::from(block.row_channel.is_some());
    // What a block of its own and its place in the map need (judgement).
    segment.rows.len() * row + if block.shared { 48 } else { 512 }
}

/// Whether two segments, one after the other, are kept as one.
fn joins(a: &Segment, b: &Segment) -> bool {
    let shape = |s: &Segment| {
        let (b, stamps) = (&s.block, &s.block.stamps);
        (b.points, stamps.per_second, stamps.utc, b.row_channel.is_some(), b.multiplier.is_some())
    };
    let channels = |s: &Segment| s.block.columns.iter().map(|c| c.0).collect::<Vec<_>>();
    a.order.0 <= b.order.0 && shape(a) == shape(b) && channels(a) == channels(b)
}

/// One record of several segments of one shape.
fn write_segments(segments: &[Segment], out: &mut Vec<u8>) {
    let Some(first) = segments.first() else { return };
    let block = &first.block;
    let mut ticks = Ticks::default();
    for segment in segments {
        ticks.append_all(&segment.ticks());
    }
    let (file, group, row) = first.order;
    let head = [file, group, row, block.points, ticks.len(), block.columns.len()];
    for n in head {
        put(out, n as u64);
    }
    put(out, block.stamps.per_second as u64);
    put(out, ticks.step() as u64);
    let options = [block.stamps.utc, block.row_channel.is_some(), block.multiplier.is_some()];
    out.extend(options.map(u8::from));
    let runs: Vec<_> = ticks.runs().collect();
    put(out, runs.len() as u64);
    for run in runs {
        put(out, run.row as u64);
        put(out, run.first as u64);
    }
    for c in 0..block.columns.len() {
        let columns = || segments.iter().map(move |s| (&s.block.columns[c].1, &s.rows, s.block.points));
        let has_nulls = columns().any(|(column, ..)| column.nulls.is_some());
        out.push(code(block.columns[c].0));
        out.push(u8::from(has_nulls));
        for (column, rows, points) in columns() {
            let values = &column.values[rows.start * points..rows.end * points];
            out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        }
        for (column, rows, points) in columns().filter(|_| has_nulls) {
            match &column.nulls {
                Some(nulls) => out.extend(nulls[rows.start * points..rows.end * points].iter().map(|n| u8::from(*n))),
                None => out.extend(std::iter::repeat_n(0, rows.len() * points)),
            }
        }
    }
    for segment in segments {
        let rows = segment.rows.clone();
        for kind in segment.block.row_channel.iter().flat_map(|k| &k[rows.clone()]) {
            out.push(kind.map_or(u8::MAX, code));
        }
    }
    for segment in segments {
        let rows = segment.rows.clone();
        out.extend(segment.block.multiplier.iter().flat_map(|m| &m[rows.clone()]).flat_map(|v| v.to_le_bytes()));
    }
}

fn put(out: &mut Vec<u8>, number: u64) {
    out.extend(number.to_le_bytes());
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk::<8>()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

fn some<'a>(bytes: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (front, rest) = bytes.split_at_checked(n)?;
    *bytes = rest;
    Some(front)
}

fn reals(bytes: &mut &[u8], n: usize) -> Option<Vec<f64>> {
    Some(some(bytes, n * 8)?.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect())
}

/// A record back; `None` when it is not one.
fn read_segment(bytes: &mut &[u8]) -> Option<Segment> {
    let mut head = [0; 6];
    for n in &mut head {
        *n = number(bytes)? as usize;
    }
    let [file, group, row, points, rows, n_columns] = head;
    let (per_second, step) = (number(bytes)? as i64, number(bytes)? as i64);
    let options = some(bytes, 3)?;
    let (utc, kinds, multipliers) = (options[0] != 0, options[1] != 0, options[2] != 0);
    let n_runs = number(bytes)? as usize;
    let mut starts = Vec::with_capacity(n_runs.min(rows));
    for _ in 0..n_runs {
        starts.push((number(bytes)? as u32, number(bytes)? as i64));
    }
    let ticks = Ticks::from_runs(step, starts, rows);
    let mut columns = Vec::with_capacity(n_columns);
    for _ in 0..n_columns {
        let head = some(bytes, 2)?;
        let channel = *Channel::ALL.get(usize::from(head[0]))?;
        let values = reals(bytes, rows * points)?;
        let nulls =
            if head[1] == 0 { None } else { Some(some(bytes, rows * points)?.iter().map(|b| *b != 0).collect()) };
        columns.push((channel, Column { values, nulls }));
    }
    let of = |code: &u8| Channel::ALL.get(usize::from(*code)).copied();
    let row_channel = if kinds { Some(some(bytes, rows)?.iter().map(of).collect()) } else { None };
    let multiplier = if multipliers { Some(reals(bytes, rows)?) } else { None };
    let stamps = Stamps { ticks, per_second, utc };
    let block = Arc::new(Block { points, stamps, shared: false, columns, row_channel, multiplier });
    Some(Segment { block, rows: 0..rows, order: (file, group, row) })
}

fn code(channel: Channel) -> u8 {
    Channel::ALL.iter().position(|c| *c == channel).map_or(u8::MAX, |p| p as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(order: usize, ticks: &[i64], kw: &[f64], nulls: Option<Vec<bool>>, kind: Option<Channel>) -> Segment {
        let rows = 0..ticks.len();
        let block = Block {
            points: 1,
            stamps: Stamps { ticks: Ticks::from(ticks), per_second: 1, utc: false },
            columns: vec![(Channel::Kw, Column { values: kw.to_vec(), nulls })],
            row_channel: kind.map(|k| vec![Some(k), None]),
            multiplier: kind.map(|_| vec![30.0, 0.0]),
            ..Block::default()
        };
        Segment { block: Arc::new(block), rows, order: (order, 0, 0) }
    }

    fn rows(segments: &[Segment]) -> Vec<(i64, f64, bool, Option<Channel>)> {
        let of = |s: &Segment| {
            let (block, ticks) = (Arc::clone(&s.block), s.ticks().into_owned());
            let (start, n) = (s.rows.start, s.rows.len());
            let all: Vec<_> = (start..start + n)
                .zip(ticks.iter())
                .map(|(r, t)| {
                    let column = &block.columns[0].1;
                    let null = column.nulls.as_ref().is_some_and(|n| n[r]);
                    (t, column.values[r], null, block.row_channel.as_ref().and_then(|k| k[r]))
                })
                .collect();
            all
        };
        segments.iter().flat_map(of).collect()
    }

    #[test]
    fn lost_rows_fail_their_customers() {
        let mut pending = Pending::new(0, "/no/such/directory".into());
        pending.add(vec![(1, segment(0, &[0, 900], &[1.0, 2.0], None, None))]);
        assert!(pending.take(1, true).unwrap_err().contains("/no/such/directory"));
    }

    #[test]
    fn rows_come_back_in_order_whether_they_were_held_or_not() {
        let parts = || {
            vec![
                (7, segment(0, &[0, 900], &[1.0, 2.0], None, None)),
                (3, segment(0, &[0, 900], &[9.0, 8.0], None, None)),
                (7, segment(2, &[3600, 4500], &[5.0, -0.0], Some(vec![false, true]), Some(Channel::Kvar))),
                (7, segment(1, &[1800, 2700], &[3.0, 4.0], Some(vec![true, false]), None)),
            ]
        };
        let dir = tempfile::tempdir().unwrap();
        let of = |limit: usize| {
            let mut pending = Pending::new(limit, dir.path().to_path_buf());
            for part in parts() {
                pending.add(vec![part]);
            }
            let seven = bring(pending.take(7, false).unwrap()).unwrap();
            assert_eq!(rows(&seven), rows(&bring(pending.take(7, true).unwrap()).unwrap()));
            assert!(bring(pending.take(7, true).unwrap()).unwrap().is_empty());
            (rows(&seven), rows(&bring(pending.take(3, true).unwrap()).unwrap()))
        };
        let (seven, three) = of(usize::MAX);
        assert_eq!(seven.iter().map(|r| r.0).collect::<Vec<_>>(), [0, 900, 1800, 2700, 3600, 4500]);
        assert_eq!(three, [(0, 9.0, false, None), (900, 8.0, false, None)]);
        for limit in [0, 600, 1200] {
            assert_eq!(of(limit), (seven.clone(), three.clone()), "limit {limit}");
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "the file has no name");
    }
}
