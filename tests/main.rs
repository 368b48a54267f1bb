//! The integration tests: one binary, one module a kind.

mod cli;
mod golden;
mod layers;
mod property;
mod registry;
mod sums;
mod support;
mod truth;
