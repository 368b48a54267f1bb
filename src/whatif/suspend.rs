//! Transformers taken out of service by application (暂停), by whole units and days.

use super::{Change, Size, State};
use crate::curve::Load;
use crate::customer::{BillingMode, Transformer, UnitState};
use crate::text::say;
use crate::time::Date;
use crate::units::Kva;
use std::ops::Range;
use std::sync::Arc;

/// Suspends units on dates. What stays bills the basic charge; where less stays than a two-part
/// customer must have, the customer is billed as single-part.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspend {
    /// Names of the units.
    pub units: Arc<[String]>,
    /// Dates, ascending, ends exclusive.
    pub periods: Arc<[Range<Date>]>,
    /// The mode to bill in; `None` keeps it.
    pub billing_mode: Option<BillingMode>,
    /// Contracts a demand month by month on the capacity that stays.
    pub size: Option<Size>,
    /// Least capacity of a two-part customer.
    pub two_part_least: Kva,
    /// The meters stand before the transformers and the losses of every unit are known: then the
    /// suspended units' no-load losses vanish from the load, and the others' load losses grow.
    pub losses: bool,
}

impl Suspend {
    fn hits(&self, unit: &Transformer) -> bool {
        self.units.contains(&unit.unit) && in_service(unit)
    }

    /// A unit's line with the periods cut out and put in as suspended.
    fn cut(&self, unit: &Transformer) -> Vec<Transformer> {
        if !self.hits(unit) {
            return vec![unit.clone()];
        }
        let mut out = Vec::new();
        let mut from = unit.valid_from;
        for period in self.periods.iter() {
            let start = unit.valid_from.map_or(period.start, |v| v.max(period.start));
            let end = unit.valid_to.map_or(period.end, |v| v.min(period.end));
            if start >= end {
                continue;
            }
            if from.is_none_or(|f| f < start) {
                out.push(Transformer { valid_from: from, valid_to: Some(start), ..unit.clone() });
            }
            let state = UnitState::Suspended;
            out.push(Transformer { state, valid_from: Some(start), valid_to: Some(end), ..unit.clone() });
            from = Some(end);
        }
        if unit.valid_to.is_none_or(|to| from.is_none_or(|f| f < to)) {
            out.push(Transformer { valid_from: from, ..unit.clone() });
        }
        out
    }

    /// Least capacity in service on the suspended dates.
    fn remaining(&self, after: &State) -> Kva {
        let each = self.periods.iter().filter_map(|p| after.capacity_in_service(p));
        each.reduce(|a, b| if b < a { b } else { a }).unwrap_or(Kva::ZERO)
    }

    /// The load without the suspended units' no-load losses and with the others' greater load losses.
    fn load(&self, state: &State) -> Option<Vec<f64>> {
        if !self.losses {
            return None;
        }
        let units = state.transformers();
        let on: Vec<&Transformer> = units.iter().filter(|u| in_service(u)).collect();
        let stay: Vec<&Transformer> = on.iter().copied().filter(|u| !self.units.contains(&u.unit)).collect();
        let gone: Option<f64> = on.iter().filter(|u| self.units.contains(&u.unit)).map(|u| u.p0_kw).sum();
        let per_square = |units: &[&Transformer]| -> Option<f64> {
            let rating: f64 = units.iter().map(|u| u.rating.get()).sum();
            let pk: Option<f64> = units.iter().map(|u| u.pk_kw).sum();
            pk.filter(|_| rating > 0.0).map(|pk| pk / (rating * rating))
        };
        let (gone, more) = (gone?, per_square(&stay)? - per_square(&on)?);
        let mut kw = state.load().kw().to_vec();
        let kvar = state.load().channels().kvar.as_deref();
        for range in self.periods.iter().map(|p| days(state.load(), p)) {
            for i in state.load().range_of_days(range) {
                let Some(v) = kw.get_mut(i).filter(|v| **v > 0.0) else { continue };
                let q = kvar.and_then(|q| q.get(i)).copied().unwrap_or(0.0);
                *v = (*v - gone + more * (*v * *v + q * q)).max(0.0);
            }
        }
        Some(kw)
    }
}

