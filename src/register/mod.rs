//! The side inputs: customers, meters, transformers, register readings, events and calendar, from CSV
//! or Parquet. `docs/inputs.md` describes their columns.

mod contracts;
mod customers;
mod equipment;
mod events;
mod issued;
mod meters;
mod peers;
mod read;
mod readings;
mod row;
mod sector;
mod table;
mod temperature;
mod terms;
#[cfg(test)]
mod tests;
mod transformers;

pub use peers::{Group, PEERS_VERSION, PeerFigures, Peers};
pub use row::Row;
pub use sector::SectorMap;
pub use table::{Column, Table};
pub use temperature::{Series, Temperatures};
pub use terms::{Battery, Product, Pv, Terms, TermsFile, VoltageLevel};

use crate::customer::{Customer, Meter, RegisterReadings};
use crate::error::Result;
use crate::text::{said, say};
use crate::time::Calendar;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The side files of a run; each is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegisterPaths {
    /// `--customers`.
    pub customers: Option<PathBuf>,
    /// `--contract-demand`.
    pub contracts: Option<PathBuf>,
    /// `--meters`.
    pub meters: Option<PathBuf>,
    /// `--transformers`.
    pub transformers: Option<PathBuf>,
    /// `--registers`.
    pub registers: Option<PathBuf>,
    /// `--events`.
    pub events: Option<PathBuf>,
    /// `--issued`.
    pub issued: Option<PathBuf>,
    /// `--equipment`.
    pub equipment: Option<PathBuf>,
    /// `--calendar`.
    pub calendar: Option<PathBuf>,
    /// `--temperature`.
    pub temperature: Option<PathBuf>,
    /// `--peers`.
    pub peers: Option<PathBuf>,
    /// `--terms`.
    pub terms: Option<PathBuf>,
    /// Own keywords that turn an industry into a sector; they go before the shipped ones.
    pub sectors: Option<PathBuf>,
}

/// All that is known of customers beside their readings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Register {
    /// Customers by id: those of the customers file, and those that another side file names.
    pub customers: BTreeMap<Arc<str>, Arc<Customer>>,
    /// Meters with their customer's id, in the order of the file; empty without a meters file.
    pub meters: Vec<(Meter, Arc<str>)>,
    /// Places in `meters` by customer.
    meters_by_customer: BTreeMap<Arc<str>, Vec<usize>>,
    /// Register readings by meter.
    pub registers: RegisterReadings,
    /// The calendar that was given.
    pub calendar: Option<Calendar>,
    /// Temperatures by customer and region.
    pub temperatures: Temperatures,
    /// Figures of similar customers.
    pub peers: Option<Peers>,
    /// Terms of investments and products.
    pub terms: Option<TermsFile>,
    /// Whether a meters file was given: then ids in the readings are meters, not customers.
    pub by_meter: bool,
}

impl Register {
    /// Reads the side files and returns the register with notes that the run prints: which of two
    /// columns was taken, which industries map to no sector, what was assumed.
    ///
    /// # Errors
    /// Names file, row, column and cure of the first wrong cell, missing column or double row.
    pub fn load(paths: &RegisterPaths) -> Result<(Self, Vec<String>)> {
        let mut register = Self { by_meter: paths.meters.is_some(), ..Self::default() };
        let mut notes = Vec::new();
        let sectors = SectorMap::load(paths.sectors.as_deref())?;
        if let Some(path) = &paths.customers {
            customers::load(path, &sectors, &mut register, &mut notes)?;
        }
        let listed = register.customers.len();
        if let Some(path) = &paths.meters {
            meters::load(path, &mut register, &mut notes)?;
        }
        if let Some(path) = &paths.transformers {
            transformers::load(path, &mut register, &mut notes)?;
        }
        if let Some(path) = &paths.events {
            events::load(path, &mut register, &mut notes)?;
        }
        if let Some(path) = &paths.contracts {
            contracts::load(path, &mut register, &mut notes)?;
        }
        if let Some(path) = &paths.issued {
            issued::load(path, &mut register, &mut notes)?;
        }
        if let Some(path) = &paths.equipment {
            equipment::load(path, &mut register, &mut notes)?;
        }
        if let Some(path) = &paths.registers {
            readings::load(path, &mut register, &mut notes)?;
        }
        if let Some(path) = &paths.calendar {
            register.calendar = Some(calendar(path)?);
        }
        if let Some(path) = &paths.temperature {
            register.temperatures = temperature::load(path, &mut notes)?;
        }
        register.peers = paths.peers.as_deref().map(Peers::load).transpose()?;
        register.terms = paths.terms.as_deref().map(TermsFile::load).transpose()?;
        let added = register.customers.len() - listed;
        if let Some(path) = paths.customers.as_ref().filter(|_| added > 0) {
            notes.push(say("run.only_ids", &[("file", &path.display()), ("n", &added)]));
        }
        Ok((register, notes))
    }

