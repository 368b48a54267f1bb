//! Decoded row groups, meter by meter.

use super::bad_cell::first_of_meters;
use super::columns::Channel;
use super::decode::{Column, RowGroup};
use super::file::ReadingsFile;
use super::index::{GroupIndex, Index, RowOrder, Run, keys};
use super::instants::Stamps;
use super::kinds::{kind_of_row, names_quantity};
use super::sorting::Sorting;
use super::ticks::{NO_STAMP, Ticks};
use crate::error::Result;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// Decoded rows of one row group: all of them, sorted by meter, or those of one meter.
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
    /// What each row holds where a kind column tells it, in place of an active channel's name; `None`
    /// for kinds that are not read.
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
    pub fn ticks(&self) -> Cow<'_, Ticks> {
        let ticks = &self.block.stamps.ticks;
        if self.rows.len() == ticks.len() { Cow::Borrowed(ticks) } else { Cow::Owned(ticks.slice(self.rows.clone())) }
    }

    /// Counts per second of the stamps.
    #[must_use]
    pub fn per_second(&self) -> i64 {
        self.block.stamps.per_second.max(1)
    }

    /// Labels of the segment's rows in whole seconds, in row order; rows without a usable stamp are
    /// left out.
    pub fn labels(&self) -> impl Iterator<Item = i64> + use<> {
        let per_second = self.per_second();
        let labels =
            self.ticks().iter().filter(|t| *t != NO_STAMP).map(|t| t.div_euclid(per_second)).collect::<Vec<_>>();
        labels.into_iter()
    }
}

/// What a row group holds.
#[derive(Debug, Default)]
pub struct Decoded {
    /// Rows by meter.
    pub segments: Vec<(u32, Segment)>,
    /// Meters with a cell that cannot be read, and what is wrong with the first such cell of each.
    pub failed: BTreeMap<u32, String>,
}

/// Decodes a row group and cuts it into segments by meter; meters that are not `wanted` may be left out.
///
/// # Errors
/// When a column is damaged or of a wrong type.
pub fn decode(file: &ReadingsFile, place: &GroupIndex, index: &Index, wanted: &dyn Fn(u32) -> bool) -> Result<Decoded> {
    let reader = RowGroup::open(file, place.group)?;
    let order = |start| (place.file, place.group, start);
    let segments: Vec<(u32, Segment)> = match &place.order {
        RowOrder::Runs(runs) => {
            let cut = Cut::new(runs, wanted);
            let blocks = by_meter(&reader, file, &cut)?;
            let segment = |((meter, start), block): ((u32, usize), Block)| {
                let rows = 0..block.stamps.ticks.len();
                (meter, Segment { order: order(start), block: Arc::new(block), rows })
            };
            cut.meters.into_iter().zip(blocks).map(segment).collect()
        }
        RowOrder::Cycle(_) | RowOrder::Interleaved(_) => {
            let sorting = match &place.order {
                RowOrder::Cycle(meters) => Sorting::of_cycle(meters, reader.rows()),
                _ => Sorting::of_rows(&meters_of_rows(file, place.group, index)?),
            };
            let block = Arc::new(sorted(&reader, file, &sorting)?);
            let segment = |(m, rows): (u32, Range<usize>)| {
                (m, Segment { order: order(rows.start), block: Arc::clone(&block), rows })
            };
            sorting.ranges.into_iter().map(segment).collect()
        }
    };
    let failed = first_of_meters(reader.take_bad_cells(), (file, place, index), wanted)?;
    Ok(Decoded { segments, failed })
}

/// Which rows of a row group go to which meter's block.
struct Cut {
    /// Rows of the row group, the block they go to and the row there.
    runs: Vec<(Range<usize>, usize, usize)>,
    /// Meter and first row of each block.
    meters: Vec<(u32, usize)>,
    /// Rows of each block.
    rows: Vec<usize>,
}

