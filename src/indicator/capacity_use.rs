//! 最大负荷与合同容量比: maximum load per contract capacity.

use super::{Indicator, View};

/// Maximum load over contract transformer capacity.
#[derive(Debug)]
pub struct CapacityUse;

impl Indicator for CapacityUse {
    fn code(&self) -> &'static str {
        "capacity_use"
    }

    fn unit(&self) -> &'static str {
        "kW/kVA"
    }

    fn card(&self) -> &'static str {
        include_str!("capacity_use.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let capacity = view.of.contract.capacity.filter(|s| s.get() > 0.0)?;
        Some(view.max_kw()? / capacity.get())
    }
}
