//! The tariffs of a run, each compiled once for every interval length that occurs.

use super::{Compiled, Tariff};
use crate::error::{Error, Result};
use crate::time::{Date, Interval};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Compiled tariffs by id and interval.
#[derive(Debug, Default)]
pub struct Shelf {
    tariffs: BTreeMap<String, Arc<Tariff>>,
    default: Option<String>,
    prices_as_of: Option<Date>,
    compiled: Mutex<BTreeMap<(String, Interval), Arc<Compiled>>>,
}

impl Shelf {
    /// Loads tariffs named by file path or by the id of a shipped one; the shipped ones can always be
    /// named in the register. The first named is used where the register names none.
    ///
    /// # Errors
    /// When a file is wrong, or a name is neither a file nor a shipped tariff.
    pub fn open(names: &[String], prices_as_of: Option<Date>) -> Result<Self> {
        let mut shelf = Self { prices_as_of, ..Self::default() };
        for name in names {
            let path = Path::new(name);
            let tariff = if path.exists() {
                let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
                Tariff::parse(path, &text)?
            } else {
                Tariff::builtin(name)?
            };
            shelf.default.get_or_insert_with(|| tariff.id.to_string());
            shelf.tariffs.insert(tariff.id.to_string(), Arc::new(tariff));
        }
        Ok(shelf)
    }

    /// Loads the shipped tariffs that a register names. A name that is neither loaded nor shipped is
    /// left to [`Shelf::get`]: it concerns its customers alone.
    pub fn add_named<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            if !self.tariffs.contains_key(name)
                && let Ok(tariff) = Tariff::builtin(name)
            {
                self.tariffs.insert(name.to_owned(), Arc::new(tariff));
            }
        }
    }

    /// The tariffs, by id.
    pub fn tariffs(&self) -> impl Iterator<Item = &Arc<Tariff>> {
        self.tariffs.values()
    }

    /// A customer's tariff compiled for an interval length; `None` when neither it nor the run names
    /// one.
    ///
    /// # Errors
    /// When the tariff cannot be compiled for the interval or the date of its prices.
    pub fn get(&self, named: Option<&str>, interval: Interval) -> Result<Option<Arc<Compiled>>> {
        let Some(id) = named.or(self.default.as_deref()) else { return Ok(None) };
        let Some(tariff) = self.tariffs.get(id) else {
            return Err(Error::option(
                format!("the register names tariff {id:?}, which is neither given nor shipped"),
                "give its file with --tariff",
            ));
        };
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hit) = compiled.get(&(id.to_owned(), interval)) {
            return Ok(Some(Arc::clone(hit)));
        }
        let fresh = Arc::new(Compiled::new(Arc::clone(tariff), interval, self.prices_as_of)?);
        compiled.insert((id.to_owned(), interval), Arc::clone(&fresh));
        Ok(Some(fresh))
    }
}
