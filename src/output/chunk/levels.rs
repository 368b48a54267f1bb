//! Which values are there, and where lists start: levels as runs, in Parquet's run-length and bit-packing hybrid.

use super::bits::{pack, varint};
use arrow::array::{Array, ArrayRef, AsArray, ListArray};
use arrow::buffer::NullBuffer;
use parquet::schema::types::ColumnDescPtr;
use std::sync::Arc;

/// The values of a column, of all its lists where it has lists.
pub fn leaf(part: &ArrayRef) -> ArrayRef {
    let Some(lists) = part.as_list_opt::<i32>() else { return Arc::clone(part) };
    let ends = lists.value_offsets();
    let (start, end) = (ends[0] as usize, ends[lists.len()] as usize);
    lists.values().slice(start, end - start)
}

/// Appends the levels of a page; how many of them.
pub fn put(parts: &[&ArrayRef], of: &ColumnDescPtr, out: &mut Vec<u8>) -> usize {
    let mut levels = Levels::default();
    for part in parts {
        match part.as_list_opt() {
            Some(lists) => levels.add_lists(lists),
            None => levels.add_nulls(part.nulls(), part.len(), of.max_def_level() as u32),
        }
    }
    for (runs, max) in [(&levels.starts, of.max_rep_level()), (&levels.there, of.max_def_level())] {
        if max > 0 {
            let packed = hybrid(runs.iter().copied(), width(max as u32));
            out.extend((packed.len() as u32).to_le_bytes());
            out.extend(packed);
        }
    }
    levels.there.iter().map(|r| r.0).sum()
}

/// Runs of levels.
#[derive(Default)]
struct Levels {
    starts: Vec<(usize, u32)>,
    there: Vec<(usize, u32)>,
}

impl Levels {
    /// Values at their highest level, nulls at the one below.
    fn add_nulls(&mut self, nulls: Option<&NullBuffer>, n: usize, there: u32) {
        let Some(nulls) = nulls.filter(|n| n.null_count() > 0) else { return extend(&mut self.there, n, there) };
        let mut done = 0;
        for (start, end) in nulls.valid_slices() {
            extend(&mut self.there, start - done, there - 1);
            extend(&mut self.there, end - start, there);
            done = end;
        }
        extend(&mut self.there, n - done, there - 1);
    }

    /// Lists that may be null, of values that may be null: a null list at 0, an empty one at 1.
    fn add_lists(&mut self, lists: &ListArray) {
        let nulls = lists.values().nulls().filter(|n| n.null_count() > 0);
        for (row, ends) in lists.value_offsets().windows(2).enumerate() {
            let (start, n) = (ends[0] as usize, (ends[1] - ends[0]) as usize);
            extend(&mut self.starts, 1, 0);
            match (lists.is_null(row), n) {
                (true, _) => extend(&mut self.there, 1, 0),
                (false, 0) => extend(&mut self.there, 1, 1),
                (false, n) => {
                    extend(&mut self.starts, n - 1, 1);
                    self.add_nulls(nulls.map(|v| v.slice(start, n)).as_ref(), n, 3);
                }
            }
        }
    }
}

/// Lengthens runs by `n` equal values.
pub fn extend<T: PartialEq>(runs: &mut Vec<(usize, T)>, n: usize, value: T) {
    match runs.last_mut() {
        Some((length, last)) if *last == value => *length += n,
        _ if n == 0 => {}
        _ => runs.push((n, value)),
    }
}

/// Bits that hold numbers up to `max`.
pub fn width(max: u32) -> u32 {
    u32::BITS - max.leading_zeros()
}

/// Runs of keys of `width` bits in Parquet's run-length and bit-packing hybrid: every run by its length, or all
/// keys packed when that is shorter.
pub fn hybrid(runs: impl Iterator<Item = (usize, u32)> + Clone, width: u32) -> Vec<u8> {
    let mut out = Vec::new();
    for (length, key) in runs.clone() {
        varint(&mut out, (length as u64) << 1);
        out.extend(&key.to_le_bytes()[..width.div_ceil(8) as usize]);
    }
    let keys: usize = runs.clone().map(|r| r.0).sum();
    let groups = keys.div_ceil(8);
    if out.len() <= groups * width as usize {
        return out;
    }
    out.clear();
    varint(&mut out, (groups as u64) << 1 | 1);
    let each = runs.flat_map(|(n, key)| std::iter::repeat_n(u64::from(key), n));
    pack(each.chain(std::iter::repeat(0)), groups * 8, width, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], width: u32, n: usize) -> Vec<u32> {
        let (mut at, mut out) = (0, Vec::new());
        while out.len() < n {
            let (mut header, mut shift) = (0_u64, 0);
            loop {
                let byte = bytes[at];
                at += 1;
                header |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            let bit = |i: usize| u32::from(bytes[at + i / 8] >> (i % 8) & 1);
            let packed =
                |k: usize, width: u32| -> u32 { (0..width).map(|b| bit(k * width as usize + b as usize) << b).sum() };
            if header & 1 == 1 {
                let keys = (header >> 1) as usize * 8;
                out.extend((0..keys).map(|k| packed(k, width)));
                at += keys / 8 * width as usize;
            } else {
                let bytes = width.div_ceil(8);
                out.extend(std::iter::repeat_n(packed(0, bytes * 8), (header >> 1) as usize));
                at += bytes as usize;
            }
        }
        out.truncate(n);
        out
    }

    #[test]
    fn runs_and_packed_keys_say_the_same() {
        for (lengths, width) in [(vec![500, 3, 70_000], 2), (vec![1; 77], 3), (vec![2, 1, 3, 1], 9), (vec![9], 1)] {
            let runs: Vec<(usize, u32)> =
                lengths.iter().zip((0..).map(|k| k * 5 % (1 << width))).map(|(n, k)| (*n, k)).collect();
            let keys: Vec<u32> = runs.iter().flat_map(|r| std::iter::repeat_n(r.1, r.0)).collect();
            let bytes = hybrid(runs.iter().copied(), width);
            assert_eq!(decoded(&bytes, width, keys.len()), keys);
            assert!(bytes.len() <= 12 + keys.len().div_ceil(8) * width as usize, "{lengths:?}: {}", bytes.len());
        }
        assert!(hybrid([(1_000_000, 1)].into_iter(), 1).len() < 6, "a long run costs nothing");
    }
}
