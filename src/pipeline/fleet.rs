//! Phase 2: the fleet, from at most a kilobyte of facts a customer.

use super::Job;
use super::portfolio::Judge;
use crate::analysis::{Analysis, Outcome, Status};
use crate::error::{Error, Result};
use crate::portfolio::{Cluster, CustomerFacts, Grade, HOURS, Portfolio, Standing};
use crate::quality::Severity;
use crate::register::{PeerFigures, Peers};
use crate::report::{
    FleetAdvice, FleetCluster, FleetClusters, FleetContext, FleetPeak, FleetRow, FleetStanding, Maker,
};
use crate::rule::{Advice, Outcome as Verdict, Thresholds, Tier};
use crate::tariff::{Bill, BillState, ReconciliationState};
use crate::text::{Text, say, tell, without_numbers};
use crate::time::Date;
use crate::units::Money;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A recommendation of the whole fleet's list.
#[derive(Debug, Clone, PartialEq)]
pub struct AdviceFact {
    /// `R01`…
    pub code: &'static str,
    /// Lower and upper end of the yearly saving.
    pub range: (Money, Money),
    /// The yearly saving itself.
    pub told: Money,
    /// Below this a saving of the customer is not worth mentioning, a year.
    pub least: f64,
    /// `high`, `medium` or `low`.
    pub certainty: &'static str,
    /// It is in the headline: no technical potential, nothing that asks for spending.
    pub headline: bool,
    /// What taking it asks for.
    pub tier: Tier,
    /// It is not promised for the one reason that the customer's industry is not known.
    pub awaits_sector: bool,
}

/// Lists of words that many customers have in common, each kept once.
#[derive(Debug, Default)]
pub(super) struct Lists(Mutex<BTreeSet<Arc<[String]>>>);

impl Lists {
    fn shared(&self, list: Vec<String>) -> Arc<[String]> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.get(list.as_slice()) {
            return Arc::clone(same);
        }
        let list: Arc<[String]> = list.into();
        known.insert(Arc::clone(&list));
        list
    }
}

/// What phase 2 keeps of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetFact {
    /// What stands in the fleet's page.
    pub row: FleetRow,
    /// First and last date of its readings.
    pub dates: Option<(Date, Date)>,
    /// Its advice that is in the plan and priced, best first.
    pub advice: Vec<AdviceFact>,
    /// Zone of its readings.
    pub zone: Option<Arc<str>>,
    /// Findings of the checks.
    pub n_issues: usize,
    /// Inputs that its rules lack.
    pub needs: Arc<[String]>,
    /// What limits its bill: lines left out and why, assumptions, reasons of cycles without a bill.
    pub bill_limits: Arc<[String]>,
    /// What the portfolio is judged by, until it is; of analysed customers alone, where one is judged.
    pub customer: Option<Box<CustomerFacts>>,
    /// What it adds to the figures of its sector.
    pub peer: Option<Box<PeerFigures>>,
}

impl FleetFact {
    /// The facts of an outcome; `href` leads from the fleet's page to the customer's, `judge` says
    /// what the portfolio is judged by.
    #[must_use]
    pub(super) fn of(outcome: &Outcome, href: String, judge: &Judge) -> Self {
        let a = outcome.analysis.as_ref();
        let advice = || a.map_or(&[][..], |a| &a.advice).iter().filter(|r| r.verdict == Verdict::Advise);
        let last = |a: &Analysis| a.load.date(a.daily.len().saturating_sub(1));
        let missing = a.map_or(&[][..], |a| &a.advice).iter().filter(|r| r.verdict == Verdict::Missing);
        let least = a.map_or(0.0, |a| a.plan.least_saving(&judge.thresholds));
        let mut needs: Vec<String> = missing.flat_map(|r| r.needs.iter().cloned()).collect();
        needs.sort();
        needs.dedup();
        Self {
            row: row(outcome, href),
            dates: a.filter(|a| !a.daily.is_empty()).map(|a| (a.load.date(0), last(a))),
            advice: advice().filter_map(|r| fact(r, least)).collect(),
            zone: a.map(|a| a.load.days().zone().shared_name()),
            n_issues: a.map_or(0, |a| a.issues.len()),
            needs: judge.lists.shared(needs),
            bill_limits: judge.lists.shared(a.and_then(|a| a.bill.as_ref()).map_or_else(Vec::new, limits)),
            customer: a
                .zip(judge.system_peaks.as_deref())
                .map(|(a, peaks)| Box::new(CustomerFacts::of(a, peaks, (&judge.settings, &judge.thresholds)))),
            peer: a.and_then(peer).map(Box::new),
        }
    }

