//! Export and reactive power of one meter while rows are placed.

use super::grid::scaled_copy;
use crate::curve::{ChannelCounts, all_finite};

/// A secondary quantity: NaN where nothing was placed.
#[derive(Debug, Default)]
pub struct Extra {
    values: Option<Vec<f64>>,
    /// First interval that nothing was placed on or after.
    filled_to: usize,
    conflicts: Vec<u32>,
    /// Intervals of rows whose cell is null; another copy may have a value.
    nulls: Vec<u32>,
    /// The same where it is NaN or infinite.
    no_numbers: Vec<u32>,
    /// Every interval has a finite value.
    complete: bool,
    /// Intervals where later values give way; empty while none do.
    taken: Vec<bool>,
    counts: ChannelCounts,
}

impl Extra {
    /// Finite values of all intervals.
    pub fn whole(values: Vec<f64>) -> Self {
        Self { filled_to: values.len(), values: Some(values), complete: true, ..Self::default() }
    }

    /// The values; NaN where none was placed.
    pub fn values(&self) -> Option<&[f64]> {
        self.values.as_deref()
    }

    /// Whether every interval has a finite value.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// First interval that nothing was placed on or after.
    pub const fn filled_to(&self) -> usize {
        self.filled_to
    }

    /// What was seen so far.
    pub const fn counts(&self) -> ChannelCounts {
        self.counts
    }

    /// From here on a value gives way where one stands already.
    pub fn give_way(&mut self) {
        self.taken = self.values.as_ref().map_or_else(Vec::new, |v| v.iter().map(|v| !v.is_nan()).collect());
    }

    /// Places consecutive values on an axis of `n` intervals.
    pub fn put(&mut self, n: usize, index: usize, values: &[f64], nulls: Option<&[bool]>, factor: f64) {
        let target = self.values.get_or_insert_with(|| vec![f64::NAN; n]);
        self.complete = false;
        let end = index + values.len();
        let fresh = index >= self.filled_to;
        self.filled_to = self.filled_to.max(end);
        let finite = all_finite(values);
        if fresh && finite && nulls.is_none_or(|n| !n.contains(&true)) {
            scaled_copy(&mut target[index..end], values, factor);
            return;
        }
        for (k, value) in values.iter().enumerate() {
            let at = index + k;
            if self.taken.get(at) == Some(&true) {
                continue;
            }
            let value = value * factor;
            let null = nulls.is_some_and(|n| n[k]);
            if null || !value.is_finite() {
                if null { &mut self.nulls } else { &mut self.no_numbers }.push(at as u32);
                let counts = &mut self.counts;
                let counter = match (null, value.is_nan()) {
                    (true, _) => &mut counts.null,
                    (false, true) => &mut counts.nan,
                    (false, false) => &mut counts.infinite,
                };
                *counter += 1;
                continue;
            }
            let cell = &mut target[at];
            if cell.is_nan() {
                *cell = value;
            } else if *cell == 0.0 && value == 0.0 {
                *cell = 0.0;
            } else if *cell != value {
                self.conflicts.push(at as u32);
            }
        }
    }

    /// Takes out the values whose copies disagree, whichever came first; no value is placed after.
    pub fn clear_conflicts(&mut self) {
        for indices in [&mut self.conflicts, &mut self.no_numbers] {
            indices.sort_unstable();
            indices.dedup();
        }
        self.counts.conflicts = self.conflicts.len() as u32;
        if let Some(values) = &mut self.values {
            for c in &self.conflicts {
                values[*c as usize] = f64::NAN;
            }
        }
    }

    /// Whether copies of an interval disagree, and whether one is no number.
    pub fn faults_at(&self, index: usize) -> (bool, bool) {
        let Ok(index) = u32::try_from(index) else { return (false, false) };
        (self.conflicts.binary_search(&index).is_ok(), self.no_numbers.binary_search(&index).is_ok())
    }

    /// Intervals of which a row is there but no value can be used, ascending; none when the quantity has
    /// no value at all: a column that another meter of the file needs.
    pub fn unknown(&self) -> Vec<usize> {
        let seen = [&self.nulls, &self.no_numbers, &self.conflicts];
        let Some(values) = self.values.as_ref().filter(|_| seen.iter().any(|s| !s.is_empty())) else {
            return Vec::new();
        };
        if values.iter().all(|v| v.is_nan()) && self.conflicts.is_empty() {
            return Vec::new();
        }
        let mut out: Vec<usize> = seen.into_iter().flatten().map(|i| *i as usize).collect();
        out.sort_unstable();
        out.dedup();
        out.retain(|i| values.get(*i).is_some_and(|v| v.is_nan()));
        out
    }

    /// The values, 0 where unknown.
    pub fn finish(self) -> Option<Vec<f64>> {
        let mut values = self.values?;
        for v in values.iter_mut().filter(|_| !self.complete) {
            if !v.is_finite() {
                *v = 0.0;
            }
        }
        Some(values)
    }
}
