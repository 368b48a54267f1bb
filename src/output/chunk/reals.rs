//! Reals by streams of their bytes (BYTE_STREAM_SPLIT): all first bytes, all second ones, and so on.

use super::present;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Float64Type;

/// Bytes of a real.
const BYTES: usize = 8;
/// Reals that are split at once.
const AT_ONCE: usize = 16;

/// Appends the values that are there.
pub fn put(parts: &[ArrayRef], out: &mut Vec<u8>) {
    let n: usize = parts.iter().map(|p| p.len() - p.null_count()).sum();
    if n == 0 {
        return;
    }
    let start = out.len();
    out.resize(start + n * BYTES, 0);
    let mut rest = out[start..].chunks_exact_mut(n);
    let mut streams: [&mut [u8]; BYTES] = std::array::from_fn(|_| rest.next().unwrap_or_default());
    let (mut at, mut room) = (0, [[0; AT_ONCE * BYTES]; 2]);
    for run in present::<Float64Type>(parts) {
        let (blocks, last) = run.as_chunks::<AT_ONCE>();
        for block in blocks {
            for (stream, bytes) in streams.iter_mut().zip(split(block, &mut room).as_chunks::<AT_ONCE>().0) {
                stream[at..at + AT_ONCE].copy_from_slice(bytes);
            }
            at += AT_ONCE;
        }
        for value in last {
            for (stream, byte) in streams.iter_mut().zip(value.to_le_bytes()) {
                stream[at] = byte;
            }
            at += 1;
        }
    }
}

/// Byte 0 of each value, then byte 1 of each, and so on, in room for twice as many. Merging both halves byte by byte
/// moves the highest bit of a byte's place to the lowest: after as many merges as the number of a value has bits, the
/// number of the byte within its value stands above it.
fn split<'a>(values: &[f64; AT_ONCE], [from, to]: &'a mut [[u8; AT_ONCE * BYTES]; 2]) -> &'a [u8; AT_ONCE * BYTES] {
    for (bytes, value) in from.as_chunks_mut::<BYTES>().0.iter_mut().zip(values) {
        *bytes = value.to_le_bytes();
    }
    // An even number of merges ends where it began.
    for _ in 0..AT_ONCE.trailing_zeros() / 2 {
        merge(from, to);
        merge(to, from);
    }
    from
}

#[inline]
fn merge(from: &[u8; AT_ONCE * BYTES], to: &mut [u8; AT_ONCE * BYTES]) {
    let (low, high) = from.split_at(AT_ONCE * BYTES / 2);
    for ((pair, low), high) in to.as_chunks_mut::<2>().0.iter_mut().zip(low).zip(high) {
        *pair = [*low, *high];
    }
}
