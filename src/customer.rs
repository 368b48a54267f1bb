//! Who is metered: the customer's register entry, its meters, transformers and contract.

mod transformer;
mod words;

pub use transformer::{Transformer, UnitState};

use crate::time::{DAY_SECONDS, Date, DstLabels, Month};
use crate::units::{Kva, Kw, Money, Ratio};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// How the demand or capacity part of a two-part tariff is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BillingMode {
    /// Single-part: energy only.
    Single,
    /// By billable transformer capacity in kVA.
    Capacity,
    /// By the actual maximum demand of the month in kW.
    Demand,
    /// By a contracted demand in kW.
    Contract,
}

/// Whose price applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MarketStatus {
    /// The grid company buys on the customer's behalf (代理购电): the published time-of-use price.
    Agency,
    /// A retail package.
    Retail,
    /// Trades in the market itself.
    Direct,
}

/// Sector that the guards of advice speak of; mapped from the free-text industry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sector {
    /// Hospitals and clinics.
    Hospital,
    /// Data centres, telecommunication.
    DataCentre,
    /// Glass, chemicals, smelting and other processes that cannot stop.
    ContinuousProcess,
    /// Cold stores and cold chain.
    ColdStore,
    /// Malls, offices, hotels, schools.
    Commercial,
    /// Factories that work in shifts.
    DiscreteManufacturing,
    /// Water supply, transport, public services.
    PublicService,
}

/// A role of a meter within its supply point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MeterRole {
    /// Adds to the customer's curve.
    #[default]
    Main,
    /// Is subtracted (another customer behind this one's meter).
    Deduct,
    /// Verifies the main meter; in no sum.
    Check,
    /// Measures own generation; in no sum.
    Generation,
}

/// How a meter is wired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wiring {
    /// Three-phase three-wire: there is no B-phase current.
    ThreeWire,
    /// Three-phase four-wire.
    FourWire,
}

/// On which side of the transformer a meter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MeteringSide {
    /// Before the transformer: its losses are metered.
    High,
    /// Behind it.
    Low,
}

/// A metering point of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Meter {
    /// Id as in the readings.
    pub id: Arc<str>,
    /// The supply point it belongs to.
    pub supply_point: Arc<str>,
    /// Its role there.
    pub role: MeterRole,
    /// CT ratio × PT ratio.
    pub multiplier: f64,
    /// Whether readings are multiplied already.
    pub values_multiplied: bool,
    /// Register step in kWh before multiplying.
    pub quantum_kwh: Option<f64>,
    /// Ratio of the current transformers.
    pub ct_ratio: Option<f64>,
    /// Their rated secondary current in A, where the ratio was given as `600/5`.
    pub ct_secondary_a: Option<f64>,
    /// Ratio of the voltage transformers; 1 without any.
    pub pt_ratio: Option<f64>,
    /// Three-wire or four-wire.
    pub wiring: Option<Wiring>,
    /// Side of the transformer.
    pub metering_side: Option<MeteringSide>,
    /// When it counts.
    pub valid: Span,
    /// When other rows of the register hold for the same meter.
    pub elsewhere: Vec<Span>,
}

/// From a wall-clock second since 1970-01-01T00:00 to another, which is exclusive; open ends are `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// Its first second.
    pub from: Option<i64>,
    /// The second after its last.
    pub to: Option<i64>,
}

impl Span {
    /// Whether a wall-clock second lies within.
    #[must_use]
    pub fn contains(self, local: i64) -> bool {
        self.from.is_none_or(|f| f <= local) && self.to.is_none_or(|t| local < t)
    }
}

impl Meter {
    /// A meter that is its own customer and supply point.
    #[must_use]
    pub fn alone(id: &Arc<str>) -> Self {
        Self {
            id: Arc::clone(id),
            supply_point: Arc::clone(id),
            role: MeterRole::Main,
            multiplier: 1.0,
            values_multiplied: true,
            quantum_kwh: None,
            ct_ratio: None,
            ct_secondary_a: None,
            pt_ratio: None,
            wiring: None,
            metering_side: None,
            valid: Span::default(),
            elsewhere: Vec::new(),
        }
    }
}

/// What a meter's registers showed when they were read: cumulative, as the meter shows them, that
/// is before multiplying by [`Meter::multiplier`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RegisterReading {
    /// Wall-clock second since 1970-01-01T00:00 at which they were read.
    pub read_at: i64,
    /// Total import in kWh.
    pub total_kwh: Option<f64>,
    /// Import by period in kWh: sharp, peak, flat, valley, deep.
    pub period_kwh: [Option<f64>; 5],
    /// Lagging reactive energy in kvarh.
    pub kvarh_lag: Option<f64>,
    /// Leading reactive energy in kvarh.
    pub kvarh_lead: Option<f64>,
    /// Maximum demand in kW of the cycle that ends at `read_at`.
    pub max_demand_kw: Option<f64>,
    /// Wall-clock second at which the interval of that demand starts.
    pub max_demand_at: Option<i64>,
}

/// Register readings by meter, each meter's in the order of time.
pub type RegisterReadings = BTreeMap<Arc<str>, Vec<RegisterReading>>;

