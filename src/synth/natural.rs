//! What is true of a customer whether it was planted or not, as the catalogue of recommendations defines
//! it, in plain arithmetic on all readings: the second opinion on rules that find more than was planted.

use super::archetype::find;
use super::axis::{Axis, AxisDay};
use super::behaviour::Worth;
use super::fleet::SynthCustomer;
use super::ledger::Ledger;
use super::readings::Readings;
use crate::customer::BillingMode;
use crate::time::{DayKind, Season, Seasons};
use std::collections::BTreeSet;
use std::ops::Range;

/// Loading of the transformers from which it is heavy, and for how long in hours (catalogue: 重载).
const HEAVY: (f64, f64) = (0.80, 2.0);
/// Days on which that must recur, and the loading that is said at once (judgement; catalogue: 过载).
const RECURS: (usize, f64) = (3, 1.0);
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

/// Archetypes that nobody lowers on request (practitioners' review).
const NOT_LOWERED: [&str; 3] = ["hospital", "data_centre", "continuous"];
/// Archetypes that do not stand still on rest days (practitioners' review).
const NOT_STILL: [&str; 7] = ["hospital", "data_centre", "continuous", "cold_store", "mall", "office", "school"];
/// Least power of programmes for demand response in kW, and workdays of a season (catalogue; judgement).
const RESPONSE: (f64, usize) = (100.0, 20);

/// A customer as it is, and its prices.
pub(super) struct Natural<'a> {
    pub now: &'a SynthCustomer,
    pub axis: &'a Axis,
    pub ledger: &'a Ledger,
}

