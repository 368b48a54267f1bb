//! Writes a fleet: readings in a layout, the side files, and the truth of what was planted.

use super::behaviour::{Planted, Worth};
use super::fleet::{Fleet, FleetSpec, SynthCustomer};
use super::layout::{self, Layout, StampUnit};
use super::ledger::Ledger;
use super::offer;
use super::peers;
use super::scenario::Mix;
use super::shape::sine;
use crate::error::{Error, Result};
use crate::register::Terms;
use crate::time::{Date, Interval};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// What `peakwise synth` is asked for.
#[derive(Debug, Clone)]
pub struct SynthOptions {
    /// Directory to make; it must not exist, or be empty.
    pub out: PathBuf,
    /// Number of customers.
    pub customers: u64,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Length of the metering interval.
    pub interval: Interval,
    /// First date.
    pub first: Date,
    /// Number of dates.
    pub days: u32,
    /// `long`, `monthly`, `daily` or `wide`.
    pub layout: String,
    /// A name of [`Mix::NAMES`].
    pub mix: String,
    /// Unit of the naive stamps.
    pub stamps: StampUnit,
    /// Where to write what was planted in whom.
    pub truth: Option<PathBuf>,
    /// Tariff, a file or the id of a shipped one, at whose prices the truth states what is planted.
    pub tariff: String,
}

impl Default for SynthOptions {
    /// 100 customers, 2025, quarter hours, one long file in `./synth`.
    fn default() -> Self {
        Self {
            out: PathBuf::from("synth"),
            customers: 100,
            seed: 1,
            interval: Interval::M15,
            first: Date::from_ymd(2025, 1, 1).unwrap_or_default(),
            days: 365,
            layout: "long".into(),
            mix: "standard".into(),
            stamps: StampUnit::default(),
            truth: None,
            tariff: "demo-two-part".into(),
        }
    }
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Files of readings.
    pub readings: Vec<PathBuf>,
    /// `customers.csv`.
    pub customers: PathBuf,
    /// `meters.csv`.
    pub meters: PathBuf,
    /// `transformers.csv`.
    pub transformers: PathBuf,
    /// `events.csv`: what happened to them.
    pub events: PathBuf,
    /// `equipment.csv`: machines that could run at other hours.
    pub equipment: PathBuf,
    /// `temperature.csv`, where a weather station has measured.
    pub temperature: Option<PathBuf>,
    /// The truth file, if asked for.
    pub truth: Option<PathBuf>,
    /// Number of customers.
    pub n_customers: u64,
    /// Number of meters.
    pub n_meters: u64,
    /// Rows of readings over all meters, whatever the layout.
    pub n_readings: u64,
}

/// What was planted in a customer, for the truth file.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Truth {
    customer_id: String,
    archetype: &'static str,
    import_kwh: f64,
    max_kw: f64,
    /// A year's cost in plain arithmetic.
    bill: f64,
    planted: Vec<Planted>,
    /// What could be saved whether it was planted or not.
    natural: Vec<Worth>,
}

#[derive(Serialize)]
struct TruthFile<'a> {
    generator: &'static str,
    seed: u64,
    interval_min: u32,
    first: Date,
    days: u32,
    mix: &'a str,
    /// Tariff and currency of all money.
    tariff: &'a str,
    currency: &'a str,
    customers: &'a [Truth],
}

/// Customers that are drawn at a time, in parallel.
const CHUNK: u64 = 32;

/// Generates and writes what the options ask for. The directory appears when it is complete.
///
/// # Errors
/// When an option is wrong, the directory is in use, or a file cannot be written.
pub fn run(options: &SynthOptions) -> Result<Written> {
    let layout = layout::find(&options.layout)?;
    let spec = FleetSpec {
        seed: options.seed,
        customers: options.customers,
        interval: options.interval,
        first: options.first,
        days: options.days,
        mix: Mix::named(&options.mix)?,
    };
    let fleet = Fleet::new(spec)?;
    let out = &options.out;
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        let what = format!("{} exists and is not empty", out.display());
        return Err(Error::option(what, "name a directory that does not exist"));
    }
    let parent = match out.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(Error::io(parent))?;
    let temporary = tempfile::Builder::new().prefix(".synth-").tempdir_in(parent).map_err(Error::io(parent))?;
    let ledger = options.truth.as_ref().map(|_| fleet.ledger(&options.tariff)).transpose()?;
    let written = write_fleet(temporary.path(), &fleet, layout, options.stamps)?;
    if fleet.spec().mix.offers() {
        for (name, text) in offer::beside(&options.tariff)? {
            let path = temporary.path().join(name);
            fs::write(&path, text).map_err(Error::io(&path))?;
        }
    }
    if out.exists() {
        fs::remove_dir(out).map_err(Error::io(out))?;
    }
    let made = temporary.keep();
    fs::rename(&made, out).map_err(Error::io(out))?;
    let mut written = written.moved(&made, out);
    if let Some((path, ledger)) = options.truth.as_ref().zip(ledger.as_ref()) {
        write_truth(path, &fleet, ledger)?;
        written.truth = Some(path.clone());
    }
    Ok(written)
}

