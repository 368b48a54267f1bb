//! Whether the meter's own demand register bears a maximum out.

use super::Facts;
use crate::customer::MeterRole;
use crate::time::{Cycle, DAY_SECONDS};

/// Whether the demand register of a cycle, where there is one, shows a maximum within `tolerance` of
/// it. With several main meters the maxima of their registers need not coincide and tell nothing.
pub(super) fn confirms(facts: &Facts<'_>, cycle: &Cycle, max_kw: f64, tolerance: f64) -> bool {
    registered(facts, cycle).is_none_or(|kw| (max_kw - kw).abs() <= tolerance * kw)
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
