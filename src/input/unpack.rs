//! Packed keys, eight at a time: `8 × width` bits are `width` bytes.

#[cfg(target_arch = "x86_64")]
use crate::curve::vector;
use crate::curve::wide;

/// Bytes that eight packed values may touch: 8 × 32 bits, and a whole word past the last byte.
const WINDOW: usize = 40;

#[cfg(target_arch = "x86_64")]
wide! {
    /// Unpacks the keys from number `start` on; the caller sees to it that there are enough.
    pub fn unpack(bytes: &[u8], width: usize, start: usize, out: &mut [u32]) = unpack_any, or unpack_shuffled;
}

#[cfg(not(target_arch = "x86_64"))]
wide! {
    /// Unpacks the keys from number `start` on; the caller sees to it that there are enough.
    pub fn unpack(bytes: &[u8], width: usize, start: usize, out: &mut [u32]) = unpack_any;
}

#[inline(always)]
fn unpack_any(bytes: &[u8], width: usize, start: usize, out: &mut [u32]) {
    macro_rules! by_width {
        ($($w:literal)*) => {
            match width {
                $($w => unpack_width::<$w>(bytes, start, out, keys::<$w>),)*
                _ => out.fill(0),
            }
        };
    }
    by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
}

/// [`unpack_any`] where bytes can be shuffled within a vector: keys of up to 25 bits, which lie within four bytes
/// wherever in a byte they begin.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn unpack_shuffled(bytes: &[u8], width: usize, start: usize, out: &mut [u32]) {
    macro_rules! by_width {
        ($($w:literal)*) => {
            match width {
                $($w => unpack_width::<$w>(bytes, start, out, |window| shuffled::<$w>(window)),)*
                _ => unpack_any(bytes, width, start, out),
            }
        };
    }
    by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25);
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn unpack_width<const W: usize>(
    bytes: &[u8],
    start: usize,
    out: &mut [u32],
    group: impl Fn(&[u8; WINDOW]) -> [u32; 8],
) {
    // Single keys up to a whole group of eight, then groups.
    let lead = ((8 - start % 8) % 8).min(out.len());
    let (single, out) = out.split_at_mut(lead);
    let mut bytes = bytes.get(start / 8 * W..).unwrap_or_default();
    if lead > 0 {
        single.copy_from_slice(&last_group::<W>(bytes)[start % 8..start % 8 + lead]);
        bytes = bytes.get(W..).unwrap_or_default();
    }
    let (groups, rest) = out.as_chunks_mut::<8>();
    for out in groups {
        *out = bytes.first_chunk().map_or_else(|| last_group::<W>(bytes), &group);
        bytes = bytes.get(W..).unwrap_or_default();
    }
    if !rest.is_empty() {
        rest.copy_from_slice(&last_group::<W>(bytes)[..rest.len()]);
    }
}

/// The eight keys at the front; what lies beyond the bytes is 0.
#[inline(never)]
fn last_group<const W: usize>(bytes: &[u8]) -> [u32; 8] {
    let mut window = [0; WINDOW];
    let n = bytes.len().min(WINDOW);
    window[..n].copy_from_slice(&bytes[..n]);
    keys::<W>(&window)
}

/// The eight keys at the front of a window. Words of 32 bits where a key always fits into one: loads,
/// shifts and masks of eight lanes.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn keys<const W: usize>(window: &[u8; WINDOW]) -> [u32; 8] {
    if W <= 25 {
        let word = |i: usize| {
            let at = i * W / 8;
            u32::from_le_bytes([window[at], window[at + 1], window[at + 2], window[at + 3]])
        };
        let words: [u32; 8] = std::array::from_fn(word);
        return std::array::from_fn(|i| (words[i] >> (i * W % 8)) & ((1 << W) - 1));
    }
    let mask = (1u64 << W) - 1;
    std::array::from_fn(|i| {
        let bit = i * W;
        let word: [u8; 8] = std::array::from_fn(|k| window[bit / 8 + k]);
        ((u64::from_le_bytes(word) >> (bit % 8)) & mask) as u32
    })
}

/// [`keys`] by vectors: the four bytes of each key are put into a lane, shifted and masked. The second half of the
/// lanes is loaded from where the fifth key begins. Written out: what takes a closure is not compiled into it.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn shuffled<const W: usize>(window: &[u8; WINDOW]) -> [u32; 8] {
    use std::arch::x86_64::{
        _mm256_and_si256, _mm256_extract_epi64, _mm256_set_m128i, _mm256_set1_epi32, _mm256_setr_epi32,
        _mm256_shuffle_epi8, _mm256_srlv_epi32,
    };
    let [a, b, c, d, e, f, g, h] = const { lanes(W).0 };
    let four = _mm256_setr_epi32(a, b, c, d, e, f, g, h);
    let [a, b, c, d, e, f, g, h] = const { lanes(W).1 };
    let shift = _mm256_setr_epi32(a, b, c, d, e, f, g, h);
    let mask = _mm256_set1_epi32(((1u64 << W) - 1) as i32);
    let bytes = _mm256_set_m128i(vector(&window[fifth(W)..]), vector(window));
    let keys = _mm256_and_si256(_mm256_srlv_epi32(_mm256_shuffle_epi8(bytes, four), shift), mask);
    let (a, b) = (_mm256_extract_epi64::<0>(keys), _mm256_extract_epi64::<1>(keys));
    let (c, d) = (_mm256_extract_epi64::<2>(keys), _mm256_extract_epi64::<3>(keys));
    let high = |pair: i64| (pair >> 32) as u32;
    [a as u32, high(a), b as u32, high(b), c as u32, high(c), d as u32, high(d)]
}

/// The byte in which the fifth key of `width` bits begins.
#[cfg(target_arch = "x86_64")]
const fn fifth(width: usize) -> usize {
    4 * width / 8
}

/// For each of eight keys of `width` bits the four bytes that hold it, within the sixteen of its half, and the bit
/// of the first at which it begins.
#[cfg(target_arch = "x86_64")]
const fn lanes(width: usize) -> ([i32; 8], [i32; 8]) {
    let (mut bytes, mut shifts) = ([0; 8], [0; 8]);
    let mut i = 0;
    while i < 8 {
        let bit = i * width - i / 4 * fifth(width) * 8;
        bytes[i] = (bit / 8) as i32 * 0x0101_0101 + 0x0302_0100;
        shifts[i] = (bit % 8) as i32;
        i += 1;
    }
    (bytes, shifts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_are_the_same_with_and_without_wide_vectors(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            width in 1..=32usize,
            start in 0..20usize,
            n in 0..90usize,
        ) {
            let (mut wide, mut plain) = (vec![7; n], vec![9; n]);
            unpack(&bytes, width, start, &mut wide);
            unpack_any(&bytes, width, start, &mut plain);
            prop_assert_eq!(wide, plain);
        }
    }
}
