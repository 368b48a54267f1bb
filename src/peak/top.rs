//! The highest intervals of the whole load.

use super::{Detector, Peak, PeakKind, View};
use crate::curve::{Load, VALID};

/// How many intervals `top` lists (the contract of the `peaks` table).
pub const TOP: usize = 10;

/// The ten highest valid intervals, the earliest first where equal.
#[derive(Debug)]
pub struct Top;

impl Detector for Top {
    fn code(&self) -> &'static str {
        "top"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Peak> {
        let highest = highest(view.load, TOP);
        let peaks = highest.into_iter().zip(1u32..);
        peaks.map(|(max, rank)| Peak { rank, ..view.peak(PeakKind::Top, max.1..max.1 + 1, max) }).collect()
    }
}

/// The `n` highest valid intervals, highest first, the earliest first where equal. Days that cannot add
/// one cost a comparison.
#[must_use]
pub fn highest(load: &Load, n: usize) -> Vec<(f64, usize)> {
    let mut kept: Vec<(f64, usize)> = Vec::with_capacity(n + 1);
    let mut bar = f64::NEG_INFINITY;
    for day in 0..load.days().len() {
        if load.day_max(day) <= bar {
            continue;
        }
        let first = load.days().range(day).start;
        for (i, (kw, flags)) in load.day_kw(day).iter().zip(load.day_flags(day)).enumerate() {
            if *kw <= bar || flags & VALID == 0 {
                continue;
            }
            let place = kept.partition_point(|(k, _)| *k >= *kw);
            kept.insert(place, (*kw, first + i));
            kept.truncate(n);
            if kept.len() == n {
                bar = kept.last().map_or(f64::INFINITY, |k| k.0);
            }
        }
    }
    kept
}
