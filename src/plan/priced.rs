//! What a change saves: the difference of two bills, by cycle and for a year.

use crate::rule::Facts;
use crate::tariff::CycleBill;
use crate::units::Money;
use crate::whatif::State;

/// Billing cycles in a year.
const CYCLES_A_YEAR: f64 = 12.0;

/// `bill(before) − bill(after)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Priced {
    /// A year; `None` when a season with its own windows has no billed cycle.
    pub annual: Option<Money>,
    /// All billed cycles together.
    pub observed: Money,
    /// Cycles that the yearly figure counts (all billed ones where there is none), as indices.
    pub counted: Vec<usize>,
    /// Saving of each counted cycle.
    pub monthly: Vec<Money>,
    /// Counted fewer than twelve cycles.
    pub short: bool,
}

impl Priced {
    /// Compares two states. `None` without a tariff, without a billed cycle, or when the change
    /// leaves a cycle unbillable that was billed.
    pub fn new(before: &State, after: &State) -> Option<Self> {
        let tariff = before.tariff()?;
        let (old, new) = (before.bill()?, after.bill()?);
        let same = old.cycles.iter().zip(&new.cycles).all(|(o, n)| o.is_billed() == n.is_billed());
        let billed: Vec<usize> =
            (0..old.cycles.len()).filter(|i| old.cycles.get(*i).is_some_and(CycleBill::is_billed)).collect();
        if !same || billed.is_empty() {
            return None;
        }
        let annual = old.annual(tariff).zip(new.annual(tariff));
        let counted = annual.as_ref().map_or(billed, |(o, _)| o.cycles.clone());
        let saved = |i: &usize| Some(old.cycles.get(*i)?.total() - new.cycles.get(*i)?.total());
        Some(Self {
            annual: annual.as_ref().map(|(o, n)| o.amount - n.amount),
            observed: old.observed() - new.observed(),
            monthly: counted.iter().filter_map(saved).collect(),
            short: counted.len() < CYCLES_A_YEAR as usize,
            counted,
        })
    }

    /// A yearly figure for the noise guard alone, also where none may be published.
    fn yearly(&self) -> f64 {
        let sum: Money = self.monthly.iter().copied().sum();
        let scaled = sum.to_f64() * CYCLES_A_YEAR / self.monthly.len().max(1) as f64;
        self.annual.map_or(scaled, Money::to_f64)
    }

    /// Saves more than nothing and more than the noise guard: the greater of a sum and a share of
    /// the yearly bill.
    pub fn worthwhile(&self, facts: &Facts<'_>) -> bool {
        let bill: f64 = facts.bill().map_or(0.0, |b| {
            let counted = self.counted.iter().filter_map(|i| b.cycles.get(*i));
            counted.map(|c| c.total().to_f64()).sum::<f64>() * CYCLES_A_YEAR / self.counted.len().max(1) as f64
        });
        let t = facts.thresholds;
        self.observed > Money::ZERO && self.yearly() > 0.0 && self.yearly() >= t.noise_money.max(t.noise_share * bill)
    }

    /// What a counted cycle weighs in a year; `None` where there is no yearly figure.
    pub fn annual_factor(&self) -> Option<f64> {
        self.annual.map(|_| CYCLES_A_YEAR / self.counted.len().max(1) as f64)
    }

    /// Counted cycles in which it saves, and counted cycles.
    pub fn holds(&self) -> (usize, usize) {
        (self.monthly.iter().filter(|m| **m > Money::ZERO).count(), self.monthly.len())
    }

    /// `1 − CV` of the monthly savings, at least 0; 0 when they sum to nothing.
    pub fn stability(&self) -> f64 {
        let n = self.monthly.len().max(1) as f64;
        let values = || self.monthly.iter().map(|m| m.to_f64());
        let mean = values().sum::<f64>() / n;
        if mean <= 0.0 {
            return 0.0;
        }
        let variance = values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
        (1.0 - variance.sqrt() / mean).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stability_falls_with_the_spread_of_months() {
        let of = |monthly: &[i64]| {
            let monthly: Vec<Money> = monthly.iter().map(|m| Money::new((*m).into())).collect();
            let counted = (0..monthly.len()).collect();
            Priced { annual: None, observed: Money::ZERO, counted, monthly, short: false }
        };
        assert_eq!(of(&[5, 5, 5]).stability(), 1.0);
        assert!((of(&[4, 6]).stability() - 0.8).abs() < 1e-12);
        assert_eq!(of(&[10, 0, 0, 0]).stability(), 0.0, "the floor");
        assert_eq!(of(&[1, -1]).stability(), 0.0);
        assert_eq!(of(&[3, 0, -1]).holds(), (1, 3));
    }
}
