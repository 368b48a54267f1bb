//! 最大爬坡占比(每15分钟): greatest change in 15 minutes over the maximum.

use super::{Indicator, View};

/// Greatest change per 15 minutes over the maximum.
#[derive(Debug)]
pub struct RampMaxShare;

impl Indicator for RampMaxShare {
    fn code(&self) -> &'static str {
        "ramp_max_share"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("ramp_max_share.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let steps = view.steps?;
        let quarters = 15.0 / f64::from(view.of.load.interval().minutes());
        Some(steps.up_kw.max(steps.down_kw) * quarters / view.max_kw()?)
    }
}
