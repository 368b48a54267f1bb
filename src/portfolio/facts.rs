//! What phase 2 keeps of a customer: at most a kilobyte, priced already.

use super::collapse::Collapse;
use super::pattern::Pattern;
use super::settings::Settings;
use crate::analysis::Analysis;
use crate::curve::TypicalDay;
use crate::curve::percentile::percentile;
use crate::customer::{Contract, Sector};
use crate::rule::{Asks, Outcome as Verdict, Thresholds, Tier};
use crate::statistics::MonthRow;
use crate::time::{DAY_SECONDS, Date, DayKind, Season};
use crate::units::{Kva, Kw, Kwh, Money, Ratio};
use std::sync::Arc;

/// Hours of a typical day.
pub const HOURS: usize = 24;
/// Kinds of day times seasons.
const GROUPS: usize = 12;
/// Steps that the greatest value of a customer's typical days is divided into.
const STEPS: f64 = 32_000.0;
/// Entry of an hour without a reading.
const NONE: i16 = i16::MIN;
/// Days of a year, for energy of another span.
const DAYS_A_YEAR: f64 = 365.0;
/// Months of a year.
const MONTHS: i32 = 12;

/// Hourly typical days in kW, by kind of day and season, to 1/32,000 of their greatest value.
#[derive(Debug, Clone, PartialEq)]
pub struct TypicalHours {
    scale: f64,
    flexible: [u16; HOURS],
    values: Box<[i16; GROUPS * HOURS]>,
    days: [u16; GROUPS],
}

fn group(kind: DayKind, season: Season) -> usize {
    kind as usize * Season::ALL.len() + season as usize
}

impl TypicalHours {
    /// Means of the slots of each hour; the power that could move in each hour of a working day is given
    /// in kW.
    #[must_use]
    pub fn new(typical: &[TypicalDay], slots_an_hour: usize, flexible_kw: [f64; HOURS]) -> Self {
        let mut sums = [(0.0, 0u32); GROUPS * HOURS];
        let mut days = [0u16; GROUPS];
        for t in typical {
            let g = group(t.day_kind, t.season);
            let cell = &mut sums[g * HOURS + (t.slot / slots_an_hour.max(1)).min(HOURS - 1)];
            *cell = (cell.0 + t.mean_kw, cell.1 + 1);
            days[g] = days[g].max(u16::try_from(t.n_days).unwrap_or(u16::MAX));
        }
        let mean = |(sum, n): (f64, u32)| (n > 0).then(|| sum / f64::from(n));
        let greatest = sums.iter().filter_map(|c| mean(*c)).map(f64::abs).fold(0.0, f64::max);
        let scale = if greatest > 0.0 { greatest / STEPS } else { 1.0 };
        let values = sums.map(|c| mean(c).map_or(NONE, |v| (v / scale).round() as i16));
        let flexible = flexible_kw.map(|kw| (kw / scale).round() as u16);
        Self { scale, flexible, values: Box::new(values), days }
    }

    /// Power that could move in an hour of a working day: the load above its own 10th percentile, at most
    /// a share; 0 for whom nothing may move.
    #[must_use]
    pub fn flexible_kw(&self, hour: usize) -> f64 {
        self.flexible.get(hour).map_or(0.0, |v| f64::from(*v) * self.scale)
    }

    /// The greatest of them.
    #[must_use]
    pub fn most_flexible_kw(&self) -> f64 {
        (0..HOURS).map(|h| self.flexible_kw(h)).fold(0.0, f64::max)
    }

    /// Mean of an hour; `None` without a reading.
    #[must_use]
    pub fn kw(&self, kind: DayKind, season: Season, hour: usize) -> Option<f64> {
        let v = *self.values.get(group(kind, season) * HOURS + hour)?;
        (v != NONE).then(|| f64::from(v) * self.scale)
    }

    /// Days behind a kind and season.
    #[must_use]
    pub fn days(&self, kind: DayKind, season: Season) -> usize {
        usize::from(self.days[group(kind, season)])
    }

    /// Mean day of some kinds over all seasons, each by its days; `None` when an hour has no reading.
    #[must_use]
    pub fn mean(&self, kinds: &[DayKind]) -> Option<[f64; HOURS]> {
        let mut out = [0.0; HOURS];
        for (hour, value) in out.iter_mut().enumerate() {
            let (mut sum, mut weight) = (0.0, 0.0);
            for (kind, season) in kinds.iter().flat_map(|k| Season::ALL.map(|s| (*k, s))) {
                if let Some(kw) = self.kw(kind, season, hour) {
                    let n = self.days(kind, season) as f64;
                    sum += kw * n;
                    weight += n;
                }
            }
            *value = if weight > 0.0 { sum / weight } else { return None };
        }
        Some(out)
    }
}

