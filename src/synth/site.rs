//! A plant before its meters: real powers in real-time order, on which behaviours are planted.

use super::archetype::{Archetype, Day, Kind};
use super::axis::{Axis, AxisDay, Home};
use super::random::Random;
use super::register::MOST_LOADED;
use super::shape::sine;
use crate::customer::BillingMode;
use crate::register::Terms;
use std::ops::Range;
use std::sync::Arc;

/// What is settled of a customer before its load is drawn; behaviours may settle otherwise.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Where it is.
    pub home: Home,
    /// Load at per-unit 1, in kW.
    pub working_kw: f64,
    /// Maximum demand over transformer capacity that the transformers are sized for, kW/kVA.
    pub loading: f64,
    /// The greatest such loading that sizes of transformers may lead to.
    pub most_loaded: f64,
    /// cos φ of the plant's own load.
    pub power_factor: f64,
    /// Standard deviation of the interval noise, as a share of the load.
    pub noise: f64,
    /// Standard deviation of the day's output.
    pub level_spread: f64,
    /// `None`: the mode that is cheaper for its loading.
    pub billing_mode: Option<BillingMode>,
    /// Ratio of the current transformers over the one that fits.
    pub ct_factor: u32,
    /// Transformers at least.
    pub units: usize,
    /// Contracted demand over the greatest one, under a contract.
    pub contract_over: Option<f64>,
    /// The weather station of its region, whose readings are written; `None`: its weather is its own, and
    /// nobody has measured it.
    pub station: Option<&'static str>,
    /// Nothing in the load follows the weather.
    pub weatherproof: bool,
}

/// The region with a weather station.
pub const STATION: &str = "江城";

/// A movable batch of a plant, as a list of equipment has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Power in kW.
    pub kw: f64,
    /// Clock hours at which it usually starts and ends.
    pub usual: (f64, f64),
    /// Days of the axis on which it ran then.
    pub days: Vec<usize>,
}

impl Draft {
    /// An ordinary customer of a kind. Ranges are judgement: transformers loaded to 62–80 %.
    #[must_use]
    pub fn new(kind: &Kind, random: &mut Random) -> Self {
        let working_kw = random.between(kind.working_kw.0, kind.working_kw.1);
        let loading = random.between(0.62, 0.80);
        let power_factor = kind.power_factor + random.between(0.0, 0.012);
        Self {
            home: Home::China,
            working_kw,
            loading,
            most_loaded: MOST_LOADED,
            power_factor,
            noise: kind.noise,
            level_spread: 0.03,
            billing_mode: None,
            ct_factor: 1,
            units: 1,
            contract_over: None,
            station: None,
            weatherproof: false,
        }
    }
}

/// A plant's powers, one value per interval of the axis.
#[derive(Debug)]
pub struct Site {
    /// Name of its archetype.
    pub archetype: &'static str,
    /// Stamps, slots, days.
    pub axis: Arc<Axis>,
    /// Load at per-unit 1, in kW.
    pub working_kw: f64,
    /// What the plant draws, in kW.
    pub gross_kw: Vec<f64>,
    /// What runs because somebody works: the load above the least of its date, without noise, in kW.
    pub busy_kw: Vec<f64>,
    /// What its own plant generates, in kW; empty without.
    pub generation_kw: Vec<f64>,
    /// Lagging reactive power in kvar.
    pub kvar: Vec<f64>,
    /// Mean temperature of each date, in °C.
    pub mean_c: Vec<f64>,
    /// Planned maintenance: wall-clock seconds since 1970-01-01T00:00 local, ends exclusive.
    pub maintenance: Vec<Range<i64>>,
    /// Batches that could run at other hours.
    pub batches: Vec<Batch>,
    /// Whether there is a list of them.
    pub listed: bool,
    /// What it could buy or choose.
    pub offers: Terms,
}

/// Correlation of neighbouring intervals' noise (judgement).
const MEMORY: f64 = 0.8;
/// Standard deviation of the interval noise of kvar over kW (judgement).
const KVAR_NOISE: f64 = 0.03;
/// Least load, as a share of what the shape says.
const FLOOR: f64 = 0.3;

