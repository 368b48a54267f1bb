//! The range around a yearly saving: seeded block bootstrap over the months that are priced
//! already, and other prices.

use super::Options;
use crate::units::Money;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// Months in a year.
const YEAR: f64 = 12.0;

/// Lower and upper end of a yearly saving.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Lower end.
    pub low: Money,
    /// Upper end.
    pub high: Money,
}

impl Band {
    /// The range of a yearly saving of `mid` whose counted months saved `monthly`. Blocks of
    /// neighbouring months (the year taken as a ring) are drawn to a year's length; with fewer than
    /// twelve months the range is wider by √(12/n). The same customer and code give the same range.
    /// `None` without months or beyond what a decimal holds.
    #[must_use]
    pub fn of(mid: Money, monthly: &[Money], seed: &str, options: &Options) -> Option<Self> {
        let months: Vec<f64> = monthly.iter().map(|m| m.to_f64()).collect();
        if months.is_empty() || options.resamples == 0 {
            return None;
        }
        let mut years = resample(&months, seed, options);
        let last = years.len() - 1;
        let tail = ((last as f64 * options.tail.clamp(0.0, 0.5)).round() as usize).min(last);
        let low = *years.select_nth_unstable_by(tail, f64::total_cmp).1;
        let high = *years.select_nth_unstable_by(last - tail, f64::total_cmp).1;
        let mid = mid.to_f64();
        let widen = (YEAR / months.len() as f64).sqrt().max(1.0);
        let (low, high) = (mid - (mid - low).max(0.0) * widen, mid + (high - mid).max(0.0) * widen);
        Some(Self {
            low: Money::from_f64_rounded(low - options.price_band * low.abs())?,
            high: Money::from_f64_rounded(high + options.price_band * high.abs())?,
        })
    }
}

/// Yearly sums of resampled months.
fn resample(months: &[f64], seed: &str, options: &Options) -> Vec<f64> {
    let digest = Sha256::digest(seed.as_bytes());
    let mut key = [0u8; 32];
    key.copy_from_slice(&digest);
    let mut rng = ChaCha8Rng::from_seed(key);
    let (n, block) = (months.len(), options.block_months.clamp(1, months.len()));
    let year = |rng: &mut ChaCha8Rng| {
        let (mut sum, mut taken) = (0.0, 0);
        while taken < n {
            let start = rng.next_u64() % n as u64;
            for k in 0..block.min(n - taken) {
                sum += months.get((start as usize + k) % n).copied().unwrap_or(0.0);
            }
            taken += block.min(n - taken);
        }
        sum / n as f64 * YEAR
    };
    (0..options.resamples).map(|_| year(&mut rng)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(v: f64) -> Money {
        Money::from_f64_rounded(v).unwrap()
    }

    #[test]
    fn equal_months_leave_the_price_band_alone() {
        let band = Band::of(money(1200.0), &[money(100.0); 12], "a", &Options::default()).unwrap();
        assert_eq!((band.low, band.high), (money(1080.0), money(1320.0)));
    }

    #[test]
    fn the_range_holds_the_saving_and_is_the_same_every_time() {
        let monthly: Vec<Money> = (0..12).map(|m| money(f64::from(m * m))).collect();
        let mid: Money = monthly.iter().copied().sum();
        let band = |seed: &str| Band::of(mid, &monthly, seed, &Options::default()).unwrap();
        assert!(band("a").low < mid && mid < band("a").high);
        assert_eq!(band("a"), band("a"));
        assert_ne!(band("a"), band("b"));
    }

    #[test]
    fn fewer_months_widen_it() {
        let monthly: Vec<Money> = (0..12).map(|m| money(f64::from(m % 3) * 50.0)).collect();
        let mid = money(600.0);
        let width = |n: usize| {
            let b = Band::of(mid, &monthly[..n], "a", &Options { block_months: 1, ..Options::default() }).unwrap();
            b.high.to_f64() - b.low.to_f64()
        };
        assert!(width(3) > 1.5 * width(12));
        assert_eq!(Band::of(mid, &[], "a", &Options::default()), None);
    }
}
