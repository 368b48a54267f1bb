//! A fleet: customers one by one, each from its own stream of random numbers.

use super::axis::{Axis, Home, axes};
use super::behaviour::{Figures, Planted, Remedy};
use super::ledger::Ledger;
use super::random::Random;
use super::readings::{REGISTER_STEP_KWH, Readings, meter};
use super::register::{self, CustomerRow, EquipmentRow, EventRow, MeterRow, TransformerRow};
use super::scenario::Mix;
use super::site::{self, Draft, Site};
use crate::customer::{MarketStatus, MeterRole};
use crate::error::{Error, Result};
use crate::register::Terms;
use crate::time::{Date, Interval};
use std::ops::Range;
use std::sync::Arc;

/// What makes a fleet; equal specifications make equal bytes.
#[derive(Debug, Clone)]
pub struct FleetSpec {
    /// Seed of all random numbers.
    pub seed: u64,
    /// Number of customers.
    pub customers: u64,
    /// Length of the metering interval.
    pub interval: Interval,
    /// First date.
    pub first: Date,
    /// Number of dates.
    pub days: u32,
    /// What the customers are.
    pub mix: Mix,
}

/// More customers than ids are made for.
const MOST_CUSTOMERS: u64 = 10_000_000;
/// First customer id and the step between two; ids ascend with the customer's number.
const FIRST_ID: u64 = 4_200_000_000_017;
const ID_STEP: u64 = 7_919;

// Parts of a customer's random numbers; behaviour `b` of the table has the parts from 16 + 4 b on.
const PART_REGISTER: u8 = 0;
const PART_LOAD: u8 = 1;
const PART_METER: u8 = 2;
const PART_WEATHER: u8 = 3;
const PART_BEHAVIOUR: u8 = 16;
/// Stands for the number of a customer in the stream of the weather station.
const STATION_NUMBER: u64 = MOST_CUSTOMERS;

/// A synthetic customer.
#[derive(Debug, Clone)]
pub struct SynthCustomer {
    /// Number within the fleet.
    pub number: u64,
    /// Name of its archetype.
    pub archetype: &'static str,
    /// Register entry.
    pub register: CustomerRow,
    /// One per supply point.
    pub meters: Vec<MeterRow>,
    /// Its transformers.
    pub transformers: Vec<TransformerRow>,
    /// What has happened to it.
    pub events: Vec<EventRow>,
    /// Its machines that could run at other hours, where there is a list of them.
    pub equipment: Vec<EquipmentRow>,
    /// What it could buy or choose.
    pub offers: Terms,
    /// What was planted in it.
    pub planted: Vec<Planted>,
    /// Length of the metering interval.
    pub interval: Interval,
    /// Greatest interval mean of the sum of its meters before any reading was lost, in kW.
    pub max_kw: f64,
    /// Import by the sum of its meters before any reading was lost, in kWh.
    pub import_kwh: f64,
    /// Rows of each of `meters`.
    pub readings: Vec<Readings>,
}

/// A plant before its meters.
pub(super) struct Plant {
    pub draft: Draft,
    pub site: Site,
    pub planted: Vec<Planted>,
    /// What the behaviour that was put right asks for.
    pub remedy: Remedy,
}

/// What is put right in a plant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mended {
    /// The behaviour of that number.
    Whole(usize),
    /// The part of it that a further rule sees.
    Part(usize),
}

/// A specification with its time axes.
#[derive(Debug, Clone)]
pub struct Fleet {
    spec: FleetSpec,
    axes: [Arc<Axis>; 2],
}

/// The customers of a fleet, one by one and drawn when asked for.
///
/// # Errors
/// As [`Fleet::new`].
pub fn fleet(spec: FleetSpec) -> Result<impl Iterator<Item = SynthCustomer>> {
    let fleet = Fleet::new(spec)?;
    Ok((0..fleet.spec.customers).map(move |i| fleet.customer(i)))
}

