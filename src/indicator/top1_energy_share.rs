//! 最高1%时段电量占比: energy share of the top 1 % of time.

use super::{Indicator, View};
use crate::units::Ratio;

/// Share of the energy in the highest 1 % of the time.
#[derive(Debug)]
pub struct Top1EnergyShare;

impl Indicator for Top1EnergyShare {
    fn code(&self) -> &'static str {
        "top1_energy_share"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("top1_energy_share.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        view.max_kw()?;
        view.of.duration.top_share_energy(0.01).map(Ratio::get)
    }
}
