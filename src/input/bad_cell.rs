//! Cells that cannot be read: each costs its meter, not its row group.

use super::block::meters_of_rows;
use super::file::ReadingsFile;
use super::index::{GroupIndex, Index, RowOrder};
use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// A cell that cannot be read.
#[derive(Debug)]
pub struct BadCell {
    /// Row of the row group.
    pub row: usize,
    /// Where it is, what it holds and the cure.
    pub error: Error,
}

/// The first bad cell of each meter that has one and is wanted.
///
/// # Errors
/// When an id column is damaged.
pub fn first_of_meters(
    bad: Vec<BadCell>,
    (file, place, index): (&ReadingsFile, &GroupIndex, &Index),
    wanted: &dyn Fn(u32) -> bool,
) -> Result<BTreeMap<u32, String>> {
    let mut failed = BTreeMap::new();
    if bad.is_empty() {
        return Ok(failed);
    }
    let of_rows = match &place.order {
        RowOrder::Runs(_) | RowOrder::Cycle(_) => Vec::new(),
        RowOrder::Interleaved(_) => meters_of_rows(file, place.group, index)?,
    };
    let meter = |row: usize| match &place.order {
        RowOrder::Runs(runs) => {
            let next = runs.partition_point(|r| r.start as usize <= row);
            let run = next.checked_sub(1).and_then(|r| runs.get(r))?;
            (row < run.start as usize + run.len as usize).then_some(run.meter)
        }
        RowOrder::Cycle(meters) => meters.get(row % meters.len().max(1)).copied(),
        RowOrder::Interleaved(_) => of_rows.get(row).and_then(|m| u32::try_from(*m).ok()),
    };
    for cell in bad {
        if let Some(meter) = meter(cell.row).filter(|m| wanted(*m)) {
            failed.entry(meter).or_insert_with(|| cell.error.to_string());
        }
    }
    Ok(failed)
}
