//! A day's windows cut to an interval length.

use crate::tariff::schedule::QUARTERS;
use crate::time::Interval;
use std::ops::Range;

/// A run of wall-clock slots in one band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Slots of the compiled interval length.
    pub slots: Range<usize>,
    /// Index into [`Compiled::bands`].
    pub band: usize,
}

/// A run of slots and the share of each that lies in one band; shares below 1 belong to slots that
/// straddle bands.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::tariff) struct Piece {
    pub(in crate::tariff) slots: Range<usize>,
    pub(in crate::tariff) band: usize,
    pub(in crate::tariff) weight: f64,
}

/// The bands within one slot and how much of it each has, in order of the clock.
fn shares(quarters: &[u16; QUARTERS], slot: usize, interval: Interval) -> Vec<(usize, f64)> {
    let per_slot = (interval.minutes() / 15).max(1) as usize;
    let first = slot * interval.minutes() as usize / 15;
    let mut out: Vec<(usize, f64)> = Vec::new();
    for band in quarters.iter().skip(first).take(per_slot).map(|b| usize::from(*b)) {
        match out.iter_mut().find(|(b, _)| *b == band) {
            Some((_, share)) => *share += 1.0 / per_slot as f64,
            None => out.push((band, 1.0 / per_slot as f64)),
        }
    }
    out
}

pub(super) fn pieces(quarters: &[u16; QUARTERS], interval: Interval) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for slot in 0..interval.slots() {
        let shares = shares(quarters, slot, interval);
        let whole = shares.len() == 1;
        for (band, weight) in shares {
            let weight = if whole { 1.0 } else { weight };
            match out.last_mut().filter(|p| whole && p.band == band && p.weight == 1.0) {
                Some(last) => last.slots.end = slot + 1,
                None => out.push(Piece { slots: slot..slot + 1, band, weight }),
            }
        }
    }
    out
}

pub(super) fn segments(quarters: &[u16; QUARTERS], interval: Interval) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::new();
    for slot in 0..interval.slots() {
        let shares = shares(quarters, slot, interval);
        // The greatest share; the earlier of equals.
        let band = shares.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |s| s.0);
        match out.last_mut().filter(|s| s.band == band) {
            Some(last) => last.slots.end = slot + 1,
            None => out.push(Segment { slots: slot..slot + 1, band }),
        }
    }
    out
}
