//! Rules: each looks for one pattern and proposes one change of the customer. Each is one file
//! with its card beside it; what a proposal saves is found by billing, never by the rule.

mod advice;
mod ahead;
mod apparent;
mod asks;
mod borne_out;
pub mod card;
mod demand_register;
mod facts;
mod fit;
mod model;
mod need;
mod stops;
mod stress;
mod suspension;
mod suspension_dates;
mod threshold_file;
mod thresholds;
mod workday;

mod battery;
mod billing_basis;
mod contract_demand;
mod cooling;
mod demand_response;
mod drift;
mod heavy_transformers;
mod idle_base_load;
mod idle_rest_days;
mod large_swings;
mod light_transformers;
mod low_power_factor;
mod maintenance_window;
mod meter_fit;
mod needle_peaks;
mod peer_position;
mod phase_imbalance;
mod product_choice;
mod solar;
mod start_up_peaks;
mod valley_potential;
mod voltage_level;

pub use advice::{
    Advice, Arithmetic, Audience, Effect, Evidence, Figure, InPlan, LineSum, Outcome, Range, Tier, has_ended,
};
pub use asks::Asks;
pub use facts::{Facts, Side};
pub use model::Model;
pub use need::{MEASURED_ON_SITE, Need};
pub use thresholds::Thresholds;

use crate::units::Kw;
use crate::whatif::Change;
use serde::Serialize;
use std::sync::Arc;

/// Every rule, in the order of codes.
pub static RULES: &[&dyn Rule] = &[
    &valley_potential::ValleyPotential,
    &start_up_peaks::StartUpPeaks,
    &needle_peaks::NeedlePeaks,
    &billing_basis::BillingBasis,
    &low_power_factor::LowPowerFactor,
    &idle_base_load::IdleBaseLoad,
    &idle_rest_days::IdleRestDays,
    &cooling::Cooling,
    &drift::Drift,
    &contract_demand::ContractDemand,
    &light_transformers::LightTransformers,
    &heavy_transformers::HeavyTransformers,
    &battery::BatteryOffer,
    &solar::SolarOffer,
    &demand_response::DemandResponse,
    &phase_imbalance::PhaseImbalance,
    &voltage_level::HigherVoltage,
    &meter_fit::MeterFit,
    &large_swings::LargeSwings,
    &peer_position::PeerPosition,
    &maintenance_window::MaintenanceWindow,
    &product_choice::ProductChoice,
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

    /// What it asks of the load, where the customer's sector decides whether it may.
    fn asks(&self) -> Option<Asks> {
        None
    }
    /// Why it has nothing else to say to such a customer, whatever the data: asked before the needs, so
    /// that nobody is asked for inputs of a rule that would stay silent.
    fn silence(&self, _facts: &Facts<'_>) -> Option<String> {
        None
    }
    /// Tier of the row that reports missing inputs.
    fn tier(&self) -> Tier {
        Tier::Operate
    }
    /// Whether what it proposes works in a season by its nature: a suspension, cooling, the sun. Its evenness is then
    /// judged over the months in which it saves.
    fn seasonal(&self) -> bool {
        false
    }
    /// Whether of a drawn year each month is one of the same season: what follows the season, and price tables, whose
    /// months of gain and of loss each come once a year.
    fn drawn_by_season(&self) -> bool {
        self.seasonal()
    }
    /// Whether it mends what is wrong in single months: each month of a drawn year is then one in which it saves or one
    /// in which it does not, as the month itself.
    fn drawn_by_need(&self) -> bool {
        false
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
    /// There is something to do, and it has a price.
    Advise(Box<Proposal>),
    /// There is something to know, without money.
    Inform(Box<Finding>),
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
    /// Another product, with the contract that results.
    Product,
}

/// Billing mode, suspension of transformers and contracted demand: one choice, made once.
pub const CONTRACT_GROUP: &str = "contract";

/// Shaving of peaks, by care or by a battery.
pub const SHAVING_GROUP: &str = "peak-shaving";

/// Price tables: of a voltage or of a product.
pub const PRODUCT_GROUP: &str = "product";

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
    /// The model's part of the confidence, as the card says.
    pub model: Model,
    /// Share of the saving that a test on unseen months kept: the range's lower end counts no more. `None` where
    /// there was no such test.
    pub kept: Option<f64>,
    /// Facts, constants and notes.
    pub evidence: Evidence,
}

impl Proposal {
    /// What an investment costs a year, as its evidence states it: capex over life. Less than that a
    /// year is no gain.
    #[must_use]
    pub fn cost_a_year(&self) -> Option<f64> {
        let stated = |name: &str| self.evidence.figures.get(name).or_else(|| self.evidence.constants.get(name));
        let (capex, life) = (stated("capex")?.value, stated("life_years")?.value);
        (life > 0.0).then(|| capex / life)
    }
}

/// What a rule has seen that carries no money: safety, metering, potential in kW, a question.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What it asks of the customer.
    pub tier: Tier,
    /// 1 high, 2 medium, 3 low.
    pub priority: u8,
    /// Load that could be lowered on request, where it tells of such.
    pub kw: Option<Kw>,
    /// The model's part of the confidence, as the card says.
    pub model: Model,
    /// Facts, constants and notes.
    pub evidence: Evidence,
}

/// Asks a rule: silence first, then missing inputs, then its judgement, hedged where the sector is not known.
#[must_use]
pub fn ask(rule: &dyn Rule, facts: &Facts<'_>) -> Verdict {
    let asks = rule.asks();
    if let Some(reason) = asks.and_then(|a| a.refused(facts)).or_else(|| rule.silence(facts)) {
        return Verdict::Nothing(reason);
    }
    let mut missing: Vec<String> = Vec::new();
    for name in rule.needs().iter().filter_map(|n| n.lacking(facts)) {
        if !missing.contains(&name) {
            missing.push(name);
        }
    }
    if !missing.is_empty() {
        return Verdict::Missing(missing);
    }
    let verdict = rule.judge(facts);
    match asks {
        Some(asks) => asks.hedged(facts, verdict),
        None => verdict,
    }
}
