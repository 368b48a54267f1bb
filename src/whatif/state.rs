//! A customer as it is or as it would be, with its bill computed at most once.

use super::spread;
use crate::curve::Load;
use crate::customer::{Contract, Customer, Transformer};
use crate::error::{Error, Result};
use crate::tariff::{Bill, Compiled, Terms, Usage, price, usage};
use crate::time::Cycle;
use std::sync::{Arc, OnceLock};

/// Usages of all supply points, in their order.
type Usages = Vec<(Arc<str>, Usage)>;

/// A customer's load, contract and bill. Clones share everything; a change replaces only what it
/// changes, so that a new contract re-prices the usages that are there and only another load is
/// measured again.
#[derive(Debug, Clone)]
pub struct State {
    id: Arc<str>,
    total: Arc<Load>,
    points: Arc<[(Arc<str>, Arc<Load>)]>,
    contract: Contract,
    transformers: Arc<[Transformer]>,
    cycles: Arc<[Cycle]>,
    tariff: Option<Arc<Compiled>>,
    usages: Arc<OnceLock<Usages>>,
    bill: Arc<OnceLock<Bill>>,
}

impl State {
    /// A customer as it is. `points` are its supply points; none means that `total` is the only
    /// one, under the customer's id.
    ///
    /// # Errors
    /// When a supply point's day axis is not the total's: interval `i` must be the same instant in
    /// all of them.
    pub fn new(
        total: Arc<Load>,
        points: Vec<(Arc<str>, Arc<Load>)>,
        customer: &Customer,
        cycles: Vec<Cycle>,
        tariff: Option<Arc<Compiled>>,
    ) -> Result<Self> {
        if let Some((id, _)) = points.iter().find(|(_, load)| load.days() != total.days()) {
            return Err(Error::Customer {
                customer: customer.id.to_string(),
                what: format!(
                    "supply point {id} does not cover the same days as the customer; pad it to the total's days"
                ),
            });
        }
        let points = if points.is_empty() { vec![(Arc::clone(&customer.id), Arc::clone(&total))] } else { points };
        Ok(Self {
            id: Arc::clone(&customer.id),
            total,
            points: points.into(),
            contract: customer.contract.clone(),
            transformers: customer.transformers.clone().into(),
            cycles: cycles.into(),
            tariff,
            usages: Arc::default(),
            bill: Arc::default(),
        })
    }

    /// The customer's id.
    #[must_use]
    pub const fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The sum over its main meters.
    #[must_use]
    pub fn load(&self) -> &Load {
        &self.total
    }

    /// Its supply points, on the day axis of [`State::load`].
    #[must_use]
    pub fn points(&self) -> &[(Arc<str>, Arc<Load>)] {
        &self.points
    }

    /// Terms of billing.
    #[must_use]
    pub const fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Its transformers.
    #[must_use]
    pub fn transformers(&self) -> &[Transformer] {
        &self.transformers
    }

    /// Its billing cycles, partial ones included.
    #[must_use]
    pub fn cycles(&self) -> &[Cycle] {
        &self.cycles
    }

    /// Its tariff.
    #[must_use]
    pub fn tariff(&self) -> Option<&Compiled> {
        self.tariff.as_deref()
    }

    /// Billing determinants of each supply point, measured once; `None` without a tariff.
    #[must_use]
    pub fn usages(&self) -> Option<&[(Arc<str>, Usage)]> {
        let tariff = self.tariff.as_deref()?;
        let measure = || {
            let one = |(id, load): &(Arc<str>, Arc<Load>)| (Arc::clone(id), usage(load, &self.cycles, tariff));
            self.points.iter().map(one).collect()
        };
        Some(self.usages.get_or_init(measure))
    }

    /// The bill of this state, priced once; `None` without a tariff.
    #[must_use]
    pub fn bill(&self) -> Option<&Bill> {
        let tariff = self.tariff.as_deref()?;
        let usages = self.usages()?;
        let terms = Terms::new(&self.contract, &self.transformers);
        Some(self.bill.get_or_init(|| price(usages, &self.cycles, &terms, tariff)))
    }

    /// The same customer on other terms: usages stay, the bill is priced anew.
    #[must_use]
    pub fn with_contract(&self, contract: Contract) -> Self {
        Self { contract, bill: Arc::default(), ..self.clone() }
    }

    /// The same customer with another total: `kw` has one value per interval of the load. Each
    /// interval's difference goes to the supply points by their share of that interval.
    #[must_use]
    pub fn with_kw(&self, kw: Vec<f64>) -> Self {
        let (total, points) = spread::kw(&self.total, &self.points, kw);
        self.with_loads(total, points)
    }

    /// The same customer with lagging reactive power taken away: `removed_kvar` ≥ 0 per interval of
    /// the load, at most its lagging power; it goes to the supply points by their share of the
    /// interval's lagging power. A load without reactive readings stays as it is.
    #[must_use]
    pub fn with_lagging_removed(&self, removed_kvar: &[f64]) -> Self {
        let (total, points) = spread::lagging(&self.total, &self.points, removed_kvar);
        self.with_loads(total, points)
    }

    /// The same customer with other loads at its supply points, all on the same day axis.
    #[must_use]
    pub(super) fn with_loads(&self, total: Arc<Load>, points: Vec<(Arc<str>, Arc<Load>)>) -> Self {
        Self { total, points: points.into(), usages: Arc::default(), bill: Arc::default(), ..self.clone() }
    }
}
