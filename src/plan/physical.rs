//! What a change does to energy and maxima.

use crate::units::{Kw, Kwh};
use crate::whatif::State;

/// Energies and powers below this are float noise, in kWh and kW.
const NOTHING: f64 = 1e-6;

/// Physical effect of a change over counted cycles.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Physical {
    /// Energy not used in the cycles; `None` when it stays.
    pub saved: Option<Kwh>,
    /// Energy used at other times in the cycles; `None` when none moves.
    pub shifted: Option<Kwh>,
    /// Fall of the customer's maximum, mean over the cycles; `None` when it stays.
    pub reduced: Option<Kw>,
}

/// Compares two states interval by interval; one pass, and none when the powers are the same.
pub(super) fn compare(before: &State, after: &State, counted: &[usize]) -> Physical {
    let (old, new) = (before.load(), after.load());
    if std::ptr::eq(old, new) {
        return Physical::default();
    }
    let (mut less, mut more, mut maxima) = (0.0, 0.0, 0.0);
    for cycle in counted.iter().filter_map(|c| before.cycles().get(*c)) {
        let range = old.range_of_days(cycle.days.clone());
        let (Some(a), Some(b)) = (old.kw().get(range.clone()), new.kw().get(range.clone())) else { continue };
        let (net, gross) = differences(a, b);
        if gross == 0.0 {
            continue;
        }
        less += f64::midpoint(gross, net);
        more += f64::midpoint(gross, -net);
        if let (Some((a, _)), Some((b, _))) = (old.max_kw(range.clone()), new.max_kw(range)) {
            maxima += a - b;
        }
    }
    let hours = old.interval().hours();
    let some = |v: f64| (v.abs() > NOTHING).then_some(v);
    Physical {
        saved: some((less - more) * hours).map(Kwh::new),
        shifted: some(less.min(more) * hours).map(Kwh::new),
        reduced: some(maxima / counted.len().max(1) as f64).map(Kw::new),
    }
}

/// Σ(a − b) and Σ|a − b|, in eight lanes that compilers vectorise.
fn differences(a: &[f64], b: &[f64]) -> (f64, f64) {
    let (mut net, mut gross) = ([0.0; 8], [0.0; 8]);
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for (((a, b), net), gross) in a.iter().zip(b).zip(&mut net).zip(&mut gross) {
            let d = a - b;
            *net += d;
            *gross += d.abs();
        }
    }
    (net.iter().sum(), gross.iter().sum())
}
