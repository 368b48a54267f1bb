//! Texts as they are, each after its length.

use arrow::array::{ArrayRef, AsArray};
use parquet::data_type::ByteArray;
use parquet::file::statistics::Statistics;

/// Most bytes of an end that is noted (judgement: ids are shorter, and nobody seeks by what is longer).
const END_BYTES: usize = 64;

fn present(parts: &[ArrayRef]) -> impl Iterator<Item = &str> {
    parts.iter().filter_map(|p| p.as_string_opt::<i32>()).flat_map(|p| p.iter().flatten())
}

/// Appends the texts that are there.
pub fn put(parts: &[ArrayRef], out: &mut Vec<u8>) {
    present(parts).for_each(|t| put_one(t, out));
}

/// Appends one text.
pub fn put_one(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// The first and the last in the order of their bytes.
pub fn ends(parts: &[ArrayRef], nulls: u64) -> Statistics {
    noted(present(parts).min(), present(parts).max(), nulls)
}

/// Ends of texts for readers.
pub fn noted(first: Option<&str>, last: Option<&str>, nulls: u64) -> Statistics {
    let end = |text: Option<&str>| text.filter(|t| t.len() <= END_BYTES).map(ByteArray::from);
    Statistics::byte_array(end(first), end(last), None, Some(nulls), false)
}
