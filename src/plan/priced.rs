//! What a change saves: the difference of two bills, by cycle and for a year.

use crate::rule::Facts;
use crate::tariff::{Bill, CycleBill};
use crate::units::Money;
use crate::whatif::{Change, State};
use rust_decimal::Decimal;

/// Billing cycles in a year.
const CYCLES_A_YEAR: f64 = 12.0;

/// The cycles that yearly figures count, found once a customer: all states of a customer have the
/// same billed cycles, or are not compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Year {
    /// Counted cycles (all billed ones where there is no yearly figure), as indices.
    pub cycles: Vec<usize>,
    /// The yearly bill as it is; `None` when a season with its own windows has no billed cycle.
    pub bill: Option<Money>,
    /// Counted fewer than twelve cycles.
    pub short: bool,
}

impl Year {
    /// Of the customer as it is; `None` without a tariff or a billed cycle.
    pub fn of(state: &State) -> Option<Self> {
        let (bill, tariff) = (state.bill()?, state.tariff()?);
        let billed =
            || bill.cycles.iter().enumerate().filter(|(_, c)| c.is_billed()).map(|(i, _)| i).collect::<Vec<_>>();
        let annual = bill.annual(tariff);
        let cycles = annual.as_ref().map_or_else(billed, |a| a.cycles.clone());
        let short = cycles.len() < CYCLES_A_YEAR as usize;
        (!cycles.is_empty()).then(|| Self { cycles, bill: annual.map(|a| a.amount), short })
    }

    /// The yearly figure of another bill over the same cycles, as [`crate::tariff::Bill::annual`]
    /// makes it: their sum, or mean × 12.
    pub fn amount(&self, bill: &Bill) -> Option<Money> {
        self.bill?;
        let sum: Money = self.totals(bill).sum();
        if !self.short {
            return Some(sum);
        }
        let year = sum.decimal().checked_mul(Decimal::from(CYCLES_A_YEAR as u64))?;
        Some(Money::new(year.checked_div(Decimal::from(self.cycles.len() as u64))?).rounded())
    }

    /// Totals of the counted cycles.
    fn totals(&self, bill: &Bill) -> impl Iterator<Item = Money> {
        self.cycles.iter().filter_map(|i| bill.cycles.get(*i)).map(CycleBill::total)
    }

    /// Below this a saving is not worth mentioning, a year.
    pub fn least_saving(&self, facts: &Facts<'_>) -> f64 {
        let bill = facts.bill().map_or(0.0, |b| self.totals(b).sum::<Money>().to_f64());
        facts.thresholds.least_saving(bill * CYCLES_A_YEAR / self.cycles.len().max(1) as f64)
    }

    /// What a counted cycle weighs in the yearly figure of a change; `None` where there is none. What is done on dates is
    /// done on them once a year: months that were not read add nothing.
    pub fn factor(&self, change: &dyn Change) -> Option<f64> {
        let each = if change.periods().is_empty() { CYCLES_A_YEAR / self.cycles.len().max(1) as f64 } else { 1.0 };
        self.bill.map(|_| each)
    }
}

/// `bill(before) − bill(after)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Priced {
    /// A year; `None` where there is no yearly figure.
    pub annual: Option<Money>,
    /// All billed cycles together.
    pub observed: Money,
    /// Saving of each counted cycle.
    pub monthly: Vec<Money>,
}

impl Priced {
    /// Compares a state with what a change makes of it. `None` without a tariff, or when the change leaves a cycle
    /// unbillable that was billed.
    pub fn new(before: &State, (change, after): (&dyn Change, &State), year: &Year) -> Option<Self> {
        let (old, new) = (before.bill()?, after.bill()?);
        if !old.cycles.iter().zip(&new.cycles).all(|(o, n)| o.is_billed() == n.is_billed()) {
            return None;
        }
        let monthly: Vec<Money> = year.totals(old).zip(year.totals(new)).map(|(o, n)| o - n).collect();
        let annual = if change.periods().is_empty() {
            year.amount(old).zip(year.amount(new)).map(|(o, n)| o - n)
        } else {
            year.bill.map(|_| monthly.iter().copied().sum())
        };
        Some(Self { annual, observed: old.observed() - new.observed(), monthly })
    }

