//! 峰段电量占比: energy share of the peak period.

use super::{Indicator, View};

/// Share of the energy in the peak period.
#[derive(Debug)]
pub struct PeakShare;

impl Indicator for PeakShare {
    fn code(&self) -> &'static str {
        "peak_share"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("peak_share.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.band_shares().map(|[_, peak, _, _, _]| peak)
    }
}
