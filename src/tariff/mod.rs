//! Tariffs and bills.
//!
//! A [`Tariff`] is one TOML file. [`Compiled`] tabulates it once for all customers. [`usage`]
//! measures a load for it, [`price`] makes the lines, [`bill`] does both. Each kind of charge is one
//! file in [`charge`].

mod annual;
mod bill;
mod catalog;
pub mod charge;
mod compiled;
mod meter;
mod price;
mod price_value;
mod schedule;
mod schema;
mod shelf;
#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod truth;
mod usage;

pub use annual::Annual;
pub use bill::{Bill, BillState, CycleBill, Line, LineKind};
pub use catalog::Shipped;
pub use compiled::{Band, Compiled, Fund, Segment};
pub use price::{Supply, Terms, bill, price};
pub use price_value::Price;
pub use schedule::{Cover, DayKindName, MonthDay, ScheduleSpec, Span, SpecialDay};
pub use schema::{
    BandSpec, BaseLine, CapacityTerms, Component, DemandTerms, FixedSpec, FundSpec, OverContractRule, Per,
    PowerFactorTable, PowerFactorTerms, Quadrants, Rebate, Tariff, TariffCalendar, Verified, Voltage,
};
pub use usage::{CycleUsage, MaxDemand, Usage, usage};

use serde::{Deserialize, Serialize};

pub use shelf::Shelf;

/// One of the five time-of-use periods that every tariff's bands map to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// 尖
    Sharp,
    /// 峰
    Peak,
    /// 平
    Flat,
    /// 谷
    Valley,
    /// 深谷
    Deep,
}

impl Period {
    /// All five, dearest first, in the order of tables.
    pub const ALL: [Self; 5] = [Self::Sharp, Self::Peak, Self::Flat, Self::Valley, Self::Deep];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sharp => "sharp",
            Self::Peak => "peak",
            Self::Flat => "flat",
            Self::Valley => "valley",
            Self::Deep => "deep",
        }
    }
}
