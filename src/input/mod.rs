//! Readings in: from Parquet files of any layout to loads.
//!
//! Files are found ([`discover`]), their columns named ([`columns`]), their ids indexed
//! ([`index`]); row groups are decoded once each and cut into segments by meter ([`block`]); a
//! meter's segments are placed on its grid ([`place`]), and meters are summed to supply points
//! and customers ([`assemble`]).

pub mod assemble;
pub mod block;
mod coarse;
pub mod columns;
mod decode;
pub mod discover;
mod feed;
pub mod file;
mod grid;
pub mod index;
pub mod options;
pub mod place;
mod stamp;
mod step;
#[cfg(test)]
mod tests;

pub use feed::{MeterSegments, Readings};
pub use options::{FirstPoint, InputOptions, Midnight, Scale, Stamp};