/// A recommendation as phase 2 sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Stable over runs.
    pub advice_id: Box<str>,
    /// `R01`…
    pub code: &'static str,
    /// What it asks of the customer.
    pub tier: Tier,
    /// Whether its saving is promised: no technical potential, nothing that asks for spending.
    pub headline: bool,
    /// Lower and upper end of the yearly saving; `None` without a price.
    pub range: Option<(Money, Money)>,
    /// The yearly saving itself.
    pub told: Option<Money>,
    /// Lower end of a promised saving where it is worth mentioning: what a visit is made for.
    pub visited_for: Option<Money>,
    /// It is not promised for the one reason that the customer's industry is not known.
    pub awaits_sector: bool,
    /// Below this a saving of the customer is not worth mentioning, a year.
    pub least: f64,
    /// Load that could be lowered on request.
    pub kw: Option<Kw>,
    /// The way of billing that is applied for with it, as in the evidence; `None` where it is today's, or goes
    /// without saying.
    pub to_mode: Option<Box<str>>,
    /// The last day to apply for it that its rule names.
    pub apply_by: Option<Date>,
    /// It asks a question and orders nothing.
    pub asks: bool,
}

/// Facts of an analysed customer.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerFacts {
    /// Account number.
    pub id: Arc<str>,
    /// Name.
    pub name: Option<Box<str>>,
    /// Account manager.
    pub manager: Option<Box<str>>,
    /// Zone of its readings.
    pub zone: Box<str>,
    /// What its industry maps to.
    pub sector: Option<Sector>,
    /// Contract transformer capacity.
    pub capacity: Option<Kva>,
    /// Voltage of supply in kV.
    pub voltage_kv: Option<f64>,
    /// Import of the observed span as of a year.
    pub kwh_year: Option<Kwh>,
    /// Greatest interval mean.
    pub max_kw: Option<Kw>,
    /// Mean over maximum.
    pub load_factor: Option<Ratio>,
    /// Base-to-peak ratio.
    pub base_to_peak: Option<f64>,
    /// Yearly bill.
    pub revenue: Option<Money>,
    /// ISO code of all its money.
    pub currency: Option<Arc<str>>,
    /// Median change of energy per day from a month to the same month a year later, as a share.
    pub growth: Option<f32>,
    /// Maximum over capacity or over what the contract tolerates, the greater.
    pub overload: Option<f32>,
    /// Standard less power factor.
    pub pf_gap: Option<f32>,
    /// Coefficient of variation of the working days' energy.
    pub volatility: Option<f32>,
    /// How its load has gone of late.
    pub collapse: Collapse,
    /// Days in arrears.
    pub arrears_days: Option<u32>,
    /// Typical days, and what could move.
    pub typical: TypicalHours,
    /// Mean power at the system's peaks that were given.
    pub system_peak_kw: Option<Kw>,
    /// How it works, in plain words.
    pub pattern: Pattern,
    /// What it was advised.
    pub offers: Vec<Offer>,
}

impl CustomerFacts {
    /// The facts of an analysis; `system_peaks` are wall-clock seconds.
    #[must_use]
    pub fn of(a: &Analysis, system_peaks: &[i64], (settings, thresholds): (&Settings, &Thresholds)) -> Self {
        let limits = &settings.facts;
        let (c, t) = (&a.customer, &a.totals);
        let slots_an_hour = (60 / a.load.interval().minutes().max(1)) as usize;
        let typical = TypicalHours::new(&a.typical, slots_an_hour, flexible(a, slots_an_hour, limits.flexible_cap));
        let days = t.n_valid as f64 / a.load.interval().slots() as f64;
        let value = |code: &str| a.indicators.iter().find(|r| r.code == code).and_then(|r| r.value);
        Self {
            id: Arc::clone(&c.id),
            name: c.name.as_deref().map(Into::into),
            manager: c.manager.as_deref().map(Into::into),
            zone: a.load.days().zone().name().into(),
            sector: c.sector,
            capacity: c.contract.capacity,
            voltage_kv: c.contract.voltage_kv,
            kwh_year: t.kwh.filter(|_| days > 0.0).map(|k| k * (DAYS_A_YEAR / days)),
            max_kw: t.max.map(|m| m.0),
            load_factor: t.load_factor,
            base_to_peak: value("base_to_peak"),
            revenue: a.plan.bill_now,
            currency: a.bill.as_ref().map(|b| Arc::clone(&b.currency)),
            growth: growth(&a.monthly, limits.least_pairs).map(|v| v as f32),
            overload: overload(&c.contract, (t.max.map(|m| m.0), t.power_factor), limits.over_contract)
                .map(|v| v as f32),
            pf_gap: c.contract.pf_standard.zip(t.power_factor).map(|(s, p)| (s.get() - p.get()) as f32),
            volatility: volatility(a).map(|v| v as f32),
            collapse: Collapse::of(a, &settings.collapse),
            arrears_days: c.arrears_days,
            system_peak_kw: at_peaks(a, system_peaks),
            pattern: Pattern::of(a, &typical, &settings.pattern),
            typical,
            offers: offers(a, thresholds),
        }
    }
}

