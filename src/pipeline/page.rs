//! A customer's page: written as soon as the customer is finished.

use super::{Job, WhichMonth};
use crate::analysis::Analysis;
use crate::customer::{Meter, MeterRole, RegisterReadings};
use crate::error::{Error, Result};
use crate::output::file_name;
use crate::report::{BandSpan, PageContext, RegisterDemand, TariffFacts, customer_page, monthly_page, typical_bands};
use crate::tariff::{Compiled, Verified};
use crate::time::{DAY_SECONDS, Date, Interval};
use crate::units::Kw;
use std::path::Path;
use std::sync::Arc;

/// The page's address relative to the fleet's. Percent signs of the file name are encoded once more,
/// because an address is decoded when it is followed.
pub fn href(id: &str) -> String {
    format!("customers/{}", page_name(id).replace('%', "%25"))
}

/// Writes `customers/<id>.html`.
///
/// # Errors
/// When the page cannot be made or written.
pub fn write(
    job: &Job,
    dir: &Path,
    a: &Analysis,
    tariff: Option<&Compiled>,
    registers: Vec<RegisterDemand>,
) -> Result<()> {
    let context = PageContext {
        tariff: tariff.map(|t| facts(t, a)),
        data_notes: job.input.notes(),
        registers,
        ..PageContext::new(job.language, job.run_date)
    };
    let path = dir.join("customers").join(page_name(&a.customer.id));
    std::fs::write(&path, customer_page(a, &context)?).map_err(Error::io(&path))?;
    energy_bill(job, dir, a, &context)
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
pub fn registers(all: &RegisterReadings, meters: &[(u32, Meter)], a: &Analysis) -> Vec<RegisterDemand> {
    let mut main = meters.iter().map(|(_, m)| m).filter(|m| m.role == MeterRole::Main);
    let (Some(meter), None) = (main.next(), main.next()) else { return Vec::new() };
    let demand = |r: &crate::customer::RegisterReading| {
        let date = Date((r.read_at - READ_WITHIN_HOURS * 3600).div_euclid(DAY_SECONDS) as i32);
        let month = a.monthly.iter().find(|m| m.cycle.dates.contains(&date))?.month;
        Some(RegisterDemand { month, demand: Kw::new(r.max_demand_kw? * meter.multiplier) })
    };
    all.get(&meter.id).into_iter().flatten().filter_map(demand).collect()
}

fn facts(compiled: &Compiled, a: &Analysis) -> TariffFacts {
    let tariff = compiled.tariff();
    let interval = a.load.interval();
    TariffFacts {
        id: tariff.id.to_string(),
        name: tariff.name.clone(),
        source: tariff.source.clone(),
        version: tariff.effective_from.to_string(),
        effective_from: Some(tariff.effective_from),
        effective_to: tariff.effective_to,
        verified: tariff.verified == Verified::Official,
        bands: typical_bands(a.load.days(), &a.labels, |date| spans(compiled, date, interval)),
    }
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

/// File name of a customer's page.
fn page_name(id: &str) -> String {
    format!("{}.html", file_name(id))
}
