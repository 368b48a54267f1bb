//! Many customers: phase 1 analyses them one by one and in parallel, phase 2 looks at the fleet.

mod check;
mod convert;
mod fleet;
mod job;
mod manifest;
mod portfolio;
mod reports;
mod roster;

pub use check::{
    CheckReport, CodeFindings, ColumnForm, CustomerFindings, Form, Hint, HintKind, OptionUsed, WORST, check,
};
pub use convert::{Converted, convert};
pub use fleet::{AdviceFact, FleetFact};
pub use job::{Audiences, Calendars, Job, Terms, WhichMonth};
pub use manifest::sha256;
pub use roster::{Member, Metered, Roster};

use crate::analysis::{Outcome, Status};
use crate::customer::{Customer, Meter};
use crate::error::{Error, Result};
use crate::input::columns::{Role, role_name};
use crate::input::file::{ReadingsFile, Twin};
use crate::input::{MeterSegments, Readings};
use crate::kernel::{Context, Scenario, analyze};
use crate::output::{OutDirectory, Sink};
use crate::portfolio::Portfolio;
use crate::register::{Register, TermsFile};
use crate::rule::{Side, Thresholds};
use crate::tariff::{Compiled, Shelf};
use crate::text::{said, say};
use crate::time::Interval;
use manifest::Manifest;
use portfolio::Judge;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What a run comes to.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The output directory.
    pub out: PathBuf,
    /// Facts of every customer, by id.
    pub fleet: Vec<FleetFact>,
    /// The fleet as a portfolio.
    pub portfolio: Portfolio,
    /// Rows read.
    pub rows: u64,
    /// What the user should know: defaults used, columns taken, calendars that end.
    pub notes: Vec<String>,
}

impl Summary {
    /// Customers that ended with a status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.fleet.iter().filter(|f| f.status() == status).count()
    }
}

/// Where progress is told.
pub trait Progress: Sync {
    /// Called once, with the rows to read.
    fn start(&self, rows: u64);
    /// Called after each row group, with its rows.
    fn advance(&self, rows: u64);
}

/// Runs a job on the current thread pool.
///
/// # Errors
/// When nothing could be done: wrong options, unreadable inputs, no place to write. Failures of
/// single customers are in the summary.
pub fn run(job: &Job, progress: &dyn Progress) -> Result<Summary> {
    run_observed(job, progress, &|_| {})
}

/// As [`run`]; `observe` sees every outcome before it is dropped, in no certain order.
///
/// # Errors
/// As [`run`].
pub fn run_observed(job: &Job, progress: &dyn Progress, observe: &(dyn Fn(&Outcome) + Sync)) -> Result<Summary> {
    let mut clock = manifest::Clock::start();
    let Opened { register, mut readings, calendars, roster, mut notes } = Opened::new(job)?;
    let mut shelf = Shelf::open(&job.tariffs, job.conditions()?)?;
    shelf.add_named(register.customers.values().filter_map(|c| c.tariff.as_deref()));
    let thresholds = Arc::new(job.thresholds.as_deref().map(Thresholds::load).transpose()?.unwrap_or_default());
    let judge = Judge::new(job, Arc::clone(&thresholds))?;
    let reports = reports::Reports::open(job)?;
    let scenarios = scenarios(job, &mut shelf)?;
    let offered = offered(&register, &mut shelf)?;
    let directory = OutDirectory::create(&job.out, job.force)?;
    readings.options.scratch = Some(directory.path().to_owned());
    let sink = Sink::create(&directory.path().join("tables"), job.tables()?, roster.members.len())?;
    reports.create_directories(directory.path())?;
    clock.lap("open");
    let fleet = Mutex::new(vec![None; roster.members.len()]);
    let run = Phase1 {
        job,
        register: &register,
        calendars: &calendars,
        shelf: &shelf,
        scenarios: &scenarios,
        observe,
        roster: &roster,
        readings: &readings,
        sink: &sink,
        reports: &reports,
        directory: directory.path(),
        thresholds: &thresholds,
        offered: &offered,
        judge: &judge,
        fleet: &fleet,
        error: Mutex::new(None),
    };
    progress.start(readings.rows());
    readings.for_each_customer(
        &roster.meter_lists(),
        |rank, segments| run.one(rank, segments),
        |rows| progress.advance(rows),
    );
    run.without_rows();
    if let Some(error) = run.error.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    sink.finish()?;
    clock.lap("customers");
    let mut fleet: Vec<FleetFact> =
        fleet.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect();
    job.notes(&calendars, &fleet, &mut notes);
    let portfolio = judge.judge(&mut fleet);
    judge.write(job, directory.path(), &portfolio, &calendars)?;
    fleet::write_peers(directory.path(), &fleet, &thresholds)?;
    reports.write_fleet(directory.path(), &fleet, &portfolio, &notes)?;
    clock.lap("fleet");
    let judged = judge.summary(&portfolio);
    let (readings, calendars, shelf, thresholds) = (&readings, &calendars, &shelf, &thresholds);
    Manifest { job, readings, calendars, shelf, thresholds, fleet: &fleet, portfolio: judged, notes: &notes }
        .write(directory.path(), &clock)?;
    let out = directory.finish()?;
    Ok(Summary { out, fleet, portfolio, rows: readings.rows(), notes })
}

