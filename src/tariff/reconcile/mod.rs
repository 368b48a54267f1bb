//! Bills that were really sent beside the recomputed ones: line by line, each difference sized and,
//! where the facts allow it, explained.

mod cause;
mod matching;
#[cfg(test)]
mod tests;

pub use cause::Cause;

use super::{Bill, BillState, Compiled, CycleBill, CycleUsage, Line, Usage};
use crate::customer::{IssuedLine, Meter, MeteringSide};
use crate::text::said;
use crate::time::Month;
use crate::units::Money;
use cause::Facts;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A month reconciles when its difference is at most this share of the issued amount.
pub const LIMIT_SHARE: f64 = 0.01;
/// Name of what an issued total has beyond the issued lines.
const OTHER_LINES: &str = "other lines (其他)";
/// Latest billed months that decide whether a customer reconciles.
pub const RECENT_MONTHS: usize = 3;

/// Whether the recomputed bills of a customer can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReconciliationState {
    /// Every recent month with an issued bill is within the limit.
    Reconciled,
    /// One is not.
    Unreconciled,
    /// None of the recent months has an issued bill.
    NoIssuedBill,
}

impl ReconciliationState {
    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reconciled => "reconciled",
            Self::Unreconciled => "unreconciled",
            Self::NoIssuedBill => "no issued bill",
        }
    }
}

/// A quantity, where it is stated, and an amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Side {
    /// In the unit of the recomputed line.
    pub quantity: Option<f64>,
    /// In the bill's currency.
    pub amount: Money,
}

/// An issued line beside the recomputed lines that it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct LineReconciliation {
    /// The issued line's name, or the recomputed one's where no issued line stands for it.
    pub line: Arc<str>,
    /// Unit of the quantities; empty when there is no recomputed line.
    pub unit: &'static str,
    /// As it was sent; `None` when the issued bill has no such line.
    pub issued: Option<Side>,
    /// As recomputed; `None` when the tariff file has no such component.
    pub recomputed: Option<Side>,
    /// Recomputed less issued.
    pub difference: Money,
    /// Why they differ; `None` when they agree to the hundredth.
    pub cause: Option<Cause>,
}

/// An issued bill beside the recomputed one of the same month.
#[derive(Debug, Clone, PartialEq)]
pub struct MonthReconciliation {
    /// The billing cycle.
    pub month: Month,
    /// What was sent.
    pub issued: Money,
    /// What was recomputed; `None` when the cycle could not be billed.
    pub recomputed: Option<Money>,
    /// Recomputed less issued.
    pub difference: Option<Money>,
    /// Size of the difference as a share of the issued amount.
    pub share: Option<f64>,
    /// One of the latest [`RECENT_MONTHS`] billed months.
    pub recent: bool,
    /// Line by line, in the order of the issued bill, then what it lacks.
    pub lines: Vec<LineReconciliation>,
    /// Why there is no recomputed bill.
    pub reason: Option<String>,
}

impl MonthReconciliation {
    /// Whether the difference is within the limit; `None` when there is nothing to compare.
    #[must_use]
    pub fn within(&self) -> Option<bool> {
        self.share.map(|s| s <= LIMIT_SHARE)
    }
}

/// All issued bills of a customer beside the recomputed ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciliation {
    /// What it comes to.
    pub state: ReconciliationState,
    /// Months with an issued bill, in time order.
    pub months: Vec<MonthReconciliation>,
}

impl Reconciliation {
    /// The greatest share among the recent months.
    #[must_use]
    pub fn worst_recent_share(&self) -> Option<f64> {
        self.months.iter().filter(|m| m.recent).filter_map(|m| m.share).reduce(f64::max)
    }
}

/// What a reconciliation looks at beside the issued lines.
#[derive(Debug, Clone, Copy)]
pub struct Recomputed<'a> {
    /// The recomputed bill.
    pub bill: &'a Bill,
    /// What was used in its cycles.
    pub usages: &'a [(Arc<str>, Usage)],
    /// The tariff.
    pub tariff: &'a Compiled,
    /// The customer's meters.
    pub meters: &'a [Meter],
}

