//! Fixed charges for each billing cycle or each of its days.

use super::case::Found;
use super::{Case, Charge, Draft, Item};
use crate::tariff::{Every, FixedSpec, LineKind, Per};
use std::sync::Arc;

/// Fixed lines: one for the customer, or one for each supply point.
#[derive(Debug)]
pub struct Fixed;

impl Charge for Fixed {
    fn key(&self) -> &'static str {
        "fixed"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let same = |a: &FixedSpec, b: &FixedSpec| {
            a.name == b.name && a.price == b.price && (a.per, a.every, &a.months) == (b.per, b.every, &b.months)
        };
        for found in case.gather(|t| &t.fixed, same) {
            let months = &found.spec.months;
            if !months.is_empty() && !months.contains(&case.month()) {
                continue;
            }
            match found.spec.per {
                Per::Account => draft.push(item(case, &found, None))?,
                Per::SupplyPoint => {
                    for (id, _) in case.usages {
                        draft.push(item(case, &found, Some(Arc::clone(id))))?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn item(case: &Case<'_>, found: &Found<'_, FixedSpec>, supply_point: Option<Arc<str>>) -> Item {
    let (quantity, unit) = match found.spec.every {
        Every::Month => (case.share(found.n_days), "1"),
        Every::Day => (f64::from(found.n_days), "d"),
    };
    Item {
        supply_point,
        kind: LineKind::Fixed,
        name: Arc::clone(&found.spec.name),
        period: None,
        quantity,
        unit,
        price: found.spec.price,
        note: case.share_note(found.n_days),
        origin: found.tariff.origin("fixed", found.at),
    }
}