/// Writes a fleet's readings and side files into an existing directory.
///
/// # Errors
/// When the layout cannot hold the mix or a file cannot be written.
pub fn write_fleet(dir: &Path, fleet: &Fleet, layout: &dyn Layout, stamps: StampUnit) -> Result<Written> {
    let spec = fleet.spec();
    if spec.mix.repeats_labels() && !layout.holds_repeats() {
        let what = format!("layout {} cannot hold mix {}: it delivers labels twice", layout.name(), spec.mix.name());
        return Err(Error::option(what, "use --mix standard, or another layout"));
    }
    let folder = dir.join("readings");
    fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
    let mut sink = layout.open(&folder, fleet, stamps)?;
    let mut side = SideFiles::create(dir)?;
    let mut written = Written::default();
    let mut next = 0;
    while next < spec.customers {
        let end = (next + CHUNK).min(spec.customers);
        let chunk: Vec<SynthCustomer> = (next..end).into_par_iter().map(|i| fleet.customer(i)).collect();
        for customer in chunk {
            sink.push(&customer)?;
            side.push(&customer)?;
            written.n_meters += customer.meters.len() as u64;
            written.n_readings += customer.readings.iter().map(|r| r.len() as u64).sum::<u64>();
        }
        next = end;
    }
    written.n_customers = spec.customers;
    written.readings = sink.finish()?;
    [written.customers, written.meters, written.transformers, written.events, written.equipment] = side.finish()?;
    written.temperature = write_temperature(dir, fleet)?;
    if spec.mix.compares() {
        peers::write(&dir.join("peers.json"), fleet.dates())?;
    }
    Ok(written)
}

impl Written {
    /// The same files in another place.
    fn moved(self, from: &Path, to: &Path) -> Self {
        let there = |p: PathBuf| p.strip_prefix(from).map_or_else(|_| p.clone(), |rest| to.join(rest));
        Self {
            readings: self.readings.into_iter().map(there).collect(),
            customers: there(self.customers),
            meters: there(self.meters),
            transformers: there(self.transformers),
            events: there(self.events),
            equipment: there(self.equipment),
            temperature: self.temperature.map(there),
            ..self
        }
    }
}

/// The side files while they are written: customers, meters, transformers, events, equipment.
struct SideFiles {
    tables: [(PathBuf, csv::Writer<File>); 5],
    /// Where terms go, and those of each customer who has any.
    terms: (PathBuf, BTreeMap<String, Terms>),
}

/// Columns of the events file.
const EVENTS: [&str; 5] = ["customer_id", "from", "to", "kind", "note"];
/// Columns of the equipment file.
const EQUIPMENT: [&str; 9] = [
    "customer_id",
    "equipment",
    "kw",
    "run_minutes_per_day",
    "earliest",
    "latest",
    "interruptible",
    "min_run_minutes",
    "usual_start",
];

impl SideFiles {
    fn create(dir: &Path) -> Result<Self> {
        let open = |name: &str| {
            let path = dir.join(name);
            let file = File::create(&path).map_err(Error::io(&path))?;
            Ok((path, csv::Writer::from_writer(file)))
        };
        // A fleet may have no event and no list: their columns are written whatever comes.
        let headed = |name: &str, columns: &[&str]| {
            let path = dir.join(name);
            let file = File::create(&path).map_err(Error::io(&path))?;
            let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(file);
            writer.write_record(columns).map_err(|e| Error::io(&path)(std::io::Error::other(e)))?;
            Ok((path, writer))
        };
        let (events, equipment) = (headed("events.csv", &EVENTS)?, headed("equipment.csv", &EQUIPMENT)?);
        let tables = [open("customers.csv")?, open("meters.csv")?, open("transformers.csv")?, events, equipment];
        Ok(Self { tables, terms: (dir.join("terms.toml"), BTreeMap::new()) })
    }

