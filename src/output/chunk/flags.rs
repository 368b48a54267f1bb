//! Flags, a bit each.

use super::bits::pack;
use arrow::array::{Array, ArrayRef, AsArray};

/// Appends the flags that are there.
pub fn put(parts: &[ArrayRef], out: &mut Vec<u8>) {
    let n = parts.iter().map(|p| p.len() - p.null_count()).sum();
    let flags = parts.iter().filter_map(|p| p.as_boolean_opt()).flat_map(|p| p.iter().flatten());
    pack(flags.map(u64::from), n, 1, out);
}
