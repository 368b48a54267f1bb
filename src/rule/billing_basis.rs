//! R04: the demand or capacity part is billed in the dearer of two ways.

use super::{Audience, Facts, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::customer::BillingMode;
use crate::tariff::{Compiled, CycleBill, LineKind};
use crate::units::{Money, Ratio};
use crate::whatif::{Change, Recontract, State, Stretch};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Demand window where the tariff states none, in minutes (the customary one).
const WINDOW_MINUTES: u32 = 15;
/// Quarters of a year that must have billed cycles.
const QUARTERS: usize = 4;

/// Capacity or demand billing.
#[derive(Debug)]
pub struct BillingBasis;

impl Rule for BillingBasis {
    fn code(&self) -> &'static str {
        "R04"
    }

    fn card(&self) -> &'static str {
        include_str!("billing_basis.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::BillingMode, Need::Capacity, Need::BilledCycle]
    }

    fn tier(&self) -> Tier {
        Tier::Counter
    }

    fn silence(&self, facts: &Facts<'_>) -> Option<String> {
        let one_way = facts.tariff().is_some_and(|t| {
            let t = t.tariff();
            t.capacity.is_none() || t.demand.as_ref().is_none_or(|d| d.always)
        });
        match facts.state.contract().billing_mode {
            Some(BillingMode::Single) => Some("single-part customers have no demand or capacity part".into()),
            _ if one_way => Some("the tariff bills the demand or capacity part in one way only".into()),
            _ => None,
        }
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let now = facts.state.contract().billing_mode;
        let counted = match counted(facts) {
            Ok(cycles) => cycles,
            Err(why) => return Verdict::Nothing(why),
        };
        let ways = [BillingMode::Capacity, BillingMode::Demand].into_iter().filter(|m| Some(*m) != now);
        let mut best: Option<Comparison> = None;
        let mut reasons = Vec::new();
        for mode in ways {
            match compare(facts, mode, &counted) {
                Ok(c) if best.as_ref().is_none_or(|b| c.saving > b.saving) => best = Some(c),
                Ok(_) => {}
                Err(why) => reasons.push(format!("{mode:?}: {why}")),
            }
        }
        best.map_or_else(|| Verdict::Nothing(reasons.join("; ")), |c| Verdict::Advise(Box::new(c.proposal(facts))))
    }
}

/// Another mode that stands all tests.
struct Comparison {
    mode: BillingMode,
    /// Over the counted cycles.
    saving: Money,
    stressed: Money,
    quarters_won: usize,
    quarters: usize,
    worst: Option<(String, Money)>,
    demand_share: Option<f64>,
}

/// Prices the other mode over the latest year, as it was and with the maxima changed to its disadvantage.
fn compare(facts: &Facts<'_>, mode: BillingMode, counted: &[usize]) -> Result<Comparison, String> {
    let t = facts.thresholds;
    let change = Recontract { billing_mode: mode, contract_demand: None };
    let months = monthly(facts.state, &change, counted)?;
    let saving: Money = months.iter().map(|m| m.2).sum();
    if saving <= Money::ZERO {
        return Err("costs no less over the year".into());
    }
    let mut by_quarter: BTreeMap<i32, Money> = BTreeMap::new();
    for (bill, _, saved) in &months {
        *by_quarter.entry(bill.month.0.div_euclid(3)).or_default() += *saved;
    }
    let won = by_quarter.values().filter(|s| **s > Money::ZERO).count();
    if by_quarter.len() < QUARTERS || won < t.basis_quarters {
        return Err(format!("wins in {won} of {} quarters", by_quarter.len()));
    }
    let factor = if mode == BillingMode::Demand { 1.0 + t.basis_margin } else { 1.0 - t.basis_margin };
    let window =
        facts.tariff().and_then(Compiled::demand_window).map_or(WINDOW_MINUTES, crate::time::Interval::minutes);
    let stressed = Stretch { factor, window_minutes: window }.apply(facts.state);
    let stressed: Money = monthly(&stressed, &change, counted)?.iter().map(|m| m.2).sum();
    if stressed <= Money::ZERO {
        return Err(format!("no longer wins when every maximum is × {factor:.2}"));
    }
    let worst = months.iter().min_by_key(|m| m.2).map(|m| (m.0.month.to_string(), -m.2));
    Ok(Comparison {
        mode,
        saving,
        stressed,
        quarters_won: won,
        quarters: by_quarter.len(),
        worst,
        demand_share: demand_share(facts, &months),
    })
}