    fn push(&mut self, customer: &SynthCustomer) -> Result<()> {
        fn row<T: Serialize>((path, writer): &mut (PathBuf, csv::Writer<File>), value: &T) -> Result<()> {
            writer.serialize(value).map_err(|e| Error::io(path)(std::io::Error::other(e)))
        }
        let Self { tables: [customers, meters, transformers, events, equipment], terms } = self;
        if customer.offers != Terms::default() {
            terms.1.insert(customer.register.customer_id.clone(), customer.offers.clone());
        }
        row(customers, &customer.register)?;
        customer.meters.iter().try_for_each(|m| row(meters, m))?;
        customer.transformers.iter().try_for_each(|t| row(transformers, t))?;
        customer.events.iter().try_for_each(|e| row(events, e))?;
        customer.equipment.iter().try_for_each(|e| row(equipment, e))
    }

    fn finish(self) -> Result<[PathBuf; 5]> {
        let (path, terms) = self.terms;
        if !terms.is_empty() {
            let text = toml::to_string(&BTreeMap::from([("customer", terms)]));
            let text = text.map_err(|e| Error::io(&path)(std::io::Error::other(e)))?;
            fs::write(&path, text).map_err(Error::io(&path))?;
        }
        let mut paths = self.tables.map(|(path, mut writer)| writer.flush().map_err(Error::io(&path)).map(|()| path));
        let [a, b, c, d, e] = paths.each_mut().map(|p| std::mem::replace(p, Ok(PathBuf::new())));
        Ok([a?, b?, c?, d?, e?])
    }
}

/// The hour of a day that is as warm as its mean, in the morning; the afternoon is warmer (judgement).
const MEAN_HOUR: f64 = 9.0;
/// Half of the difference between a day's highest and lowest temperature, in °C (judgement).
const SWING_C: f64 = 4.0;

/// Writes the hourly temperatures of the weather station, each day about its mean.
fn write_temperature(dir: &Path, fleet: &Fleet) -> Result<Option<PathBuf>> {
    let Some((region, axis, means)) = fleet.station() else { return Ok(None) };
    let path = dir.join("temperature.csv");
    let mut out = BufWriter::new(File::create(&path).map_err(Error::io(&path))?);
    let mut text = String::from("region,ts,temp_c\n");
    for (date, mean) in axis.dates.iter().zip(means) {
        for hour in 0..24 {
            let swing = SWING_C * sine((f64::from(hour) + 0.5 - MEAN_HOUR) / 24.0);
            let _ = std::fmt::Write::write_fmt(
                &mut text,
                format_args!("{region},{} {hour:02}:00,{:.4}\n", date.date, mean + swing),
            );
        }
    }
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Error::io(&path))?;
    Ok(Some(path))
}

/// What was planted in a customer, and what it is worth.
fn truth(fleet: &Fleet, number: u64, ledger: &Ledger) -> Truth {
    let customer = fleet.customer(number);
    let value = fleet.worth(number, ledger);
    let planted = customer.planted.into_iter().zip(value.worths).map(|(p, worth)| Planted { worth, ..p });
    Truth {
        customer_id: customer.register.customer_id,
        archetype: customer.archetype,
        import_kwh: customer.import_kwh,
        max_kw: customer.max_kw,
        bill: value.bill,
        planted: planted.collect(),
        natural: value.natural,
    }
}

fn write_truth(path: &Path, fleet: &Fleet, ledger: &Ledger) -> Result<()> {
    let file = File::create(path).map_err(Error::io(path))?;
    let mut out = BufWriter::new(file);
    let spec = fleet.spec();
    let customers: Vec<Truth> = (0..spec.customers).into_par_iter().map(|i| truth(fleet, i, ledger)).collect();
    let truth = TruthFile {
        generator: concat!("peakwise ", env!("CARGO_PKG_VERSION")),
        seed: spec.seed,
        interval_min: spec.interval.minutes(),
        first: spec.first,
        days: spec.days,
        mix: spec.mix.name(),
        tariff: ledger.tariff(),
        currency: ledger.currency(),
        customers: &customers,
    };
    serde_json::to_writer_pretty(&mut out, &truth).map_err(|e| Error::io(path)(e.into()))?;
    out.write_all(b"\n").and_then(|()| out.flush()).map_err(Error::io(path))
}
