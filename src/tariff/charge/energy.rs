//! Energy by band: kWh × the sum of the band's components that are no funds, by tier where there are
//! tiers, with the price of the clock where there is a series.

use super::{Case, Charge, Draft, Item};
use crate::tariff::{Band, CycleUsage, LineKind, Period, Tier, TierScope, TierUnit};
use std::sync::Arc;

/// Step of a register of which nothing is known, in kWh: whole kWh, as bills are printed.
const WHOLE_KWH: f64 = 1.0;

/// Energy lines, one for each band, tier and supply point.
#[derive(Debug)]
pub struct Energy;

impl Charge for Energy {
    fn key(&self) -> &'static str {
        "energy"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        for (id, usage) in case.usages {
            let registered = case.terms.register_bill.then(|| registered(case.tariff.bands(), usage));
            let kwh = |band: usize| match &registered {
                Some(kwh) => kwh.get(band).copied().unwrap_or(0.0),
                None => usage.billed_kwh(band).get(),
            };
            for (i, band) in case.tariff.bands().iter().enumerate() {
                let item = item(id, band, usage.estimated_kwh.get(i).map_or(0.0, |e| e.get()), kwh(i));
                if item.quantity == 0.0 {
                    continue;
                }
                let series = usage.series_amount.get(i).copied().unwrap_or(0.0);
                if !band.tiers.is_empty() {
                    let total = || together(case.tariff.bands(), band, &kwh);
                    tiers(case, (band, item), usage, total, draft)?;
                    if series != 0.0 {
                        return Err(format!("band {}: tiers and a price series exclude each other", band.name));
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

fn item(id: &Arc<str>, band: &Band, estimated: f64, kwh: f64) -> Item {
    Item {
        supply_point: Some(Arc::clone(id)),
        kind: LineKind::Energy,
        name: Arc::clone(&band.name),
        period: Some(band.period),
        quantity: kwh,
        unit: "kWh",
        price: band.energy,
        note: if estimated > 0.0 { format!("{estimated:.3} kWh estimated") } else { String::new() },
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
            Some(_) => format!("tier {}, to {top:.3} kWh", t + 1),
            None => format!("tier {}, above {below:.3} kWh", t + 1),
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
        TierUnit::KwhPerKw => {
            usage.billed_demand().ok_or("hours-use tiers need a maximum demand; none was measured")?.get()
        }
        TierUnit::KwhPerKva => case.contract_capacity().ok_or("missing: capacity_kva")?.get(),
    })
}

/// Energy as registers show it: every band in whole steps, and flat as the total less the others, so
/// that the bands add up to the total register. Without a flat band the greatest takes the rest.
fn registered(bands: &[Band], usage: &CycleUsage) -> Vec<f64> {
    let register = usage.register.unwrap_or_default();
    let step = register.step_kwh.filter(|s| *s > 0.0).unwrap_or(WHOLE_KWH);
    let whole = |kwh: f64| (kwh / step).round() * step;
    let used = |i: usize| usage.billed_kwh(i).get();
    let in_use: Vec<usize> = (0..bands.len()).filter(|i| used(*i) > 0.0).collect();
    let alone = |p: Period| in_use.iter().filter(|i| bands[**i].period == p).count() == 1;
    let period = |p: Period| Period::ALL.iter().position(|q| *q == p).and_then(|i| register.period_kwh[i]);
    let mut out = vec![0.0; bands.len()];
    for i in &in_use {
        let p = bands[*i].period;
        out[*i] = period(p).filter(|_| alone(p)).unwrap_or_else(|| whole(used(*i)));
    }
    let greatest = |flat: bool| {
        let chosen = in_use.iter().copied().filter(|i| !flat || bands[*i].period == Period::Flat);
        chosen.max_by(|a, b| used(*a).total_cmp(&used(*b)))
    };
    if let Some(rest) = greatest(true).or_else(|| greatest(false)) {
        let total = register.total_kwh.unwrap_or_else(|| whole(usage.total_kwh().get()));
        let others: f64 = in_use.iter().filter(|i| **i != rest).map(|i| out[*i]).sum();
        out[rest] = total - others;
    }
    out
}
