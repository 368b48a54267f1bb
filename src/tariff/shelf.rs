//! The tariffs of a run, each compiled once for every interval length that occurs.

use super::{Compiled, Conditions, Tariff};
use crate::error::{Error, Result};
use crate::text::{said, say};
use crate::time::Interval;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Compiled tariffs by name and interval.
#[derive(Debug, Default)]
pub struct Shelf {
    tariffs: BTreeMap<String, Arc<Tariff>>,
    default: Option<String>,
    conditions: Conditions,
    compiled: Mutex<BTreeMap<(String, Interval), Arc<Compiled>>>,
}

impl Shelf {
    /// Loads tariffs named by file path, or by the id or series of shipped ones; the shipped ones can
    /// always be named in the register. The first named is used where the register names none, with
    /// the other versions of its series that are named.
    ///
    /// # Errors
    /// When a file is wrong, or a name is neither a file nor a shipped tariff.
    pub fn open(names: &[String], conditions: impl Into<Conditions>) -> Result<Self> {
        let mut shelf = Self { conditions: conditions.into(), ..Self::default() };
        for name in names {
            let id = shelf.add(name)?;
            shelf.default.get_or_insert(id);
        }
        Ok(shelf)
    }

    /// Loads one more tariff, by file path, or all versions by the id or series of shipped ones, and
    /// returns the name that [`Shelf::get`] knows it by.
    ///
    /// # Errors
    /// When the file is wrong, or the name is neither a file nor a shipped tariff.
    pub fn add(&mut self, name: &str) -> Result<String> {
        let path = Path::new(name);
        let tariffs = if path.exists() {
            let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
            vec![Tariff::parse(path, &text)?]
        } else {
            Tariff::builtin_versions(name)?
        };
        let series = tariffs.first().map(|t| t.series.as_ref().unwrap_or(&t.id).to_string());
        self.tariffs.extend(tariffs.into_iter().map(|t| (t.id.to_string(), Arc::new(t))));
        Ok(series.unwrap_or_else(|| name.to_owned()))
    }

    /// Loads the shipped tariffs that a register names. A name that is neither loaded nor shipped is
    /// left to [`Shelf::get`]: it concerns its customers alone.
    pub fn add_named<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            if self.versions(name).is_empty()
                && let Ok(tariffs) = Tariff::builtin_versions(name)
            {
                self.tariffs.extend(tariffs.into_iter().map(|t| (t.id.to_string(), Arc::new(t))));
            }
        }
    }

    /// The tariffs, by id.
    pub fn tariffs(&self) -> impl Iterator<Item = &Arc<Tariff>> {
        self.tariffs.values()
    }

    /// What a name means: the tariff of that id, else all versions of that series.
    fn versions(&self, name: &str) -> Vec<Arc<Tariff>> {
        if let Some(one) = self.tariffs.get(name) {
            return vec![Arc::clone(one)];
        }
        self.tariffs.values().filter(|t| t.series.as_deref() == Some(name)).cloned().collect()
    }

    /// A customer's tariff compiled for an interval length; `None` when neither it nor the run names
    /// one.
    ///
    /// # Errors
    /// When the tariff cannot be compiled for the interval or the date of its prices.
    pub fn get(&self, named: Option<&str>, interval: Interval) -> Result<Option<Arc<Compiled>>> {
        let Some(name) = named.or(self.default.as_deref()) else { return Ok(None) };
        let versions = self.versions(name);
        if versions.is_empty() {
            return Err(Error::option(
                say("customer.no_tariff", &[("id", &format_args!("{name:?}"))]),
                said("customer.give_tariff"),
            ));
        }
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hit) = compiled.get(&(name.to_owned(), interval)) {
            return Ok(Some(Arc::clone(hit)));
        }
        let fresh = Arc::new(Compiled::chain(versions, interval, self.conditions.clone())?);
        compiled.insert((name.to_owned(), interval), Arc::clone(&fresh));
        Ok(Some(fresh))
    }
}
