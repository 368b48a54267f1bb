//! What was seen while rows were placed on the grid.

use std::ops::Range;
use std::sync::Arc;

/// Counts of rows; facts that do not depend on the order in which rows came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Placement {
    /// Rows with an active-power cell, null or not.
    pub rows: u32,
    /// Surplus rows: copies of an interval beyond the first.
    pub duplicates: u32,
    /// Intervals whose copies disagree.
    pub conflicts: u32,
    /// Rows whose stamp is not on the grid of the interval.
    pub off_grid: u32,
    /// Rows of a longer interval than the meter's, spread over the intervals that they cover.
    pub coarser: u32,
    /// Usable readings of a meter that were averaged because another feed has longer intervals alone.
    pub averaged: u32,
    /// Rows labelled in the hour that a spring clock change leaves out.
    pub in_absent_hour: u32,
    /// Rows without a stamp, or with one outside 1990 to 2069.
    pub bad_stamps: u32,
    /// NaN readings.
    pub nan: u32,
    /// Infinite readings.
    pub infinite: u32,
    /// Null readings.
    pub null: u32,
    /// Cells of the export channel that cannot be used.
    pub export: ChannelCounts,
    /// Cells of the reactive channels that cannot be used.
    pub reactive: ChannelCounts,
    /// Intervals whose import is known and whose export is not, of a meter that exports.
    pub export_unknown: u32,
    /// Readings outside the times in which the register says that the meter counts.
    pub outside_validity: u32,
}

/// What was seen of one meter of several that make a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MeterFacts {
    /// The meter.
    pub meter: Arc<str>,
    /// Its rows.
    pub placement: Placement,
    /// Spans in UTC seconds in which the meter counts and has no usable reading, ascending.
    pub missing: Vec<Range<i64>>,
    /// Why it is in no sum, where none of its readings can be used.
    pub unusable: Option<String>,
}

/// Cells of a secondary channel that cannot be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChannelCounts {
    /// NaN.
    pub nan: u32,
    /// Infinite.
    pub infinite: u32,
    /// Null.
    pub null: u32,
    /// Intervals whose copies disagree.
    pub conflicts: u32,
}

impl ChannelCounts {
    /// Adds the counts of another channel.
    #[must_use]
    pub const fn plus(self, o: Self) -> Self {
        Self {
            nan: self.nan + o.nan,
            infinite: self.infinite + o.infinite,
            null: self.null + o.null,
            conflicts: self.conflicts + o.conflicts,
        }
    }
}

impl Placement {
    /// All rows that were seen, those that were not placed included.
    #[must_use]
    pub const fn rows_in_all(&self) -> u32 {
        self.rows + self.off_grid + self.in_absent_hour + self.bad_stamps
    }

    /// Adds the counts of another meter.
    #[must_use]
    pub const fn plus(self, o: Self) -> Self {
        Self {
            rows: self.rows + o.rows,
            duplicates: self.duplicates + o.duplicates,
            conflicts: self.conflicts + o.conflicts,
            off_grid: self.off_grid + o.off_grid,
            coarser: self.coarser + o.coarser,
            averaged: self.averaged + o.averaged,
            in_absent_hour: self.in_absent_hour + o.in_absent_hour,
            bad_stamps: self.bad_stamps + o.bad_stamps,
            nan: self.nan + o.nan,
            infinite: self.infinite + o.infinite,
            null: self.null + o.null,
            export: self.export.plus(o.export),
            reactive: self.reactive.plus(o.reactive),
            export_unknown: self.export_unknown + o.export_unknown,
            outside_validity: self.outside_validity + o.outside_validity,
        }
    }
}
