//! What a tariff charges for, one kind of charge a file.

mod capacity;
mod case;
mod coincident;
mod contract;
mod demand;
mod demand_charge;
mod energy;
mod export;
mod fixed;
mod fund;
mod minimum;
mod power_factor;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod rare;
mod reactive;
mod tax;
#[cfg(test)]
mod tests;

pub use capacity::capacity_in_service;
pub use case::Case;
pub use contract::{OverRule, billed_under_contract};
pub use power_factor::rate_basis_points;

use super::{Line, LineKind, Period, Price};
use crate::text::say;
use crate::units::Money;
use std::fmt;
use std::sync::Arc;

/// Kinds of charges, in the order of the lines; a charge may look at the lines before it.
pub static CHARGES: &[&dyn Charge] = &[
    &energy::Energy,
    &demand::Demand,
    &demand_charge::DemandCharges,
    &coincident::Coincident,
    &capacity::Capacity,
    &reactive::Reactive,
    &power_factor::PowerFactor,
    &fund::Fund,
    &fixed::Fixed,
    &export::Export,
    &minimum::Minimum,
    &tax::Tax,
];

/// One kind of charge.
pub trait Charge: Sync + fmt::Debug {
    /// Its name in tariff files and bills.
    fn key(&self) -> &'static str;

    /// Adds its lines for one cycle; none when the tariff does not have it.
    ///
    /// # Errors
    /// Why the cycle cannot be billed, `missing: <column>` when the customer's data lack something.
    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String>;
}

/// A line before it is priced.
#[derive(Debug, Clone)]
pub struct Item {
    /// Supply point; `None` for the customer.
    pub supply_point: Option<Arc<str>>,
    /// What it charges for.
    pub kind: LineKind,
    /// The tariff's name for it.
    pub name: Arc<str>,
    /// Period of an energy line.
    pub period: Option<Period>,
    /// How much.
    pub quantity: f64,
    /// Of what.
    pub unit: &'static str,
    /// Per unit.
    pub price: Price,
    /// What a reader must know of it.
    pub note: String,
    /// Clause or file line.
    pub origin: Arc<str>,
}

/// Why a cycle is not billed for want of a column: `missing: capacity_kva`.
fn missing(need: &str) -> String {
    say("bill.missing", &[("need", &need)])
}

/// The lines of a cycle while charges add to them.
#[derive(Debug)]
pub struct Draft<'a> {
    lines: Vec<Line>,
    notes: &'a mut Vec<String>,
    vintage: Option<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(case: &Case<'_>, notes: &'a mut Vec<String>) -> Self {
        let vintage = case.tariff.conditions().prices_as_of.map(|d| say("bill.vintage", &[("date", &d)]));
        // A cycle has about as many lines as the one before.
        let n_lines = case.earlier.last().map_or(0, |c| c.lines.len()).max(8);
        Self { lines: Vec::with_capacity(n_lines), notes, vintage }
    }

    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Prices an item and adds it; nothing is added for a quantity of zero.
    ///
    /// # Errors
    /// When the quantity is beyond what can be billed.
    #[inline]
    pub fn push(&mut self, item: Item) -> Result<(), String> {
        let exact = item.quantity * item.price.get();
        self.push_exact(item, exact)
    }

    /// As [`Self::push`], with an exact amount of its own: a rate on exact amounts differs from the
    /// rate on their rounded sum.
    ///
    /// # Errors
    /// When the quantity is beyond what can be billed.
    #[inline]
    pub fn push_exact(&mut self, item: Item, amount_exact: f64) -> Result<(), String> {
        if item.quantity == 0.0 {
            return Ok(());
        }
        let Some(amount) = item.price.amount(item.quantity) else {
            return Err(say("bill.quantity_limit", &[("name", &item.name), ("quantity", &item.quantity)]));
        };
        self.push_line(item, amount, amount_exact);
        Ok(())
    }

    /// Adds an item whose price is only the mean of many: its amount is the exact one, rounded.
    ///
    /// # Errors
    /// When the amount is beyond what can be billed.
    pub fn push_mean(&mut self, mut item: Item, amount_exact: f64) -> Result<(), String> {
        if item.quantity == 0.0 {
            return Ok(());
        }
        let amount = Money::from_f64_rounded(amount_exact);
        let mean = Money::from_f64_rounded(amount_exact / item.quantity);
        let Some(amount) = amount.filter(|_| mean.is_some()) else {
            return Err(say("bill.amount_limit", &[("name", &item.name), ("amount", &amount_exact)]));
        };
        item.price = Price::from_f64(amount_exact / item.quantity);
        self.push_line(item, amount, amount_exact);
        Ok(())
    }

    #[inline]
    fn push_line(&mut self, item: Item, amount: Money, amount_exact: f64) {
        let note = match (&self.vintage, item.note.is_empty()) {
            (None, _) => item.note,
            (Some(vintage), true) => vintage.clone(),
            (Some(vintage), false) => format!("{}; {vintage}", item.note),
        };
        self.lines.push(Line {
            supply_point: item.supply_point,
            kind: item.kind,
            name: item.name,
            period: item.period,
            quantity: item.quantity,
            unit: item.unit,
            price: item.price.get(),
            amount,
            amount_exact,
            note,
            origin: item.origin,
        });
    }

    /// Sum of the lines of some kinds, rounded and exact.
    #[must_use]
    pub fn sum(&self, counts: impl Fn(LineKind) -> bool) -> (Money, f64) {
        let lines = || self.lines.iter().filter(|l| counts(l.kind));
        (lines().map(|l| l.amount).sum(), lines().map(|l| l.amount_exact).sum())
    }

    /// Adds a note to the bill, once.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(super) fn into_lines(self) -> Vec<Line> {
        self.lines
    }
}

#[cfg(test)]
mod registry {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_charge_has_its_own_key() {
        let keys: BTreeSet<&str> = CHARGES.iter().map(|c| c.key()).collect();
        assert_eq!(keys.len(), CHARGES.len());
    }
}
