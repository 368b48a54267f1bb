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
mod conditions;
mod evidence;
mod extras;
mod fault;
mod lint;
mod lists;
mod losses;
mod meter;
mod price;
mod price_value;
mod rebill;
mod reconcile;
#[cfg(test)]
mod reference;
mod register_bill;
mod registers;
mod schedule;
mod schema;
mod shelf;
#[cfg(test)]
mod taiwan;
#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod truth;
pub mod urdb;
mod usage;
mod windows;

pub use annual::Annual;
pub use bill::{Bill, BillState, CycleBill, Line, LineKind};
pub use catalog::Shipped;
pub use compiled::{Band, Compiled, Fund, Part, Segment, Tier};
pub use conditions::{Conditions, DeclaredDays, SystemPeak};
pub use evidence::{Sources, evidence};
pub use fault::{Examined, Fault, examine};
pub use lint::{chain, lint};
pub use losses::with_losses;
pub use price::{Supply, Terms, bill, measure, measure_after, on_high_side, price, price_after};
pub use price_value::Price;
pub use rebill::{Before, usage_after};
pub use reconcile::{
    Cause, LIMIT_SHARE, LineReconciliation, MonthReconciliation, RECENT_MONTHS, Recomputed, Reconciliation,
    ReconciliationState, Side, reconcile,
};
pub use registers::register_use;
pub use schedule::{Cover, DayName, MonthDay, ScheduleSpec, Span, SpecialDay, SpecialKind};
pub use schema::{
    BackFeed, BandSpec, BaseLine, CapacityTerms, CoincidentCharge, Component, DemandCharge, DemandTerms, DemandTier,
    DemandUnit, Eligibility, Every, FixedSpec, FundSpec, LossTerms, MaximumOf, MinimumPer, MinimumSpec,
    OverContractRule, OverLayer, PeakBasis, Per, Places, PowerFactorTable, PowerFactorTerms, PriceSeries, Quadrants,
    Ratchet, ReactiveCharge, Rebate, SeasonPrice, Tariff, TariffCalendar, TaxSpec, TierScope, TierSpec, TierTerms,
    TierUnit, Verified, Voltage, Windowing, json_schema,
};
pub use usage::{CycleUsage, MaxDemand, Measured, PeakLoad, RegisterSource, RegisterUse, Registered, Usage, usage};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use shelf::Shelf;

/// One of the five time-of-use periods that every tariff's bands map to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
