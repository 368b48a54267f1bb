//! Two bills side by side, added up so that a person can check a saving by hand.

use super::{Joint, Priced, Year};
use crate::rule::{Arithmetic, InPlan, LineSum};
use crate::tariff::{Bill, CycleBill, Line};
use crate::units::Money;
use crate::whatif::{Change, State};
use std::sync::Arc;

/// The bills of the counted cycles before and after; lines that are the same in both are only in
/// the totals. `None` without bills.
pub(super) fn between(
    before: &State,
    (after, priced): (&State, &Priced),
    year: &Year,
    change: &dyn Change,
) -> Option<Arithmetic> {
    let (old, new) = (before.bill()?, after.bill()?);
    let (mut was, mut becomes) = (sums(old, &year.cycles), sums(new, &year.cycles));
    let same: Vec<LineSum> = was.iter().filter(|l| becomes.contains(l)).cloned().collect();
    was.retain(|l| !same.contains(l));
    becomes.retain(|l| !same.contains(l));
    let months = year.cycles.iter().filter_map(|i| old.cycles.get(*i)).map(|c| c.month.to_string());
    Some(Arithmetic {
        change: change.describe(),
        currency: old.currency.to_string(),
        months: months.collect(),
        annual_factor: year.factor(change),
        before: was,
        after: becomes,
        total_before: total(old, year),
        total_after: total(new, year),
        monthly_saving: priced.monthly.clone(),
        in_force: Vec::new(),
        effect: None,
        in_plan: None,
        in_headline: None,
        range: None,
    })
}

/// The step of an advice in the plan, on top of those before it. `None` without bills.
pub(super) fn step(joint: &Joint, alone: &Priced, year: &Year, on_top_of: Vec<&'static str>) -> Option<InPlan> {
    let monthly = &joint.priced.monthly;
    Some(InPlan {
        on_top_of,
        total_before: total(joint.before.bill()?, year),
        total_after: total(joint.after.bill()?, year),
        monthly_saving: if *monthly == alone.monthly { Vec::new() } else { monthly.clone() },
    })
}

fn total(bill: &Bill, year: &Year) -> Money {
    year.cycles.iter().filter_map(|i| bill.cycles.get(*i)).map(CycleBill::total).sum()
}

/// Lines of the counted cycles, those of one kind, name and price added, in order of appearance.
fn sums(bill: &Bill, counted: &[usize]) -> Vec<LineSum> {
    let mut out: Vec<LineSum> = Vec::new();
    for line in counted.iter().filter_map(|i| bill.cycles.get(*i)).flat_map(|c| &c.lines) {
        match out.iter_mut().find(|s| belongs(s, line)) {
            Some(sum) => {
                sum.quantity += line.quantity;
                sum.amount += line.amount;
                sum.lines += 1;
            }
            None => out.push(LineSum {
                kind: line.kind,
                name: Arc::clone(&line.name),
                quantity: line.quantity,
                unit: line.unit,
                price: line.price,
                lines: 1,
                amount: line.amount,
            }),
        }
    }
    out
}

fn belongs(sum: &LineSum, line: &Line) -> bool {
    sum.kind == line.kind && sum.name == line.name && sum.unit == line.unit && sum.price == line.price
}
