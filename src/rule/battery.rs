//! R13: a battery on the user's terms.

use super::stress::{counted, saved};
use super::{Audience, Evidence, Facts, Model, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::register::Battery;
use crate::text::said;
use crate::units::{Kw, Kwh, Money};
use crate::whatif::{Change, Store};
use std::sync::Arc;

/// Months in a year.
const YEAR: f64 = 12.0;

/// A battery.
#[derive(Debug)]
pub struct BatteryOffer;

impl Rule for BatteryOffer {
    fn code(&self) -> &'static str {
        "R13"
    }

    fn card(&self) -> &'static str {
        include_str!("battery.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::Battery, Need::MarketStatus, Need::BilledCycle]
    }

    fn tier(&self) -> Tier {
        Tier::Invest
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let cycles = match counted(facts) {
            Ok(cycles) => cycles,
            Err(why) => return Verdict::Nothing(why),
        };
        let Some(terms) = facts.side.terms.and_then(|t| t.battery) else {
            return Verdict::Missing(vec!["battery".into()]);
        };
        let load = facts.load();
        let Some((max, _)) = load.max_kw(0..load.kw().len()).filter(|m| m.0 > 0.0) else {
            return Verdict::Nothing(said("rule.nothing").into());
        };
        let t = facts.thresholds;
        let mut powers: Vec<f64> =
            t.battery_powers.iter().map(|p| (p * max).min(terms.most_kw.unwrap_or(f64::INFINITY))).collect();
        powers.dedup();
        let offers = powers.into_iter().filter_map(|power| Offer::price(facts, &terms, power, &cycles));
        match offers.reduce(|a, b| if b.net > a.net { b } else { a }) {
            Some(offer) if offer.net > 0.0 => Verdict::Advise(Box::new(offer.proposal(facts, &terms, &cycles))),
            _ => Verdict::Nothing(said("rule.size").into()),
        }
    }
}

/// A size and what it comes to.
struct Offer {
    store: Store,
    yearly: f64,
    capex: f64,
    cycles_a_year: f64,
    life: f64,
    /// Yearly saving less the investment over its life.
    net: f64,
}

impl Offer {
    fn price(facts: &Facts<'_>, terms: &Battery, power: f64, counted: &[usize]) -> Option<Self> {
        let store = Store {
            power: Kw::new(power),
            capacity: Kwh::new(power * terms.hours),
            round_trip: terms.round_trip,
            shaved: facts.thresholds.battery_shaved.clone(),
            wear: terms.capex_per_kwh / terms.cycle_life,
        };
        let after = store.apply(facts.state);
        let yearly = saved(facts, &after, counted).ok()?.to_f64() * YEAR / counted.len().max(1) as f64;
        let delivered: f64 = facts.load().kw().iter().zip(after.load().kw()).map(|(a, b)| (a - b).max(0.0)).sum();
        let years = facts.load().span().len() as f64 / (facts.load().interval().slots() as f64 * 365.0);
        let cycles_a_year =
            delivered * facts.load().interval().hours() / store.capacity.get() / years.max(f64::MIN_POSITIVE);
        let worn = if cycles_a_year > 0.0 { terms.cycle_life / cycles_a_year } else { f64::INFINITY };
        let (life, capex) =
            (worn.min(terms.life_years), store.capacity.get() * terms.capex_per_kwh + power * terms.capex_per_kw);
        Some(Self { store, yearly, capex, cycles_a_year, life, net: yearly - capex / life })
    }

    /// What it would have kept of its saving if run without knowing the day and the month, of the cycles that
    /// have one before them.
    fn foresight(&self, facts: &Facts<'_>, counted: &[usize], evidence: &mut Evidence) -> Model {
        let tested: Vec<usize> = counted.iter().copied().filter(|c| *c > 0).collect();
        let known = self.store.apply(facts.state);
        let blind = self.store.blind(facts.state, &known);
        let [claimed, kept] = [&known, &blind].map(|s| saved(facts, s, &tested).map_or(0.0, Money::to_f64));
        if claimed <= 0.0 {
            return Model::judged(facts.thresholds.untested_model, said("model.untested"));
        }
        evidence.figure("foresight_claimed", claimed, "currency");
        evidence.figure("foresight_kept", kept, "currency");
        Model::measured(kept / claimed, said("model.foresight"))
    }

    fn proposal(self, facts: &Facts<'_>, terms: &Battery, counted: &[usize]) -> Proposal {
        let mut evidence = facts.evidence();
        let model = self.foresight(facts, counted, &mut evidence);
        evidence.figure("battery_kw", self.store.power.get(), "kW");
        evidence.figure("battery_kwh", self.store.capacity.get(), "kWh");
        evidence.figure("saving_a_year", self.yearly, "currency");
        evidence.figure("capex", self.capex, "currency");
        evidence.figure("cycles_a_year", self.cycles_a_year, "");
        evidence.figure("life_years", self.life, "");
        evidence.figure("payback_years", self.capex / self.yearly, "");
        evidence.figure("net_a_year", self.net, "currency");
        let delivered = self.cycles_a_year * self.store.capacity.get();
        evidence.figure("storage_cost", self.capex / self.life / delivered.max(f64::MIN_POSITIVE), "per kWh");
        evidence.constant("round_trip", terms.round_trip, "");
        evidence.constant("cycle_life", terms.cycle_life, "");
        evidence.note("terms", said("rule.own_battery"));
        evidence.note("not_deducted", said("rule.not_battery"));
        Proposal {
            change: Arc::new(self.store),
            stage: Stage::Move,
            tier: Tier::Invest,
            audience: Audience::Customer,
            headline: false,
            group: Some(super::SHAVING_GROUP),
            kept: None,
            model,
            evidence,
        }
    }
}
