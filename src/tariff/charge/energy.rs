//! Energy by band: kWh × the sum of the band's components that are no funds.

use super::{Case, Charge, Draft, Item};
use crate::tariff::LineKind;
use std::sync::Arc;

/// Energy lines, one for each band and supply point.
#[derive(Debug)]
pub struct Energy;

impl Charge for Energy {
    fn key(&self) -> &'static str {
        "energy"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        for (id, usage) in case.usages {
            for (i, band) in case.tariff.bands().iter().enumerate() {
                let estimated = usage.estimated_kwh.get(i).map_or(0.0, |e| e.get());
                let note = if estimated > 0.0 { format!("{estimated:.3} kWh estimated") } else { String::new() };
                draft.push(Item {
                    supply_point: Some(Arc::clone(id)),
                    kind: LineKind::Energy,
                    name: Arc::clone(&band.name),
                    period: Some(band.period),
                    quantity: usage.billed_kwh(i).get(),
                    unit: "kWh",
                    price: band.energy,
                    note,
                })?;
            }
        }
        Ok(())
    }
}
