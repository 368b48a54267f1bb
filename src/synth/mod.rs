//! A seeded fleet of synthetic customers with planted, known behaviours: for the demonstration,
//! for tests and for benches.
//!
//! [`ARCHETYPES`] say how a kind of customer runs, [`BEHAVIOURS`] what is planted in it, a [`Mix`]
//! which customers a fleet has, and [`LAYOUTS`] how their readings are laid out in Parquet files.
//! A customer depends on the seed and its own number alone, and everything is exact arithmetic on
//! a ChaCha8 stream, so the same options make the same bytes everywhere.

mod adjustment;
mod archetype;
mod axis;
mod batches;
mod behaviour;
mod demo;
mod fleet;
mod layout;
mod ledger;
mod natural;
mod offer;
mod peers;
mod random;
mod readings;
mod register;
mod scenario;
mod shape;
mod site;
mod worth;
mod write;

#[cfg(test)]
mod tests;

pub use archetype::{ARCHETYPES, Archetype, Day, Kind};
pub use axis::{Axis, AxisDay, Home};
pub use behaviour::{BEHAVIOURS, Behaviour, Figures, Planted, Remedy, Worth};
pub use demo::{DemoInputs, demo_inputs};
pub use fleet::{Fleet, FleetSpec, SynthCustomer, fleet};
pub use layout::{LAYOUTS, Layout, Sink, StampUnit};
pub use ledger::Ledger;
pub use random::Random;
pub use readings::{REGISTER_STEP_KWH, Readings};
pub use register::{CustomerRow, EquipmentRow, EventRow, MeterRow, TransformerRow};
pub use scenario::{Mix, Scenario};
pub use site::{Batch, Draft, Site};
pub use worth::Value;
pub use write::{SynthOptions, Written, run, write_fleet};
