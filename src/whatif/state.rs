//! A customer as it is or as it would be, with its bill computed at most once.

use super::metering::{Metering, Usages, moved};
use super::spread;
use crate::curve::Load;
use crate::customer::{Contract, Customer, Transformer};
use crate::error::{Error, Result};
use crate::tariff::charge::capacity_in_service;
use crate::tariff::{
    Before, Bill, Compiled, RegisterUse, Terms, Usage, measure, measure_after, on_high_side, price, price_after,
};
use crate::text::say;
use crate::time::{Cycle, Date, Month};
use crate::units::{Kva, Kw, Money};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The state that another was changed from.
#[derive(Debug, Clone)]
struct Changed {
    points: Arc<[(Arc<str>, Arc<Load>)]>,
    usages: Arc<OnceLock<Usages>>,
    /// Its bill, where both are billed on the same terms.
    bill: Option<Arc<OnceLock<Bill>>>,
}

/// A customer's load, contract and bill. Clones share everything; a change replaces only what it
/// changes, so that a new contract re-prices the usages that are there and only another load is
/// measured again.
#[derive(Debug, Clone)]
pub struct State {
    id: Arc<str>,
    total: Arc<Load>,
    points: Arc<[(Arc<str>, Arc<Load>)]>,
    contract: Contract,
    transformers: Arc<[Transformer]>,
    cycles: Arc<[Cycle]>,
    tariff: Option<Arc<Compiled>>,
    metering: Arc<Metering>,
    /// The state this one was changed from: what is the same there is neither measured nor priced again.
    before: Option<Changed>,
    usages: Arc<OnceLock<Usages>>,
    bill: Arc<OnceLock<Bill>>,
}

impl State {
    /// A customer as it is. `points` are its supply points; none means that `total` is the only
    /// one, under the customer's id.
    ///
    /// # Errors
    /// When a supply point's day axis is not the total's: interval `i` must be the same instant in
    /// all of them. When a cycle reaches beyond the load's days.
    pub fn new(
        total: Arc<Load>,
        points: Vec<(Arc<str>, Arc<Load>)>,
        customer: &Customer,
        cycles: Vec<Cycle>,
        tariff: Option<Arc<Compiled>>,
    ) -> Result<Self> {
        if let Some((id, _)) = points.iter().find(|(_, load)| load.days() != total.days()) {
            return Err(Error::Customer {
                customer: customer.id.to_string(),
                what: say("customer.point_days", &[("id", &id)]),
            });
        }
        if let Some(cycle) = cycles.iter().find(|c| c.days.end > total.days().len() || c.days.start > c.days.end) {
            return Err(Error::Customer {
                customer: customer.id.to_string(),
                what: say("customer.cycle_beyond", &[("month", &cycle.month)]),
            });
        }
        let points = if points.is_empty() { vec![(Arc::clone(&customer.id), Arc::clone(&total))] } else { points };
        Ok(Self {
            id: Arc::clone(&customer.id),
            total,
            points: points.into(),
            contract: customer.contract.clone(),
            transformers: customer.transformers.clone().into(),
            cycles: cycles.into(),
            tariff,
            metering: Arc::default(),
            before: None,
            usages: Arc::default(),
            bill: Arc::default(),
        })
    }

    /// The same customer with what is known of its metering; the load is the one as it is.
    #[must_use]
    pub fn with_metering(mut self, metering: Metering) -> Self {
        let registered =
            metering.register_bill || metering.registers.iter().flatten().flatten().any(|r| r.max_demand.is_some());
        let mut metering = Metering { origin: self.points.to_vec(), ..metering };
        if let Some(tariff) = self.tariff.as_deref().filter(|_| registered) {
            let was = metering.measured(&self.cycles, tariff);
            metering.maxima = was.iter().map(|(_, u)| maxima(u)).collect();
            metering.was = if metering.register_bill { was } else { Vec::new() };
        }
        self.metering = Arc::new(metering);
        self.usages = Arc::default();
        self.bill = Arc::default();
        self
    }

    /// The customer's id.
    #[must_use]
    pub const fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The sum over its main meters.
    #[must_use]
    pub fn load(&self) -> &Load {
        &self.total
    }

