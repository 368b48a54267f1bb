//! Rows that interleave meters, sorted by meter: their order within each is kept.

use super::ticks::Ticks;
use std::ops::Range;

/// Laps whose values are moved together: they fill a cache line of each meter's values.
const LAPS: usize = 8;

/// How the rows of a row group are sorted.
#[derive(Debug)]
pub struct Sorting {
    /// Each meter's rows after it, ascending.
    pub ranges: Vec<(u32, Range<usize>)>,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// Rows in laps of the same meters: for each place in a lap, where the meter's rows begin.
    Laps(Vec<usize>),
    /// Each row's place, [`u32::MAX`] where it has no meter.
    Rows(Vec<u32>),
}

impl Sorting {
    /// Of `rows` that repeat a list of different meters, the last time not always to its end.
    #[must_use]
    pub fn of_cycle(meters: &[u32], rows: usize) -> Self {
        let width = meters.len().max(1);
        let (laps, over) = (rows / width, rows % width);
        let mut order: Vec<(u32, usize)> = meters.iter().copied().zip(0..).collect();
        order.sort_unstable();
        let mut ranges = Vec::with_capacity(order.len());
        let mut starts = vec![0; meters.len()];
        let mut start = 0;
        for (meter, place) in order {
            let rows = laps + usize::from(place < over);
            starts[place] = start;
            if rows > 0 {
                ranges.push((meter, start..start + rows));
            }
            start += rows;
        }
        Self { ranges, way: Way::Laps(starts) }
    }

    /// Of rows by their meters, −1 where they have none.
    #[must_use]
    pub fn of_rows(meters: &[i32]) -> Self {
        let last = meters.iter().copied().max().unwrap_or(0).max(0) as usize;
        let mut counts = vec![0u32; last + 2];
        for m in meters.iter().filter(|m| **m >= 0) {
            counts[*m as usize + 1] += 1;
        }
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
        Self { ranges, way: Way::Rows(target) }
    }

    /// Values in their new order, `points` of each row.
    #[must_use]
    pub fn apply<T: Copy + Default>(&self, values: &[T], points: usize) -> Vec<T> {
        let mut out = vec![T::default(); self.ranges.last().map_or(0, |r| r.1.end) * points];
        match &self.way {
            Way::Laps(starts) => by_laps(values, starts, points, &mut out),
            Way::Rows(target) => {
                for (row, t) in values.chunks_exact(points).zip(target) {
                    if let Some(slot) = out.get_mut(*t as usize * points..(*t as usize + 1) * points) {
                        slot.copy_from_slice(row);
                    }
                }
            }
        }
        out
    }

    /// The stamps of rows in their new order; one sequence alone, and true, where all meters have the same,
    /// as most have.
    #[must_use]
    pub fn stamps(&self, ticks: &[i64]) -> (Ticks, bool) {
        if let Way::Laps(starts) = &self.way
            && !starts.is_empty()
            && ticks.len() % starts.len() == 0
        {
            let laps = || ticks.chunks_exact(starts.len());
            if laps().all(|lap| lap.iter().fold(0, |differ, t| differ | (t ^ lap[0])) == 0) {
                let of_laps: Vec<i64> = laps().map(|lap| lap[0]).collect();
                return (Ticks::from(of_laps.as_slice()), true);
            }
        }
        let ticks = self.apply(ticks, 1);
        let Some((_, first)) = self.ranges.first() else { return (Ticks::default(), false) };
        let first = &ticks[first.clone()];
        let same = self.ranges.iter().all(|(_, r)| r.len() == first.len() && ticks[r.clone()] == *first);
        (Ticks::from(if same { first } else { &ticks }), same)
    }
}

/// Moves values that lie lap by lap to where each meter's begin.
fn by_laps<T: Copy>(values: &[T], starts: &[usize], points: usize, out: &mut [T]) {
    let width = starts.len() * points;
    let laps = values.len() / width.max(1);
    let whole = laps - laps % LAPS;
    let mut lap = 0;
    while lap < whole && points == 1 {
        let tile = &values[lap * width..(lap + LAPS) * width];
        for (place, start) in starts.iter().enumerate() {
            let to = &mut out[start + lap..start + lap + LAPS];
            for (k, to) in to.iter_mut().enumerate() {
                *to = tile[k * width + place];
            }
        }
        lap += LAPS;
    }
    for (lap, rows) in values.chunks(width.max(1)).enumerate().skip(lap) {
        for (row, start) in rows.chunks_exact(points).zip(starts) {
            let to = (start + lap) * points;
            out[to..to + points].copy_from_slice(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_sort_by_meter_and_share_their_stamps() {
        let sorting = Sorting::of_rows(&[5, 2, -1, 5, 2]);
        assert_eq!(sorting.ranges, [(2, 0..2), (5, 2..4)]);
        assert_eq!(sorting.apply(&[1.0, 2.0, 9.0, 3.0, 4.0], 1), [2.0, 4.0, 1.0, 3.0]);
        let (ticks, shared) = sorting.stamps(&[0, 0, 9, 900, 900]);
        assert!(shared);
        assert_eq!(ticks.iter().collect::<Vec<_>>(), [0, 900]);
    }

    proptest! {
        #[test]
        fn laps_are_sorted_as_single_rows_are(
            meters in prop::collection::btree_set(0..50u32, 1..12),
            turn in 0..12usize,
            rows in 1..300usize,
            points in 1..4usize,
            aligned in any::<bool>(),
        ) {
            let mut meters: Vec<u32> = meters.into_iter().collect();
            let n = meters.len();
            meters.rotate_left(turn % n);
            let rows = if aligned { rows.next_multiple_of(n) } else { rows };
            let of_rows: Vec<i32> = meters.iter().cycle().take(rows).map(|m| *m as i32).collect();
            let (laps, single) = (Sorting::of_cycle(&meters, rows), Sorting::of_rows(&of_rows));
            prop_assert_eq!(&laps.ranges, &single.ranges);
            let values: Vec<usize> = (0..rows * points).collect();
            prop_assert_eq!(laps.apply(&values, points), single.apply(&values, points));
            for shift in [0, 1] {
                let stamps: Vec<i64> = (0..rows).map(|r| ((r + shift) / n * 900) as i64).collect();
                prop_assert_eq!(laps.stamps(&stamps), single.stamps(&stamps));
            }
        }
    }
}
