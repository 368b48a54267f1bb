//! R16: the three phases are loaded unevenly.

use super::need::MEASURED_ON_SITE;
use super::{Facts, Need, Rule, Tier, Verdict};
use crate::customer::Wiring;
use crate::text::said;

/// Imbalance of phases.
#[derive(Debug)]
pub struct PhaseImbalance;

impl Rule for PhaseImbalance {
    fn code(&self) -> &'static str {
        "R16"
    }

    fn card(&self) -> &'static str {
        include_str!("phase_imbalance.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::PhaseCurrents]
    }

    fn tier(&self) -> Tier {
        Tier::Inform
    }

    fn silence(&self, facts: &Facts<'_>) -> Option<String> {
        let meters = facts.side.meters;
        let three_wire = !meters.is_empty() && meters.iter().all(|m| m.wiring == Some(Wiring::ThreeWire));
        three_wire.then(|| said("rule.three_wire").into())
    }

    /// Readings of power alone do not tell the phases apart, so that [`Need::PhaseCurrents`] is lacking
    /// whatever the data and this is not reached.
    fn judge(&self, _: &Facts<'_>) -> Verdict {
        Verdict::Missing(vec![MEASURED_ON_SITE.into()])
    }
}
