//! Readings in: from Parquet files of any layout to loads.
//!
//! Files are found ([`discover`]), their columns named ([`columns`]), their ids indexed
//! ([`index`]); row groups are decoded once each and cut into segments by meter ([`block`]); a
//! meter's segments are placed on its grid ([`place`]), and meters are summed to supply points
//! and customers ([`assemble`]).

pub mod assemble;
mod bad_cell;
mod bits;
pub mod block;
mod chunk;
mod coarse;
pub mod columns;
pub mod decode;
mod delta;
pub mod discover;
mod extra;
mod feed;
pub mod file;
mod grid;
mod guard;
mod hold;
pub mod index;
pub mod instants;
mod keys;
mod kinds;
pub mod labels;
pub mod options;
mod pages;
mod passes;
pub mod place;
mod record;
mod sorting;
mod stamp;
mod step;
#[cfg(test)]
mod tests;
mod texts;
pub mod ticks;
mod unpack;
pub mod unusable;
mod validity;

pub use feed::{MeterSegments, Readings};
pub use options::{FirstPoint, InputOptions, Midnight, Scale, Stamp};