impl Site {
    /// Draws a plant's year. `sky` is the stream of a station's weather; without one the weather is the
    /// plant's own.
    #[must_use]
    pub fn simulate(
        archetype: &dyn Archetype,
        draft: &Draft,
        axis: Arc<Axis>,
        (random, mut sky): (&mut Random, Option<Random>),
    ) -> Self {
        let n = axis.days.len_intervals();
        let slots = axis.days.interval().slots();
        let hours = axis.days.interval().hours();
        let mut weather = Weather::new(sky.as_mut().unwrap_or(random));
        let mut mean_c = Vec::with_capacity(axis.dates.len());
        let mut gross_kw = Vec::with_capacity(n);
        let mut busy_kw = Vec::with_capacity(n);
        let mut generation_kw = Vec::with_capacity(n);
        let (mut load, mut sun) = (vec![0.0; slots], vec![0.0; slots]);
        let mut noise = 0.0;
        let fresh = (1.0f64 - MEMORY * MEMORY).sqrt() * draft.noise;
        for (d, date) in axis.dates.iter().enumerate() {
            let sun_c = weather.next(date, sky.as_mut().unwrap_or(random));
            mean_c.push(sun_c.1);
            let day = day(date, sun_c, draft, random);
            for slot in 0..slots {
                let hour = (slot as f64 + 0.5) * hours;
                load[slot] = archetype.load(&day, hour) * draft.working_kw;
                sun[slot] = archetype.generation(&day, hour) * draft.working_kw;
            }
            let least = load.iter().copied().fold(f64::INFINITY, f64::min);
            for i in axis.days.range(d) {
                let slot = usize::from(axis.slots[i]);
                busy_kw.push(load[slot] - least);
                noise = MEMORY * noise + fresh * random.normal();
                gross_kw.push(load[slot] * (1.0 + noise).max(FLOOR));
                generation_kw.push(sun[slot] * (1.0 + 0.5 * noise));
            }
        }
        let ratio = tan_phi(draft.power_factor);
        let kvar = gross_kw.iter().map(|kw| kw * ratio * (1.0 + KVAR_NOISE * random.normal())).collect();
        Self {
            archetype: archetype.name(),
            axis,
            working_kw: draft.working_kw,
            gross_kw,
            busy_kw,
            generation_kw,
            kvar,
            mean_c,
            maintenance: Vec::new(),
            batches: Vec::new(),
            listed: false,
            offers: Terms::default(),
        }
    }

    /// Lets a machine of some cos φ run in some intervals.
    pub fn run(&mut self, intervals: impl IntoIterator<Item = usize>, kw: f64, power_factor: f64) {
        let kvar = kw * tan_phi(power_factor);
        for i in intervals {
            self.gross_kw[i] += kw;
            self.kvar[i] += kvar;
        }
    }

    /// Net power at the meters: load less generation, in kW.
    #[must_use]
    pub fn net_kw(&self, index: usize) -> f64 {
        self.gross_kw[index] - self.generation_kw[index]
    }

    /// Greatest net power of a run of intervals, in kW; 0 for none.
    #[must_use]
    pub fn max_kw(&self, range: Range<usize>) -> f64 {
        range.map(|i| self.net_kw(i)).fold(0.0, f64::max)
    }

    /// Mean over the calendar months of their greatest net power, in kW.
    #[must_use]
    pub fn mean_month_max_kw(&self) -> f64 {
        let sum: f64 = self.axis.months.iter().map(|(_, range)| self.max_kw(range.clone())).sum();
        sum / self.axis.months.len().max(1) as f64
    }

    /// Imported energy of a run of intervals, in kWh.
    #[must_use]
    pub fn import_kwh(&self, range: Range<usize>) -> f64 {
        range.map(|i| self.net_kw(i).max(0.0)).sum::<f64>() * self.axis.days.interval().hours()
    }

    /// Reactive energy of a run of intervals, in kvarh.
    #[must_use]
    pub fn kvarh(&self, range: Range<usize>) -> f64 {
        range.map(|i| self.kvar[i].abs()).sum::<f64>() * self.axis.days.interval().hours()
    }
}

/// tan φ of a cos φ.
#[must_use]
pub fn tan_phi(power_factor: f64) -> f64 {
    (1.0 - power_factor * power_factor).max(0.0).sqrt() / power_factor.max(1e-3)
}

/// A continental climate of about 30° north: daily means from 4 °C in mid-January to 30 °C in
/// late July (judgement), with spells of warmer and colder days, and clouds.
struct Weather {
    spell: f64,
    cloud: f64,
}

impl Weather {
    fn new(random: &mut Random) -> Self {
        Self { spell: random.normal(), cloud: random.unit() }
    }

    /// Strength of the midday sun, 0–1, and mean temperature of the next date in °C.
    fn next(&mut self, date: &AxisDay, random: &mut Random) -> (f64, f64) {
        // Coldest in mid-January: the sine is -1 at a share of 0.04 of the year.
        let season = sine(date.year_share - 0.29);
        self.spell = 0.75 * self.spell + 0.66 * random.normal();
        self.cloud = 0.5 * self.cloud + 0.5 * random.unit();
        ((0.75 + 0.25 * season) * (1.0 - 0.7 * self.cloud), 17.0 + 13.0 * season + 2.5 * self.spell)
    }
}

/// A day under a sun and temperature.
fn day(date: &AxisDay, (sun, mean_c): (f64, f64), draft: &Draft, random: &mut Random) -> Day {
    let follows = if draft.weatherproof { 0.0 } else { 1.0 };
    Day {
        kind: date.kind,
        month: date.month,
        day: date.day,
        cool: follows * ((mean_c - 22.0) / 10.0).clamp(0.0, 1.0),
        heat: follows * ((10.0 - mean_c) / 12.0).clamp(0.0, 1.0),
        sun,
        level: (1.0 + draft.level_spread * random.normal()).clamp(0.8, 1.2),
    }
}

/// Mean temperature of each date of an axis under a station's stream, in °C.
pub fn station_c(axis: &Axis, mut sky: Random) -> Vec<f64> {
    let mut weather = Weather::new(&mut sky);
    axis.dates.iter().map(|date| weather.next(date, &mut sky).1).collect()
}