/// The terms on which a customer is billed: what advice can change at the counter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contract {
    /// How the demand or capacity part is billed; `None` is unknown.
    pub billing_mode: Option<BillingMode>,
    /// Contract transformer capacity.
    pub capacity: Option<Kva>,
    /// Contracted maximum demand.
    pub contract_demand: Option<Kw>,
    /// Contracted maximum demand of single months (as of 发改办价格〔2016〕1583号 it is declared month by
    /// month); other months have `contract_demand`.
    pub contract_schedule: BTreeMap<Month, Kw>,
    /// Power-factor standard: 0.90, 0.85 or 0.80.
    pub pf_standard: Option<Ratio>,
    /// Whose energy price applies.
    pub market_status: Option<MarketStatus>,
    /// Voltage of supply in kV.
    pub voltage_kv: Option<f64>,
    /// Day of the month on which meters are read; 1 is the calendar month.
    pub reading_day: u8,
}

impl Contract {
    /// The demand contracted for a month.
    #[must_use]
    pub fn contract_demand_in(&self, month: Month) -> Option<Kw> {
        self.contract_schedule.get(&month).copied().or(self.contract_demand)
    }
}

/// A customer's register entry. `None` is unknown and is never guessed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Customer {
    /// Account number.
    pub id: Arc<str>,
    /// Name.
    pub name: Option<String>,
    /// Free text, Chinese or English.
    pub industry: Option<String>,
    /// What the industry maps to.
    pub sector: Option<Sector>,
    /// Region, for temperature and tariffs.
    pub region: Option<String>,
    /// IANA zone.
    pub tz: Option<String>,
    /// How its source labels clock changes, where that differs from the run's.
    pub dst_labels: Option<DstLabels>,
    /// The terms of billing.
    pub contract: Contract,
    /// Tariff id; overrides the run's.
    pub tariff: Option<String>,
    /// 1 = must not be interrupted.
    pub supply_level: Option<u8>,
    /// Floor area in m².
    pub floor_area_m2: Option<f64>,
    /// Value class; internal.
    pub value_class: Option<String>,
    /// Credit-risk class; internal.
    pub risk_class: Option<String>,
    /// Public-opinion class; internal.
    pub opinion_class: Option<String>,
    /// Days in arrears; internal.
    pub arrears_days: Option<u32>,
    /// Account manager; internal.
    pub manager: Option<String>,
    /// Its transformers.
    pub transformers: Vec<Transformer>,
    /// Known events.
    pub events: Vec<Event>,
    /// Lines of the bills that were really sent, in the order of time.
    pub issued: Vec<IssuedLine>,
    /// Machines that may run at other hours.
    pub equipment: Vec<Equipment>,
}

/// A line of a bill that was really sent.
#[derive(Debug, Clone, PartialEq)]
pub struct IssuedLine {
    /// The billing cycle.
    pub month: Month,
    /// Its name on the bill, or the name of a line in the `bills` table.
    pub line: Arc<str>,
    /// How much, in the line's unit.
    pub quantity: Option<f64>,
    /// What was charged.
    pub amount: Money,
}

/// A machine that may run at other hours of the day. Clock times are minutes after midnight.
#[derive(Debug, Clone, PartialEq)]
pub struct Equipment {
    /// Its name.
    pub name: Arc<str>,
    /// Power while it runs.
    pub rating: Kw,
    /// Minutes that it runs in a day.
    pub run_minutes: f64,
    /// It may run from here.
    pub earliest: u32,
    /// Until here; when this is not after `earliest` it may run before this and after `earliest`.
    pub latest: u32,
    /// Whether it may run in several parts.
    pub interruptible: bool,
    /// Shortest part in minutes.
    pub min_run_minutes: u32,
    /// Equipment that may start only when this has ended.
    pub precedes: Vec<Arc<str>>,
    /// Machines of one crew do not run at the same time.
    pub crew: Option<Arc<str>>,
    /// When it starts today, where the file says so; otherwise it is read off the load.
    pub usual_start: Option<u32>,
}

/// Kind of a known event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Supply was interrupted.
    Outage,
    /// Planned maintenance.
    Maintenance,
    /// The plant stood still.
    Shutdown,
    /// Curtailed on request.
    Curtailment,
    /// Production changed.
    #[serde(alias = "production change")]
    ProductionChange,
    /// The customer's own rest days.
    #[serde(alias = "own rest day")]
    OwnRestDay,
}

/// A known event of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// First date and the date after the last.
    pub dates: Range<Date>,
    /// Wall-clock seconds since 1970-01-01T00:00, end exclusive, when the file gives clock times;
    /// otherwise the event takes its dates whole.
    pub clock: Option<Range<i64>>,
    /// What happened.
    pub kind: EventKind,
    /// Free text.
    pub note: Option<String>,
}

impl Event {
    /// An event that takes whole dates; the end is exclusive.
    #[must_use]
    pub const fn on_dates(dates: Range<Date>, kind: EventKind) -> Self {
        Self { dates, clock: None, kind, note: None }
    }

    /// Wall-clock seconds since 1970-01-01T00:00, end exclusive.
    #[must_use]
    pub fn local(&self) -> Range<i64> {
        let midnight = |d: Date| i64::from(d.0) * DAY_SECONDS;
        self.clock.clone().unwrap_or_else(|| midnight(self.dates.start)..midnight(self.dates.end))
    }
}

impl Customer {
    /// A customer of whom nothing is known but the id.
    #[must_use]
    pub fn unknown(id: Arc<str>) -> Self {
        Self { id, contract: Contract { reading_day: 1, ..Contract::default() }, ..Self::default() }
    }

    /// The customer's own rest days.
    #[must_use]
    pub fn own_rest_days(&self) -> Vec<Range<Date>> {
        self.events.iter().filter(|e| e.kind == EventKind::OwnRestDay).map(|e| e.dates.clone()).collect()
    }
}
