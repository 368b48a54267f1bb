//! 平段电量占比: energy share of the flat period.

use super::{Indicator, View};

/// Share of the energy in the flat period.
#[derive(Debug)]
pub struct FlatShare;

impl Indicator for FlatShare {
    fn code(&self) -> &'static str {
        "flat_share"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("flat_share.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.band_shares().map(|[_, _, flat, _, _]| flat)
    }
}
