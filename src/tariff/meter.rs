//! The pass over a load that a bill rests on.
//!
//! Runs of complete days with the same windows are added onto one sum a slot, with plain slice
//! arithmetic; the tariff's windows are looked at once a cycle. Maxima and reactive sums of days are the
//! load's own, made once whatever the tariffs. Days that are incomplete, have a clock change or export
//! go interval by interval.

use super::schema::{BackFeed, DemandUnit, Quadrants, Windowing};
use super::windows::{Windows, measured};
use super::{Compiled, CycleUsage, MaxDemand, Measured, extras};
use crate::curve::{Load, PowerKind, REACTIVE, VALID, sum};
use crate::time::{Date, Interval};
use crate::units::{Kvarh, Kw, Kwh};
use std::ops::Range;

/// Buffers and settings of one pass.
pub(super) struct Meter<'a> {
    load: &'a Load,
    tariff: &'a Compiled,
    /// Intervals in a demand window.
    window: usize,
    quadrants: Quadrants,
    /// Reactive energy of intervals with back-feed is left out.
    skip_back_feed: bool,
    /// Windows of `[demand]` where they slide.
    sliding: Option<Windows>,
    /// The load's import is not its net power.
    exports: bool,
    /// A day's import where it is not the load itself.
    import: Vec<f64>,
    /// Distinct days of the tariff that the cycle has, and kW added up by slot for each.
    variants: Vec<usize>,
    by_slot: Vec<f64>,
    /// The cycle's plain days.
    plain: Vec<Range<usize>>,
    /// kvar added up, and kW of measured intervals without a reactive reading.
    kvar: f64,
    without_reactive: f64,
}

impl<'a> Meter<'a> {
    pub(super) fn new(load: &'a Load, tariff: &'a Compiled) -> Self {
        let minutes = tariff.demand_window().map_or(0, Interval::minutes);
        let pf = tariff.tariff().power_factor.as_ref();
        let slides = tariff.tariff().demand.as_ref().is_some_and(|d| d.window == Windowing::Sliding);
        let sliding = Windows::new(minutes, Windowing::Sliding, DemandUnit::Kw, load.interval());
        Self {
            load,
            tariff,
            window: (minutes / load.interval().minutes()).max(1) as usize,
            quadrants: pf.map(|p| p.quadrants).unwrap_or_default(),
            skip_back_feed: load.has_export() && pf.is_some_and(|p| p.back_feed == BackFeed::Ignore),
            sliding: slides.then_some(sliding),
            exports: load.has_export(),
            import: Vec::new(),
            variants: Vec::new(),
            by_slot: Vec::new(),
            plain: Vec::new(),
            kvar: 0.0,
            without_reactive: 0.0,
        }
    }

    /// Measures the dates of one cycle.
    pub(super) fn cycle(&mut self, dates: &Range<Date>) -> CycleUsage {
        let n = self.tariff.bands().len();
        let days = self.days(dates);
        let range = self.load.range_of_days(days.clone());
        let span = self.load.span();
        let mut out = CycleUsage {
            kwh: vec![Kwh::ZERO; n],
            estimated_kwh: vec![Kwh::ZERO; n],
            n_expected: range.end.min(span.end).saturating_sub(range.start.max(span.start)),
            n_valid: days.clone().map(|d| self.load.day_valid(d)).sum(),
            sampled: self.load.power_kind() == PowerKind::Instant,
            series_amount: if self.tariff.has_series() { vec![0.0; n] } else { Vec::new() },
            ..CycleUsage::default()
        };
        self.clear();
        let whole = out.n_valid == range.len();
        let mut day = days.start;
        while day < days.end {
            day = self.step(day..days.end, whole, &mut out);
        }
        self.settle(&mut out);
        self.plain_demand(&mut out);
        if let Some(windows) = self.sliding {
            let mut found = Measured::default();
            windows.run(self.load, range.clone(), &mut found);
            (out.demand, out.demand_bound) = (found.max, found.bound);
        }
        self.estimates(&range, &mut out);
        let measures = 0..self.tariff.measures().list().len();
        out.measured = measures.map(|m| measured(self.load, self.tariff, m, days.clone())).collect();
        extras::add(self.load, self.tariff, &days, &mut out);
        out
    }

    /// The load's days among dates.
    fn days(&self, dates: &Range<Date>) -> Range<usize> {
        let days = self.load.days();
        let clamp = |d: Date| (i64::from(d.0) - i64::from(days.first().0)).clamp(0, days.len() as i64) as usize;
        let start = clamp(dates.start);
        start..clamp(dates.end).max(start)
    }

    fn clear(&mut self) {
        self.variants.clear();
        self.by_slot.clear();
        self.plain.clear();
        self.kvar = 0.0;
        self.without_reactive = 0.0;
    }

