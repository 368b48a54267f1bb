//! Segments as records of the temporary file.

use super::block::{Block, Segment};
use super::columns::Channel;
use super::decode::Column;
use super::instants::Stamps;
use super::ticks::Ticks;
use std::sync::Arc;

/// One record of several segments of one shape.
pub fn write_segments(segments: &[Segment], out: &mut Vec<u8>) {
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
pub fn read_segment(bytes: &mut &[u8]) -> Option<Segment> {
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
