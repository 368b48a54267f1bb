//! One customer's load and context to its results: the pure function behind every way of running
//! peakwise.

mod statistics;

pub use statistics::{day_rows, month_rows, totals};

use crate::analysis::{Analysis, MonthRow, Plan};
use crate::curve::{DayLabels, Load, LoadDuration, typical_days};
use crate::customer::{BillingMode, Customer, Meter, MeterRole, MeteringSide, RegisterReadings};
use crate::indicator::{self, BandUse, Inputs, Reading};
use crate::input::assemble::Assembled;
use crate::peak::{self, Peak};
use crate::plan::{self, advise};
use crate::quality::{self, Issue};
use crate::rule::{Advice, Facts, Side, Thresholds};
use crate::tariff::{Bill, Compiled, Recomputed, Reconciliation, Sources, Usage, evidence, reconcile, register_use};
use crate::time::{Calendar, Seasons};
use crate::units::Kw;
use crate::whatif::{Metering, State};
use std::sync::Arc;

/// What the kernel knows beside the load.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// Register entry.
    pub customer: Arc<Customer>,
    /// The customer's meters that have readings.
    pub meters: &'a [Meter],
    /// Register readings by meter.
    pub registers: &'a RegisterReadings,
    /// Kinds of day.
    pub calendar: &'a Calendar,
    /// Seasons of the typical days.
    pub seasons: &'a Seasons,
    /// The tariff, compiled for the load's interval.
    pub tariff: Option<Arc<Compiled>>,
    /// Energy is billed as the registers show it.
    pub register_bill: bool,
    /// Other terms to bill the same load on.
    pub scenarios: Vec<Scenario>,
    /// Constants of the rules.
    pub thresholds: &'a Thresholds,
    /// Side inputs of single rules; meters, registers and calendar are those above.
    pub side: Side<'a>,
    /// What to compute.
    pub wants: Wants,
}

/// Terms that differ from the customer's own.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name in the `bills` table.
    pub name: Arc<str>,
    /// Another tariff; the customer's own when absent.
    pub tariff: Option<Arc<Compiled>>,
    /// Another billing mode.
    pub mode: Option<BillingMode>,
}

/// Which results are computed; what is not wanted stays empty. Whatever is wanted has the same
/// value in every combination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent result")]
pub struct Wants {
    /// Checks.
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
///
/// # Errors
/// When the customer's supply points cannot be billed together.
pub fn analyze(assembled: Assembled, context: &Context<'_>) -> crate::error::Result<Analysis> {
    let customer = &context.customer;
    let wants = context.wants;
    let labels = DayLabels::new(assembled.total.days(), context.calendar, context.seasons, &customer.own_rest_days());
    let (assembled, issues) = examine(assembled, &labels, context);
    let load = Arc::clone(&assembled.total);
    let cycles = load.cycles(customer.contract.reading_day.max(1));
    let daily = day_rows(&load, &labels);
    let mut monthly = month_rows(&cycles, &daily);
    let totals = totals(&load, &monthly);
    let state = State::new(Arc::clone(&load), assembled.supplies, customer, cycles.clone(), context.tariff.clone())?;
    let state = metered(state, context);
    if wants.periods {
        fill_periods(&mut monthly, &state);
    }
    let typical = if wants.typical { typical_days(&load, &labels) } else { Vec::new() };
    let quantum = quantum(context.meters, &load);
    let peaks = if wants.peaks { peak::detect(&load, &labels, &cycles, quantum) } else { Vec::new() };
    let duration = if wants.indicators { LoadDuration::new(&load) } else { LoadDuration::empty(load.interval()) };
    let bands = state.tariff().and_then(|t| band_use(&monthly, t));
    let inputs = Inputs {
        load: &load,
        labels: &labels,
        cycles: &cycles,
        daily: &daily,
        monthly: &monthly,
        duration: &duration,
        contract: &customer.contract,
        transformers: &customer.transformers,
        bands: bands.as_ref(),
    };
    let indicators = if wants.indicators { indicator::readings(&indicator::View::new(inputs)) } else { Vec::new() };
    let reconciliation = reconciliation(&state, context);
    let found = Found {
        labels: &labels,
        typical: &typical,
        peaks: &peaks,
        indicators: &indicators,
        issues: &issues,
        quantum,
        issued: reconciliation.as_ref(),
    };
    let (advice, plan) = if wants.advice { advice(&state, &found, context) } else { (Vec::new(), Plan::default()) };
    let bill = state.bill().filter(|_| wants.bill).cloned();
    let supplies = state.points().to_vec();
    let evidence = bill.as_ref().map_or_else(Vec::new, |bill| bill_evidence(&state, bill, context.register_bill));
    let scenarios =
        context.scenarios.iter().filter_map(|s| Some((Arc::clone(&s.name), scenario(&state, s)?))).collect();
    let reconciliation = reconciliation.filter(|_| wants.bill);
    let customer = Arc::clone(customer);
    Ok(Analysis {
        customer,
        load,
        supplies,
        labels,
        totals,
        daily,
        monthly,
        typical,
        duration,
        indicators,
        peaks,
        issues,
        bill,
        evidence,
        scenarios,
        reconciliation,
        advice,
        plan,
    })
}

/// What was found before advice.
struct Found<'a> {
    labels: &'a DayLabels,
    typical: &'a [crate::curve::TypicalDay],
    peaks: &'a [Peak],
    indicators: &'a [Reading],
    issues: &'a [Issue],
    quantum: Option<Kw>,
    issued: Option<&'a Reconciliation>,
}

