//! Random numbers that are the same on every platform and in every later version: a ChaCha8
//! stream, and distributions made from its bits by exact arithmetic alone (no `libm`).

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One independent stream of random numbers.
#[derive(Debug, Clone)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// The stream of one `part` of one customer: it depends on nothing else, so a customer is the
    /// same in a fleet of any size, and a further part changes none of the others.
    #[must_use]
    pub fn new(seed: u64, customer: u64, part: u8) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(customer << 8 | u64::from(part));
        Self(rng)
    }

    /// Uniform in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        (self.0.next_u64() >> 11) as f64 * STEP
    }

    /// Uniform in `[low, high)`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Mean 0, standard deviation 1, bounded by ±3.47: the sum of four uniform numbers
    /// (Irwin–Hall), which needs no logarithm. The bound keeps noise from looking like a peak.
    pub fn normal(&mut self) -> f64 {
        // The sum of four of 0..=65535 has mean 131070 and variance 4 × (65536² − 1) / 12.
        const MEAN: f64 = 131_070.0;
        const SCALE: f64 = 1.0 / 37_837.227_237_206_48;
        let bits = self.0.next_u64();
        let sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
        (sum as f64 - MEAN) * SCALE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_has_the_moments_it_says() {
        let mut r = Random::new(1, 2, 3);
        let x: Vec<f64> = (0..200_000).map(|_| r.normal()).collect();
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        let variance = x.iter().map(|v| v * v).sum::<f64>() / x.len() as f64;
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((variance - 1.0).abs() < 0.01, "{variance}");
        assert!(x.iter().all(|v| v.abs() < 3.47));
    }

    #[test]
    fn streams_of_customers_and_parts_differ() {
        let first = |c, p| Random::new(7, c, p).unit();
        assert!(first(1, 0) != first(2, 0) && first(1, 0) != first(1, 1));
        assert_eq!(first(1, 1), first(1, 1));
    }

    #[test]
    fn below_covers_its_range_and_survives_zero() {
        let mut r = Random::new(1, 1, 1);
        assert_eq!(r.below(0), 0);
        let mut seen = [false; 5];
        (0..200).for_each(|_| seen[r.below(5)] = true);
        assert_eq!(seen, [true; 5]);
    }
}
