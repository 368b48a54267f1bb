//! What meters deliver: whole register steps, times a multiplier.

use super::random::Random;
use super::site::Site;
use crate::time::Interval;

/// Register step of the meters in kWh before multiplying: four decimals, as interval registers of
/// electronic meters commonly have (judgement).
pub const REGISTER_STEP_KWH: f64 = 0.0001;
const STEPS_PER_KWH: f64 = 10_000.0;

/// Rows of one meter, in the order in which they are delivered.
#[derive(Debug, Clone, PartialEq)]
pub struct Readings {
    /// Wall clock of the interval's start, seconds since 1970-01-01T00:00.
    pub stamps: Vec<i64>,
    /// Register steps of net active energy within the interval.
    pub active: Vec<i32>,
    /// Register steps of lagging reactive energy within the interval.
    pub reactive: Vec<i32>,
    /// False: the row is there and its values are null.
    pub present: Vec<bool>,
    /// Multiplier × intervals an hour: kW = steps × scale / 10,000.
    pub scale: u32,
}

impl Readings {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.stamps.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stamps.is_empty()
    }

    /// Active power of a row in kW, negative when the meter runs backwards; `None` for null.
    #[must_use]
    pub fn kw(&self, row: usize) -> Option<f64> {
        self.value(&self.active, row)
    }

    /// Reactive power of a row in kvar; `None` for null.
    #[must_use]
    pub fn kvar(&self, row: usize) -> Option<f64> {
        self.value(&self.reactive, row)
    }

    fn value(&self, steps: &[i32], row: usize) -> Option<f64> {
        let present = *self.present.get(row)?;
        steps.get(row).filter(|_| present).map(|s| power(*s, self.scale))
    }

    /// Smallest step of kW and kvar.
    #[must_use]
    pub fn quantum_kw(&self) -> f64 {
        f64::from(self.scale) / STEPS_PER_KWH
    }

    /// Keeps the rows for which `keep` is true.
    pub fn retain(&mut self, keep: &[bool]) {
        fn pick<T: Copy>(column: &mut Vec<T>, keep: &[bool]) {
            let mut flags = keep.iter();
            column.retain(|_| *flags.next().unwrap_or(&true));
        }
        pick(&mut self.stamps, keep);
        pick(&mut self.active, keep);
        pick(&mut self.reactive, keep);
        pick(&mut self.present, keep);
    }

    /// Puts in the rows of `from` again after each row `at` of `copies`, given as `(at, from)` with
    /// `at` ascending; `from` refers to the rows as they are before.
    pub fn insert_copies(&mut self, copies: &[(usize, std::ops::Range<usize>)]) {
        let mut order: Vec<usize> = Vec::with_capacity(self.len());
        let mut next = copies.iter().peekable();
        for row in 0..self.len() {
            order.push(row);
            while let Some((_, from)) = next.next_if(|(at, _)| *at == row) {
                order.extend(from.clone().filter(|r| *r < self.len()));
            }
        }
        self.stamps = order.iter().map(|r| self.stamps[*r]).collect();
        self.active = order.iter().map(|r| self.active[*r]).collect();
        self.reactive = order.iter().map(|r| self.reactive[*r]).collect();
        self.present = order.iter().map(|r| self.present[*r]).collect();
    }
}

/// The power in kW or kvar of a count of register steps: the decimal that the meter shows,
/// correctly rounded.
#[must_use]
pub fn power(steps: i32, scale: u32) -> f64 {
    (i64::from(steps) * i64::from(scale)) as f64 / STEPS_PER_KWH
}

/// The count of register steps nearest to a power in kW or kvar: [`power`] the other way round.
#[must_use]
pub fn steps(power: f64, scale: u32) -> i32 {
    (power * STEPS_PER_KWH / f64::from(scale.max(1))).round() as i32
}

