//! R17: supply at a higher voltage would cost less.

use super::stress::{counted, saved};
use super::{Audience, Facts, Model, Need, PRODUCT_GROUP, Proposal, Rule, Stage, Tier, Verdict};
use crate::register::VoltageLevel;
use crate::text::{said, say};
use crate::units::{Kva, Money};
use crate::whatif::{Change, ChangeTariff};
use std::sync::Arc;

/// Supply at another voltage.
#[derive(Debug)]
pub struct HigherVoltage;

impl Rule for HigherVoltage {
    fn code(&self) -> &'static str {
        "R17"
    }

    fn card(&self) -> &'static str {
        include_str!("voltage_level.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::VoltageLevels, Need::Voltage, Need::Capacity, Need::MarketStatus, Need::BilledCycle]
    }

    fn tier(&self) -> Tier {
        Tier::Invest
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let cycles = match counted(facts) {
            Ok(cycles) => cycles,
            Err(why) => return Verdict::Nothing(why),
        };
        let now = facts.state.contract().voltage_kv.unwrap_or(f64::INFINITY);
        let levels = facts.side.terms.map_or(&[][..], |t| &t.voltage).iter().filter(|l| l.kv > now);
        let mut reasons = Vec::new();
        let priced = levels.filter_map(|l| match Offer::price(facts, l, &cycles) {
            Ok(offer) => Some(offer),
            Err(why) => {
                reasons.push(why);
                None
            }
        });
        match priced.reduce(|a, b| if b.payback < a.payback { b } else { a }) {
            Some(offer) => Verdict::Advise(Box::new(offer.proposal(facts))),
            None if reasons.is_empty() => Verdict::Nothing(said("rule.level").into()),
            None => Verdict::Nothing(reasons.join("; ")),
        }
    }
}

/// A level that pays.
struct Offer<'a> {
    level: &'a VoltageLevel,
    change: ChangeTariff,
    saving: Money,
    payback: f64,
}

/// Months in a year.
const YEAR: f64 = 12.0;

impl<'a> Offer<'a> {
    fn price(facts: &Facts<'_>, level: &'a VoltageLevel, counted: &[usize]) -> Result<Self, String> {
        let t = facts.thresholds;
        let tariff = facts.side.tariff(&level.tariff).ok_or_else(|| said("rule.no_price_table"))?;
        let change = ChangeTariff { tariff: Arc::clone(tariff), billing_mode: None, voltage_kv: Some(level.kv) };
        let after = change.apply(facts.state);
        let saving = saved(facts, &after, counted)?;
        let yearly = saving.to_f64() * YEAR / counted.len().max(1) as f64;
        if yearly <= 0.0 {
            return Err(say("rule.level_no_less", &[("kv", &level.kv)]));
        }
        let payback = level.capex / yearly;
        let capacity = facts.state.contract().capacity.map_or(0.0, Kva::get);
        let most = if capacity < t.voltage_least_kva { t.voltage_payback_years } else { t.voltage_most_payback_years };
        if payback > most {
            return Err(say(
                "rule.level_payback",
                &[("kv", &level.kv), ("years", &format_args!("{payback:.1}")), ("capacity", &capacity)],
            ));
        }
        Ok(Self { level, change, saving, payback })
    }

    fn proposal(self, facts: &Facts<'_>) -> Proposal {
        let t = facts.thresholds;
        let mut evidence = facts.evidence();
        evidence.figure("saving_counted_months", self.saving.to_f64(), "currency");
        evidence.figure("capex", self.level.capex, "currency");
        evidence.figure("payback_years", self.payback, "");
        evidence.figure("voltage_kv", self.level.kv, "kV");
        evidence.constant("least_kva", t.voltage_least_kva, "kVA");
        evidence.constant("longest_payback_years", t.voltage_payback_years, "");
        evidence.constant("longest_payback_years_above", t.voltage_most_payback_years, "");
        evidence.note("price_table", self.change.tariff.tariff().id.to_string());
        Proposal {
            change: Arc::new(self.change),
            stage: Stage::Product,
            tier: Tier::Invest,
            audience: Audience::Customer,
            headline: false,
            group: Some(PRODUCT_GROUP),
            kept: None,
            model: Model::of_bills(facts),
            evidence,
        }
    }
}
