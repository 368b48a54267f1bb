//! Peaks: billing peaks with their margin, episodes, top intervals; what shaving them asks for.
//! Each list is one [`Detector`]; what several of them need is found once, in [`View`].

mod billing;
mod episode;
mod recurrence;
mod runs;
mod shape;
mod shave;
mod top;

pub use recurrence::Recurrence;
pub use runs::{MERGE_GAP, Run, runs_above};
pub use shape::{
    NEEDLE_ENERGY_HOURS, NEEDLE_HOURS, NEEDLE_PROMINENCE, PLATEAU_DAYS, PLATEAU_HOURS, Surroundings, prominence, shape,
};
pub use shave::{Shave, shave, shave_curve};
pub use top::{TOP, highest};

use crate::curve::{DayLabels, Load};
use crate::time::{Cycle, DayKind, Month};
use crate::units::{Kw, Kwh, Ratio};
use serde::Serialize;
use std::ops::Range;

/// An episode's threshold as a share of its cycle's maximum (the contract of the `peaks` table).
pub const THRESHOLD: f64 = 0.9;
/// Intervals whose starts are this far apart in real time are different peaks (the contract's
/// `margin_kw`).
pub const SEPARATION_HOURS: f64 = 2.0;
/// A finding smaller than this many register quanta is noise (the contract's semantics).
pub const NOISE_QUANTA: f64 = 3.0;

/// Which list a peak stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PeakKind {
    /// The maximum of a billing cycle.
    Billing,
    /// A run of intervals at or above 0.9 × its cycle's maximum.
    Episode,
    /// One of the ten highest intervals.
    Top,
}

/// Shape of a peak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Short and prominent.
    Needle,
    /// Long and frequent.
    Plateau,
    /// Neither.
    Other,
}

/// One peak of a load.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Peak {
    /// Which list it stands in.
    pub kind: PeakKind,
    /// Its billing cycle.
    pub month: Option<Month>,
    /// 1 = first of its list (and cycle).
    pub rank: u32,
    /// Interval indices, end exclusive.
    pub span: Range<usize>,
    /// The highest interval mean.
    pub max_kw: Kw,
    /// Lead of a billing peak over the highest interval at least 2 h away.
    pub margin_kw: Option<Kw>,
    /// Energy above 0.9 × its cycle's maximum.
    pub kwh_above: Option<Kwh>,
    /// Needle, plateau or other.
    pub shape: Option<Shape>,
    /// Kind of day it starts on.
    pub day_kind: DayKind,
    /// Share of same-weekday days with an episode in that slot.
    pub recurrence: Option<Ratio>,
}

/// A way to find peaks.
pub trait Detector: Sync {
    /// The name of its list, as in the column `kind`.
    fn code(&self) -> &'static str;
    /// Its peaks, in any order.
    fn detect(&self, view: &View<'_>) -> Vec<Peak>;
}

/// All detectors.
pub static DETECTORS: &[&dyn Detector] = &[&billing::Billing, &episode::Episodes, &top::Top];

/// What detectors look at.
#[derive(Debug)]
pub struct View<'a> {
    /// The load.
    pub load: &'a Load,
    /// Day kinds.
    pub labels: &'a DayLabels,
    /// Billing cycles, in time order.
    pub cycles: &'a [Cycle],
    /// Each cycle's greatest valid kW and its first interval.
    pub maxima: Vec<Option<(f64, usize)>>,
    /// Each cycle's runs at or above [`THRESHOLD`] of its maximum, in time order; a run that goes on
    /// into the next cycle is cut there, because it has another threshold. Empty where the maximum is
    /// not positive or smaller than [`NOISE_QUANTA`] register quanta.
    pub episodes: Vec<Vec<Run>>,
    plateaus: Vec<bool>,
    recurrence: Recurrence<'a>,
    quantum_kw: Option<f64>,
}

impl<'a> View<'a> {
    /// Finds maxima and episodes: about four passes over the load. `quantum` is the register step as
    /// power: register step × multiplier × 60/Δt.
    #[must_use]
    pub fn new(load: &'a Load, labels: &'a DayLabels, cycles: &'a [Cycle], quantum: Option<Kw>) -> Self {
        let mut view = Self {
            load,
            labels,
            cycles,
            maxima: Vec::with_capacity(cycles.len()),
            episodes: Vec::with_capacity(cycles.len()),
            plateaus: Vec::with_capacity(cycles.len()),
            recurrence: Recurrence::new(load),
            quantum_kw: quantum.map(Kw::get),
        };
        let noise_kw = view.quantum_kw.map_or(0.0, |q| NOISE_QUANTA * q);
        for cycle in cycles {
            let range = cycle_range(load, cycle);
            let max = load.max_kw(range.clone());
            let episodes = match max {
                Some((kw, _)) if kw > 0.0 && kw >= noise_kw => runs_above(load, range, THRESHOLD * kw, true),
                _ => Vec::new(),
            };
            view.plateaus.push(plateau(load, cycle, &episodes));
            for run in &episodes {
                view.recurrence.add(run.span.clone());
            }
            view.maxima.push(max);
            view.episodes.push(episodes);
        }
        view
    }

