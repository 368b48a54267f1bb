//! One billing cycle of one customer, as charges see it.

use super::capacity;
use crate::customer::BillingMode;
use crate::tariff::schedule::MonthDay;
use crate::tariff::schema::BaseLine;
use crate::tariff::{Compiled, CycleBill, CycleUsage, LineKind, Part, Ratchet, Tariff, Terms, Usage};
use crate::text::say;
use crate::time::{Cycle, Date};
use crate::units::{Kva, Kwh};
use std::sync::Arc;

/// One billing cycle of one customer.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The cycle.
    pub cycle: &'a Cycle,
    /// What each supply point used.
    pub usages: &'a [(&'a Arc<str>, &'a CycleUsage)],
    /// The versions of the tariff in force over the cycle.
    pub parts: &'a [Part<'a>],
    /// Contract and transformers.
    pub terms: &'a Terms<'a>,
    /// The tariff.
    pub tariff: &'a Compiled,
    /// All cycles, and which of them this one is.
    pub cycles: &'a [Cycle],
    /// Place of this cycle among them.
    pub index: usize,
    /// What each supply point used in all cycles.
    pub all: &'a [(Arc<str>, Usage)],
    /// The bills of the cycles before.
    pub earlier: &'a [CycleBill],
}

/// A charge of the versions in force, equal ones merged.
pub(super) struct Found<'a, T> {
    pub spec: &'a T,
    /// Of the first version that has it.
    pub tariff: &'a Tariff,
    /// That version's place in the chain.
    pub version: usize,
    /// Its place among the file's tables.
    pub at: usize,
    /// Days of the cycle on which it holds.
    pub n_days: i32,
}

impl<'a> Case<'a> {
    /// Import of all supply points, estimates included.
    #[must_use]
    pub fn total_kwh(&self) -> Kwh {
        self.usages.iter().map(|(_, u)| u.total_kwh()).sum()
    }

    /// How the demand or capacity part is billed; `None` when the tariff has neither part.
    ///
    /// # Errors
    /// When the contract does not say, or says what the tariff does not have.
    pub fn mode(&self) -> Result<Option<BillingMode>, String> {
        let tariff = self.last();
        let (demand, capacity) = (tariff.demand.as_ref(), tariff.capacity.as_ref());
        if demand.is_none() && capacity.is_none() {
            return Ok(None);
        }
        if demand.is_some_and(|d| d.always) {
            return Ok(Some(BillingMode::Demand));
        }
        let mode = self.terms.contract.billing_mode.ok_or_else(|| super::missing("billing_mode"))?;
        let priced = match mode {
            BillingMode::Single => false,
            BillingMode::Capacity => capacity.is_some(),
            BillingMode::Demand | BillingMode::Contract => demand.is_some(),
        };
        let no_price = || say("bill.no_price", &[("mode", &mode.words()), ("id", &tariff.id)]);
        if priced { Ok(Some(mode)) } else { Err(no_price()) }
    }

