//! The fleet's page, for the utility's staff: totals, whom to visit first, a table of all.
//!
//! The rows travel as one compact JSON array and a small script shows a hundred at a time. Plain
//! table rows would make 10,000 customers a page of 5 MB and 120,000 cells to lay out before the
//! first sort; the array is a third of that and sorting touches no element of the page.

use super::number::ABSENT;
use super::{Language, Numbers, Text, advice_title};
use crate::analysis::Status;
use crate::error::{Error, Result};
use crate::time::Date;
use crate::units::{Kw, Kwh, Money, Ratio};
use askama::Template;
use base64::Engine;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

const SCRIPT: &str = include_str!("../../templates/fleet.js");

/// Customers in the list of whom to visit first (judgement: a week's visits).
const FIRST: usize = 10;

/// Failed and skipped customers listed by name; the table below has them all.
const TROUBLES: usize = 200;

/// A recommendation of a customer, as the fleet sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetAdvice {
    /// `R01`…
    pub code: &'static str,
    /// Saving a year in the plan; `None` outside it or without a price.
    pub saving_joint: Option<Money>,
}

/// What phase 1 leaves of a customer for the fleet's page: at most about 1 kB.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetRow {
    /// Account number.
    pub id: Arc<str>,
    /// Name.
    pub name: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Why it failed or was skipped.
    pub reason: Option<String>,
    /// Import over the span.
    pub kwh: Option<Kwh>,
    /// Greatest interval mean.
    pub max_kw: Option<Kw>,
    /// Mean over maximum.
    pub load_factor: Option<Ratio>,
    /// Of the totals.
    pub power_factor: Option<Ratio>,
    /// Yearly bill.
    pub bill_total: Option<Money>,
    /// Yearly saving of the plan.
    pub saving_total: Option<Money>,
    /// ISO code of both amounts.
    pub currency: Option<Arc<str>>,
    /// Advice in order of rank.
    pub advice: Vec<FleetAdvice>,
    /// Usable readings.
    pub n_valid: usize,
    /// Expected readings.
    pub n_expected: usize,
    /// Address of the customer's page relative to the fleet's; empty without one.
    pub href: String,
}

impl FleetRow {
    fn label(&self) -> String {
        self.name.as_ref().map_or_else(|| self.id.to_string(), |n| format!("{n} ({})", self.id))
    }

    fn codes(&self) -> String {
        self.advice.iter().map(|a| a.code).collect::<Vec<_>>().join(" ")
    }
}

/// What the fleet's page needs besides the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetContext {
    /// Language of every sentence and number.
    pub language: Language,
    /// Heading: name of the fleet, or [`FleetContext::new`]'s general one.
    pub title: String,
    /// First and last date over all customers.
    pub period: Option<(Date, Date)>,
    /// The day of the run.
    pub run_date: Date,
    /// Program and version.
    pub generated_by: String,
    /// What a reader must know of the run: options and defaults used, years without a calendar.
    pub notes: Vec<String>,
}

impl FleetContext {
    /// A context with the general heading and no notes.
    #[must_use]
    pub fn new(language: Language, run_date: Date) -> Self {
        let title = Text::of(language).t("fleet.title").to_owned();
        let generated_by = concat!("peakwise ", env!("CARGO_PKG_VERSION")).to_owned();
        Self { language, title, period: None, run_date, generated_by, notes: Vec::new() }
    }
}

struct Tile {
    class: &'static str,
    label: &'static str,
    value: String,
    note: String,
}

struct First {
    name: String,
    href: String,
    codes: String,
    saving: String,
}

struct Kind {
    code: &'static str,
    title: String,
    customers: String,
    saving: String,
}

struct Trouble {
    name: String,
    status: &'static str,
    reason: String,
}

#[derive(Template)]
#[template(path = "fleet.html")]
struct Page<'a> {
    ctx: &'a FleetContext,
    language: Language,
    text: &'static Text,
    facts: Vec<(&'static str, String)>,
    tiles: Vec<Tile>,
    first: Vec<First>,
    kinds: Vec<Kind>,
    troubles: Vec<Trouble>,
    more_troubles: String,
    columns: Vec<(u8, &'static str, &'static str)>,
    rows_json: String,
    script: &'static str,
    script_hash: String,
}

