//! What rules ask of a load, and of whom they do not ask it: the one place where the sector decides.

use super::{Facts, Verdict};
use crate::customer::Sector;
use crate::text::{said, say};

/// What a rule asks of the load, where the answer hangs on what the customer does (practitioners' review).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Work at other hours.
    Move,
    /// Less for an hour or two when the grid asks.
    Lower,
    /// Base load off in hours without work.
    SwitchOff,
    /// A plant that stands still on rest days.
    Stop,
}

impl Asks {
    /// Sectors that are not asked.
    const fn spared(self) -> &'static [Sector] {
        use Sector::{ColdStore, Commercial, ContinuousProcess, DataCentre, Hospital, PublicService};
        match self {
            Self::Move | Self::Lower => &[Hospital, DataCentre, ContinuousProcess],
            Self::SwitchOff => &[Hospital, DataCentre, ContinuousProcess, ColdStore],
            Self::Stop => &[Hospital, DataCentre, ContinuousProcess, ColdStore, Commercial, PublicService],
        }
    }

    /// Whether supply of class 1 is spared too: what is moved or lowered may interrupt it.
    const fn spares_class_one(self) -> bool {
        matches!(self, Self::Move | Self::Lower)
    }

    /// Why a customer is not asked; `None` where it is.
    #[must_use]
    pub fn refused(self, facts: &Facts<'_>) -> Option<String> {
        let customer = facts.customer;
        if let Some(sector) = customer.sector.filter(|s| self.spared().contains(s)) {
            return Some(match self {
                Self::Move => say("rule.move", &[("sector", &sector.plural())]),
                Self::Lower => say("rule.curtail", &[("sector", &sector.plural())]),
                Self::SwitchOff => say("rule.base", &[("sector", &sector.plural())]),
                Self::Stop => say("rule.still", &[("sector", &sector.plural())]),
            });
        }
        (self.spares_class_one() && customer.supply_level == Some(1)).then(|| said("rule.class_one").into())
    }

    /// A verdict of a customer that may be asked. Of one whose sector is not known it may be that it must not: the
    /// saving is told, but promised in no sum, and the note says whom the rule spares. A list of equipment with the
    /// hours of each machine is the customer's own word on what may move.
    #[must_use]
    pub fn hedged(self, facts: &Facts<'_>, mut verdict: Verdict) -> Verdict {
        let told = self == Self::Move && !facts.customer.equipment.is_empty();
        if facts.customer.sector.is_some() || told {
            return verdict;
        }
        let note = match self {
            Self::Move | Self::Lower => said("rule.sector"),
            Self::SwitchOff => said("rule.sector_off"),
            Self::Stop => said("rule.sector_stop"),
        };
        match &mut verdict {
            Verdict::Advise(proposal) => {
                proposal.headline = false;
                proposal.evidence.note("sector", note);
            }
            Verdict::Inform(finding) => finding.evidence.note("sector", note),
            Verdict::Nothing(_) | Verdict::Missing(_) => {}
        }
        verdict
    }
}