impl Cut {
    fn new(runs: &[Run], wanted: &dyn Fn(u32) -> bool) -> Self {
        let mut out = Self { runs: Vec::with_capacity(runs.len()), meters: Vec::new(), rows: Vec::new() };
        let mut block_of: HashMap<u32, usize> = HashMap::new();
        for run in runs.iter().filter(|r| wanted(r.meter)) {
            let block = *block_of.entry(run.meter).or_insert_with(|| {
                out.meters.push((run.meter, run.start as usize));
                out.rows.push(0);
                out.rows.len() - 1
            });
            let start = run.start as usize;
            out.runs.push((start..start + run.len as usize, block, out.rows[block]));
            out.rows[block] += run.len as usize;
        }
        out
    }

    /// Calls `visit` with the block and the stretch of each run within a batch of `n` rows; `row` and
    /// `run` are where the last batch ended.
    fn batch(&self, at: &mut (usize, usize), n: usize, mut visit: impl FnMut(usize, Range<usize>)) {
        let (start, end) = (at.0, at.0 + n);
        while let Some((rows, block, _)) = self.runs.get(at.1).filter(|r| r.0.start < end) {
            let part = rows.start.max(start)..rows.end.min(end);
            if !part.is_empty() {
                visit(*block, part.start - start..part.end - start);
            }
            if rows.end > end {
                break;
            }
            at.1 += 1;
        }
        at.0 = end;
    }
}

/// Decodes rows that lie meter by meter: each meter's into arrays of its own.
fn by_meter(reader: &RowGroup<'_>, file: &ReadingsFile, cut: &Cut) -> Result<Vec<Block>> {
    let points = file.points;
    let mut blocks: Vec<Block> = cut.rows.iter().map(|_| Block { points, ..Block::default() }).collect();
    let mut at = (0, 0);
    let (per_second, utc) = reader.for_ticks(&mut |ticks| {
        cut.batch(&mut at, ticks.len(), |b, part| blocks[b].stamps.ticks.extend(&ticks[part]));
    })?;
    for block in &mut blocks {
        (block.stamps.per_second, block.stamps.utc) = (per_second, utc);
    }
    for channel in &file.channels {
        for (block, rows) in blocks.iter_mut().zip(&cut.rows) {
            block.columns.push((channel.channel, Column::with_capacity(rows * points)));
        }
        match channel.leaves.as_slice() {
            [leaf] => {
                let mut at = (0, 0);
                reader.for_numbers(*leaf, &mut |values, nulls| {
                    cut.batch(&mut at, values.len(), |b, part| {
                        let nulls = nulls.map(|n| &n[part.clone()]).filter(|n| n.contains(&true));
                        if let Some((_, column)) = blocks[b].columns.last_mut() {
                            column.extend(&values[part], nulls);
                        }
                    });
                })?;
            }
            leaves => wide_by_meter(reader, leaves, cut, &mut blocks)?,
        }
    }
    if let Some(leaf) = file.kind {
        let kinds = kinds_of_rows(reader, leaf)?;
        for (kinds, (rows, b, _)) in kinds.iter().flat_map(|kinds| cut.runs.iter().map(move |run| (kinds, run))) {
            blocks[*b].row_channel.get_or_insert_default().extend_from_slice(&kinds[rows.clone()]);
        }
    }
    if let Some(leaf) = file.multiplier {
        let multipliers = reader.numbers(leaf)?.values;
        for (rows, b, _) in &cut.runs {
            blocks[*b].multiplier.get_or_insert_default().extend_from_slice(&multipliers[rows.clone()]);
        }
    }
    Ok(blocks)
}

/// Point columns that are decoded before they are joined: their values fill a cache line of a row.
const TILE: usize = 8;

