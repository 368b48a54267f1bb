//! peakwise: daily load curves, peaks, exact bills and ranked, priced advice for the large customers
//! of a power utility.
//!
//! Modules stand in the order in which data flows; each uses only those before it.

// Sentences, quantities, errors, time.
pub mod text;

pub mod units;

pub mod error;

pub mod time;

// Who is metered, and the load.
pub mod customer;

pub mod curve;

pub mod register;

// From readings to a load, and what is wrong with it.
pub mod input;

pub mod quality;

// What a load shows, and what it costs.
pub mod peak;

pub mod tariff;

pub mod statistics;

pub mod indicator;

// What could be changed, and what that saves.
pub mod schedule;

pub mod whatif;

pub mod rule;

pub mod analysis;

pub mod plan;

// One customer, and what is written of it.
pub mod kernel;

// All customers together, from what is kept of each.
pub mod portfolio;

pub mod output;

pub mod report;

pub mod synth;

// Many customers.
pub mod pipeline;

pub mod explain;

pub mod evidence;