    /// A peak of rank 1 over a span, with what is the same for every kind.
    fn peak(&self, kind: PeakKind, span: Range<usize>, max: (f64, usize)) -> Peak {
        let day = self.load.days().day_at(span.start);
        let cycle = self.cycles.partition_point(|c| c.days.end <= day);
        let cycle = Some(cycle).filter(|c| self.cycles.get(*c).is_some_and(|c| c.days.contains(&day)));
        let cycle_max = cycle.and_then(|c| self.maxima.get(c).copied().flatten());
        Peak {
            kind,
            month: cycle.and_then(|c| self.cycles.get(c)).map(|c| c.month),
            rank: 1,
            max_kw: Kw::new(max.0),
            margin_kw: None,
            kwh_above: cycle_max.filter(|m| m.0 > 0.0).map(|(kw, _)| self.kwh_above(&span, THRESHOLD * kw)),
            shape: cycle.and_then(|c| self.shape(c, max.1)),
            day_kind: self.labels.kinds.get(day).copied().unwrap_or(DayKind::Workday),
            recurrence: self.recurrence.share(max.1),
            span,
        }
    }

    /// Energy above a positive level, which intervals that are not valid do not reach.
    fn kwh_above(&self, span: &Range<usize>, level: f64) -> Kwh {
        let above = |v: &f64| if *v > level { v - level } else { 0.0 };
        let kw: f64 = self.load.kw()[span.clone()].iter().map(above).sum();
        Kwh::new(kw * self.load.interval().hours())
    }

    /// Shape of the episode that holds an interval; `None` when none does.
    fn shape(&self, cycle: usize, at: usize) -> Option<Shape> {
        let runs = self.episodes.get(cycle)?;
        let run = runs.get(runs.partition_point(|r| r.span.end <= at)).filter(|r| r.span.contains(&at))?;
        let around = Surroundings {
            max_kw: self.maxima.get(cycle).copied().flatten()?.0,
            plateau: self.plateaus.get(cycle).copied().unwrap_or(false),
            quantum_kw: self.quantum_kw,
        };
        Some(shape(self.load, run, around))
    }
}

/// The intervals of a cycle that the load has.
fn cycle_range(load: &Load, cycle: &Cycle) -> Range<usize> {
    let end = cycle.days.end.min(load.days().len());
    load.range_of_days(cycle.days.start.min(end)..end)
}

/// Whether episodes take up more than [`PLATEAU_HOURS`] a day on at least [`PLATEAU_DAYS`] of the
/// cycle's days that have readings.
fn plateau(load: &Load, cycle: &Cycle, episodes: &[Run]) -> bool {
    let days = (cycle.days.start..cycle.days.end.min(load.days().len())).filter(|d| load.day_valid(*d) > 0).count();
    let mut hours = vec![0.0; cycle.days.len()];
    for run in episodes {
        for day in load.days().day_at(run.span.start)..=load.days().day_at(run.span.end.max(1) - 1) {
            let whole = load.days().range(day);
            let part = whole.end.min(run.span.end) - whole.start.max(run.span.start);
            if let Some(hours) = day.checked_sub(cycle.days.start).and_then(|d| hours.get_mut(d)) {
                *hours += part as f64 * load.interval().hours();
            }
        }
    }
    let long = hours.iter().filter(|h| **h > PLATEAU_HOURS).count();
    days > 0 && long as f64 >= PLATEAU_DAYS * days as f64
}

/// All peaks of a load in the order of the table: kind, month, rank. Only valid intervals count.
#[must_use]
pub fn detect(load: &Load, labels: &DayLabels, cycles: &[Cycle], quantum: Option<Kw>) -> Vec<Peak> {
    peaks(&View::new(load, labels, cycles, quantum))
}

/// [`detect`] on a view that is at hand.
#[must_use]
pub fn peaks(view: &View<'_>) -> Vec<Peak> {
    let mut out: Vec<Peak> = DETECTORS.iter().flat_map(|d| d.detect(view)).collect();
    out.sort_by_key(|p| (p.kind, p.month, p.rank, p.span.start));
    out
}

#[cfg(test)]
mod tests;
