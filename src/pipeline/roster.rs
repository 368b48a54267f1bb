//! Who is analysed: customers with their meters, in the order of ids.

use crate::curve::{Load, MeterFacts};
use crate::customer::{Customer, Meter, MeterRole};
use crate::error::{Error, Result};
use crate::input::Readings;
use crate::input::assemble::{Assembled, assemble};
use crate::input::block::Segment;
use crate::input::place::{Meaning, place};
use crate::input::unusable::why;
use crate::register::Register;
use crate::text::{said, say};
use crate::time::{DstLabels, Zone};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A customer to be analysed.
#[derive(Debug, Clone)]
pub struct Member {
    /// Account number.
    pub id: Arc<str>,
    /// Register entry; `None` of whom nothing is known.
    entry: Option<Arc<Customer>>,
    /// Its meters that have readings.
    pub meters: Vec<Metered>,
    /// Its zone, or why there is none.
    pub zone: Result<Arc<Zone>, String>,
}

/// A meter of a customer. Of most of a fleet without side files nothing is known but the id: the whole meter is made
/// when its readings are placed.
#[derive(Debug, Clone)]
pub struct Metered {
    /// Index in the readings.
    pub index: u32,
    of: Listing,
}

#[derive(Debug, Clone)]
enum Listing {
    /// Its own supply point.
    Alone(Arc<str>),
    /// As the register has it.
    Listed(Box<Meter>),
}

impl Metered {
    fn alone(index: u32, id: &Arc<str>) -> Self {
        Self { index, of: Listing::Alone(Arc::clone(id)) }
    }

    fn listed(index: u32, meter: Meter) -> Self {
        Self { index, of: Listing::Listed(Box::new(meter)) }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &Arc<str> {
        match &self.of {
            Listing::Alone(id) => id,
            Listing::Listed(meter) => &meter.id,
        }
    }

    /// The meter.
    #[must_use]
    pub fn meter(&self) -> Cow<'_, Meter> {
        match &self.of {
            Listing::Alone(id) => Cow::Owned(Meter::alone(id)),
            Listing::Listed(meter) => Cow::Borrowed(meter),
        }
    }
}

/// What a customer's rows made.
#[derive(Debug, Default)]
pub struct Loads {
    /// The meters with a load.
    pub of_meters: Vec<(Meter, Load)>,
    /// The meters without a usable interval, and why.
    pub unusable: Vec<(Arc<str>, String)>,
}

impl Loads {
    /// Sums the meters; else why there is nothing to sum.
    ///
    /// # Errors
    /// The reason, with its cure.
    pub fn assemble(self) -> Result<Assembled, String> {
        let Self { of_meters, unusable } = self;
        let read: Vec<Arc<str>> = of_meters.iter().map(|(m, _)| Arc::clone(&m.id)).collect();
        let summed = of_meters.iter().any(|(m, _)| matches!(m.role, MeterRole::Main | MeterRole::Deduct));
        let any = of_meters.iter().any(|(_, load)| load.n_valid() > 0);
        let why = match unusable.as_slice() {
            [] if !summed => said("customer.no_main").to_owned(),
            [] => said("customer.outside_validity").to_owned(),
            _ if any && !summed => said("customer.no_main_read").into(),
            [(_, why)] => why.clone(),
            several => {
                let told: Vec<String> = several
                    .iter()
                    .take(TOLD)
                    .map(|(m, why)| say("customer.of_meter", &[("id", &m), ("why", &why)]))
                    .collect();
                told.join("; ")
            }
        };
        let assembled = assemble(of_meters).filter(|a| a.total.n_valid() > 0);
        let mut assembled = assembled.ok_or_else(|| say("customer.unusable", &[("why", &why)]))?;
        for (meter, why) in unusable.into_iter().filter(|(m, _)| !read.contains(m)) {
            let facts = MeterFacts { meter, unusable: Some(why), ..MeterFacts::default() };
            assembled.of_meters.push(facts);
        }
        Ok(assembled)
    }
}

/// Meters whose reasons are told of a customer without a usable interval.
const TOLD: usize = 3;

impl Member {
    /// Register entry; one of whom nothing is known where there is none.
    #[must_use]
    pub fn customer(&self) -> Arc<Customer> {
        self.entry.clone().unwrap_or_else(|| Customer::unknown(Arc::clone(&self.id)).into())
    }

    /// Places the rows of each of its meters.
    ///
    /// # Errors
    /// Why the zone is unknown, or which meter's stamps fit no interval length.
    pub fn loads(&self, segments: &mut [(u32, Vec<Segment>)], readings: &Readings) -> Result<Loads, String> {
        let options = &readings.options;
        let zone = Arc::clone(self.zone.as_ref().map_err(Clone::clone)?);
        let mut loads = Loads::default();
        for (index, segments) in segments {
            let meters: Vec<Cow<'_, Meter>> =
                self.meters.iter().filter(|m| m.index == *index).map(Metered::meter).collect();
            let shared = meters.len() > 1;
            for meter in meters {
                let multiplied = meter.values_multiplied && options.values_multiplied;
                let multiplier = if multiplied { 1.0 } else { meter.multiplier };
                let meaning = Meaning { zone: Arc::clone(&zone), options, multiplier };
                // Placing may take the arrays over; the next customer of a meter needs them as well.
                let mut own = if shared { segments.clone() } else { std::mem::take(segments) };
                let load = place(&mut own, &meaning)
                    .map_err(|e| say("customer.of_meter", &[("id", &meter.id), ("why", &e)]))?;
                *segments = own;
                if load.as_ref().is_none_or(|l| l.n_valid() == 0) {
                    loads.unusable.push((Arc::clone(&meter.id), why(readings, segments, load.as_ref())));
                }
                loads.of_meters.extend(load.map(|load| (meter.into_owned(), load)));
            }
        }
        Ok(loads)
    }
}

