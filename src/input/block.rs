//! Decoded row groups, meter by meter.

use super::columns::Channel;
use super::decode::{Column, NO_STAMP, RowGroup, Stamps};
use super::file::ReadingsFile;
use super::index::{GroupIndex, Index, RowOrder, keys};
use crate::error::Result;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// The decoded columns of one row group.
#[derive(Debug, Default)]
pub struct Block {
    /// Values in a row.
    pub points: usize,
    /// One per row; or, when `shared`, one sequence that every segment begins anew.
    pub stamps: Stamps,
    /// All segments have the same stamps.
    pub shared: bool,
    /// Quantities, `rows × points` each.
    pub columns: Vec<(Channel, Column)>,
    /// Rows whose kind column overrides the channel of `P…` columns; `None` for unknown kinds.
    pub row_channel: Option<Vec<Option<Channel>>>,
    /// CT × PT per row; 0 where the row has none.
    pub multiplier: Option<Vec<f64>>,
}

/// Consecutive rows of one meter in a block.
#[derive(Debug, Clone)]
pub struct Segment {
    /// The block.
    pub block: Arc<Block>,
    /// Rows in it.
    pub rows: Range<usize>,
    /// File, row group and first row: the order in which rows came.
    pub order: (usize, usize, usize),
}

impl Segment {
    /// Stamps of the segment's rows.
    #[must_use]
    pub fn ticks(&self) -> &[i64] {
        let ticks = &self.block.stamps.ticks;
        if self.block.shared { &ticks[..self.rows.len()] } else { &ticks[self.rows.clone()] }
    }
}

impl Segment {
    /// Labels of the segment's rows in whole seconds, in row order; rows without a usable stamp are
    /// left out.
    pub fn labels(&self) -> impl Iterator<Item = i64> + '_ {
        let per_second = self.block.stamps.per_second.max(1);
        self.ticks().iter().filter(|t| **t != NO_STAMP).map(move |t| t.div_euclid(per_second))
    }
}

/// Decodes a row group and cuts it into segments by meter.
///
/// # Errors
/// When a column is damaged or of a wrong type.
pub fn decode(file: &ReadingsFile, place: &GroupIndex, index: &Index) -> Result<Vec<(u32, Segment)>> {
    let reader = RowGroup::open(file, place.group)?;
    let mut block = Block { points: file.points, stamps: reader.stamps()?, ..Block::default() };
    for channel in &file.channels {
        block.columns.push((channel.channel, rows_of_points(&reader, &channel.leaves)?));
    }
    if let Some(leaf) = file.kind {
        let (keys, names) = reader.texts(leaf)?;
        let channels: Vec<Option<Channel>> = names.iter().map(|n| kind_of_row(n)).collect();
        let of = |k: &i32| usize::try_from(*k).ok().and_then(|k| channels.get(k).copied().flatten());
        block.row_channel = Some(keys.iter().map(of).collect());
    }
    if let Some(leaf) = file.multiplier {
        block.multiplier = Some(reader.numbers(leaf)?.values);
    }
    let ranges = match &place.order {
        RowOrder::Runs(runs) => runs.iter().map(|r| (r.meter, r.start as usize..(r.start + r.len) as usize)).collect(),
        RowOrder::Interleaved(_) => {
            let meters = meters_of_rows(file, place.group, index)?;
            sort_by_meter(&mut block, &meters)
        }
    };
    let block = Arc::new(block);
    let order = |start| (place.file, place.group, start);
    Ok(ranges
        .into_iter()
        .map(|(m, rows)| (m, Segment { order: order(rows.start), block: Arc::clone(&block), rows }))
        .collect())
}

/// Joins the point columns of wide rows into `rows × points`.
fn rows_of_points(reader: &RowGroup<'_>, leaves: &[usize]) -> Result<Column> {
    if let [leaf] = leaves {
        return reader.numbers(*leaf);
    }
    let points = leaves.len();
    let mut values = vec![0.0; reader.rows() * points];
    let mut nulls: Option<Vec<bool>> = None;
    for (p, leaf) in leaves.iter().enumerate() {
        let column = reader.numbers(*leaf)?;
        for (row, value) in values.chunks_exact_mut(points).zip(&column.values) {
            row[p] = *value;
        }
        if let Some(absent) = column.nulls {
            let all = nulls.get_or_insert_with(|| vec![false; values.len()]);
            for (row, null) in all.chunks_exact_mut(points).zip(absent) {
                row[p] = null;
            }
        }
    }
    Ok(Column { values, nulls })
}

/// What a row of a wide file holds, from the text of its kind column.
fn kind_of_row(text: &str) -> Option<Channel> {
    let t = text.trim().to_lowercase();
    let reverse = t.contains("反向") || t.contains("export");
    let reactive = t.contains("无功") || t.contains("reactive") || matches!(t.as_str(), "q" | "kvar");
    let active =
        t.contains("有功") || (t.contains("active") && !t.contains("reactive")) || matches!(t.as_str(), "p" | "kw");
    let energy = t.contains("电量") || t.contains("energy") || t.contains("kwh") || t.contains("kvarh");
    match (reactive, active, reverse, energy) {
        (true, _, false, false) => Some(Channel::Kvar),
        (true, _, false, true) => Some(Channel::Kvarh),
        (true, _, true, false) => Some(Channel::KvarLead),
        (true, _, true, true) => Some(Channel::KvarhLead),
        (false, true, false, false) => Some(Channel::Kw),
        (false, true, true, false) => Some(Channel::ExportKw),
        (false, _, false, true) => Some(Channel::Kwh),
        (false, _, true, true) => Some(Channel::ExportKwh),
        (false, false, _, false) => None,
    }
}

