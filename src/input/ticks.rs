//! Stamps as runs of equal steps: a year of readings on time is one run, and nothing is looked at
//! row by row.

use std::collections::BTreeMap;

/// A row without a usable stamp.
pub const NO_STAMP: i64 = i64::MIN;

/// Differences that are looked at to find the usual step.
const SAMPLE: usize = 256;
/// Stamps that are compared at once.
const CHUNK: usize = 256;

/// Consecutive rows whose stamps are one step apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TickRun {
    /// First row.
    pub row: usize,
    /// Its stamp.
    pub first: i64,
    /// Rows.
    pub len: usize,
}

/// Counts since the epoch, one per row; [`NO_STAMP`] where a row has none.
#[derive(Debug, Clone, Default)]
pub struct Ticks {
    /// Difference within a run; 0 until two stamps are known.
    step: i64,
    /// First row and stamp of each run. Runs are as long as they can be.
    starts: Vec<(u32, i64)>,
    len: usize,
    /// The stamp that would go on with the last run.
    next: i64,
}

impl PartialEq for Ticks {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len
            && if self.step == other.step { self.starts == other.starts } else { self.iter().eq(other.iter()) }
    }
}

impl From<&[i64]> for Ticks {
    fn from(values: &[i64]) -> Self {
        let mut ticks = Self::default();
        ticks.extend(values);
        ticks
    }
}

impl Ticks {
    /// From the first row and stamp of each run.
    #[must_use]
    pub fn from_runs(step: i64, starts: Vec<(u32, i64)>, len: usize) -> Self {
        let next =
            starts.last().map_or(0, |(row, first)| first.wrapping_add(step.wrapping_mul(len as i64 - i64::from(*row))));
        Self { step, starts, len, next }
    }

    /// The same stamps as runs of another step.
    #[must_use]
    pub fn with_step(&self, step: i64) -> Self {
        let mut out = Self { step, ..Self::default() };
        let mut buffer = Vec::with_capacity(CHUNK);
        let mut values = self.iter();
        while out.len < self.len {
            buffer.clear();
            buffer.extend(values.by_ref().take(CHUNK));
            out.append(&buffer);
        }
        out
    }

    /// Adds rows.
    pub fn extend(&mut self, values: &[i64]) {
        if self.len < 2 {
            let before: Vec<i64> = self.iter().chain(values.iter().copied().take(SAMPLE)).collect();
            self.step = usual_step(&before);
            self.next = self.starts.last().map_or(0, |s| s.1.wrapping_add(self.step));
        }
        self.append(values);
    }

    fn append(&mut self, values: &[i64]) {
        for chunk in values.chunks(CHUNK) {
            if self.len == 0 || !self.goes_on(chunk) {
                for value in chunk {
                    self.push(*value);
                }
            }
        }
    }

    /// Takes in stamps that all go on with the last run; false when some do not.
    fn goes_on(&mut self, values: &[i64]) -> bool {
        let (Some(first), Some(last)) = (values.first(), values.last()) else { return true };
        let mut wrong = first ^ self.next;
        for pair in values.windows(2) {
            wrong |= pair[1].wrapping_sub(pair[0]) ^ self.step;
        }
        let on = wrong == 0 && self.step != 0;
        if on {
            self.len += values.len();
            self.next = last.wrapping_add(self.step);
        }
        on
    }

    fn push(&mut self, value: i64) {
        if self.len == 0 || value != self.next || self.step == 0 {
            self.starts.push((self.len as u32, value));
        }
        self.len += 1;
        self.next = value.wrapping_add(self.step);
    }

    /// Rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Difference of the stamps within a run.
    #[must_use]
    pub const fn step(&self) -> i64 {
        self.step
    }

