//! Parquet's DELTA_BINARY_PACKED (Apache Parquet format, Encodings.md, encoding 5): stamps that come on
//! time take a byte a block and a sum a value.

use super::bits::{CUT, Fault, uleb128};

/// Values of a page, front to back.
#[derive(Debug)]
pub struct Delta<'a> {
    bytes: &'a [u8],
    /// Values in a miniblock, and miniblocks in a block.
    shape: (usize, usize),
    /// Values still to come, the one at the front included.
    left: usize,
    /// The value at the front.
    value: i64,
    least: i64,
    /// Bit widths of the block's miniblocks that are still to come.
    widths: &'a [u8],
    /// The current miniblock: its bytes, its width, differences taken.
    mini: (&'a [u8], u32, usize),
}

impl<'a> Delta<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// When the page is damaged.
    pub fn new(mut bytes: &'a [u8]) -> Result<Self, Fault> {
        let block = uleb128(&mut bytes)? as usize;
        let minis = uleb128(&mut bytes)? as usize;
        let left = uleb128(&mut bytes)? as usize;
        let value = zigzag(&mut bytes)?;
        let size = block
            .checked_div(minis)
            .filter(|s| *s > 0 && s.is_multiple_of(8) && block.is_multiple_of(minis))
            .ok_or(Fault::Block)?;
        Ok(Self { bytes, shape: (size, minis), left, value, least: 0, widths: &[], mini: (&[], 0, size) })
    }

    /// Fills `out` with the next values.
    ///
    /// # Errors
    /// When the page is damaged or has fewer.
    pub fn fill(&mut self, out: &mut [i64]) -> Result<(), Fault> {
        let mut done = 0;
        while done < out.len() {
            if self.left == 0 {
                return Err(CUT);
            }
            if self.mini.2 == self.shape.0 && self.left > 1 {
                self.advance()?;
            }
            let n = (out.len() - done).min(self.left).min((self.shape.0 - self.mini.2).max(1));
            let (bytes, width, taken) = self.mini;
            for (k, out) in out[done..done + n].iter_mut().enumerate() {
                *out = self.value;
                let more = if width == 0 { 0 } else { difference(bytes, width, taken + k) };
                self.value = self.value.wrapping_add(self.least).wrapping_add(more);
            }
            self.mini.2 = (taken + n).min(self.shape.0);
            self.left -= n;
            done += n;
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<(), Fault> {
        if self.widths.is_empty() {
            self.least = zigzag(&mut self.bytes)?;
            (self.widths, self.bytes) = self.bytes.split_at_checked(self.shape.1).ok_or(CUT)?;
        }
        let (width, widths) = self.widths.split_first().ok_or(CUT)?;
        self.widths = widths;
        if *width > 64 {
            return Err(Fault::Block);
        }
        // The last miniblock may end with the values.
        let size = (self.shape.0 / 8 * usize::from(*width)).min(self.bytes.len());
        let (mini, rest) = self.bytes.split_at(size);
        if size * 8 < usize::from(*width) * (self.left - 1).min(self.shape.0) {
            return Err(CUT);
        }
        self.bytes = rest;
        self.mini = (mini, u32::from(*width), 0);
        Ok(())
    }
}

fn zigzag(bytes: &mut &[u8]) -> Result<i64, Fault> {
    let number = uleb128(bytes)?;
    Ok((number >> 1) as i64 ^ -((number & 1) as i64))
}

/// A packed difference; 0 beyond the bytes.
fn difference(bytes: &[u8], width: u32, number: usize) -> i64 {
    let bit = number * width as usize;
    let bytes = bytes.get(bit / 8..).unwrap_or_default();
    let mut word = [0; 16];
    let n = bytes.len().min(16);
    word[..n].copy_from_slice(&bytes[..n]);
    let mask = u64::MAX >> (64 - width);
    ((u128::from_le_bytes(word) >> (bit % 8)) as u64 & mask) as i64
}