/// The counted cycles' bills as they are and after a change, and what is saved in each.
type Months = Vec<(CycleBill, CycleBill, Money)>;

/// The cycles of the latest year, or why there is none.
fn counted(facts: &Facts<'_>) -> Result<Vec<usize>, String> {
    let (bill, tariff) = facts.bill().zip(facts.tariff()).ok_or("no tariff")?;
    bill.annual(tariff).map(|a| a.cycles).ok_or_else(|| bill.annual_gap(tariff).unwrap_or_default())
}

fn monthly(state: &State, change: &dyn Change, counted: &[usize]) -> Result<Months, String> {
    let after = change.apply(state);
    let (Some(before), Some(after)) = (state.bill(), after.bill()) else {
        return Err("no tariff".into());
    };
    let pair = |i: &usize| Some((before.cycles.get(*i)?, after.cycles.get(*i)?));
    let mut out = Months::new();
    for (b, a) in counted.iter().filter_map(pair) {
        if let crate::tariff::BillState::Unbillable(why) = &a.state {
            return Err(why.clone());
        }
        out.push((b.clone(), a.clone(), b.total() - a.total()));
    }
    Ok(out)
}

/// Mean billed demand over the contract capacity, from whichever bill has demand lines.
fn demand_share(facts: &Facts<'_>, months: &Months) -> Option<f64> {
    let capacity = facts.state.contract().capacity.filter(|c| c.get() > 0.0)?;
    let demand = |b: &CycleBill| b.lines.iter().filter(|l| l.kind == LineKind::Demand).map(|l| l.quantity).sum::<f64>();
    let sum: f64 = months.iter().map(|(b, a, _)| demand(b).max(demand(a))).sum();
    Some(sum / months.len().max(1) as f64 / capacity.get())
}

impl Comparison {
    fn proposal(self, facts: &Facts<'_>) -> Proposal {
        let t = facts.thresholds;
        let mut evidence = facts.evidence();
        evidence.figure("saving_counted_months", self.saving.to_f64(), "currency");
        evidence.figure("saving_with_adverse_maxima", self.stressed.to_f64(), "currency");
        evidence.figure("quarters_won", self.quarters_won as f64, "");
        evidence.figure("quarters", self.quarters as f64, "");
        if let Some(share) = self.demand_share {
            evidence.figure("demand_to_capacity", share, "");
        }
        if let Some((month, cost)) = self.worst {
            // Positive: so much dearer in that month than now; negative: cheaper even then.
            evidence.figure("worst_month_extra_cost", cost.to_f64(), "currency");
            evidence.note("worst_month", month);
        }
        evidence.constant("adverse_margin", t.basis_margin, "");
        evidence.constant("quarters_needed", t.basis_quarters as f64, "");
        evidence.note("from_mode", name(facts.state.contract().billing_mode));
        evidence.note("to_mode", name(Some(self.mode)));
        evidence.note("ask", "is a change of production planned in the next year?");
        evidence.note("lock_in", "the mode is chosen for a quarter at least; apply ahead of time at the counter");
        Proposal {
            change: Arc::new(Recontract { billing_mode: self.mode, contract_demand: None }),
            stage: Stage::Contract,
            tier: Tier::Counter,
            audience: Audience::Customer,
            headline: true,
            group: Some("contract"),
            model: Ratio::new(t.basis_model),
            evidence,
        }
    }
}

fn name(mode: Option<BillingMode>) -> &'static str {
    match mode {
        Some(BillingMode::Single) => "single",
        Some(BillingMode::Capacity) => "capacity",
        Some(BillingMode::Demand) => "demand",
        Some(BillingMode::Contract) => "contract",
        None => "unknown",
    }
}
