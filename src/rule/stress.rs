//! The test that every other contract must stand: it wins over the year, in most quarters, and when
//! maxima turn out worse than they were.

use super::demand_register::WINDOW_MINUTES;
use super::{Evidence, Facts};
use crate::customer::BillingMode;
use crate::tariff::{BillState, Compiled, CycleBill};
use crate::text::{said, say};
use crate::units::Money;
use crate::whatif::{Change, State, Stretch};
use std::collections::{BTreeMap, BTreeSet};

/// Quarters of a year that must have billed cycles.
const QUARTERS: usize = 4;

/// What has stood the test.
pub(super) struct Withstood {
    /// The counted cycles' bills as they are and after the change, and what is saved in each.
    pub months: Vec<(CycleBill, CycleBill, Money)>,
    /// Over the counted cycles.
    pub saving: Money,
    stressed: Money,
    quarters_won: usize,
    quarters: usize,
}

/// Tests a change over the counted cycles: it saves, wins in enough quarters, and still saves when
/// every maximum is multiplied by `factor`. `stressed` is what the change would have been without
/// the knowledge of those maxima; it is the change itself where that does not matter.
///
/// # Errors
/// The reason why it does not stand.
pub(super) fn withstand(
    facts: &Facts<'_>,
    (change, stressed): (&dyn Change, &dyn Change),
    factor: f64,
    counted: &[usize],
) -> Result<Withstood, String> {
    let months = monthly(facts.state, change, counted)?;
    let saving: Money = months.iter().map(|m| m.2).sum();
    if saving <= Money::ZERO {
        return Err(said("rule.no_less").into());
    }
    let mut by_quarter: BTreeMap<i32, Money> = BTreeMap::new();
    for (bill, _, saved) in &months {
        *by_quarter.entry(bill.month.0.div_euclid(3)).or_default() += *saved;
    }
    let won = by_quarter.values().filter(|s| **s > Money::ZERO).count();
    if by_quarter.len() < QUARTERS || won * QUARTERS < facts.thresholds.basis_quarters * by_quarter.len() {
        return Err(say("rule.quarters", &[("won", &won), ("n", &by_quarter.len())]));
    }
    let window_minutes =
        facts.tariff().and_then(Compiled::demand_window).map_or(WINDOW_MINUTES, crate::time::Interval::minutes);
    let worse = Stretch { factor, window_minutes }.apply(facts.state);
    let under_stress: Money = monthly(&worse, stressed, counted)?.iter().map(|m| m.2).sum();
    if under_stress <= Money::ZERO {
        return Err(say("rule.stress", &[("factor", &format_args!("{factor:.2}"))]));
    }
    Ok(Withstood { months, saving, stressed: under_stress, quarters_won: won, quarters: by_quarter.len() })
}

/// Whether a change saves over cycles that are too few for the test of quarters: more of them may tell.
pub(super) fn lacks_quarters(facts: &Facts<'_>, change: &dyn Change, counted: &[usize]) -> bool {
    let months = counted.iter().filter_map(|i| facts.cycles().get(*i)).map(|c| c.month.0.div_euclid(3));
    months.collect::<BTreeSet<_>>().len() < QUARTERS
        && saved(facts, &change.apply(facts.state), counted).is_ok_and(|s| s > Money::ZERO)
}

/// The terms that were applied for, whatever the maxima become.
#[derive(Debug)]
pub(super) struct AppliedFor(pub State);

impl Change for AppliedFor {
    fn apply(&self, state: &State) -> State {
        state.with_transformers(self.0.transformers().to_vec()).with_contract(self.0.contract().clone())
    }

    fn describe(&self) -> String {
        said("change.as_applied").into()
    }
}

/// The cycles of the latest year.
///
/// # Errors
/// Why there is none.
pub(super) fn counted(facts: &Facts<'_>) -> Result<Vec<usize>, String> {
    let (bill, tariff) = facts.bill().zip(facts.tariff()).ok_or_else(|| said("rule.no_tariff"))?;
    bill.annual(tariff).map(|a| a.cycles).ok_or_else(|| bill.annual_gap(tariff).unwrap_or_default())
}

fn monthly(
    state: &State,
    change: &dyn Change,
    counted: &[usize],
) -> Result<Vec<(CycleBill, CycleBill, Money)>, String> {
    let after = change.apply(state);
    let (Some(before), Some(after)) = (state.bill(), after.bill()) else {
        return Err(said("rule.no_tariff").into());
    };
    let pair = |i: &usize| Some((before.cycles.get(*i)?, after.cycles.get(*i)?));
    let mut out = Vec::with_capacity(counted.len());
    for (b, a) in counted.iter().filter_map(pair) {
        if let BillState::Unbillable(why) = &a.state {
            return Err(why.clone());
        }
        out.push((b.clone(), a.clone(), b.total() - a.total()));
    }
    Ok(out)
}

/// What another state saves over the counted cycles.
///
/// # Errors
/// Why it cannot be compared.
pub(super) fn saved(facts: &Facts<'_>, after: &State, counted: &[usize]) -> Result<Money, String> {
    let (before, after) = facts.bill().zip(after.bill()).ok_or_else(|| said("rule.no_tariff"))?;
    if before.currency != after.currency {
        return Err(said("rule.other_currency").into());
    }
    let mut saving = Money::ZERO;
    for (b, a) in counted.iter().filter_map(|i| Some((before.cycles.get(*i)?, after.cycles.get(*i)?))) {
        if let BillState::Unbillable(why) = &a.state {
            return Err(why.clone());
        }
        saving += b.total() - a.total();
    }
    Ok(saving)
}

impl Withstood {
    /// States the test in the evidence, with the month in which the change would have cost most.
    pub fn state(&self, facts: &Facts<'_>, evidence: &mut Evidence) {
        evidence.figure("saving_counted_months", self.saving.to_f64(), "currency");
        evidence.figure("saving_with_adverse_maxima", self.stressed.to_f64(), "currency");
        evidence.figure("quarters_won", self.quarters_won as f64, "");
        evidence.figure("quarters", self.quarters as f64, "");
        if let Some((bill, _, saved)) = self.months.iter().min_by_key(|m| m.2) {
            // Positive: so much dearer in that month than now; negative: cheaper even then.
            evidence.figure("worst_month_extra_cost", (-*saved).to_f64(), "currency");
            evidence.note("worst_month", bill.month.to_string());
        }
        evidence.constant("adverse_margin", 100.0 * facts.thresholds.basis_margin, "%");
        evidence.constant("quarters_needed", facts.thresholds.basis_quarters as f64, "");
        evidence.note("ask", said("rule.ask_production"));
    }
}

/// A mode as the evidence names it.
pub(super) const fn mode_name(mode: Option<BillingMode>) -> &'static str {
    match mode {
        Some(BillingMode::Single) => "single",
        Some(BillingMode::Capacity) => "capacity",
        Some(BillingMode::Demand) => "demand",
        Some(BillingMode::Contract) => "contract",
        None => "unknown",
    }
}
