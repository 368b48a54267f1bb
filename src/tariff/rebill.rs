//! A changed load re-bills only what changed: cycles with the same readings keep their usage, and cycles
//! with the same usage their lines. Both are equal to the last bit to billing from scratch.

use super::meter::Meter;
use super::{Bill, Compiled, CycleBill, MinimumPer, PeakBasis, Tariff, Usage};
use crate::curve::Load;
use crate::time::Cycle;
use std::ops::Range;
use std::sync::Arc;

/// A bill that was made on the same terms and cycles, and what it was made from.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// What was used in its cycles.
    pub usages: &'a [(Arc<str>, Usage)],
    /// The bill.
    pub bill: &'a Bill,
}

/// [`super::usage`] of a load after another one was measured for the same cycles and tariff.
#[must_use]
pub fn usage_after(load: &Load, cycles: &[Cycle], tariff: &Compiled, before: (&Load, &Usage)) -> Usage {
    usage_of_another((load, load), cycles, tariff, before)
}

/// [`usage_after`] where what is measured follows interval by interval from the load that is compared.
pub(super) fn usage_of_another(
    (measured, load): (&Load, &Load),
    cycles: &[Cycle],
    tariff: &Compiled,
    (old, known): (&Load, &Usage),
) -> Usage {
    if !alike(load, old) || known.cycles.len() != cycles.len() {
        return super::usage(measured, cycles, tariff);
    }
    // A peak of the system at the end of a cycle can reach into the next day.
    let reach = usize::from(tariff.versions().iter().any(|t| !t.coincident.is_empty()));
    let mut meter = Meter::new(measured, tariff);
    let found = cycles.iter().zip(&known.cycles).map(|(cycle, known)| {
        let days = cycle.days.start..(cycle.days.end + reach).min(load.days().len());
        if same(load, old, load.range_of_days(days)) { known.clone() } else { meter.cycle(&cycle.dates) }
    });
    Usage { cycles: found.collect(), interval: load.interval(), refusal: None }
}

/// Whether two loads are measured in the same way: the same days, span and channels.
fn alike(a: &Load, b: &Load) -> bool {
    (a.days() == b.days() && a.span() == b.span())
        && (a.has_export(), a.has_reactive()) == (b.has_export(), b.has_reactive())
        && a.channels().export_kw.is_some() == b.channels().export_kw.is_some()
        && a.channels().kvar_lead.is_some() == b.channels().kvar_lead.is_some()
}

/// Whether all readings and estimates of a range are the same.
fn same(a: &Load, b: &Load, range: Range<usize>) -> bool {
    let channel = |x: &Option<Vec<f64>>, y: &Option<Vec<f64>>| match (x, y) {
        (Some(x), Some(y)) => same_bits(x.get(range.clone()), y.get(range.clone())),
        (x, y) => x.is_none() == y.is_none(),
    };
    let (x, y) = (a.channels(), b.channels());
    let reactive = || channel(&x.kvar, &y.kvar) && channel(&x.kvar_lead, &y.kvar_lead);
    same_bits(x.kw.get(range.clone()), y.kw.get(range.clone()))
        && (a.shares_reactive(b) || (x.flags.get(range.clone()) == y.flags.get(range.clone()) && reactive()))
        && channel(&x.export_kw, &y.export_kw)
        && same_estimates(a, b, &range)
}

/// Bit by bit, a day of quarter hours at a time so that the comparison is vectorised.
fn same_bits(a: Option<&[f64]>, b: Option<&[f64]>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    let differ = |(x, y): (&[f64], &[f64])| x.iter().zip(y).fold(0, |d, (x, y)| d | (x.to_bits() ^ y.to_bits())) != 0;
    std::ptr::eq(a, b) || (a.len() == b.len() && !a.chunks(96).zip(b.chunks(96)).any(differ))
}

