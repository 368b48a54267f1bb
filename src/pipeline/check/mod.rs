//! Quality alone: what the files are, which options they seem to need, and what is wrong with the
//! readings. Nothing is billed and nothing is written.

mod evidence;
mod form;
mod hints;
#[cfg(test)]
mod tests;
mod twins;
mod zones;

pub use form::{ColumnForm, Form};
pub use hints::{Hint, HintKind};

use super::roster::Loads;
use super::{Job, Member, Metered, Opened, Progress};
use crate::analysis::Status;
use crate::curve::{DayLabels, Load};
use crate::customer::Meter;
use crate::error::Result;
use crate::input::{InputOptions, MeterSegments};
use crate::quality::{CHECKS, Inspection, Issue, inspect, over_full_scale};
use crate::text::said;
use crate::time::Date;
use evidence::{Evidence, Scene};
use serde::Serialize;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

/// Customers that the report lists.
pub const WORST: usize = 10;

/// What `check` found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    /// Files.
    pub files: usize,
    /// Rows in all files.
    pub rows: u64,
    /// Rows whose id is null.
    pub rows_without_id: u64,
    /// Meters of the readings.
    pub meters: usize,
    /// Customers, those without readings included.
    pub customers: usize,
    /// Customers that ended `ok`, `skipped` and `failed`.
    pub ok: usize,
    /// Customers without a usable interval or without readings.
    pub skipped: usize,
    /// Customers that could not be read.
    pub failed: usize,
    /// Start of the first interval, on the customer's wall clock.
    pub first_start: Option<String>,
    /// Start of the last.
    pub last_start: Option<String>,
    /// Meters by interval length in minutes.
    pub intervals: BTreeMap<u32, usize>,
    /// Files by form.
    pub forms: Vec<Form>,
    /// Options that were used.
    pub options: Vec<OptionUsed>,
    /// Hints.
    pub hints: Vec<Hint>,
    /// Findings by check.
    pub quality: Vec<CodeFindings>,
    /// The [`WORST`] customers.
    pub worst: Vec<CustomerFindings>,
    /// What the user should know beside.
    pub notes: Vec<String>,
}

/// An option of reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionUsed {
    /// As on the command line.
    pub option: &'static str,
    /// What was used.
    pub value: String,
    /// Whether this is the default.
    pub default: bool,
}

/// What one check found in all customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeFindings {
    /// `V01`…
    pub code: &'static str,
    /// What the check looks for.
    pub name: &'static str,
    /// Customers with a finding.
    pub customers: usize,
    /// Findings.
    pub findings: usize,
    /// Intervals concerned.
    pub intervals: usize,
    /// The customer with most intervals concerned, the first of equals.
    pub worst: Option<String>,
}

/// What was found in one customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CustomerFindings {
    /// Its id.
    pub customer_id: String,
    /// `ok`, `skipped` or `failed`.
    pub status: &'static str,
    /// Why it is not ok.
    pub reason: Option<String>,
    /// Intervals from the first to the last start.
    pub n_expected: usize,
    /// Usable readings.
    pub n_valid: usize,
    /// `n_valid / n_expected`; NULL without an expected interval.
    pub coverage: Option<f64>,
    /// Findings.
    pub findings: usize,
    /// Codes of the checks that found something.
    pub codes: Vec<&'static str>,
}

/// What is kept of a customer.
struct Fact {
    findings: CustomerFindings,
    /// Findings and intervals by code.
    by_code: BTreeMap<&'static str, (usize, usize)>,
    evidence: Evidence,
    intervals: Vec<u32>,
    /// First and last start: UTC second and wall clock.
    span: Option<((i64, String), (i64, String))>,
    zone: Option<(String, (Date, Date))>,
}

impl Fact {
    fn without(member: &Member, status: Status, reason: &str) -> Self {
        let findings = CustomerFindings {
            customer_id: member.id.to_string(),
            status: status.name(),
            reason: Some(reason.to_owned()),
            n_expected: 0,
            n_valid: 0,
            coverage: None,
            findings: 0,
            codes: Vec::new(),
        };
        let by_code = BTreeMap::new();
        Self { findings, by_code, evidence: Evidence::default(), intervals: Vec::new(), span: None, zone: None }
    }
}

