//! Reactive energy beyond what is free.

use super::{Case, Charge, Draft, Item};
use crate::tariff::{LineKind, Quadrants, ReactiveCharge};
use crate::text::say;
use std::sync::Arc;

/// Lines of `[[reactive]]`.
#[derive(Debug)]
pub struct Reactive;

impl Charge for Reactive {
    fn key(&self) -> &'static str {
        "reactive"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let same = |a: &ReactiveCharge, b: &ReactiveCharge| {
            (&a.name, a.price, a.free_share, a.quadrants) == (&b.name, b.price, b.free_share, b.quadrants)
        };
        for found in case.gather(|t| &t.reactive, same) {
            let spec = found.spec;
            for (id, usage) in case.usages.iter().filter(|(_, u)| u.n_expected > 0) {
                let missing = || say("bill.reactive_for", &[("name", &spec.name)]);
                let (lag, lead) = usage.kvarh_lag_lead.ok_or_else(missing)?;
                let kvarh = match spec.quadrants {
                    Quadrants::Lag => lag,
                    Quadrants::LagAndLead => lag + lead,
                };
                let free = usage.total_kwh().get() * spec.free_share;
                draft.push(Item {
                    supply_point: Some(Arc::clone(id)),
                    kind: LineKind::Reactive,
                    name: Arc::clone(&spec.name),
                    period: None,
                    quantity: (kvarh.get() - free).max(0.0) * case.share(found.n_days),
                    unit: "kvarh",
                    price: spec.price,
                    note: say(
                        "bill.free",
                        &[("kvarh", &format_args!("{:.3}", kvarh.get())), ("free", &format_args!("{free:.3}"))],
                    ),
                    origin: found.tariff.origin("reactive", found.at),
                })?;
            }
        }
        Ok(())
    }
}
