//! The integration tests: one binary, one module a kind.

#![expect(clippy::expect_used, reason = "helpers of tests stop a test that cannot go on")]

mod cli;
mod forbidden;
mod forms;
mod golden;
mod layers;
mod pages;
mod planted;
mod portfolio;
mod property;
mod registry;
mod schedule;
mod sums;
mod support;
mod tariff;
mod truth;
