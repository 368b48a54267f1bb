//! Register bills: energy as the registers of the meter show it, in whole steps, the flat period as
//! the total less the others, so that the bands add up to the total register.

use super::{BackFeed, Band, Compiled, CycleUsage, Period, Quadrants, RegisterSource, Registered, Usage};
use crate::units::{Kvarh, Kwh};
use std::sync::Arc;

/// Step of a register of which nothing is known, in kWh: whole kWh, as bills are printed.
const WHOLE_KWH: f64 = 1.0;

/// The usages as a register bill takes them.
pub(super) fn registered(usages: &[(Arc<str>, Usage)], tariff: &Compiled) -> Vec<(Arc<str>, Usage)> {
    let mut out = usages.to_vec();
    for usage in out.iter_mut().flat_map(|(_, u)| &mut u.cycles).filter(|u| u.n_expected > 0) {
        usage.registered = bands(tariff.bands(), usage);
        reactive(tariff, usage);
    }
    out
}

/// Every band by the register of its period, else by its intervals, in whole steps; flat, or without
/// a flat band the greatest, takes what is left of the total.
fn bands(bands: &[Band], usage: &CycleUsage) -> Vec<Registered> {
    let register = usage.register.unwrap_or_default();
    let step = register.step_kwh.filter(|s| *s > 0.0).unwrap_or(WHOLE_KWH);
    let whole = |kwh: f64| (kwh / step).round() * step;
    let used = |i: usize| usage.interval_kwh(i).get();
    let in_use: Vec<usize> = (0..bands.len()).filter(|i| used(*i) > 0.0).collect();
    let alone = |p: Period| in_use.iter().filter(|i| bands[**i].period == p).count() == 1;
    let period = |p: Period| Period::ALL.iter().position(|q| *q == p).and_then(|i| register.period_kwh[i]);
    let none = Registered { kwh: Kwh::ZERO, from: RegisterSource::Intervals };
    let mut out = vec![none; bands.len()];
    for i in &in_use {
        let p = bands[*i].period;
        out[*i] = match period(p).filter(|_| alone(p)) {
            Some(kwh) => Registered { kwh: Kwh::new(whole(kwh)), from: RegisterSource::Period },
            None => Registered { kwh: Kwh::new(whole(used(*i))), ..none },
        };
    }
    let greatest = |flat: bool| {
        let chosen = in_use.iter().copied().filter(|i| !flat || bands[*i].period == Period::Flat);
        chosen.max_by(|a, b| used(*a).total_cmp(&used(*b)))
    };
    if let Some(rest) = greatest(true).or_else(|| greatest(false)) {
        let intervals: f64 = in_use.iter().map(|i| used(*i)).sum();
        let total = whole(register.total_kwh.unwrap_or(intervals));
        let others: f64 = in_use.iter().filter(|i| **i != rest).map(|i| out[*i].kwh.get()).sum();
        let from = if register.total_kwh.is_some() { RegisterSource::Total } else { RegisterSource::Intervals };
        out[rest] = Registered { kwh: Kwh::new(total - others), from };
    }
    out
}

/// The reactive energy of the registers, where all quadrants that count were read.
fn reactive(tariff: &Compiled, usage: &mut CycleUsage) {
    let Some(register) = usage.register.filter(|r| r.total_kwh.is_some()) else { return };
    let [lag, lead] = register.kvarh_lag_lead;
    if let (Some(_), Some((lag, lead))) = (usage.kvarh_lag_lead, lag.zip(lead)) {
        usage.kvarh_lag_lead = Some((Kvarh::new(lag), Kvarh::new(lead)));
    }
    let terms = tariff.tariff().power_factor.as_ref();
    let Some(terms) = terms.filter(|t| t.back_feed != BackFeed::Ignore) else { return };
    let kvarh = match terms.quadrants {
        Quadrants::Lag => lag,
        Quadrants::LagAndLead => lag.zip(lead).map(|(a, b)| a + b),
    };
    if let Some(kvarh) = kvarh {
        usage.kvarh = Some(Kvarh::new(kvarh));
        usage.kwh_with_kvarh = usage.total_kwh();
        usage.n_without_kvarh = 0;
    }
}
