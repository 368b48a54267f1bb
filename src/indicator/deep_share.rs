//! 深谷电量占比: energy share of the deep period.

use super::{Indicator, View};

/// Share of the energy in the deep period.
#[derive(Debug)]
pub struct DeepShare;

impl Indicator for DeepShare {
    fn code(&self) -> &'static str {
        "deep_share"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("deep_share.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.band_shares().map(|[_, _, _, _, deep]| deep)
    }
}
