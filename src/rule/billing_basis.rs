//! R04: the demand or capacity part is billed in the dearer of two ways.

use super::ahead::Earliest;
use super::heavy_transformers::OverRating;
use super::stress::{Withstood, counted, lacks_quarters, mode_name, withstand};
use super::{Audience, CONTRACT_GROUP, Facts, Model, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::customer::BillingMode;
use crate::tariff::{CycleBill, LineKind};
use crate::text::said;
use crate::units::Money;
use crate::whatif::Recontract;
use std::sync::Arc;

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
            Some(BillingMode::Single) => Some(said("rule.one_part").into()),
            _ if one_way => Some(said("rule.one_way").into()),
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
        let (mut best, mut too_few): (Option<Comparison>, bool) = (None, false);
        let mut reasons = Vec::new();
        for mode in ways {
            match compare(facts, mode, &counted) {
                Ok(c) if best.as_ref().is_none_or(|b| c.worth() > b.worth()) => best = Some(c),
                Ok(_) => {}
                Err(why) => {
                    let change = Recontract { billing_mode: mode, contract_demand: None };
                    too_few |= lacks_quarters(facts, &change, &counted);
                    reasons.push(format!("{}: {why}", mode.words()));
                }
            }
        }
        match best {
            Some(found) => Verdict::Advise(Box::new(found.proposal(facts))),
            None if too_few => Verdict::Missing(vec!["year".into()]),
            None => Verdict::Nothing(reasons.join("; ")),
        }
    }
}

/// Another mode that stands all tests.
struct Comparison {
    mode: BillingMode,
    stood: Withstood,
    /// The register, by which it would be billed, is contradicted by the load.
    over: Option<OverRating>,
}

/// Prices the other mode over the latest year, as it was and with the maxima changed to its disadvantage.
fn compare(facts: &Facts<'_>, mode: BillingMode, counted: &[usize]) -> Result<Comparison, String> {
    let change = Recontract { billing_mode: mode, contract_demand: None };
    let margin = facts.thresholds.basis_margin;
    let factor = if mode == BillingMode::Demand { 1.0 + margin } else { 1.0 - margin };
    let stood = withstand(facts, (&change, &change), factor, counted)?;
    let over = OverRating::of(facts, counted).filter(|_| mode == BillingMode::Capacity);
    Ok(Comparison { mode, stood, over })
}

impl Comparison {
    /// What is promised comes before what is not, then what saves more.
    const fn worth(&self) -> (bool, Money) {
        (self.over.is_none(), self.stood.saving)
    }

    /// Mean billed demand over the contract capacity, from whichever bill has demand lines.
    fn demand_share(&self, facts: &Facts<'_>) -> Option<f64> {
        let capacity = facts.state.contract().capacity.filter(|c| c.get() > 0.0)?;
        let demand =
            |b: &CycleBill| b.lines.iter().filter(|l| l.kind == LineKind::Demand).map(|l| l.quantity).sum::<f64>();
        let months = &self.stood.months;
        let sum: f64 = months.iter().map(|(b, a, _)| demand(b).max(demand(a))).sum();
        Some(sum / months.len().max(1) as f64 / capacity.get())
    }

    fn proposal(self, facts: &Facts<'_>) -> Proposal {
        let mut evidence = facts.evidence();
        self.stood.state(facts, &mut evidence);
        if let Some(share) = self.demand_share(facts) {
            evidence.figure("demand_to_capacity", share, "");
        }
        evidence.note("from_mode", mode_name(facts.state.contract().billing_mode));
        evidence.note("to_mode", mode_name(Some(self.mode)));
        evidence.note("lock_in", said("rule.lock_quarter"));
        if let Some(earliest) = Earliest::of(facts, Some(self.mode)) {
            evidence.note("mode_from", earliest.from.to_string());
            evidence.constant("mode_workdays", facts.thresholds.basis_lead_workdays as f64, "");
            if let Some(by) = earliest.by {
                evidence.note("apply_by", by.to_string());
            }
        }
        if let Some(over) = &self.over {
            over.state(&mut evidence);
        }
        Proposal {
            change: Arc::new(Recontract { billing_mode: self.mode, contract_demand: None }),
            stage: Stage::Contract,
            tier: Tier::Counter,
            audience: Audience::Customer,
            headline: self.over.is_none(),
            group: Some(CONTRACT_GROUP),
            kept: None,
            model: Model::of_bills(facts),
            evidence,
        }
    }
}
