//! What a run was asked to do.

use super::fleet::{FleetFact, bill_notes};
use crate::customer::BillingMode;
use crate::error::{Error, Result};
use crate::input::InputOptions;
use crate::kernel::Wants;
use crate::output::{FLEET_TABLES, FleetTable, Table, default_tables, named_tables};
use crate::register::{Register, RegisterPaths};
use crate::report::{Brand, FORMATS, Format, FormatOptions};
use crate::rule::Audience;
use crate::text::{Language, said, say};
use crate::time::{Calendar, Date, Month, Seasons};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Zones whose working days are those of China's calendar.
const CHINA: &[&str] = &["Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"];

/// For whom reports are written, each kind of reader into a directory of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audiences {
    /// `customers/`: what may be handed out.
    pub customers: bool,
    /// `internal/`: the same reports with what only the staff may see.
    pub internal: bool,
    /// The fleet's files.
    pub fleet: bool,
}

impl Default for Audiences {
    /// The customers' files, and the fleet's, which links to them.
    fn default() -> Self {
        Self { customers: true, internal: false, fleet: true }
    }
}

impl Audiences {
    /// What is written for the readers named; [`Audiences::default`] when none is.
    #[must_use]
    pub fn of(readers: &[Audience]) -> Self {
        if readers.is_empty() {
            return Self::default();
        }
        let internal = readers.contains(&Audience::Internal);
        Self { customers: readers.contains(&Audience::Customer), internal, fleet: internal }
    }

    /// Each audience with its directory.
    pub fn directories(self) -> impl Iterator<Item = (Audience, &'static str)> {
        let all = [(self.customers, Audience::Customer, "customers"), (self.internal, Audience::Internal, "internal")];
        all.into_iter().filter(|(on, ..)| *on).map(|(_, audience, directory)| (audience, directory))
    }
}

/// Everything that a run was asked to do, resolved and checked; nothing else is read from the
/// command line, the environment or the clock.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent switch")]
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
    /// Other terms to bill on.
    pub scenarios: Vec<Terms>,
    /// Bill every cycle at the prices of this date.
    pub prices_as_of: Option<Date>,
    /// Bill energy as the registers show it.
    pub register_bill: bool,
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
    /// Formats of the reports; none for tables alone.
    pub formats: Vec<&'static dyn Format>,
    /// What some of them need.
    pub format_options: FormatOptions,
    /// Also write the monthly energy bill of a billing cycle.
    pub energy_bill: Option<WhichMonth>,
    /// For whom reports are written.
    pub audiences: Audiences,
    /// Who sends them.
    pub brand: Arc<Brand>,
    /// Language of the reports.
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

/// Terms that a scenario bills on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Its name in the `bills` table.
    pub name: String,
    /// A tariff file or the id of a shipped one; the customer's own when absent.
    pub tariff: Option<String>,
    /// A billing mode; the customer's own when absent.
    pub mode: Option<BillingMode>,
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
            scenarios: Vec::new(),
            prices_as_of: None,
            register_bill: false,
            declared_days: None,
            calendar: "auto".into(),
            seasons: Seasons::default(),
            only: Vec::new(),
            tables: None,
            curves: false,
            energy_bill: None,
            formats: FORMATS.iter().copied().filter(|f| f.name() == "html").collect(),
            format_options: FormatOptions::default(),
            audiences: Audiences::default(),
            brand: Arc::default(),
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
            other => Err(Error::option(say("run.no_calendar_file", &[("name", &other)]), said("run.no_calendar_cure"))),
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
        !self.formats.is_empty() || !self.fleet_tables().is_empty()
    }

    /// What the wanted tables and pages need.
    #[must_use]
    pub fn wants(&self) -> Wants {
        let Some(names) = self.tables.as_ref().filter(|_| self.formats.is_empty()) else { return Wants::ALL };
        if self.judges() {
            return Wants::ALL;
        }
        let any = |wanted: &[&str]| names.iter().any(|n| wanted.contains(&n.as_str()));
        let bills = any(&["bills", "reconciliation"]);
        let advice = any(&["advice", "customers", "schedule", "schedule_curves"]);
        Wants {
            quality: advice || bills || any(&["quality"]),
            typical: advice || any(&["typical_days"]),
            indicators: advice,
            peaks: advice || any(&["peaks"]),
            periods: advice || bills || any(&["monthly"]),
            bill: advice || bills,
            advice,
        }
    }

    /// What the user should know at the end.
    pub fn notes(&self, calendars: &Calendars, fleet: &[FleetFact], notes: &mut Vec<String>) {
        notes.extend(self.input.notes());
        let spans = fleet.iter().filter_map(|f| f.zone.as_deref().zip(f.dates));
        notes.extend(calendars.unpublished(spans));
        notes.extend(bill_notes(fleet));
    }
}

/// A billing cycle of each customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichMonth {
    /// The latest that could be billed.
    Latest,
    /// The one of that label.
    Of(Month),
}

impl std::str::FromStr for WhichMonth {
    type Err = Error;

    /// `latest`, or a month as `2025-03`.
    fn from_str(text: &str) -> Result<Self> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        let first: Result<Date> = format!("{text}-01").parse();
        first.map(|d| Self::Of(Month::of(d))).map_err(|_| {
            Error::option(say("run.not_month", &[("text", &format_args!("{text:?}"))]), said("run.not_month_cure"))
        })
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
            say("run.no_calendar", &[("name", &calendar), ("year", &year), ("n", &n)])
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