/// The job's scenarios with their tariffs loaded: name, tariff id, mode.
fn scenarios(job: &Job, shelf: &mut Shelf) -> Result<Vec<Terms>> {
    let load = |terms: &Terms| {
        let tariff = terms.tariff.as_deref().map(|t| shelf.add(t)).transpose()?;
        Ok(Terms { tariff, ..terms.clone() })
    };
    job.scenarios.iter().map(load).collect()
}

/// The inputs of a job, opened and joined.
struct Opened {
    register: Register,
    readings: Readings,
    calendars: Calendars,
    roster: Roster,
    notes: Vec<String>,
}

impl Opened {
    fn new(job: &Job) -> Result<Self> {
        let (register, mut notes) = Register::load(&job.register)?;
        let mut input = job.input.clone();
        input.meters_given = register.by_meter;
        let readings = Readings::open(&job.readings, input)?;
        if readings.meters().is_empty() {
            return Err(nothing_to_do(&readings));
        }
        let calendars = job.calendars(&register)?;
        let roster = Roster::new(&readings, &register, &job.only, &mut notes)?;
        notes.extend(twins(&readings));
        Ok(Self { register, readings, calendars, roster, notes })
    }
}

/// Which of power and energy is read where files hold both.
fn twins(readings: &Readings) -> BTreeSet<String> {
    let told = |file: &ReadingsFile, twin: &Twin| {
        let (read, left) = (file.column_name(twin.read.1), file.column_name(twin.left.1));
        let role = role_name(Role::Value(twin.left.0));
        say("run.twins", &[("read", &read), ("left", &left), ("same", &read), ("role", &role), ("other", &left)])
    };
    readings.files.iter().flat_map(|f| f.twins.iter().map(move |t| told(f, t))).collect()
}

/// Why there is nothing to read.
fn nothing_to_do(readings: &Readings) -> Error {
    let (rows, files) = (readings.rows(), readings.files.len());
    if rows == 0 {
        let what = say("run.no_rows_at_all", &[("n", &files)]);
        return Error::option(what, said("run.no_rows_cure"));
    }
    Error::option(say("run.no_ids", &[("n", &rows)]), said("run.no_ids_cure"))
}

/// The tariffs that terms name, loaded: the name in the terms, and the tariff's id.
fn offered(register: &Register, shelf: &mut Shelf) -> Result<Vec<(String, String)>> {
    let names = register.terms.as_ref().map(TermsFile::tariffs).unwrap_or_default();
    names.into_iter().map(|name| shelf.add(&name).map(|id| (name, id))).collect()
}

/// What phase 1 shares between customers.
struct Phase1<'a> {
    job: &'a Job,
    register: &'a Register,
    calendars: &'a Calendars,
    shelf: &'a Shelf,
    scenarios: &'a [Terms],
    observe: &'a (dyn Fn(&Outcome) + Sync),
    roster: &'a Roster,
    readings: &'a Readings,
    sink: &'a Sink,
    reports: &'a reports::Reports<'a>,
    directory: &'a Path,
    thresholds: &'a Arc<Thresholds>,
    /// Tariffs that the terms name: as named there, and their ids.
    offered: &'a [(String, String)],
    judge: &'a Judge,
    fleet: &'a Mutex<Vec<Option<FleetFact>>>,
    /// The first error that ends the run: a full disk, not a bad customer.
    error: Mutex<Option<Error>>,
}