impl Natural<'_> {
    /// All that is true of it.
    pub fn worths(&self) -> Vec<Worth> {
        let advised = |rule, holds: bool| holds.then_some(Worth { rule, saving: None, firm: true });
        let kva = self.now.register.capacity_kva;
        let often = self.days_above(HEAVY.0 * kva) >= RECURS.0 || self.days_above(RECURS.1 * kva) > 0;
        let heavy = advised("R12", often);
        let ct = advised("R18", !(CT_FITS.0..=CT_FITS.1).contains(&self.current_share()) && self.now.meters.len() == 1);
        let lowered = advised("R15", self.lowered_kw() >= RESPONSE.0);
        self.other_mode().into_iter().chain(self.suspended()).chain(heavy).chain(ct).chain(lowered).collect()
    }

    /// Billed in another mode.
    pub fn mode(&self, rule: &'static str, mode: BillingMode) -> Worth {
        let now = self.ledger.year(self.now, self.axis, self.now.register.billing_mode);
        let saving = now - self.ledger.year(self.now, self.axis, mode);
        Worth { rule, saving: Some(saving), firm: self.ledger.wins(self.now, self.axis, mode) }
    }

    /// Half of the transformers rest for as many months as they may, whichever are dearest: what a plant that has
    /// twice what it needs saves.
    pub fn rest(&self, rule: &'static str) -> Worth {
        let units = &self.now.transformers;
        let left = units.iter().skip(units.len() / 2).map(|t| t.kva).sum();
        let (saving, _) = self.ledger.suspension(self.now, self.axis, (left, SUSPEND_MONTHS), |_| true);
        Worth { rule, saving: Some(saving), firm: true }
    }

    fn other_mode(&self) -> Option<Worth> {
        let now = self.now.register.billing_mode;
        let modes = [BillingMode::Capacity, BillingMode::Demand].into_iter().filter(|m| *m != now);
        // What stands comes before what saves more.
        let value = |w: &Worth| w.saving.unwrap_or(0.0);
        modes.map(|m| self.mode("R04", m)).max_by(|a, b| a.firm.cmp(&b.firm).then(value(a).total_cmp(&value(b))))
    }

    /// Equal transformers that are not needed for up to six months, billed by capacity: the others stay
    /// below 80 % in every interval of those months, and above 315 kVA in sum. Supply that keeps a
    /// reserve is left out.
    fn suspended(&self) -> Option<Worth> {
        let c = self.now;
        let reserve = c.readings.len() > 1 || c.register.supply_level < 3;
        if reserve || c.register.billing_mode == BillingMode::Single {
            return None;
        }
        let unit = c.transformers.first()?.kva;
        let apparent: Vec<f64> = self.apparent().collect();
        let highest =
            |range: &Range<usize>| apparent.get(range.clone()).unwrap_or(&[]).iter().copied().fold(0.0, f64::max);
        let plans = (1..c.transformers.len()).filter_map(|resting| {
            let left = (c.transformers.len() - resting) as f64 * unit;
            let rests = |s: f64| s <= SUSPEND_LOADING * left && left >= TWO_PART_KVA;
            let months = self.axis.months.iter().filter(|(_, range)| rests(highest(range))).count().min(SUSPEND_MONTHS);
            (months > 0).then_some((left, months))
        });
        let priced = plans.map(|(left, months)| {
            let allow = |range: &Range<usize>| highest(range) <= SUSPEND_LOADING * left;
            let carried = self.axis.months.last().is_some_and(|(_, range)| allow(range));
            let (saving, firm) = self.ledger.suspension(c, self.axis, (left, months), allow);
            (carried, firm, saving)
        });
        // What carries the load that the readings end with comes before what stands, and that before what saves more.
        let order = |w: &(bool, bool, f64)| (w.0, w.1);
        let (_, firm, saving) = priced.max_by(|a, b| order(a).cmp(&order(b)).then(a.2.total_cmp(&b.2)))?;
        // Capacity billing is led to only where it saves more than another way without a suspension.
        let other = self.other_mode().filter(|w| w.firm).and_then(|w| w.saving).unwrap_or(0.0);
        let led = c.register.billing_mode == BillingMode::Capacity || saving > other;
        Some(Worth { rule: "R11", saving: Some(saving), firm: firm && led })
    }

    /// Apparent power of each interval in kVA, all meters together.
    fn apparent(&self) -> impl Iterator<Item = f64> {
        let rows = self.now.readings.first().map_or(0, Readings::len);
        (0..rows).map(|i| {
            let kvar: f64 = self.now.readings.iter().filter_map(|r| r.kvar(i)).sum();
            self.kw(i).hypot(kvar)
        })
    }

    /// Power of an interval in kW, all meters together.
    pub fn kw(&self, i: usize) -> f64 {
        self.now.readings.iter().filter_map(|r| r.kw(i)).sum()
    }

    /// Dates on which the apparent power stands at or above a level in a run of two hours or more.
    fn days_above(&self, kva: f64) -> usize {
        let least = (HEAVY.1 / self.now.interval.hours()).ceil() as usize;
        let mut dates = BTreeSet::new();
        let mut run = 0usize;
        for (i, s) in self.apparent().enumerate() {
            run = if s >= kva { run + 1 } else { 0 };
            if run == least {
                dates.insert(self.axis.days.day_at(i + 1 - least));
            }
            if run >= least {
                dates.insert(self.axis.days.day_at(i));
            }
        }
        dates.len()
    }

    /// Greatest current over the rating of the current transformers of a customer with one meter.
    fn current_share(&self) -> f64 {
        let Some(meter) = self.now.meters.first() else { return 1.0 };
        let kv = if meter.pt_ratio > 1 { VT_KV * f64::from(meter.pt_ratio) } else { 0.4 };
        let rating = 3f64.sqrt() * kv * CT_AMPERES * f64::from(meter.ct_ratio);
        self.apparent().fold(0.0, f64::max) / rating
    }

    /// Whether it is one of those that stand still on rest days.
    pub fn stands_still(&self) -> bool {
        !NOT_STILL.contains(&self.now.archetype)
    }

    /// Of the seasons of the latest year what one working day in ten lies below its baseline, in mean power of the dearest hours, kW;
    /// vacations and the idle part of a year are no work. 0 for those who are not asked, or generate themselves.
    fn lowered_kw(&self) -> f64 {
        let generates = (0..self.axis.slots.len()).any(|i| self.kw(i) < 0.0);
        if generates || self.now.register.supply_level == 1 || NOT_LOWERED.contains(&self.now.archetype) {
            return 0.0;
        }
        let seasons = Seasons::default();
        Season::ALL.into_iter().map(|s| self.lowered_in(|month| seasons.of_month(month) == s)).fold(0.0, f64::max)
    }

    fn lowered_in(&self, season: impl Fn(u8) -> bool) -> f64 {
        let stands = |d: &AxisDay| find(self.now.archetype).is_some_and(|a| a.stands(d.month, d.day));
        let all = (0..).zip(&self.axis.dates);
        let work: Vec<(usize, &AxisDay)> = all.filter(|(_, d)| d.kind == DayKind::Workday && !stands(d)).collect();
        let year = self.axis.dates.len().saturating_sub(365);
        let counted: Vec<usize> = (0..work.len()).filter(|k| work[*k].0 >= year && season(work[*k].1.month)).collect();
        let Some(last) = counted.last().filter(|_| counted.len() >= RESPONSE.1) else { return 0.0 };
        let prices = self.ledger.prices(self.axis).get(self.axis.days.range(work[*last].0)).unwrap_or(&[]);
        let (low, high) = prices.iter().fold((f64::INFINITY, 0.0f64), |(l, h), p| (l.min(*p), h.max(*p)));
        let dear: Vec<usize> = (0..prices.len()).filter(|s| prices.get(*s).is_some_and(|p| *p == high)).collect();
        if low >= high {
            return 0.0;
        }
        let of_day = |day: usize| {
            let start = self.axis.days.range(day).start;
            dear.iter().map(|s| self.kw(start + s)).sum::<f64>() / dear.len().max(1) as f64
        };
        let kw: Vec<f64> = work.iter().map(|(day, _)| of_day(*day)).collect();
        let mut below: Vec<f64> = counted.iter().filter_map(|k| Some(expected(&work, &kw, *k)? - kw[*k])).collect();
        below.sort_by(f64::total_cmp);
        quantile(&below, 0.9)
    }
}

