//! Segments that wait for the rest of their customers: in memory up to a bound, then in a temporary
//! file, meter by meter. So rows in any order are read once, in bounded memory: time-major data are
//! transposed to customer-major pieces, one a meter and spill. Rows out of a block of many meters that
//! go on where the meter's last ended are gathered in one segment, which is placed without another copy.

use super::block::{Block, Segment};
use super::columns::Channel;
use super::decode::Column;
use super::instants::Stamps;
use super::record::{read_segment, write_segments};
use crate::text::say;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
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
    /// Rows that each meter has in all, as far as the index knows.
    rows: Vec<usize>,
    dir: PathBuf,
    file: Option<Arc<Mutex<File>>>,
    end: u64,
    /// Why rows were lost: the temporary file could not be written.
    fault: Option<String>,
}

impl Pending {
    /// Holds up to `limit` bytes in memory, the rest in a file in `dir` that has no name: it goes with
    /// every exit of the process, whatever ends it. `rows` says how many rows each meter has, where that
    /// is known.
    #[must_use]
    pub fn new(limit: usize, rows: Vec<usize>, dir: PathBuf) -> Self {
        let (segments, away) = (HashMap::new(), HashMap::new());
        Self { segments, away, held: 0, limit, rows, dir, file: None, end: 0, fault: None }
    }

    /// Adds segments of one row group.
    pub fn add(&mut self, segments: Vec<(u32, Segment)>) {
        for (meter, segment) in segments {
            self.held += bytes_of(&segment);
            let room = self.room(meter, &segment);
            let list = self.segments.entry(meter).or_default();
            let gathered = list.last_mut().is_some_and(|last| goes_on(last, &segment) && append(last, &segment, room));
            if !gathered {
                list.push(segment);
            }
        }
        if self.held > self.limit
            && let Err(e) = self.spill()
        {
            let dir = self.dir.display();
            self.fault = Some(say("customer.no_space", &[("dir", &dir), ("detail", &e)]));
        }
    }

    /// Rows to make room for where a meter's are gathered: all, but not more than its share of the bound.
    fn room(&self, meter: u32, segment: &Segment) -> usize {
        let all = self.rows.get(meter as usize).copied().unwrap_or(0);
        let share = self.limit / self.rows.len().max(1) / bytes_of_row(&segment.block).max(1);
        all.min(share)
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

/// Memory that a row of a block needs.
fn bytes_of_row(block: &Block) -> usize {
    let value = |c: &(Channel, Column)| 8 + usize::from(c.1.nulls.is_some());
    block.points * block.columns.iter().map(value).sum::<usize>()
        + block.multiplier.as_ref().map_or(0, |_| 8)
        + usize::from(block.row_channel.is_some())
}

/// Memory that a segment's rows need.
fn bytes_of(segment: &Segment) -> usize {
    // What a block of its own and its place in the map need (judgement).
    segment.rows.len() * bytes_of_row(&segment.block) + if segment.block.shared { 48 } else { 512 }
}

/// Adds the rows of a segment to one that it joins, which gets a block of its own with room for `room` rows;
/// false where rows say by themselves what they hold, or somebody else has the first.
fn append(to: &mut Segment, segment: &Segment, room: usize) -> bool {
    if segment.block.row_channel.is_some() || segment.block.multiplier.is_some() {
        return false;
    }
    if !alone(to) {
        to.block = Arc::new(own_block(to, room));
        to.rows = 0..to.rows.len();
    }
    let Some(block) = Arc::get_mut(&mut to.block) else { return false };
    block.stamps.ticks.append_all(&segment.ticks());
    let values = segment.rows.start * block.points..segment.rows.end * block.points;
    for ((_, column), (_, more)) in block.columns.iter_mut().zip(&segment.block.columns) {
        column.reserve_exact((room * block.points).saturating_sub(column.values.len()));
        column.extend(&more.values[values.clone()], nulls_of(more, &values));
    }
    to.rows.end += segment.rows.len();
    true
}

/// Which of some values of a column are null; `None` where none is.
fn nulls_of<'a>(column: &'a Column, values: &Range<usize>) -> Option<&'a [bool]> {
    column.nulls.as_ref().map(|n| &n[values.clone()]).filter(|n| n.contains(&true))
}

/// A block of a segment's rows alone.
fn own_block(segment: &Segment, room: usize) -> Block {
    let of = &segment.block;
    let values = segment.rows.start * of.points..segment.rows.end * of.points;
    let column = |(channel, column): &(Channel, Column)| {
        let mut own = Column::with_capacity(room.max(segment.rows.len()) * of.points);
        own.extend(&column.values[values.clone()], nulls_of(column, &values));
        (*channel, own)
    };
    Block {
        points: of.points,
        stamps: Stamps { ticks: segment.ticks().into_owned(), ..of.stamps },
        columns: of.columns.iter().map(column).collect(),
        ..Block::default()
    }
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

/// Whether a segment that shares its block with others goes on where another ends.
fn goes_on(a: &Segment, b: &Segment) -> bool {
    !alone(b) && joins(a, b) && a.order < b.order && a.ticks().go_on_in(&b.ticks())
}

/// Whether a block has no rows but the segment's.
fn alone(segment: &Segment) -> bool {
    !segment.block.shared && segment.rows == (0..segment.block.stamps.ticks.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::ticks::Ticks;

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
    fn rows_that_go_on_are_gathered_and_others_are_not() {
        let part = |order: usize, ticks: &[i64], nulls: Option<Vec<bool>>| {
            let kw: Vec<f64> = ticks.iter().map(|t| *t as f64 / 900.0).collect();
            let mut part = segment(order, ticks, &kw, nulls, None);
            Arc::get_mut(&mut part.block).unwrap().shared = true;
            vec![(1, part)]
        };
        let mut pending = Pending::new(usize::MAX, vec![9, 7], std::env::temp_dir());
        pending.add(part(0, &[0, 900], None));
        pending.add(part(1, &[1800, 2700], Some(vec![false, true])));
        pending.add(part(2, &[3600], Some(vec![false])));
        let [Held::Here(first)] = &pending.take(1, false).unwrap()[..] else { panic!("one segment") };
        let column = &first.block.columns[0].1;
        assert_eq!(column.values, [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(column.nulls, Some(vec![false, false, false, true, false]));
        assert!(first.ticks().only_run().is_some());
        // Somebody has the first segment now, and what has a block of its own is let be; hours after quarter hours and a gap stand alone anyhow.
        pending.add(part(3, &[4500, 5400], None));
        pending.add(part(4, &[6300, 9900], None));
        pending.add(part(5, &[18_000, 18_900], None));
        pending.add(vec![(1, segment(6, &[19_800, 20_700], &[1.0, 2.0], None, None))]);
        let rows: Vec<usize> = bring(pending.take(1, true).unwrap()).unwrap().iter().map(|s| s.rows.len()).collect();
        assert_eq!(rows, [5, 2, 2, 2, 2]);
    }

    #[test]
    fn lost_rows_fail_their_customers() {
        let mut pending = Pending::new(0, Vec::new(), "/no/such/directory".into());
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
            let mut pending = Pending::new(limit, Vec::new(), dir.path().to_path_buf());
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
