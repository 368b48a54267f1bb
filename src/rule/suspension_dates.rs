//! What is told of a suspension: until when to apply for which dates, and the contracts beside it.

use super::ahead::{Earliest, again, last_day};
use super::contract_demand::{foretold, state_age, state_months};
use super::stress::mode_name;
use super::{Evidence, Facts, Model};
use crate::time::{Date, Month};
use crate::whatif::{Change, Suspend};
use std::ops::Range;

/// States when to suspend: the same months, each when it next begins and can still be applied for, and until when
/// to apply. Another way of billing is taken from a quarter's first day.
pub(super) fn state_dates(facts: &Facts<'_>, way: &Suspend, dates: &[&Range<Date>], evidence: &mut Evidence) {
    let t = facts.thresholds;
    let Some(earliest) = Earliest::of(facts, way.billing_mode) else { return };
    if way.billing_mode.is_some() {
        evidence.note("mode_from", earliest.from.to_string());
    }
    if way.billing_mode.is_some_and(|mode| facts.state.contract().billing_mode != Some(mode)) {
        evidence.constant("mode_workdays", t.basis_lead_workdays as f64, "");
    }
    let next = again(dates, earliest.from);
    let Some(first) = next.first() else { return };
    evidence.note("suspend_dates", listed(&next));
    let last = || Some(last_day(facts.side.calendar?, first.start, t.contract_lead_workdays));
    let by = earliest.by.or_else(last);
    if let Some(by) = by {
        evidence.note("apply_by", by.to_string());
    }
}

/// States the way of billing where it is another than today's, and the contracts where demand is contracted anew: each month's
/// as it is billed, beside its maximum, and the greatest of the months in which units rest and of the others. Returns
/// how sure such contracts are.
pub(super) fn state_contracts(
    facts: &Facts<'_>,
    way: &Suspend,
    dates: &[&Range<Date>],
    evidence: &mut Evidence,
) -> Option<Model> {
    let mode = way.billing_mode?;
    if facts.state.contract().billing_mode != Some(mode) {
        evidence.note("new_mode", mode_name(Some(mode)));
    }
    let sized = way.size.as_ref()?.of(&way.apply(facts.state))?;
    state_months(&sized, evidence);
    let month = |d: &&Range<Date>| facts.cycles().iter().find(|c| c.dates == **d).map(|c| c.month);
    let resting: Vec<Month> = dates.iter().filter_map(month).collect();
    for (name, rests) in [("contract_resting_most", true), ("contract_working_most", false)] {
        let of = sized.months.iter().filter(|m| resting.contains(&m.month) == rests).map(|m| m.contract.get());
        if let Some(most) = of.reduce(f64::max) {
            evidence.figure(name, most, "kW");
        }
    }
    state_age(facts, evidence);
    Some(foretold(&sized))
}

/// Spans of dates, the last day of each included.
pub(super) fn listed(dates: &[Range<Date>]) -> String {
    dates.iter().map(|p| format!("{} – {}", p.start, p.end.plus(-1))).collect::<Vec<_>>().join(", ")
}
