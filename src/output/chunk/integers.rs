//! Whole numbers as packed differences (DELTA_BINARY_PACKED): of each block the least difference, and for each
//! quarter of it the bits that what is above that needs.

use super::bits::{pack, varint, zigzag};
use super::present;
use arrow::array::ArrayRef;
use arrow::datatypes::{ArrowPrimitiveType, Date32Type, TimestampMicrosecondType};
use parquet::file::statistics::Statistics;

/// Parts of a block that have a width of their own.
const QUARTERS: usize = 4;
/// Most values of a block.
const BLOCK: usize = QUARTERS * 64;

/// A whole number of a column.
pub trait Whole: Copy + Ord {
    /// Values of a quarter of a block: as many as numbers of this size have bits.
    const QUARTER: usize;
    /// In 64 bits.
    fn wide(self) -> i64;
    /// The difference to the number before, in the bits of the column.
    fn since(self, before: i64) -> i64;
}

impl Whole for i32 {
    const QUARTER: usize = 32;
    fn wide(self) -> i64 {
        self.into()
    }
    fn since(self, before: i64) -> i64 {
        self.wrapping_sub(before as i32).into()
    }
}

impl Whole for i64 {
    const QUARTER: usize = 64;
    fn wide(self) -> i64 {
        self
    }
    fn since(self, before: i64) -> i64 {
        self.wrapping_sub(before)
    }
}

/// Decimals of up to 18 digits, which Parquet keeps in 64 bits.
impl Whole for i128 {
    const QUARTER: usize = 64;
    fn wide(self) -> i64 {
        self as i64
    }
    fn since(self, before: i64) -> i64 {
        self.wide().wrapping_sub(before)
    }
}

/// Appends the values that are there.
pub fn put<T: ArrowPrimitiveType<Native: Whole>>(parts: &[ArrayRef], out: &mut Vec<u8>) {
    let n: usize = present::<T>(parts).map(<[_]>::len).sum();
    let first = present::<T>(parts).find_map(|v| v.first()).map_or(0, |v| v.wide());
    varint(out, (QUARTERS * T::Native::QUARTER) as u64);
    varint(out, QUARTERS as u64);
    varint(out, n as u64);
    zigzag(out, first);
    // The first value stands in the header; a difference of it to itself would be one too many.
    let (mut before, mut skip) = (first, 1);
    let (mut block, mut filled) = ([0_i64; BLOCK], 0);
    for run in present::<T>(parts) {
        let mut rest = &run[skip.min(run.len())..];
        skip -= skip.min(run.len());
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(QUARTERS * T::Native::QUARTER - filled));
            for (difference, value) in block[filled..].iter_mut().zip(now) {
                *difference = value.since(before);
                before = value.wide();
            }
            filled += now.len();
            rest = later;
            if filled == QUARTERS * T::Native::QUARTER {
                put_block(&mut block, filled, T::Native::QUARTER, out);
                filled = 0;
            }
        }
    }
    if filled > 0 {
        put_block(&mut block, filled, T::Native::QUARTER, out);
    }
}

/// Appends the first `filled` differences of a block, by quarters of so many.
fn put_block(block: &mut [i64; BLOCK], filled: usize, quarter: usize, out: &mut Vec<u8>) {
    let least = block[..filled].iter().fold(i64::MAX, |least, d| if *d < least { *d } else { least });
    zigzag(out, least);
    let widths = out.len();
    out.extend([0; QUARTERS]);
    // The last quarter is filled up with what needs no bit.
    let whole = filled.next_multiple_of(quarter);
    block[filled..whole].fill(least);
    for (q, part) in block[..whole].chunks_exact(quarter).enumerate() {
        let above = |d: &i64| d.wrapping_sub(least) as u64;
        let width = u64::BITS - part.iter().fold(0, |bits, d| bits | above(d)).leading_zeros();
        out[widths + q] = width as u8;
        if width > 0 {
            pack(part.iter().map(above), quarter, width, out);
        }
    }
}

/// The least and the greatest value that is there.
fn ends<T: ArrowPrimitiveType<Native: Whole>>(parts: &[ArrayRef]) -> (Option<T::Native>, Option<T::Native>) {
    let runs = || present::<T>(parts);
    (runs().filter_map(|r| r.iter().min()).min().copied(), runs().filter_map(|r| r.iter().max()).max().copied())
}

/// Of dates.
pub fn days(parts: &[ArrayRef], nulls: u64) -> Statistics {
    let (least, greatest) = ends::<Date32Type>(parts);
    Statistics::int32(least, greatest, None, Some(nulls), false)
}

/// Of instants.
pub fn instants(parts: &[ArrayRef], nulls: u64) -> Statistics {
    let (least, greatest) = ends::<TimestampMicrosecondType>(parts);
    Statistics::int64(least, greatest, None, Some(nulls), false)
}
