//! The load: one customer's (or supply point's, or meter's) intervals in real-time order, with
//! day offsets and a mask. Kernels take slices of it; days × slots is a view of it.

mod channels;
mod days;
mod duration;
mod energy;
mod estimates;
pub mod kernel;
mod labels;
pub mod percentile;
mod placement;
mod quantum;
#[cfg(test)]
pub(crate) mod testing;
mod typical;
mod wide;

pub use channels::{CONFLICT, Channels, ESTIMATED, Estimates, Flags, INVALID, PowerKind, REACTIVE, VALID};
pub use days::Days;
pub use duration::LoadDuration;
pub use kernel::{all_finite, extremes, sum, sum_abs};
pub use labels::DayLabels;
pub use placement::{ChannelCounts, MeterFacts, Placement};
pub use quantum::infer_quantum_kw;
pub use typical::{SlotMean, TypicalDay, slot_means, typical_days};
#[cfg(target_arch = "x86_64")]
pub(crate) use wide::vector;
pub(crate) use wide::wide;

use crate::time::{Cycle, Date, Instant, Interval, cycles};
use ndarray::{Array2, ArrayView2, CowArray, Ix2};
use std::ops::Range;
use std::sync::Arc;

/// What a day's reactive readings come to, as sums of kvar over its intervals.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DayReactive {
    /// The lagging ones of the signed channel.
    pub lagging: f64,
    /// Lagging and leading, in magnitude.
    pub magnitude: f64,
    /// Intervals with both an active and a reactive reading.
    pub n: usize,
}

/// One customer's intervals. Days are whole: the first and the last day are padded with masked
/// intervals, and [`Load::span`] tells which intervals were expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    days: Days,
    span: Range<usize>,
    channels: Channels,
    day_valid: Vec<u32>,
    day_extremes: Vec<(f64, f64)>,
    /// `None` without reactive readings; shared by loads whose reactive arrays are the same.
    reactive: Option<Arc<[DayReactive]>>,
    exports: bool,
    placement: Placement,
    power_kind: PowerKind,
    /// Filled gaps; empty until [`crate::quality`] has run.
    pub estimates: Estimates,
}

impl Load {
    /// Takes arrays that cover `days` from its first to its last interval. Values of intervals that
    /// are not [`VALID`] are set to 0, so that a sum needs no mask; reactive arrays without a single
    /// [`REACTIVE`] interval are left out, as if their columns were absent.
    #[must_use]
    pub fn new(
        days: Days,
        span: Range<usize>,
        channels: Channels,
        placement: Placement,
        power_kind: PowerKind,
    ) -> Self {
        let mut load = Self::without_reactive_sums(days, span, channels, placement, power_kind);
        load.reactive = load.reactive_days();
        load
    }

    /// [`Self::new`] but for the sums of reactive readings.
    fn without_reactive_sums(
        days: Days,
        span: Range<usize>,
        mut channels: Channels,
        placement: Placement,
        power_kind: PowerKind,
    ) -> Self {
        let n = days.len_intervals();
        channels.kw.resize(n, 0.0);
        channels.flags.resize(n, 0);
        for extra in [&mut channels.export_kw, &mut channels.kvar, &mut channels.kvar_lead].into_iter().flatten() {
            extra.resize(n, 0.0);
        }
        let mut day_valid = Vec::with_capacity(days.len());
        let mut day_extremes = Vec::with_capacity(days.len());
        let mut incomplete = Vec::new();
        for d in 0..days.len() {
            let r = days.range(d);
            let (flags, kw) = (&channels.flags[r.clone()], &mut channels.kw[r.clone()]);
            let valid = kernel::marked(flags, VALID);
            if valid != r.len() {
                for (v, f) in kw.iter_mut().zip(flags) {
                    if f & VALID == 0 {
                        *v = 0.0;
                    }
                }
                incomplete.push(r.clone());
            }
            day_valid.push(valid as u32);
            day_extremes.push(kernel::masked_extremes(kw, flags, valid == r.len()));
        }
        channels.clear_where_invalid(&incomplete);
        channels.drop_unread_reactive();
        let exports = channels.export_kw.is_some() || day_extremes.iter().any(|e| e.0 < 0.0);
        let span = span.start.min(n)..span.end.min(n);
        let estimates = Estimates::default();
        let reactive = None;
        Self { days, span, channels, day_valid, day_extremes, reactive, exports, placement, power_kind, estimates }
    }

    /// What each day's reactive readings come to.
    fn reactive_days(&self) -> Option<Arc<[DayReactive]>> {
        let lag = self.channels.kvar.as_ref()?;
        let lead = self.channels.kvar_lead.as_ref();
        let of = |day: usize| {
            let range = self.days.range(day);
            DayReactive {
                lagging: kernel::sum_positive(&lag[range.clone()]),
                magnitude: sum_abs(&lag[range.clone()]) + lead.map_or(0.0, |l| sum_abs(&l[range.clone()])),
                n: kernel::marked(&self.channels.flags[range], VALID | REACTIVE),
            }
        };
        Some((0..self.days.len()).map(of).collect())
    }

