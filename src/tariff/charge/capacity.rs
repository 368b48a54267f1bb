//! The capacity charge: price per kVA and month on the billable transformer capacity.

use super::{Case, Charge, Draft, Item};
use crate::customer::{BillingMode, Transformer, UnitState};
use crate::tariff::{LineKind, Terms};
use crate::text::say;
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
        if case.parts.iter().all(|p| p.tariff.capacity.is_none()) || case.mode()? != Some(BillingMode::Capacity) {
            return Ok(());
        }
        let levels = levels(case.terms, &case.cycle.dates)?;
        let prices = case.by_day(|_| false, |part, _| part.tariff.capacity.as_ref().map(|c| c.price));
        for (price, n_days) in prices {
            let parts = || case.parts.iter().filter(|p| p.tariff.capacity.as_ref().is_some_and(|c| c.price == price));
            let Some((tariff, terms)) = parts().find_map(|p| Some((p.tariff, p.tariff.capacity.as_ref()?))) else {
                continue;
            };
            let dates: Vec<&Range<Date>> = parts().map(|p| &p.dates).collect();
            draft.push(Item {
                supply_point: None,
                kind: LineKind::Capacity,
                name: Arc::clone(&terms.name),
                period: None,
                quantity: prorated(&levels, &dates),
                unit: Kva::UNIT,
                price,
                note: case.share_note(n_days),
                origin: tariff.origin("capacity", 0),
            })?;
        }
        Ok(())
    }
}

/// Billable kVA of a cycle. Without a unit list it is the contract's capacity. With one, running and
/// hot-standby units count, an interlock group once at its largest; what is billable on every day
/// counts in full, what is billable on fewer days at 1/30 a day.
///
/// # Errors
/// `missing: capacity_kva` when neither is known; a unit that has two lines for one day.
pub(super) fn billable(terms: &Terms<'_>, dates: &Range<Date>) -> Result<Kva, String> {
    Ok(Kva::new(prorated(&levels(terms, dates)?, &[dates])))
}

/// The capacity that floors refer to over some dates: what is in service where the units are known, so
/// that suspended units lower it, else the contract's.
#[must_use]
pub fn capacity_in_service(terms: &Terms<'_>, dates: &Range<Date>) -> Option<Kva> {
    billable(terms, dates).ok().or(terms.contract.capacity)
}

/// Billable kVA over stretches of a cycle's dates.
fn levels(terms: &Terms<'_>, dates: &Range<Date>) -> Result<Vec<(f64, Range<Date>)>, String> {
    if terms.transformers.is_empty() {
        let kva = terms.contract.capacity.ok_or_else(|| super::missing("capacity_kva"))?;
        return Ok(vec![(kva.get(), dates.clone())]);
    }
    // The set of lines in force changes only at their ends, so one look a stretch of days is enough.
    let ends = terms.transformers.iter().flat_map(|t| [t.valid_from, t.valid_to]).flatten();
    let mut cuts: BTreeSet<Date> = ends.filter(|d| dates.contains(d)).collect();
    cuts.extend([dates.start, dates.end]);
    let cuts: Vec<Date> = cuts.into_iter().collect();
    let mut levels = Vec::with_capacity(cuts.len());
    for (from, to) in cuts.iter().zip(cuts.iter().skip(1)) {
        levels.push((on(terms.transformers, *from)?, *from..*to));
    }
    Ok(levels)
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
            return Err(say("bill.two_lines", &[("unit", &unit.unit), ("date", &date)]));
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

/// Each layer of capacity counts by the days on which at least that much was billable: in full when
/// on all days, else by 1/30 a day. Only days within `dates` count, as their share of the cycle.
fn prorated(levels: &[(f64, Range<Date>)], dates: &[&Range<Date>]) -> f64 {
    let mut steps: Vec<f64> = levels.iter().map(|l| l.0).collect();
    steps.sort_by(f64::total_cmp);
    steps.dedup();
    let length = |r: &Range<Date>| (r.end.0 - r.start.0).max(0);
    let within =
        |r: &Range<Date>| -> i32 { dates.iter().map(|d| length(&(r.start.max(d.start)..r.end.min(d.end)))).sum() };
    let n_days: i32 = levels.iter().map(|l| length(&l.1)).sum();
    let (mut below, mut total) = (0.0, 0.0);
    for step in steps {
        let on = || levels.iter().filter(|l| l.0 >= step);
        let (all, counted): (i32, i32) = (on().map(|l| length(&l.1)).sum(), on().map(|l| within(&l.1)).sum());
        let share = match (all == n_days, counted == n_days) {
            (true, true) => 1.0,
            (true, false) => f64::from(counted) / f64::from(n_days),
            (false, _) => (f64::from(counted) / DAYS_A_MONTH).min(1.0),
        };
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
        Transformer { state, ..Transformer::running(name, kva) }
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
