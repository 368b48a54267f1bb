//! Pages for people: one a customer, and the fleet's page for the utility's staff.
//!
//! A customer's page is a chain of sections ([`customer::SECTIONS`]); each is one file and one
//! template. Every sentence stands in `src/text/en.toml` and `zh.toml`. Charts are static SVG from
//! [`chart`]; a page needs no network, no script (the fleet's page has one small script) and no
//! file beside it.

mod advice_text;
mod brand;
pub mod chart;
mod context;
pub mod customer;
mod document;
mod fleet;
mod format;
mod monthly;
mod number;
#[cfg(test)]
mod sample;
mod script;
pub mod terminal;

use crate::text::{Language, Text, tell};

pub use advice_text::{AdviceText, advice_question, advice_title};
pub use brand::{Brand, Logo, LogoKind};
pub use context::{BandSpan, DayBands, PageContext, PeerQuartiles, RegisterDemand, TariffFacts, typical_bands};
pub use customer::customer_page;
pub use document::{Listed, Report, json_schema, least_saving, listed};
pub use fleet::{
    FleetAdvice, FleetCluster, FleetClusters, FleetContext, FleetPeak, FleetRow, FleetStanding, Maker, fleet_page,
};
pub use format::{FORMATS, Format, FormatOptions, Source, Writer, named_formats};
pub use monthly::monthly_page;
pub use number::{Numbers, Worth, floor_two_figures};
