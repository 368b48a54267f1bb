//! Column chunks in memory and the parts of their pages.

use super::bits::{CUT, Fault, Hybrid};
use crate::text::say;
use bytes::{Buf, Bytes};
use parquet::basic::Encoding;
use parquet::column::page::Page;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use std::cell::RefCell;
use std::io::Cursor;
use zstd::bulk::Decompressor;

/// Rows of a batch: its values stay in the nearest cache.
pub const BATCH: usize = 1024;
/// Equal keys or levels that are worth a run of their own.
pub const RUN: usize = 16;

/// A column chunk's bytes, read at once, that answers to file offsets.
#[derive(Debug)]
pub struct ChunkBytes {
    /// Where in the file it starts.
    pub base: u64,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Length for ChunkBytes {
    fn len(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }
}

impl ChunkBytes {
    fn slice(&self, start: u64, length: Option<usize>) -> Result<Bytes, ParquetError> {
        let from = start.checked_sub(self.base).and_then(|s| usize::try_from(s).ok());
        let from = from.filter(|f| *f <= self.bytes.len());
        let to = from.map(|f| length.map_or(self.bytes.len(), |l| f.saturating_add(l)));
        match (from, to) {
            (Some(f), Some(t)) if t <= self.bytes.len() => Ok(self.bytes.slice(f..t)),
            _ => Err(ParquetError::EOF(say("readings.page_outside", &[("start", &start)]))),
        }
    }
}

impl ChunkReader for ChunkBytes {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.slice(start, None)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.slice(start, Some(length))
    }
}

thread_local! {
    /// A thread's zstd context. The parquet crate makes two for each column chunk, which costs a wide file of
    /// 96 point columns a twentieth of its reading.
    static INFLATER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Pages whose bodies are zstd frames still.
pub struct ZstdPages<P> {
    /// The pages.
    pub pages: P,
    /// Bytes that all of them may have together, by the footer.
    pub most: usize,
}

impl<P: Iterator<Item = Result<Page, ParquetError>>> Iterator for ZstdPages<P> {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.pages.next()?.and_then(|mut page| {
            let (buf, levels) = match &mut page {
                Page::DataPage { buf, .. } | Page::DictionaryPage { buf, .. } => (buf, 0),
                Page::DataPageV2 { is_compressed: false, .. } => return Ok(page),
                Page::DataPageV2 { buf, def_levels_byte_len, rep_levels_byte_len, .. } => {
                    (buf, *def_levels_byte_len as usize + *rep_levels_byte_len as usize)
                }
            };
            *buf = inflated(buf, levels, self.most)?;
            Ok(page)
        }))
    }
}

/// A page's bytes: the levels in front are plain.
fn inflated(bytes: &Bytes, levels: usize, most: usize) -> Result<Bytes, ParquetError> {
    let (levels, frame) = bytes.split_at_checked(levels).ok_or_else(|| damaged(CUT))?;
    if frame.is_empty() {
        return Ok(bytes.clone());
    }
    // The frame of a stream does not say how long it is, nor does the first of several speak for the others.
    let alone = zstd::zstd_safe::find_frame_compressed_size(frame) == Ok(frame.len());
    let size = zstd::zstd_safe::get_frame_content_size(frame).ok().flatten().filter(|_| alone);
    let size = size.and_then(|s| usize::try_from(s).ok()).filter(|s| *s <= most);
    let mut out = Vec::with_capacity(levels.len() + size.unwrap_or(most));
    out.extend_from_slice(levels);
    let mut at = Cursor::new(&mut out);
    at.set_position(levels.len() as u64);
    INFLATER.with_borrow_mut(|zstd| {
        let zstd = match zstd {
            Some(zstd) => zstd,
            None => zstd.insert(Decompressor::new()?),
        };
        zstd.decompress_to_buffer(frame, &mut at)
    })?;
    Ok(out.into())
}

/// Pages of a chunk, one after another.
pub type Pages<'a> = &'a mut dyn Iterator<Item = Result<Page, ParquetError>>;

/// Encodings of dictionary keys.
pub const KEYS: [Encoding; 2] = [Encoding::RLE_DICTIONARY, Encoding::PLAIN_DICTIONARY];

