//! The fleet of the demonstration: customers cut from SimBench, embedded in the program, and
//! synthetic customers of every archetype with every behaviour, as one set of inputs.

use super::fleet::{Fleet, FleetSpec};
use super::layout::{self, StampUnit};
use super::scenario::Mix;
use super::write::write_fleet;
use crate::error::{Error, Result};
use crate::time::{Date, Interval};
use std::fs;
use std::path::{Path, PathBuf};

const READINGS: &[u8] = include_bytes!("../../fixtures/simbench/readings.parquet");
const CUSTOMERS: &str = include_str!("../../fixtures/simbench/customers.csv");
const METERS: &str = include_str!("../../fixtures/simbench/meters.csv");
const TRANSFORMERS: &str = include_str!("../../fixtures/simbench/transformers.csv");

/// Seed of the synthetic part.
const SEED: u64 = 2026;

/// The inputs of one run over the demonstration fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoInputs {
    /// Files of readings: SimBench's, then the synthetic ones.
    pub readings: Vec<PathBuf>,
    /// Register of both.
    pub customers: PathBuf,
    /// Meters of both.
    pub meters: PathBuf,
    /// Transformers of both.
    pub transformers: PathBuf,
    /// A list of machines of one synthetic customer, who gets a work schedule by it.
    pub equipment: PathBuf,
}

/// The synthetic part: a year of quarter hours of 2025, one customer per scenario of mix `demo`.
///
/// # Errors
/// Never on the shipped mix; the signature is that of any fleet.
pub fn demo_fleet() -> Result<Fleet> {
    let mix = Mix::named("demo")?;
    let first = Date::from_ymd(2025, 1, 1).unwrap_or_default();
    let customers = mix.len() as u64;
    Fleet::new(FleetSpec { seed: SEED, customers, interval: Interval::M15, first, days: 365, mix })
}

/// Writes the demonstration fleet into `dir`, which is made if need be.
///
/// # Errors
/// When a file cannot be written.
pub fn demo_inputs(dir: &Path) -> Result<DemoInputs> {
    let folder = dir.join("readings");
    fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
    let simbench = folder.join("simbench.parquet");
    fs::write(&simbench, READINGS).map_err(Error::io(&simbench))?;
    let part = tempfile::tempdir_in(dir).map_err(Error::io(dir))?;
    let written = write_fleet(part.path(), &demo_fleet()?, layout::find("long")?, StampUnit::default())?;
    let synthetic = folder.join("synthetic.parquet");
    for file in &written.readings {
        fs::rename(file, &synthetic).map_err(Error::io(&synthetic))?;
    }
    let equipment = dir.join("equipment.csv");
    fs::rename(&written.equipment, &equipment).map_err(Error::io(&equipment))?;
    Ok(DemoInputs {
        readings: vec![simbench, synthetic],
        equipment,
        customers: merge(CUSTOMERS, &written.customers, dir.join("customers.csv"))?,
        meters: merge(METERS, &written.meters, dir.join("meters.csv"))?,
        transformers: merge(TRANSFORMERS, &written.transformers, dir.join("transformers.csv"))?,
    })
}

/// Appends a file's rows to those of `head`; their header lines are the same.
fn merge(head: &str, file: &Path, out: PathBuf) -> Result<PathBuf> {
    let text = fs::read_to_string(file).map_err(Error::io(file))?;
    let (header, rows) = text.split_once('\n').unwrap_or((&text, ""));
    if head.lines().next() != Some(header) {
        return Err(Error::Columns {
            path: file.to_owned(),
            what: format!("columns {header:?} differ from those of the fixture"),
            cure: "cut the fixture again with scripts/cut_simbench.py".into(),
        });
    }
    fs::write(&out, format!("{}\n{rows}", head.trim_end())).map_err(Error::io(&out))?;
    Ok(out)
}
