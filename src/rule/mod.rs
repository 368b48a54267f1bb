//! Rules: each looks for one pattern and proposes one change of the customer. Each is one file
//! with its card beside it; what a proposal saves is found by billing, never by the rule.

mod advice;
pub mod card;
mod facts;
mod need;
mod thresholds;

mod billing_basis;
mod idle_base_load;
mod low_power_factor;
mod needle_peaks;
mod valley_potential;

pub use advice::{Advice, Arithmetic, Audience, Evidence, Figure, LineSum, Outcome, Tier};
pub use facts::Facts;
pub use need::Need;
pub use thresholds::Thresholds;

use crate::units::Ratio;
use crate::whatif::Change;
use serde::Serialize;
use std::sync::Arc;

/// Every rule, in the order of codes.
pub static RULES: &[&dyn Rule] = &[
    &valley_potential::ValleyPotential,
    &needle_peaks::NeedlePeaks,
    &billing_basis::BillingBasis,
    &low_power_factor::LowPowerFactor,
    &idle_base_load::IdleBaseLoad,
];

/// One pattern that advice can come from.
pub trait Rule: Sync {
    /// `R01`…`R22`; never used again for another rule.
    fn code(&self) -> &'static str;
    /// Its card in Markdown: what it looks for, why it pays, when it stays silent, examples.
    fn card(&self) -> &'static str;
    /// Inputs without which it answers [`Verdict::Missing`]; asked in this order.
    fn needs(&self) -> &'static [Need];
    /// Looks at a customer of whom all [`Rule::needs`] are known.
    fn judge(&self, facts: &Facts<'_>) -> Verdict;

    /// Why it has nothing to say to such a customer, whatever the data: asked before the needs, so
    /// that nobody is asked for inputs of a rule that would stay silent.
    fn silence(&self, _facts: &Facts<'_>) -> Option<String> {
        None
    }
    /// Tier of the row that reports missing inputs.
    fn tier(&self) -> Tier {
        Tier::Operate
    }
    /// Who may read it.
    fn audience(&self) -> Audience {
        Audience::Customer
    }
}

/// The rule of a code, upper or lower case.
#[must_use]
pub fn find(code: &str) -> Option<&'static dyn Rule> {
    RULES.iter().find(|r| r.code().eq_ignore_ascii_case(code)).copied()
}

/// What a rule answers.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// There is something to do.
    Advise(Box<Proposal>),
    /// There is not, and why.
    Nothing(String),
    /// Inputs lack, by column or file name.
    Missing(Vec<String>),
}

/// Where in the waterfall a change is applied: each on the customer as changed by those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Less energy.
    Reduce,
    /// Energy at other times.
    Move,
    /// Reactive power.
    Reactive,
    /// The contract, on the profile that results.
    Contract,
}

/// A change that a rule proposes, without its price.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What to change.
    pub change: Arc<dyn Change>,
    /// Where in the waterfall.
    pub stage: Stage,
    /// What it asks of the customer.
    pub tier: Tier,
    /// Who may read it.
    pub audience: Audience,
    /// Whether its saving counts in the headline sum.
    pub headline: bool,
    /// At most one of a group is in the plan.
    pub group: Option<&'static str>,
    /// The model's part of the confidence, 0 to 1, as the card says.
    pub model: Ratio,
    /// Facts, constants and notes.
    pub evidence: Evidence,
}

/// Asks a rule: silence first, then missing inputs, then its judgement.
#[must_use]
pub fn ask(rule: &dyn Rule, facts: &Facts<'_>) -> Verdict {
    if let Some(reason) = rule.silence(facts) {
        return Verdict::Nothing(reason);
    }
    let missing: Vec<String> = rule.needs().iter().filter_map(|n| n.lacking(facts)).collect();
    if missing.is_empty() { rule.judge(facts) } else { Verdict::Missing(missing) }
}

#[cfg(test)]
mod examples;