    /// Its supply points, on the day axis of [`State::load`].
    #[must_use]
    pub fn points(&self) -> &[(Arc<str>, Arc<Load>)] {
        &self.points
    }

    /// Its supply points as they are billed: on the high side of their transformers where the tariff
    /// adds losses.
    #[must_use]
    pub fn billed_points(&self) -> Vec<(Arc<str>, Arc<Load>)> {
        let terms = self.terms();
        let high = |id: &Arc<str>, load: &Load| on_high_side(id, load, &terms, self.tariff()?).ok().flatten();
        let of = |(id, load): &(Arc<str>, Arc<Load>)| {
            (Arc::clone(id), high(id, load).map_or_else(|| Arc::clone(load), Arc::new))
        };
        self.points.iter().map(of).collect()
    }

    /// Terms of billing.
    #[must_use]
    pub const fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Its transformers.
    #[must_use]
    pub fn transformers(&self) -> &[Transformer] {
        &self.transformers
    }

    /// Its billing cycles, partial ones included.
    #[must_use]
    pub fn cycles(&self) -> &[Cycle] {
        &self.cycles
    }

    /// Its tariff.
    #[must_use]
    pub fn tariff(&self) -> Option<&Compiled> {
        self.tariff.as_deref()
    }

    /// Capacity in service over some dates: running and hot-standby units, an interlock group once; the
    /// contract's capacity without a list of units. `None` when neither is known.
    #[must_use]
    pub fn capacity_in_service(&self, dates: &Range<Date>) -> Option<Kva> {
        capacity_in_service(&self.terms(), dates)
    }

