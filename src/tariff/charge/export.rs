//! Credit for energy fed back, by band.

use super::{Case, Charge, Draft, Item};
use crate::tariff::{LineKind, Price};
use std::sync::Arc;

/// Export lines, negative, for bands with a `sell` price.
#[derive(Debug)]
pub struct Export;

impl Charge for Export {
    fn key(&self) -> &'static str {
        "export"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        for (id, usage) in case.usages {
            for (band, kwh) in case.tariff.bands().iter().zip(&usage.export_kwh) {
                let Some(sell) = band.sell else { continue };
                draft.push(Item {
                    supply_point: Some(Arc::clone(id)),
                    kind: LineKind::Export,
                    name: Arc::clone(&band.name),
                    period: Some(band.period),
                    quantity: kwh.get(),
                    unit: "kWh",
                    price: Price::new(-sell.decimal()),
                    note: String::new(),
                    origin: Arc::clone(&band.origin),
                })?;
            }
        }
        Ok(())
    }
}
