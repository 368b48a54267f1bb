//! R01: load that could run in cheaper hours of the same day.

use super::{Audience, Facts, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::customer::Sector;
use crate::units::Ratio;
use crate::whatif::{Envelope, EnvelopeLimits, Granularity, Shift};
use std::sync::Arc;

/// Load that could run in the valley.
#[derive(Debug)]
pub struct ValleyPotential;

impl Rule for ValleyPotential {
    fn code(&self) -> &'static str {
        "R01"
    }

    fn card(&self) -> &'static str {
        include_str!("valley_potential.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::MarketStatus, Need::BilledCycle]
    }

    fn silence(&self, facts: &Facts<'_>) -> Option<String> {
        use Sector::{ContinuousProcess, DataCentre, Hospital};
        match facts.customer.sector {
            Some(s @ (Hospital | DataCentre | ContinuousProcess)) => Some(format!("sector {s:?} does not move load")),
            _ if facts.customer.supply_level == Some(1) => Some("class-1 supply must not be interrupted".into()),
            _ => None,
        }
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let (t, load) = (facts.thresholds, facts.load());
        let bands = facts.tariff().map_or(&[][..], |t| t.bands());
        let prices = bands.iter().map(|b| b.price);
        let (low, high) = prices.fold((f64::INFINITY, 0.0_f64), |(l, h), p| (l.min(p), h.max(p)));
        if low >= high {
            return Verdict::Nothing("the tariff has one energy price".into());
        }
        let limits = EnvelopeLimits {
            flexible_cap: t.shift_flexible_cap,
            flexible_least: t.shift_slot_least,
            min_days: t.shift_least_days,
        };
        let envelope = Envelope::observe(load, facts.labels, limits);
        let flexible = envelope.flexible_share();
        if flexible < t.shift_least_flexible {
            return Verdict::Nothing(format!("{:.1} % of the energy has ever moved", 100.0 * flexible));
        }
        let mut evidence = facts.evidence();
        evidence.figure("flexible_share", flexible, "");
        evidence.figure("price_lowest", low, "per kWh");
        evidence.figure("price_highest", high, "per kWh");
        if let Some(ratio) = price_to_flat(facts) {
            evidence.figure("average_price_to_flat", ratio, "");
        }
        evidence.constant("flexible_cap", t.shift_flexible_cap, "");
        evidence.constant("least_flexible", t.shift_least_flexible, "");
        evidence.constant("least_flexible_slot", t.shift_slot_least, "");
        evidence.constant("block", f64::from(t.shift_block_minutes), "min");
        evidence.constant("step", t.shift_step_kw, "kW");
        evidence.note("kind", "technical potential: what the load has shown it can do, without a list of equipment");
        evidence.note("not_deducted", "cost of labour at other hours");
        if facts.customer.sector.is_none() {
            evidence.note("sector", "unknown; the rule is silent for hospitals, data centres and continuous processes");
        }
        let change = Shift {
            envelope: Arc::new(envelope),
            labels: Arc::new(facts.labels.clone()),
            granularity: Granularity { block_minutes: t.shift_block_minutes, step_kw: t.shift_step_kw },
            limit_kw: transformer_limit(facts),
            trouble_share: t.shift_trouble_share,
        };
        Verdict::Advise(Box::new(Proposal {
            change: Arc::new(change),
            stage: Stage::Move,
            tier: Tier::Operate,
            audience: Audience::Customer,
            headline: false,
            group: None,
            model: Ratio::new(t.shift_model),
            evidence,
        }))
    }
}

/// The customer's average energy price over the flat period's; `None` without a flat band.
fn price_to_flat(facts: &Facts<'_>) -> Option<f64> {
    let (tariff, usages) = (facts.tariff()?, facts.state.usages()?);
    let flat = tariff.bands().iter().find(|b| b.period == crate::tariff::Period::Flat)?.price;
    let (mut cost, mut energy) = (0.0, 0.0);
    for (cycle, _) in facts.billed() {
        for usage in usages.iter().filter_map(|(_, u)| u.cycles.get(cycle)) {
            for (k, band) in tariff.bands().iter().enumerate() {
                let kwh = usage.billed_kwh(k).get();
                cost += kwh * band.price;
                energy += kwh;
            }
        }
    }
    (energy > 0.0 && flat > 0.0).then(|| cost / energy / flat)
}

/// What the transformers may carry, in kW: 0.9 · S · cos φ.
fn transformer_limit(facts: &Facts<'_>) -> Option<f64> {
    let t = facts.thresholds;
    let capacity = facts.state.contract().capacity?;
    let load = facts.load();
    let all = 0..load.kw().len();
    let measured = load.kvarh(all.clone()).filter(|q| *q > 0.0).map(|q| {
        let p = load.import_kwh(all);
        p / p.hypot(q)
    });
    Some(t.shift_transformer_share * capacity.get() * measured.unwrap_or(t.shift_power_factor))
}
