//! A customer's page: written as soon as the customer is finished.

use super::Job;
use crate::analysis::Analysis;
use crate::error::{Error, Result};
use crate::output::file_name;
use crate::report::{BandSpan, PageContext, TariffFacts, customer_page, typical_bands};
use crate::tariff::{Compiled, Verified};
use crate::time::{Date, Interval};
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
pub fn write(job: &Job, dir: &Path, a: &Analysis, tariff: Option<&Compiled>) -> Result<()> {
    let facts = tariff.map(|t| facts(t, a));
    let context =
        PageContext { tariff: facts, data_notes: job.input.notes(), ..PageContext::new(job.language, job.run_date) };
    let path = dir.join("customers").join(page_name(&a.customer.id));
    std::fs::write(&path, customer_page(a, &context)?).map_err(Error::io(&path))
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