    /// How the analysis ended.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.row.status
    }
}

/// What limits a bill, each once, without what is of one cycle or supply point alone.
fn limits(bill: &Bill) -> Vec<String> {
    let unbilled = bill.cycles.iter().filter_map(|c| match &c.state {
        BillState::Unbillable(why) => Some(say("run.not_billed", &[("why", &without_numbers(why))])),
        BillState::Billed | BillState::Partial => None,
    });
    let mut all: Vec<String> = bill.notes.iter().map(|n| without_numbers(n)).chain(unbilled).collect();
    all.sort();
    all.dedup();
    all
}

/// Notes on the bills that are told of a run; the others are on the customers' pages (judgement).
const BILL_NOTES: usize = 8;

/// What limits the bills of a fleet: the most frequent notes, and of how many customers each is true.
#[must_use]
pub fn bill_notes(fleet: &[FleetFact]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for limit in fleet.iter().flat_map(|f| f.bill_limits.iter()) {
        *counts.entry(limit.as_str()).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(note, n)| (std::cmp::Reverse(*n), *note));
    let more = counts.len().saturating_sub(BILL_NOTES);
    let told = counts.into_iter().take(BILL_NOTES).map(|(note, n)| say("run.bills_of", &[("n", &n), ("why", &note)]));
    let rest = (more > 0).then(|| say("run.bills_more", &[("n", &more)]));
    told.chain(rest).collect()
}

fn peer(a: &Analysis) -> Option<PeerFigures> {
    let indicator = |code| a.indicators.iter().find(|r| r.code == code)?.value;
    Some(PeerFigures {
        sector: a.customer.sector?,
        kwh: a.totals.kwh?.get(),
        load_factor: indicator("load_factor")?,
        base_to_peak: indicator("base_to_peak"),
    })
}

/// Writes the quartiles of the fleet's sectors for later runs; nothing when no sector is large enough.
///
/// # Errors
/// When the file cannot be written.
pub fn write_peers(dir: &Path, fleet: &[FleetFact], thresholds: &Thresholds) -> Result<()> {
    let Some((from, to)) = dates(fleet) else { return Ok(()) };
    let figures: Vec<PeerFigures> = fleet.iter().filter_map(|f| f.peer.as_deref().copied()).collect();
    let (least, most) = (thresholds.peer_least, thresholds.peer_most_share);
    let peers = Peers::of(&figures, (from.to_string(), to.to_string()), least, most);
    if peers.groups.is_empty() {
        return Ok(());
    }
    let path = dir.join("peers.json");
    let text = serde_json::to_string_pretty(&peers).map_err(Error::parquet(&path))?;
    std::fs::write(&path, text + "\n").map_err(Error::io(&path))
}

