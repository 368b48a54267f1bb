//! The demands that a tariff's charges measure beside the maximum of `[demand]`.

use super::Piece;
use crate::tariff::Band;
use crate::tariff::schedule::{MonthDay, Span, in_season};
use crate::tariff::schema::{DemandCharge, DemandUnit, MaximumOf, Tariff, Windowing};
use crate::time::Date;
use std::ops::Range;
use std::sync::Arc;

/// What is measured; charges that measure the same share one.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::tariff) struct Measure {
    pub window_minutes: u32,
    pub window: Windowing,
    pub unit: DemandUnit,
    pub per: MaximumOf,
    /// Only windows in these bands of the tariff; empty is all.
    bands: Vec<usize>,
    /// Only days of these months or spans; the spans are empty when months of cycles decide.
    months: Vec<u8>,
    spans: Vec<Span>,
}

impl Measure {
    /// Whether a date's windows count.
    pub fn counts_on(&self, date: Date) -> bool {
        let (_, month, day) = date.ymd();
        self.spans.is_empty() || in_season(&self.months, &self.spans, MonthDay { month, day })
    }

    /// Whether every window of every date counts.
    pub fn is_unlimited(&self) -> bool {
        self.bands.is_empty() && self.spans.is_empty()
    }
}

/// All measures of a tariff.
#[derive(Debug, Clone, Default)]
pub(in crate::tariff) struct Measures {
    list: Vec<Measure>,
    /// For each measure and distinct day the runs of slots that count, by interval length.
    allowed: Vec<Vec<[Vec<Range<usize>>; 4]>>,
    /// Which measure each `[[demand_charge]]` of each version uses.
    of_charge: Vec<Vec<usize>>,
}

impl Measures {
    pub(super) fn new<'a>(
        versions: &[Arc<Tariff>],
        bands: &[Band],
        days: &(impl Iterator<Item = &'a [Vec<Piece>; 4]> + Clone),
    ) -> Self {
        let mut out = Self::default();
        for version in versions {
            let mut used = Vec::with_capacity(version.demand_charges.len());
            for measure in version.demand_charges.iter().map(|c| of(c, bands)) {
                let at = out.list.iter().position(|m| *m == measure).unwrap_or(out.list.len());
                used.push(at);
                if at < out.list.len() {
                    continue;
                }
                let slots = |pieces: &Vec<Piece>| runs(pieces, &measure.bands);
                out.allowed.push(days.clone().map(|day| std::array::from_fn(|i| slots(&day[i]))).collect());
                out.list.push(measure);
            }
            out.of_charge.push(used);
        }
        out
    }

    /// In a fixed order.
    pub fn list(&self) -> &[Measure] {
        &self.list
    }

    /// Which of them a charge uses, by version and place in its file.
    pub fn of_charge(&self, version: usize, charge: usize) -> Option<usize> {
        self.of_charge.get(version)?.get(charge).copied()
    }

    /// Runs of slots of a distinct day in which a measure's windows may lie.
    pub fn slots(&self, measure: usize, variant: usize, interval: usize) -> &[Range<usize>] {
        let day = self.allowed.get(measure).and_then(|days| days.get(variant));
        day.and_then(|d| d.get(interval)).map_or(&[], Vec::as_slice)
    }
}

fn of(charge: &DemandCharge, bands: &[Band]) -> Measure {
    let named = |b: &Band| charge.bands.contains(&b.name);
    let spans = charge.spans.clone();
    Measure {
        window_minutes: charge.window_minutes,
        window: charge.window,
        unit: charge.unit,
        per: charge.per,
        bands: bands.iter().enumerate().filter(|(_, b)| named(b)).map(|(i, _)| i).collect(),
        months: if spans.is_empty() { Vec::new() } else { charge.months.clone() },
        spans,
    }
}

/// Slots that lie in the bands; one that straddles bands counts where at least half of it does.
fn runs(pieces: &[Piece], bands: &[usize]) -> Vec<Range<usize>> {
    let end = pieces.iter().map(|p| p.slots.end).max().unwrap_or(0);
    let mut share = vec![0.0; end];
    for piece in pieces.iter().filter(|p| bands.is_empty() || bands.contains(&p.band)) {
        share.get_mut(piece.slots.clone()).unwrap_or_default().iter_mut().for_each(|s| *s += piece.weight);
    }
    let mut out: Vec<Range<usize>> = Vec::new();
    for slot in (0..end).filter(|s| share.get(*s).is_some_and(|s| *s >= 0.5)) {
        match out.last_mut().filter(|r| r.end == slot) {
            Some(run) => run.end = slot + 1,
            None => out.push(slot..slot + 1),
        }
    }
    out
}
