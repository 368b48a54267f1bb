//! 变压器负载率: transformer loading.

use super::{Indicator, MAX_COVERAGE, View};
use crate::curve::{Load, REACTIVE, VALID};
use crate::customer::{Transformer, UnitState};
use crate::time::Date;
use crate::units::Kva;
use std::collections::BTreeMap;
use std::ops::Range;

/// Greatest apparent power over the rating of the transformers in service at the time.
#[derive(Debug)]
pub struct TransformerLoading;

impl Indicator for TransformerLoading {
    fn code(&self) -> &'static str {
        "transformer_loading"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("transformer_loading.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        if !view.covers(MAX_COVERAGE) || !view.covers_reactive(MAX_COVERAGE) {
            return None;
        }
        let load = view.of.load;
        peak_loading(load, view.of.transformers, view.of.contract.capacity, 0..load.days().len())
    }
}

/// Greatest apparent power of some days over the rating in service on each: of the transformers
/// where there is a list, of the contract capacity otherwise. `None` without reactive readings or
/// rating.
#[must_use]
pub fn peak_loading(load: &Load, units: &[Transformer], capacity: Option<Kva>, days: Range<usize>) -> Option<f64> {
    let days = days.start..days.end.min(load.days().len());
    if units.is_empty() {
        let rating = capacity.filter(|s| s.get() > 0.0)?;
        return Some(max_kva(load, load.range_of_days(days))? / rating.get());
    }
    let dates = borders(load.date(days.start), load.date(days.end), units);
    let loading = dates.windows(2).filter_map(|span| {
        let (from, to) = span.first().zip(span.last())?;
        let rating = in_service_kva(units, *from);
        let days = (from.0 - load.date(0).0) as usize..(to.0 - load.date(0).0) as usize;
        max_kva(load, load.range_of_days(days)).filter(|_| rating > 0.0).map(|kva| kva / rating)
    });
    loading.reduce(f64::max)
}

/// Dates between two at which a transformer comes or goes, with both.
fn borders(first: Date, end: Date, transformers: &[Transformer]) -> Vec<Date> {
    let mut dates: Vec<Date> = transformers.iter().flat_map(|t| [t.valid_from, t.valid_to]).flatten().collect();
    dates.retain(|d| *d > first && *d < end);
    dates.extend([first, end]);
    dates.sort_unstable();
    dates.dedup();
    dates
}

/// The units that carry load on a date: the running ones, of an interlocked group the largest alone.
#[must_use]
pub fn in_service(transformers: &[Transformer], date: Date) -> Vec<&Transformer> {
    let running = transformers.iter().filter(|t| {
        t.state == UnitState::Running
            && t.valid_from.is_none_or(|from| from <= date)
            && t.valid_to.is_none_or(|to| date < to)
    });
    let mut alone = Vec::new();
    let mut groups: BTreeMap<&str, &Transformer> = BTreeMap::new();
    for unit in running {
        match unit.interlock_group.as_deref() {
            None => alone.push(unit),
            Some(group) => {
                let largest = groups.entry(group).or_insert(unit);
                *largest = if unit.rating > largest.rating { unit } else { *largest };
            }
        }
    }
    alone.extend(groups.into_values());
    alone
}

/// Rating of these units together, kVA.
#[must_use]
pub fn in_service_kva(transformers: &[Transformer], date: Date) -> f64 {
    in_service(transformers, date).iter().map(|t| t.rating.get()).sum()
}

/// Greatest √(P² + Q²) of the intervals that have both readings.
fn max_kva(load: &Load, range: Range<usize>) -> Option<f64> {
    let (kw, flags) = (load.kw().get(range.clone())?, load.flags().get(range.clone())?);
    let kvar = load.net_kvar(range)?;
    let both = VALID | REACTIVE;
    let mut max = -1.0f64;
    for ((p, q), f) in kw.iter().zip(kvar.iter()).zip(flags) {
        let square = if f & both == both { p * p + q * q } else { -1.0 };
        max = if square > max { square } else { max };
    }
    (max >= 0.0).then(|| max.sqrt())
}
