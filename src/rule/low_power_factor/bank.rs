//! The capacitor bank that is seen to switch, and when it was off.

use crate::curve::percentile::percentile;
use crate::curve::{REACTIVE, VALID};
use crate::rule::{Facts, Thresholds};
use std::ops::Range;
use std::sync::Arc;

const HOURS_A_WEEK: f64 = 168.0;

/// Capacitors that go on and off in steps of one size.
pub(super) struct Bank {
    /// How often they were seen to.
    pub(super) switchings: usize,
    /// The size of a step, kvar.
    pub(super) kvar: f64,
    /// Share of the switchings after which the next one seen is its opposite.
    pub(super) followed: f64,
    /// By interval the size where the bank was surely off and fits below what lags, else 0; empty where it nowhere was.
    pub(super) idle: Arc<[f64]>,
}

/// A change of reactive power while the load stays.
struct Step {
    /// The window in which it was last seen.
    window: usize,
    /// The last interval that lies wholly before it.
    before: usize,
    /// The first that lies wholly after it.
    after: usize,
    by: f64,
    /// What the load changed by the same way, kW.
    with: f64,
}

impl Step {
    fn is_of(&self, t: &Thresholds, kvar: f64) -> bool {
        (self.by.abs() - kvar).abs() <= t.pf_switched_alike * kvar
    }
}

/// Whether what goes on and off draws active power too: an idling motor, a transformer's magnetising current. With
/// capacitors on, their losses and the higher voltage change the load the other way.
fn are_of_a_load(t: &Thresholds, steps: &[&Step], kvar: f64) -> bool {
    let n = steps.len().max(1) as f64;
    let mean = steps.iter().map(|s| s.with).sum::<f64>() / n;
    let variance = steps.iter().map(|s| (s.with - mean).powi(2)).sum::<f64>() / n;
    mean > t.pf_load_share * kvar && mean > t.pf_load_least_t * (variance / n).sqrt()
}

/// The readings that steps are looked for in.
struct Readings<'a> {
    kw: &'a [f64],
    kvar: &'a [f64],
    flags: &'a [crate::curve::Flags],
    /// Smallest change that may be a step, kvar.
    least: f64,
    /// Greatest change of what stays.
    still: f64,
}

impl Bank {
    /// `None` where the reactive power does not go up and down by one size as often as banks are switched, or a load does.
    pub(super) fn of(facts: &Facts<'_>) -> Option<Self> {
        let (t, load) = (facts.thresholds, facts.load());
        let kvar = load.channels().kvar.as_deref()?;
        let mean = kvar.iter().map(|x| x.abs()).sum::<f64>() / kvar.len().max(1) as f64;
        let least = (t.pf_switched_least * mean).max(facts.noise_kw()).max(f64::MIN_POSITIVE);
        let seen = Readings { kw: load.kw(), kvar, flags: load.flags(), least, still: t.pf_switched_still * least };
        let steps = seen.steps();
        let mut sizes: Vec<f64> = steps.iter().map(|s| s.by.abs()).collect();
        let size = percentile(&mut sizes, 0.5)?;
        let alike: Vec<&Step> = steps.iter().filter(|s| s.is_of(t, size)).collect();
        let n = alike.len();
        let up = alike.iter().filter(|s| s.by > 0.0).count();
        let weeks = seen.n_read() as f64 * load.interval().hours() / HOURS_A_WEEK;
        let both = up.min(n - up) as f64 >= t.pf_switched_a_week * weeks / 2.0;
        if !both || (n as f64) < t.pf_switched_share * steps.len() as f64 || are_of_a_load(t, &alike, size) {
            return None;
        }
        let (followed, off) = seen.follow(t, &steps, size);
        let surely = followed >= t.pf_followed_least;
        let idle = if surely { seen.idle(&off, size) } else { Arc::default() };
        Some(Self { switchings: n, kvar: size, followed, idle })
    }

    /// Hours of a range in which the bank was off and would have fitted.
    pub(super) fn idle_hours(&self, facts: &Facts<'_>, range: Range<usize>) -> f64 {
        let idle = self.idle.get(range).unwrap_or(&[]);
        idle.iter().filter(|k| **k > 0.0).count() as f64 * facts.load().interval().hours()
    }
}