/// Checks the readings of a job on the current thread pool; its tariffs, tables and output directory are
/// not looked at.
///
/// # Errors
/// When nothing could be read. Failures of single customers are in the report.
pub fn check(job: &Job, progress: &dyn Progress) -> Result<CheckReport> {
    let opened = Opened::new(job)?;
    let (mut forms, of_file) = form::forms(&opened.readings);
    let members = &opened.roster.members;
    let facts: Mutex<Vec<Option<Fact>>> = Mutex::new(members.iter().map(|_| None).collect());
    let run = Run { job, opened: &opened, scene: Scene { options: &job.input, of_file: &of_file, forms: forms.len() } };
    let keep = |rank: usize, fact: Fact| {
        if let Some(slot) = facts.lock().unwrap_or_else(PoisonError::into_inner).get_mut(rank) {
            *slot = Some(fact);
        }
    };
    progress.start(opened.readings.rows());
    opened.readings.for_each_customer(
        &opened.roster.meter_lists(),
        |rank, segments| {
            let Some(member) = members.get(rank) else { return };
            // A panic would be a fault of peakwise; it costs the customer, not the run.
            let fact = catch_unwind(AssertUnwindSafe(|| run.one(member, segments)))
                .unwrap_or_else(|_| Fact::without(member, Status::Failed, said("run.checking")));
            keep(rank, fact);
        },
        |rows| progress.advance(rows),
    );
    for (rank, member) in members.iter().enumerate().filter(|(_, m)| m.meters.is_empty()) {
        keep(rank, Fact::without(member, Status::Skipped, said("customer.no_rows")));
    }
    let facts: Vec<Fact> = facts.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect();
    let mut evidence = Evidence::default();
    for fact in &facts {
        evidence.add(&fact.evidence);
    }
    for (form, (ahead, back)) in forms.iter_mut().zip(&evidence.steps) {
        form.time_order = form::time_order(*ahead, *back);
    }
    Ok(report(job, opened, forms, &evidence, &facts))
}

/// What the customers of a check share.
struct Run<'a> {
    job: &'a Job,
    opened: &'a Opened,
    scene: Scene<'a>,
}

impl Run<'_> {
    fn one(&self, member: &Member, segments: MeterSegments) -> Fact {
        let options = &self.job.input;
        let mut segments = match segments {
            Ok(segments) => segments,
            Err(reason) => return Fact::without(member, Status::Failed, &reason),
        };
        let loads = match member.loads(&mut segments, &self.opened.readings) {
            Ok(loads) => loads,
            Err(reason) => return Fact::without(member, Status::Failed, &reason),
        };
        let mut evidence = Evidence::default();
        let intervals = loads.of_meters.iter().map(|(_, load)| load.interval().minutes()).collect();
        for (index, segments) in &segments {
            let mut of_meter = member.meters.iter().filter(|m| m.index == *index).map(Metered::id);
            let load = of_meter.find_map(|id| loads.of_meters.iter().find(|(m, _)| m.id == *id)).map(|(_, load)| load);
            let Some(load) = load else { continue };
            let mut found = evidence::of_labels(&self.scene, segments, load.interval(), member);
            let long = segments.iter().all(|s| s.block.points == 1);
            found.late_midnights = usize::from(found.naive > 0 && long && evidence::late_midnight(load, options));
            evidence.add(&found);
        }
        let mut fact = self.inspected(member, loads, &mut evidence);
        fact.evidence = evidence;
        fact.intervals = intervals;
        fact
    }

    /// Runs the checks on the customer's sum.
    fn inspected(&self, member: &Member, loads: Loads, evidence: &mut Evidence) -> Fact {
        let meters: Vec<Meter> = loads.of_meters.iter().map(|l| l.0.clone()).collect();
        let assembled = match loads.assemble() {
            Ok(assembled) => assembled,
            Err(reason) => return Fact::without(member, Status::Skipped, &reason),
        };
        let load = assembled.total;
        let customer = &member.customer();
        let days = load.days();
        let zone = days.zone().name();
        let calendar = self.opened.calendars.of(zone);
        let labels = DayLabels::new(days, calendar, &self.job.seasons, &customer.own_rest_days());
        let inspection = Inspection::new(&load, &labels, customer, &meters, &self.opened.register.registers);
        let issues = inspect(&inspection.with_meters(&assembled.of_meters));
        let impossible = over_full_scale(&load, &meters);
        let n_valid = load.n_valid() - impossible.len();
        let n_expected = load.span().len();
        loading(evidence, &load, customer.contract.capacity.map(crate::units::Kva::get), &meters, &self.job.input);
        let by_code = by_code(&issues);
        let start = |i: usize| (load.instant(i).utc, load.instant(i).to_string());
        let span = load.span();
        Fact {
            findings: CustomerFindings {
                customer_id: customer.id.to_string(),
                status: Status::Ok.name(),
                reason: None,
                n_expected,
                n_valid,
                coverage: (n_expected > 0).then(|| n_valid as f64 / n_expected as f64),
                findings: by_code.values().map(|c| c.0).sum(),
                codes: by_code.keys().copied().collect(),
            },
            by_code,
            evidence: Evidence::default(),
            intervals: Vec::new(),
            span: (!span.is_empty()).then(|| (start(span.start), start(span.end - 1))),
            zone: Some((zone.to_owned(), (load.date(0), load.date(days.len().saturating_sub(1))))),
        }
    }
}

