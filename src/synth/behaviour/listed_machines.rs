//! The plant's movable batches stand in a list of equipment, so that they can be given a work schedule.

use super::{Behaviour, Figures, figures};
use crate::synth::random::Random;
use crate::synth::site::Site;

/// See the module.
pub struct ListedMachines;

impl Behaviour for ListedMachines {
    fn name(&self) -> &'static str {
        "listed_machines"
    }

    fn plant(&self, site: &mut Site, _random: &mut Random) -> Figures {
        site.listed = true;
        figures([("machines", site.batches.len() as f64, "")])
    }
}
