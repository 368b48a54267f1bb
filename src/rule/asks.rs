//! What rules ask of a load, and of whom they do not ask it: the one place where the sector decides.

use super::{Advice, Facts, Verdict, find};
use crate::customer::{Customer, Sector};
use crate::text::{said, say};
use std::collections::BTreeMap;

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
    /// As in keys of the text files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Move => "move",
            Self::Lower => "lower",
            Self::SwitchOff => "off",
            Self::Stop => "stop",
        }
    }

    /// Whether what it asks has a saving that is promised where the sector is known, without a list of machines.
    #[must_use]
    pub const fn is_priced(self) -> bool {
        matches!(self, Self::SwitchOff | Self::Stop)
    }

    /// What a rule asks of a customer whose sector is not known, by the notes of its evidence.
    #[must_use]
    pub fn doubted(code: &str, notes: &BTreeMap<String, String>) -> Option<Self> {
        notes.get("sector").and_then(|_| find(code)?.asks())
    }

    /// Whether a customer is not asked, for its sector or its class of supply.
    #[must_use]
    pub fn spares(self, customer: &Customer) -> bool {
        customer.sector.is_some_and(|s| self.spared().contains(&s)) || self.interrupts(customer)
    }

    /// Sectors that are not asked.
    const fn spared(self) -> &'static [Sector] {
        use Sector::{ColdStore, Commercial, ContinuousProcess, DataCentre, Hospital, PublicService};
        match self {
            Self::Move | Self::Lower => &[Hospital, DataCentre, ContinuousProcess],
            Self::SwitchOff => &[Hospital, DataCentre, ContinuousProcess, ColdStore],
            Self::Stop => &[Hospital, DataCentre, ContinuousProcess, ColdStore, Commercial, PublicService],
        }
    }

    /// Whether it is supply of class 1, which what is moved or lowered may interrupt.
    fn interrupts(self, customer: &Customer) -> bool {
        matches!(self, Self::Move | Self::Lower) && customer.supply_level == Some(1)
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
        self.interrupts(customer).then(|| said("rule.class_one").into())
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

impl Advice {
    /// What it asks of a customer whose sector is not known and may be one that is spared; `None` of any other.
    #[must_use]
    pub fn sector_doubt(&self) -> Option<Asks> {
        Asks::doubted(self.code, &self.evidence.notes)
    }

    /// Whether its saving is not promised for that reason alone. What moves or lowers load without a list of
    /// machines is a technical potential whatever the sector.
    #[must_use]
    pub fn awaits_sector(&self) -> bool {
        !self.headline && self.sector_doubt().is_some_and(Asks::is_priced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cold_store_may_shift_but_not_switch_off_and_class_one_does_neither_shift_nor_yield() {
        let spared = |sector, supply_level| {
            let customer = Customer { sector, supply_level, ..crate::whatif::fixture::flat_year(1.0).customer };
            [Asks::Move, Asks::Lower, Asks::SwitchOff, Asks::Stop].map(|a| a.spares(&customer))
        };
        assert_eq!(spared(None, None), [false; 4]);
        assert_eq!(spared(Some(Sector::ColdStore), Some(3)), [false, false, true, true]);
        assert_eq!(spared(Some(Sector::Hospital), None), [true; 4]);
        assert_eq!(spared(None, Some(1)), [true, true, false, false]);
    }
}
