//! Energy by band: kWh × the sum of the band's components that are no funds, by tier where there are
//! tiers, with the price of the clock where there is a series.

use super::demand::joined;
use super::{Case, Charge, Draft, Item};
use crate::tariff::{Band, CycleUsage, LineKind, Tier, TierScope, TierUnit};
use crate::text::{said, say};
use std::sync::Arc;

/// Energy lines, one for each band, tier and supply point.
#[derive(Debug)]
pub struct Energy;

impl Charge for Energy {
    fn key(&self) -> &'static str {
        "energy"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        for (id, usage) in case.usages {
            let kwh = |band: usize| usage.billed_kwh(band).get();
            for (i, band) in case.tariff.bands().iter().enumerate() {
                let item = item(id, (i, band), usage);
                if item.quantity == 0.0 {
                    continue;
                }
                let series = usage.series_amount.get(i).copied().unwrap_or(0.0);
                if !band.tiers.is_empty() {
                    let total = || together(case.tariff.bands(), band, &kwh);
                    tiers(case, (band, item), usage, total, draft)?;
                    if series != 0.0 {
                        return Err(say("bill.tiers_series", &[("name", &band.name)]));
                    }
                } else if series == 0.0 {
                    draft.push(item)?;
                } else {
                    let exact = item.quantity * band.energy.get() + series;
                    draft.push_mean(item, exact)?;
                }
            }
        }
        Ok(())
    }
}

fn item(id: &Arc<str>, (index, band): (usize, &Band), usage: &CycleUsage) -> Item {
    let estimated = usage.estimated_kwh.get(index).map_or(0.0, |e| e.get());
    let of_intervals = || {
        let gaps = if estimated > 0.0 {
            say("bill.estimated", &[("kwh", &format_args!("{estimated:.3}"))])
        } else {
            String::new()
        };
        joined(&[&gaps, if usage.sampled { said("bill.sampled_energy") } else { "" }])
    };
    let note = usage.registered.get(index).map_or_else(of_intervals, |registered| registered.from.note());
    Item {
        supply_point: Some(Arc::clone(id)),
        kind: LineKind::Energy,
        name: Arc::clone(&band.name),
        period: Some(band.period),
        quantity: usage.billed_kwh(index).get(),
        unit: "kWh",
        price: band.energy,
        note,
        origin: Arc::clone(&band.origin),
    }
}

/// kWh of all bands that are in force on the same days as this one.
fn together(bands: &[Band], band: &Band, kwh: &dyn Fn(usize) -> f64) -> f64 {
    let alike = bands.iter().enumerate().filter(|(_, b)| b.versions == band.versions);
    alike.map(|(i, _)| kwh(i)).sum()
}

/// Lines of a band's tiers.
fn tiers(
    case: &Case<'_>,
    (band, whole): (&Band, Item),
    usage: &CycleUsage,
    total: impl Fn() -> f64,
    draft: &mut Draft<'_>,
) -> Result<(), String> {
    let terms = case.last().tiers;
    let (filled, scale) = match terms.scope {
        TierScope::Band => (whole.quantity, 1.0),
        TierScope::Total => {
            let total = total();
            (total, whole.quantity / total)
        }
    };
    let days: i32 =
        case.parts.iter().filter(|p| band.versions.contains(&p.version)).map(crate::tariff::Part::n_days).sum();
    let length = terms.per_days.map_or(1.0, |per| f64::from(case.n_days()) / per) * case.share(days);
    let mut below = 0.0;
    for (t, tier) in band.tiers.iter().enumerate() {
        let top = match tier.up_to {
            None => f64::INFINITY,
            Some(up_to) => up_to * unit(case, tier, usage)? * length,
        };
        let kwh = (filled.min(top) - below).max(0.0) * scale;
        let note = match tier.up_to {
            Some(_) => say("bill.tier_to", &[("n", &(t + 1)), ("kwh", &format_args!("{top:.3}"))]),
            None => say("bill.tier_above", &[("n", &(t + 1)), ("kwh", &format_args!("{below:.3}"))]),
        };
        let note = if whole.note.is_empty() { note } else { format!("{note}, {}", whole.note) };
        draft.push(Item { quantity: kwh, price: tier.energy, note, ..whole.clone() })?;
        below = top;
    }
    Ok(())
}

/// kWh that one unit of a ceiling is.
fn unit(case: &Case<'_>, tier: &Tier, usage: &CycleUsage) -> Result<f64, String> {
    Ok(match tier.unit {
        TierUnit::Kwh => 1.0,
        TierUnit::KwhPerDay => f64::from(case.n_days()),
        TierUnit::KwhPerKw => usage.billed_demand().ok_or_else(|| said("bill.tiers_maximum"))?.get(),
        TierUnit::KwhPerKva => case.contract_capacity().ok_or_else(|| super::missing("capacity_kva"))?.get(),
    })
}