/// Puts issued bills beside the recomputed ones.
#[must_use]
pub fn reconcile(issued: &[IssuedLine], recomputed: &Recomputed<'_>) -> Reconciliation {
    let mut by_month: BTreeMap<Month, Vec<&IssuedLine>> = BTreeMap::new();
    for line in issued {
        by_month.entry(line.month).or_default().push(line);
    }
    let billed = recomputed.bill.cycles.iter().rev().filter(|c| c.is_billed());
    let recent: Vec<Month> = billed.take(RECENT_MONTHS).map(|c| c.month).collect();
    let months: Vec<MonthReconciliation> =
        by_month.iter().map(|(month, lines)| one_month(*month, lines, recent.contains(month), recomputed)).collect();
    let judged = || months.iter().filter(|m| m.recent).filter_map(MonthReconciliation::within);
    let state = match judged().min() {
        None => ReconciliationState::NoIssuedBill,
        Some(true) => ReconciliationState::Reconciled,
        Some(false) => ReconciliationState::Unreconciled,
    };
    Reconciliation { state, months }
}

fn one_month(month: Month, issued: &[&IssuedLine], recent: bool, r: &Recomputed<'_>) -> MonthReconciliation {
    let at = r.bill.cycles.iter().position(|c| c.month == month);
    let cycle = at.and_then(|i| r.bill.cycles.get(i));
    let reason = match cycle.map(|c| &c.state) {
        None => Some(said("bill.month_none").to_owned()),
        Some(BillState::Partial) => Some(said("bill.month_part").to_owned()),
        Some(BillState::Unbillable(why)) => Some(why.clone()),
        Some(BillState::Billed) => None,
    };
    let lines = cycle.filter(|c| c.is_billed()).map_or(&[][..], |c| &c.lines);
    let matched = matching::Matched::new(issued, lines);
    let total = matched.issued_total(issued);
    let recomputed = cycle.filter(|c| c.is_billed()).map(CycleBill::total);
    let difference = recomputed.map(|r| r - total);
    let usages: Vec<&CycleUsage> = r.usages.iter().filter_map(|(_, u)| u.cycles.get(at?)).collect();
    let facts = Facts {
        usages: &usages,
        tariff: r.tariff,
        low_side: r.meters.iter().any(|m| m.metering_side == Some(MeteringSide::Low)),
        base_issued: matched.base_of_power_factor(issued, lines),
    };
    MonthReconciliation {
        month,
        issued: total,
        recomputed,
        difference,
        share: difference.map(|d| share(d, total)),
        recent,
        lines: if reason.is_none() { line_rows(&matched, issued, lines, &facts) } else { Vec::new() },
        reason,
    }
}

/// Size of a difference as a share of what was issued; all of it when nothing was.
fn share(difference: Money, issued: Money) -> f64 {
    match (difference.to_f64().abs(), issued.to_f64().abs()) {
        (0.0, _) => 0.0,
        (_, 0.0) => 1.0,
        (d, i) => d / i,
    }
}

fn line_rows(
    matched: &matching::Matched,
    issued: &[&IssuedLine],
    lines: &[Line],
    facts: &Facts<'_>,
) -> Vec<LineReconciliation> {
    let mut out: Vec<LineReconciliation> = Vec::new();
    for pair in &matched.pairs {
        let sent: Vec<&IssuedLine> = pair.issued.iter().filter_map(|i| issued.get(*i).copied()).collect();
        let made: Vec<&Line> = pair.lines.iter().filter_map(|i| lines.get(*i)).collect();
        let less = pair.less.iter().filter_map(|i| issued.get(*i)).map(|l| (l.quantity.map(|q| -q), -l.amount));
        let issued = side(sent.iter().map(|l| (l.quantity, l.amount)).chain(less))
            .or(pair.rest.map(|amount| Side { quantity: None, amount }));
        let recomputed = side(made.iter().map(|l| (Some(l.quantity), l.amount)));
        let amount = |s: &Option<Side>| s.map_or(Money::ZERO, |s| s.amount);
        let difference = amount(&recomputed) - amount(&issued);
        out.push(LineReconciliation {
            line: sent
                .first()
                .map(|l| Arc::clone(&l.line))
                .or_else(|| pair.rest.map(|_| OTHER_LINES.into()))
                .or_else(|| made.first().map(|l| Arc::clone(&l.name)))
                .unwrap_or_default(),
            unit: made.first().filter(|_| pair.rest.is_none()).map_or("", |l| l.unit),
            issued,
            recomputed,
            difference,
            cause: if pair.rest.is_some() {
                cause::of_rest(issued, recomputed, made.len())
            } else {
                cause::of(issued, recomputed, &made, facts)
            },
        });
    }
    out
}

/// Sums; a quantity only when every part states one.
fn side(parts: impl Iterator<Item = (Option<f64>, Money)>) -> Option<Side> {
    parts.fold(None, |sum: Option<Side>, (quantity, amount)| {
        Some(match sum {
            None => Side { quantity, amount },
            Some(s) => Side { quantity: s.quantity.zip(quantity).map(|(a, b)| a + b), amount: s.amount + amount },
        })
    })
}
