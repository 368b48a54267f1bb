//! Numbers in as many bits as they need.

/// A number in groups of seven bits, the lowest first.
pub fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A number of either sign, small where it is near zero.
pub fn zigzag(out: &mut Vec<u8>, value: i64) {
    varint(out, (value << 1 ^ value >> 63) as u64);
}

/// The first `n` numbers, of `width` bits each, one at least, one after another, the lowest bit first; the last byte
/// is filled with zeros.
pub fn pack(values: impl Iterator<Item = u64>, n: usize, width: u32, out: &mut Vec<u8>) {
    const WORD: usize = size_of::<u64>();
    let (start, bytes) = (out.len(), (n * width as usize).div_ceil(8));
    out.resize(start + bytes.next_multiple_of(WORD), 0);
    let mut words = out[start..].as_chunks_mut::<WORD>().0.iter_mut();
    let mut put = |bits: u64| {
        if let Some(word) = words.next() {
            *word = bits.to_le_bytes();
        }
    };
    let (mut bits, mut held) = (0_u64, 0);
    for value in values.take(n) {
        bits |= value << held;
        held += width;
        if held >= u64::BITS {
            put(bits);
            held -= u64::BITS;
            // Twice, as no more than 63 bits can be shifted at once.
            bits = value >> 1 >> (width - held - 1);
        }
    }
    put(bits);
    out.truncate(start + bytes);
}
