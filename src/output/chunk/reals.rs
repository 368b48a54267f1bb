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
    let mut at = 0;
    for run in present::<Float64Type>(parts) {
        let (blocks, last) = run.as_chunks::<AT_ONCE>();
        for block in blocks {
            let split = split(block);
            for (stream, bytes) in streams.iter_mut().zip(split.as_chunks::<AT_ONCE>().0) {
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

/// Byte 0 of each value, then byte 1 of each, and so on. Merging both halves byte by byte moves the highest bit of
/// a byte's place to the lowest: after as many merges as the number of a value has bits, the number of the byte
/// within its value stands above it.
fn split(values: &[f64; AT_ONCE]) -> [u8; AT_ONCE * BYTES] {
    let mut bytes = [0; AT_ONCE * BYTES];
    for (to, value) in bytes.as_chunks_mut::<BYTES>().0.iter_mut().zip(values) {
        *to = value.to_le_bytes();
    }
    for _ in 0..AT_ONCE.trailing_zeros() {
        bytes = merged(&bytes);
    }
    bytes
}

#[inline]
fn merged(bytes: &[u8; AT_ONCE * BYTES]) -> [u8; AT_ONCE * BYTES] {
    let (low, high) = bytes.split_at(AT_ONCE * BYTES / 2);
    let mut merged = [0; AT_ONCE * BYTES];
    for ((pair, low), high) in merged.as_chunks_mut::<2>().0.iter_mut().zip(low).zip(high) {
        *pair = [*low, *high];
    }
    merged
}
