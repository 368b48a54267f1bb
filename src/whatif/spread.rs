//! Spreads a change of the customer's total over its supply points.

use crate::curve::{Channels, Load};
use std::sync::Arc;

/// Supply points with their loads.
type Points = Vec<(Arc<str>, Arc<Load>)>;

/// Below this many kW an interval has no shares to spread by.
const NO_SHARE_KW: f64 = 1e-9;

/// Another total: each interval's difference goes to the points by their share of the interval;
/// where there is no share to go by (nothing runs, or a point feeds back) the largest point takes it.
pub(super) fn kw(total: &Arc<Load>, points: &[(Arc<str>, Arc<Load>)], kw: Vec<f64>) -> (Arc<Load>, Points) {
    let new_total = Arc::new(total.with_kw(kw));
    let [(id, load)] = points else {
        let changed = points.iter().enumerate().map(|(k, (id, load))| {
            let kw = point_kw(total, &new_total, points, k);
            // A point that keeps its load is not measured again.
            let point = if kw == load.kw() { Arc::clone(load) } else { Arc::new(load.with_kw(kw)) };
            (Arc::clone(id), point)
        });
        let changed = changed.collect();
        return (new_total, changed);
    };
    let point =
        if Arc::ptr_eq(load, total) { Arc::clone(&new_total) } else { Arc::new(load.with_kw(new_total.kw().to_vec())) };
    let points = vec![(Arc::clone(id), point)];
    (new_total, points)
}

fn point_kw(old: &Load, new: &Load, points: &[(Arc<str>, Arc<Load>)], k: usize) -> Vec<f64> {
    let Some((_, own)) = points.get(k) else { return Vec::new() };
    let largest = largest(points);
    let feeds_back = points.iter().any(|(_, p)| p.has_export());
    let mut out = own.kw().to_vec();
    for (i, ((value, before), after)) in out.iter_mut().zip(old.kw()).zip(new.kw()).enumerate() {
        let delta = after - before;
        if delta == 0.0 {
            continue;
        }
        let shared = *before > NO_SHARE_KW
            && !(feeds_back && points.iter().any(|(_, p)| p.kw().get(i).is_some_and(|v| *v < 0.0)));
        if shared {
            *value += delta * (*value / before);
        } else if k == largest {
            *value += delta;
        }
    }
    out
}

/// The point with the most energy; the first of equals.
fn largest(points: &[(Arc<str>, Arc<Load>)]) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (k, (_, p)) in points.iter().enumerate() {
        let energy = crate::curve::sum(p.kw());
        if energy > best.1 {
            best = (k, energy);
        }
    }
    best.0
}

/// Lagging reactive power taken away from the total and, by shares, from the points; with `no_lead` all that leads too.
pub(super) fn reactive(
    total: &Arc<Load>,
    points: &[(Arc<str>, Arc<Load>)],
    removed: &[f64],
    no_lead: bool,
) -> (Arc<Load>, Points) {
    let new_total = Arc::new(less(total, no_lead, |i, lag| removed.get(i).map_or(0.0, |r| r.min(lag))));
    if let [(id, load)] = points
        && Arc::ptr_eq(load, total)
    {
        return (Arc::clone(&new_total), vec![(Arc::clone(id), new_total)]);
    }
    let mut sum = vec![0.0; total.kw().len()];
    for (_, p) in points {
        for (s, q) in sum.iter_mut().zip(p.channels().kvar.as_deref().unwrap_or(&[])) {
            *s += q.max(0.0);
        }
    }
    let share = |i: usize, lag: f64| {
        let (all, gone) = (sum.get(i).copied().unwrap_or(0.0), removed.get(i).copied().unwrap_or(0.0));
        if all > 0.0 { (gone * lag / all).min(lag) } else { 0.0 }
    };
    let points = points.iter().map(|(id, p)| (Arc::clone(id), Arc::new(less(p, no_lead, share)))).collect();
    (new_total, points)
}

/// A load whose lagging part is less by `gone(interval, lagging kvar)`; leading power stays unless it is to go.
fn less(load: &Load, no_lead: bool, gone: impl Fn(usize, f64) -> f64) -> Load {
    let old = load.channels();
    let Some(kvar) = &old.kvar else { return load.clone() };
    let led = |q: f64| if no_lead { 0.0 } else { q };
    let kvar = kvar.iter().enumerate().map(|(i, q)| if *q > 0.0 { q - gone(i, *q) } else { led(*q) }).collect();
    let channels = Channels {
        kw: old.kw.clone(),
        export_kw: old.export_kw.clone(),
        kvar: Some(kvar),
        kvar_lead: old.kvar_lead.clone().filter(|_| !no_lead),
        flags: old.flags.clone(),
    };
    let mut new = Load::new(load.days().clone(), load.span().clone(), channels, *load.placement(), load.power_kind());
    new.estimates = load.estimates.clone();
    new
}