/// All customers of a run, by id.
#[derive(Debug, Clone)]
pub struct Roster {
    /// Sorted by customer id.
    pub members: Vec<Member>,
}

impl Roster {
    /// Joins the meters of the readings with the register. A meter that no side file mentions is its
    /// own customer.
    ///
    /// # Errors
    /// When `only` names a customer that neither the readings nor the register have.
    pub fn new(readings: &Readings, register: &Register, only: &[String], notes: &mut Vec<String>) -> Result<Self> {
        let mut by_customer: ByCustomer = BTreeMap::new();
        for id in register.customers.keys() {
            by_customer.insert(Arc::clone(id), Vec::new());
        }
        let listed = listed_meters(register);
        let mut unlisted = 0;
        for (index, key) in readings.meters().iter().enumerate() {
            let index = index as u32;
            let entries = listed.get(&key.meter).filter(|_| register.by_meter);
            if let Some(entries) = entries {
                for (meter, customer) in entries {
                    let others = entries.iter().filter(|(o, _)| !std::ptr::eq(*o, *meter));
                    let elsewhere = others.map(|(o, _)| o.valid).collect();
                    let meter = Meter { elsewhere, ..(*meter).clone() };
                    by_customer.entry(Arc::clone(customer)).or_insert_with(few).push(Metered::listed(index, meter));
                }
                continue;
            }
            unlisted += usize::from(register.by_meter && !register.customers.contains_key(&key.meter));
            let customer = key.customer.as_ref().unwrap_or(&key.meter);
            by_customer.entry(Arc::clone(customer)).or_insert_with(few).push(Metered::alone(index, &key.meter));
        }
        if unlisted > 0 {
            notes.push(say("run.unlisted", &[("n", &unlisted)]));
        }
        if readings.index.rows_without_id > 0 {
            notes.push(say("run.no_id", &[("n", &readings.index.rows_without_id)]));
        }
        keep_only(&mut by_customer, only)?;
        notes.extend(without_multiplier(&by_customer, readings));
        let mut zones = BTreeMap::new();
        let member = |(id, meters): (Arc<str>, Vec<Metered>)| {
            let entry = register.customers.get(&id).cloned();
            let zone = zone_of(entry.as_deref(), readings, &mut zones);
            Member { id, entry, meters, zone }
        };
        Ok(Self { members: by_customer.into_iter().map(member).collect() })
    }

    /// For each member the indices of its meters, as the readings want them.
    #[must_use]
    pub fn meter_lists(&self) -> Vec<Vec<u32>> {
        let list = |m: &Member| m.meters.iter().map(|m| m.index).collect::<BTreeSet<_>>().into_iter().collect();
        self.members.iter().map(list).collect()
    }
}

/// Room for the one meter that most customers have: a vector grows to four at once.
fn few() -> Vec<Metered> {
    Vec::with_capacity(1)
}

/// The register's meters by id; one meter may serve several customers one after another.
fn listed_meters(register: &Register) -> BTreeMap<Arc<str>, Vec<(&Meter, &Arc<str>)>> {
    let mut out: BTreeMap<Arc<str>, Vec<(&Meter, &Arc<str>)>> = BTreeMap::new();
    for (meter, customer) in &register.meters {
        out.entry(Arc::clone(&meter.id)).or_default().push((meter, customer));
    }
    out
}

/// Says how many meters deliver raw values and have no multiplier.
fn without_multiplier(by_customer: &ByCustomer, readings: &Readings) -> Option<String> {
    if readings.files.iter().any(|f| f.multiplier.is_some()) {
        return None;
    }
    let raw = |m: &Meter| !(m.values_multiplied && readings.options.values_multiplied);
    let n = by_customer.values().flatten().map(Metered::meter).filter(|m| raw(m) && m.multiplier == 1.0).count();
    (n > 0).then(|| say("run.raw_without", &[("n", &n)]))
}

fn keep_only(by_customer: &mut ByCustomer, only: &[String]) -> Result<()> {
    if only.is_empty() {
        return Ok(());
    }
    if let Some(unknown) = only.iter().find(|id| !by_customer.contains_key(id.as_str())) {
        return Err(Error::option(say("run.unknown_only", &[("id", &unknown)]), said("run.unknown_only_cure")));
    }
    by_customer.retain(|id, _| only.iter().any(|o| o.as_str() == id.as_ref()));
    Ok(())
}

type ByCustomer = BTreeMap<Arc<str>, Vec<Metered>>;

type Zones = BTreeMap<(String, bool), Result<Arc<Zone>, String>>;

/// The customer's own zone and labels, else the run's; tabulated once each.
fn zone_of(customer: Option<&Customer>, readings: &Readings, zones: &mut Zones) -> Result<Arc<Zone>, String> {
    let name = customer.and_then(|c| c.tz.as_deref()).unwrap_or(&readings.options.tz);
    let labels = customer.and_then(|c| c.dst_labels).unwrap_or(readings.options.dst_labels);
    let key = (name.to_owned(), labels == DstLabels::None);
    let fresh = || Zone::new(name, labels).map(Arc::new).map_err(|e| e.to_string());
    zones.entry(key).or_insert_with(fresh).clone()
}
