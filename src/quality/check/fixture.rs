//! Synthetic loads for the tests of checks.

use crate::curve::{Channels, DayLabels, Days, Flags, Load, MeterFacts, Placement, PowerKind, REACTIVE, VALID};
use crate::customer::{Customer, Meter, RegisterReadings};
use crate::quality::{Inspection, Issue, inspect};
use crate::time::{Calendar, Date, DayKind, DstLabels, Interval, Seasons, Zone};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// A load in parts that a test can spoil.
pub(in crate::quality) struct Case {
    pub first: Date,
    pub kw: Vec<f64>,
    pub kvar: Option<Vec<f64>>,
    pub flags: Vec<Flags>,
    pub placement: Placement,
    pub customer: Customer,
    pub meters: Vec<Meter>,
    pub registers: RegisterReadings,
    pub of_meters: Vec<MeterFacts>,
    zone: &'static str,
    days: usize,
}

impl Case {
    fn new(days: usize, level: impl Fn(Date, usize) -> f64) -> Self {
        let first = Date::from_ymd(2025, 3, 3).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut kw = Vec::new();
        for day in 0..days {
            for slot in 0..96 {
                let noise: f64 = rng.random_range(0.95..1.05);
                kw.push(level(first.plus(day as i32), slot) * noise);
            }
        }
        Self {
            first,
            flags: vec![VALID; kw.len()],
            kw,
            kvar: None,
            placement: Placement::default(),
            customer: Customer::unknown("c".into()),
            meters: Vec::new(),
            registers: RegisterReadings::new(),
            of_meters: Vec::new(),
            zone: "Asia/Shanghai",
            days,
        }
    }

    /// A factory that works from 8:00 to 18:00 on weekdays: 600 kW over 60 kW.
    pub fn one_shift(days: usize) -> Self {
        Self::new(days, |date, slot| if !date.is_weekend() && (32..72).contains(&slot) { 600.0 } else { 60.0 })
    }

    /// 500 kW day and night.
    pub fn continuous(days: usize) -> Self {
        Self::new(days, |_, _| 500.0)
    }

    /// Two days in Berlin, the second with its repeated hour.
    pub fn berlin_autumn() -> Self {
        let mut case = Self::continuous(2);
        case.first = Date::from_ymd(2025, 10, 25).unwrap();
        case.zone = "Europe/Berlin";
        case.kw.extend([500.0, 501.0, 502.0, 503.0]);
        case.flags.extend([VALID; 4]);
        case
    }

    pub fn all_missing(mut self) -> Self {
        self.flags.fill(0);
        self
    }

    pub fn workdays(&self) -> Vec<usize> {
        (0..self.days).filter(|d| !self.first.plus(*d as i32).is_weekend()).collect()
    }

    pub fn load(&self) -> Load {
        let zone = Arc::new(Zone::new(self.zone, DstLabels::Repeat).unwrap());
        let days = Days::new(zone, Interval::M15, self.first, self.first.plus(self.days as i32 - 1));
        let n = days.len_intervals();
        let read = if self.kvar.is_some() { REACTIVE } else { 0 };
        let channels = Channels {
            kw: self.kw.clone(),
            kvar: self.kvar.clone(),
            flags: self.flags.iter().map(|f| if f & VALID != 0 { f | read } else { *f }).collect(),
            ..Channels::default()
        };
        Load::new(days, 0..n, channels, self.placement, PowerKind::Mean)
    }

    pub fn labels(load: &Load) -> DayLabels {
        DayLabels::new(load.days(), &Calendar::weekends(), &Seasons::default(), &[])
    }

    pub fn inspect(&self) -> Vec<Issue> {
        let load = self.load();
        let labels = Self::labels(&load);
        assert!(labels.kinds.iter().all(|k| *k != DayKind::Holiday));
        let inspection = Inspection::new(&load, &labels, &self.customer, &self.meters, &self.registers);
        inspect(&inspection.with_meters(&self.of_meters))
    }

    pub fn issues(&self, code: &str) -> Vec<Issue> {
        self.inspect().into_iter().filter(|i| i.code == code).collect()
    }
}
