//! What a customer pays, what each of its behaviours is worth, and what is true of it whether it was
//! planted or not: by plain arithmetic on its readings.

use super::axis::Axis;
use super::behaviour::{Behaviour, Remedy, Worth, compensate};
use super::fleet::{Fleet, Plant, SynthCustomer};
use super::ledger::Ledger;
use crate::customer::BillingMode;

/// Loading of the transformers from which it is heavy, and for how long in hours (catalogue: 重载).
const HEAVY: (f64, f64) = (0.80, 2.0);
/// Greatest current over the rating of current transformers: below and above they do not fit (DL/T 448).
const CT_FITS: (f64, f64) = (0.20, 1.20);
/// Secondary current of current transformers in A (GB/T 20840.2) and voltage of voltage transformers in kV.
const CT_AMPERES: f64 = 5.0;
const VT_KV: f64 = 0.1;

/// Greatest loading of the transformers that stay in service, least capacity of a two-part customer in kVA, and
/// most months of suspension a year (capacity services, 供电营业规则; 发改价格〔2023〕526号).
const SUSPEND_LOADING: f64 = 0.80;
const TWO_PART_KVA: f64 = 315.0;
const SUSPEND_MONTHS: usize = 6;

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
    /// alone, and, planted or not, by the other mode of the basic charge, by full compensation of its
    /// reactive power and by suspending transformers. All are differences of two years' costs in plain
    /// arithmetic. Readings that behaviours lose are not lost here.
    #[must_use]
    pub fn worth(&self, number: u64, ledger: &Ledger) -> Value {
        let Plant { draft, mut site, .. } = self.plant(number, None);
        let now = self.metered(number, &draft, &site);
        let axis = std::sync::Arc::clone(&site.axis);
        let case = Case { now: &now, axis: &axis, ledger };
        let planted = |(b, behaviour): (usize, &&dyn Behaviour)| {
            let mended = self.plant(number, Some(b));
            let rule = behaviour.rule()?;
            Some(match mended.remedy {
                Remedy::None => Worth { rule, saving: None, firm: true },
                Remedy::Mode(mode) => case.mode(rule, mode),
                Remedy::Load => case.load(rule, self.metered(number, &mended.draft, &mended.site)),
            })
        };
        let worths = self.spec().mix.scenario(number).behaviours.iter().enumerate().map(planted).collect();
        let mut natural = case.natural();
        compensate(&mut site);
        natural.push(case.load("R05", self.metered(number, &draft, &site)));
        natural.retain(|w| w.saving.is_none_or(|s| s > 0.0));
        Value { bill: case.bill(), worths, natural }
    }
}

/// A customer as it is, and its prices.
struct Case<'a> {
    now: &'a SynthCustomer,
    axis: &'a Axis,
    ledger: &'a Ledger,
}

impl Case<'_> {
    fn bill(&self) -> f64 {
        self.ledger.year(self.now, self.axis, self.now.register.billing_mode)
    }

    /// Billed in another mode.
    fn mode(&self, rule: &'static str, mode: BillingMode) -> Worth {
        let saving = self.bill() - self.ledger.year(self.now, self.axis, mode);
        Worth { rule, saving: Some(saving), firm: self.ledger.wins(self.now, self.axis, mode) }
    }

    /// With other readings on the same terms.
    fn load(&self, rule: &'static str, after: SynthCustomer) -> Worth {
        let after = SynthCustomer { readings: after.readings, ..self.now.clone() };
        let saving = self.bill() - self.ledger.year(&after, self.axis, self.now.register.billing_mode);
        Worth { rule, saving: Some(saving), firm: true }
    }

    fn natural(&self) -> Vec<Worth> {
        let now = self.now.register.billing_mode;
        let modes = [BillingMode::Capacity, BillingMode::Demand].into_iter().filter(|m| *m != now);
        let others = modes.map(|m| self.mode("R04", m));
        // What stands comes before what saves more.
        let value = |w: &Worth| w.saving.unwrap_or(0.0);
        let other = others.max_by(|a, b| a.firm.cmp(&b.firm).then(value(a).total_cmp(&value(b))));
        let said = |rule, holds: bool| holds.then_some(Worth { rule, saving: None, firm: true });
        let heavy = said("R12", self.hours_above(HEAVY.0 * self.now.register.capacity_kva) >= HEAVY.1);
        let ct = said("R18", !(CT_FITS.0..=CT_FITS.1).contains(&self.current_share()) && self.now.meters.len() == 1);
        other.into_iter().chain(self.suspended()).chain(heavy).chain(ct).collect()
    }

    /// Equal transformers of a plant billed by capacity that are not needed for up to six months: the
    /// others stay below 80 % in every interval of those months, and above 315 kVA in sum. Supply that
    /// keeps a reserve is left out.
    fn suspended(&self) -> Option<Worth> {
        let c = self.now;
        let reserve = c.readings.len() > 1 || c.register.supply_level < 3;
        if reserve || c.register.billing_mode != BillingMode::Capacity {
            return None;
        }
        let unit = c.transformers.first()?.kva;
        let apparent: Vec<f64> = self.apparent().collect();
        let highest = |range: &std::ops::Range<usize>| {
            apparent.get(range.clone()).unwrap_or(&[]).iter().copied().fold(0.0, f64::max)
        };
        let best = (1..c.transformers.len()).filter_map(|resting| {
            let left = (c.transformers.len() - resting) as f64 * unit;
            let rests = |s: f64| s <= SUSPEND_LOADING * left && left >= TWO_PART_KVA;
            let months = self.axis.months.iter().filter(|(_, range)| rests(highest(range))).count().min(SUSPEND_MONTHS);
            (months > 0).then_some((resting as f64 * unit * months as f64, left, months))
        });
        let (_, left, months) = best.max_by(|a, b| a.0.total_cmp(&b.0))?;
        let saving =
            self.ledger.suspension(c, self.axis, (left, months), |range| highest(range) <= SUSPEND_LOADING * left);
        Some(Worth { rule: "R11", saving: Some(saving), firm: true })
    }

    /// Apparent power of each interval in kVA, all meters together.
    fn apparent(&self) -> impl Iterator<Item = f64> {
        let rows = self.now.readings.first().map_or(0, super::readings::Readings::len);
        (0..rows).map(|i| {
            let sum = |of: fn(&super::readings::Readings, usize) -> Option<f64>| -> f64 {
                self.now.readings.iter().filter_map(|r| of(r, i)).sum()
            };
            sum(super::readings::Readings::kw).hypot(sum(super::readings::Readings::kvar))
        })
    }

    /// The longest time on end for which the apparent power stays at or above a level, in hours.
    fn hours_above(&self, kva: f64) -> f64 {
        let (mut longest, mut run) = (0usize, 0usize);
        for s in self.apparent() {
            run = if s >= kva { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest as f64 * self.now.interval.hours()
    }

    /// Greatest current over the rating of the current transformers of a customer with one meter.
    fn current_share(&self) -> f64 {
        let Some(meter) = self.now.meters.first() else { return 1.0 };
        let kv = if meter.pt_ratio > 1 { VT_KV * f64::from(meter.pt_ratio) } else { 0.4 };
        let rating = 3f64.sqrt() * kv * CT_AMPERES * f64::from(meter.ct_ratio);
        self.apparent().fold(0.0, f64::max) / rating
    }
}
