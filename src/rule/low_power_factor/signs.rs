//! What the readings show of capacitors that are there.

use super::month::MonthOf;
use crate::rule::Facts;

/// Whether any reading leads.
pub(super) fn leads(facts: &Facts<'_>) -> bool {
    let channels = facts.load().channels();
    let any = |c: &Option<Vec<f64>>, sign: f64| c.as_ref().is_some_and(|v| v.iter().any(|q| q * sign > 0.0));
    any(&channels.kvar, -1.0) || any(&channels.kvar_lead, 1.0)
}

/// Share of the reactive energy of the months that leads, whether or not the bill counts it.
pub(super) fn leading_share(facts: &Facts<'_>, months: &[MonthOf]) -> f64 {
    let (load, hours) = (facts.load(), facts.load().interval().hours());
    let sum = |c: &Option<Vec<f64>>, m: &MonthOf, sign: f64| {
        let run = c.as_ref().and_then(|v| v.get(m.range.clone())).unwrap_or(&[]);
        run.iter().map(|q| (q * sign).max(0.0)).sum::<f64>() * hours
    };
    let channels = load.channels();
    let lead: f64 = months.iter().map(|m| sum(&channels.kvar, m, -1.0) + sum(&channels.kvar_lead, m, 1.0)).sum();
    let all: f64 = months.iter().filter_map(|m| load.kvarh(m.range.clone())).sum();
    if all > 0.0 { lead / all } else { 0.0 }
}