/// Findings and intervals by code; a row that stands for many runs counts them all.
fn by_code(issues: &[Issue]) -> BTreeMap<&'static str, (usize, usize)> {
    let mut out: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    for issue in issues {
        let runs = issue
            .evidence
            .get("runs")
            .and_then(serde_json::Value::as_u64)
            .filter(|_| issue.evidence["finding"] == "others");
        let entry = out.entry(issue.code).or_default();
        entry.0 += runs.map_or(1, |n| usize::try_from(n).unwrap_or(usize::MAX));
        entry.1 += issue.n_intervals;
    }
    out
}

/// Greatest power over transformer capacity, as read and as it would be with the meters' multipliers.
fn loading(evidence: &mut Evidence, load: &Load, kva: Option<f64>, meters: &[Meter], options: &InputOptions) {
    let Some(kva) = kva.filter(|k| *k > 0.0) else { return };
    let Some((max, _)) = load.max_kw(load.span().clone()) else { return };
    evidence.loading.push(max / kva);
    let unapplied = meters.iter().filter(|m| m.values_multiplied && options.values_multiplied).map(|m| m.multiplier);
    if let Some(multiplier) = unapplied.reduce(f64::max).filter(|m| *m > 1.0) {
        evidence.loading_multiplied.push(max / kva * multiplier);
    }
}

fn report(job: &Job, opened: Opened, forms: Vec<Form>, evidence: &Evidence, facts: &[Fact]) -> CheckReport {
    let Opened { readings, calendars, mut notes, .. } = opened;
    let mut intervals: BTreeMap<u32, usize> = BTreeMap::new();
    for minutes in facts.iter().flat_map(|f| &f.intervals) {
        *intervals.entry(*minutes).or_default() += 1;
    }
    notes.extend(calendars.unpublished(facts.iter().filter_map(|f| f.zone.as_ref()).map(|(z, d)| (z.as_str(), *d))));
    let count = |s: Status| facts.iter().filter(|f| f.findings.status == s.name()).count();
    let spans = || facts.iter().filter_map(|f| f.span.as_ref());
    CheckReport {
        files: readings.files.len(),
        rows: readings.rows(),
        rows_without_id: readings.index.rows_without_id,
        meters: readings.meters().len(),
        customers: facts.len(),
        ok: count(Status::Ok),
        skipped: count(Status::Skipped),
        failed: count(Status::Failed),
        first_start: spans().map(|s| &s.0).min().map(|s| s.1.clone()),
        last_start: spans().map(|s| &s.1).max().map(|s| s.1.clone()),
        hints: hints::hints(&job.input, &readings, &forms, evidence, &intervals),
        intervals,
        forms,
        options: options_used(&job.input),
        quality: CHECKS.iter().map(|c| code_findings(c.code(), c.name(), facts)).collect(),
        worst: worst(facts),
        notes,
    }
}