    /// The version in force at the end of the cycle: what cannot be split by day follows it.
    #[must_use]
    pub fn last(&self) -> &'a Tariff {
        self.parts.last().map_or_else(|| self.tariff.tariff(), |p| p.tariff)
    }

    /// The contract's transformer capacity, which the rebate refers to: as stated, else what is
    /// billable; `None` when neither is known.
    #[must_use]
    pub fn contract_capacity(&self) -> Option<Kva> {
        self.terms.contract.capacity.or_else(|| capacity::billable(self.terms, &self.cycle.dates).ok())
    }

    /// The capacity that floors refer to: what is in service where the units are known, so that
    /// suspended units lower it, else the contract's.
    #[must_use]
    pub fn capacity_in_service(&self) -> Option<Kva> {
        capacity::capacity_in_service(self.terms, &self.cycle.dates)
    }

    /// Days of the cycle.
    #[must_use]
    pub const fn n_days(&self) -> i32 {
        self.cycle.dates.end.0 - self.cycle.dates.start.0
    }

    /// The share of the cycle that so many days are; exactly 1 for all of them.
    #[must_use]
    pub fn share(&self, n_days: i32) -> f64 {
        if n_days >= self.n_days() { 1.0 } else { f64::from(n_days) / f64::from(self.n_days()) }
    }

    /// Says that a line holds for a part of the cycle.
    pub(super) fn share_note(&self, n_days: i32) -> String {
        if n_days >= self.n_days() {
            String::new()
        } else {
            say("bill.days_of", &[("n", &n_days), ("all", &self.n_days())])
        }
    }

    /// The calendar month that labels the cycle, 1–12.
    #[must_use]
    pub const fn month(&self) -> u8 {
        self.cycle.month.month()
    }

    /// Days of the cycle by what holds on them, in order of first appearance; versions and seasons
    /// that say the same are one. Days are looked at one by one only where `seasonal` says so.
    pub(super) fn by_day<T: PartialEq>(
        &self,
        seasonal: impl Fn(&'a Tariff) -> bool,
        of: impl Fn(&Part<'a>, MonthDay) -> Option<T>,
    ) -> Vec<(T, i32)> {
        let mut out: Vec<(T, i32)> = Vec::new();
        let mut add = |value: Option<T>, days: i32| {
            let Some(value) = value else { return };
            match out.iter_mut().find(|(v, _)| *v == value) {
                Some((_, n)) => *n += days,
                None => out.push((value, days)),
            }
        };
        let on = |date: Date| {
            let (_, month, day) = date.ymd();
            MonthDay { month, day }
        };
        for part in self.parts {
            if seasonal(part.tariff) {
                (part.dates.start.0..part.dates.end.0).for_each(|d| add(of(part, on(Date(d))), 1));
            } else {
                add(of(part, on(part.dates.start)), part.n_days());
            }
        }
        out
    }

    /// Minutes of the data's interval where it is longer than the tariff's demand window.
    pub(super) fn coarser_than_window(&self) -> Option<u32> {
        let window = self.tariff.demand_window()?.minutes();
        self.all.iter().map(|(_, u)| u.interval.minutes()).filter(|m| *m > window).max()
    }

    /// The quantity that a ratchet makes of this cycle's maximum at a supply point, and what raised it.
    pub(super) fn ratcheted(
        &self,
        ratchet: Option<&Ratchet>,
        id: &Arc<str>,
        now: f64,
        of: impl Fn(&CycleUsage) -> Option<f64>,
    ) -> (f64, String) {
        let usage = self.all.iter().find(|(i, _)| i == id).map(|(_, u)| u);
        let Some((ratchet, usage)) = ratchet.zip(usage) else { return (now, String::new()) };
        let (mut best, mut raised, mut known) = (now, String::new(), 0);
        for (cycle, used) in self.cycles.iter().zip(&usage.cycles).take(self.index) {
            let back = self.cycle.month.0 - cycle.month.0;
            if back < 1 || i64::from(back) > i64::from(ratchet.months_back) {
                continue;
            }
            known += 1;
            let Some((share, kw)) = ratchet.share_of(cycle.month.month()).zip(of(used)) else { continue };
            if share * kw > best {
                best = share * kw;
                raised = say(
                    "bill.ratchet",
                    &[("share", &share), ("kw", &format_args!("{kw:.3}")), ("month", &cycle.month)],
                );
            }
        }
        if known < ratchet.months_back {
            let note = say("bill.looked_back", &[("known", &known), ("months", &ratchet.months_back)]);
            raised = if raised.is_empty() { note } else { format!("{raised}, {note}") };
        }
        (best, raised)
    }

    /// A list of charges over the versions in force; those that `same` takes for one are merged.
    pub(super) fn gather<T: 'a>(
        &self,
        list: impl Fn(&'a Tariff) -> &'a [T],
        same: impl Fn(&T, &T) -> bool,
    ) -> Vec<Found<'a, T>> {
        let mut out: Vec<Found<'a, T>> = Vec::new();
        for part in self.parts {
            for (at, spec) in list(part.tariff).iter().enumerate() {
                // Tables of one file are never one.
                if let Some(found) = out.iter_mut().find(|f| f.version != part.version && same(f.spec, spec)) {
                    found.n_days += part.n_days();
                    continue;
                }
                let (tariff, version) = (part.tariff, part.version);
                out.push(Found { spec, tariff, version, at, n_days: part.n_days() });
            }
        }
        out
    }
}

/// Whether a list of base lines names a kind of line.
pub(super) fn in_base(base: &[BaseLine], kind: LineKind) -> bool {
    let line = match kind {
        LineKind::Energy => BaseLine::Energy,
        LineKind::Demand => BaseLine::Demand,
        LineKind::Capacity => BaseLine::Capacity,
        LineKind::Coincident => BaseLine::Coincident,
        LineKind::Reactive => BaseLine::Reactive,
        LineKind::PowerFactor => BaseLine::PowerFactor,
        LineKind::Fund => BaseLine::Fund,
        LineKind::Fixed => BaseLine::Fixed,
        LineKind::Export => BaseLine::Export,
        LineKind::Minimum => BaseLine::Minimum,
        LineKind::Tax => return false,
    };
    base.contains(&line)
}
