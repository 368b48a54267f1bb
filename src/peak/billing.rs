//! The maximum of each billing cycle.

use super::{Detector, Peak, PeakKind, SEPARATION_HOURS, View, cycle_range};
use crate::units::Kw;

/// One peak per cycle that has a valid interval: its maximum, the earliest where there are several,
/// and its lead over the highest interval at least 2 h away in real time.
#[derive(Debug)]
pub struct Billing;

impl Detector for Billing {
    fn code(&self) -> &'static str {
        "billing"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Peak> {
        let mut out = Vec::new();
        for (number, cycle) in view.cycles.iter().enumerate() {
            let Some((max_kw, at)) = view.maxima.get(number).copied().flatten() else { continue };
            let range = cycle_range(view.load, cycle);
            let apart = (SEPARATION_HOURS / view.load.interval().hours()) as usize;
            let before = view.load.max_kw(range.start..(at + 1).saturating_sub(apart).max(range.start));
            let after = view.load.max_kw((at + apart).min(range.end)..range.end);
            let next = [before, after].into_iter().flatten().map(|m| m.0).reduce(f64::max);
            let peak = view.peak(PeakKind::Billing, at..at + 1, (max_kw, at));
            out.push(Peak { margin_kw: next.map(|n| Kw::new(max_kw - n)), ..peak });
        }
        out
    }
}
