//! Government funds and surcharges per kWh, outside the power-factor base.

use super::{Case, Charge, Draft, Item};
use crate::tariff::LineKind;
use std::sync::Arc;

/// Fund lines: one for each fund, price and supply point, over all bands that carry it.
#[derive(Debug)]
pub struct Fund;

impl Charge for Fund {
    fn key(&self) -> &'static str {
        "fund"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        for (id, usage) in case.usages {
            for fund in case.tariff.funds() {
                draft.push(Item {
                    supply_point: Some(Arc::clone(id)),
                    kind: LineKind::Fund,
                    name: Arc::clone(&fund.name),
                    period: None,
                    quantity: fund.bands.iter().map(|b| usage.billed_kwh(*b).get()).sum(),
                    unit: "kWh",
                    price: fund.price,
                    note: String::new(),
                    origin: Arc::clone(&fund.origin),
                })?;
            }
        }
        Ok(())
    }
}