/// First and last date of the fleet's readings.
fn dates(fleet: &[FleetFact]) -> Option<(Date, Date)> {
    fleet.iter().filter_map(|f| f.dates).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

fn fact(r: &Advice, least: f64) -> Option<AdviceFact> {
    let told = r.saving_headline.or(r.saving_joint)?;
    let range = (r.saving_low?, r.saving_high?);
    Some(AdviceFact {
        code: r.code,
        range,
        told,
        least,
        certainty: r.certainty?,
        headline: r.headline,
        tier: r.tier,
        awaits_sector: r.awaits_sector(),
    })
}

fn row(outcome: &Outcome, href: String) -> FleetRow {
    let a = outcome.analysis.as_ref();
    let t = a.map(|a| a.totals);
    let advice = a.map_or(&[][..], |a| &a.advice).iter().filter(|r| r.verdict == Verdict::Advise);
    FleetRow {
        id: Arc::clone(&outcome.customer.id),
        name: outcome.customer.name.clone(),
        status: outcome.status,
        reason: outcome.reason.clone(),
        kwh: t.and_then(|t| t.kwh),
        max_kw: t.and_then(|t| t.max).map(|m| m.0),
        load_factor: t.and_then(|t| t.load_factor),
        power_factor: t.and_then(|t| t.power_factor),
        bill_total: a.and_then(|a| a.plan.bill_now),
        saving_total: a.and_then(|a| a.plan.saving),
        saving_headline: a.and_then(|a| a.plan.saving_headline),
        currency: a.and_then(|a| a.bill.as_ref()).map(|b| Arc::clone(&b.currency)),
        advice: advice
            .map(|r| FleetAdvice {
                code: r.code,
                saving_joint: r.saving_headline.or(r.saving_joint),
                certainty: r.certainty,
                headline: r.headline,
                tier: r.tier,
                awaits_sector: r.awaits_sector(),
            })
            .collect(),
        n_valid: t.map_or(0, |t| t.n_valid),
        n_expected: t.map_or(0, |t| t.n_expected),
        withheld: a.is_some_and(|a| a.issues.iter().any(|i| i.severity == Severity::Blocking)),
        reconciled: a.and_then(|a| reconciled(a.reconciliation.as_ref()?.state)),
        standing: None,
        href,
    }
}

/// Whether the recent bills agree with the issued ones; `None` without one to compare.
const fn reconciled(state: ReconciliationState) -> Option<bool> {
    match state {
        ReconciliationState::Reconciled => Some(true),
        ReconciliationState::Unreconciled => Some(false),
        ReconciliationState::NoIssuedBill => None,
    }
}

/// What the fleet's files are written from: its rows with the portfolio's judgement, and what frames them.
pub fn judged(
    job: &Job,
    fleet: &[FleetFact],
    portfolio: &Portfolio,
    notes: &[String],
) -> (Vec<FleetRow>, FleetContext) {
    let mut rows: Vec<FleetRow> = fleet.iter().map(|f| f.row.clone()).collect();
    place(&mut rows, portfolio);
    let context = FleetContext {
        period: dates(fleet),
        notes: notes.iter().map(|n| tell(n, Text::of(job.language))).collect(),
        peak: peak(&rows, portfolio),
        clusters: FleetClusters {
            clusters: portfolio.clusters.clusters.iter().map(cluster).collect(),
            silhouette: portfolio.clusters.silhouette,
            stability: portfolio.clusters.stability,
            stable_from: portfolio.clusters.stable_from,
        },
        ..FleetContext::new(job.language, job.run_date)
    };
    (rows, context)
}

/// Customers named in the fleet's peak (judgement).
const MAKERS: usize = 10;

/// Puts the portfolio's judgement into the rows.
fn place(rows: &mut [FleetRow], portfolio: &Portfolio) {
    let judged = portfolio.facts.iter().zip(&portfolio.standings).map(|(f, s)| (&*f.id, s));
    let judged: BTreeMap<&str, &Standing> = judged.collect();
    for row in rows {
        row.standing = judged.get(&*row.id).map(|s| FleetStanding {
            grade: s.score.grade.map_or("", Grade::name),
            visit: s.visit_order,
            peak_share: s.peak_share,
        });
    }
}

/// A cluster as the fleet's page shows it.
fn cluster(c: &Cluster) -> FleetCluster {
    FleetCluster {
        number: c.number,
        size: c.size,
        patterns: c.told().into_iter().map(|(pattern, share)| (pattern.name(), share)).collect(),
        named: c.pattern.is_some(),
        work: c.work.to_vec(),
        rest: c.rest.to_vec(),
    }
}

/// The fleet's typical day that holds its peak, and who makes it.
fn peak(rows: &[FleetRow], portfolio: &Portfolio) -> Option<FleetPeak> {
    let curve = &portfolio.curve;
    let hour = curve.peak_hour()?;
    let mut kw = vec![None; HOURS];
    for h in curve.peak_day() {
        if let Some(cell) = kw.get_mut(h.hour) {
            *cell = Some(h.kw);
        }
    }
    let maker = |(i, kw, share): (usize, crate::units::Kw, f64)| {
        let facts = portfolio.facts.get(i)?;
        let row = rows.iter().find(|r| r.id == facts.id)?;
        let name = row.name.clone().unwrap_or_else(|| row.id.to_string());
        Some(Maker { name, href: row.href.clone(), kw: kw.get(), share })
    };
    let makers = curve.makers(MAKERS).into_iter().filter_map(maker).collect();
    Some(FleetPeak { day_kind: hour.day_kind, season: hour.season, kw, hour: hour.hour, makers })
}