/// The meter of each row, −1 where the id is null.
fn meters_of_rows(file: &ReadingsFile, group: usize, index: &Index) -> Result<Vec<i32>> {
    let (mut rows, names) = keys(file, group)?;
    let place: Vec<i32> = names.iter().map(|n| index.meters.binary_search(n).map_or(-1, |p| p as i32)).collect();
    for key in &mut rows {
        *key = usize::try_from(*key).ok().and_then(|k| place.get(k).copied()).unwrap_or(-1);
    }
    Ok(rows)
}

/// Sorts a block's rows by meter, keeping their order within each (a counting sort), and returns
/// where each meter's rows are.
fn sort_by_meter(block: &mut Block, meters: &[i32]) -> Vec<(u32, Range<usize>)> {
    let mut present: Vec<i32> = meters.iter().copied().filter(|m| *m >= 0).collect();
    let last = present.iter().copied().max().unwrap_or(0) as usize;
    let mut counts = vec![0u32; last + 2];
    for m in &present {
        counts[*m as usize + 1] += 1;
    }
    present.clear();
    let mut ranges = Vec::new();
    for m in 0..=last {
        let (start, n) = (counts[m], counts[m + 1]);
        if n > 0 {
            ranges.push((m as u32, start as usize..(start + n) as usize));
        }
        counts[m + 1] += start;
    }
    let mut target = vec![u32::MAX; meters.len()];
    for (t, m) in target.iter_mut().zip(meters) {
        if let Ok(m) = usize::try_from(*m) {
            *t = counts[m];
            counts[m] += 1;
        }
    }
    let total = ranges.last().map_or(0, |r| r.1.end);
    permute_block(block, &target, total);
    block.shared = share_stamps(block, &ranges);
    ranges
}

fn permute_block(block: &mut Block, target: &[u32], total: usize) {
    let points = block.points;
    block.stamps.ticks = permute(&block.stamps.ticks, target, total, 1);
    for (_, column) in &mut block.columns {
        column.values = permute(&column.values, target, total, points);
        column.nulls = column.nulls.take().map(|n| permute(&n, target, total, points));
    }
    block.row_channel = block.row_channel.take().map(|c| permute(&c, target, total, 1));
    block.multiplier = block.multiplier.take().map(|m| permute(&m, target, total, 1));
}

fn permute<T: Copy + Default>(values: &[T], target: &[u32], total: usize, points: usize) -> Vec<T> {
    let mut out = vec![T::default(); total * points];
    if points == 1 {
        for (value, t) in values.iter().zip(target) {
            if let Some(slot) = out.get_mut(*t as usize) {
                *slot = *value;
            }
        }
    } else {
        for (row, t) in values.chunks_exact(points).zip(target) {
            if let Some(slot) = out.get_mut(*t as usize * points..(*t as usize + 1) * points) {
                slot.copy_from_slice(row);
            }
        }
    }
    out
}

/// Keeps one sequence of stamps when all segments have the same; most interleaved files do.
fn share_stamps(block: &mut Block, ranges: &[(u32, Range<usize>)]) -> bool {
    let Some((_, first)) = ranges.first() else { return false };
    let ticks = &block.stamps.ticks;
    let same = ranges.iter().all(|(_, r)| r.len() == first.len() && ticks[r.clone()] == ticks[first.clone()]);
    if same {
        block.stamps.ticks = ticks[first.clone()].to_vec();
    }
    same
}

/// Segments that have come so far, until all of a customer's are there.
#[derive(Debug, Default)]
pub struct Pending {
    segments: HashMap<u32, Vec<Segment>>,
}

impl Pending {
    /// Adds segments of one row group.
    pub fn add(&mut self, segments: Vec<(u32, Segment)>) {
        for (meter, segment) in segments {
            self.segments.entry(meter).or_default().push(segment);
        }
    }

    /// A meter's segments, in the order of files and rows; they are let go when `last` says that
    /// nobody else waits for them.
    pub fn take(&mut self, meter: u32, last: bool) -> Vec<Segment> {
        let segments = if last { self.segments.remove(&meter) } else { self.segments.get(&meter).cloned() };
        let mut segments = segments.unwrap_or_default();
        segments.sort_by_key(|s| s.order);
        segments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_sort_by_meter_and_share_their_stamps() {
        let mut block = Block {
            points: 1,
            stamps: Stamps { ticks: vec![0, 0, 9, 900, 900], per_second: 1, utc: false },
            columns: vec![(Channel::Kw, Column { values: vec![1.0, 2.0, 9.0, 3.0, 4.0], nulls: None })],
            ..Block::default()
        };
        let ranges = sort_by_meter(&mut block, &[5, 2, -1, 5, 2]);
        assert_eq!(ranges, [(2, 0..2), (5, 2..4)]);
        assert_eq!(block.columns[0].1.values, [2.0, 4.0, 1.0, 3.0]);
        assert!(block.shared);
        assert_eq!(block.stamps.ticks, [0, 900]);
    }

    #[test]
    fn kinds_of_wide_rows() {
        assert_eq!(kind_of_row("有功功率"), Some(Channel::Kw));
        assert_eq!(kind_of_row("反向有功功率"), Some(Channel::ExportKw));
        assert_eq!(kind_of_row("无功功率"), Some(Channel::Kvar));
        assert_eq!(kind_of_row("电压"), None);
    }
}
