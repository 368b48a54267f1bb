//! Phase 2: the portfolio's tables, the manager's list in words, what the manifest says of it.

use super::fleet::Lists;
use super::{Calendars, FleetFact, Job};
use crate::error::Result;
use crate::output::{FleetRows, VisitLine, write_fleet_table};
use crate::portfolio::{CustomerFacts, Offer, Portfolio, Settings, apply_by};
use crate::report::{Numbers, Worth, advice_question, advice_title};
use crate::rule::{Thresholds, Tier};
use crate::tariff::SystemPeak;
use crate::text::{Language, Text};
use crate::time::Date;
use crate::units::Money;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

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
    /// Constants of the rules: what is worth mentioning is worth a visit.
    pub thresholds: Arc<Thresholds>,
    /// Wall-clock seconds of the system's peaks; `None` when no portfolio is wanted.
    pub system_peaks: Option<Vec<i64>>,
    /// What the facts of many customers have in common.
    pub(super) lists: Lists,
}

impl Judge {
    /// Reads the files that a job names.
    ///
    /// # Errors
    /// When one is wrong or cannot be read.
    pub fn new(job: &Job, thresholds: Arc<Thresholds>) -> Result<Self> {
        let settings = job.portfolio.as_deref().map(Settings::load).transpose()?.unwrap_or_default();
        let peaks = job.system_peaks.as_deref().map(system_peaks).transpose()?.unwrap_or_default();
        Ok(Self { settings, thresholds, system_peaks: job.judges().then_some(peaks), lists: Lists::default() })
    }

    /// Judges the fleet, whose facts are taken.
    pub fn judge(&self, fleet: &mut [FleetFact]) -> Portfolio {
        Portfolio::of(fleet.iter_mut().filter_map(|f| f.customer.take().map(|facts| *facts)).collect(), &self.settings)
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
            .map(|c| json!({"number": c.number, "word": c.word(), "pattern": c.pattern, "purity": c.purity, "customers": c.size}))
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
            let say = LANGUAGES.map(|l| line(offer, currency, apply_by, l));
            out.push(VisitLine { customer, offer: Some(o), say, apply_by });
        }
    }
    out
}

/// What to say of a recommendation, in one line: a question where it is one, and of a saving what it rests on.
fn line(offer: &Offer, currency: &str, by: Option<Date>, language: Language) -> String {
    let (text, numbers) = (Text::of(language), Numbers(language));
    let mode = offer.to_mode.as_ref().and_then(|m| text.get(&format!("mode.{m}")));
    let title = match (offer.asks, mode) {
        (true, _) => advice_question(offer.code, language),
        (false, Some(mode)) => text.fill("visit.to", &[("title", &advice_title(offer.code, language)), ("mode", mode)]),
        (false, None) => advice_title(offer.code, language),
    };
    let saving = |(low, high): (Money, Money)| {
        let [low, told, high] = [low, offer.told.unwrap_or(high), high].map(Money::to_f64);
        numbers.saving_from(offer.least, Worth { low: Some(low), told, high }, currency)
    };
    let key = match (offer.headline, offer.tier) {
        (true, _) => "visit.saving",
        (false, Tier::Invest) => "visit.invest",
        (false, _) if offer.awaits_sector => "visit.sector",
        (false, Tier::Counter) => "visit.condition",
        (false, _) => "visit.potential",
    };
    let worth = match (offer.range, offer.kw) {
        (Some(range), _) => Some(text.fill(key, &[("saving", &saving(range))])),
        (None, Some(kw)) => Some(text.fill("visit.power", &[("kw", &numbers.kw(kw.get()))])),
        (None, None) => (offer.tier == Tier::Invest).then(|| text.t("visit.spending").to_owned()),
    };
    let by = by.map(|d| d.to_string());
    match (&worth, &by) {
        (Some(worth), Some(by)) => text.fill("visit.line_by", &[("title", &title), ("worth", worth), ("by", by)]),
        (Some(worth), None) => text.fill("visit.line", &[("title", &title), ("worth", worth)]),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What each line must say, and the naive line that it is not.
    #[test]
    fn a_line_says_what_its_saving_rests_on() {
        let money = |v: f64| Money::from_f64_rounded(v).unwrap();
        let offer = |code: &'static str, tier, headline, priced: bool| Offer {
            advice_id: code.into(),
            code,
            tier,
            headline,
            range: priced.then(|| (money(18_000.0), money(25_000.0))),
            told: priced.then(|| money(22_000.0)),
            visited_for: None,
            awaits_sector: false,
            least: 5_000.0,
            kw: None,
            to_mode: None,
            apply_by: None,
            asks: false,
        };
        let say = |o: &Offer, language: Language| line(o, "CNY", None, language);
        let potential = offer("R01", Tier::Operate, false, true);
        assert!(say(&potential, Language::En).ends_with("technical potential of CNY 18,000–25,000 a year"));
        assert!(say(&potential, Language::Zh).contains("技术潜力"));
        let unknown = Offer { awaits_sector: true, ..offer("R06", Tier::Operate, false, true) };
        assert!(say(&unknown, Language::En).contains("industry") && !say(&unknown, Language::En).contains("potential"));
        let small = Offer { least: 20_000.0, ..offer("R04", Tier::Counter, true, true) };
        assert!(say(&small, Language::En).ends_with("up to CNY 22,000 a year"), "{}", say(&small, Language::En));
        for code in ["R05", "R13"] {
            let invest = say(&offer(code, Tier::Invest, false, true), Language::En);
            assert!(invest.ends_with("CNY 18,000–25,000 a year, after spending"), "{invest}");
        }
        assert!(say(&offer("R05", Tier::Invest, false, false), Language::En).ends_with("needs spending"));
        let basis = Offer { to_mode: Some("demand".into()), ..offer("R04", Tier::Counter, true, true) };
        assert!(say(&basis, Language::En).contains("by actual maximum demand"));
        let rest = Offer { to_mode: Some("capacity".into()), ..offer("R11", Tier::Counter, true, true) };
        assert!(
            say(&rest, Language::En).contains("to billing by transformer capacity"),
            "{}",
            say(&rest, Language::En)
        );
        assert!(!say(&Offer { to_mode: None, ..rest }, Language::En).contains("billing"));
        let question = Offer { asks: true, ..offer("R07", Tier::Operate, false, false) };
        for (language, mark) in [(Language::En, '?'), (Language::Zh, '？')] {
            assert!(say(&question, language).ends_with(mark), "{}", say(&question, language));
        }
        let response = Offer { kw: Some(crate::units::Kw::new(260.0)), ..offer("R15", Tier::Inform, false, false) };
        assert!(say(&response, Language::En).ends_with("260 kW"));
    }
}
