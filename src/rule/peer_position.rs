//! R20: similar customers use their connection more evenly.

use super::{Facts, Finding, Need, Rule, Tier, Verdict};
use crate::text::said;
use crate::units::Ratio;

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
        let mut evidence = facts.evidence();
        evidence.figure("load_factor", own, "");
        evidence.constant("least_peers", t.peer_least as f64, "");
        evidence.constant("most_share", t.peer_most_share, "");
        evidence.note("quartile", "lowest");
        let model = Ratio::new(t.peer_model);
        Verdict::Inform(Box::new(Finding { tier: Tier::Inform, priority: 3, kw: None, model, evidence }))
    }
}