impl Readings<'_> {
    fn is_read(&self, i: usize) -> bool {
        self.flags.get(i).is_some_and(|f| f & (VALID | REACTIVE) == VALID | REACTIVE)
    }

    fn are_read(&self, range: &Range<usize>) -> bool {
        range.clone().all(|i| self.is_read(i))
    }

    fn n_read(&self) -> usize {
        (0..self.flags.len()).filter(|i| self.is_read(*i)).count()
    }

    /// An interval in which a step falls has a part of it, so that the level of two intervals before it is compared with
    /// that of two after it. One on the border of two intervals is seen with either of them between, and is one step.
    fn steps(&self) -> Vec<Step> {
        let near = |a: &f64, b: &f64| (a - b).abs() <= self.still;
        let mut steps: Vec<Step> = Vec::new();
        for (i, (p, q)) in self.kw.windows(5).zip(self.kvar.windows(5)).enumerate() {
            let ([p0, p1, _, p3, p4], [q0, q1, _, q3, q4]) = (p, q) else { continue };
            let stays = near(p0, p1) && near(p1, p3) && near(p3, p4) && near(q0, q1) && near(q3, q4);
            if !stays || (q3 - q1).abs() < self.least || !(i..i + 5).all(|k| self.is_read(k)) {
                continue;
            }
            match steps.last_mut().filter(|s| s.window + 1 == i) {
                Some(seen) => (seen.window, seen.before) = (i, i + 1),
                None => steps.push(Step {
                    window: i,
                    before: i + 1,
                    after: i + 3,
                    by: q3 - q1,
                    with: (p3 - p1) * (q3 - q1).signum(),
                }),
            }
        }
        steps
    }

    /// Share of the steps that the next one undoes, and the intervals between those that switch off and the next that
    /// switches on. Between two of the same way one was not seen; where many are not, two may lack in a row.
    fn follow(&self, t: &Thresholds, steps: &[Step], size: f64) -> (f64, Vec<Range<usize>>) {
        let (mut undone, mut all, mut off) = (0usize, 0usize, Vec::new());
        let sure = |range: &Range<usize>| self.are_read(range) && !self.may_hide(range, t.pf_hidden_share * size);
        for (a, b) in steps.iter().zip(steps.iter().skip(1)) {
            let between = a.after..b.before + 1;
            all += usize::from(self.are_read(&between));
            if self.are_read(&between) && a.is_of(t, size) && b.is_of(t, size) && a.by * b.by < 0.0 {
                undone += 1;
                off.extend(Some(between).filter(|range| a.by > 0.0 && sure(range)));
            }
        }
        // At the ends of the readings, no longer than it was seen to be.
        let longest = off.iter().map(Range::len).max().unwrap_or(0);
        let first = steps.first().filter(|s| s.by < 0.0 && s.is_of(t, size)).map(|s| 0..s.before + 1);
        let last = steps.last().filter(|s| s.by > 0.0 && s.is_of(t, size)).map(|s| s.after..self.kvar.len());
        off.extend([first, last].into_iter().flatten().filter(|range| range.len() <= longest && sure(range)));
        (undone as f64 / all.max(1) as f64, off)
    }

    /// Whether a bank that is off may have been on meanwhile, unseen: switched on as the load rose and off as it fell.
    fn may_hide(&self, range: &Range<usize>, kw: f64) -> bool {
        let (mut least, mut risen) = (f64::INFINITY, f64::NEG_INFINITY);
        for p in self.kw.get(range.clone()).unwrap_or(&[]) {
            least = least.min(*p);
            if p - least >= kw {
                risen = risen.max(*p);
            }
            if risen - p >= kw {
                return true;
            }
        }
        false
    }

    fn idle(&self, off: &[Range<usize>], size: f64) -> Arc<[f64]> {
        let mut idle = vec![0.0; self.kvar.len()];
        let mut any = false;
        for range in off {
            let lagging = self.kvar.get(range.clone()).unwrap_or(&[]);
            for (k, _) in
                idle.get_mut(range.clone()).unwrap_or_default().iter_mut().zip(lagging).filter(|(_, q)| **q >= size)
            {
                (*k, any) = (size, true);
            }
        }
        if any { idle.into() } else { Arc::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether an unseen switching could hide in a load.
    fn hides(kw: &[f64]) -> bool {
        let flags = vec![VALID | REACTIVE; kw.len()];
        let seen = Readings { kw, kvar: kw, flags: &flags, least: 1.0, still: 1.0 };
        seen.may_hide(&(0..kw.len()), 50.0)
    }

    #[test]
    fn a_bank_hides_behind_a_load_that_rises_and_then_falls() {
        assert!(hides(&[100.0, 130.0, 160.0, 120.0, 100.0]));
        assert!(!hides(&[160.0, 100.0, 100.0, 160.0]), "off at night and on in the morning");
        assert!(!hides(&[100.0, 140.0, 100.0, 140.0]), "less than its size");
    }
}