    /// Measures the first day, or the run of plain days with the same windows that begins with it;
    /// returns the day after.
    fn step(&mut self, days: Range<usize>, whole: bool, out: &mut CycleUsage) -> usize {
        let first = days.start;
        let variant = self.tariff.variant(self.load.date(first));
        let all_plain = whole && !self.exports && self.load.days().is_regular();
        let Some(variant) = variant.filter(|_| all_plain || self.is_plain(first)) else {
            self.odd_day(first, variant, out);
            return first + 1;
        };
        let same = first + self.tariff.same_windows(&(self.load.date(first)..self.load.date(days.end)));
        let end = if all_plain { same } else { (first + 1..same).find(|d| !self.is_plain(*d)).unwrap_or(same) };
        self.run(first..end, variant, out);
        end
    }

    fn is_plain(&self, day: usize) -> bool {
        !self.exports && self.load.day_complete(day) && self.load.days().shift(day).is_none()
    }

    /// Index into `by_slot` of a distinct day's sums.
    fn sums(&mut self, variant: usize) -> Range<usize> {
        let slots = self.load.interval().slots();
        let at = self.variants.iter().position(|v| *v == variant).unwrap_or_else(|| {
            self.variants.push(variant);
            self.by_slot.resize(self.by_slot.len() + slots, 0.0);
            self.variants.len() - 1
        });
        at * slots..(at + 1) * slots
    }

    /// A run of plain days.
    fn run(&mut self, days: Range<usize>, variant: usize, out: &mut CycleUsage) {
        let range = self.load.range_of_days(days.clone());
        let Some(kw) = self.load.kw().get(range.clone()) else { return };
        let sums = self.sums(variant);
        if let Some(sums) = self.by_slot.get_mut(sums) {
            add_days(kw, sums);
        }
        if self.window > 1 {
            for day in days.clone() {
                self.masked_demand(day, self.load.day_kw(day), out);
            }
        }
        self.reactive_run(days.clone(), out);
        self.plain.push(days);
    }

    /// A day that is incomplete, has a clock change, exports, or has no windows.
    fn odd_day(&mut self, day: usize, variant: Option<usize>, out: &mut CycleUsage) {
        let mut buffer = std::mem::take(&mut self.import);
        let kw = day_import(self.load, day, &mut buffer);
        match variant {
            Some(variant) => {
                let sums = self.sums(variant);
                let sums = self.by_slot.get_mut(sums).unwrap_or_default();
                for (k, v) in kw.iter().enumerate() {
                    if let Some(sum) = sums.get_mut(self.load.days().slot(day, k)) {
                        *sum += v;
                    }
                }
            }
            None => out.n_unscheduled_days += 1,
        }
        self.masked_demand(day, kw, out);
        self.reactive(day, kw, out);
        self.import = buffer;
    }

    /// Distributes the sums by slot over the bands.
    fn settle(&self, out: &mut CycleUsage) {
        let interval = self.load.interval();
        for (variant, sums) in self.variants.iter().zip(self.by_slot.chunks_exact(interval.slots())) {
            for piece in self.tariff.pieces(*variant, interval) {
                let kw = sums.get(piece.slots.clone()).map_or(0.0, sum);
                if let Some(band) = out.kwh.get_mut(piece.band) {
                    *band += Kwh::new(kw * piece.weight * interval.hours());
                }
            }
            if let Some(series) = self.tariff.series(*variant) {
                extras::add_series(series, sums, interval, out);
            }
        }
        if self.load.has_reactive() {
            out.kvarh = Some(Kvarh::new(self.kvar * interval.hours()));
            out.kwh_with_kvarh =
                out.kwh.iter().copied().sum::<Kwh>() - Kwh::new(self.without_reactive * interval.hours());
        }
    }

    /// The first greatest window of a day, every interval of it measured, if it beats what is known.
    fn masked_demand(&self, day: usize, kw: &[f64], out: &mut CycleUsage) {
        let n = self.window;
        let first = self.load.days().range(day).start;
        let windows = kw.chunks_exact(n).zip(self.load.day_flags(day).chunks_exact(n));
        for (k, (values, flags)) in windows.enumerate() {
            if flags.iter().all(|f| f & VALID != 0) {
                offer(out, values.iter().sum::<f64>() / n as f64, first + k * n);
            }
        }
    }

    /// The maximum of the plain days, when a window is one interval.
    fn plain_demand(&self, out: &mut CycleUsage) {
        if self.window > 1 {
            return;
        }
        let mut best = None;
        let mut highest = f64::NEG_INFINITY;
        for day in self.plain.iter().cloned().flatten() {
            let of_day = self.load.day_max(day);
            if of_day > highest {
                (best, highest) = (Some(day), of_day);
            }
        }
        let Some(day) = best else { return };
        if let Some(k) = self.load.day_kw(day).iter().position(|v| *v == highest) {
            offer(out, highest, self.load.days().range(day).start + k);
        }
    }

    /// Reactive energy of plain days: the load's own sums where every interval has its reading.
    fn reactive_run(&mut self, days: Range<usize>, out: &mut CycleUsage) {
        let (slots, lag_only) = (self.load.interval().slots(), self.quadrants == Quadrants::Lag);
        for day in days {
            match self.load.day_reactive(day) {
                None => return,
                Some(sums) if sums.n == slots && !self.skip_back_feed => {
                    self.kvar += if lag_only { sums.lagging } else { sums.magnitude };
                }
                Some(_) => self.reactive(day, self.load.day_kw(day), out),
            }
        }
    }

