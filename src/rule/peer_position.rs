//! R20: similar customers use their connection more evenly.

use super::model::normal;
use super::{Asks, Facts, Finding, Model, Need, Rule, Tier, Verdict};
use crate::register::Group;
use crate::text::{said, say};

/// The indicator that is compared.
const LOAD_FACTOR: &str = "load_factor";

/// Place among similar customers.
#[derive(Debug)]
pub struct PeerPosition;

impl Rule for PeerPosition {
    fn code(&self) -> &'static str {
        "R20"
    }

    fn card(&self) -> &'static str {
        include_str!("peer_position.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Sector, Need::Peers]
    }

    fn tier(&self) -> Tier {
        Tier::Inform
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let t = facts.thresholds;
        let Some(group) = facts.side.peers else { return Verdict::Missing(vec!["peers".into()]) };
        if group.n < t.peer_least || group.largest_share > t.peer_most_share {
            return Verdict::Nothing(said("rule.group").into());
        }
        let Some(own) = facts.indicators.iter().find(|r| r.code == LOAD_FACTOR).and_then(|r| r.value) else {
            return Verdict::Nothing(said("rule.factor").into());
        };
        if own >= group.load_factor[0] {
            return Verdict::Nothing(said("rule.quarter").into());
        }
        if own > (1.0 - t.peer_margin) * group.load_factor[0] {
            let margin = format!("{:.0}", 100.0 * t.peer_margin);
            return Verdict::Nothing(say("rule.near_quarter", &[("margin", &margin)]));
        }
        let mut evidence = facts.evidence();
        evidence.figure("load_factor", own, "");
        evidence.constant("least_peers", t.peer_least as f64, "");
        evidence.constant("most_share", t.peer_most_share, "");
        evidence.constant("margin", t.peer_margin, "");
        evidence.note("quartile", "lowest");
        // Where load is not asked to move, nobody is told to look for hours to move it to.
        if let Some(why) = Asks::Move.refused(facts) {
            evidence.note("spared", why);
        }
        let model = Model::measured(surely_below(own, group), said("model.quartile"));
        Verdict::Inform(Box::new(Finding { tier: Tier::Inform, priority: 3, kw: None, model, evidence }))
    }
}

/// Standard error of a quartile of `n` customers in ranks is √(¼ · ¾ · n), of which the median is a quarter of
/// them away: so many distances to the median, times √n.
const QUARTILE_ERROR: f64 = 1.732_050_807_568_877_2;

/// How surely a load factor below the quartile of a group lies below that of all such customers.
fn surely_below(own: f64, group: &Group) -> f64 {
    let [quartile, median, _] = group.load_factor;
    let error = QUARTILE_ERROR * (median - quartile) / (group.n.max(1) as f64).sqrt();
    if error > 0.0 { normal((quartile - own) / error) } else { 1.0 }
}
