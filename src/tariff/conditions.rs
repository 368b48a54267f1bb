//! What a bill needs from outside the tariff file: the date of prices, declared days, system peaks.

use crate::time::{DAY_SECONDS, Date};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Days that an authority declared, such as days of extreme heat, with where each was published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeclaredDays {
    dates: BTreeSet<Date>,
    sources: BTreeMap<Date, String>,
}

impl DeclaredDays {
    /// Dates and their sources.
    #[must_use]
    pub fn new(days: impl IntoIterator<Item = (Date, String)>) -> Self {
        let sources: BTreeMap<Date, String> = days.into_iter().collect();
        Self { dates: sources.keys().copied().collect(), sources }
    }

    /// The dates.
    #[must_use]
    pub const fn dates(&self) -> &BTreeSet<Date> {
        &self.dates
    }

    /// Where a date was published.
    #[must_use]
    pub fn source(&self, date: Date) -> Option<&str> {
        self.sources.get(&date).map(String::as_str)
    }
}

/// A peak of the supply system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SystemPeak {
    /// Wall-clock second since 1970-01-01T00:00 at which it begins, in the customer's zone.
    pub start: i64,
    /// Its length in minutes.
    pub minutes: u32,
    /// Which system's, where the list has several.
    pub system: Option<String>,
    /// Where it was published.
    pub source: String,
}

impl SystemPeak {
    /// The date on which it begins.
    #[must_use]
    pub const fn date(&self) -> Date {
        Date(self.start.div_euclid(DAY_SECONDS) as i32)
    }
}

/// What is known beside the tariff file; `None` is a list that was not given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conditions {
    /// Every cycle is billed at the prices of this date.
    pub prices_as_of: Option<Date>,
    /// Declared days.
    pub declared: Option<Arc<DeclaredDays>>,
    /// Peaks of the system, in the order of time.
    pub system_peaks: Option<Arc<[SystemPeak]>>,
}

impl From<Option<Date>> for Conditions {
    fn from(prices_as_of: Option<Date>) -> Self {
        Self { prices_as_of, ..Self::default() }
    }
}
