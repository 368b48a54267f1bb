//! What a run was asked to do.

use super::FleetFact;
use crate::error::{Error, Result};
use crate::input::InputOptions;
use crate::kernel::Wants;
use crate::output::{Table, default_tables, named_tables};
use crate::register::{Register, RegisterPaths};
use crate::report::Language;
use crate::time::{Calendar, Date, Seasons};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Zones whose working days are those of China's calendar.
const CHINA: &[&str] = &["Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"];

/// Everything that a run was asked to do, resolved and checked; nothing else is read from the
/// command line, the environment or the clock.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent switch of the command line")]
pub struct Job {
    /// The arguments as given, for the manifest.
    pub arguments: Vec<String>,
    /// Files, directories and globs of readings.
    pub readings: Vec<String>,
    /// How they are read.
    pub input: InputOptions,
    /// Side files.
    pub register: RegisterPaths,
    /// Tariff files or ids of shipped ones.
    pub tariffs: Vec<String>,
    /// Bill every cycle at the prices of this date.
    pub prices_as_of: Option<Date>,
    /// `cn`, `none` or `auto`; a calendar file in the register overrides it.
    pub calendar: String,
    /// Seasons of the typical days.
    pub seasons: Seasons,
    /// Only these customers; empty for all.
    pub only: Vec<String>,
    /// Names of the tables; `None` for the default.
    pub tables: Option<Vec<String>>,
    /// Also write the curves.
    pub curves: bool,
    /// Write HTML pages.
    pub html: bool,
    /// Language of the pages.
    pub language: Language,
    /// The day of the run, printed on pages.
    pub run_date: Date,
    /// Record the SHA-256 of every input.
    pub hash: bool,
    /// Where to.
    pub out: PathBuf,
    /// Replace `out`.
    pub force: bool,
}

impl Job {
    /// The calendar of day kinds: the file given, or the one named; `auto` is China's for its zones
    /// and weekends alone elsewhere.
    ///
    /// # Errors
    /// When the name is unknown.
    pub fn calendar(&self, register: &Register) -> Result<Calendar> {
        if let Some(calendar) = &register.calendar {
            return Ok(calendar.clone());
        }
        match self.calendar.as_str() {
            "cn" => Calendar::china(),
            "none" => Ok(Calendar::weekends()),
            "auto" if CHINA.contains(&self.input.tz.as_str()) => Calendar::china(),
            "auto" => Ok(Calendar::weekends()),
            other => Err(Error::option(
                format!("--calendar {other}: no such file or calendar"),
                "give a CSV file of date,kind,name,source, or cn, or none",
            )),
        }
    }

    /// The tables to write.
    ///
    /// # Errors
    /// When a name is unknown.
    pub fn tables(&self) -> Result<Vec<&'static dyn Table>> {
        let mut tables = match &self.tables {
            Some(names) => named_tables(names)?,
            None => default_tables(),
        };
        if self.curves && !tables.iter().any(|t| t.name() == "curves") {
            tables.extend(named_tables(&["curves".to_owned()])?);
        }
        Ok(tables)
    }

    /// What the wanted tables and pages need.
    #[must_use]
    pub fn wants(&self) -> Wants {
        let Some(names) = self.tables.as_ref().filter(|_| !self.html) else { return Wants::ALL };
        let any = |wanted: &[&str]| names.iter().any(|n| wanted.contains(&n.as_str()));
        let advice = any(&["advice", "customers"]);
        Wants {
            quality: advice || any(&["quality", "bills"]),
            typical: advice || any(&["typical_days"]),
            indicators: advice,
            peaks: advice || any(&["peaks"]),
            periods: advice || any(&["monthly", "bills"]),
            bill: advice || any(&["bills"]),
            advice,
        }
    }

    /// What the user should know at the end.
    pub fn notes(&self, calendar: &Calendar, fleet: &[FleetFact], notes: &mut Vec<String>) {
        let years: BTreeSet<i32> =
            fleet.iter().filter_map(|f| f.dates).flat_map(|(a, b)| a.ymd().0..=b.ymd().0).collect();
        let unpublished: Vec<String> =
            years.iter().filter(|y| !calendar.published(**y)).map(ToString::to_string).collect();
        if !unpublished.is_empty() {
            notes.push(format!(
                "calendar {} has no holidays or make-up days for {}: those years know weekends only (give --calendar FILE)",
                calendar.name(),
                unpublished.join(", ")
            ));
        }
    }
}
