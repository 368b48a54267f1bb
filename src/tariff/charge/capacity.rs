//! The capacity charge: price per kVA and month on the billable transformer capacity.

use super::{Case, Charge, Draft, Item};
use crate::customer::{BillingMode, Transformer, UnitState};
use crate::tariff::{LineKind, Terms};
use crate::time::Date;
use crate::units::Kva;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// A part of a month is billed at 1/30 of the monthly charge a day (供电营业规则; domain reference §2.3).
const DAYS_A_MONTH: f64 = 30.0;

/// The capacity line.
#[derive(Debug)]
pub struct Capacity;

impl Charge for Capacity {
    fn key(&self) -> &'static str {
        "capacity"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let Some(terms) = &case.tariff.tariff().capacity else { return Ok(()) };
        if case.mode()? != Some(BillingMode::Capacity) {
            return Ok(());
        }
        let kva = billable(case.terms, &case.cycle.dates)?;
        draft.push(Item {
            supply_point: None,
            kind: LineKind::Capacity,
            name: Arc::clone(&terms.name),
            period: None,
            quantity: kva.get(),
            unit: Kva::UNIT,
            price: terms.price,
            note: String::new(),
        })
    }
}

/// Billable kVA of a cycle. Without a unit list it is the contract's capacity. With one, running and
/// hot-standby units count, an interlock group once at its largest; what is billable on every day
/// counts in full, what is billable on fewer days at 1/30 a day.
///
/// # Errors
/// `missing: capacity_kva` when neither is known; a unit that has two lines for one day.
pub(super) fn billable(terms: &Terms<'_>, dates: &Range<Date>) -> Result<Kva, String> {
    if terms.transformers.is_empty() {
        return terms.contract.capacity.ok_or_else(|| "missing: capacity_kva".into());
    }
    // The set of lines in force changes only at their ends, so one look a stretch of days is enough.
    let ends = terms.transformers.iter().flat_map(|t| [t.valid_from, t.valid_to]).flatten();
    let mut cuts: BTreeSet<Date> = ends.filter(|d| dates.contains(d)).collect();
    cuts.extend([dates.start, dates.end]);
    let cuts: Vec<Date> = cuts.into_iter().collect();
    let mut levels = Vec::with_capacity(cuts.len());
    for (from, to) in cuts.iter().zip(cuts.iter().skip(1)) {
        levels.push((on(terms.transformers, *from)?, to.0 - from.0));
    }
    Ok(Kva::new(prorated(&levels, dates.end.0 - dates.start.0)))
}

/// kVA that is billable on a date.
fn on(units: &[Transformer], date: Date) -> Result<f64, String> {
    let mut names = BTreeSet::new();
    let mut groups: BTreeMap<&str, f64> = BTreeMap::new();
    let mut total = 0.0;
    for unit in units {
        let after = unit.valid_from.is_none_or(|d| d <= date);
        if !after || unit.valid_to.is_some_and(|d| d <= date) {
            continue;
        }
        if !names.insert(unit.unit.as_str()) {
            return Err(format!("transformers: unit {} has two lines for {date}; part their dates", unit.unit));
        }
        if !matches!(unit.state, UnitState::Running | UnitState::HotStandby) {
            continue;
        }
        match &unit.interlock_group {
            None => total += unit.rating.get(),
            Some(group) => {
                let largest = groups.entry(group).or_default();
                *largest = largest.max(unit.rating.get());
            }
        }
    }
    Ok(total + groups.values().sum::<f64>())
}

/// Each layer of capacity counts by the days on which at least that much was billable.
fn prorated(levels: &[(f64, i32)], n_days: i32) -> f64 {
    let mut steps: Vec<f64> = levels.iter().map(|l| l.0).collect();
    steps.sort_by(f64::total_cmp);
    steps.dedup();
    let (mut below, mut total) = (0.0, 0.0);
    for step in steps {
        let days: i32 = levels.iter().filter(|l| l.0 >= step).map(|l| l.1).sum();
        let share = if days == n_days { 1.0 } else { (f64::from(days) / DAYS_A_MONTH).min(1.0) };
        total += (step - below) * share;
        below = step;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::Contract;
    use crate::tariff::testkit::date;

    fn unit(name: &str, kva: f64, state: UnitState) -> Transformer {
        Transformer {
            unit: name.into(),
            rating: Kva::new(kva),
            p0_kw: None,
            pk_kw: None,
            i0_pct: None,
            uk_pct: None,
            state,
            interlock_group: None,
            valid_from: None,
            valid_to: None,
        }
    }

    fn july(units: &[Transformer]) -> Result<f64, String> {
        let contract = Contract::default();
        billable(&Terms::new(&contract, units), &(date("2026-07-01")..date("2026-08-01"))).map(Kva::get)
    }

    #[test]
    fn sealed_and_suspended_units_are_free_and_interlocks_count_once() {
        let mut units = [
            unit("A", 800.0, UnitState::Running),
            unit("B", 1000.0, UnitState::HotStandby),
            unit("C", 630.0, UnitState::HotStandby),
            unit("D", 500.0, UnitState::Sealed),
            unit("E", 500.0, UnitState::Suspended),
        ];
        for unit in &mut units[..2] {
            unit.interlock_group = Some("g".into());
        }
        assert_eq!(july(&units), Ok(1630.0));
    }

    #[test]
    fn a_suspension_within_the_month_is_prorated_by_thirtieths() {
        let mut run = unit("A", 600.0, UnitState::Running);
        run.valid_to = Some(date("2026-07-16"));
        let mut rest = unit("A", 600.0, UnitState::Suspended);
        rest.valid_from = Some(date("2026-07-16"));
        let b = unit("B", 1000.0, UnitState::Running);
        assert_eq!(july(&[run.clone(), rest.clone(), b]), Ok(1000.0 + 600.0 * 15.0 / 30.0));
        rest.valid_from = Some(date("2026-07-15"));
        assert_eq!(
            july(&[run, rest]),
            Err("transformers: unit A has two lines for 2026-07-15; part their dates".into())
        );
    }

    #[test]
    fn without_units_the_contract_says_and_without_both_it_is_missing() {
        assert_eq!(july(&[]), Err("missing: capacity_kva".into()));
        let contract = Contract { capacity: Some(Kva::new(500.0)), ..Contract::default() };
        let dates = date("2026-07-01")..date("2026-08-01");
        assert_eq!(billable(&Terms::new(&contract, &[]), &dates), Ok(Kva::new(500.0)));
    }
}
