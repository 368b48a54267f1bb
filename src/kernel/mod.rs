//! One customer's load and context to its results: the pure function behind every way of running
//! peakwise.

mod statistics;

pub use statistics::{day_rows, month_rows, totals};