    /// The runs, in the order of rows.
    pub fn runs(&self) -> impl Iterator<Item = TickRun> + '_ {
        let ends = self.starts.iter().skip(1).map(|s| s.0 as usize).chain([self.len]);
        self.starts.iter().zip(ends).map(|(s, end)| TickRun { row: s.0 as usize, first: s.1, len: end - s.0 as usize })
    }

    /// The run and its number when all rows are one run.
    #[must_use]
    pub fn only_run(&self) -> Option<TickRun> {
        if self.starts.len() == 1 { self.runs().next() } else { None }
    }

    /// The stamps, one per row.
    pub fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.iter_from(0)
    }

    /// The stamps from a row on.
    pub fn iter_from(&self, row: usize) -> impl Iterator<Item = i64> + '_ {
        let at = self.starts.partition_point(|s| s.0 as usize <= row).saturating_sub(1);
        let ends = self.starts.iter().skip(at + 1).map(|s| s.0 as usize).chain([self.len]);
        let step = self.step;
        self.starts.iter().skip(at).zip(ends).flat_map(move |(s, end)| {
            let start = s.0 as usize;
            (start.max(row)..end).map(move |r| s.1.wrapping_add(step.wrapping_mul((r - start) as i64)))
        })
    }

    /// The stamps of some rows.
    #[must_use]
    pub fn slice(&self, rows: std::ops::Range<usize>) -> Self {
        let mut out = Self { step: self.step, ..Self::default() };
        let from = self.starts.partition_point(|s| s.0 as usize <= rows.start).saturating_sub(1);
        for run in self.runs().skip(from).take_while(|r| r.row < rows.end) {
            let (start, end) = (run.row.max(rows.start), (run.row + run.len).min(rows.end));
            if start < end {
                let first = run.first.wrapping_add(self.step.wrapping_mul((start - run.row) as i64));
                out.starts.push(((start - rows.start) as u32, first));
                out.len = end - rows.start;
                out.next = first.wrapping_add(self.step.wrapping_mul((end - start) as i64));
            }
        }
        out
    }

    /// Whether other rows go on where these end, in the same step.
    #[must_use]
    pub fn go_on_in(&self, other: &Self) -> bool {
        let on = other.starts.first().is_some_and(|(_, first)| *first == self.next);
        on && self.len > 1 && self.step > 0 && (other.len == 1 || other.step == self.step)
    }

    /// Adds the rows of another.
    pub fn append_all(&mut self, other: &Self) {
        if self.is_empty() {
            *self = other.clone();
            return;
        }
        let same = self.step == other.step && self.len > 1;
        for run in other.runs() {
            if same {
                if run.first != self.next {
                    self.starts.push((self.len as u32, run.first));
                }
                self.len += run.len;
                self.next = run.first.wrapping_add(self.step.wrapping_mul(run.len as i64));
            } else {
                let values: Vec<i64> = other.iter_from(run.row).take(run.len).collect();
                self.extend(&values);
            }
        }
    }
}

/// The most frequent positive difference of successive stamps; 0 when there is none.
fn usual_step(values: &[i64]) -> i64 {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for pair in values.windows(2).filter(|p| p[0] != NO_STAMP && p[1] > p[0]) {
        *counts.entry(pair[1].wrapping_sub(pair[0])).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(step, n)| (*n, std::cmp::Reverse(*step))).map_or(0, |(step, _)| step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_year_on_time_is_one_run() {
        let values: Vec<i64> = (0..35_040).map(|i| i * 900).collect();
        let mut ticks = Ticks::from(&values[..1]);
        ticks.extend(&values[1..10]);
        ticks.extend(&values[10..]);
        assert_eq!(ticks.only_run(), Some(TickRun { row: 0, first: 0, len: 35_040 }));
        assert_eq!(ticks.step(), 900);
    }

    #[test]
    fn gaps_repeats_and_lost_stamps_make_runs_shorter() {
        let ticks = Ticks::from([0, 900, 1800, 3600, 3600, 4500, NO_STAMP, NO_STAMP, 0].as_slice());
        let runs: Vec<(usize, i64, usize)> = ticks.runs().map(|r| (r.row, r.first, r.len)).collect();
        assert_eq!(runs, [(0, 0, 3), (3, 3600, 1), (4, 3600, 2), (6, NO_STAMP, 1), (7, NO_STAMP, 1), (8, 0, 1)]);
    }

    proptest! {
        #[test]
        fn hold_what_they_were_given(
            steps in prop::collection::vec(prop::sample::select(vec![900i64, 900, 900, 900, 0, 1800, -900, 7]), 0..900),
            cut in 0..900usize,
            from in 0..900usize,
        ) {
            let values: Vec<i64> = steps.iter().scan(1_000_000, |t, s| { *t += s; Some(*t) }).collect();
            let cut = cut.min(values.len());
            let mut ticks = Ticks::from(&values[..cut]);
            ticks.extend(&values[cut..]);
            prop_assert_eq!(ticks.iter().collect::<Vec<_>>(), values.clone());
            prop_assert_eq!(ticks.runs().map(|r| r.len).sum::<usize>(), values.len());
            prop_assert!(ticks.with_step(1800) == ticks);
            let from = from.min(values.len());
            prop_assert_eq!(ticks.iter_from(from).collect::<Vec<_>>(), &values[from..]);
            let (a, b) = (from.min(cut), from.max(cut));
            prop_assert_eq!(ticks.slice(a..b).iter().collect::<Vec<_>>(), &values[a..b]);
            let mut joined = ticks.slice(0..a);
            joined.append_all(&ticks.slice(a..values.len()));
            prop_assert_eq!(joined.iter().collect::<Vec<_>>(), values);
            let longest = ticks.with_step(900);
            for pair in longest.runs().collect::<Vec<_>>().windows(2) {
                prop_assert!(pair[1].first != pair[0].first + 900 * pair[0].len as i64, "runs are maximal");
            }
        }
    }
}