/// Joins the point columns of wide rows into each block's last column.
fn wide_by_meter(reader: &RowGroup<'_>, leaves: &[usize], cut: &Cut, blocks: &mut [Block]) -> Result<()> {
    let points = leaves.len();
    for (block, rows) in blocks.iter_mut().zip(&cut.rows) {
        if let Some((_, column)) = block.columns.last_mut() {
            column.values.resize(rows * points, 0.0);
        }
    }
    for (tile, leaves) in leaves.chunks(TILE).enumerate() {
        let columns = leaves.iter().map(|leaf| reader.numbers(*leaf)).collect::<Result<Vec<Column>>>()?;
        for (rows, b, first) in &cut.runs {
            let Some((_, to)) = blocks[*b].columns.last_mut() else { continue };
            let start = first * points;
            let to_rows = to.values[start..start + rows.len() * points].chunks_exact_mut(points);
            for (row, to) in rows.clone().zip(to_rows) {
                for (to, column) in to[tile * TILE..].iter_mut().zip(&columns) {
                    *to = column.values[row];
                }
            }
            for (p, nulls) in columns.iter().enumerate().filter_map(|(p, c)| Some((p, c.nulls.as_ref()?))) {
                if nulls[rows.clone()].contains(&true) {
                    let all = to.nulls.get_or_insert_with(|| vec![false; to.values.len()]);
                    for (null, to) in nulls[rows.clone()].iter().zip(all[start..].chunks_exact_mut(points)) {
                        to[tile * TILE + p] = *null;
                    }
                }
            }
        }
    }
    Ok(())
}

/// What each row holds by its kind; `None` where the words of a long file name no quantity at all.
fn kinds_of_rows(reader: &RowGroup<'_>, leaf: usize) -> Result<Option<Vec<Option<Channel>>>> {
    let (runs, names) = reader.texts(leaf)?;
    let energy = reader.file().channels.first().is_some_and(|c| c.channel.is_energy());
    let channels: Vec<Option<Channel>> = names.iter().map(|n| kind_of_row(n, energy)).collect();
    if reader.file().points == 1 && !names.iter().any(|n| names_quantity(n)) {
        return Ok(None);
    }
    let of = |k: i32| usize::try_from(k).ok().and_then(|k| channels.get(k).copied().flatten());
    Ok(Some(runs.iter().flat_map(|(k, n)| std::iter::repeat_n(of(k), n as usize)).collect()))
}

/// Decodes rows that interleave meters and sorts them by meter.
fn sorted(reader: &RowGroup<'_>, file: &ReadingsFile, sorting: &Sorting) -> Result<Block> {
    let (ticks, per_second, utc) = reader.ticks()?;
    let (ticks, shared) = sorting.stamps(&ticks);
    let points = file.points;
    let mut block = Block { points, stamps: Stamps { ticks, per_second, utc }, shared, ..Block::default() };
    for channel in &file.channels {
        let column = rows_of_points(reader, &channel.leaves)?;
        let values = sorting.apply(&column.values, points);
        let nulls = column.nulls.map(|n| sorting.apply(&n, points));
        block.columns.push((channel.channel, Column { values, nulls }));
    }
    if let Some(leaf) = file.kind {
        block.row_channel = kinds_of_rows(reader, leaf)?.map(|kinds| sorting.apply(&kinds, 1));
    }
    if let Some(leaf) = file.multiplier {
        block.multiplier = Some(sorting.apply(&reader.numbers(leaf)?.values, 1));
    }
    Ok(block)
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

/// The meter of each row, −1 where the id is null.
pub(super) fn meters_of_rows(file: &ReadingsFile, group: usize, index: &Index) -> Result<Vec<i32>> {
    let (runs, names) = keys(file, group)?;
    let place: Vec<i32> = names.iter().map(|n| index.meters.binary_search(n).map_or(-1, |p| p as i32)).collect();
    let meter = |key: i32| usize::try_from(key).ok().and_then(|k| place.get(k).copied()).unwrap_or(-1);
    Ok(runs.iter().flat_map(|(key, n)| std::iter::repeat_n(meter(key), n as usize)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_cut_at_the_borders_of_wanted_meters() {
        let run = |meter, start, len| Run { meter, start, len };
        // Row 3 has no id; meter 7 comes twice; meter 8 is not wanted.
        let cut = Cut::new(&[run(7, 0, 3), run(8, 4, 2), run(7, 6, 4)], &|m| m == 7);
        let (mut seen, mut at) = (Vec::new(), (0, 0));
        for n in [2, 5, 3] {
            let start = at.0;
            cut.batch(&mut at, n, |b, part| seen.extend(part.map(|r| (b, start + r))));
        }
        assert_eq!(seen, [0, 1, 2, 6, 7, 8, 9].map(|row| (0, row)));
        assert_eq!((cut.rows, cut.meters), (vec![7], vec![(7, 0)]));
    }
}
