//! Parquet's hybrid of run lengths and bit packing, which holds dictionary keys and levels
//! (Apache Parquet format, Encodings.md, RLE/bit-packing hybrid, encoding 3).

use super::unpack::unpack;
use crate::text::said;

/// What went wrong in a damaged page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is shorter than it says.
    Cut,
    /// It packs values wider than 32 bits.
    Width,
    /// It names an entry that its dictionary does not have.
    Key,
    /// A page of differences has blocks of a wrong size.
    Block,
    /// A dictionary stands within the data pages.
    Dictionary,
}

impl Fault {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Cut => said("readings.page_cut"),
            Self::Width => said("readings.page_width"),
            Self::Key => said("readings.page_key"),
            Self::Block => said("readings.page_block"),
            Self::Dictionary => said("readings.page_dictionary"),
        }
    }
}

/// A page is shorter than it says.
pub const CUT: Fault = Fault::Cut;

/// Keys of a page, front to back.
#[derive(Debug)]
pub struct Hybrid<'a> {
    bytes: &'a [u8],
    width: usize,
    run: Run<'a>,
}

/// What stands at the front.
#[derive(Debug, Clone, Copy)]
enum Run<'a> {
    /// One key, so many times.
    Same(u32, usize),
    /// Packed keys: their bytes, the keys taken already, and all of them.
    Packed(&'a [u8], usize, usize),
}

impl<'a> Hybrid<'a> {
    /// Keys of `width` bits.
    ///
    /// # Errors
    /// When keys are wider than 32 bits.
    pub const fn new(bytes: &'a [u8], width: u8) -> Result<Self, Fault> {
        if width > 32 {
            return Err(Fault::Width);
        }
        Ok(Self { bytes, width: width as usize, run: Run::Same(0, 0) })
    }

    /// A key that stands at the front at least `least` times: how often, up to `most`. Those are
    /// taken.
    ///
    /// # Errors
    /// When the page is damaged.
    pub fn same(&mut self, least: usize, most: usize) -> Result<Option<(u32, usize)>, Fault> {
        if self.left() == 0 {
            self.advance()?;
        }
        match &mut self.run {
            Run::Same(key, left) if *left >= least => {
                let taken = (*left).min(most);
                *left -= taken;
                Ok(Some((*key, taken)))
            }
            _ => Ok(None),
        }
    }

    /// Fills `out` with the next keys.
    ///
    /// # Errors
    /// When the page is damaged or has fewer.
    pub fn fill(&mut self, out: &mut [u32]) -> Result<(), Fault> {
        let mut done = 0;
        while done < out.len() {
            if self.left() == 0 {
                self.advance()?;
            }
            let rest = &mut out[done..];
            match &mut self.run {
                Run::Same(key, left) => {
                    let n = rest.len().min(*left);
                    rest[..n].fill(*key);
                    *left -= n;
                    done += n;
                }
                Run::Packed(bytes, taken, all) => {
                    let n = rest.len().min(*all - *taken);
                    unpack(bytes, self.width, *taken, &mut rest[..n]);
                    *taken += n;
                    done += n;
                }
            }
        }
        Ok(())
    }

    const fn left(&self) -> usize {
        match self.run {
            Run::Same(_, left) => left,
            Run::Packed(_, taken, all) => all - taken,
        }
    }

    /// Reads run headers up to one that holds a key.
    fn advance(&mut self) -> Result<(), Fault> {
        while self.left() == 0 {
            let header = uleb128(&mut self.bytes)?;
            let count = (header >> 1) as usize;
            if header & 1 == 0 {
                let size = self.width.div_ceil(8);
                let (key, rest) = self.bytes.split_at_checked(size).ok_or(CUT)?;
                let mut word = [0; 4];
                word[..size].copy_from_slice(key);
                self.bytes = rest;
                self.run = Run::Same(u32::from_le_bytes(word), count);
            } else {
                // A writer may leave out the bytes that pad the last group.
                let size = count.saturating_mul(self.width).min(self.bytes.len());
                let (packed, rest) = self.bytes.split_at(size);
                self.bytes = rest;
                let all = (size * 8).checked_div(self.width).unwrap_or(usize::MAX);
                self.run = Run::Packed(packed, 0, all.min(count.saturating_mul(8)));
            }
        }
        Ok(())
    }
}

/// A number of seven bits a byte, least significant first.
///
/// # Errors
/// When the bytes end within it or it is longer than 64 bits.
pub fn uleb128(bytes: &mut &[u8]) -> Result<u64, Fault> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(CUT)?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(CUT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Packs as the format says: least significant bit first.
    fn packed(values: &[u32], width: usize) -> Vec<u8> {
        let mut bits = vec![0u8; (values.len().div_ceil(8) * 8 * width).div_ceil(8)];
        for (i, v) in values.iter().enumerate() {
            for b in 0..width {
                let at = i * width + b;
                bits[at / 8] |= (((v >> b) & 1) as u8) << (at % 8);
            }
        }
        bits
    }

    proptest! {
        #[test]
        fn keys_come_back_whatever_their_runs(
            width in 1..=32usize,
            runs in prop::collection::vec((any::<bool>(), 1..6usize, any::<u32>()), 1..8),
            steps in prop::collection::vec(1..50usize, 1..40),
        ) {
            let mask = if width == 32 { u32::MAX } else { (1 << width) - 1 };
            let (mut bytes, mut expected) = (Vec::new(), Vec::new());
            for (same, n, seed) in runs {
                if same {
                    bytes.push((n << 1) as u8);
                    bytes.extend_from_slice(&(seed & mask).to_le_bytes()[..width.div_ceil(8)]);
                    expected.extend(std::iter::repeat_n(seed & mask, n));
                } else {
                    let values: Vec<u32> =
                        (0..n as u32 * 8).map(|i| seed.wrapping_mul(i.wrapping_add(77)) & mask).collect();
                    bytes.push((n << 1 | 1) as u8);
                    bytes.extend(packed(&values, width));
                    expected.extend(values);
                }
            }
            let mut keys = Hybrid::new(&bytes, width as u8).unwrap();
            let mut out = Vec::new();
            for step in steps.into_iter().cycle() {
                let n = step.min(expected.len() - out.len());
                if n == 0 {
                    break;
                }
                if let Some((key, times)) = keys.same(2, n).unwrap() {
                    out.extend(std::iter::repeat_n(key, times));
                    continue;
                }
                let mut part = vec![0; n];
                keys.fill(&mut part).unwrap();
                out.extend(part);
            }
            prop_assert_eq!(out, expected);
            prop_assert!(keys.fill(&mut [0]).is_err(), "no key is made up");
        }
    }

    #[test]
    fn damaged_pages_are_refused() {
        assert!(Hybrid::new(&[], 33).is_err());
        assert!(Hybrid::new(&[0x80], 3).unwrap().fill(&mut [0]).is_err());
        assert!(Hybrid::new(&[4], 9).unwrap().fill(&mut [0]).is_err());
        assert!(Hybrid::new(&[0, 0], 8).unwrap().fill(&mut [0]).is_err());
    }
}
