//! The range around a yearly saving: seeded block bootstrap over the months that are priced
//! already, and other prices. Where a ratchet couples months a drawn year is billed anew.

use super::{Options, Year};
use crate::rule::Range;
use crate::tariff::Compiled;
use crate::units::Money;
use crate::whatif::State;
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
    /// How they come about.
    pub derived: Range,
}

impl Band {
    /// The range of a yearly saving of `mid` whose counted months saved `monthly`. Blocks of
    /// neighbouring months (the year taken as a ring) are drawn to a year's length; with fewer than
    /// twelve months the range is wider by √(12/n). The same customer and code give the same range.
    /// `None` without months or beyond what a decimal holds.
    #[must_use]
    pub fn of(mid: Money, monthly: &[Money], seed: &str, options: &Options) -> Option<Self> {
        let months: Vec<f64> = monthly.iter().map(|m| m.to_f64()).collect();
        let sum = |drawn: &[usize]| Some(drawn.iter().filter_map(|m| months.get(*m)).sum());
        Self::between(mid, months.len(), sum, (seed, options))
    }

    /// The range of a yearly saving between two states under a tariff whose ratchets couple months: each
    /// drawn year is billed for both, as a year that follows one like it.
    pub(super) fn rebilled(
        mid: Money,
        (before, after): (&State, &State),
        year: &Year,
        (seed, options): (&str, &Options),
    ) -> Option<Self> {
        let saved = |drawn: &[usize]| {
            let loads: Vec<usize> = drawn.iter().filter_map(|m| year.cycles.get(*m).copied()).collect();
            let total = |s: &State| Some(s.redrawn(&year.cycles, &loads)?.into_iter().sum::<Money>().to_f64());
            Some(total(before)? - total(after)?)
        };
        let fewer = Options { resamples: options.resamples.min(options.rebilled), ..*options };
        let mut band = Self::between(mid, year.cycles.len(), saved, (seed, &fewer))?;
        band.derived.billed_anew = true;
        Some(band)
    }

    /// The range over drawn years; `saved` is what the months of one save together.
    fn between(
        mid: Money,
        n: usize,
        saved: impl Fn(&[usize]) -> Option<f64>,
        (seed, options): (&str, &Options),
    ) -> Option<Self> {
        if n == 0 || options.resamples == 0 {
            return None;
        }
        let mut years = resample(n, saved, seed, options)?;
        let last = years.len() - 1;
        let tail = ((last as f64 * options.tail.clamp(0.0, 0.5)).round() as usize).min(last);
        let low = *years.select_nth_unstable_by(tail, f64::total_cmp).1;
        let high = *years.select_nth_unstable_by(last - tail, f64::total_cmp).1;
        let derived = Range {
            years: options.resamples,
            block_months: options.block_months.clamp(1, n),
            billed_anew: false,
            tail: options.tail,
            drawn_low: low,
            drawn_high: high,
            widened: (YEAR / n as f64).sqrt().max(1.0),
            price_band: options.price_band,
            kept: None,
        };
        Self::around(mid, derived)
    }

    fn around(mid: Money, derived: Range) -> Option<Self> {
        let [low, high] = derived.ends(mid.to_f64()).map(Money::from_f64_rounded);
        Some(Self { low: low?, high: high?, derived })
    }

    /// The range of a saving of which a test on unseen months kept a share: the lower end counts no more.
    #[must_use]
    pub fn keeping(self, mid: Money, kept: Option<f64>) -> Option<Self> {
        Self::around(mid, Range { kept, ..self.derived })
    }
}

/// Whether a month's bill depends on what was measured in other months.
pub(super) fn couples_months(tariff: &Compiled) -> bool {
    tariff.versions().iter().any(|t| {
        t.demand.as_ref().is_some_and(|d| d.ratchet.is_some()) || t.demand_charges.iter().any(|c| c.ratchet.is_some())
    })
}

