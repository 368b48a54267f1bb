//! How often an episode comes at the same time of the week.

use crate::curve::{Load, VALID};
use crate::units::Ratio;
use std::ops::Range;

/// Days with an episode, and days with a valid reading, by weekday and wall-clock slot.
#[derive(Debug, Clone)]
pub struct Recurrence<'a> {
    load: &'a Load,
    hits: Vec<u32>,
    /// Days by weekday of which every slot was read.
    whole: [u32; 7],
    /// Other days, slot by slot.
    days: Vec<u32>,
    /// Slots already counted of the last day whose clock changed: a repeated slot is one day.
    shifted: (usize, Vec<bool>),
}

impl<'a> Recurrence<'a> {
    /// Counts the days; there is no episode yet.
    #[must_use]
    pub fn new(load: &'a Load) -> Self {
        let slots = load.interval().slots();
        let mut out = Self {
            load,
            hits: vec![0; 7 * slots],
            whole: [0; 7],
            days: vec![0; 7 * slots],
            shifted: (usize::MAX, vec![false; slots]),
        };
        for day in 0..load.days().len() {
            if load.day_complete(day) && load.days().shift(day).is_none() {
                out.whole[usize::from(load.date(day).weekday())] += 1;
                continue;
            }
            let row = out.row(day);
            let mut seen = vec![false; slots];
            for (k, flags) in load.day_flags(day).iter().enumerate() {
                if flags & VALID != 0
                    && let Some(seen) = seen.get_mut(load.days().slot(day, k))
                {
                    *seen = true;
                }
            }
            out.days[row].iter_mut().zip(&seen).for_each(|(n, seen)| *n += u32::from(*seen));
        }
        out
    }

    /// Adds an episode, or a part of one; parts must come in time order and not overlap. Intervals
    /// that are not valid are not counted.
    pub fn add(&mut self, span: Range<usize>) {
        if span.is_empty() {
            return;
        }
        let days = self.load.days();
        for day in days.day_at(span.start)..=days.day_at(span.end - 1) {
            let whole = days.range(day);
            let part = whole.start.max(span.start) - whole.start..whole.end.min(span.end) - whole.start;
            let row = self.row(day);
            if self.load.day_complete(day) && days.shift(day).is_none() {
                self.hits[row][part].iter_mut().for_each(|n| *n += 1);
                continue;
            }
            if self.shifted.0 != day {
                self.shifted.0 = day;
                self.shifted.1.fill(false);
            }
            for k in part {
                let slot = days.slot(day, k);
                if let Some(seen) = self.shifted.1.get_mut(slot).filter(|_| self.load.is_valid(whole.start + k)) {
                    self.hits[row.start + slot] += u32::from(!std::mem::replace(seen, true));
                }
            }
        }
    }

    /// Share of the days of the same weekday that have an episode in the slot of an interval.
    #[must_use]
    pub fn share(&self, index: usize) -> Option<Ratio> {
        let days = self.load.days();
        if index >= days.len_intervals() {
            return None;
        }
        let day = days.day_at(index);
        let at = self.row(day).start + days.slot(day, index - days.range(day).start);
        let (hits, days) = (*self.hits.get(at)?, self.whole[at / self.load.interval().slots()] + *self.days.get(at)?);
        (days > 0).then(|| Ratio::new(f64::from(hits) / f64::from(days)))
    }

    fn row(&self, day: usize) -> Range<usize> {
        let slots = self.load.interval().slots();
        let start = usize::from(self.load.date(day).weekday()) * slots;
        start..start + slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::testing;

    #[test]
    fn counts_days_of_the_same_weekday() {
        // Three weeks from a Monday, an episode at 08:00 on two Mondays and one Tuesday.
        let load = testing::load(60, &[&[1.0; 24 * 21]]);
        let mut r = Recurrence::new(&load);
        for start in [8, 24 + 8, 24 * 7 + 8] {
            r.add(start..start + 2);
        }
        assert_eq!(r.share(8), Some(Ratio::new(2.0 / 3.0)));
        assert_eq!(r.share(24 * 14 + 9), Some(Ratio::new(2.0 / 3.0)), "a Monday without one");
        assert_eq!(r.share(24 + 8), Some(Ratio::new(1.0 / 3.0)));
        assert_eq!(r.share(10), Some(Ratio::ZERO));
        assert_eq!(r.share(24 * 21), None);
    }

    #[test]
    fn a_repeated_hour_is_one_day() {
        // 2016-10-30 is a Sunday of 25 hours; the Sunday after is an ordinary one.
        let load = testing::load_in("Europe/Berlin", "2016-10-30", 60, &[1.0; 25 + 7 * 24]);
        let mut r = Recurrence::new(&load);
        r.add(2..4);
        assert_eq!((r.share(2), r.share(3)), (Some(Ratio::new(0.5)), Some(Ratio::new(0.5))));
    }

    #[test]
    fn a_missing_slot_is_no_day() {
        let mut kw = [1.0; 24 * 8];
        kw[7 * 24 + 8] = f64::NAN;
        let load = testing::load(60, &[&kw]);
        let mut r = Recurrence::new(&load);
        r.add(8..10);
        assert_eq!((r.share(8), r.share(9)), (Some(Ratio::new(1.0)), Some(Ratio::new(0.5))));
    }
}
