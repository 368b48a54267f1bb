//! R14: a PV plant on the user's terms.

use super::stress::{counted, saved};
use super::{Audience, Facts, Model, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::text::{said, say};
use crate::units::{Kwh, Money};
use crate::whatif::{Change, Solar, State};
use std::sync::Arc;

/// Months in a year.
const YEAR: f64 = 12.0;

/// A PV plant.
#[derive(Debug)]
pub struct SolarOffer;

impl Rule for SolarOffer {
    fn code(&self) -> &'static str {
        "R14"
    }

    fn card(&self) -> &'static str {
        include_str!("solar.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::Pv, Need::MarketStatus, Need::BilledCycle]
    }

    fn seasonal(&self) -> bool {
        true
    }

    fn tier(&self) -> Tier {
        Tier::Invest
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let cycles = match counted(facts) {
            Ok(cycles) => cycles,
            Err(why) => return Verdict::Nothing(why),
        };
        let Some(terms) = facts.side.terms.and_then(|t| t.pv) else { return Verdict::Missing(vec!["pv".into()]) };
        let change = Solar { yearly: Kwh::new(terms.kwp * terms.kwh_per_kwp), latitude: terms.latitude, one_of: 1 };
        let after = change.apply(facts.state);
        let yearly = match saved(facts, &after, &cycles) {
            Ok(saving) => saving.to_f64() * YEAR / cycles.len().max(1) as f64,
            Err(why) => return Verdict::Nothing(why),
        };
        let patchy = Solar { one_of: facts.thresholds.pv_patchy_days, ..change }.apply(facts.state);
        let patchy = saved(facts, &patchy, &cycles).map_or(0.0, Money::to_f64) * YEAR / cycles.len().max(1) as f64;
        let capex = terms.kwp * terms.capex_per_kwp;
        if yearly * terms.life_years <= capex {
            let years = terms.life_years;
            return Verdict::Nothing(say(
                "rule.payback",
                &[("yearly", &format_args!("{yearly:.0}")), ("years", &years)],
            ));
        }
        let used = all_kwh(facts.state) - all_kwh(&after);
        let produced = change.course(facts.load()).iter().sum::<f64>() * facts.load().interval().hours();
        let mut evidence = facts.evidence();
        evidence.figure("pv_kwp", terms.kwp, "kWp");
        evidence.figure("saving_a_year", yearly, "currency");
        evidence.figure("capex", capex, "currency");
        evidence.figure("payback_years", capex / yearly, "");
        evidence.figure("saving_under_clouds", patchy, "currency");
        evidence.figure("own_use_share", used / produced.max(f64::MIN_POSITIVE), "");
        evidence.figure("value_of_own_use", value_of_own_use(facts, yearly, used), "per kWh");
        for (name, state) in [("power_factor", facts.state), ("power_factor_after", &after)] {
            if let Some(cos) = power_factor(state) {
                evidence.figure(name, cos, "");
            }
        }
        if let Some(price) = terms.feed_in_price {
            evidence.figure("surplus", produced - used, "kWh");
            evidence.figure("feed_in_not_counted", (produced - used) * price, "currency");
        }
        evidence.constant("life_years", terms.life_years, "");
        evidence.note("terms", said("rule.own_pv"));
        evidence.note("not_deducted", said("rule.not_pv"));
        evidence.note("maximum", said("rule.no_maximum"));
        Verdict::Advise(Box::new(Proposal {
            change: Arc::new(change),
            stage: Stage::Move,
            tier: Tier::Invest,
            audience: Audience::Customer,
            headline: false,
            group: None,
            kept: None,
            model: Model::measured(patchy / yearly, said("model.clouds")),
            evidence,
        }))
    }
}

fn all_kwh(state: &State) -> f64 {
    state.load().import_kwh(0..state.load().kw().len())
}

/// Saving of a year over the energy of a year: what a kWh of the sun replaces, at the hours it comes.
fn value_of_own_use(facts: &Facts<'_>, yearly: f64, used: f64) -> f64 {
    let years = facts.load().span().len() as f64 / (facts.load().interval().slots() as f64 * 365.0);
    yearly / (used / years.max(f64::MIN_POSITIVE)).max(f64::MIN_POSITIVE)
}

/// Of the whole span, as metered.
fn power_factor(state: &State) -> Option<f64> {
    let all = 0..state.load().kw().len();
    let q = state.load().kvarh(all.clone())?;
    let p = state.load().import_kwh(all);
    (p > 0.0).then(|| p / p.hypot(q))
}
