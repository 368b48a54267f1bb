//! The range around a yearly saving: seeded block bootstrap over the months that are priced
//! already, and other prices. Of what follows the season each month of a drawn year is one of its own
//! season. Where a ratchet couples months a drawn year is billed anew.

use super::{Options, Year};
use crate::rule::Range;
use crate::tariff::Compiled;
use crate::time::Month;
use crate::units::Money;
use crate::whatif::State;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// Months in a year.
const YEAR: i32 = 12;

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
    /// The range of a yearly saving of `mid` whose counted months saved `monthly`, each of which weighs `factor` in the
    /// year. Blocks of neighbouring months (the year taken as a ring) are drawn, as many as were counted, or each month
    /// from its `pools`; where months weigh more than one, as there are too few, the range is wider by the root of that,
    /// and no narrower than so few can tell. The same customer and code give the same range. `None` without months or
    /// beyond what a decimal holds.
    #[must_use]
    pub fn of(
        (mid, factor): (Money, f64),
        monthly: &[Money],
        pools: &Pools,
        (seed, options): (&str, &Options),
    ) -> Option<Self> {
        let months: Vec<f64> = monthly.iter().map(|m| m.to_f64()).collect();
        let sum = |drawn: &[usize]| Some(drawn.iter().filter_map(|m| months.get(*m)).sum());
        Self::between((mid, factor), months.len(), sum, (pools, seed, options))
    }

    /// The range of a yearly saving between two states under a tariff whose ratchets couple months: each
    /// drawn year is billed for both, as a year that follows one like it.
    pub(super) fn rebilled(
        of: (Money, f64),
        (before, after): (&State, &State),
        year: &Year,
        pools: &Pools,
        (seed, options): (&str, &Options),
    ) -> Option<Self> {
        let saved = |drawn: &[usize]| {
            let loads: Vec<usize> = drawn.iter().filter_map(|m| year.cycles.get(*m).copied()).collect();
            let total = |s: &State| Some(s.redrawn(&year.cycles, &loads)?.into_iter().sum::<Money>().to_f64());
            Some(total(before)? - total(after)?)
        };
        let fewer = Options { resamples: options.resamples.min(options.rebilled), ..*options };
        let mut band = Self::between(of, year.cycles.len(), saved, (pools, seed, &fewer))?;
        band.derived.billed_anew = true;
        Some(band)
    }

    /// The range over drawn years; `saved` is what the months of one save together.
    fn between(
        (mid, factor): (Money, f64),
        n: usize,
        saved: impl Fn(&[usize]) -> Option<f64>,
        (pools, seed, options): (&Pools, &str, &Options),
    ) -> Option<Self> {
        if n == 0 || options.resamples == 0 {
            return None;
        }
        let mut years = resample((n, factor), saved, pools, (seed, options))?;
        let last = years.len() - 1;
        let tail = ((last as f64 * options.tail.clamp(0.0, 0.5)).round() as usize).min(last);
        let low = *years.select_nth_unstable_by(tail, f64::total_cmp).1;
        let high = *years.select_nth_unstable_by(last - tail, f64::total_cmp).1;
        let derived = Range {
            years: options.resamples,
            block_months: options.block_months.clamp(1, n),
            seasonal: !pools.0.is_empty(),
            billed_anew: false,
            tail: options.tail,
            drawn_low: low,
            drawn_high: high,
            least_spread: if factor > 1.0 { options.least_spread / (n as f64).sqrt() } else { 0.0 },
            widened: factor.sqrt().max(1.0),
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

/// Of which months each month of a drawn year may be one; empty where blocks are drawn from all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pools(Vec<Vec<usize>>);

impl Pools {
    /// Of each month itself and those that lie at most half a block from it in the year, in which the change is as
    /// much in force: a year has as many months of it as were priced. `in_force` is empty where it is in all.
    #[must_use]
    pub fn of_seasons(months: &[Month], in_force: &[bool], block_months: usize) -> Self {
        let apart = |a: &Month, b: &Month| {
            let around = (a.0 - b.0).rem_euclid(YEAR);
            around.min(YEAR - around) as usize
        };
        let pool = |(i, month): (usize, &Month)| {
            let near = months
                .iter()
                .enumerate()
                .filter(|(j, other)| apart(month, other) <= block_months / 2 && in_force.get(i) == in_force.get(*j));
            near.map(|(j, _)| j).collect()
        };
        Self(months.iter().enumerate().map(pool).collect())
    }
}

/// Yearly savings of drawn years of `n` months that weigh `factor`; `None` when one cannot be billed.
fn resample(
    (n, factor): (usize, f64),
    saved: impl Fn(&[usize]) -> Option<f64>,
    pools: &Pools,
    (seed, options): (&str, &Options),
) -> Option<Vec<f64>> {
    let digest = Sha256::digest(seed.as_bytes());
    let mut key = [0u8; 32];
    key.copy_from_slice(&digest);
    let mut rng = ChaCha8Rng::from_seed(key);
    let mut below = |n: usize| (rng.next_u64() % n.max(1) as u64) as usize;
    let block = options.block_months.clamp(1, n);
    let mut drawn: Vec<usize> = Vec::with_capacity(n);
    let mut year = || {
        drawn.clear();
        drawn.extend(pools.0.iter().filter_map(|pool| pool.get(below(pool.len()))));
        while drawn.len() < n {
            let start = below(n);
            let taken = block.min(n - drawn.len());
            drawn.extend((0..taken).map(|k| (start + k) % n));
        }
        Some(saved(&drawn)? * factor)
    };
    (0..options.resamples).map(|_| year()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(v: f64) -> Money {
        Money::from_f64_rounded(v).unwrap()
    }

    fn of(mid: Money, monthly: &[Money], options: &Options) -> Option<Band> {
        let factor = 12.0 / monthly.len().max(1) as f64;
        Band::of((mid, factor), monthly, &Pools::default(), ("a", options))
    }

    /// The naive range draws years of ten summer months, or of eight in which units rest where six are allowed.
    #[test]
    fn what_follows_the_season_is_drawn_from_it() {
        let months: Vec<Month> = (0..12).map(|m| Month(2025 * 12 + m)).collect();
        let summer = [0, 0, 0, 5, 10, 20, 30, 30, 15, 5, 0, 0].map(|v| money(f64::from(v)));
        let (mid, options) = (summer.iter().copied().sum::<Money>(), Options::default());
        let pools = Pools::of_seasons(&months, &[], options.block_months);
        assert_eq!([&pools.0[0][..], &pools.0[5]], [&[0, 1, 11][..], &[4, 5, 6]], "the year is a ring");
        let range = |pools: &Pools| Band::of((mid, 1.0), &summer, pools, ("a", &options)).unwrap().derived;
        let (naive, own) = (range(&Pools::default()), range(&pools));
        assert!(naive.drawn_low < 60.0 && naive.drawn_high > 180.0, "{naive:?}");
        // At most each month's dearest neighbour: 5 + 10 + 20 + 4 · 30 + 15 + 5 a year, at least the cheapest.
        assert!(own.drawn_low > 80.0 && own.drawn_high < 150.0 && own.drawn_high > 120.0, "{own:?}");
        assert!(own.seasonal && !naive.seasonal);

        // Six months rest, the dearest of 60.
        let rests: Vec<bool> = (0..12).map(|m| [0, 1, 5, 6, 7, 11].contains(&m)).collect();
        let saved: Vec<Money> =
            (0..12).map(|m| money(if rests[m] { 50.0 + 2.0 * (m % 6) as f64 } else { 0.0 })).collect();
        let mid = saved.iter().copied().sum::<Money>();
        let pools = Pools::of_seasons(&months, &rests, options.block_months);
        let most = |pools: &Pools| Band::of((mid, 1.0), &saved, pools, ("a", &options)).unwrap();
        assert!(most(&Pools::default()).high.to_f64() > 1.1 * 6.0 * 60.0, "eight months and more");
        let own = most(&pools);
        assert!(own.high.to_f64() <= 1.1 * 6.0 * 60.0 && own.low.to_f64() >= 0.9 * 6.0 * 50.0, "{own:?}");
    }

    #[test]
    fn fewer_months_have_their_own_neighbours() {
        // January to April, and December: January lies beside both.
        let months: Vec<Month> = [0, 1, 2, 3, 11].iter().map(|m| Month(2025 * 12 + m)).collect();
        let pools = Pools::of_seasons(&months, &[], 3);
        assert_eq!(pools.0, [vec![0, 1, 4], vec![0, 1, 2], vec![1, 2, 3], vec![2, 3], vec![0, 4]]);
        assert_eq!(Pools::of_seasons(&months, &[], 1).0, [[0], [1], [2], [3], [4]], "no neighbour with blocks of one");
    }

    #[test]
    fn equal_months_leave_the_price_band_alone() {
        let band = of(money(1200.0), &[money(100.0); 12], &Options::default()).unwrap();
        assert_eq!((band.low, band.high), (money(1080.0), money(1320.0)));
    }

    #[test]
    fn what_unseen_months_did_not_keep_is_below_the_range() {
        let mid = money(1200.0);
        let band = of(mid, &[money(100.0); 12], &Options::default()).unwrap();
        let kept = band.keeping(mid, Some(0.4)).unwrap();
        assert_eq!((kept.low, kept.high), (money(432.0), band.high), "0.4 · 1,200 at 10 % lower prices");
        assert_eq!(band.keeping(mid, None), Some(band));
        assert_eq!(band.keeping(mid, Some(1.0)).unwrap().low, band.low, "the lower of both counts");
    }

    #[test]
    fn the_range_holds_the_saving_and_is_the_same_every_time() {
        let monthly: Vec<Money> = (0..12).map(|m| money(f64::from(m * m))).collect();
        let mid: Money = monthly.iter().copied().sum();
        let band = |seed: &str| Band::of((mid, 1.0), &monthly, &Pools::default(), (seed, &Options::default())).unwrap();
        assert!(band("a").low < mid && mid < band("a").high);
        assert_eq!(band("a"), band("a"));
        assert_ne!(band("a"), band("b"));
    }

    /// The naive range of one month is that of a year of months all like it, the narrowest of all.
    #[test]
    fn one_month_tells_least() {
        let monthly: Vec<Money> = [100.0, 108.0, 96.0, 103.0].map(money).into();
        let widths = (1..=12).map(|n| {
            let months: Vec<Money> = monthly.iter().copied().cycle().take(n).collect();
            let mid = months.iter().map(|m| m.to_f64()).sum::<f64>() * 12.0 / n as f64;
            let band = of(money(mid), &months, &Options::default()).unwrap();
            (band.high.to_f64() - band.low.to_f64()) / mid
        });
        let widths: Vec<f64> = widths.collect();
        assert!(widths.windows(2).all(|w| w[0] > w[1]), "{widths:?}");
        assert!(
            (widths[0] - 2.0 * (0.1 + 0.2 * 12f64.sqrt())).abs() < 1e-3,
            "± 69 %, each at other prices: {widths:?}"
        );
    }

    #[test]
    fn fewer_months_widen_it() {
        let monthly: Vec<Money> = (0..12).map(|m| money(f64::from(m % 3) * 50.0)).collect();
        let mid = money(600.0);
        let width = |n: usize| {
            let b = of(mid, &monthly[..n], &Options { block_months: 1, ..Options::default() }).unwrap();
            b.high.to_f64() - b.low.to_f64()
        };
        assert!(width(3) > 1.5 * width(12));
        assert_eq!(of(mid, &[], &Options::default()), None);
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
            let after = Shave { caps: [cap].into(), hours: None }.apply(&before);
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
        let band =
            Band::rebilled((mid, 1.0), (&ratcheted.0, &ratcheted.1), &year, &Pools::default(), ("seed", &options))
                .unwrap();
        assert!(band.low.to_f64().abs() < 1.0 && band.high >= mid, "{band:?}");
    }
}
