//! The fleet's page, for the utility's staff: totals, whom to visit first, a table of all.
//!
//! The rows travel as one compact JSON array and a small script shows fifty at a time. Plain
//! table rows would make 10,000 customers a page of 5 MB and 120,000 cells to lay out before the
//! first sort; the array is a third of that and sorting touches no element of the page.

mod clusters;
mod lists;
mod peak;
mod rows;

pub use clusters::{FleetCluster, FleetClusters};
pub use peak::{FleetPeak, Maker};

use super::script::policy_hash;
use super::{Language, Numbers, Text};
use crate::analysis::Status;
use crate::error::{Error, Result};
use crate::rule::Tier;
use crate::time::Date;
use crate::units::{Kw, Kwh, Money, Ratio};
use askama::Template;
use lists::{First, Kind, Tile, Trouble};
use std::sync::Arc;

const SCRIPT: &str = include_str!("../../../templates/fleet.js");

/// Failed and skipped customers listed by name; the table below has them all.
const TROUBLES: usize = 200;

/// A recommendation of a customer, as the fleet sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetAdvice {
    /// `R01`…
    pub code: &'static str,
    /// Saving a year in the headline, outside it in the plan; `None` outside both or without a price.
    pub saving_joint: Option<Money>,
    /// `high`, `medium` or `low`.
    pub certainty: Option<&'static str>,
    /// Its saving stands in the headline: no technical potential, nothing that asks for spending.
    pub headline: bool,
    /// What taking it asks for.
    pub tier: Tier,
    /// It is not promised for the one reason that the customer's industry is not known.
    pub awaits_sector: bool,
}

impl FleetAdvice {
    /// Key of what its saving is where that is no promise.
    pub(in crate::report) fn mark(&self) -> Option<&'static str> {
        match (self.saving_joint.is_some() && !self.headline, self.tier) {
            (false, _) => None,
            (true, Tier::Invest) => Some("fleet.mark_invest"),
            (true, _) if self.awaits_sector => Some("fleet.mark_sector"),
            (true, Tier::Counter) => Some("fleet.mark_condition"),
            (true, _) => Some("fleet.mark_potential"),
        }
    }
}

/// A customer's place among all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FleetStanding {
    /// `A` to `D`.
    pub grade: &'static str,
    /// Place among those whom a visit saves something; 1 is first.
    pub visit: Option<usize>,
    /// Share of the fleet's peak.
    pub peak_share: Option<f64>,
}

/// What phase 1 leaves of a customer for the fleet's page: at most about 1 kB.
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// The part of it without technical potential and without what asks for spending.
    pub saving_headline: Option<Money>,
    /// ISO code of both amounts.
    pub currency: Option<Arc<str>>,
    /// Advice in order of rank.
    pub advice: Vec<FleetAdvice>,
    /// Usable readings.
    pub n_valid: usize,
    /// Expected readings.
    pub n_expected: usize,
    /// A finding in the readings withholds results.
    pub withheld: bool,
    /// Whether issued bills bear out the recomputed ones; `None` without any.
    pub reconciled: Option<bool>,
    /// Its place among all; `None` when the fleet was not judged.
    pub standing: Option<FleetStanding>,
    /// Address of the customer's page relative to the fleet's; empty without one.
    pub href: String,
}

impl FleetRow {
    pub(in crate::report) fn label(&self) -> String {
        self.name.as_ref().map_or_else(|| self.id.to_string(), |n| format!("{n} ({})", self.id))
    }

    pub(in crate::report) fn codes(&self) -> String {
        self.advice.iter().map(|a| a.code).collect::<Vec<_>>().join(" ")
    }

    /// How certain the greatest saving of the headline is: `high`, `medium` or `low`.
    pub(in crate::report) fn certainty(&self) -> Option<&'static str> {
        let greatest = self.advice.iter().filter(|a| a.headline).max_by_key(|a| a.saving_joint);
        greatest.and_then(|a| a.certainty)
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
    /// The fleet's typical day with its peak, and who makes it.
    pub peak: Option<FleetPeak>,
    /// Behaviour clusters, the largest first; none when the fleet was not judged or is too small.
    pub clusters: FleetClusters,
}

impl FleetContext {
    /// A context with the general heading and no notes.
    #[must_use]
    pub fn new(language: Language, run_date: Date) -> Self {
        let title = Text::of(language).t("fleet.title").to_owned();
        let generated_by = concat!("peakwise ", env!("CARGO_PKG_VERSION")).to_owned();
        Self {
            language,
            title,
            period: None,
            run_date,
            generated_by,
            notes: Vec::new(),
            peak: None,
            clusters: FleetClusters::default(),
        }
    }
}

#[derive(Template)]
#[template(path = "fleet.html")]
struct Page<'a> {
    ctx: &'a FleetContext,
    language: Language,
    text: &'static Text,
    facts: Vec<(&'static str, String)>,
    tiles: Vec<Tile>,
    peak: Option<peak::View>,
    clusters: Vec<clusters::View>,
    clusters_note: String,
    first: Vec<First>,
    kinds: Vec<Kind>,
    troubles: Vec<Trouble>,
    more_troubles: String,
    columns: Vec<(usize, &'static str, String)>,
    multi: bool,
    rows_json: String,
    script: &'static str,
    script_hash: String,
}

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
        tiles: lists::tiles(rows, text, numbers),
        peak: ctx.peak.as_ref().map(|p| peak::view(p, text, numbers)),
        clusters: clusters::views(&ctx.clusters.clusters, text, numbers),
        clusters_note: clusters::note(&ctx.clusters, text, numbers),
        first: lists::first(rows, numbers),
        kinds: lists::kinds(rows, numbers),
        troubles: troubles.iter().take(TROUBLES).map(|r| lists::trouble(r, text)).collect(),
        more_troubles: if hidden == 0 {
            String::new()
        } else {
            text.fill("fleet.more_troubles", &[("n", &hidden.to_string())])
        },
        columns: rows::columns(numbers, rows),
        multi: rows::single_currency(rows).is_none(),
        rows_json: rows::rows_json(rows, text)?,
        script: SCRIPT,
        script_hash: policy_hash(SCRIPT),
    };
    page.render().map_err(|e| wrong(e.to_string()))
}

fn facts(ctx: &FleetContext, text: &'static Text) -> Vec<(&'static str, String)> {
    ctx.period.map(|(from, to)| (text.t("head.period"), format!("{from} – {to}"))).into_iter().collect()
}

#[cfg(test)]
mod tests;
