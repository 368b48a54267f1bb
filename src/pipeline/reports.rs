//! Reports in every format: a customer's are written as soon as the customer is finished, the fleet's
//! at the end.

use super::{FleetFact, Job, Metered, WhichMonth, fleet};
use crate::analysis::{Analysis, Outcome};
use crate::customer::{MeterRole, RegisterReadings};
use crate::error::{Error, Result};
use crate::output::file_name;
use crate::portfolio::Portfolio;
use crate::register::Peers;
use crate::report::{
    BandSpan, PageContext, PeerQuartiles, RegisterDemand, Source, TariffFacts, Writer, monthly_page, typical_bands,
};
use crate::rule::{Audience, Thresholds};
use crate::tariff::{Compiled, Shelf, Verified};
use crate::text::Language;
use crate::time::{DAY_SECONDS, Date, Interval};
use crate::units::Kw;
use std::path::Path;
use std::sync::Arc;

/// What a customer's report shows that is not in its analysis.
#[derive(Debug, Default)]
pub struct Beside {
    /// Maximum demands of its meter.
    pub registers: Vec<RegisterDemand>,
    /// Similar customers.
    pub peers: Option<PeerQuartiles>,
    /// Constants of the rules.
    pub thresholds: Arc<Thresholds>,
}

/// The formats of a run, ready to write.
pub struct Reports<'a> {
    job: &'a Job,
    writers: Vec<(&'static str, Box<dyn Writer>)>,
}

impl<'a> Reports<'a> {
    /// Readies the job's formats.
    ///
    /// # Errors
    /// When one of them cannot be written by this build or on this machine.
    pub fn open(job: &'a Job) -> Result<Self> {
        let open = |f: &&dyn crate::report::Format| Ok((f.name(), f.open(&job.format_options)?));
        Ok(Self { job, writers: job.formats.iter().map(open).collect::<Result<_>>()? })
    }

    /// Makes a directory for each kind of reader.
    ///
    /// # Errors
    /// When one cannot be made.
    pub fn create_directories(&self, dir: &Path) -> Result<()> {
        for (_, name) in self.job.audiences.directories().filter(|_| !self.writers.is_empty()) {
            let path = dir.join(name);
            std::fs::create_dir_all(&path).map_err(Error::io(&path))?;
        }
        Ok(())
    }

    /// Writes the files of a customer that was analysed.
    ///
    /// # Errors
    /// When one cannot be made or written.
    pub fn write_customer(&self, dir: &Path, outcome: &Outcome, shelf: &Shelf, beside: Beside) -> Result<()> {
        let Some(a) = outcome.analysis.as_ref().filter(|_| !self.writers.is_empty()) else { return Ok(()) };
        let tariff = shelf.get(a.customer.tariff.as_deref(), a.load.interval())?;
        let job = self.job;
        let mut context = PageContext {
            tariff: tariff.as_deref().map(|t| facts(t, a, job.language)),
            data_notes: job.input.notes(),
            brand: Arc::clone(&job.brand),
            registers: beside.registers,
            thresholds: beside.thresholds,
            peers: beside.peers,
            ..PageContext::new(job.language, job.run_date)
        };
        for (audience, directory) in job.audiences.directories() {
            context.audience = audience;
            let Some(source) = Source::new(outcome, &context) else { continue };
            for (extension, writer) in &self.writers {
                let path = dir.join(directory).join(format!("{}.{extension}", file_name(&a.customer.id)));
                std::fs::write(&path, writer.customer(&source)?).map_err(Error::io(&path))?;
            }
        }
        context.audience = Audience::Customer;
        if job.audiences.customers && self.html() { energy_bill(job, dir, a, &context) } else { Ok(()) }
    }

    fn html(&self) -> bool {
        self.writers.iter().any(|(name, _)| *name == "html")
    }

    /// Writes the fleet's files.
    ///
    /// # Errors
    /// When one cannot be made or written.
    pub fn write_fleet(&self, dir: &Path, fleet: &[FleetFact], portfolio: &Portfolio, notes: &[String]) -> Result<()> {
        if self.writers.is_empty() || !self.job.audiences.fleet {
            return Ok(());
        }
        let (rows, context) = fleet::judged(self.job, fleet, portfolio, notes);
        for (_, writer) in &self.writers {
            if let Some((name, bytes)) = writer.fleet(&rows, &context)? {
                let path = dir.join(name);
                std::fs::write(&path, bytes).map_err(Error::io(&path))?;
            }
        }
        Ok(())
    }