fn same_estimates(a: &Load, b: &Load, range: &Range<usize>) -> bool {
    let within = |load: &Load| {
        let at = |end: usize| load.estimates.index.partition_point(|i| (*i as usize) < end);
        at(range.start)..at(range.end)
    };
    let (x, y) = (within(a), within(b));
    let (p, q) = (&a.estimates, &b.estimates);
    p.index.get(x.clone()) == q.index.get(y.clone())
        && same_bits(p.kw.get(x.clone()), q.kw.get(y.clone()))
        && p.kvar.is_empty() == q.kvar.is_empty()
        && (p.kvar.is_empty() || same_bits(p.kvar.get(x), q.kvar.get(y)))
}

/// Which cycles of a bill made before are those of other usages, one by one in their order.
pub(super) struct Kept<'a> {
    before: Option<Before<'a>>,
    /// A cycle's lines depend on those before it.
    remembers: bool,
}

impl<'a> Kept<'a> {
    pub(super) fn new(before: Option<Before<'a>>, usages: &[(Arc<str>, Usage)], tariff: &Compiled) -> Self {
        let refusal = |u: &[(Arc<str>, Usage)]| u.iter().find_map(|(_, u)| u.refusal.clone());
        let before = before.filter(|b| {
            b.usages.iter().map(|u| &u.0).eq(usages.iter().map(|u| &u.0)) && refusal(b.usages) == refusal(usages)
        });
        Self { before, remembers: tariff.versions().iter().any(|t| remembers(t)) }
    }

    /// The bill of the next cycle, if it is still right.
    pub(super) fn cycle(&mut self, index: usize, usages: &[(Arc<str>, Usage)]) -> Option<CycleBill> {
        let before = self.before?;
        let of = |list: &'a [(Arc<str>, Usage)], p: usize| list.get(p).and_then(|(_, u)| u.cycles.get(index));
        let same = usages.iter().enumerate().all(|(p, (_, u))| of(before.usages, p) == u.cycles.get(index));
        if !same && self.remembers {
            self.before = None;
        }
        before.bill.cycles.get(index).filter(|_| same).cloned()
    }
}

/// Whether a charge of a tariff looks back at earlier cycles.
fn remembers(tariff: &Tariff) -> bool {
    tariff.demand.as_ref().is_some_and(|d| d.ratchet.is_some())
        || tariff.demand_charges.iter().any(|c| c.ratchet.is_some())
        || tariff.minimums.iter().any(|m| m.per == MinimumPer::Year)
        || tariff.coincident.iter().any(|c| c.basis == PeakBasis::PreviousMonths)
}

#[cfg(test)]
mod tests {
    use super::super::testkit::{At, FLAT, compiled, supply, without};
    use super::super::{Compiled, CycleUsage, Supply, Terms, bill, measure_after, price_after, usage};
    use super::*;
    use crate::customer::{BillingMode, Contract};
    use crate::time::Interval;
    use crate::units::{Kva, Kw, Ratio};
    use proptest::prelude::*;

    const EVERYTHING: &str = include_str!("../../fixtures/tariff/everything.toml");
    /// Both clock changes; the tariff of every key begins in July.
    const YEARS: At<'_> = At { zone: "Europe/Berlin", interval: Interval::M15, from: "2026-07-01", to: "2027-06-30" };

    fn contract() -> Contract {
        Contract {
            billing_mode: Some(BillingMode::Demand),
            capacity: Some(Kva::new(2000.0)),
            contract_demand: Some(Kw::new(900.0)),
            pf_standard: Some(Ratio::new(0.9)),
            ..Contract::default()
        }
    }

    /// A load, and one that differs from it by some kW on some days.
    fn pair(days: &std::collections::BTreeSet<usize>, less: f64, gaps: &[usize]) -> (Load, Load) {
        let kw = |i: usize| 500.0 + (i * 37 % 101) as f64;
        let old = without(&YEARS.load(kw, Some(300.0)), gaps);
        let mut new = old.kw().to_vec();
        for day in days {
            new[old.days().range(*day)].iter_mut().filter(|v| **v > 0.0).for_each(|v| *v -= less);
        }
        let new = old.with_kw(new);
        (old, new)
    }

