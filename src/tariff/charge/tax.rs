//! Taxes on the amounts of lines.

use super::case::in_base;
use super::{Case, Charge, Draft, Item};
use crate::tariff::{LineKind, TaxSpec};
use std::sync::Arc;

/// Tax lines.
#[derive(Debug)]
pub struct Tax;

impl Charge for Tax {
    fn key(&self) -> &'static str {
        "tax"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let same = |a: &TaxSpec, b: &TaxSpec| (&a.name, a.rate, &a.base) == (&b.name, b.rate, &b.base);
        for found in case.gather(|t| &t.taxes, same) {
            let base = &found.spec.base;
            let counts = |kind: LineKind| kind != LineKind::Tax && (base.is_empty() || in_base(base, kind));
            let (sum, exact) = draft.sum(counts);
            let share = case.share(found.n_days);
            let item = Item {
                supply_point: None,
                kind: LineKind::Tax,
                name: Arc::clone(&found.spec.name),
                period: None,
                quantity: sum.to_f64() * share,
                unit: "base",
                price: found.spec.rate,
                note: case.share_note(found.n_days),
                origin: found.tariff.origin("tax", found.at),
            };
            draft.push_exact(item, exact * share * found.spec.rate.get())?;
        }
        Ok(())
    }
}
