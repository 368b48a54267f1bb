//! Readings of any form rewritten in the form that is read fastest.

use super::Progress;
use crate::error::{Error, Result};
use crate::input::block::Segment;
use crate::input::columns::{Channel, Role};
use crate::input::decode::Column;
use crate::input::file::{IdSource, StampSource};
use crate::input::labels::wide_labels;
use crate::input::ticks::NO_STAMP;
use crate::input::{InputOptions, Readings};
use crate::output::{MeterRows, OutDirectory, ReadingsWriter, Shape};
use arrow::datatypes::TimeUnit;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What was written.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The files and their rows.
    pub files: Vec<(PathBuf, u64)>,
    /// Rows read; a wide row is one.
    pub rows: u64,
    /// Bytes of the files read.
    pub bytes_read: u64,
    /// Meters that could not be read, and why.
    pub failed: Vec<(String, String)>,
}

/// Rewrites readings into `out`, on the current thread pool. Every row stays, in the order of time within a
/// meter; the same options give the same tables from the copy as from the original.
///
/// # Errors
/// When nothing could be read or `out` cannot be written.
pub fn convert(
    inputs: &[String],
    options: InputOptions,
    (out, force): (&Path, bool),
    progress: &dyn Progress,
) -> Result<Converted> {
    let mut readings = Readings::open(inputs, options)?;
    let directory = OutDirectory::create(out, force)?;
    readings.options.scratch = Some(directory.path().to_owned());
    let lists: Vec<Vec<u32>> = (0..readings.meters().len() as u32).map(|m| vec![m]).collect();
    let turns = readings.turns(&lists);
    let base = Base::of(&readings);
    let queue = Mutex::new(Queue {
        writer: ReadingsWriter::new(directory.path()),
        waiting: BTreeMap::new(),
        next: 0,
        failed: Vec::new(),
        error: None,
    });
    progress.start(readings.rows());
    readings.for_each_customer(
        &lists,
        |meter, segments| {
            let shapes = segments.map(|s| base.shapes(&s));
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.put(turns[meter], (meter, shapes), &readings);
        },
        |rows| progress.advance(rows),
    );
    let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = queue.error {
        return Err(error);
    }
    let files = queue.writer.finish()?;
    let rows = readings.rows();
    let bytes_read = readings.files.iter().filter_map(|f| std::fs::metadata(&f.path).ok()).map(|m| m.len()).sum();
    let out = directory.finish()?;
    let moved = |(path, rows): (PathBuf, u64)| (path.file_name().map_or_else(|| out.clone(), |n| out.join(n)), rows);
    Ok(Converted { files: files.into_iter().map(moved).collect(), rows, bytes_read, failed: queue.failed })
}

/// A meter's rows by shape, or why it could not be read.
type Shapes = std::result::Result<Vec<(Shape, MeterRows)>, String>;

/// Meters in the order in which their last rows come, whatever thread is first.
struct Queue {
    writer: ReadingsWriter,
    waiting: BTreeMap<usize, (usize, Shapes)>,
    next: usize,
    failed: Vec<(String, String)>,
    /// The first error that ends the run: a full disk, not a bad meter.
    error: Option<Error>,
}

impl Queue {
    fn put(&mut self, turn: usize, meter: (usize, Shapes), readings: &Readings) {
        self.waiting.insert(turn, meter);
        while let Some((meter, shapes)) = self.waiting.remove(&self.next) {
            self.next += 1;
            let Some(key) = readings.meters().get(meter) else { continue };
            match shapes {
                Err(reason) => self.failed.push((key.meter.to_string(), reason)),
                Ok(shapes) => {
                    for (shape, rows) in shapes {
                        if let Err(e) = self.writer.put(key, &shape, &rows) {
                            self.error.get_or_insert(e);
                        }
                    }
                }
            }
        }
    }
}

/// What all meters have in common.
struct Base<'a> {
    options: &'a InputOptions,
    unit: TimeUnit,
    per_second: i64,
    customer: bool,
    meter: bool,
}

impl<'a> Base<'a> {
    fn of(readings: &'a Readings) -> Self {
        let per_second = |s: &StampSource| if let StampSource::Ticks { per_second, .. } = s { *per_second } else { 1 };
        let finest = readings.files.iter().map(|f| per_second(&f.stamp)).max().unwrap_or(1);
        let (unit, per_second) = match finest {
            1 | 1_000 => (TimeUnit::Millisecond, 1_000),
            1_000_000 => (TimeUnit::Microsecond, 1_000_000),
            _ => (TimeUnit::Nanosecond, 1_000_000_000),
        };
        Self {
            options: &readings.options,
            unit,
            per_second,
            customer: readings.files.iter().any(|f| matches!(f.id, IdSource::Pair(..))),
            meter: readings.files.iter().any(|f| f.id_role == Role::Meter),
        }
    }