/// The parts of a data page of a flat column.
pub struct DataPage<'a> {
    /// Rows.
    pub rows: usize,
    /// Of the values.
    pub encoding: Encoding,
    /// Definition levels: 0 null, 1 present; `None` where the column has no null.
    pub levels: Option<Hybrid<'a>>,
    /// The values.
    pub body: &'a [u8],
}

/// An error of the parquet crate.
pub fn damaged(fault: Fault) -> ParquetError {
    ParquetError::General(fault.words().into())
}

impl<'a> DataPage<'a> {
    /// Takes a page of a column that may have nulls apart.
    ///
    /// # Errors
    /// When it is damaged, or its levels are packed in the old way ([`ParquetError::NYI`]).
    pub fn of(page: &'a Page, optional: bool) -> Result<Self, ParquetError> {
        match page {
            Page::DataPage { buf, num_values, encoding, def_level_encoding, .. } => {
                let (rows, encoding, mut body) = (*num_values as usize, *encoding, buf.as_ref());
                let mut levels = None;
                if optional {
                    if *def_level_encoding != Encoding::RLE {
                        return Err(ParquetError::NYI("levels as they were packed before 2013".into()));
                    }
                    let (size, rest) = body.split_first_chunk::<4>().ok_or_else(|| damaged(CUT))?;
                    let size = u32::from_le_bytes(*size) as usize;
                    let (packed, rest) = rest.split_at_checked(size).ok_or_else(|| damaged(CUT))?;
                    levels = Some(Hybrid::new(packed, 1).map_err(damaged)?);
                    body = rest;
                }
                Ok(Self { rows, encoding, levels, body })
            }
            Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, .. } => {
                let size = *rep_levels_byte_len as usize + *def_levels_byte_len as usize;
                let (levels, body) = buf.split_at_checked(size).ok_or_else(|| damaged(CUT))?;
                let levels = levels.get(*rep_levels_byte_len as usize..).unwrap_or_default();
                let levels = optional.then(|| Hybrid::new(levels, 1)).transpose().map_err(damaged)?;
                Ok(Self { rows: *num_values as usize, encoding: *encoding, levels, body })
            }
            Page::DictionaryPage { .. } => Err(damaged(Fault::Dictionary)),
        }
    }

    /// Keys of dictionary entries.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn keys(&self) -> Result<Hybrid<'a>, ParquetError> {
        let Some((width, keys)) = self.body.split_first() else {
            // Nulls alone have no key.
            return Hybrid::new(&[], 0).map_err(damaged);
        };
        Hybrid::new(keys, *width).map_err(damaged)
    }
}

/// Takes the next rows of a page, at most [`BATCH`]: how many they are, how many have a value, and the
/// level of each when some have and some have not.
///
/// # Errors
/// When the page is damaged.
pub fn next_rows(
    levels: Option<&mut Hybrid<'_>>,
    left: usize,
    out: &mut [u32; BATCH],
) -> Result<(usize, usize, bool), Fault> {
    let most = left.min(BATCH);
    let Some(levels) = levels else { return Ok((most, most, false)) };
    if let Some((level, n)) = levels.same(RUN.min(most), most)? {
        return Ok((n, if level == 0 { 0 } else { n }, false));
    }
    let out = &mut out[..most];
    levels.fill(out)?;
    let present = out.iter().sum::<u32>() as usize;
    Ok((most, present, present < most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_stay_and_frames_are_inflated_one_or_several() {
        let pack = |bytes: &[u8]| zstd::bulk::compress(bytes, 1).unwrap();
        let of = |frames: &[u8], most| inflated(&[b"lv", frames].concat().into(), 2, most).map(|b| b.to_vec());
        let (one, two) = (pack(&[7; 500]), [pack(&[7; 300]), pack(&[8; 200])].concat());
        assert_eq!(of(&one, 500).unwrap(), [b"lv".as_slice(), &[7; 500]].concat());
        assert_eq!(of(&two, 500).unwrap(), [b"lv".as_slice(), &[7; 300], &[8; 200]].concat());
        assert_eq!(of(&[], 500).unwrap(), b"lv");
        assert!(of(&one, 400).is_err(), "more than the footer says");
        assert!(of(&one[..12], 500).is_err() && inflated(&Bytes::from_static(b"l"), 2, 9).is_err());
    }
}