    fn reactive(&mut self, day: usize, kw: &[f64], out: &mut CycleUsage) {
        let Some(sums) = self.load.day_reactive(day) else { return };
        let range = self.load.days().range(day);
        let lag_only = self.quadrants == Quadrants::Lag;
        if !self.skip_back_feed && sums.n == range.len() {
            self.kvar += if lag_only { sums.lagging } else { sums.magnitude };
            return;
        }
        let channels = self.load.channels();
        let part = |c: &'a Option<Vec<f64>>| c.as_ref().and_then(|v| v.get(range.clone())).unwrap_or_default();
        let (lag, lead) = (part(&channels.kvar), part(&channels.kvar_lead));
        let flags = self.load.flags().get(range.clone()).unwrap_or_default();
        for (k, f) in flags.iter().enumerate().filter(|(_, f)| **f & VALID != 0) {
            let at = |c: &[f64]| c.get(k).copied().unwrap_or(0.0);
            if self.skip_back_feed && self.load.export_kw(range.start + k) > 0.0 {
                continue;
            }
            if f & REACTIVE == 0 {
                out.n_without_kvarh += 1;
                self.without_reactive += at(kw);
            } else {
                self.kvar += if lag_only { at(lag).max(0.0) } else { at(lag).abs() + at(lead).abs() };
            }
        }
    }

    /// Adds the estimates of a range of intervals.
    fn estimates(&self, range: &Range<usize>, out: &mut CycleUsage) {
        let estimates = &self.load.estimates;
        let from = estimates.index.partition_point(|i| (*i as usize) < range.start);
        let to = estimates.index.partition_point(|i| (*i as usize) < range.end);
        for e in from..to {
            let Some((index, kw)) = estimates.index.get(e).map(|i| *i as usize).zip(estimates.kw.get(e)) else {
                return;
            };
            if self.load.is_valid(index) || !self.load.span().contains(&index) {
                continue;
            }
            out.n_estimated += 1;
            let kwh = kw.max(0.0) * self.load.interval().hours();
            self.estimate(index, kwh, out);
            if let Some((total, kvar)) = out.kvarh.zip(estimates.kvar.get(e)) {
                out.kvarh = Some(total + Kvarh::new(kvar.abs() * self.load.interval().hours()));
                out.kwh_with_kvarh += Kwh::new(kwh);
            }
        }
    }

    fn estimate(&self, index: usize, kwh: f64, out: &mut CycleUsage) {
        let (days, interval) = (self.load.days(), self.load.interval());
        let day = days.day_at(index);
        let slot = days.slot(day, index - days.range(day).start);
        let Some(variant) = self.tariff.variant(days.date(day)) else { return };
        for piece in self.tariff.pieces(variant, interval).iter().filter(|p| p.slots.contains(&slot)) {
            if let Some(band) = out.estimated_kwh.get_mut(piece.band) {
                *band += Kwh::new(kwh * piece.weight);
            }
        }
        if let Some(series) = self.tariff.series(variant) {
            extras::add_slot(series, slot, kwh, interval, out);
        }
    }
}

/// Takes a demand for the maximum if it is greater, or as great and earlier.
fn offer(out: &mut CycleUsage, kw: f64, index: usize) {
    if out.demand.is_none_or(|d| kw > d.kw.get() || (kw == d.kw.get() && index < d.index)) {
        out.demand = Some(MaxDemand { kw: Kw::new(kw), index });
    }
}

/// Slots whose sums are kept in registers; every interval length has a multiple of them a day.
const COLUMNS: usize = 24;

/// Adds whole days onto sums by slot, [`COLUMNS`] slots at a time through all days.
fn add_days(kw: &[f64], sums: &mut [f64]) {
    let slots = sums.len();
    for (k, column) in sums.as_chunks_mut::<COLUMNS>().0.iter_mut().enumerate() {
        let mut sum = *column;
        for day in kw.chunks_exact(slots) {
            let Some(cells) = day.as_chunks::<COLUMNS>().0.get(k) else { continue };
            for (s, v) in sum.iter_mut().zip(cells) {
                *s += v;
            }
        }
        *column = sum;
    }
}

/// A day's imported kW in real-time order, 0 where not valid: the load itself unless it exports.
fn day_import<'a>(load: &'a Load, day: usize, buffer: &'a mut Vec<f64>) -> &'a [f64] {
    let kw = load.day_kw(day);
    let export = load.channels().export_kw.as_ref().and_then(|e| e.get(load.days().range(day)));
    buffer.clear();
    match export {
        None if load.day_min(day) >= 0.0 => return kw,
        None => buffer.extend(kw.iter().map(|v| v.max(0.0))),
        Some(export) => {
            let cells = kw.iter().zip(export).zip(load.day_flags(day));
            buffer.extend(cells.map(|((v, e), f)| if f & VALID == 0 { 0.0 } else { (v + e).max(0.0) }));
        }
    }
    buffer
}
