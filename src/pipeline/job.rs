//! What a run was asked to do.

use super::FleetFact;
use crate::error::{Error, Result};
use crate::input::InputOptions;
use crate::kernel::Wants;
use crate::output::{FLEET_TABLES, FleetTable, Table, default_tables, named_tables};
use crate::register::{Register, RegisterPaths};
use crate::report::Language;
use crate::time::{Calendar, Date, Seasons};
use std::collections::BTreeMap;
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
    /// A TOML file of the portfolio's weights and limits.
    pub portfolio: Option<PathBuf>,
    /// The instants of the system's peaks.
    pub system_peaks: Option<PathBuf>,
    /// A TOML file that sets constants of the rules.
    pub thresholds: Option<PathBuf>,
    /// Tariff files or ids of shipped ones.
    pub tariffs: Vec<String>,
    /// Bill every cycle at the prices of this date.
    pub prices_as_of: Option<Date>,
    /// List of declared days.
    pub declared_days: Option<PathBuf>,
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
    /// The day of the run: printed on pages, and the day from which applications can be made.
    pub run_date: Date,
    /// Record the SHA-256 of every input.
    pub hash: bool,
    /// Where to.
    pub out: PathBuf,
    /// Replace `out`.
    pub force: bool,
}

impl Job {
    /// A job with every default: all customers, all tables but curves, English pages.
    #[must_use]
    pub fn new(readings: Vec<String>, out: PathBuf, run_date: Date) -> Self {
        Self {
            arguments: Vec::new(),
            readings,
            input: InputOptions::default(),
            register: RegisterPaths::default(),
            portfolio: None,
            system_peaks: None,
            thresholds: None,
            tariffs: Vec::new(),
            prices_as_of: None,
            declared_days: None,
            calendar: "auto".into(),
            seasons: Seasons::default(),
            only: Vec::new(),
            tables: None,
            curves: false,
            html: true,
            language: Language::En,
            run_date,
            hash: true,
            out,
            force: false,
        }
    }

    /// What bills need from outside the tariff files.
    ///
    /// # Errors
    /// When a list is wrong.
    pub fn conditions(&self) -> Result<crate::tariff::Conditions> {
        use crate::tariff::{Conditions, DeclaredDays, SystemPeak};
        Ok(Conditions {
            prices_as_of: self.prices_as_of,
            declared: self.declared_days.as_deref().map(DeclaredDays::read).transpose()?.map(std::sync::Arc::new),
            system_peaks: self.system_peaks.as_deref().map(SystemPeak::read).transpose()?,
        })
    }

    /// The calendars of day kinds: the file given, or the one named.
    ///
    /// # Errors
    /// When the name is unknown.
    pub fn calendars(&self, register: &Register) -> Result<Calendars> {
        let one = |c| Ok(Calendars { chosen: Some(c), china: Calendar::china()?, weekends: Calendar::weekends() });
        if let Some(calendar) = &register.calendar {
            return one(calendar.clone());
        }
        match self.calendar.as_str() {
            "cn" => one(Calendar::china()?),
            "none" => one(Calendar::weekends()),
            "auto" => Ok(Calendars { chosen: None, china: Calendar::china()?, weekends: Calendar::weekends() }),
            other => Err(Error::option(
                format!("--calendar {other}: no such file or calendar"),
                "give a CSV file of date,kind,name,source, or cn, none or auto",
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

    /// The tables of the fleet to write.
    #[must_use]
    pub fn fleet_tables(&self) -> Vec<&'static dyn FleetTable> {
        let wanted = |t: &&dyn FleetTable| self.tables.as_ref().is_none_or(|n| n.iter().any(|n| n == t.name()));
        FLEET_TABLES.iter().copied().filter(|t| wanted(t)).collect()
    }

    /// Whether the portfolio is wanted: for its tables or the fleet's page.
    #[must_use]
    pub fn judges(&self) -> bool {
        self.html || !self.fleet_tables().is_empty()
    }

    /// What the wanted tables and pages need.
    #[must_use]
    pub fn wants(&self) -> Wants {
        let Some(names) = self.tables.as_ref().filter(|_| !self.html) else { return Wants::ALL };
        if self.judges() {
            return Wants::ALL;
        }
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
    pub fn notes(&self, calendars: &Calendars, fleet: &[FleetFact], notes: &mut Vec<String>) {
        notes.extend(self.input.notes());
        let spans = fleet.iter().filter_map(|f| f.zone.as_deref().zip(f.dates));
        notes.extend(calendars.unpublished(spans));
    }
}

/// The calendars of a run.
#[derive(Debug, Clone)]
pub struct Calendars {
    chosen: Option<Calendar>,
    china: Calendar,
    weekends: Calendar,
}

impl Calendars {
    /// The calendar of a zone: the one chosen for all, else China's for its zones and weekends alone
    /// elsewhere.
    #[must_use]
    pub fn of(&self, zone: &str) -> &Calendar {
        match &self.chosen {
            Some(calendar) => calendar,
            None if CHINA.contains(&zone) => &self.china,
            None => &self.weekends,
        }
    }

    /// A sentence for each calendar and year of the customers' dates that has no published holidays.
    #[must_use]
    pub fn unpublished<'a>(&self, spans: impl Iterator<Item = (&'a str, (Date, Date))>) -> Vec<String> {
        let mut years: BTreeMap<(&str, i32), usize> = BTreeMap::new();
        for (zone, (first, last)) in spans {
            let calendar = self.of(zone);
            for year in (first.ymd().0..=last.ymd().0).filter(|y| !calendar.published(*y)) {
                *years.entry((calendar.name(), year)).or_default() += 1;
            }
        }
        let sentence = |((calendar, year), n): (&(&str, i32), &usize)| {
            format!(
                "calendar {calendar} has no holidays or make-up days for {year}: {n} customers know weekends only there (give --calendar FILE)"
            )
        };
        years.iter().map(sentence).collect()
    }

    /// How the manifest names them.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.chosen {
            Some(c) => c.name().to_owned(),
            None => "auto: cn in China's zones, none elsewhere".into(),
        }
    }
}