    /// A yearly figure for the noise guard alone, also where none may be published.
    pub fn yearly(&self) -> f64 {
        let sum: Money = self.monthly.iter().copied().sum();
        let scaled = sum.to_f64() * CYCLES_A_YEAR / self.monthly.len().max(1) as f64;
        self.annual.map_or(scaled, Money::to_f64)
    }

    /// Saves more than nothing and more than the noise guard: the greater of a sum and a share of
    /// the yearly bill. Where a test on unseen months kept a share, that share must do so.
    pub fn worthwhile(&self, kept: Option<f64>, facts: &Facts<'_>, year: &Year) -> bool {
        let least = year.least_saving(facts);
        self.observed > Money::ZERO && self.yearly() > 0.0 && kept.unwrap_or(1.0) * self.yearly() >= least
    }

    /// Counted cycles in which it saves, and counted cycles.
    pub fn holds(&self) -> (usize, usize) {
        (self.monthly.iter().filter(|m| **m > Money::ZERO).count(), self.monthly.len())
    }

    /// `1/(1 + CV)` of the monthly savings; 0 when they sum to nothing. For even months it is the
    /// catalogue's `1 − CV`, which would call a saving worthless that falls into a quarter of the year. Of a
    /// seasonal change the months in which nothing changes do not count.
    pub fn stability(&self, seasonal: bool) -> f64 {
        let counts = |m: &&Money| !seasonal || **m != Money::ZERO;
        let values = || self.monthly.iter().filter(counts).map(|m| m.to_f64());
        let n = values().count().max(1) as f64;
        let mean = values().sum::<f64>() / n;
        if mean <= 0.0 {
            return 0.0;
        }
        let variance = values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
        mean / (mean + variance.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stability_falls_with_the_spread_of_months() {
        let of = |monthly: &[i64]| {
            let monthly: Vec<Money> = monthly.iter().map(|m| Money::new((*m).into())).collect();
            Priced { annual: None, observed: Money::ZERO, monthly }
        };
        assert_eq!(of(&[5, 5, 5]).stability(false), 1.0);
        assert!((of(&[4, 6]).stability(false) - 1.0 / 1.2).abs() < 1e-12, "CV 0.2");
        let quarter = of(&[10, 0, 0, 0]).stability(false);
        assert!((quarter - 1.0 / (1.0 + 3.0_f64.sqrt())).abs() < 1e-12, "one month in four is something: {quarter}");
        assert!(of(&[10, -8, 0, 0]).stability(false) < 0.1, "what other months lose again is next to nothing");
        assert_eq!(of(&[10, 0, 10, 0]).stability(true), 1.0, "two months of a season");
        assert_eq!(of(&[1, -1]).stability(false), 0.0);
        assert_eq!(of(&[3, 0, -1]).holds(), (1, 3));
    }

    /// The naive case: 10,000 a year stand, of which a test on unseen months kept a tenth.
    #[test]
    fn what_unseen_months_kept_must_be_worth_mentioning() {
        let f = crate::whatif::fixture::flat_year(50.0);
        let more = crate::plan::tests::More::default();
        crate::plan::tests::with_facts(&f, &more, |facts| {
            let year = Year::of(facts.state).unwrap();
            let monthly = vec![Money::new(10_000.into()); year.cycles.len()];
            let priced =
                Priced { annual: Some(monthly.iter().copied().sum()), observed: Money::new(1.into()), monthly };
            let holds = |kept| priced.worthwhile(kept, facts, &year);
            let least = facts.thresholds.least_saving(year.bill.unwrap().to_f64()) / 120_000.0;
            assert!(least < 0.1 && holds(None) && holds(Some(1.01 * least)) && !holds(Some(0.99 * least)));
        });
    }

    #[test]
    fn the_yearly_figure_is_that_of_the_bill() {
        for days in [120, 365] {
            let mut f = crate::whatif::fixture::year(|d, s| 100.0 + ((d * 7 + s) % 50) as f64);
            f.n_days = days;
            f.kw.truncate(days * 96);
            let state = f.state();
            let year = Year::of(&state).unwrap();
            assert_eq!(year.amount(state.bill().unwrap()), year.bill);
            assert_eq!(year.short, days == 120);
        }
    }
}