/// The registers of each feed of a site: power is summed up to a running register and read as the
/// difference of whole steps, so that energy is conserved over any run of intervals to one step.
#[must_use]
pub fn meter(site: &Site, feeds: &[f64], multiplier: u32, random: &mut Random) -> Vec<Readings> {
    let interval = site.axis.days.interval();
    let transfer = transfers(site, feeds.len(), random);
    let scale = multiplier * (60 / interval.minutes());
    let net: Vec<f64> = site.gross_kw.iter().zip(&site.generation_kw).map(|(l, g)| l - g).collect();
    feeds
        .iter()
        .enumerate()
        .map(|(feed, share)| {
            let share_at = |i: usize| match transfer[i] {
                None => *share,
                Some(carrier) => f64::from(u8::from(carrier == feed)),
            };
            Readings {
                stamps: site.axis.stamps.clone(),
                active: register(&net, share_at, multiplier, interval),
                reactive: register(&site.kvar, share_at, multiplier, interval),
                present: vec![true; net.len()],
                scale,
            }
        })
        .collect()
}

fn register(power: &[f64], share: impl Fn(usize) -> f64, multiplier: u32, interval: Interval) -> Vec<i32> {
    let steps_per_kw = interval.hours() * STEPS_PER_KWH / f64::from(multiplier.max(1));
    let (mut total, mut read) = (0.0, 0i64);
    power
        .iter()
        .enumerate()
        .map(|(i, p)| {
            total += p * share(i) * steps_per_kw;
            let shown = total.floor() as i64;
            let steps = shown - read;
            read = shown;
            steps as i32
        })
        .collect()
}

/// Which feed carries the whole load at each interval; `None`: all carry their shares. A site with
/// several feeds is transferred for two days, twice in the span.
fn transfers(site: &Site, feeds: usize, random: &mut Random) -> Vec<Option<usize>> {
    const TRANSFERS: usize = 2;
    const DAYS: usize = 2;
    let mut out = vec![None; site.axis.days.len_intervals()];
    let days = site.axis.days.len();
    if feeds > 1 && days > DAYS {
        for k in 0..TRANSFERS {
            let first = random.below(days - DAYS);
            for i in site.axis.days.range_of(first..first + DAYS) {
                out[i] = Some(k % feeds);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_conserves_energy_and_counts_backwards_too() {
        let power: Vec<f64> = (0..1000).map(|i| f64::from(i % 37) * 3.7 - 20.0).collect();
        let steps = register(&power, |_| 1.0, 30, Interval::M15);
        let kwh: f64 = power.iter().sum::<f64>() * 0.25;
        let read: i64 = steps.iter().map(|s| i64::from(*s)).sum();
        assert!((read as f64 * 30.0 * REGISTER_STEP_KWH - kwh).abs() <= 30.0 * REGISTER_STEP_KWH);
        assert!(steps.iter().any(|s| *s < 0));
    }

    #[test]
    fn powers_are_short_decimals() {
        let r = Readings {
            stamps: vec![0, 900],
            active: vec![12_345, 1],
            reactive: vec![-7, 2],
            present: vec![true, false],
            scale: 6000,
        };
        assert_eq!((r.kw(0), r.kvar(0), r.kw(1), r.kw(2)), (Some(7407.0), Some(-4.2), None, None));
        assert_eq!(r.quantum_kw(), 0.6);
    }

    #[test]
    fn copies_stand_where_they_are_asked_for() {
        let mut r = Readings {
            stamps: vec![0, 1, 2, 3],
            active: vec![0, 1, 2, 3],
            reactive: vec![0; 4],
            present: vec![true; 4],
            scale: 4,
        };
        r.insert_copies(&[(1, 0..2), (3, 3..4)]);
        assert_eq!(r.active, [0, 1, 0, 1, 2, 3, 3]);
        r.retain(&[true, false, false, false, true, true, true]);
        assert_eq!(r.stamps, [0, 2, 3, 3]);
    }
}
