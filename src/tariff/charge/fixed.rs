//! Fixed charges for each billing cycle.

use super::{Case, Charge, Draft, Item};
use crate::tariff::{FixedSpec, LineKind, Per};
use std::sync::Arc;

/// Fixed lines: one for the customer, or one for each supply point.
#[derive(Debug)]
pub struct Fixed;

impl Charge for Fixed {
    fn key(&self) -> &'static str {
        "fixed"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        for fixed in &case.tariff.tariff().fixed {
            match fixed.per {
                Per::Account => draft.push(item(fixed, None))?,
                Per::SupplyPoint => {
                    for (id, _) in case.usages {
                        draft.push(item(fixed, Some(Arc::clone(id))))?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn item(fixed: &FixedSpec, supply_point: Option<Arc<str>>) -> Item {
    Item {
        supply_point,
        kind: LineKind::Fixed,
        name: Arc::clone(&fixed.name),
        period: None,
        quantity: 1.0,
        unit: "1",
        price: fixed.price,
        note: String::new(),
    }
}
