//! Kinds of customers: each one file, which says who it is and how its load runs through a day.

mod cold_store;
mod continuous;
mod data_centre;
mod hospital;
mod mall;
mod night_heavy;
mod office;
mod one_shift;
mod pv_backfeed;
mod school;
mod seasonal;
mod three_shift;
mod two_feeds;
mod two_shift;

use crate::time::DayKind;
use std::fmt;

/// One day as a plant meets it.
#[derive(Debug, Clone, Copy)]
pub struct Day {
    /// Working day, rest day or holiday.
    pub kind: DayKind,
    /// 1–12.
    pub month: u8,
    /// 1–31.
    pub day: u8,
    /// Need for cooling: 0 below 22 °C daily mean, 1 at 32 °C.
    pub cool: f64,
    /// Need for heating: 0 above 10 °C daily mean, 1 at −2 °C.
    pub heat: f64,
    /// Strength of the midday sun, 0–1: season and cloud.
    pub sun: f64,
    /// The day's output, around 1.
    pub level: f64,
}

impl Day {
    /// An ordinary working day, make-up weekends included.
    #[must_use]
    pub fn works(&self) -> bool {
        self.kind == DayKind::Workday
    }
}

/// What the register says of customers of an archetype, and how large they are.
#[derive(Debug)]
pub struct Kind {
    /// What companies call themselves, Chinese and English, and the industry in the register.
    pub trades: &'static [(&'static str, &'static str, &'static str)],
    /// Voltage of supply in kV.
    pub voltage_kv: f64,
    /// Least and greatest load at per-unit 1, in kW.
    pub working_kw: (f64, f64),
    /// cos φ of the plant's own load.
    pub power_factor: f64,
    /// Standard of the power-factor adjustment (0.90 industry, 0.85 other; 〔83〕水电财字215号).
    pub pf_standard: f64,
    /// 1 = must not be interrupted.
    pub supply_level: u8,
    /// Standard deviation of the interval noise, as a share of the load.
    pub noise: f64,
    /// Shares of the supply points; one for most.
    pub feeds: &'static [f64],
    /// Transformers at least.
    pub transformers: usize,
}

/// A kind of customer.
pub trait Archetype: Sync {
    /// The name in scenarios and in the truth file.
    fn name(&self) -> &'static str;

    /// Register entry and size.
    fn kind(&self) -> &'static Kind;

    /// Load at a clock hour (0–24, the middle of the interval), in units of the working load.
    fn load(&self, day: &Day, hour: f64) -> f64;

    /// Whether nobody works on an ordinary working day of a date (month 1–12, day 1–31): vacations, the idle part of a
    /// year.
    fn stands(&self, _month: u8, _day: u8) -> bool {
        false
    }

    /// Own generation at a clock hour, in the same units; the meter sees load less generation.
    fn generation(&self, _day: &Day, _hour: f64) -> f64 {
        0.0
    }
}

impl fmt::Debug for dyn Archetype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every archetype.
pub static ARCHETYPES: &[&dyn Archetype] = &[
    &one_shift::OneShift,
    &two_shift::TwoShift,
    &three_shift::ThreeShift,
    &continuous::Continuous,
    &mall::Mall,
    &hospital::Hospital,
    &data_centre::DataCentre,
    &office::Office,
    &cold_store::ColdStore,
    &seasonal::Seasonal,
    &night_heavy::NightHeavy,
    &pv_backfeed::PvBackfeed,
    &two_feeds::TwoFeeds,
    &school::School,
];

/// The archetype of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Archetype> {
    ARCHETYPES.iter().copied().find(|a| a.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_are_positive_and_names_and_shares_are_sound() {
        for (i, a) in ARCHETYPES.iter().enumerate() {
            assert!(ARCHETYPES[..i].iter().all(|b| b.name() != a.name()), "{} is there twice", a.name());
            assert!((a.kind().feeds.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{}: feeds", a.name());
            assert!(!a.kind().trades.is_empty() && a.kind().working_kw.0 < a.kind().working_kw.1);
            for kind in DayKind::ALL {
                for month in 1..=12 {
                    for (cool, heat) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)] {
                        let day = Day { kind, month, day: 10, cool, heat, sun: 0.7, level: 1.0 };
                        for q in 0..96 {
                            let load = a.load(&day, f64::from(q) / 4.0 + 0.125);
                            assert!((0.01..=1.6).contains(&load), "{} {kind:?} {month} {q}: {load}", a.name());
                        }
                    }
                }
            }
        }
    }
}
