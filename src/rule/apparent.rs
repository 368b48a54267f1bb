//! Apparent power as far as it was read: what R11 and R12 hold against ratings.

use crate::curve::{Load, REACTIVE, VALID};
use std::borrow::Cow;

/// A load with its reactive power, lagging less leading.
pub(super) struct Apparent<'a> {
    load: &'a Load,
    kvar: Cow<'a, [f64]>,
}

/// A valid interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Power {
    /// Place in the load.
    pub index: usize,
    pub kw: f64,
    /// `None` where it was not read.
    pub kvar: Option<f64>,
}

impl Power {
    /// S² of what was read, kVA²: of active power alone, a lower bound, where there is no more.
    pub fn square(&self) -> f64 {
        let q = self.kvar.unwrap_or(0.0);
        self.kw * self.kw + q * q
    }
}

impl<'a> Apparent<'a> {
    pub fn of(load: &'a Load) -> Self {
        Self { load, kvar: load.net_kvar(0..load.kw().len()).unwrap_or_default() }
    }

    /// The valid intervals of a day. Reactive power was read where its flag stands, on a day that is [`live`].
    pub fn of_day(&self, day: usize) -> impl Iterator<Item = Power> {
        let range = self.load.days().range(day);
        let live = live(self.load, day);
        let kvar = self.kvar.get(range.clone()).filter(|_| live).unwrap_or_default();
        let read = self.load.day_kw(day).iter().zip(self.load.day_flags(day)).enumerate();
        read.filter(|(_, (_, f))| **f & VALID != 0).map(move |(k, (kw, f))| Power {
            index: range.start + k,
            kw: *kw,
            kvar: kvar.get(k).copied().filter(|_| f & REACTIVE != 0),
        })
    }
}

/// Whether a load has reactive readings: those of one day at least are not all zero.
pub(super) fn reads_reactive(load: &Load) -> bool {
    (0..load.days().len()).any(|day| live(load, day))
}

/// Whether a day's reactive readings are of a channel that measures: not one of them differing from zero all day
/// long is what check V07 calls implausible.
fn live(load: &Load, day: usize) -> bool {
    load.day_reactive(day).is_some_and(|sums| sums.n > 0 && sums.magnitude > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::{Channels, Placement, PowerKind, testing};

    #[test]
    fn reactive_power_is_known_where_it_was_read_on_a_day_that_has_any() {
        let plain = testing::load(60, &[&[30.0; 24], &[30.0; 24]]);
        let with = |flags: Vec<u8>, kvar: Vec<f64>| {
            let channels = Channels { flags, kvar: Some(kvar), ..plain.channels().clone() };
            Load::new(plain.days().clone(), 0..48, channels, Placement::default(), PowerKind::Mean)
        };
        // A column of nothing is no column.
        let none = with(vec![VALID; 48], vec![0.0; 48]);
        assert_eq!((none.has_reactive(), none.channels().kvar.is_none()), (false, true));
        assert_eq!(none, plain);
        // Read in all intervals but one, and zero all through the second day.
        let mut flags = vec![VALID | REACTIVE; 48];
        (flags[3], flags[5]) = (VALID, 0);
        let mut kvar = vec![40.0; 48];
        kvar[24..].fill(0.0);
        let load = with(flags, kvar);
        assert!(load.has_reactive() && reads_reactive(&load));
        let apparent = Apparent::of(&load);
        let days = [0, 1].map(|day| apparent.of_day(day).collect::<Vec<_>>());
        assert_eq!([days[0].len(), days[1].len()], [23, 24]);
        assert!(days[0].iter().all(|p| p.index != 5 && (p.kvar.is_none() == (p.index == 3))));
        assert_eq!([days[0][0].square(), days[0][3].square()], [2_500.0, 900.0]);
        assert!(days[1].iter().all(|p| p.kvar.is_none()) && days[1][0].index == 24);
        assert!(!reads_reactive(&with(vec![VALID | REACTIVE; 48], vec![0.0; 48])), "a dead channel");
    }
}
