//! What a bill comes to in a year.

use super::{Bill, Compiled, CycleBill};
use crate::text::{said, say};
use crate::time::Date;
use crate::units::Money;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// Billing cycles in a year.
const CYCLES_A_YEAR: usize = 12;
/// Days looked at to find the seasons of a tariff: a year that ends with the last billed cycle.
const DAYS_A_YEAR: i32 = 365;

/// A yearly amount and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annual {
    /// The latest 12 billed cycles, or the mean cycle × 12.
    pub amount: Money,
    /// The cycles counted, as indices into [`Bill::cycles`].
    pub cycles: Vec<usize>,
    /// Fewer than 12 cycles were billed.
    pub short: bool,
}

impl Bill {
    /// The bill of a year: the latest 12 billed cycles; with fewer, mean cycle × 12 and `short`.
    /// `None` when no cycle is billed, or when a season with its own windows has no billed cycle:
    /// [`Bill::annual_gap`] says which.
    #[must_use]
    pub fn annual(&self, tariff: &Compiled) -> Option<Annual> {
        if self.annual_gap(tariff).is_some() {
            return None;
        }
        let cycles = self.latest();
        let sum: Money = cycles.iter().filter_map(|c| self.cycles.get(*c)).map(CycleBill::total).sum();
        let short = cycles.len() < CYCLES_A_YEAR;
        let year = Decimal::from(CYCLES_A_YEAR as u64);
        let mean = sum.decimal().checked_mul(year)?.checked_div(Decimal::from(cycles.len() as u64))?;
        let amount = if short { Money::new(mean).rounded() } else { sum };
        Some(Annual { amount, cycles, short })
    }

    /// Why there is no yearly amount; `None` when there is one.
    #[must_use]
    pub fn annual_gap(&self, tariff: &Compiled) -> Option<String> {
        let billed: Vec<&CycleBill> = self.latest().iter().filter_map(|c| self.cycles.get(*c)).collect();
        let Some(last) = billed.last() else { return Some(said("bill.no_cycle").into()) };
        let seen: BTreeSet<usize> = billed.iter().flat_map(|c| tariff.regular_days(c.dates.clone())).collect();
        let year = last.dates.end.plus(-DAYS_A_YEAR)..last.dates.end;
        if tariff.regular_days(year.clone()).is_subset(&seen) {
            return None;
        }
        let unseen = |date: &Date| !tariff.regular_days(*date..date.plus(1)).is_subset(&seen);
        let missing: BTreeSet<u8> = (year.start.0..year.end.0).map(Date).filter(unseen).map(|d| d.ymd().1).collect();
        let months: Vec<String> = missing.iter().map(|m| format!("{m:02}")).collect();
        Some(say("bill.month_gap", &[("month", &months.join(", "))]))
    }

    /// The latest 12 billed cycles, in time order.
    #[must_use]
    pub fn latest(&self) -> Vec<usize> {
        let billed: Vec<usize> =
            self.cycles.iter().enumerate().filter(|(_, c)| c.is_billed()).map(|(i, _)| i).collect();
        billed[billed.len().saturating_sub(CYCLES_A_YEAR)..].to_vec()
    }
}