/// Amounts by currency: a fleet may be billed in several.
type Sums = BTreeMap<Arc<str>, Money>;

/// The fleet's page; rows in the order given, the table sorts itself by saving.
///
/// # Errors
/// When the template cannot be written.
pub fn fleet_page(rows: &[FleetRow], ctx: &FleetContext) -> Result<String> {
    let (text, numbers) = (Text::of(ctx.language), Numbers(ctx.language));
    let troubles: Vec<&FleetRow> = rows.iter().filter(|r| r.status != Status::Ok).collect();
    let hidden = troubles.len().saturating_sub(TROUBLES);
    let wrong = |what: String| Error::option(format!("fleet page: {what}"), "report this with the version");
    let page = Page {
        ctx,
        language: ctx.language,
        text,
        facts: facts(ctx, text),
        tiles: tiles(rows, text, numbers),
        first: first(rows, numbers),
        kinds: kinds(rows, numbers),
        troubles: troubles.iter().take(TROUBLES).map(|r| trouble(r, text)).collect(),
        more_troubles: if hidden == 0 {
            String::new()
        } else {
            text.fill("fleet.more_troubles", &[("n", &hidden.to_string())])
        },
        columns: columns(text),
        rows_json: rows_json(rows).map_err(|e| wrong(e.to_string()))?,
        script: SCRIPT,
        script_hash: base64::engine::general_purpose::STANDARD.encode(Sha256::digest(SCRIPT)),
    };
    page.render().map_err(|e| wrong(e.to_string()))
}

fn facts(ctx: &FleetContext, text: &'static Text) -> Vec<(&'static str, String)> {
    ctx.period.map(|(from, to)| (text.t("head.period"), format!("{from} – {to}"))).into_iter().collect()
}

/// Columns of the table: index in the JSON rows, class, label.
fn columns(text: &'static Text) -> Vec<(u8, &'static str, &'static str)> {
    vec![
        (1, "", text.t("fleet.name")),
        (8, "n", text.t("fleet.saving_short")),
        (14, "n", text.t("fleet.share")),
        (10, "", text.t("fleet.advice")),
        (7, "n", text.t("fleet.annual")),
        (3, "n", text.t("fleet.kwh")),
        (4, "n", text.t("fleet.max_kw")),
        (5, "n", text.t("fleet.load_factor")),
        (6, "n", text.t("fleet.power_factor")),
        (11, "n", text.t("fleet.valid")),
        (2, "", text.t("fleet.status")),
    ]
}

fn sums(rows: &[FleetRow], amount: impl Fn(&FleetRow) -> Option<Money>) -> Sums {
    let mut out = Sums::new();
    for r in rows {
        if let (Some(m), Some(currency)) = (amount(r), &r.currency) {
            *out.entry(Arc::clone(currency)).or_default() += m;
        }
    }
    out
}

fn sums_text(sums: &Sums, numbers: Numbers) -> String {
    let each: Vec<String> = sums.iter().map(|(c, m)| numbers.money(m.to_f64(), c)).collect();
    if each.is_empty() { ABSENT.to_owned() } else { each.join(" + ") }
}

