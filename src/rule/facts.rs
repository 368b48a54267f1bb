//! What rules see of a customer.

use super::{Evidence, Thresholds};
use crate::curve::{DayLabels, Load, TypicalDay};
use crate::customer::{Customer, EventKind, Meter, MeterRole, RegisterReadings};
use crate::indicator::Reading;
use crate::peak::Peak;
use crate::quality::Issue;
use crate::register::{Group, Series, Terms};
use crate::tariff::{Bill, BillState, Compiled, Reconciliation};
use crate::time::{Calendar, Cycle, Date};
use crate::units::Kw;
use crate::whatif::State;
use std::sync::Arc;

/// One customer as rules see it. `state` holds load, supply points, contract, cycles, tariff and
/// the bill; usages and bill are computed once, by whoever asks first.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Register entry.
    pub customer: &'a Customer,
    /// The customer as it is.
    pub state: &'a State,
    /// Kind of day and season of each day.
    pub labels: &'a DayLabels,
    /// Typical days.
    pub typical: &'a [TypicalDay],
    /// Billing peaks, episodes, top intervals.
    pub peaks: &'a [Peak],
    /// Indicators over the whole span.
    pub indicators: &'a [Reading],
    /// Data issues.
    pub issues: &'a [Issue],
    /// Whether rest days and holidays come from a calendar file of the customer's country, not from
    /// Saturdays and Sundays alone.
    pub calendar_known: bool,
    /// Smallest power step that the meters tell apart: register step × multiplier × 60/Δt.
    pub quantum: Option<Kw>,
    /// Constants of the rules.
    pub thresholds: &'a Thresholds,
    /// Other side inputs.
    pub side: Side<'a>,
}

/// Side inputs that single rules need; each is optional.
#[derive(Debug, Clone, Copy, Default)]
pub struct Side<'a> {
    /// The customer's meters that have readings.
    pub meters: &'a [Meter],
    /// Register readings by meter.
    pub registers: Option<&'a RegisterReadings>,
    /// The calendar of working days.
    pub calendar: Option<&'a Calendar>,
    /// The date of the run: nothing can be applied for before it.
    pub today: Option<Date>,
    /// Hourly temperatures where the customer is.
    pub temperature: Option<&'a Series>,
    /// Bills that were really sent beside the recomputed ones.
    pub issued: Option<&'a Reconciliation>,
    /// Figures of similar customers, from an earlier run.
    pub peers: Option<&'a Group>,
    /// Investments and products that the user gave terms of.
    pub terms: Option<&'a Terms>,
    /// The products' and voltage levels' tariffs by name, compiled for the load's interval.
    pub tariffs: &'a [(String, Arc<Compiled>)],
}

impl Side<'_> {
    /// A tariff that the terms name.
    #[must_use]
    pub fn tariff(&self, name: &str) -> Option<&Arc<Compiled>> {
        self.tariffs.iter().find(|t| t.0 == name).map(|t| &t.1)
    }
}

impl<'a> Facts<'a> {
    /// The customer's total load.
    #[must_use]
    pub fn load(&self) -> &'a Load {
        self.state.load()
    }

    /// Billing cycles.
    #[must_use]
    pub fn cycles(&self) -> &'a [Cycle] {
        self.state.cycles()
    }

    /// The tariff.
    #[must_use]
    pub fn tariff(&self) -> Option<&'a Compiled> {
        self.state.tariff()
    }

    /// The bill as it is.
    #[must_use]
    pub fn bill(&self) -> Option<&'a Bill> {
        self.state.bill()
    }

    /// Billed cycles with their index.
    #[must_use]
    pub fn billed(&self) -> Vec<(usize, &'a Cycle)> {
        let Some(bill) = self.bill() else { return Vec::new() };
        let pairs = self.cycles().iter().zip(&bill.cycles).enumerate();
        pairs.filter(|(_, (_, b))| b.state == BillState::Billed).map(|(i, (c, _))| (i, c)).collect()
    }

    /// Below this a difference of power is noise: a number of meter steps; 0 where the step is unknown.
    #[must_use]
    pub fn noise_kw(&self) -> f64 {
        self.quantum.map_or(0.0, |q| q.get() * self.thresholds.noise_quanta)
    }

    /// Whether a day lies in an event during which the load does not tell how the plant usually runs.
    #[must_use]
    pub fn disturbed(&self, day: usize) -> bool {
        use EventKind::{Curtailment, Maintenance, Outage, Shutdown};
        let date = self.load().date(day);
        let counts = |k: EventKind| matches!(k, Outage | Maintenance | Shutdown | Curtailment);
        self.customer.events.iter().any(|e| counts(e.kind) && e.dates.contains(&date))
    }

    /// Whether the customer generates behind its meters, as far as these tell: then clouds, not work,
    /// move what they read, and no low reading is a load that can go without.
    #[must_use]
    pub fn generates(&self) -> bool {
        self.load().has_export() || self.side.meters.iter().any(|m| m.role == MeterRole::Generation)
    }

    /// Evidence with the dates looked at.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let load = self.load();
        let span = load.span();
        if span.is_empty() {
            return Evidence::default();
        }
        let date = |index: usize| load.date(load.days().day_at(index)).to_string();
        Evidence { from: date(span.start), to: date(span.end - 1), ..Evidence::default() }
    }
}
