//! What a customer pays, what each of its behaviours is worth, and what is true of it whether it was
//! planted or not: by plain arithmetic on its readings.

use super::behaviour::{Behaviour, Remedy, Worth, compensate};
use super::fleet::{Fleet, Mended, Plant, SynthCustomer};
use super::ledger::Ledger;
use super::natural::Natural;

/// What a customer pays, and what is true of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// A year's cost, unrounded.
    pub bill: f64,
    /// One per behaviour; `None` for those that no rule looks for.
    pub worths: Vec<Option<Worth>>,
    /// What a rule should say whether it was planted or not.
    pub natural: Vec<Worth>,
}

impl Fleet {
    /// What a customer pays in a year, and what could be saved: by putting right each of its behaviours
    /// alone, or taking what it was offered, and, planted or not, by the other mode of the basic charge, by full compensation of its
    /// reactive power and by suspending transformers. All are differences of two years' costs in plain
    /// arithmetic. Readings that behaviours lose are not lost here.
    #[must_use]
    pub fn worth(&self, number: u64, ledger: &Ledger) -> Value {
        let Plant { draft, mut site, .. } = self.plant(number, None);
        let now = self.metered(number, &draft, &site);
        let axis = std::sync::Arc::clone(&site.axis);
        let case = Natural { now: &now, axis: &axis, ledger };
        let bill = ledger.year(&now, &axis, now.register.billing_mode);
        // With other readings on the same terms.
        let load = |rule: &'static str, after: SynthCustomer| {
            let after = SynthCustomer { readings: after.readings, ..now.clone() };
            let saving = bill - ledger.year(&after, &axis, now.register.billing_mode);
            Worth { rule, saving: Some(saving), firm: true }
        };
        let planted = |(b, behaviour): (usize, &&dyn Behaviour)| {
            let rule = behaviour.rule()?;
            let mended = self.plant(number, Some(Mended::Whole(b)));
            let offers = &now.offers;
            Some(match mended.remedy {
                Remedy::None => Worth { rule, saving: None, firm: true },
                Remedy::Rest => case.rest(rule),
                Remedy::Battery => case.battery(offers.battery.as_ref()?),
                Remedy::Pv => case.pv(offers.pv.as_ref()?),
                Remedy::Voltage => case.voltage(offers.voltage.first()?),
                Remedy::Product => case.product(offers.product.first()?),
                Remedy::Mode(mode) => case.mode(rule, mode),
                Remedy::Hours if site.listed => case.scheduled(rule, &site.batches),
                Remedy::Load | Remedy::Hours => load(rule, self.metered(number, &mended.draft, &mended.site)),
            })
        };
        let behaviours = || self.spec().mix.scenario(number).behaviours.iter().enumerate();
        let worths = behaviours().map(planted).collect();
        let mut natural = case.worths();
        let part = |(b, behaviour): (usize, &&dyn Behaviour)| {
            let rule = behaviour.part().filter(|_| case.stands_still())?;
            let Plant { draft, site, .. } = self.plant(number, Some(Mended::Part(b)));
            Some(load(rule, self.metered(number, &draft, &site)))
        };
        natural.extend(behaviours().filter_map(part));
        compensate(&mut site);
        natural.push(load("R05", self.metered(number, &draft, &site)));
        natural.retain(|w| w.saving.is_none_or(|s| s > 0.0));
        Value { bill, worths, natural }
    }
}