fn offers(a: &Analysis, thresholds: &Thresholds) -> Vec<Offer> {
    let least = a.plan.least_saving(thresholds);
    let told = a.advice.iter().filter(|r| r.verdict == Verdict::Advise);
    // The lesser of alternatives is not in the plan.
    let offered = told.filter(|r| r.saving_alone.is_none() || r.headline || r.saving_joint.is_some());
    let offer = |r: &crate::rule::Advice| Offer {
        advice_id: r.advice_id.as_str().into(),
        code: r.code,
        tier: r.tier,
        headline: r.headline,
        range: r.saving_low.zip(r.saving_high),
        told: r.saving_headline.or(r.saving_joint).or(r.saving_alone),
        visited_for: r.saving_low.filter(|low| r.headline && low.to_f64() >= least),
        awaits_sector: r.awaits_sector(),
        least,
        kw: r.kw_potential,
        to_mode: applied_for(r.code).and_then(|n| r.evidence.notes.get(n)).map(|m| m.as_str().into()),
        apply_by: r.evidence.notes.get("apply_by").and_then(|d| d.parse().ok()),
        asks: r.asks(),
    };
    offered.map(offer).collect()
}

/// The note of the way of billing that is applied for; suspended transformers may stay under today's.
fn applied_for(code: &str) -> Option<&'static str> {
    match code {
        "R04" => Some("to_mode"),
        "R11" => Some("new_mode"),
        _ => None,
    }
}

/// Median over months of the change against the same month a year before (Theil–Sen on seasonal pairs).
fn growth(monthly: &[MonthRow], least_pairs: usize) -> Option<f64> {
    let a_day = |m: &MonthRow| {
        let days = m.cycle.days.len().max(1) as f64;
        m.totals.kwh.filter(|_| !m.cycle.partial).map(|k| k.get() / days)
    };
    let mut changes: Vec<f64> = Vec::new();
    for later in monthly {
        let earlier = monthly.iter().find(|m| m.month.0 == later.month.0 - MONTHS).and_then(a_day);
        if let Some((before, now)) = earlier.filter(|b| *b > 0.0).zip(a_day(later)) {
            changes.push(now / before - 1.0);
        }
    }
    if changes.len() < least_pairs {
        return None;
    }
    percentile(&mut changes, 0.5)
}

fn overload(c: &Contract, (max, power_factor): (Option<Kw>, Option<Ratio>), over_contract: f64) -> Option<f64> {
    let (kw, power_factor) = (max?.get(), power_factor.map(Ratio::get));
    let capacity = c.capacity.map(Kva::get).filter(|k| *k > 0.0);
    let loading = capacity.map(|k| kw / power_factor.filter(|p| *p > 0.0).unwrap_or(1.0) / k);
    let contract = c.contract_demand.map(Kw::get).filter(|k| *k > 0.0).map(|k| kw / (over_contract * k));
    match (loading, contract) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

fn volatility(a: &Analysis) -> Option<f64> {
    let days = a.daily.iter().filter(|d| d.day_kind == DayKind::Workday && d.totals.n_valid == d.totals.n_expected);
    let kwh: Vec<f64> = days.filter_map(|d| d.totals.kwh.map(Kwh::get)).collect();
    let mean = kwh.iter().sum::<f64>() / kwh.len() as f64;
    let variance = kwh.iter().map(|k| (k - mean) * (k - mean)).sum::<f64>() / kwh.len() as f64;
    (kwh.len() > 1 && mean > 0.0).then(|| variance.sqrt() / mean)
}

/// Load above the 10th percentile of its own slot, at most a share of the median, on working days; none behind
/// own generation, whose clouds look like it.
fn flexible(a: &Analysis, slots_an_hour: usize, cap: f64) -> [f64; HOURS] {
    let mut sums = [(0.0, 0.0); HOURS];
    if Asks::Move.spares(&a.customer) || a.load.has_export() {
        return [0.0; HOURS];
    }
    for t in a.typical.iter().filter(|t| t.day_kind == DayKind::Workday) {
        let (sum, days) = &mut sums[(t.slot / slots_an_hour).min(HOURS - 1)];
        let n = t.n_days as f64;
        *sum += (t.p50_kw - t.p10_kw).clamp(0.0, cap * t.p50_kw.max(0.0)) * n;
        *days += n;
    }
    sums.map(|(sum, days)| if days > 0.0 { sum / days } else { 0.0 })
}

/// Mean over the given instants that the load has a valid reading of.
fn at_peaks(a: &Analysis, system_peaks: &[i64]) -> Option<Kw> {
    let load = &a.load;
    let seconds = load.interval().seconds();
    let at = |local: &i64| {
        let day = load.days().day_of(Date(local.div_euclid(DAY_SECONDS) as i32))?;
        let slot = (local.rem_euclid(DAY_SECONDS) / seconds) as usize;
        let range = load.days().range(day);
        let k = (0..range.len()).find(|k| load.days().slot(day, *k) == slot)?;
        let index = range.start + k;
        load.is_valid(index).then(|| load.kw().get(index).copied()).flatten()
    };
    let found: Vec<f64> = system_peaks.iter().filter_map(at).collect();
    (!found.is_empty()).then(|| Kw::new(found.iter().sum::<f64>() / found.len() as f64))
}
