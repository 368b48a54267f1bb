//! Episodes: runs at or above 0.9 × the maximum of their cycle.

use super::{Detector, Peak, PeakKind, View};

/// Every episode, ranked within its cycle by height, the earlier first where equal.
#[derive(Debug)]
pub struct Episodes;

impl Detector for Episodes {
    fn code(&self) -> &'static str {
        "episode"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Peak> {
        let mut out = Vec::new();
        for runs in &view.episodes {
            let mut order: Vec<_> = runs.iter().collect();
            order.sort_by(|a, b| b.max.0.total_cmp(&a.max.0).then(a.span.start.cmp(&b.span.start)));
            out.extend(order.into_iter().zip(1u32..).map(|(run, rank)| {
                let peak = view.peak(PeakKind::Episode, run.span.clone(), run.max);
                Peak { rank, ..peak }
            }));
        }
        out
    }
}
