//! `run.json`: what was run on what, and how it went.

use super::{Calendars, FleetFact, Job};
use crate::analysis::Status;
use crate::error::{Error, Result};
use crate::input::Readings;
use crate::rule::Thresholds;
use crate::tariff::Shelf;
use rayon::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::Instant;

/// Wall-clock laps of a run.
#[derive(Debug)]
pub struct Clock {
    last: Instant,
    laps: Vec<(&'static str, f64)>,
}

impl Clock {
    /// Starts.
    pub fn start() -> Self {
        Self { last: Instant::now(), laps: Vec::new() }
    }

    /// Ends a lap.
    pub fn lap(&mut self, name: &'static str) {
        self.laps.push((name, self.last.elapsed().as_secs_f64()));
        self.last = Instant::now();
    }
}

/// What the manifest tells.
pub struct Manifest<'a> {
    /// The job.
    pub job: &'a Job,
    /// The readings.
    pub readings: &'a Readings,
    /// The calendars used.
    pub calendars: &'a Calendars,
    /// The tariffs used.
    pub shelf: &'a Shelf,
    /// The constants of the rules.
    pub thresholds: &'a Thresholds,
    /// Facts of every customer.
    pub fleet: &'a [FleetFact],
    /// How the portfolio was judged.
    pub portfolio: Value,
    /// What the user should know.
    pub notes: &'a [String],
}

impl Manifest<'_> {
    /// Writes `run.json`.
    ///
    /// # Errors
    /// When an input cannot be read again for its hash, or the file cannot be written.
    pub fn write(&self, dir: &Path, clock: &Clock) -> Result<()> {
        let path = dir.join("run.json");
        let text = serde_json::to_string_pretty(&self.value(clock)?).map_err(Error::parquet(&path))?;
        std::fs::write(&path, text + "\n").map_err(Error::io(&path))
    }

    fn value(&self, clock: &Clock) -> Result<Value> {
        let count = |s| self.fleet.iter().filter(|f| f.status() == s).count();
        let failures: Vec<Value> = self
            .fleet
            .iter()
            .filter(|f| f.status() != Status::Ok)
            .map(|f| json!({"customer_id": f.row.id, "status": f.status().name(), "reason": f.row.reason}))
            .collect();
        let tariffs: Vec<Value> = self
            .shelf
            .tariffs()
            .map(|t| json!({"id": t.id, "name": t.name, "source": t.source, "effective_from": t.effective_from, "effective_to": t.effective_to}))
            .collect();
        let laps: serde_json::Map<String, Value> =
            clock.laps.iter().map(|(n, s)| ((*n).to_owned(), json!(s))).collect();
        Ok(json!({
            "peakwise": env!("CARGO_PKG_VERSION"),
            "arguments": self.job.arguments,
            "inputs": self.inputs()?,
            "form": self.readings.form(),
            "options": self.readings.options,
            "calendar": self.calendars.describe(),
            "seasons": self.job.seasons,
            "tariffs": tariffs,
            "prices_as_of": self.job.prices_as_of,
            "register_bill": self.job.register_bill,
            "thresholds": self.thresholds,
            "counts": {
                "customers": self.fleet.len(),
                "ok": count(Status::Ok),
                "skipped": count(Status::Skipped),
                "failed": count(Status::Failed),
                "rows": self.readings.rows(),
                "rows_without_id": self.readings.index.rows_without_id,
            },
            "portfolio": self.portfolio,
            "failures": failures,
            "notes": self.notes,
            "seconds": laps,
            "peak_memory_mib": peak_memory_mib(),
        }))
    }

    fn inputs(&self) -> Result<Vec<Value>> {
        let side = [
            &self.job.register.customers,
            &self.job.register.meters,
            &self.job.register.transformers,
            &self.job.register.registers,
            &self.job.register.events,
            &self.job.register.issued,
            &self.job.register.equipment,
            &self.job.register.calendar,
            &self.job.portfolio,
            &self.job.register.contracts,
            &self.job.declared_days,
            &self.job.system_peaks,
            &self.job.register.temperature,
            &self.job.register.peers,
            &self.job.register.terms,
            &self.job.thresholds,
            &self.job.register.sectors,
        ];
        let mut files: Vec<(&Path, Option<u64>)> =
            self.readings.files.iter().map(|f| (f.path.as_path(), Some(f.rows))).collect();
        files.extend(side.into_iter().flatten().map(|p| (p.as_path(), None)));
        files.extend(self.job.tariffs.iter().map(Path::new).filter(|p| p.exists()).map(|p| (p, None)));
        let entry = |(path, rows): &(&Path, Option<u64>)| -> Result<Value> {
            let bytes = std::fs::metadata(path).map_err(Error::io(path))?.len();
            let hash = if self.job.hash { Some(sha256(path)?) } else { None };
            Ok(json!({"path": path, "bytes": bytes, "rows": rows, "sha256": hash}))
        };
        files.par_iter().map(entry).collect()
    }
}

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// When it cannot be read.
pub fn sha256(path: &Path) -> Result<String> {
    let mut file = std::fs::File::open(path).map_err(Error::io(path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let n = std::io::Read::read(&mut file, &mut buffer).map_err(Error::io(path))?;
        if n == 0 {
            return Ok(hasher.finalize().iter().fold(String::new(), |hex, b| hex + &format!("{b:02x}")));
        }
        hasher.update(&buffer[..n]);
    }
}

/// The process's greatest resident memory so far, where the system tells it.
#[must_use]
pub fn peak_memory_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