    /// A meter's rows as long rows in the order of time, by shape.
    fn shapes(&self, meters: &[(u32, Vec<Segment>)]) -> Vec<(Shape, MeterRows)> {
        let mut out: Vec<(Shape, MeterRows)> = Vec::new();
        for segment in meters.iter().flat_map(|m| &m.1) {
            let block = &segment.block;
            let kinds: Vec<Option<Option<Channel>>> = match &block.row_channel {
                None => vec![None],
                Some(kinds) => {
                    let mut here: Vec<Option<Channel>> = kinds[segment.rows.clone()].to_vec();
                    here.sort_unstable();
                    here.dedup();
                    here.into_iter().filter(Option::is_some).map(Some).collect()
                }
            };
            for kind in kinds {
                let channels = match kind {
                    Some(kind) => kind.into_iter().collect(),
                    None => block.columns.iter().map(|c| c.0).collect(),
                };
                let shape = Shape {
                    channels,
                    unit: self.unit,
                    utc: block.stamps.utc,
                    multiplier: block.multiplier.is_some(),
                    customer: self.customer,
                    meter: self.meter,
                };
                let at = out.iter().position(|o| o.0 == shape).unwrap_or_else(|| {
                    let values = vec![Column::default(); shape.channels.len()];
                    out.push((shape, MeterRows { values, ..MeterRows::default() }));
                    out.len() - 1
                });
                out.iter_mut().skip(at).take(1).for_each(|o| self.add(&mut o.1, segment, kind.flatten()));
            }
        }
        for (_, rows) in &mut out {
            in_time_order(rows);
        }
        out
    }

    /// Adds a segment's rows, those of one kind where rows have kinds.
    fn add(&self, to: &mut MeterRows, segment: &Segment, kind: Option<Channel>) {
        let (block, points) = (&segment.block, segment.block.points);
        let scale = self.per_second / segment.per_second();
        let usable = |t: i64| if t == NO_STAMP { None } else { t.checked_mul(scale) };
        for (row, tick) in segment.rows.clone().zip(segment.ticks().iter()) {
            if block.row_channel.as_ref().is_some_and(|k| k[row] != kind) {
                continue;
            }
            if points == 1 {
                to.stamps.push(usable(tick));
            } else {
                let labels = wide_labels(tick.div_euclid(segment.per_second()), points, self.options);
                let of = |label: i64| if tick == NO_STAMP { None } else { label.checked_mul(self.per_second) };
                to.stamps.extend(labels.map(of));
            }
            let cells = row * points..(row + 1) * points;
            for (to, (_, from)) in to.values.iter_mut().zip(&block.columns) {
                let nulls = from.nulls.as_ref().map(|n| &n[cells.clone()]).filter(|n| n.contains(&true));
                to.extend(&from.values[cells.clone()], nulls);
            }
            if let Some(multiplier) = &block.multiplier {
                to.multiplier.extend(std::iter::repeat_n(multiplier[row], points));
            }
        }
    }
}

/// Sorts rows by their stamps. Equal stamps may be the two passes of a repeated hour: of rows in the order
/// of time or exactly reversed they keep their order in time, else the smaller value comes first, which
/// is how they would be told apart unsorted.
fn in_time_order(rows: &mut MeterRows) {
    let (mut up, mut down) = (0usize, 0usize);
    for pair in rows.stamps.windows(2) {
        up += usize::from(pair[1] > pair[0]);
        down += usize::from(pair[1] < pair[0]);
    }
    if down == 0 {
        return;
    }
    let mut order: Vec<usize> = (0..rows.stamps.len()).collect();
    if up * 20 <= up + down {
        order.reverse();
    } else if down * 20 > up + down {
        let first = |i: usize| rows.values.first().map_or(0.0, |c| c.values[i]);
        order.sort_by(|a, b| first(*a).total_cmp(&first(*b)));
    }
    order.sort_by_key(|i| rows.stamps[*i]);
    rows.stamps = order.iter().map(|i| rows.stamps[*i]).collect();
    for column in &mut rows.values {
        column.values = order.iter().map(|i| column.values[*i]).collect();
        column.nulls = column.nulls.take().map(|n| order.iter().map(|i| n[*i]).collect());
    }
    if !rows.multiplier.is_empty() {
        rows.multiplier = order.iter().map(|i| rows.multiplier[*i]).collect();
    }
}