impl Fleet {
    /// Checks the specification and tabulates its time axes.
    ///
    /// # Errors
    /// When there are no customers or too many, or the span is outside 1990–2069.
    pub fn new(spec: FleetSpec) -> Result<Self> {
        if !(1..=MOST_CUSTOMERS).contains(&spec.customers) {
            let what = format!("a fleet of {} customers cannot be generated", spec.customers);
            return Err(Error::option(what, "give --customers from 1 to 10000000"));
        }
        let axes = axes(spec.interval, spec.first, spec.days)?;
        Ok(Self { spec, axes })
    }

    /// What it was made from.
    #[must_use]
    pub const fn spec(&self) -> &FleetSpec {
        &self.spec
    }

    /// Dates of the span, the one after the last excluded.
    #[must_use]
    pub fn dates(&self) -> Range<Date> {
        self.spec.first..self.spec.first.plus(self.spec.days as i32)
    }

    /// The prices of a tariff file, or of a shipped tariff, on the fleet's dates.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn ledger(&self, tariff: &str) -> Result<Ledger> {
        let [china, germany] = &self.axes;
        Ledger::open(tariff, [china, germany], self.spec.mix.offers())
    }

    fn axis(&self, home: Home) -> Arc<Axis> {
        let [china, germany] = &self.axes;
        Arc::clone(match home {
            Home::China => china,
            Home::Germany => germany,
        })
    }

    /// Draws a customer. It depends on the seed, its number, the mix, the interval and the dates,
    /// and not on the number of customers.
    #[must_use]
    pub fn customer(&self, number: u64) -> SynthCustomer {
        let Plant { draft, site, mut planted, .. } = self.plant(number, None);
        let mut customer = self.metered(number, &draft, &site);
        for (b, behaviour) in self.spec.mix.scenario(number).behaviours.iter().enumerate() {
            let figures = behaviour.finish(&mut customer, &mut self.of_behaviour(number, b, 2));
            planted[b].figures.extend(figures);
        }
        customer.planted = planted;
        customer
    }

    fn random(&self, number: u64, part: u8) -> Random {
        Random::new(self.spec.seed, number, part)
    }

    /// The stream of the weather station.
    fn sky(&self) -> Random {
        self.random(STATION_NUMBER, PART_WEATHER)
    }

    /// What the weather station has measured: the mean temperature of each date, in °C. `None` where no
    /// scenario of the mix is in its region.
    #[must_use]
    pub fn station(&self) -> Option<(&'static str, &Axis, Vec<f64>)> {
        let named = self.spec.mix.stations();
        let [china, _] = &self.axes;
        named.map(|region| (region, china.as_ref(), site::station_c(china, self.sky())))
    }

    fn of_behaviour(&self, number: u64, b: usize, stage: u8) -> Random {
        self.random(number, PART_BEHAVIOUR + 4 * b as u8 + stage)
    }

    /// A customer's plant with all that is planted in it, or with what is `mended` put right
    /// instead; everything else is drawn alike.
    pub(super) fn plant(&self, number: u64, mended: Option<Mended>) -> Plant {
        let scenario = self.spec.mix.scenario(number);
        let mut draft = Draft::new(scenario.archetype.kind(), &mut self.random(number, PART_REGISTER));
        for (b, behaviour) in scenario.behaviours.iter().enumerate() {
            behaviour.prepare(&mut draft, &mut self.of_behaviour(number, b, 0));
        }
        let axis = self.axis(draft.home);
        let sky = draft.station.map(|_| self.sky());
        let mut site = Site::simulate(scenario.archetype, &draft, axis, (&mut self.random(number, PART_LOAD), sky));
        let mut planted: Vec<Planted> = Vec::with_capacity(scenario.behaviours.len());
        let mut remedy = Remedy::None;
        for (b, behaviour) in scenario.behaviours.iter().enumerate() {
            let mut random = self.of_behaviour(number, b, 1);
            let mut figures = Figures::new();
            match mended {
                Some(Mended::Whole(which)) if which == b => remedy = behaviour.mend(&mut site, &draft, &mut random),
                Some(Mended::Part(which)) if which == b => behaviour.mend_part(&mut site, &mut random),
                _ => figures = behaviour.plant(&mut site, &mut random),
            }
            planted.push(Planted { behaviour: behaviour.name(), figures, worth: None });
        }
        Plant { draft, site, planted, remedy }
    }

    /// Puts transformers, meters and a contract to a plant.
    pub(super) fn metered(&self, number: u64, draft: &Draft, site: &Site) -> SynthCustomer {
        let archetype = self.spec.mix.scenario(number).archetype;
        let kind = archetype.kind();
        let id = (FIRST_ID + number * ID_STEP).to_string();
        let demand = site.max_kw(0..site.gross_kw.len());
        let transformers =
            register::bank(&id, demand, (draft.loading, draft.most_loaded), kind.transformers.max(draft.units));
        let capacity_kva: f64 = transformers.iter().map(|t| t.kva).sum();
        let (ct_ratio, pt_ratio) = register::ratios(capacity_kva, kind.voltage_kv);
        let ct_ratio = ct_ratio * draft.ct_factor;
        let readings = meter(site, kind.feeds, ct_ratio * pt_ratio, &mut self.random(number, PART_METER));
        let meter_row = |k: usize| MeterRow {
            meter_id: format!("00{}{}", &id[2..], k + 1),
            customer_id: id.clone(),
            supply_point: format!("{id}-{}", k + 1),
            role: MeterRole::Main,
            multiplier: ct_ratio * pt_ratio,
            values_multiplied: true,
            quantum: REGISTER_STEP_KWH,
            ct_ratio,
            pt_ratio,
            wiring: "three-wire",
            metering_side: "high",
            valid_from: None,
            valid_to: None,
        };
        let meters = (0..kind.feeds.len()).map(meter_row).collect();
        let (max_kw, import_kwh) = totals(&readings, self.spec.interval);
        let mut entry = self.random(number, PART_REGISTER);
        // The first numbers of the entry are the draft's.
        let _ = Draft::new(kind, &mut entry);
        let (place, trade) = (entry.below(usize::MAX), entry.below(usize::MAX));
        let (name, industry) = register::name(draft.home, kind, place, trade);
        let register = CustomerRow {
            name,
            industry,
            region: draft.station.unwrap_or_else(|| draft.home.region()),
            tz: draft.home.tz(),
            voltage_kv: kind.voltage_kv,
            capacity_kva,
            billing_mode: register::billing_mode(draft, site, capacity_kva),
            contract_demand_kw: draft.contract_over.map(|over| (over * demand).round()),
            pf_standard: kind.pf_standard,
            market_status: MarketStatus::Agency,
            reading_day: 1,
            supply_level: kind.supply_level,
            customer_id: id,
        };
        let (planted, interval) = (Vec::new(), self.spec.interval);
        let archetype = archetype.name();
        let events = site.maintenance.iter().map(|m| EventRow::maintenance(&register.customer_id, m)).collect();
        let listed = site.batches.iter().filter(|_| site.listed).enumerate();
        let equipment = listed.map(|(k, b)| EquipmentRow::of(&register.customer_id, k, b)).collect();
        SynthCustomer {
            number,
            archetype,
            register,
            meters,
            transformers,
            events,
            equipment,
            offers: site.offers.clone(),
            planted,
            interval,
            max_kw,
            import_kwh,
            readings,
        }
    }
}

/// Greatest power in kW and imported energy in kWh of the sum of meters that have the same rows.
fn totals(readings: &[Readings], interval: Interval) -> (f64, f64) {
    let rows = readings.first().map_or(0, Readings::len);
    let (mut max, mut sum) = (0.0f64, 0.0);
    for row in 0..rows {
        let kw: f64 = readings.iter().filter_map(|r| r.kw(row)).sum();
        max = max.max(kw);
        sum += kw.max(0.0);
    }
    (max, sum * interval.hours())
}