fn tiles(rows: &[FleetRow], text: &'static Text, numbers: Numbers) -> Vec<Tile> {
    let count = |s: Status| numbers.fixed(rows.iter().filter(|r| r.status == s).count() as f64, 0);
    let states = [Status::Ok, Status::Failed, Status::Skipped]
        .into_iter()
        .zip([text.t("fleet.analysed"), text.t("fleet.failed"), text.t("fleet.skipped")])
        .map(|(s, label)| format!("{} {label}", count(s)))
        .collect::<Vec<_>>()
        .join(" · ");
    let (bills, savings) = (sums(rows, |r| r.bill_total), sums(rows, |r| r.saving_total));
    let share = match (bills.values().next(), savings.values().next()) {
        (Some(b), Some(s)) if bills.len() == 1 && savings.len() == 1 && b.to_f64() > 0.0 => {
            text.fill("fleet.of_bill", &[("percent", &numbers.percent(s.to_f64() / b.to_f64(), 1))])
        }
        _ => String::new(),
    };
    let unpriced = rows.iter().filter(|r| r.status == Status::Ok && r.bill_total.is_none()).count();
    let unpriced = text.fill("fleet.unpriced", &[("n", &numbers.fixed(unpriced as f64, 0))]);
    let kwh: Kwh = rows.iter().filter_map(|r| r.kwh).sum();
    let kw: Kw = rows.iter().filter_map(|r| r.max_kw).sum();
    let peak = format!("{} {} ({})", text.t("fleet.peak_sum"), numbers.kw(kw.get()), text.t("fleet.not_coincident"));
    let customers = numbers.fixed(rows.len() as f64, 0);
    vec![
        Tile { class: "", label: text.t("fleet.customers"), value: customers, note: states },
        Tile { class: "save", label: text.t("fleet.saving"), value: sums_text(&savings, numbers), note: share },
        Tile { class: "", label: text.t("fleet.bill"), value: sums_text(&bills, numbers), note: unpriced },
        Tile { class: "", label: text.t("fleet.energy"), value: numbers.kwh(kwh.get()), note: peak },
    ]
}

fn first(rows: &[FleetRow], numbers: Numbers) -> Vec<First> {
    let mut order: Vec<(&FleetRow, Money)> =
        rows.iter().filter_map(|r| r.saving_total.filter(|m| *m > Money::ZERO).map(|m| (r, m))).collect();
    order.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.id.cmp(&b.id)));
    order
        .into_iter()
        .take(FIRST)
        .map(|(r, m)| First {
            name: r.name.clone().unwrap_or_else(|| r.id.to_string()),
            href: r.href.clone(),
            codes: r.codes(),
            saving: numbers.saving(None, m.to_f64(), r.currency.as_deref().unwrap_or_default()),
        })
        .collect()
}

/// Customers and plan savings by code, most saving first.
fn kinds(rows: &[FleetRow], numbers: Numbers) -> Vec<Kind> {
    let mut by_code: BTreeMap<&'static str, (usize, Sums)> = BTreeMap::new();
    for r in rows {
        for a in &r.advice {
            let (n, sums) = by_code.entry(a.code).or_default();
            *n += 1;
            if let (Some(m), Some(currency)) = (a.saving_joint, &r.currency) {
                *sums.entry(Arc::clone(currency)).or_default() += m;
            }
        }
    }
    let mut order: Vec<_> = by_code.into_iter().collect();
    let most = |sums: &Sums| sums.values().copied().max().unwrap_or_default();
    order.sort_by(|(a, (_, x)), (b, (_, y))| most(y).cmp(&most(x)).then_with(|| a.cmp(b)));
    order
        .into_iter()
        .map(|(code, (n, sums))| Kind {
            code,
            title: advice_title(code, numbers.0),
            customers: numbers.fixed(n as f64, 0),
            saving: sums_text(&sums, numbers),
        })
        .collect()
}

fn trouble(r: &FleetRow, text: &'static Text) -> Trouble {
    let status = match r.status {
        Status::Ok => text.t("fleet.status_ok"),
        Status::Failed => text.t("fleet.status_failed"),
        Status::Skipped => text.t("fleet.status_skipped"),
    };
    Trouble { name: r.label(), status, reason: r.reason.clone().unwrap_or_default() }
}