/// What a plant takes on a day by its own habits, in the order of time: of the ten days nearest to it that follow one
/// habit — work as on the days around, every week, every second, every third — the fifth lowest; the least of all habits.
fn expected(work: &[(usize, &AxisDay)], kw: &[f64], k: usize) -> Option<f64> {
    let fifth = |alike: &dyn Fn(i32) -> bool| {
        let apart = |j: usize| work[j].1.date.0 - work[k].1.date.0;
        let side = |days: &mut dyn Iterator<Item = usize>| {
            days.filter(|j| alike(apart(*j))).take(5).map(|j| kw[j]).collect::<Vec<_>>()
        };
        let mut near = [side(&mut (0..k).rev()), side(&mut (k + 1..work.len()))].concat();
        near.sort_by(f64::total_cmp);
        (near.len() >= 5).then(|| near[(near.len() - 1) / 2])
    };
    let (around, weekly) = (fifth(&|_| true)?, fifth(&|days| days % 7 == 0)?);
    let turns = [fifth(&|days| days % 14 == 0), fifth(&|days| days % 21 == 0)];
    Some(turns.into_iter().flatten().fold(around.min(weekly), f64::min))
}

/// Percentile of ascending values, linear between them (type 7 of Hyndman & Fan).
pub(super) fn quantile(ascending: &[f64], share: f64) -> f64 {
    let at = share * ascending.len().saturating_sub(1) as f64;
    let value = |k: f64| ascending.get(k as usize).copied().unwrap_or(0.0);
    value(at.floor()) + (at - at.floor()) * (value(at.ceil()) - value(at.floor()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_type_7() {
        assert!((quantile(&[1.0, 2.0, 3.0, 4.0, 10.0], 0.9) - 7.6).abs() < 1e-12);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0, 10.0], 0.1), 1.4);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
