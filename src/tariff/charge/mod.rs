//! What a tariff charges for, one kind of charge a file.

mod capacity;
mod demand;
mod energy;
mod fixed;
mod fund;
mod power_factor;

pub use power_factor::rate_basis_points;

use super::{Compiled, CycleUsage, Line, LineKind, Period, Price, Terms};
use crate::customer::BillingMode;
use crate::time::Cycle;
use crate::units::{Kva, Kwh};
use std::fmt;
use std::sync::Arc;

/// Kinds of charges, in the order of the lines; a charge may look at the lines before it.
pub static CHARGES: &[&dyn Charge] =
    &[&energy::Energy, &demand::Demand, &capacity::Capacity, &power_factor::PowerFactor, &fund::Fund, &fixed::Fixed];

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

/// One billing cycle of one customer.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The cycle.
    pub cycle: &'a Cycle,
    /// What each supply point used.
    pub usages: &'a [(&'a Arc<str>, &'a CycleUsage)],
    /// Contract and transformers.
    pub terms: &'a Terms<'a>,
    /// The tariff.
    pub tariff: &'a Compiled,
}

impl Case<'_> {
    /// Import of all supply points, estimates included.
    #[must_use]
    pub fn total_kwh(&self) -> Kwh {
        self.usages.iter().map(|(_, u)| u.total_kwh()).sum()
    }

    /// How the demand or capacity part is billed; `None` when the tariff has neither part.
    ///
    /// # Errors
    /// When the contract does not say, or says what the tariff does not have.
    pub fn mode(&self) -> Result<Option<BillingMode>, String> {
        let tariff = self.tariff.tariff();
        let (demand, capacity) = (tariff.demand.as_ref(), tariff.capacity.as_ref());
        if demand.is_none() && capacity.is_none() {
            return Ok(None);
        }
        if demand.is_some_and(|d| d.always) {
            return Ok(Some(BillingMode::Demand));
        }
        let has = |part: &str| format!("billing_mode {part} has no price in tariff {}; name another tariff", tariff.id);
        match self.terms.contract.billing_mode {
            None => Err("missing: billing_mode".into()),
            Some(BillingMode::Single) => Err(has("single")),
            Some(BillingMode::Capacity) if capacity.is_none() => Err(has("capacity")),
            Some(BillingMode::Demand) if demand.is_none() => Err(has("demand")),
            Some(BillingMode::Contract) if demand.is_none() => Err(has("contract")),
            mode => Ok(mode),
        }
    }

    /// The contract's transformer capacity, which floors and the rebate refer to: as stated, else
    /// what is billable; `None` when neither is known.
    #[must_use]
    pub fn contract_capacity(&self) -> Option<Kva> {
        self.terms.contract.capacity.or_else(|| capacity::billable(self.terms, &self.cycle.dates).ok())
    }
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
        let vintage = case.tariff.prices_as_of().map(|d| format!("prices as of {d}"));
        Self { lines: Vec::with_capacity(16), notes, vintage }
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
    pub fn push(&mut self, item: Item) -> Result<(), String> {
        let exact = item.quantity * item.price.get();
        self.push_exact(item, exact)
    }

    /// As [`Self::push`], with an exact amount of its own: a rate on exact amounts differs from the
    /// rate on their rounded sum.
    ///
    /// # Errors
    /// When the quantity is beyond what can be billed.
    pub fn push_exact(&mut self, item: Item, amount_exact: f64) -> Result<(), String> {
        if item.quantity == 0.0 {
            return Ok(());
        }
        let Some(amount) = item.price.amount(item.quantity) else {
            return Err(format!("{}: quantity {} cannot be billed; check the readings", item.name, item.quantity));
        };
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
        });
        Ok(())
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
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_charge_has_its_own_key() {
        let keys: BTreeSet<&str> = CHARGES.iter().map(|c| c.key()).collect();
        assert_eq!(keys.len(), CHARGES.len());
    }
}