    /// Marks intervals as unusable (a physical limit is exceeded): their values leave every sum.
    #[must_use]
    pub fn invalidated(self, indices: &[usize]) -> Self {
        let mut channels = self.channels;
        for i in indices {
            if let Some(f) = channels.flags.get_mut(*i) {
                *f = (*f & !VALID) | INVALID;
            }
        }
        Self::new(self.days, self.span, channels, self.placement, self.power_kind)
    }

    /// The same load, the reactive readings of some ranges of intervals taken for not read.
    #[must_use]
    pub fn with_reactive_unread(mut self, ranges: &[Range<usize>]) -> Self {
        for range in ranges {
            let flags = self.channels.flags.get_mut(range.clone()).unwrap_or_default();
            for f in flags {
                *f &= !REACTIVE;
            }
        }
        self.channels.drop_unread_reactive();
        self.reactive = self.reactive_days();
        self
    }

    /// The same load with other powers, for a what-if. The mask, the reactive arrays and the
    /// estimates stay.
    ///
    /// `kw` has one value per interval; values of intervals that are not valid are set to 0.
    #[must_use]
    pub fn with_kw(&self, kw: Vec<f64>) -> Self {
        // Field by field: the old powers, the greatest array, are not copied.
        let channels = Channels {
            kw,
            export_kw: self.channels.export_kw.clone(),
            kvar: self.channels.kvar.clone(),
            kvar_lead: self.channels.kvar_lead.clone(),
            flags: self.channels.flags.clone(),
        };
        let (days, span) = (self.days.clone(), self.span.clone());
        let mut load = Self::without_reactive_sums(days, span, channels, self.placement, self.power_kind);
        load.reactive.clone_from(&self.reactive);
        load.estimates = self.estimates.clone();
        load
    }

    /// The same load with other reactive powers (all lagging or signed in one array).
    #[must_use]
    pub fn with_kvar(&self, kvar: Vec<f64>) -> Self {
        let mut load = self.clone();
        load.channels.kvar = Some(kvar);
        load.channels.kvar_lead = None;
        load.reactive = load.reactive_days();
        load
    }

    /// The day axis.
    #[must_use]
    pub const fn days(&self) -> &Days {
        &self.days
    }

    /// Length of an interval.
    #[must_use]
    pub const fn interval(&self) -> Interval {
        self.days.interval()
    }

    /// Expected intervals: first to last start, as indices.
    #[must_use]
    pub const fn span(&self) -> &Range<usize> {
        &self.span
    }

    /// All arrays.
    #[must_use]
    pub const fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Net kW of every interval, 0 where not valid.
    #[must_use]
    pub fn kw(&self) -> &[f64] {
        &self.channels.kw
    }

    /// Flags of every interval.
    #[must_use]
    pub fn flags(&self) -> &[Flags] {
        &self.channels.flags
    }

    /// What was seen while the rows were placed.
    #[must_use]
    pub const fn placement(&self) -> &Placement {
        &self.placement
    }

    /// Mean or instantaneous.
    #[must_use]
    pub const fn power_kind(&self) -> PowerKind {
        self.power_kind
    }

    /// Valid intervals of a day.
    #[must_use]
    pub fn day_valid(&self, day: usize) -> usize {
        self.day_valid[day] as usize
    }

    /// Whether every interval of a day is valid, so that plain slice arithmetic applies.
    #[must_use]
    pub fn day_complete(&self, day: usize) -> bool {
        self.day_valid(day) == self.days.range(day).len()
    }

    /// Expected intervals of a day: those within the span.
    #[must_use]
    pub fn day_expected(&self, day: usize) -> usize {
        let r = self.days.range(day);
        r.end.min(self.span.end).saturating_sub(r.start.max(self.span.start))
    }

    /// Least valid kW of a day; +∞ on a day without one.
    #[must_use]
    pub fn day_min(&self, day: usize) -> f64 {
        self.day_extremes[day].0
    }

    /// Greatest valid kW of a day; −∞ on a day without one.
    #[must_use]
    pub fn day_max(&self, day: usize) -> f64 {
        self.day_extremes[day].1
    }

    /// What a day's reactive readings come to; `None` without reactive readings.
    #[must_use]
    pub fn day_reactive(&self, day: usize) -> Option<&DayReactive> {
        self.reactive.as_ref()?.get(day)
    }

    /// Whether another load is known to have the same flags and reactive readings, as one with other
    /// powers has.
    #[must_use]
    pub fn shares_reactive(&self, other: &Self) -> bool {
        self.reactive.as_ref().zip(other.reactive.as_ref()).is_some_and(|(a, b)| Arc::ptr_eq(a, b))
    }

