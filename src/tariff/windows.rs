//! The greatest mean over windows that are measured throughout: fixed or sliding, in kW, kVA or kvar,
//! within chosen days and slots.

use super::compiled::Measure;
use super::schema::{DemandUnit, MaximumOf, Windowing};
use super::{Compiled, Measured};
use crate::curve::kernel::{extremes, for_valid_runs};
use crate::curve::{Load, REACTIVE};
use crate::time::Interval;
use crate::units::Kw;
use std::ops::Range;

/// Windows in time order.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// What each comes to.
    pub values: Vec<f64>,
    /// Of each run the place of its first window in `values`, its first interval, and the intervals from one window to
    /// the next.
    runs: Vec<(usize, usize, usize)>,
}

impl Listed {
    fn push(&mut self, values: &[f64], start: usize, step: usize) {
        self.runs.push((self.values.len(), start, step));
        self.values.extend_from_slice(values);
    }

    /// Takes the windows out of the running that begin where `at` says.
    pub fn blank(&mut self, windows: Range<usize>, at: impl Fn(usize) -> bool) {
        for window in windows {
            if at(self.interval(window)) {
                self.values[window] = f64::NEG_INFINITY;
            }
        }
    }

    /// The first interval of a window.
    pub fn interval(&self, at: usize) -> usize {
        let run = self.runs.partition_point(|r| r.0 <= at).checked_sub(1).and_then(|r| self.runs.get(r));
        run.map_or(0, |(first, start, step)| start + (at - first) * step)
    }
}

/// How windows are laid and what is averaged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    pub unit: DemandUnit,
    /// Intervals in a window.
    pub len: usize,
    pub sliding: bool,
}

impl Windows {
    /// Windows of so many minutes on data of an interval; a finer window than the data is one interval.
    pub fn new(minutes: u32, window: Windowing, unit: DemandUnit, interval: Interval) -> Self {
        let len = (minutes / interval.minutes()).max(1) as usize;
        Self { unit, len, sliding: window == Windowing::Sliding }
    }

    /// Measures a run of intervals whose windows count, all of one day's slots or across midnight.
    pub fn run(&self, load: &Load, run: Range<usize>, out: &mut Measured) {
        let mut visit = |valid: Range<usize>| match self.unit {
            DemandUnit::Kw => self.valid(load, valid, out),
            DemandUnit::Kva | DemandUnit::Kvar => reactive_runs(load, valid, |r| self.valid(load, r, out)),
        };
        for_valid_runs(load, run, &mut visit);
    }

    /// Every window of a run that was measured throughout.
    pub fn list(&self, load: &Load, run: Range<usize>, out: &mut Listed) {
        let mut each = |valid: Range<usize>| {
            let Some((run, step)) = self.aligned(load, valid) else { return };
            let mut buffer = Vec::new();
            out.push(self.means(load, &run, step, &mut buffer), run.start, step);
        };
        let mut visit = |valid: Range<usize>| match self.unit {
            DemandUnit::Kw => each(valid),
            DemandUnit::Kva | DemandUnit::Kvar => reactive_runs(load, valid, &mut each),
        };
        for_valid_runs(load, run, &mut visit);
    }

    /// The part of a run that windows fill, and the step from one to the next.
    fn aligned(&self, load: &Load, run: Range<usize>) -> Option<(Range<usize>, usize)> {
        // Days hold whole windows, so that the start of the day aligns them.
        let day = load.days().range(load.days().day_at(run.start));
        let late = (run.start - day.start) % self.len;
        let skip = if self.sliding || late == 0 { 0 } else { self.len - late };
        let run = run.start + skip..run.end;
        (run.len() >= self.len).then_some((run, if self.sliding { 1 } else { self.len }))
    }

    /// A run of which every interval can be used.
    fn valid(&self, load: &Load, run: Range<usize>, out: &mut Measured) {
        let Some((run, step)) = self.aligned(load, run) else { return };
        let mut buffer = Vec::new();
        let values = self.means(load, &run, step, &mut buffer);
        let Some((_, kw)) = extremes(values) else { return };
        let at = values.iter().position(|v| *v == kw).unwrap_or(0);
        out.offer(kw, run.start + at * step);
        if self.sliding {
            // A window between two of the data's lies within one interval more.
            let mut wider = Vec::new();
            let wide = Self { len: self.len + 1, ..*self };
            if run.len() > self.len
                && let Some((_, more)) = extremes(wide.means(load, &run, 1, &mut wider))
            {
                let bound = more * wide.len as f64 / self.len as f64;
                out.raise_bound(Some(Kw::new(bound)));
            }
            out.raise_bound(Some(Kw::new(kw)));
        }
    }

