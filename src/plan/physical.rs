//! What a change does to energy and maxima.

use crate::rule::Effect;
use crate::units::{Kw, Kwh};
use crate::whatif::State;

/// Energies and powers of a cycle are kept to this many parts of a kWh or kW, so that the totals can be
/// added up again from what the evidence shows; less is float noise.
const PARTS: f64 = 1000.0;

/// Physical effect of a change over counted cycles.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Physical {
    /// Energy not used in the cycles; `None` when it stays.
    pub saved: Option<Kwh>,
    /// Energy used at other times in the cycles; `None` when none moves.
    pub shifted: Option<Kwh>,
    /// Fall of the customer's maximum, mean over the cycles; `None` when it stays or rises.
    pub reduced: Option<Kw>,
    /// Cycle by cycle, what the three are added up from; `None` when the load stays.
    pub effect: Option<Effect>,
}

/// Compares two states interval by interval; one pass, and none when the powers are the same.
pub(super) fn compare(before: &State, after: &State, counted: &[usize]) -> Physical {
    let (old, new) = (before.load(), after.load());
    if std::ptr::eq(old, new) {
        return Physical::default();
    }
    let hours = old.interval().hours();
    let mut effect = Effect::default();
    for cycle in counted.iter().filter_map(|c| before.cycles().get(*c)) {
        let range = old.range_of_days(cycle.days.clone());
        let (a, b) = (old.kw().get(range.clone()), new.kw().get(range.clone()));
        let (net, gross) = differences(a.unwrap_or_default(), b.unwrap_or_default());
        effect.less_kwh.push(kept(f64::midpoint(gross, net) * hours));
        effect.more_kwh.push(kept(f64::midpoint(gross, -net) * hours));
        let maxima = if gross == 0.0 { None } else { old.max_kw(range.clone()).zip(new.max_kw(range)) };
        let maxima = maxima.map(|((a, _), (b, _))| (kept(a), kept(b)));
        effect.max_before_kw.push(maxima.map(|m| m.0));
        effect.max_after_kw.push(maxima.map(|m| m.1));
    }
    total(effect)
}

/// The totals of an effect, as a person adds them up.
fn total(effect: Effect) -> Physical {
    let (less, more, fall) = (effect.less(), effect.more(), effect.fall());
    let some = |v: f64| Some(kept(v)).filter(|v| *v != 0.0);
    Physical {
        saved: some(less - more).map(Kwh::new),
        shifted: some(less.min(more)).map(Kwh::new),
        reduced: fall.filter(|v| kept(*v) > 0.0).map(Kw::new),
        effect: (less + more > 0.0).then_some(effect),
    }
}

fn kept(value: f64) -> f64 {
    (value * PARTS).round() / PARTS
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