fn code_findings(code: &'static str, name: &'static str, facts: &[Fact]) -> CodeFindings {
    let hits: Vec<(&Fact, (usize, usize))> = facts.iter().filter_map(|f| Some((f, *f.by_code.get(code)?))).collect();
    let worst = hits.iter().rev().max_by_key(|(_, (_, intervals))| *intervals);
    CodeFindings {
        code,
        name,
        customers: hits.len(),
        findings: hits.iter().map(|h| h.1.0).sum(),
        intervals: hits.iter().map(|h| h.1.1).sum(),
        worst: worst.map(|(f, _)| f.findings.customer_id.clone()),
    }
}

/// Failed customers, then those without a usable interval, then by share of usable readings, then by
/// intervals with findings; only customers of which there is something to tell.
fn worst(facts: &[Fact]) -> Vec<CustomerFindings> {
    let told = |f: &&Fact| f.findings.coverage.is_none_or(|c| c < 1.0) || f.findings.findings > 0;
    let mut facts: Vec<&Fact> = facts.iter().filter(told).collect();
    let intervals = |f: &Fact| f.by_code.values().map(|c| c.1).sum::<usize>();
    facts.sort_by(|a, b| {
        let rank = |f: &Fact| (f.findings.status != Status::Failed.name(), f.findings.status != Status::Skipped.name());
        let coverage = |f: &Fact| f.findings.coverage.unwrap_or(0.0);
        let by_coverage = || coverage(a).total_cmp(&coverage(b));
        let by_findings = || intervals(b).cmp(&intervals(a));
        let by_id = || a.findings.customer_id.cmp(&b.findings.customer_id);
        rank(a).cmp(&rank(b)).then_with(by_coverage).then_with(by_findings).then_with(by_id)
    });
    facts.into_iter().take(WORST).map(|f| f.findings.clone()).collect()
}

/// The options of reading with what was used, in the order of `--help`.
fn options_used(options: &InputOptions) -> Vec<OptionUsed> {
    let fields = |o: &InputOptions| serde_json::to_value(o).unwrap_or_default();
    let (used, default) = (fields(options), fields(&InputOptions::default()));
    let shown = [
        ("--tz", "tz"),
        ("--stamp", "stamp"),
        ("--point1", "first_point"),
        ("--midnight", "midnight"),
        ("--dst-labels", "dst_labels"),
        ("--unit", "scale"),
        ("--power-kind", "power_kind"),
        ("--values", "values_multiplied"),
        ("--interval", "interval"),
        ("--column", "columns"),
        ("--from", "from"),
        ("--to", "to"),
    ];
    let value = |option: &str, v: &serde_json::Value| match (option, v) {
        ("--unit", v) if v == "unit" => "w".to_owned(),
        ("--unit", v) if v == "mega" => "mw".to_owned(),
        ("--unit", _) => "kw".to_owned(),
        ("--values", v) => if v == true { "multiplied" } else { "raw" }.to_owned(),
        ("--interval", v) if v.is_null() => "found per meter".to_owned(),
        ("--column", v) => {
            let pairs = v.as_object().into_iter().flatten();
            let list: Vec<String> = pairs.map(|(r, c)| format!("{r}={}", c.as_str().unwrap_or_default())).collect();
            if list.is_empty() { "found by name".into() } else { list.join(" ") }
        }
        (_, v) => v.as_str().map_or_else(|| if v.is_null() { "none".into() } else { v.to_string() }, ToOwned::to_owned),
    };
    let one = |(option, field): (&'static str, &str)| {
        let v = used.get(field).unwrap_or(&serde_json::Value::Null);
        OptionUsed { option, value: value(option, v), default: default.get(field) == Some(v) }
    };
    shown.into_iter().map(one).collect()
}
