//! What is planted in a customer, each one file: habits that cost money, and faults of the data.

mod base_load_waste;
mod capacity_misfit;
mod clean;
mod cold_rooms;
mod contract_misfit;
mod droppable_block;
mod dst;
mod duplicates;
mod energy_drift;
mod gaps;
mod listed_machines;
mod low_power_factor;
mod maintenance;
mod needle_peaks;
mod offered;
mod overloaded;
mod oversized_ct;
mod rest_days_on;
mod shiftable_block;
mod spare_transformer;
mod start_surge;
mod swings;
mod uneven;
mod weather_known;
mod weatherproof;

pub use low_power_factor::compensate;

use super::SynthCustomer;
use super::random::Random;
use super::site::{Draft, Site};
use crate::customer::BillingMode;
use crate::rule::Figure;
use std::collections::BTreeMap;
use std::fmt;

/// Named numbers with units: what a planted behaviour is worth physically.
pub type Figures = BTreeMap<String, Figure>;

/// A behaviour and its size in one customer.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Planted {
    /// The behaviour's name.
    pub behaviour: &'static str,
    /// What was planted.
    pub figures: Figures,
    /// What it is worth to put right, once it has been priced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worth: Option<Worth>,
}

/// What putting a behaviour right is worth, by [`super::ledger`].
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Worth {
    /// The rule that should find it.
    pub rule: &'static str,
    /// Currency units a year; `None` where a rule only says what it sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saving: Option<f64>,
    /// Whether it stands when maxima are otherwise: what does not should not be advised.
    pub firm: bool,
}

/// How a behaviour is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing that a bill shows.
    None,
    /// The plant runs as the site then does.
    Load,
    /// Its batches run when it is cheapest where a list says that they may, and as the site then does where
    /// nothing but its own days shows when they could.
    Hours,
    /// The basic charge is billed in another way.
    Mode(BillingMode),
    /// Half of the transformers rest as long as they may.
    Rest,
    /// The battery that was offered is bought.
    Battery,
    /// The PV plant is.
    Pv,
    /// Supply is at the higher voltage that was offered.
    Voltage,
    /// The product that was offered is chosen.
    Product,
}

/// Something that can be planted. All stages are optional; each draws from its own stream of
/// random numbers.
pub trait Behaviour: Sync {
    /// The name in scenarios and in the truth file.
    fn name(&self) -> &'static str;

    /// Settles terms before the load is drawn.
    fn prepare(&self, _draft: &mut Draft, _random: &mut Random) {}

    /// Changes the load, and says by how much.
    fn plant(&self, _site: &mut Site, _random: &mut Random) -> Figures {
        Figures::new()
    }

    /// The rule that should find it; `None` where there is nothing to advise.
    fn rule(&self) -> Option<&'static str> {
        None
    }

    /// Stands in for [`Behaviour::plant`], with the same random numbers: leaves the site as it would
    /// be with the behaviour put right, and says how that is billed.
    fn mend(&self, _site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        Remedy::None
    }

    /// A further rule that sees a part of it.
    fn part(&self) -> Option<&'static str> {
        None
    }

    /// Stands in for [`Behaviour::plant`] as [`Behaviour::mend`] does, with nothing but that part put right.
    fn mend_part(&self, _site: &mut Site, _random: &mut Random) {}

    /// Changes the delivered rows, or measures what has become of the customer.
    fn finish(&self, _customer: &mut SynthCustomer, _random: &mut Random) -> Figures {
        Figures::new()
    }

    /// Whether it delivers an interval's label twice, which one column per slot cannot hold.
    fn repeats_labels(&self) -> bool {
        false
    }
}

impl fmt::Debug for dyn Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every behaviour, in the order in which those of one customer are planted.
pub static BEHAVIOURS: &[&dyn Behaviour] = &[
    &clean::Clean,
    &base_load_waste::BaseLoadWaste,
    &shiftable_block::ShiftableBlock,
    &needle_peaks::NeedlePeaks,
    &low_power_factor::LowPowerFactor,
    &capacity_misfit::CapacityMisfit,
    &dst::Dst,
    &gaps::Gaps,
    &duplicates::Duplicates,
    &contract_misfit::ContractMisfit,
    &rest_days_on::RestDaysOn,
    &start_surge::StartSurge,
    &swings::Swings,
    &oversized_ct::OversizedCt,
    &cold_rooms::ColdRooms,
    &weatherproof::Weatherproof,
    &weather_known::WeatherKnown,
    &energy_drift::EnergyDrift,
    &maintenance::DearMaintenance,
    &maintenance::QuietMaintenance,
    &listed_machines::ListedMachines,
    &droppable_block::DroppableBlock,
    &spare_transformer::SpareTransformer,
    &overloaded::Overloaded,
    &uneven::Uneven,
    &offered::BatteryOffered,
    &offered::PvOffered,
    &offered::VoltageOffered,
    &offered::ProductOffered,
];

/// The behaviour of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Behaviour> {
    BEHAVIOURS.iter().copied().find(|b| b.name() == name)
}

/// Figures from names, values and units.
fn figures<const N: usize>(rows: [(&str, f64, &'static str); N]) -> Figures {
    rows.into_iter().map(|(name, value, unit)| (name.to_owned(), Figure { value, unit })).collect()
}