/// The rows as one array of arrays, safe inside a script element.
fn rows_json(rows: &[FleetRow]) -> serde_json::Result<String> {
    let round = |v: f64, k: f64| if v.is_finite() { Some((v * k).round() / k) } else { None };
    let cells: Vec<_> = rows
        .iter()
        .map(|r| {
            (
                (&*r.id, r.name.as_deref(), r.status as u8),
                r.kwh.and_then(|v| round(v.get(), 1.0)),
                r.max_kw.and_then(|v| round(v.get(), 10.0)),
                r.load_factor.and_then(|v| round(v.get(), 1e4)),
                r.power_factor.and_then(|v| round(v.get(), 1e4)),
                r.bill_total.and_then(|m| round(m.to_f64(), 1.0)),
                r.saving_total.and_then(|m| round(m.to_f64(), 1.0)),
                r.currency.as_deref().unwrap_or_default(),
                r.codes(),
                (r.n_expected > 0).then(|| (r.n_valid as f64 / r.n_expected as f64 * 1e4).floor() / 1e4),
                &r.href,
                r.reason.as_deref(),
            )
        })
        .map(|((a, b, c), d, e, f, g, h, i, j, k, l, m, n)| {
            serde_json::json!([a, b, c, d, e, f, g, h, i, j, k, l, m, n])
        })
        .collect();
    Ok(serde_json::to_string(&cells)?.replace('<', "\\u003c").replace('&', "\\u0026"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(i: usize) -> FleetRow {
        FleetRow {
            id: format!("{i:010}").into(),
            name: Some(format!("Works <b>{i}</b> & Söhne")),
            status: if i % 50 == 7 { Status::Failed } else { Status::Ok },
            reason: (i % 50 == 7).then(|| "no usable interval".into()),
            kwh: Some(Kwh::new(1_234_567.8 + i as f64)),
            max_kw: Some(Kw::new(850.25)),
            load_factor: Some(Ratio::new(0.45678)),
            power_factor: (i % 3 != 0).then(|| Ratio::new(0.91234)),
            bill_total: Money::from_f64_rounded(1_000_000.0 + i as f64),
            saving_total: Money::from_f64_rounded((i * 100) as f64),
            currency: Some("CNY".into()),
            advice: vec![
                FleetAdvice { code: "R04", saving_joint: Money::from_f64_rounded(100.0) },
                FleetAdvice { code: "R05", saving_joint: None },
            ],
            n_valid: 35_000,
            n_expected: 35_040,
            href: format!("customers/{i:010}.html"),
        }
    }

    fn ctx(language: Language) -> FleetContext {
        FleetContext::new(language, Date(20_000))
    }

    #[test]
    fn ten_thousand_customers_stay_under_six_megabytes() -> Result<()> {
        let rows: Vec<FleetRow> = (0..10_000).map(row).collect();
        let html = fleet_page(&rows, &ctx(Language::En))?;
        assert!(html.len() < 6_000_000, "{} bytes", html.len());
        if let Some(dir) = std::env::var_os("PEAKWISE_PAGES") {
            std::fs::write(std::path::Path::new(&dir).join("fleet.html"), &html).unwrap();
        }
        Ok(())
    }

    #[test]
    fn names_with_markup_stay_text() -> Result<()> {
        let mut rows: Vec<FleetRow> = (1..4).map(row).collect();
        rows[0].name = Some("</script><script>alert(1)</script>".into());
        rows[1].status = Status::Failed;
        rows[1].reason = Some("<img src=x>".into());
        let html = fleet_page(&rows, &ctx(Language::Zh))?;
        assert_eq!(html.matches("<script").count(), 2, "the data and the program");
        assert!(!html.contains("<img") && !html.contains("<b>"));
        Ok(())
    }

    #[test]
    fn the_policy_names_the_hash_of_the_script_that_is_there() -> Result<()> {
        let html = fleet_page(&[row(1)], &ctx(Language::En))?;
        let script = html.rsplit_once("<script>").and_then(|(_, s)| s.split_once("</script>")).map(|(s, _)| s).unwrap();
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script));
        let policy = html.split("script-src").nth(1).unwrap();
        assert!(policy.contains(&hash) || policy.contains(&hash.replace('+', "&#43;")), "{hash}");
        Ok(())
    }

    #[test]
    fn savings_add_up_by_code_and_by_currency() {
        let mut rows: Vec<FleetRow> = (1..4).map(row).collect();
        rows[2].currency = Some("EUR".into());
        let k = kinds(&rows, Numbers(Language::En));
        assert_eq!((k[0].code, k[0].saving.as_str(), k[0].customers.as_str()), ("R04", "CNY 200 + EUR 100", "3"));
        assert_eq!((k[1].code, k[1].saving.as_str()), ("R05", ABSENT));
        let f = first(&rows, Numbers(Language::En));
        assert_eq!(f[0].saving, "EUR 300");
    }

    #[test]
    fn an_empty_fleet_is_a_page() -> Result<()> {
        let html = fleet_page(&[], &ctx(Language::En))?;
        assert!(html.contains(Text::of(Language::En).t("fleet.none")));
        Ok(())
    }
}
