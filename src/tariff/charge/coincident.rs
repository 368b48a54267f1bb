//! Charges on the load at the system's own peaks.

use super::demand::joined;
use super::{Case, Charge, Draft, Item};
use crate::tariff::{CoincidentCharge, CycleUsage, LineKind, PeakBasis};
use crate::text::{said, say};
use crate::units::Kw;
use std::sync::Arc;

/// Lines of `[[coincident]]`.
#[derive(Debug)]
pub struct Coincident;

impl Charge for Coincident {
    fn key(&self) -> &'static str {
        "coincident"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let same = |a: &CoincidentCharge, b: &CoincidentCharge| {
            let plain = |c: &CoincidentCharge| CoincidentCharge { clause: None, ..c.clone() };
            plain(a) == plain(b)
        };
        for found in case.gather(|t| &t.coincident, same) {
            let spec = found.spec;
            if !spec.months.is_empty() && !spec.months.contains(&case.month()) {
                continue;
            }
            if case.tariff.conditions().system_peaks.is_none() {
                draft.note(say("bill.system_peaks", &[("name", &spec.name)]));
                continue;
            }
            for (id, usage) in case.usages {
                let sampled = if usage.sampled { said("bill.sampled_demand") } else { "" };
                let (mut sum, mut n) = (0.0, 0_u32);
                for usage in cycles(case, spec, id) {
                    for kw in loads(case, spec, usage)? {
                        sum += kw;
                        n += 1;
                    }
                }
                if n == 0 {
                    continue;
                }
                draft.push(Item {
                    supply_point: Some(Arc::clone(id)),
                    kind: LineKind::Coincident,
                    name: Arc::clone(&spec.name),
                    period: None,
                    quantity: sum / f64::from(n) * case.share(found.n_days),
                    unit: Kw::UNIT,
                    price: spec.price,
                    note: joined(&[&say("bill.system_mean", &[("n", &n)]), sampled]),
                    origin: found.tariff.origin("coincident", found.at),
                })?;
            }
        }
        Ok(())
    }
}

/// The cycles of a supply point whose peaks count.
fn cycles<'a>(case: &Case<'a>, spec: &CoincidentCharge, id: &Arc<str>) -> Vec<&'a CycleUsage> {
    let Some((_, usage)) = case.all.iter().find(|(i, _)| i == id) else { return Vec::new() };
    let counts = |i: usize, month: i32| match spec.basis {
        PeakBasis::Cycle => i == case.index,
        PeakBasis::PreviousMonths => {
            let back = i64::from(case.cycle.month.0) - i64::from(month);
            (1..=i64::from(spec.months_back)).contains(&back)
        }
    };
    let used = case.cycles.iter().zip(&usage.cycles).enumerate();
    used.filter(|(i, (c, _))| counts(*i, c.month.0)).map(|(_, (_, u))| u).collect()
}

/// The loads at the peaks of the charge's system in a cycle.
fn loads(case: &Case<'_>, spec: &CoincidentCharge, usage: &CycleUsage) -> Result<Vec<f64>, String> {
    let list = case.tariff.conditions().system_peaks.as_deref().unwrap_or_default();
    let mut out = Vec::new();
    for load in &usage.peaks {
        let Some(peak) = list.get(load.peak) else { continue };
        if spec.system.is_some() && spec.system != peak.system {
            continue;
        }
        let missing = || say("bill.peak_missing", &[("name", &spec.name), ("at", &peak.date())]);
        out.push(load.kw.ok_or_else(missing)?.get());
    }
    Ok(out)
}
