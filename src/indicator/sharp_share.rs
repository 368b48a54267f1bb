//! 尖段电量占比: energy share of the sharp period.

use super::{Indicator, View};

/// Share of the energy in the sharp period.
#[derive(Debug)]
pub struct SharpShare;

impl Indicator for SharpShare {
    fn code(&self) -> &'static str {
        "sharp_share"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("sharp_share.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.band_shares().map(|[sharp, _, _, _, _]| sharp)
    }
}
