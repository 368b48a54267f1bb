//! The intervals of a cycle as CSV, with their band and whether they count.

use super::{Case, Subject, counts};
use crate::analysis::MonthRow;
use crate::curve::{ESTIMATED, Load, VALID};
use crate::error::{Error, Result};
use serde::Serialize;
use std::sync::Arc;

/// Sums over the intervals of a bundle.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sums {
    /// Intervals of the cycle.
    pub n_intervals: usize,
    /// Of them with a valid reading.
    pub n_valid: usize,
    /// Of them estimated.
    pub n_estimated: usize,
    /// Imported kWh of the cycle, estimates included.
    pub kwh: f64,
    /// Of it what the line counts.
    pub kwh_counted: f64,
    /// Of the counted kWh what is estimated.
    pub kwh_estimated: f64,
    /// Reactive energy, Σ|lag| + Σ|lead|, of the valid intervals; `None` without reactive readings.
    pub kvarh: Option<f64>,
    /// The highest interval mean and its start.
    pub max_kw: Option<(f64, String)>,
}

/// The supply points that a subject is about: its own, or all.
fn points<'a>(case: &Case<'a>, subject: Subject<'_>) -> Vec<(&'a str, &'a Arc<Load>)> {
    let own = match subject {
        Subject::Line(l) => l.supply_point.clone(),
        Subject::Peak(_) => None,
    };
    let a = case.analysis;
    match own.and_then(|own| a.supplies.iter().find(|(id, _)| *id == own)) {
        Some((id, load)) => vec![(&**id, load)],
        None => vec![("", &a.load)],
    }
}

/// The rows of a cycle and their sums.
///
/// # Errors
/// When a row cannot be written.
pub fn interval_rows(case: &Case<'_>, row: &MonthRow, subject: Subject<'_>) -> Result<(Vec<u8>, Sums)> {
    let wrong = |e: csv::Error| Error::option(format!("intervals.csv: {e}"), "report this with the version");
    let mut out = csv::Writer::from_writer(Vec::new());
    let head = ["supply_point", "start", "start_utc", "kw", "state", "kwh", "kvar", "band", "price", "counted"];
    out.write_record(head).map_err(wrong)?;
    let mut sums = Sums::default();
    for (point, load) in points(case, subject) {
        for day in row.cycle.days.clone().filter(|d| *d < load.days().len()) {
            for (k, i) in load.days().range(day).enumerate() {
                if load.span().contains(&i) {
                    let cells = interval(case, subject, load, (day, k, i), &mut sums);
                    out.write_record(std::iter::once(point.to_owned()).chain(cells)).map_err(wrong)?;
                }
            }
        }
    }
    let bytes = out.into_inner().map_err(|e| wrong(e.into_error().into()))?;
    Ok((bytes, sums))
}

/// The estimate that stands beside an interval without a reading.
fn estimate(load: &Load, index: usize) -> Option<f64> {
    let at = load.estimates.index.binary_search(&u32::try_from(index).ok()?).ok()?;
    load.estimates.kw.get(at).copied()
}

fn interval(
    case: &Case<'_>,
    subject: Subject<'_>,
    load: &Load,
    (day, k, i): (usize, usize, usize),
    sums: &mut Sums,
) -> [String; 9] {
    let flags = load.flags().get(i).copied().unwrap_or_default();
    let hours = load.interval().hours();
    let at = load.instant(i);
    let (kw, import, state) = if flags & VALID != 0 {
        (load.kw().get(i).copied(), load.import_kw(i), "measured")
    } else if flags & ESTIMATED != 0 {
        let estimate = estimate(load, i);
        (estimate, estimate.unwrap_or_default().max(0.0), "estimated")
    } else {
        (None, 0.0, "missing")
    };
    let slot = load.days().slot(day, k);
    let band = case.tariff.and_then(|t| t.bands().get(t.band_at(load.date(day), slot)?));
    let energy = band.map(|b| b.energy.get());
    let counted = match subject {
        Subject::Line(l) => kw.is_some() && counts(l, band.map(|b| &*b.name).zip(energy)),
        Subject::Peak(p) => p.span.contains(&i),
    };
    sums.n_intervals += 1;
    sums.n_valid += usize::from(state == "measured");
    sums.n_estimated += usize::from(state == "estimated");
    sums.kwh += import * hours;
    if counted {
        sums.kwh_counted += import * hours;
        sums.kwh_estimated += if state == "estimated" { import * hours } else { 0.0 };
    }
    let kvar = load.channels().kvar.as_ref().and_then(|q| q.get(i)).copied().filter(|_| state == "measured");
    if let Some(lag) = kvar {
        let lead = load.channels().kvar_lead.as_ref().and_then(|q| q.get(i)).copied().unwrap_or_default();
        *sums.kvarh.get_or_insert(0.0) += (lag.abs() + lead.abs()) * hours;
    }
    if let (Some(kw), "measured") = (kw, state)
        && sums.max_kw.as_ref().is_none_or(|(max, _)| kw > *max)
    {
        sums.max_kw = Some((kw, at.to_string()));
    }
    let number = |v: Option<f64>| v.map_or_else(String::new, |v| v.to_string());
    let utc = crate::time::Instant { utc: at.utc, local: at.utc };
    [
        at.to_string(),
        utc.to_string(),
        number(kw),
        state.to_owned(),
        number(kw.map(|_| import * hours)),
        number(kvar),
        band.map_or_else(String::new, |b| b.name.to_string()),
        number(energy),
        if counted { "1" } else { "0" }.to_owned(),
    ]
}