    /// The bill of `new` from scratch, and after that of `old`.
    fn both(old: &Load, new: &Load, tariff: &Compiled) -> (Bill, Bill) {
        let (cycles, contract) = (old.cycles(1), contract());
        let terms = Terms::new(&contract, &[]);
        let main: Arc<str> = "main".into();
        let before = bill(&[supply("main", old.clone())], &cycles, &terms, tariff);
        let known = usage(old, &cycles, tariff);
        let again = measure_after((&main, new), (old, &known), &cycles, &terms, tariff);
        assert_eq!(again, usage(new, &cycles, tariff));
        let (known, again) = ([(Arc::clone(&main), known)], [(main, again)]);
        let after = price_after(Some(Before { usages: &known, bill: &before }), &again, &cycles, &terms, tariff);
        (bill(&[Supply { id: "main".into(), load: new.clone() }], &cycles, &terms, tariff), after)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

        #[test]
        fn a_changed_load_is_billed_as_from_scratch_to_the_last_bit(
            days in prop::collection::btree_set(0usize..365, 0..8),
            less in 0.1..400.0f64,
            gaps in prop::collection::vec(0usize..35_040, 0..5),
            every in any::<bool>(),
        ) {
            let memory = "[demand]\nprice = 40\nwindow_minutes = 30\nwindow = \"sliding\"\nratchet = { share = 0.9 }\n[power_factor]\ntable = \"CN-1983\"\n";
            let tariff = if every { EVERYTHING.into() } else { format!("{FLAT}{memory}") };
            let tariff = compiled(&tariff, Interval::M15);
            let (old, new) = pair(&days, less, &gaps);
            let (scratch, after) = both(&old, &new, &tariff);
            prop_assert_eq!(format!("{scratch:?}"), format!("{after:?}"));
        }
    }

    #[test]
    fn only_cycles_that_changed_are_measured_and_priced() {
        let tariff = compiled(&format!("{FLAT}[demand]\nprice = 40\nwindow_minutes = 15\n"), Interval::M15);
        let (old, new) = pair(&[40, 100].into(), 50.0, &[]);
        let cycles = old.cycles(1);
        // Marks in what is known show what was kept.
        let mut known = usage(&old, &cycles, &tariff);
        known.cycles.iter_mut().for_each(|c: &mut CycleUsage| c.n_without_kvarh = 7);
        let again = usage_after(&new, &cycles, &tariff, (&old, &known));
        let measured: Vec<usize> = (0..12).filter(|c| again.cycles[*c].n_without_kvarh != 7).collect();
        assert_eq!(measured, [1, 3], "10 August and 9 October");
        let contract = contract();
        let terms = Terms::new(&contract, &[]);
        let mut before = bill(&[supply("main", old)], &cycles, &terms, &tariff);
        before.cycles.iter_mut().for_each(|c| c.notes.push("kept".into()));
        let (known, again) = ([("main".into(), known)], [("main".into(), again)]);
        let after = price_after(Some(Before { usages: &known, bill: &before }), &again, &cycles, &terms, &tariff);
        let priced: Vec<usize> = (0..12).filter(|c| after.cycles[*c].notes.is_empty()).collect();
        assert_eq!(priced, [1, 3]);
        // With a ratchet every later cycle may follow the changed one.
        let text = format!("{FLAT}[demand]\nprice = 40\nwindow_minutes = 15\nratchet = {{ share = 0.9 }}\n");
        let ratchet = compiled(&text, Interval::M15);
        let after = price_after(Some(Before { usages: &known, bill: &before }), &again, &cycles, &terms, &ratchet);
        assert_eq!((0..12).filter(|c| after.cycles[*c].notes.is_empty()).count(), 11);
    }
}
