//! Government funds and surcharges per kWh, outside the power-factor base.

use super::{Case, Charge, Draft, Item};
use crate::tariff::{LineKind, Price};
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
            let mut funds: Vec<(Arc<str>, Price, f64)> = Vec::new();
            for (i, band) in case.tariff.bands().iter().enumerate() {
                let kwh = usage.billed_kwh(i).get();
                for (name, price) in &band.funds {
                    match funds.iter_mut().find(|f| f.0 == *name && f.1 == *price) {
                        Some(fund) => fund.2 += kwh,
                        None => funds.push((Arc::clone(name), *price, kwh)),
                    }
                }
            }
            let total = usage.total_kwh().get();
            funds.extend(case.tariff.tariff().funds.iter().map(|f| (Arc::clone(&f.name), f.price, total)));
            for (name, price, kwh) in funds {
                draft.push(Item {
                    supply_point: Some(Arc::clone(id)),
                    kind: LineKind::Fund,
                    name,
                    period: None,
                    quantity: kwh,
                    unit: "kWh",
                    price,
                    note: String::new(),
                })?;
            }
        }
        Ok(())
    }
}
