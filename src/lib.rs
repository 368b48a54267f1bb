//! peakwise: daily load curves, peaks, exact bills and ranked, priced advice.

pub mod analysis;
pub mod curve;
pub mod customer;
pub mod error;
pub mod indicator;
pub mod input;
pub mod output;
pub mod peak;
pub mod plan;
pub mod quality;
pub mod report;
pub mod rule;
pub mod synth;
pub mod tariff;
pub mod time;
pub mod units;
pub mod whatif;
