//! What raises a bill to its minimum, by the month or by the year.

use super::case::Found;
use super::{Case, Charge, Draft, Item};
use crate::tariff::{LineKind, MinimumPer, MinimumSpec, Price};
use crate::text::say;
use crate::units::Money;
use rust_decimal::Decimal;
use std::sync::Arc;

/// Months of a year before the one in which a yearly minimum is settled.
const OTHER_MONTHS: i32 = 11;

/// Lines of `[[minimum]]`.
#[derive(Debug)]
pub struct Minimum;

impl Charge for Minimum {
    fn key(&self) -> &'static str {
        "minimum"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let same = |a: &MinimumSpec, b: &MinimumSpec| {
            (&a.name, a.amount, a.per, a.settled_in) == (&b.name, b.amount, b.per, b.settled_in)
        };
        for found in case.gather(|t| &t.minimums, same) {
            let (mut sum, mut exact) = draft.sum(|kind| kind != LineKind::Tax);
            let share = if found.spec.per == MinimumPer::Year {
                let Some((others, others_exact)) = year(case, &found, draft) else { continue };
                (sum, exact) = (sum + others, exact + others_exact);
                1.0
            } else {
                case.share(found.n_days)
            };
            let least = if share == 1.0 { found.spec.amount } else { Price::from_f64(found.spec.amount.get() * share) };
            let gap = least.decimal() - sum.decimal();
            if gap <= Decimal::ZERO {
                continue;
            }
            let item = Item {
                supply_point: None,
                kind: LineKind::Minimum,
                name: Arc::clone(&found.spec.name),
                period: None,
                quantity: 1.0,
                unit: "1",
                price: Price::new(gap),
                note: say("bill.raises", &[("sum", &sum), ("least", &least)]),
                origin: found.tariff.origin("minimum", found.at),
            };
            draft.push_exact(item, (least.get() - exact).max(0.0))?;
        }
        Ok(())
    }
}

/// What the other months of the year came to; `None` in months that settle none, and when a month is
/// not billed.
fn year(case: &Case<'_>, found: &Found<'_, MinimumSpec>, draft: &mut Draft<'_>) -> Option<(Money, f64)> {
    if case.month() != found.spec.settled_in {
        return None;
    }
    let since = case.cycle.month.0 - OTHER_MONTHS;
    let others: Vec<_> = case.earlier.iter().filter(|c| c.month.0 >= since && c.is_billed()).collect();
    if others.len() < OTHER_MONTHS as usize {
        let n = others.len() + 1;
        draft.note(say("bill.minimum", &[("name", &found.spec.name), ("month", &case.cycle.month), ("n", &n)]));
        return None;
    }
    let lines = || others.iter().flat_map(|c| &c.lines).filter(|l| l.kind != LineKind::Tax);
    Some((lines().map(|l| l.amount).sum(), lines().map(|l| l.amount_exact).sum()))
}
