//! The months whose power factor is billed.

use super::signs::leads;
use crate::rule::Facts;
use crate::tariff::{CycleBill, LineKind, Usage};
use crate::time::Month;
use crate::units::Kvar;
use crate::whatif::{Change, Compensate, Ladder, State};
use std::sync::Arc;

/// One cycle whose bill has a power-factor line.
pub(super) struct MonthOf {
    pub(super) kwh: f64,
    pub(super) kvarh: f64,
    /// Of it what leads, as the bill counts it.
    pub(super) lead: f64,
    /// What the capacitors that are there take away when they run as they should.
    pub(super) spared: f64,
    pub(super) ladder: Option<Ladder>,
    /// Its place among the cycles.
    cycle: usize,
    pub(super) range: std::ops::Range<usize>,
}

impl MonthOf {
    pub(super) fn cos_phi(&self) -> f64 {
        self.kwh / self.kwh.hypot(self.kvarh)
    }

    /// Reactive energy that a bank of so many steps takes away, kvarh.
    pub(super) fn removed(&self, steps: u32) -> f64 {
        self.ladder.as_ref().map_or(0.0, |l| l.removed(steps).get())
    }

    /// Reactive energy above a target, kvarh.
    pub(super) fn excess(&self, tan: f64) -> f64 {
        (self.kvarh - self.spared - self.kwh * tan).max(0.0)
    }

    /// Billed reactive energy that is gone in another state of the customer, kvarh.
    pub(super) fn gone(&self, after: &State) -> f64 {
        (self.kvarh - kvarh(after.usages().unwrap_or(&[]), self.cycle)).max(0.0)
    }

    /// cos φ that a bank of so many steps reaches.
    pub(super) fn reached(&self, steps: u32) -> f64 {
        self.kwh / self.kwh.hypot(self.kvarh - self.spared - self.removed(steps))
    }
}

/// The months whose bill has a power-factor line, and the billed ones that have none: their reactive readings lack, or
/// the channel was dead.
pub(super) fn months(facts: &Facts<'_>) -> (Vec<MonthOf>, Vec<Month>) {
    let usages = facts.state.usages().unwrap_or(&[]);
    let bills = facts.bill().map_or(&[][..], |b| &b.cycles);
    let has_line = |b: &CycleBill| b.lines.iter().any(|l| l.kind == LineKind::PowerFactor);
    let (mut months, mut left_out) = (Vec::new(), Vec::new());
    for (cycle, c) in facts.billed() {
        let kwh: f64 = of_cycle(usages, cycle).map(|u| u.kwh_with_kvarh.get()).sum();
        if !bills.get(cycle).is_some_and(has_line) {
            left_out.push(c.month);
        } else if kwh > 0.0 {
            let range = facts.load().range_of_days(c.days.clone());
            let kvarh = kvarh(usages, cycle);
            months.push(MonthOf { kwh, kvarh, lead: 0.0, spared: 0.0, ladder: None, cycle, range });
        }
    }
    measure_lead(facts, &mut months);
    (months, left_out)
}

/// What of each month's billed reactive energy is gone when nothing leads.
fn measure_lead(facts: &Facts<'_>, months: &mut [MonthOf]) {
    if leads(facts) {
        let change = Compensate { step: Kvar::new(0.0), steps: 0, no_lead: true, idle: Arc::default() };
        let controlled = change.apply(facts.state);
        for m in months.iter_mut() {
            m.lead = m.gone(&controlled);
        }
    }
}

fn kvarh(usages: &[(Arc<str>, Usage)], cycle: usize) -> f64 {
    of_cycle(usages, cycle).filter_map(|u| u.kvarh).map(crate::units::Kvarh::get).sum()
}

fn of_cycle(usages: &[(Arc<str>, Usage)], cycle: usize) -> impl Iterator<Item = &crate::tariff::CycleUsage> {
    usages.iter().filter_map(move |(_, u)| u.cycles.get(cycle))
}