    /// A day's kW in real-time order, 0 where not valid.
    #[must_use]
    pub fn day_kw(&self, day: usize) -> &[f64] {
        &self.channels.kw[self.days.range(day)]
    }

    /// A day's flags.
    #[must_use]
    pub fn day_flags(&self, day: usize) -> &[Flags] {
        &self.channels.flags[self.days.range(day)]
    }

    /// Whether an interval is valid.
    #[must_use]
    pub fn is_valid(&self, index: usize) -> bool {
        self.channels.flags.get(index).is_some_and(|f| f & VALID != 0)
    }

    /// Valid intervals in all.
    #[must_use]
    pub fn n_valid(&self) -> usize {
        self.day_valid.iter().map(|v| *v as usize).sum()
    }

    /// Whether any valid interval is negative or an export channel exists: then import and net differ.
    #[must_use]
    pub const fn has_export(&self) -> bool {
        self.exports
    }

    /// Whether the load has reactive readings: a valid interval at least in which reactive power was read.
    #[must_use]
    pub const fn has_reactive(&self) -> bool {
        self.channels.kvar.is_some()
    }

    /// The greatest valid kW in a range and its first index in time.
    #[must_use]
    pub fn max_kw(&self, range: Range<usize>) -> Option<(f64, usize)> {
        kernel::max_at(self, range)
    }

    /// The instant at which an interval starts.
    #[must_use]
    pub fn instant(&self, index: usize) -> Instant {
        self.days.instant(index)
    }

    /// Intervals of a run of days.
    #[must_use]
    pub fn range_of_days(&self, days: Range<usize>) -> Range<usize> {
        self.days.range_of(days)
    }

    /// Days × wall-clock slots of net kW. Without a clock change this is a view of the load itself;
    /// with one it is a copy in which the repeated hour holds its first pass and the absent hour is
    /// masked. The mask is true where a valid reading stands.
    #[must_use]
    pub fn matrix(&self) -> (CowArray<'_, f64, Ix2>, Array2<bool>) {
        let shape = (self.days.len(), self.interval().slots());
        if self.days.is_regular() {
            let mask = Array2::from_shape_fn(shape, |(d, s)| self.channels.flags[d * shape.1 + s] & VALID != 0);
            if let Ok(view) = ArrayView2::from_shape(shape, &self.channels.kw) {
                return (view.into(), mask);
            }
        }
        let mut kw = Array2::zeros(shape);
        let mut mask = Array2::from_elem(shape, false);
        for d in 0..self.days.len() {
            for (k, i) in self.days.range(d).enumerate() {
                let cell = [d, self.days.slot(d, k)];
                if self.is_valid(i) && !mask[cell] {
                    kw[cell] = self.channels.kw[i];
                    mask[cell] = true;
                }
            }
        }
        (kw.into(), mask)
    }

    /// The billing cycles that the load touches; none without a day.
    #[must_use]
    pub fn cycles(&self, reading_day: u8) -> Vec<Cycle> {
        let Some(last) = self.days.len().checked_sub(1) else { return Vec::new() };
        let whole_first = self.day_expected(0) == self.days.range(0).len();
        let whole_last = self.day_expected(last) == self.days.range(last).len();
        cycles(self.days.first(), self.days.len(), reading_day, whole_first, whole_last)
    }

    /// The date of a day.
    #[must_use]
    pub const fn date(&self, day: usize) -> Date {
        self.days.date(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;
    use crate::time::{DstLabels, Zone};
    use std::sync::Arc;

    #[test]
    fn a_load_without_a_day_has_no_cycle() -> Result<()> {
        let zone = Arc::new(Zone::new("Asia/Shanghai", DstLabels::Repeat)?);
        let days = Days::new(zone, Interval::M15, "2025-01-02".parse()?, "2025-01-01".parse()?);
        let load = Load::new(days, 0..0, Channels::default(), Placement::default(), PowerKind::Mean);
        assert!(load.cycles(1).is_empty() && load.cycles(20).is_empty());
        assert!(!load.has_export() && load.n_valid() == 0);
        Ok(())
    }

    #[test]
    fn export_is_known_from_a_channel_or_a_negative_value() {
        let plain = testing::load(60, &[&[1.0; 24], &[0.0; 24]]);
        assert!(!plain.has_export());
        let mut fed_back = plain.kw().to_vec();
        fed_back[30] = -0.5;
        assert!(plain.with_kw(fed_back).has_export());
        let channels = Channels { export_kw: Some(vec![0.0; 48]), ..plain.channels().clone() };
        let channel = Load::new(plain.days().clone(), 0..48, channels, Placement::default(), PowerKind::Mean);
        assert!(channel.has_export());
    }
}