impl Phase1<'_> {
    /// Analyses and writes one customer.
    fn one(&self, rank: usize, segments: MeterSegments) {
        let Some(member) = self.roster.members.get(rank) else { return };
        // A panic would be a fault of peakwise; it costs the customer, not the run.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.analyse(member, segments)))
            .unwrap_or_else(|_| Outcome::without(member.customer(), Status::Failed, said("run.fault")));
        self.finish(rank, &outcome);
    }

    /// Members that no row group mentions.
    fn without_rows(&self) {
        for (rank, member) in self.roster.members.iter().enumerate().filter(|(_, m)| m.meters.is_empty()) {
            let outcome = Outcome::without(member.customer(), Status::Skipped, said("customer.no_rows"));
            self.finish(rank, &outcome);
        }
    }

    fn finish(&self, rank: usize, outcome: &Outcome) {
        (self.observe)(outcome);
        if let Err(e) = self.write(rank, outcome) {
            self.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(e);
        }
    }

    fn write(&self, rank: usize, outcome: &Outcome) -> Result<()> {
        let rows = self.sink.tables().iter().map(|t| t.rows(outcome)).collect::<Result<Vec<_>>>()?;
        self.sink.put(rank, rows)?;
        let meters = self.roster.members.get(rank).map_or(&[][..], |m| &m.meters);
        let registers = reports::registers(&self.register.registers, meters, outcome);
        let peers = reports::peers(self.register.peers.as_ref(), outcome, self.thresholds);
        let beside = reports::Beside { registers, peers, thresholds: Arc::clone(self.thresholds) };
        self.reports.write_customer(self.directory, outcome, self.shelf, beside)?;
        if let Some(fact) = self.fleet.lock().unwrap_or_else(PoisonError::into_inner).get_mut(rank) {
            let href = self.reports.href(outcome);
            *fact = Some(FleetFact::of(outcome, href, self.judge));
        }
        Ok(())
    }

    /// The scenarios, compiled for an interval length.
    fn scenarios(&self, interval: Interval) -> Result<Vec<Scenario>> {
        let one = |terms: &Terms| {
            let tariff = terms.tariff.as_deref().map(|id| self.shelf.get(Some(id), interval)).transpose()?;
            Ok(Scenario { name: terms.name.as_str().into(), tariff: tariff.flatten(), mode: terms.mode })
        };
        self.scenarios.iter().map(one).collect()
    }

    /// The tariffs that a customer's terms name, compiled for an interval length.
    fn tariffs(&self, id: &str, interval: Interval) -> Result<Vec<(String, Arc<Compiled>)>> {
        let Some(terms) = self.register.terms.as_ref().map(|t| t.of(id)) else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for (name, id) in self.offered.iter().filter(|(n, _)| terms.tariffs().any(|t| t == n)) {
            out.extend(self.shelf.get(Some(id), interval)?.map(|t| (name.clone(), t)));
        }
        Ok(out)
    }

    /// Side inputs of a customer's rules.
    fn side<'s>(&'s self, customer: &Customer, tariffs: &'s [(String, Arc<Compiled>)]) -> Side<'s> {
        let register = self.register;
        Side {
            temperature: register.temperatures.of(&customer.id, customer.region.as_deref()),
            peers: register.peers.as_ref().zip(customer.sector).and_then(|(p, s)| p.group(s)),
            terms: register.terms.as_ref().map(|t| t.of(&customer.id)),
            tariffs,
            today: Some(self.job.run_date),
            ..Side::default()
        }
    }

    fn analyse(&self, member: &Member, segments: MeterSegments) -> Outcome {
        let customer = member.customer();
        let without = |status, reason: String| Outcome::without(Arc::clone(&customer), status, reason);
        let loads = match segments.and_then(|mut s| member.loads(&mut s, self.readings)) {
            Ok(loads) => loads,
            Err(reason) => return without(Status::Failed, reason),
        };
        let meters: Vec<Meter> = loads.of_meters.iter().map(|l| l.0.clone()).collect();
        let assembled = match loads.assemble() {
            Ok(assembled) => assembled,
            Err(reason) => return without(Status::Skipped, reason),
        };
        let interval = assembled.total.interval();
        let tariffs = self.shelf.get(customer.tariff.as_deref(), interval);
        let (tariff, scenarios) = match tariffs.and_then(|t| Ok((t, self.scenarios(interval)?))) {
            Ok(both) => both,
            Err(e) => return without(Status::Failed, e.to_string()),
        };
        let tariffs = match self.tariffs(&member.id, assembled.total.interval()) {
            Ok(tariffs) => tariffs,
            Err(e) => return without(Status::Failed, e.to_string()),
        };
        let context = Context {
            customer: Arc::clone(&customer),
            meters: &meters,
            registers: &self.register.registers,
            calendar: self.calendars.of(assembled.total.days().zone().name()),
            seasons: &self.job.seasons,
            tariff,
            register_bill: self.job.register_bill,
            scenarios,
            thresholds: self.thresholds,
            side: self.side(&customer, &tariffs),
            wants: self.job.wants(),
        };
        match analyze(assembled, &context) {
            Ok(analysis) => Outcome::ok(analysis),
            Err(e) => without(Status::Failed, e.to_string()),
        }
    }
}
