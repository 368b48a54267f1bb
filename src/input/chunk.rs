//! Column chunks, batch by batch: pages of plain values, dictionary keys and packed differences are
//! decoded here into a batch that stays in the nearest cache; other encodings are left to the
//! parquet crate's column reader.

use super::bits::{CUT, Fault, Hybrid};
use super::delta::Delta;
use super::pages::{BATCH, DataPage, KEYS, Pages, RUN, damaged, next_rows};
use crate::curve::wide;
use parquet::basic::{Encoding, EncodingMask};
use parquet::column::page::Page;
use parquet::data_type::{DataType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;

/// How values of a column are stored and what they become.
pub trait Stored {
    /// What they become.
    type Value: Copy + Default;
    /// The physical type for the parquet crate.
    type Parquet: DataType;
    /// Bytes of a plain value.
    const SIZE: usize;
    /// Whether packed differences hold such values.
    const DELTA: bool;
    /// From [`Self::SIZE`] little-endian bytes.
    fn plain(bytes: &[u8]) -> Self::Value;
    /// From a value of packed differences.
    fn delta(value: i64) -> Self::Value;
    /// From the parquet crate's value.
    fn convert(value: &<Self::Parquet as DataType>::T) -> Self::Value;

    /// Whether all pages of a chunk with these encodings are decoded here. Levels are looked at page by
    /// page: old writers note BIT_PACKED for levels that are not there.
    #[expect(deprecated, reason = "old writers still note it")]
    fn reads(encodings: EncodingMask) -> bool {
        let known = [Encoding::PLAIN, Encoding::RLE, Encoding::BIT_PACKED].into_iter().chain(KEYS);
        known_only(encodings, known.chain(Self::DELTA.then_some(Encoding::DELTA_BINARY_PACKED)))
    }
}

macro_rules! stored {
    ($(#[$doc:meta])* $name:ident: $parquet:ty => $value:ty, $plain:ty, $delta:literal, |$d:ident| $from_delta:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl Stored for $name {
            type Value = $value;
            type Parquet = $parquet;
            const SIZE: usize = size_of::<$plain>();
            const DELTA: bool = $delta;

            fn plain(bytes: &[u8]) -> $value {
                <$plain>::from_le_bytes(bytes.try_into().unwrap_or_default()) as $value
            }

            fn delta($d: i64) -> $value {
                $from_delta
            }

            fn convert(value: &<$parquet as DataType>::T) -> $value {
                *value as $value
            }
        }
    };
}

stored!(
    /// DOUBLE.
    Doubles: DoubleType => f64, f64, false, |v| v as f64
);
stored!(
    /// FLOAT.
    Floats: FloatType => f64, f32, false, |v| v as f64
);
stored!(
    /// INT32 as numbers.
    Int32s: Int32Type => f64, i32, true, |v| f64::from(v as i32)
);
stored!(
    /// INT64 as numbers.
    Int64s: Int64Type => f64, i64, true, |v| v as f64
);
stored!(
    /// INT64 as counts since the epoch.
    Counts: Int64Type => i64, i64, true, |v| v
);

/// Whether a mask has no encoding but these.
fn known_only(mask: EncodingMask, known: impl Iterator<Item = Encoding>) -> bool {
    let known: Vec<Encoding> = known.collect();
    mask.encodings().all(|e| known.contains(&e))
}

enum Values<'a> {
    Plain(&'a [u8]),
    Keys(Hybrid<'a>),
    Delta(Delta<'a>),
}

/// Is called with batches of values, and which of them are null.
pub type Visit<'a, T> = &'a mut dyn FnMut(&[T], Option<&[bool]>);

/// Decodes a flat column, calling `visit` with batches of values, 0 where null, and which are null.
///
/// # Errors
/// When a page is damaged.
pub fn for_values<S: Stored>(pages: Pages<'_>, optional: bool, visit: Visit<'_, S::Value>) -> Result<(), ParquetError> {
    let mut dictionary: Vec<S::Value> = Vec::new();
    let mut batch = Batch::<S::Value>::new();
    for page in pages {
        let page = page?;
        if let Page::DictionaryPage { buf, .. } = &page {
            dictionary = buf.chunks_exact(S::SIZE).map(S::plain).collect();
            continue;
        }
        let mut page = DataPage::of(&page, optional)?;
        let mut values = match page.encoding {
            Encoding::PLAIN => Values::Plain(page.body),
            Encoding::DELTA_BINARY_PACKED if S::DELTA => Values::Delta(Delta::new(page.body).map_err(damaged)?),
            encoding if KEYS.contains(&encoding) => Values::Keys(page.keys()?),
            encoding => return Err(ParquetError::NYI(format!("{encoding} pages"))),
        };
        let mut left = page.rows;
        while left > 0 {
            let rows = next_rows(page.levels.as_mut(), left, &mut batch.levels).map_err(damaged)?;
            batch.fill::<S>(&mut values, rows, &dictionary).map_err(damaged)?;
            visit(&batch.values[..rows.0], (rows.1 < rows.0).then_some(&batch.nulls[..rows.0]));
            left -= rows.0;
        }
    }
    Ok(())
}

/// Buffers of a batch.
struct Batch<T> {
    levels: [u32; BATCH],
    keys: [u32; BATCH],
    values: Vec<T>,
    counts: Vec<i64>,
    nulls: Vec<bool>,
}

impl<T: Copy + Default> Batch<T> {
    fn new() -> Self {
        Self {
            levels: [0; BATCH],
            keys: [0; BATCH],
            values: vec![T::default(); BATCH],
            counts: Vec::new(),
            nulls: vec![false; BATCH],
        }
    }

    /// Decodes the values that are present to the front, then spreads them over the rows.
    fn fill<S: Stored<Value = T>>(
        &mut self,
        from: &mut Values<'_>,
        (rows, present, mixed): (usize, usize, bool),
        dictionary: &[T],
    ) -> Result<(), Fault> {
        let values = &mut self.values[..present];
        match from {
            Values::Plain(bytes) => {
                let (here, rest) = bytes.split_at_checked(present * S::SIZE).ok_or(CUT)?;
                *bytes = rest;
                for (value, bytes) in values.iter_mut().zip(here.chunks_exact(S::SIZE)) {
                    *value = S::plain(bytes);
                }
            }
            Values::Keys(keys) => look_up(keys, &mut self.keys, dictionary, values)?,
            Values::Delta(delta) => {
                self.counts.resize(BATCH, 0);
                let counts = &mut self.counts[..present];
                delta.fill(counts)?;
                for (value, count) in values.iter_mut().zip(counts) {
                    *value = S::delta(*count);
                }
            }
        }
        if mixed {
            let mut at = present;
            for row in (0..rows).rev() {
                let null = self.levels[row] == 0;
                self.nulls[row] = null;
                at -= usize::from(!null);
                self.values[row] = if null { T::default() } else { self.values[at] };
            }
        } else if present == 0 {
            self.values[..rows].fill(T::default());
            self.nulls[..rows].fill(true);
        }
        Ok(())
    }
}

/// Looks dictionary keys up.
fn look_up<T: Copy + Default>(
    keys: &mut Hybrid<'_>,
    buffer: &mut [u32; BATCH],
    dictionary: &[T],
    out: &mut [T],
) -> Result<(), Fault> {
    let mut done = 0;
    while done < out.len() {
        let rest = &mut out[done..];
        if let Some((key, n)) = keys.same(RUN, rest.len())? {
            rest[..n].fill(*dictionary.get(key as usize).ok_or(KEY)?);
            done += n;
            continue;
        }
        // Short of the whole batch, so that a run that begins within is seen.
        let n = rest.len().min(BATCH / 4);
        let buffer = &mut buffer[..n];
        keys.fill(buffer)?;
        entries(dictionary, buffer, rest)?;
        done += n;
    }
    Ok(())
}

wide! {
    /// The entries of some keys. Keys that follow each other, as those of instants do, are one copy.
    fn entries<T: Copy>(dictionary: &[T], keys: &[u32], out: &mut [T]) -> Result<(), Fault> = entries_of;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn entries_of<T: Copy>(dictionary: &[T], keys: &[u32], out: &mut [T]) -> Result<(), Fault> {
    if let Some(start) = consecutive(keys) {
        let run = dictionary.get(start..start + keys.len()).ok_or(KEY)?;
        out[..keys.len()].copy_from_slice(run);
        return Ok(());
    }
    let first = dictionary.first().ok_or(KEY)?;
    let mut known = true;
    for (value, key) in out.iter_mut().zip(keys) {
        // No branch: the loop goes on after a key without an entry.
        let entry = dictionary.get(*key as usize);
        known &= entry.is_some();
        *value = *entry.unwrap_or(first);
    }
    if known { Ok(()) } else { Err(KEY) }
}

/// The first of keys of which each is one more than that before it. The ends are looked at first: keys of
/// measured values hardly ever get further.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn consecutive(keys: &[u32]) -> Option<usize> {
    let ([first, ..], [.., last]) = (keys, keys) else { return None };
    if last.wrapping_sub(*first) as usize != keys.len() - 1 {
        return None;
    }
    let (before, after) = (keys.get(..keys.len() - 1)?, keys.get(1..)?);
    let wrong = before.iter().zip(after).fold(0, |wrong, (a, b)| wrong | (b.wrapping_sub(*a) ^ 1));
    (wrong == 0).then_some(*first as usize)
}

/// A key without an entry.
pub const KEY: Fault = Fault::Key;