    /// A customer's entry; one of whom nothing is known when the register does not have it.
    #[must_use]
    pub fn customer(&self, id: &Arc<str>) -> Arc<Customer> {
        self.customers.get(id).cloned().unwrap_or_else(|| Customer::unknown(Arc::clone(id)).into())
    }

    /// A customer's meters in the order of the file; without a meters file the id is its own meter.
    #[must_use]
    pub fn meters_of(&self, id: &Arc<str>) -> Vec<Meter> {
        if !self.by_meter {
            return vec![Meter::alone(id)];
        }
        let places = self.meters_by_customer.get(id).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|i| self.meters.get(*i)).map(|m| m.0.clone()).collect()
    }

    /// Adds a meter and, where he is new, its customer.
    fn add_meter(&mut self, meter: Meter, customer: Arc<str>) {
        self.entry(&customer);
        self.meters_by_customer.entry(Arc::clone(&customer)).or_default().push(self.meters.len());
        self.meters.push((meter, customer));
    }

    /// The entry of an id, made when there is none.
    fn entry(&mut self, id: &str) -> &mut Customer {
        let id: Arc<str> = id.into();
        Arc::make_mut(self.customers.entry(Arc::clone(&id)).or_insert_with(|| Customer::unknown(id).into()))
    }
}

/// A calendar of `date,kind,name,source`.
fn calendar(path: &Path) -> Result<Calendar> {
    let name = path.file_stem().map_or_else(|| "calendar".into(), |s| s.to_string_lossy());
    if !path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet")) {
        return Calendar::from_csv(&name, path, &read::text(path)?);
    }
    let columns = ["date", "kind", "name", "source"].map(|name| Column { name, aliases: &[] });
    let table = Table::read(path, &columns)?;
    for column in &columns[..2] {
        table.require(column)?;
    }
    let mut out = csv::Writer::from_writer(Vec::new());
    let failed = |e: csv::Error| crate::error::Error::Columns {
        path: path.to_owned(),
        what: e.to_string(),
        cure: said("side.calendar_cure").into(),
    };
    out.write_record(columns.map(|c| c.name)).map_err(failed)?;
    for row in table.rows() {
        let date = row.date("date")?.map(|d| d.to_string()).unwrap_or_default();
        let text = |c| row.text(c).unwrap_or_default();
        out.write_record([&date, text("kind"), text("name"), text("source")]).map_err(failed)?;
    }
    let bytes = out.into_inner().unwrap_or_default();
    Calendar::from_csv(&name, path, &String::from_utf8_lossy(&bytes))
}

/// Whether two spans have a time in common.
fn overlap<T: PartialOrd>(a: &Validity<T>, b: &Validity<T>) -> bool {
    let before = |end: &Option<T>, start: &Option<T>| matches!((end, start), (Some(e), Some(s)) if e <= s);
    !before(&a.1, &b.0) && !before(&b.1, &a.0)
}

/// First date or time, and the first on which it no longer holds; `None` is an open end.
type Validity<T> = (Option<T>, Option<T>);

/// Rows of one thing over time, with their number; no two may hold at the same time.
#[derive(Debug)]
struct Spans<K: Ord, T>(BTreeMap<K, Vec<(usize, Validity<T>)>>);

impl<K: Ord, T> Default for Spans<K, T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord, T: PartialOrd> Spans<K, T> {
    /// Adds a row's span.
    fn add(&mut self, key: K, row: Row<'_>, span: Validity<T>, what: &str, column: &str) -> Result<()> {
        let rows = self.0.entry(key).or_default();
        if let Some(other) = rows.iter().find(|o| overlap(&o.1, &span)) {
            return Err(row.wrong(
                column,
                say("side.twice", &[("what", &what), ("row", &other.0)]),
                said("side.twice_cure"),
            ));
        }
        rows.push((row.line(), span));
        Ok(())
    }
}
