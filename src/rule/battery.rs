//! R13: a battery on the user's terms.

use super::stress::{counted, saved};
use super::{Audience, Evidence, Facts, Model, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::register::Battery;
use crate::text::said;
use crate::units::{Kw, Kwh, Money};
use crate::whatif::{Change, State, Store};
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
        let parts = if Store::may_shave(facts.state) { &t.battery_shaved[..] } else { &[0.0][..] };
        let sizes = powers.into_iter().flat_map(|power| parts.iter().map(move |part| (power, part * power)));
        let offers = sizes.filter_map(|size| Offer::price(facts, &terms, size, &cycles));
        match offers.reduce(|a, b| if b.net > a.net { b } else { a }) {
            Some(offer) if offer.net > 0.0 => Verdict::Advise(Box::new(offer.proposal(facts, &terms, &cycles))),
            _ => Verdict::Nothing(said("rule.size").into()),
        }
    }
}

/// A size and what it comes to.
struct Offer {
    store: Store,
    after: State,
    yearly: f64,
    capex: f64,
    cycles_a_year: f64,
    /// Energy lost in it in a year, in kWh.
    losses: f64,
    life: f64,
    /// Yearly saving less the investment over its life.
    net: f64,
}

impl Offer {
    fn price(facts: &Facts<'_>, terms: &Battery, (power, shaved): (f64, f64), counted: &[usize]) -> Option<Self> {
        let store = Store {
            power: Kw::new(power),
            capacity: Kwh::new(power * terms.hours),
            round_trip: terms.round_trip,
            shaved: Kw::new(shaved),
            wear: terms.capex_per_kwh / terms.cycle_life,
        };
        let after = store.apply(facts.state);
        let yearly = saved(facts, &after, counted).ok()?.to_f64() * YEAR / counted.len().max(1) as f64;
        let (load, hours) = (facts.load(), facts.load().interval().hours());
        let years = (load.span().len() as f64 / (load.interval().slots() as f64 * 365.0)).max(f64::MIN_POSITIVE);
        let changes = || load.kw().iter().zip(after.load().kw()).map(|(a, b)| a - b);
        let delivered = changes().map(|c| c.max(0.0)).sum::<f64>() * hours / years;
        let losses = -changes().sum::<f64>() * hours / years;
        let cycles_a_year = delivered / store.capacity.get();
        let worn = if cycles_a_year > 0.0 { terms.cycle_life / cycles_a_year } else { f64::INFINITY };
        let (life, capex) =
            (worn.min(terms.life_years), store.capacity.get() * terms.capex_per_kwh + power * terms.capex_per_kw);
        Some(Self { store, after, yearly, capex, cycles_a_year, losses, life, net: yearly - capex / life })
    }

    /// What is saved of what full knowledge of each day and month would save, in the cycles that have one before them.
    fn foresight(&self, facts: &Facts<'_>, counted: &[usize], evidence: &mut Evidence) -> Model {
        let tested: Vec<usize> = counted.iter().copied().filter(|c| *c > 0).collect();
        let known = self.store.foresight(facts.state, &facts.thresholds.battery_shaved);
        let [possible, kept] = [&known, &self.after].map(|s| saved(facts, s, &tested).map_or(0.0, Money::to_f64));
        if possible <= 0.0 {
            return Model::untested(said("model.untested"));
        }
        evidence.figure("foresight_possible", possible, "currency");
        evidence.figure("foresight_kept", kept, "currency");
        Model::measured(kept / possible, said("model.foresight"))
    }

    fn proposal(self, facts: &Facts<'_>, terms: &Battery, counted: &[usize]) -> Proposal {
        let mut evidence = facts.evidence();
        let model = self.foresight(facts, counted, &mut evidence);
        evidence.figure("battery_kw", self.store.power.get(), "kW");
        evidence.figure("battery_kwh", self.store.capacity.get(), "kWh");
        if self.store.shaved > Kw::ZERO {
            evidence.figure("held_below", self.store.shaved.get(), "kW");
        }
        evidence.figure("saving_a_year", self.yearly, "currency");
        evidence.figure("losses_a_year", self.losses, "kWh");
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
        evidence.note("run_by", said("rule.battery_run"));
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