    /// Whether both are one customer in one state: the same loads in memory, on the same terms.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.total, &other.total)
            && Arc::ptr_eq(&self.points, &other.points)
            && Arc::ptr_eq(&self.transformers, &other.transformers)
            && self.contract == other.contract
    }

    /// Billing determinants of each supply point, measured once; `None` without a tariff.
    #[must_use]
    pub fn usages(&self) -> Option<&[(Arc<str>, Usage)]> {
        let tariff = self.tariff.as_deref()?;
        Some(self.usages.get_or_init(|| {
            let mut usages = self.measure(tariff);
            self.registered(&mut usages, tariff);
            usages
        }))
    }

    /// The maximum demand of the part of a cycle before a date, each supply point's own, added; 0 without any. One for
    /// each cycle and date.
    #[must_use]
    pub fn maxima_before(&self, parts: &[(&Cycle, Date)]) -> Vec<f64> {
        let mut out = vec![0.0; parts.len()];
        let Some((tariff, usages)) = self.tariff.as_deref().zip(self.usages()) else { return out };
        let place = |cycle: &Cycle| self.cycles.iter().position(|c| c.month == cycle.month);
        for ((id, load), (_, usage)) in self.points.iter().zip(usages) {
            let whole = |(cycle, before): &(&Cycle, Date)| {
                let found = usage.cycles.get(place(cycle)?)?.demand?;
                (load.date(load.days().day_at(found.index)) < *before).then_some(found.kw.get())
            };
            let known: Vec<Option<f64>> = parts.iter().map(whole).collect();
            let late = || parts.iter().zip(&known).filter(|(_, kw)| kw.is_none()).map(|(part, _)| part);
            let cut = |(cycle, before): &(&Cycle, Date)| {
                let end = cycle.days.start + usize::try_from(before.0 - cycle.dates.start.0).unwrap_or(0);
                let days = cycle.days.start..end.min(cycle.days.end);
                Cycle { dates: cycle.dates.start..*before, days, ..Cycle::clone(cycle) }
            };
            let cycles: Vec<Cycle> = late().map(cut).collect();
            let measured = (!cycles.is_empty()).then(|| measure(id, load, &cycles, &self.terms(), tariff));
            let mut measured = measured.iter().flat_map(|usage| &usage.cycles);
            for (sum, kw) in out.iter_mut().zip(known) {
                let late = || measured.next().and_then(|u| u.demand).map_or(0.0, |d| d.kw.get());
                *sum += kw.unwrap_or_else(late);
            }
        }
        out
    }

    /// A supply point's load before, and what was measured of it.
    fn known(&self, point: usize) -> Option<(&Arc<Load>, &Usage)> {
        let before = self.before.as_ref()?;
        Some((&before.points.get(point)?.1, &before.usages.get()?.get(point)?.1))
    }

    fn terms(&self) -> Terms<'_> {
        let Metering { low_side, register_bill, .. } = &*self.metering;
        Terms { low_side, register_bill: *register_bill, ..Terms::new(&self.contract, &self.transformers) }
    }

    fn measure(&self, tariff: &Compiled) -> Usages {
        let terms = self.terms();
        let one = |(i, (id, load)): (usize, &(Arc<str>, Arc<Load>))| {
            let usage = match self.known(i) {
                Some((before, known)) if Arc::ptr_eq(before, load) => known.clone(),
                Some((before, known)) => measure_after((id, load), (before, known), &self.cycles, &terms, tariff),
                None => measure(id, load, &self.cycles, &terms, tariff),
            };
            (Arc::clone(id), usage)
        };
        self.points.iter().enumerate().map(one).collect()
    }

    /// Adds what the registers say. A maximum of the register holds for the load as it is; another
    /// load's is taken to exceed its measured one by the same factor. Energies count in register bills
    /// alone, for another load with the difference of its intervals.
    fn registered(&self, usages: &mut Usages, tariff: &Compiled) {
        let metering = &*self.metering;
        let points = usages.iter_mut().zip(&metering.registers).zip(&metering.maxima).enumerate();
        for (point, (((_, usage), registers), maxima)) in points {
            let was = metering.was.get(point).map_or(&[][..], |(_, u)| &u.cycles);
            for (i, ((cycle, register), most)) in usage.cycles.iter_mut().zip(registers).zip(maxima).enumerate() {
                let Some(register) = register else { continue };
                let factor = register.max_demand.zip(*most).and_then(|(r, was)| r.over(was));
                let max_demand = factor.zip(cycle.demand).map(|(f, d)| d.kw * f.get());
                let plain = RegisterUse { step_kwh: register.step_kwh, ..RegisterUse::default() };
                let energies = was.get(i).map_or(plain, |was| moved(*register, cycle, was, tariff, metering.foreign));
                cycle.register = Some(RegisterUse { max_demand, ..energies });
            }
        }
    }

    /// The bill of this state, priced once; `None` without a tariff.
    #[must_use]
    pub fn bill(&self) -> Option<&Bill> {
        let tariff = self.tariff.as_deref()?;
        let usages = self.usages()?;
        let before =
            self.before.as_ref().and_then(|b| Some(Before { usages: b.usages.get()?, bill: b.bill.as_ref()?.get()? }));
        Some(self.bill.get_or_init(|| price_after(before, usages, &self.cycles, &self.terms(), tariff)))
    }

    /// What the cycles at `places` would cost in a year whose loads were drawn: the k-th place has the load of
    /// cycle `drawn[k]`, and the year before had them too, so that ratchets look back at them. `None`
    /// without a tariff, or where a cycle cannot be billed.
    #[must_use]
    pub fn redrawn(&self, places: &[usize], drawn: &[usize]) -> Option<Vec<Money>> {
        let (tariff, usages) = (self.tariff.as_deref()?, self.usages()?);
        let year: Vec<&Cycle> = places.iter().map(|p| self.cycles.get(*p)).collect::<Option<_>>()?;
        let span = year.last()?.month.0 - year.first()?.month.0 + 1;
        let before = year.iter().map(|c| Cycle { month: Month(c.month.0 - span), ..Cycle::clone(c) });
        let cycles: Vec<Cycle> = before.chain(year.iter().copied().cloned()).collect();
        let redraw = |(id, usage): &(Arc<str>, Usage)| {
            let loads: Vec<_> = drawn.iter().map(|d| usage.cycles.get(*d).cloned()).collect::<Option<_>>()?;
            let cycles = [loads.clone(), loads].concat();
            Some((Arc::clone(id), Usage { cycles, interval: usage.interval, refusal: usage.refusal.clone() }))
        };
        let usages: Usages = usages.iter().map(redraw).collect::<Option<_>>()?;
        let bill = price(&usages, &cycles, &self.terms(), tariff);
        let of_year = bill.cycles.get(places.len()..)?;
        of_year.iter().map(|c| c.is_billed().then(|| c.total())).collect()
    }

    /// The same customer on other terms: usages stay, the bill is priced anew.
    #[must_use]
    pub fn with_contract(&self, contract: Contract) -> Self {
        Self { contract, bill: Arc::default(), before: self.measured_before(), ..self.clone() }
    }

    /// The same customer with other transformers: the bill is priced anew; usages stay, unless losses
    /// are among them.
    #[must_use]
    pub fn with_transformers(&self, transformers: Vec<Transformer>) -> Self {
        let losses = self.tariff().is_some_and(|t| t.tariff().transformer_losses.is_some());
        let same = self.metering.low_side.is_empty() || !losses;
        let (usages, before) =
            if same { (Arc::clone(&self.usages), self.measured_before()) } else { (Arc::default(), None) };
        Self { transformers: transformers.into(), usages, before, bill: Arc::default(), ..self.clone() }
    }

    /// The state before without its bill: the terms differ.
    fn measured_before(&self) -> Option<Changed> {
        self.before.clone().map(|b| Changed { bill: None, ..b })
    }

    /// The same customer under another tariff, compiled for the load's interval: the load is measured
    /// anew, since windows differ.
    #[must_use]
    pub fn with_tariff(&self, tariff: Arc<Compiled>) -> Self {
        let own = self.tariff.as_ref().is_some_and(|t| Arc::ptr_eq(t, &tariff));
        let mut metering = Arc::clone(&self.metering);
        if metering.register_bill && !own {
            let was = metering.measured(&self.cycles, &tariff);
            metering = Arc::new(Metering { was, foreign: true, ..Metering::clone(&metering) });
        }
        Self {
            tariff: Some(tariff),
            metering,
            before: None,
            usages: Arc::default(),
            bill: Arc::default(),
            ..self.clone()
        }
    }

    /// The same customer with another total: `kw` has one value per interval of the load. Each
    /// interval's difference goes to the supply points by their share of that interval.
    #[must_use]
    pub fn with_kw(&self, kw: Vec<f64>) -> Self {
        let (total, points) = spread::kw(&self.total, &self.points, kw);
        self.with_loads(total, points)
    }

    /// The same customer using less: `kw` is at most the load's power. What is switched off takes its
    /// lagging reactive power along, so that each interval keeps its power factor.
    #[must_use]
    pub fn with_less(&self, kw: Vec<f64>) -> Self {
        let before = self.total.kw();
        let share = |(b, a): (&f64, &f64)| if *b > 0.0 { (1.0 - a / b).clamp(0.0, 1.0) } else { 0.0 };
        let lagging = self.total.channels().kvar.as_ref();
        let removed: Option<Vec<f64>> =
            lagging.map(|q| q.iter().zip(before.iter().zip(&kw)).map(|(q, pair)| q.max(0.0) * share(pair)).collect());
        let after = self.with_kw(kw);
        match removed {
            Some(removed) => after.with_less_reactive(&removed, false),
            None => after,
        }
    }

    /// The same customer with lagging reactive power taken away: `removed_kvar` ≥ 0 per interval of
    /// the load, at most its lagging power; it goes to the supply points by their share of the
    /// interval's lagging power. With `no_lead` no point leads either. A load without reactive readings stays as it is.
    #[must_use]
    pub fn with_less_reactive(&self, removed_kvar: &[f64], no_lead: bool) -> Self {
        let (total, points) = spread::reactive(&self.total, &self.points, removed_kvar, no_lead);
        self.with_loads(total, points)
    }

    /// The same customer with other loads at its supply points, all on the same day axis.
    #[must_use]
    pub(super) fn with_loads(&self, total: Arc<Load>, points: Vec<(Arc<str>, Arc<Load>)>) -> Self {
        let before = Some(Changed {
            points: Arc::clone(&self.points),
            usages: Arc::clone(&self.usages),
            bill: Some(Arc::clone(&self.bill)),
        });
        Self { total, points: points.into(), before, usages: Arc::default(), bill: Arc::default(), ..self.clone() }
    }
}

/// Measured maxima by cycle.
fn maxima(usage: &Usage) -> Vec<Option<Kw>> {
    usage.cycles.iter().map(|c| c.demand.map(|d| d.kw)).collect()
}
