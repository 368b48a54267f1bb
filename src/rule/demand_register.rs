//! Whether the meter's own demand register bears a maximum out.

use super::Facts;
use crate::customer::MeterRole;
use crate::tariff::Compiled;
use crate::time::{Cycle, DAY_SECONDS, Interval};

/// Demand window where the tariff states none, in minutes (the customary one).
pub(super) const WINDOW_MINUTES: u32 = 15;

/// Whether the demand register of a cycle, where there is one, bears a maximum of its readings out: it shows no less,
/// within `tolerance`, and no more than a window that slides over the readings can. Registers slide, so that they
/// lie above the maximum of fixed intervals (at the 90th percentile by 11 %); one below it has not seen that peak,
/// and one above every window has seen another. With several main meters the maxima of their registers need not
/// coincide and tell nothing.
pub(super) fn confirms(facts: &Facts<'_>, cycle: &Cycle, max_kw: f64, tolerance: f64) -> bool {
    registered(facts, cycle)
        .is_none_or(|kw| (max_kw - kw) <= tolerance * kw && kw <= (1.0 + tolerance) * slid(facts, cycle).max(max_kw))
}

/// The most that a sliding demand window can have shown over a cycle's readings, in kW: all energy of the intervals
/// that it may touch, as if it came within it.
fn slid(facts: &Facts<'_>, cycle: &Cycle) -> f64 {
    let load = facts.load();
    let interval = load.interval().minutes();
    let window = facts.tariff().and_then(Compiled::demand_window).map_or(WINDOW_MINUTES, Interval::minutes).max(1);
    let touched = window.div_ceil(interval) as usize + 1;
    let kw = load.kw().get(load.range_of_days(cycle.days.clone())).unwrap_or(&[]);
    let most = kw.windows(touched).map(|w| w.iter().sum::<f64>()).fold(0.0, f64::max);
    most * f64::from(interval) / f64::from(window)
}

fn registered(facts: &Facts<'_>, cycle: &Cycle) -> Option<f64> {
    let mut main = facts.side.meters.iter().filter(|m| m.role == MeterRole::Main);
    let (meter, None) = (main.next()?, main.next()) else { return None };
    let end = i64::from(cycle.dates.end.0) * DAY_SECONDS;
    let near = facts.thresholds.register_near_days * DAY_SECONDS;
    let readings = facts.side.registers?.get(&meter.id)?;
    let closing = readings.iter().find(|r| (r.read_at - end).abs() <= near)?;
    closing.max_demand_kw.map(|kw| kw * meter.multiplier).filter(|kw| *kw > 0.0)
}
