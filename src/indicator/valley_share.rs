//! 谷段电量占比: energy share of the valley period.

use super::{Indicator, View};

/// Share of the energy in the valley period.
#[derive(Debug)]
pub struct ValleyShare;

impl Indicator for ValleyShare {
    fn code(&self) -> &'static str {
        "valley_share"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("valley_share.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.band_shares().map(|[_, _, _, valley, _]| valley)
    }
}