/// Yearly savings of drawn years of `n` months; `None` when one cannot be billed.
fn resample(n: usize, saved: impl Fn(&[usize]) -> Option<f64>, seed: &str, options: &Options) -> Option<Vec<f64>> {
    let digest = Sha256::digest(seed.as_bytes());
    let mut key = [0u8; 32];
    key.copy_from_slice(&digest);
    let mut rng = ChaCha8Rng::from_seed(key);
    let block = options.block_months.clamp(1, n);
    let mut drawn: Vec<usize> = Vec::with_capacity(n);
    let mut year = || {
        drawn.clear();
        while drawn.len() < n {
            let start = (rng.next_u64() % n as u64) as usize;
            let taken = block.min(n - drawn.len());
            drawn.extend((0..taken).map(|k| (start + k) % n));
        }
        Some(saved(&drawn)? / n as f64 * YEAR)
    };
    (0..options.resamples).map(|_| year()).collect()
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
    fn what_unseen_months_did_not_keep_is_below_the_range() {
        let mid = money(1200.0);
        let band = Band::of(mid, &[money(100.0); 12], "a", &Options::default()).unwrap();
        let kept = band.keeping(mid, Some(0.4)).unwrap();
        assert_eq!((kept.low, kept.high), (money(432.0), band.high), "0.4 · 1,200 at 10 % lower prices");
        assert_eq!(band.keeping(mid, None), Some(band));
        assert_eq!(band.keeping(mid, Some(1.0)).unwrap().low, band.low, "the lower of both counts");
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

    /// Without a ratchet a drawn year, billed anew, saves what its months save; with one its maxima are
    /// billed on, so that a saving in one month lasts.
    #[test]
    fn drawn_years_are_billed_anew_where_a_ratchet_couples_months() {
        use crate::whatif::fixture::{TARIFF, year};
        use crate::whatif::{Cap, Change, Shave};
        let needle = |ratchet: &str| {
            let mut f = year(|d, s| if (d, s) == (40, 40) { 900.0 } else { 480.0 });
            f.tariff = Some(TARIFF.replace("window_minutes = 15", &format!("window_minutes = 15\n{ratchet}")));
            let before = f.state();
            let cap = Cap { days: 31..59, level: crate::units::Kw::new(500.0) };
            let after = Shave { caps: [cap].into() }.apply(&before);
            (before, after)
        };
        let saved = |(before, after): &(State, State), drawn: &[usize]| {
            let places: Vec<usize> = (0..12).collect();
            let total = |s: &State| s.redrawn(&places, drawn).unwrap().into_iter().sum::<Money>().to_f64();
            total(before) - total(after)
        };
        let all: Vec<usize> = (0..12).collect();
        let twice = [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        let (plain, ratcheted) = (needle(""), needle("ratchet = { share = 0.8, months_back = 11 }"));
        assert!((saved(&plain, &all) - 40.0 * 400.0).abs() < 1.0, "{}", saved(&plain, &all));
        assert!((saved(&plain, &twice) - 2.0 * 40.0 * 400.0).abs() < 1.0);
        // 0.8 · 900 = 720 kW are billed in each of the eleven other months.
        let lasting = 40.0 * (400.0 + 11.0 * 240.0);
        assert!((saved(&ratcheted, &all) - lasting).abs() < 1.0, "{} against {lasting}", saved(&ratcheted, &all));
        assert!(saved(&ratcheted, &[2; 12]).abs() < 1.0, "a year without the month that peaks");
        let year = Year::of(&ratcheted.0).unwrap();
        let options = Options::default();
        assert!(couples_months(ratcheted.0.tariff().unwrap()) && !couples_months(plain.0.tariff().unwrap()));
        let mid = Money::from_f64_rounded(lasting).unwrap();
        let band = Band::rebilled(mid, (&ratcheted.0, &ratcheted.1), &year, ("seed", &options)).unwrap();
        assert!(band.low.to_f64().abs() < 1.0 && band.high >= mid, "{band:?}");
    }
}
