//! Terms of a contract in words, as parts of sentences.

use super::{BillingMode, Sector};
use crate::text::said;

impl BillingMode {
    /// How it bills, in words: `by actual maximum demand`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Single => said("part.mode_single"),
            Self::Capacity => said("part.mode_capacity"),
            Self::Demand => said("part.mode_demand"),
            Self::Contract => said("part.mode_contract"),
        }
    }
}

impl Sector {
    /// Its customers, in words: `hospitals`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Hospital => said("part.sector_hospital"),
            Self::DataCentre => said("part.sector_datacentre"),
            Self::ContinuousProcess => said("part.sector_continuousprocess"),
            Self::ColdStore => said("part.sector_coldstore"),
            Self::Commercial => said("part.sector_commercial"),
            Self::DiscreteManufacturing => said("part.sector_discretemanufacturing"),
            Self::PublicService => said("part.sector_publicservice"),
        }
    }
}
