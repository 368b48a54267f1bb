//! One customer's load and context to its results: the pure function behind every way of running
//! peakwise.

mod statistics;

pub use statistics::{day_rows, month_rows, totals};

use crate::analysis::{Analysis, MonthRow, Plan};
use crate::curve::{DayLabels, Load, LoadDuration, typical_days};
use crate::customer::{Customer, Meter, RegisterReadings};
use crate::input::assemble::Assembled;
use crate::peak;
use crate::tariff::{Bill, Compiled, Supply, Terms, Usage, price, usage};
use crate::time::{Calendar, Cycle, Seasons};
use crate::units::Kw;
use std::sync::Arc;

/// What the kernel knows beside the load.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// Register entry.
    pub customer: Arc<Customer>,
    /// The customer's meters.
    pub meters: &'a [Meter],
    /// Register readings by meter.
    pub registers: &'a RegisterReadings,
    /// Kinds of day.
    pub calendar: &'a Calendar,
    /// Seasons of the typical days.
    pub seasons: &'a Seasons,
    /// The tariff, compiled for the load's interval.
    pub tariff: Option<&'a Compiled>,
    /// What to compute.
    pub wants: Wants,
}

/// Which results are computed; what is not wanted stays empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent result")]
pub struct Wants {
    /// Checks and estimation.
    pub quality: bool,
    /// Typical days.
    pub typical: bool,
    /// Duration curve and indicators.
    pub indicators: bool,
    /// Peaks.
    pub peaks: bool,
    /// Energy by period.
    pub periods: bool,
    /// Bill.
    pub bill: bool,
    /// Advice and its joint price.
    pub advice: bool,
}

impl Wants {
    /// Everything.
    pub const ALL: Self =
        Self { quality: true, typical: true, indicators: true, peaks: true, periods: true, bill: true, advice: true };
}

/// Analyses one customer. Pure: the same load and context give the same result.
#[must_use]
pub fn analyze(assembled: Assembled, context: &Context<'_>) -> Analysis {
    let Assembled { supplies, total: load } = assembled;
    let customer = &context.customer;
    let own_rest = customer.own_rest_days();
    let labels = DayLabels::new(load.days(), context.calendar, context.seasons, &own_rest);
    let cycles = load.cycles(customer.contract.reading_day.max(1));
    let supplies: Vec<Supply> = supplies.into_iter().map(|(id, load)| Supply { id, load }).collect();
    let daily = day_rows(&load, &labels);
    let mut monthly = month_rows(&cycles, &daily);
    let totals = totals(&load, &monthly);
    let usages = context.tariff.filter(|_| context.wants.periods).map(|t| usages(&supplies, &cycles, t));
    if let (Some(tariff), Some(usages)) = (context.tariff, &usages) {
        fill_periods(&mut monthly, usages, tariff);
    }
    let bill = context.tariff.zip(usages.as_ref()).filter(|_| context.wants.bill).map(|(t, u)| bill_of(u, &cycles, customer, t));
    Analysis {
        typical: if context.wants.typical { typical_days(&load, &labels) } else { Vec::new() },
        duration: if context.wants.indicators { LoadDuration::new(&load) } else { LoadDuration::empty(load.interval()) },
        indicators: Vec::new(),
        peaks: if context.wants.peaks { peak::detect(&load, &labels, &cycles, quantum(context.meters, &load)) } else { Vec::new() },
        issues: Vec::new(),
        advice: Vec::new(),
        plan: Plan::default(),
        customer: Arc::clone(customer),
        load,
        labels,
        totals,
        daily,
        monthly,
        bill,
    }
}

fn usages(supplies: &[Supply], cycles: &[Cycle], tariff: &Compiled) -> Vec<(Arc<str>, Usage)> {
    supplies.iter().map(|s| (Arc::clone(&s.id), usage(&s.load, cycles, tariff))).collect()
}

fn bill_of(usages: &[(Arc<str>, Usage)], cycles: &[Cycle], customer: &Customer, tariff: &Compiled) -> Bill {
    price(usages, cycles, &Terms::new(&customer.contract, &customer.transformers), tariff)
}

/// Energy by period, added over supply points.
fn fill_periods(monthly: &mut [MonthRow], usages: &[(Arc<str>, Usage)], tariff: &Compiled) {
    for (i, row) in monthly.iter_mut().enumerate().filter(|(_, r)| r.totals.n_valid > 0) {
        row.kwh_by_period = usages.iter().map(|(_, u)| u.kwh_by_period(i, tariff)).reduce(|mut a, b| {
            for (x, y) in a.iter_mut().zip(b) {
                *x += y;
            }
            a
        });
    }
}

/// The greatest register step among the meters, as power: step × multiplier × 60/Δt.
fn quantum(meters: &[Meter], load: &Load) -> Option<Kw> {
    let steps = meters.iter().filter_map(|m| m.quantum_kwh.map(|q| q * m.multiplier / load.interval().hours()));
    steps.reduce(f64::max).map(Kw::new)
}
