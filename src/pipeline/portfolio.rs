//! Phase 2: the portfolio's tables, the manager's list in words, what the manifest says of it.

use super::{Calendars, FleetFact, Job};
use crate::error::Result;
use crate::output::{FleetRows, VisitLine, write_fleet_table};
use crate::portfolio::{CustomerFacts, Portfolio, Settings, apply_by};
use crate::report::{Numbers, advice_title};
use crate::tariff::SystemPeak;
use crate::text::{Language, Text};
use crate::time::Date;
use crate::units::Money;
use serde_json::{Value, json};
use std::path::Path;

/// Languages of the list's sentences, in the order of its columns.
const LANGUAGES: [Language; 2] = [Language::En, Language::Zh];

/// The instants of the system's peaks in wall-clock seconds, ascending.
///
/// # Errors
/// Names file, row and column of a wrong or empty instant, or of one without a source.
fn system_peaks(path: &Path) -> Result<Vec<i64>> {
    let mut peaks: Vec<i64> = SystemPeak::read(path)?.iter().map(|p| p.start).collect();
    peaks.dedup();
    Ok(peaks)
}

/// What the portfolio is judged by.
pub struct Judge {
    /// Weights and limits.
    pub settings: Settings,
    /// Wall-clock seconds of the system's peaks; `None` when no portfolio is wanted.
    pub system_peaks: Option<Vec<i64>>,
}

impl Judge {
    /// Reads the files that a job names.
    ///
    /// # Errors
    /// When one is wrong or cannot be read.
    pub fn new(job: &Job) -> Result<Self> {
        let settings = job.portfolio.as_deref().map(Settings::load).transpose()?.unwrap_or_default();
        let peaks = job.system_peaks.as_deref().map(system_peaks).transpose()?.unwrap_or_default();
        Ok(Self { settings, system_peaks: job.judges().then_some(peaks) })
    }

    /// Judges the fleet, whose facts are taken.
    pub fn judge(&self, fleet: &mut [FleetFact]) -> Portfolio {
        Portfolio::of(fleet.iter_mut().filter_map(|f| f.customer.take()).collect(), &self.settings)
    }

    /// Writes the wanted tables.
    ///
    /// # Errors
    /// When a table cannot be written.
    pub fn write(&self, job: &Job, dir: &Path, portfolio: &Portfolio, calendars: &Calendars) -> Result<()> {
        let tables = job.fleet_tables();
        if tables.is_empty() {
            return Ok(());
        }
        let visits = visits(portfolio, job.run_date, calendars, &self.settings);
        let fleet = FleetRows { portfolio, visits: &visits };
        let folder = dir.join("tables");
        tables.into_iter().try_for_each(|t| write_fleet_table(&folder, t, fleet))
    }

    /// What the manifest says.
    pub fn summary(&self, p: &Portfolio) -> Value {
        let clusters: Vec<Value> = p
            .clusters
            .clusters
            .iter()
            .map(|c| json!({"number": c.number, "pattern": c.pattern, "purity": c.purity, "customers": c.size}))
            .collect();
        let peak = p.curve.peak_hour().map(|h| {
            json!({"day_kind": h.day_kind, "season": h.season, "hour": h.hour, "kw": h.kw, "customers": h.customers})
        });
        json!({
            "settings": self.settings,
            "clusters": clusters,
            "silhouette": p.clusters.silhouette,
            "stability": p.clusters.stability,
            "peak": peak,
            "peak_basis": if p.system_peaks { "system peaks given" } else { "the fleet's own typical days" },
            "sensitivity": p.sensitivity,
        })
    }
}

/// The list: customers by the order of visits, then those without a saving by id.
fn visits(p: &Portfolio, today: Date, calendars: &Calendars, settings: &Settings) -> Vec<VisitLine> {
    let ordered = p.order();
    let rest = (0..p.facts.len()).filter(|i| p.standings[*i].visit_order.is_none());
    let mut out = Vec::new();
    for customer in ordered.iter().copied().chain(rest) {
        let facts = &p.facts[customer];
        if p.standings[customer].asked {
            let say = LANGUAGES.map(|l| question(facts, settings.collapse.recent_days, l));
            out.push(VisitLine { customer, offer: None, say, apply_by: None });
        }
        for (o, offer) in facts.offers.iter().enumerate() {
            let calendar = calendars.of(&facts.zone);
            let apply_by = apply_by(offer, today, calendar, &settings.apply);
            let currency = facts.currency.as_deref().unwrap_or_default();
            let say = LANGUAGES.map(|l| line(offer.code, offer.range, currency, apply_by, l));
            out.push(VisitLine { customer, offer: Some(o), say, apply_by });
        }
    }
    out
}

/// What to say of a recommendation, in one line.
fn line(code: &str, range: Option<(Money, Money)>, currency: &str, by: Option<Date>, language: Language) -> String {
    let text = Text::of(language);
    let title = advice_title(code, language);
    let saving = range.map(|r| Numbers(language).saving(Some(r.0.to_f64()), r.1.to_f64(), currency));
    let by = by.map(|d| d.to_string());
    match (&saving, &by) {
        (Some(saving), Some(by)) => text.fill("visit.line_by", &[("title", &title), ("saving", saving), ("by", by)]),
        (Some(saving), None) => text.fill("visit.line", &[("title", &title), ("saving", saving)]),
        (None, Some(by)) => text.fill("visit.plain_by", &[("title", &title), ("by", by)]),
        (None, None) => text.fill("visit.plain", &[("title", &title)]),
    }
}

/// A fall of the load, as a question: what is behind it is not known.
fn question(facts: &CustomerFacts, days: usize, language: Language) -> String {
    let text = Text::of(language);
    match facts.collapse.share {
        Some(share) => {
            let share = Numbers(language).fixed(100.0 * share, 0);
            text.fill("visit.question", &[("share", &share), ("days", &days.to_string())])
        }
        None => text.t("visit.question_weeks").to_owned(),
    }
}