fn advice(state: &State, found: &Found<'_>, context: &Context<'_>) -> (Vec<Advice>, Plan) {
    let facts = Facts {
        customer: &context.customer,
        state,
        labels: found.labels,
        typical: found.typical,
        peaks: found.peaks,
        indicators: found.indicators,
        issues: found.issues,
        calendar_known: context.calendar.name() != "none",
        quantum: found.quantum,
        thresholds: context.thresholds,
        side: Side {
            meters: context.meters,
            registers: Some(context.registers),
            calendar: Some(context.calendar),
            issued: found.issued,
            ..context.side
        },
    };
    advise(&facts, &plan::Options::of(facts.thresholds))
}

/// Takes out what no meter can have measured, estimates gaps, and, if wanted, runs the checks.
fn examine(assembled: Assembled, labels: &DayLabels, context: &Context<'_>) -> (Assembled, Vec<Issue>) {
    let customer = &context.customer;
    let Assembled { supplies, total, of_meters } = assembled;
    let issues = if context.wants.quality {
        let inspection = quality::Inspection::new(&total, labels, customer, context.meters, context.registers);
        quality::inspect(&inspection.with_meters(&of_meters))
    } else {
        Vec::new()
    };
    let single = supplies.len() == 1;
    let repair =
        |load: Arc<Load>| Arc::new(quality::repaired(Arc::unwrap_or_clone(load), labels, customer, context.meters));
    if single {
        // The only supply point and the total are one load.
        let id = supplies.into_iter().map(|s| s.0).next().unwrap_or_default();
        let total = repair(total);
        return (Assembled { supplies: vec![(id, Arc::clone(&total))], total, of_meters }, issues);
    }
    let supplies = supplies.into_iter().map(|(id, load)| (id, repair(load))).collect();
    (Assembled { supplies, total: repair(total), of_meters }, issues)
}

/// Adds what meters and registers say of the supply points.
fn metered(state: State, context: &Context<'_>) -> State {
    let mains = |id: &Arc<str>| {
        let id = Arc::clone(id);
        context.meters.iter().filter(move |m| m.supply_point == id && m.role == MeterRole::Main)
    };
    let low = |m: &Meter| m.metering_side == Some(MeteringSide::Low);
    let ids = || state.points().iter().map(|(id, _)| id);
    let low_side: Vec<Arc<str>> =
        ids().filter(|id| mains(id).next().is_some() && mains(id).all(low)).cloned().collect();
    let of = |id: &Arc<str>| register_use(id, context.meters, context.registers, state.cycles());
    let registers = if context.registers.is_empty() { Vec::new() } else { ids().map(of).collect() };
    if low_side.is_empty() && registers.is_empty() && !context.register_bill {
        return state;
    }
    state.with_metering(Metering::new(low_side, registers).register_bill(context.register_bill))
}

/// What each line of the bill rests on.
fn bill_evidence(state: &State, bill: &Bill, register_bill: bool) -> Vec<Option<String>> {
    let (Some(usages), Some(tariff)) = (state.usages(), state.tariff()) else { return Vec::new() };
    let loads = state.billed_points();
    evidence(&Sources { bill, usages, loads: &loads, tariff, contract: state.contract(), register_bill })
}

/// The bill on other terms; `None` without any tariff.
fn scenario(state: &State, scenario: &Scenario) -> Option<Bill> {
    let under = scenario.tariff.as_ref().map_or_else(|| state.clone(), |t| state.with_tariff(Arc::clone(t)));
    let mut contract = under.contract().clone();
    contract.billing_mode = scenario.mode.or(contract.billing_mode);
    under.with_contract(contract).bill().cloned()
}

/// The issued bills beside the recomputed one.
fn reconciliation(state: &State, context: &Context<'_>) -> Option<Reconciliation> {
    let asked = context.wants.advice && !context.customer.issued.is_empty();
    if !context.wants.bill && !asked {
        return None;
    }
    let (bill, usages, tariff) = (state.bill()?, state.usages()?, state.tariff()?);
    Some(reconcile(&context.customer.issued, &Recomputed { bill, usages, tariff, meters: context.meters }))
}

/// Energy by period, added over supply points.
fn fill_periods(monthly: &mut [MonthRow], state: &State) {
    let (Some(tariff), Some(usages)) = (state.tariff(), state.usages()) else { return };
    for (i, row) in monthly.iter_mut().enumerate().filter(|(_, r)| r.totals.n_valid > 0) {
        row.kwh_by_period =
            usages.iter().map(|(_, u): &(Arc<str>, Usage)| u.kwh_by_period(i, tariff)).reduce(|mut a, b| {
                for (x, y) in a.iter_mut().zip(b) {
                    *x += y;
                }
                a
            });
    }
}

/// Energy and price by period over all cycles; `None` without energy by period.
fn band_use(monthly: &[MonthRow], tariff: &Compiled) -> Option<BandUse> {
    let mut out = BandUse::default();
    let mut any = false;
    for kwh in monthly.iter().filter_map(|m| m.kwh_by_period) {
        any = true;
        for (sum, k) in out.kwh.iter_mut().zip(kwh) {
            *sum += k.get();
        }
    }
    for band in tariff.bands() {
        if let Some(price) = out.price.get_mut(band.period as usize) {
            price.get_or_insert(band.price);
        }
    }
    any.then_some(out)
}

/// The greatest register step among the meters, as power: step × multiplier × 60/Δt.
fn quantum(meters: &[Meter], load: &Load) -> Option<Kw> {
    let steps = meters.iter().filter_map(|m| m.quantum_kwh.map(|q| q * m.multiplier / load.interval().hours()));
    steps.reduce(f64::max).map(Kw::new)
}