/// Energised, and so billed.
fn in_service(unit: &Transformer) -> bool {
    matches!(unit.state, UnitState::Running | UnitState::HotStandby)
}

/// The load's days among dates.
fn days(load: &Load, dates: &Range<Date>) -> Range<usize> {
    let clamp = |d: Date| usize::try_from(d.0 - load.days().first().0).unwrap_or(0).min(load.days().len());
    clamp(dates.start)..clamp(dates.end).max(clamp(dates.start))
}

impl Change for Suspend {
    fn apply(&self, state: &State) -> State {
        let mut contract = state.contract().clone();
        contract.billing_mode = self.billing_mode.or(contract.billing_mode);
        let units = state.transformers().iter().flat_map(|u| self.cut(u)).collect();
        let changed = match self.load(state) {
            Some(kw) => state.with_kw(kw),
            None => state.clone(),
        };
        let changed = changed.with_transformers(units);
        let single = self.remaining(&changed) < self.two_part_least;
        if single {
            contract.billing_mode = Some(BillingMode::Single);
        }
        let changed = changed.with_contract(contract);
        match &self.size {
            Some(size) if !single => size.apply(&changed),
            _ => changed,
        }
    }

    fn periods(&self) -> &[Range<Date>] {
        &self.periods
    }

    fn describe(&self) -> String {
        let periods: Vec<String> =
            self.periods.iter().map(|p| say("part.validity", &[("from", &p.start), ("to", &p.end.plus(-1))])).collect();
        let (names, places) = (self.units.join(", "), periods.join(", "));
        match &self.size {
            Some(size) => {
                say("change.suspend_sized", &[("names", &names), ("places", &places), ("why", &size.describe())])
            }
            None => say("change.suspend", &[("names", &names), ("places", &places)]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::fixture::flat_year;

    fn unit(name: &str, kva: f64) -> Transformer {
        Transformer { p0_kw: Some(2.0), pk_kw: Some(10.0), ..Transformer::running(name, kva) }
    }

    fn suspend(units: &[&str], losses: bool) -> Suspend {
        let date = |d: &str| d.parse().unwrap();
        Suspend {
            units: units.iter().map(|u| (*u).to_owned()).collect(),
            periods: [date("2025-03-01")..date("2025-04-01"), date("2025-06-16")..date("2025-07-01")].into(),
            billing_mode: None,
            size: None,
            two_part_least: Kva::new(315.0),
            losses,
        }
    }

    fn bill_of(units: &[&str]) -> (State, State) {
        let mut f = flat_year(200.0);
        f.customer.contract.billing_mode = Some(BillingMode::Capacity);
        f.customer.transformers = vec![unit("A", 1000.0), unit("B", 500.0), unit("C", 250.0)];
        let before = f.state();
        let after = suspend(units, false).apply(&before);
        (before, after)
    }

    #[test]
    fn the_capacity_charge_stops_by_the_day() {
        let (before, after) = bill_of(&["A"]);
        let month = |s: &State, m: usize| s.bill().unwrap().cycles[m].total().to_f64();
        assert_eq!(month(&before, 2) - month(&after, 2), 25_000.0, "the whole of March");
        assert_eq!(month(&before, 5) - month(&after, 5), 12_500.0, "15 of 30 days of June");
        assert_eq!(month(&before, 0), month(&after, 0));
    }

    #[test]
    fn below_315_kva_the_customer_is_single_part() {
        let (_, after) = bill_of(&["A", "B"]);
        assert_eq!(after.contract().billing_mode, Some(BillingMode::Single));
        assert!(!after.bill().unwrap().cycles[2].is_billed(), "this tariff has no single-part price");
    }

    #[test]
    fn no_load_losses_go_and_load_losses_grow() {
        let mut f = flat_year(200.0);
        f.customer.transformers = vec![unit("A", 1000.0), unit("B", 500.0)];
        let before = f.state();
        let after = suspend(&["A"], true).apply(&before);
        // 200² · (10/500² − 20/1500²) − 2 kW.
        let expected = 200.0 - 2.0 + 40_000.0 * (10.0 / 250_000.0 - 20.0 / 2_250_000.0);
        assert!((after.load().kw()[60 * 96] - expected).abs() < 1e-9);
        assert_eq!(after.load().kw()[0], 200.0);
    }
}
