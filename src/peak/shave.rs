//! What lowering a maximum asks for: the kW-against-kWh curve.

use super::runs::runs_above;
use crate::curve::Load;
use crate::units::{Hours, Kw, Kwh};
use std::ops::Range;

/// What keeps a load below its maximum less a reduction.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Shave {
    /// The reduction of the maximum.
    pub reduction: Kw,
    /// The greatest energy above the lowered level in one episode: a store recharged between
    /// episodes must hold it.
    pub kwh: Kwh,
    /// The longest episode above the lowered level, in which something must be held back.
    pub hours: Hours,
    /// Number of episodes.
    pub episodes: usize,
}

/// What one reduction asks for in a range of intervals: `E(x) = max over episodes of
/// Σ(P − (D − x))⁺ · Δt`, an episode being a run strictly above `D − x`, gaps of one interval merged.
/// `None` when no interval is valid. A negative reduction is none.
#[must_use]
pub fn shave(load: &Load, range: Range<usize>, reduction: Kw) -> Option<Shave> {
    let (max_kw, _) = load.max_kw(range.clone())?;
    Some(shave_below(load, range, max_kw, reduction))
}

/// [`shave`] for several reductions; the maximum is looked for once. Empty when no interval is valid.
#[must_use]
pub fn shave_curve(load: &Load, range: Range<usize>, reductions: &[Kw]) -> Vec<Shave> {
    let Some((max_kw, _)) = load.max_kw(range.clone()) else { return Vec::new() };
    reductions.iter().map(|x| shave_below(load, range.clone(), max_kw, *x)).collect()
}

fn shave_below(load: &Load, range: Range<usize>, max_kw: f64, reduction: Kw) -> Shave {
    let reduction = reduction.max(Kw::ZERO);
    let hours = load.interval().hours();
    let runs = runs_above(load, range, max_kw - reduction.get(), false);
    Shave {
        reduction,
        kwh: Kwh::new(runs.iter().map(|r| r.above_kw).fold(0.0, f64::max) * hours),
        hours: Hours::new(runs.iter().map(|r| r.span.len()).max().unwrap_or(0) as f64 * hours),
        episodes: runs.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::testing;
    use proptest::prelude::*;

    #[test]
    fn a_needle_asks_for_little_and_a_plateau_for_much() {
        let mut kw = [50.0; 96];
        kw[10] = 100.0;
        kw[40..60].fill(90.0);
        let load = testing::load(15, &[&kw]);
        let curve = shave_curve(&load, 0..96, &[Kw::ZERO, Kw::new(10.0), Kw::new(20.0)]);
        assert_eq!(curve[0], Shave::default());
        assert_eq!((curve[1].kwh, curve[1].hours, curve[1].episodes), (Kwh::new(2.5), Hours::new(0.25), 1));
        assert_eq!((curve[2].kwh, curve[2].hours, curve[2].episodes), (Kwh::new(50.0), Hours::new(5.0), 2));
        assert_eq!(shave(&load, 0..96, Kw::new(10.0)), Some(curve[1]));
        assert_eq!(shave(&load, 96..96, Kw::new(10.0)), None);
    }

    proptest! {
        #[test]
        fn a_greater_reduction_never_asks_for_less(kw in prop::collection::vec(-10.0..100.0f64, 24)) {
            let load = testing::load(60, &[&kw]);
            let steps: Vec<Kw> = (0..12).map(|i| Kw::new(f64::from(i) * 10.0)).collect();
            let curve = shave_curve(&load, 0..24, &steps);
            for pair in curve.windows(2) {
                prop_assert!(pair[0].kwh <= pair[1].kwh && pair[0].hours <= pair[1].hours);
            }
        }
    }
}