    /// The address of a customer's page relative to the fleet's; empty without one. Percent signs of
    /// the file name are encoded once more, because an address is decoded when it is followed.
    pub fn href(&self, outcome: &Outcome) -> String {
        let directory = self.job.audiences.directories().last();
        match directory.filter(|_| self.html() && outcome.analysis.is_some()) {
            Some((_, directory)) => {
                format!("{directory}/{}.html", file_name(&outcome.customer.id).replace('%', "%25"))
            }
            None => String::new(),
        }
    }
}

/// Writes `energy-bills/<id>-YYYY-MM.html` when it is asked for and the cycle could be billed.
fn energy_bill(job: &Job, dir: &Path, a: &Analysis, context: &PageContext) -> Result<()> {
    let month = match job.energy_bill {
        None => return Ok(()),
        Some(WhichMonth::Latest) => None,
        Some(WhichMonth::Of(month)) => Some(month),
    };
    let Some((month, html)) = monthly_page(a, context, month)? else { return Ok(()) };
    let folder = dir.join("energy-bills");
    std::fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
    let path = folder.join(format!("{}-{month}.html", file_name(&a.customer.id)));
    std::fs::write(&path, html).map_err(Error::io(&path))
}

/// Hours after the end of a cycle within which its registers are read (judgement: the morning's
/// reading tour); the maximum demand belongs to the cycle that ended.
const READ_WITHIN_HOURS: i64 = 12;

/// What the demand register showed of each cycle, multiplied. Only of a customer with one main
/// meter: maxima of several meters do not add.
pub fn registers(all: &RegisterReadings, meters: &[Metered], outcome: &Outcome) -> Vec<RegisterDemand> {
    let Some(a) = &outcome.analysis else { return Vec::new() };
    let mut main = meters.iter().map(Metered::meter).filter(|m| m.role == MeterRole::Main);
    let (Some(meter), None) = (main.next(), main.next()) else { return Vec::new() };
    let demand = |r: &crate::customer::RegisterReading| {
        let date = Date((r.read_at - READ_WITHIN_HOURS * 3600).div_euclid(DAY_SECONDS) as i32);
        let month = a.monthly.iter().find(|m| m.cycle.dates.contains(&date))?.month;
        Some(RegisterDemand { month, demand: Kw::new(r.max_demand_kw? * meter.multiplier) })
    };
    all.get(&meter.id).into_iter().flatten().filter_map(demand).collect()
}

/// Quartiles of a customer's sector, of a group large enough to give nobody away.
pub fn peers(peers: Option<&Peers>, outcome: &Outcome, thresholds: &Thresholds) -> Option<PeerQuartiles> {
    let group = peers?.group(outcome.customer.sector?)?;
    let safe = group.n >= thresholds.peer_least && group.largest_share <= thresholds.peer_most_share;
    safe.then_some(PeerQuartiles { load_factor: group.load_factor, base_to_peak: group.base_to_peak })
}

fn facts(compiled: &Compiled, a: &Analysis, language: Language) -> TariffFacts {
    let tariff = compiled.tariff();
    let interval = a.load.interval();
    TariffFacts {
        id: tariff.id.to_string(),
        name: tariff.name_in(language.code()).to_owned(),
        source: tariff.source_in(language.code()).to_owned(),
        version: tariff.effective_from.to_string(),
        effective_from: Some(tariff.effective_from),
        effective_to: tariff.effective_to,
        verified: tariff.verified == Verified::Official,
        bands: typical_bands(a.load.days(), &a.labels, |date| spans(compiled, date, interval)),
        schedule_bands: schedule_bands(compiled, a),
    }
}

/// The bands of each part of the work schedule: all its days have the same.
fn schedule_bands(compiled: &Compiled, a: &Analysis) -> Vec<Vec<BandSpan>> {
    let day = |plan: &crate::whatif::DayPlan| {
        let cycles = a.monthly.iter().filter(|m| plan.months.contains(&m.month)).map(|m| m.cycle.days.clone());
        let mut days = cycles.flatten();
        days.find(|d| a.labels.kinds.get(*d) == Some(&plan.day_kind)).map(|d| a.load.date(d))
    };
    let bands = |date: Option<Date>| date.map_or_else(Vec::new, |d| spans(compiled, d, a.load.interval()));
    a.plan.schedule.iter().flat_map(|s| &s.plans).map(|plan| bands(day(plan))).collect()
}

fn spans(compiled: &Compiled, date: Date, interval: Interval) -> Vec<BandSpan> {
    let minutes = |slot: usize| slot as u32 * interval.minutes();
    let span = |s: &crate::tariff::Segment| {
        let band = compiled.bands().get(s.band)?;
        Some(BandSpan {
            from_minute: minutes(s.slots.start),
            to_minute: minutes(s.slots.end),
            period: band.period,
            name: Arc::clone(&band.name),
        })
    };
    compiled.segments(date).iter().filter_map(span).collect()
}
