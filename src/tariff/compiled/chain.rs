//! Versions of a tariff, chained by date.

use super::Compiled;
use crate::error::{Error, Result};
use crate::tariff::Tariff;
use crate::text::{said, say};
use crate::time::Date;
use std::ops::Range;
use std::sync::Arc;

/// A version of the tariff in force for a part of a cycle.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    /// Its file.
    pub tariff: &'a Tariff,
    /// Its dates within the cycle.
    pub dates: Range<Date>,
    /// Its place in the chain.
    pub version: usize,
}

impl Part<'_> {
    /// How many days it has.
    #[must_use]
    pub const fn n_days(&self) -> i32 {
        self.dates.end.0 - self.dates.start.0
    }
}

impl Compiled {
    /// The version in force on a date; before the first the first, in a gap the one before it.
    pub(super) fn version_at(&self, date: Date) -> usize {
        self.versions.partition_point(|t| t.effective_from <= date).saturating_sub(1)
    }

    /// The tariff: of several versions the one in force at the date of prices, else the last.
    #[must_use]
    pub fn tariff(&self) -> &Tariff {
        &self.versions[self.named]
    }

    /// All versions, by date.
    #[must_use]
    pub fn versions(&self) -> &[Arc<Tariff>] {
        &self.versions
    }

    /// What the tariff is called: the series when several versions are chained, else the id.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        let tariff = self.tariff();
        tariff.series.as_ref().filter(|_| self.versions.len() > 1).unwrap_or(&tariff.id)
    }

    /// The versions in force over some dates, in their order.
    #[must_use]
    pub fn parts(&self, dates: &Range<Date>) -> Vec<Part<'_>> {
        if self.conditions.prices_as_of.is_some() || self.versions.len() == 1 {
            return vec![Part { tariff: self.tariff(), dates: dates.clone(), version: self.named }];
        }
        let mut out: Vec<Part<'_>> = Vec::new();
        let mut from = dates.start;
        while from < dates.end {
            let version = self.version_at(from);
            let next = self.versions.get(version + 1).map_or(dates.end, |t| t.effective_from.min(dates.end));
            let to = if next > from { next } else { dates.end };
            out.push(Part { tariff: &self.versions[version], dates: from..to, version });
            from = to;
        }
        out
    }

    /// Whether prices are stated for all of these dates.
    #[must_use]
    pub fn prices_cover(&self, dates: &Range<Date>) -> bool {
        self.conditions.prices_as_of.is_some()
            || self
                .parts(dates)
                .iter()
                .all(|p| p.tariff.is_effective(p.dates.start) && p.tariff.is_effective(p.dates.end.plus(-1)))
    }

    /// The validity in words: `2026-01-01 to 2026-01-31`.
    #[must_use]
    pub fn validity(&self) -> String {
        match (self.versions.first(), self.versions.last().map(|t| t.effective_to)) {
            (Some(first), Some(Some(to))) => say("part.validity", &[("from", &first.effective_from), ("to", &to)]),
            (Some(first), _) => say("part.validity_open", &[("from", &first.effective_from)]),
            _ => String::new(),
        }
    }

    /// The version in force on a date.
    pub(in crate::tariff) fn in_force(&self, date: Date) -> &Tariff {
        let version = if self.conditions.prices_as_of.is_some() { self.named } else { self.version_at(date) };
        &self.versions[version]
    }
}

/// The version in force at the date of prices.
pub(super) fn as_of(versions: &[Arc<Tariff>], date: Date) -> Result<usize> {
    versions.iter().position(|t| t.is_effective(date)).ok_or_else(|| {
        let which: Vec<String> =
            versions.iter().map(|t| say("tariff.validity_of", &[("id", &t.id), ("validity", &t.validity())])).collect();
        let what = say("tariff.as_of", &[("date", &date), ("why", &which.join(", "))]);
        Error::option(what, said("tariff.as_of_cure"))
    })
}

/// Versions follow each other and agree on what a bill cannot mix.
pub(super) fn check_chain(versions: &[Arc<Tariff>]) -> Result<()> {
    if versions.is_empty() {
        return Err(Error::option(said("tariff.empty_chain"), said("tariff.empty_chain_cure")));
    }
    for (a, b) in versions.iter().zip(versions.iter().skip(1)) {
        if a.effective_to.is_none_or(|to| to >= b.effective_from) {
            let what = say("tariff.versions_overlap", &[("id", &a.id), ("validity", &a.validity()), ("next", &b.id)]);
            return Err(a.error_at("effective_to", what));
        }
        let window = |t: &Tariff| t.demand.as_ref().map(|d| (d.window_minutes, d.window));
        if a.currency != b.currency || window(a).zip(window(b)).is_some_and(|(a, b)| a != b) {
            let what = say("tariff.versions_differ", &[("a", &a.id), ("b", &b.id)]);
            return Err(b.error_at("series", what));
        }
    }
    Ok(())
}