    /// The mean of each window of a run that can be used throughout.
    fn means<'a>(&self, load: &'a Load, run: &Range<usize>, step: usize, buffer: &'a mut Vec<f64>) -> &'a [f64] {
        if self.len == 1 && self.unit == DemandUnit::Kw && !load.has_export() {
            return load.kw().get(run.clone()).unwrap_or_default();
        }
        let mean = |at: usize, of: &dyn Fn(usize) -> f64| (at..at + self.len).map(of).sum::<f64>() / self.len as f64;
        let (import, net) = (|i: usize| load.import_kw(i), |i: usize| lagging(load, i));
        let windows = (run.start..=run.end - self.len).step_by(step);
        buffer.extend(windows.map(|at| match self.unit {
            DemandUnit::Kw => mean(at, &import),
            DemandUnit::Kva => mean(at, &import).hypot(mean(at, &net)),
            DemandUnit::Kvar => mean(at, &net).max(0.0),
        }));
        buffer
    }
}

/// Net lagging kvar of an interval.
fn lagging(load: &Load, index: usize) -> f64 {
    let of = |c: &Option<Vec<f64>>| c.as_ref().and_then(|v| v.get(index)).copied().unwrap_or(0.0);
    of(&load.channels().kvar) - of(&load.channels().kvar_lead)
}

/// The parts of a run that have reactive readings.
fn reactive_runs(load: &Load, run: Range<usize>, mut visit: impl FnMut(Range<usize>)) {
    let mut open = None;
    for i in run.clone() {
        let has = load.flags().get(i).is_some_and(|f| f & REACTIVE != 0);
        match (has, open) {
            (true, None) => open = Some(i),
            (false, Some(start)) => {
                visit(start..i);
                open = None;
            }
            _ => {}
        }
    }
    if let Some(start) = open {
        visit(start..run.end);
    }
}

/// Measures the days of a cycle for one of the tariff's measures.
pub(super) fn measured(load: &Load, tariff: &Compiled, index: usize, days: Range<usize>) -> Measured {
    let mut out = Measured::default();
    let Some(measure) = tariff.measures().list().get(index) else { return out };
    let interval = load.interval();
    let windows = Windows::new(measure.window_minutes, measure.window, measure.unit, interval);
    if measure.per == MaximumOf::Day {
        for day in days {
            let mut of_day = Measured::default();
            for run in runs(load, tariff, (index, measure), day..day + 1) {
                windows.run(load, run, &mut of_day);
            }
            out.add_day(&of_day);
        }
        return out;
    }
    for run in runs(load, tariff, (index, measure), days) {
        windows.run(load, run, &mut out);
    }
    out
}

/// Every window of some days that one of the tariff's measures looks at.
pub(super) fn listed(load: &Load, tariff: &Compiled, index: usize, days: Range<usize>) -> Listed {
    let mut out = Listed::default();
    let Some(measure) = tariff.measures().list().get(index) else { return out };
    let windows = Windows::new(measure.window_minutes, measure.window, measure.unit, load.interval());
    for run in runs(load, tariff, (index, measure), days) {
        windows.list(load, run, &mut out);
    }
    out
}

/// Runs of intervals of some days in which a measure's windows may lie, joined over midnight.
fn runs(load: &Load, tariff: &Compiled, (index, measure): (usize, &Measure), days: Range<usize>) -> Vec<Range<usize>> {
    if measure.is_unlimited() {
        return vec![load.range_of_days(days)];
    }
    let length = super::compiled::length_index(load.interval());
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut add = |run: Range<usize>| match out.last_mut().filter(|last| last.end == run.start) {
        Some(last) => last.end = run.end,
        None => out.push(run),
    };
    for day in days.filter(|d| measure.counts_on(load.date(*d))) {
        let Some(variant) = tariff.variant(load.date(day)) else { continue };
        let slots = tariff.measures().slots(index, variant, length);
        let range = load.days().range(day);
        if load.days().shift(day).is_none() {
            for run in slots {
                add(range.start + run.start..range.start + run.end);
            }
            continue;
        }
        for k in 0..range.len() {
            let slot = load.days().slot(day, k);
            if slots.iter().any(|s| s.contains(&slot)) {
                add(range.start + k..range.start + k + 1);
            }
        }
    }
    out
}
