//! When a machine runs today, as its steps stand in the load.

use super::Signs;
use super::run::{Run, less, shown_share};
use crate::curve::percentile::percentile;

/// Machines at most that are looked for where each follows another at once, equal ones in a row counted once (judgement:
/// orders of more are too many to be tried).
const MOST_CHAINED: usize = 5;
/// Rows of stated runs at most of which a day is tried for (judgement: two dozen machines in one row have fewer).
const MOST_ROWS: usize = 500;

/// The median of each slot over some days; `days` are slices of equal length.
pub(super) fn medians(days: &[&[f64]], slots: usize) -> Vec<f64> {
    let of = |slot: usize| {
        let mut column: Vec<f64> = days.iter().filter_map(|d| d.get(slot).copied()).collect();
        percentile(&mut column, 0.5).unwrap_or(0.0)
    };
    (0..slots).map(of).collect()
}

/// A machine that is looked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// Power while it runs.
    pub kw: f64,
    /// Slots of its run.
    pub slots: usize,
    /// Where its run starts, when that is stated.
    pub start: Option<usize>,
    /// Machines that may start as soon as it ends, which hides its fall.
    pub next: Vec<usize>,
}

/// A search for runs in a load.
pub(super) struct Search<'a> {
    pub wanted: &'a [Wanted],
    pub signs: &'a Signs,
}

impl Search<'_> {
    /// The runs that the median day shows, and of the others those that are stated; machines in the order in which they
    /// are looked for. Each is taken out as it is found, so that the next one is seen alone.
    pub fn runs(&self, median: &[f64], order: &[usize]) -> Vec<Run> {
        let (mut rest, mut out) = (median.to_vec(), Vec::<Run>::new());
        for machine in order {
            let found: Vec<usize> = out.iter().map(|r| r.machine).collect();
            let Some(w) = self.wanted.get(*machine).filter(|_| !found.contains(machine)) else { continue };
            let starts = w.start.map_or(0..median.len(), |s| s..s + 1);
            let chains = starts.filter_map(|s| self.chain(&rest, (*machine, s), &found, MOST_CHAINED));
            let chain = best(chains).map_or(Vec::new(), |b| as_read(b.1, &rest, self.signs.listed_share));
            for run in chain {
                run.take_out(&mut rest);
                out.push(run);
            }
        }
        self.without_shifts(&mut out, &mut rest);
        let open = order.iter().filter(|m| out.iter().all(|r| r.machine != **m));
        let stated: Vec<Run> = open.filter_map(|m| self.stated(*m, &rest)).collect();
        out.extend(stated);
        out
    }

    /// Puts those back that are what a shift does before or after its break, as long as there are any.
    fn without_shifts(&self, runs: &mut Vec<Run>, rest: &mut [f64]) {
        let whole = |run: &Run, rest: &[f64]| {
            let mut alone = rest.to_vec();
            Run { kw: -run.kw, ..run.clone() }.take_out(&mut alone);
            alone
        };
        let is_shift = |run: &Run, rest: &[f64]| {
            let alone = whole(run, rest);
            let (up, down) = run.edges(&alone);
            let listed = self.wanted.get(run.machine);
            let stated = listed.is_some_and(|w| w.start.is_some() && w.kw <= run.kw);
            !(stated && run.near(up).min(run.near(down)) >= self.signs.sure_match) && run.comes_back(&alone, self.signs)
        };
        while let Some(at) = runs.iter().position(|run| is_shift(run, rest)) {
            let run = runs.remove(at);
            rest.copy_from_slice(&whole(&run, rest));
        }
    }

    /// The run of a machine as it is stated; what is left of the usual day when the others are taken out may show it.
    fn stated(&self, machine: usize, median: &[f64]) -> Option<Run> {
        let w = self.wanted.get(machine)?;
        let start = w.start.filter(|s| *s < median.len() && w.slots < median.len())?;
        let run = Run { machine, slots: start..start + w.slots, kw: w.kw, usual: false };
        let shown = run.clone().with_read_power(median, self.signs.listed_share);
        let usual = shown.carried(median) && shown.lasts(median, self.signs) && run.stepped(median, self.signs);
        if usual && !shown.comes_back(median, self.signs) { Some(Run { usual, ..shown }) } else { Some(run) }
    }

    /// The run of a machine from a slot, with those that follow it at once where they hide its fall.
    fn chain(&self, load: &[f64], (machine, start): (usize, usize), found: &[usize], most: usize) -> Option<Chain> {
        let w = self.wanted.get(machine)?;
        if w.slots >= load.len() {
            return None;
        }
        let run = Run { machine, slots: start..start + w.slots, kw: w.kw, usual: true };
        let (up, down) = run.edges(load);
        if let Some(matched) = run.matched((up, down), self.signs) {
            let shown = run.clone().with_read_power(load, self.signs.listed_share);
            return (shown.carried(load) && shown.lasts(load, self.signs)).then(|| (matched, vec![run]));
        }
        if !run.carried(load) {
            return None;
        }
        if most == 0 || run.near(up) < self.signs.least_match {
            return None;
        }
        let mut rest = load.to_vec();
        run.take_out(&mut rest);
        let found: Vec<usize> = found.iter().copied().chain([machine]).collect();
        let at_once = |n: &&usize| {
            let follows = |o: &Wanted| o.start.is_none_or(|s| s == run.slots.end % load.len());
            !found.contains(n) && self.wanted.get(**n).is_some_and(follows)
        };
        let equal = |n: usize, o: usize| {
            let like = |i: usize| self.wanted.get(i).map(|w| (w.kw, w.slots, w.start));
            like(n) == like(o)
        };
        let next: Vec<usize> = w.next.iter().filter(at_once).copied().collect();
        let unlike = next.iter().enumerate().filter(|(i, n)| next.iter().take(*i).all(|o| !equal(**n, *o)));
        let left = |n: usize| if equal(n, machine) { most } else { most - 1 };
        let (matched, behind) =
            best(unlike.filter_map(|(_, n)| self.chain(&rest, (*n, run.slots.end % load.len()), &found, left(*n))))?;
        Some((matched, std::iter::once(run).chain(behind).collect()))
    }

    /// Which of some runs a day shows: those of the usual day, then stated ones in what is left.
    pub fn ran_on(&self, day: &[f64], median: &[f64], runs: &[Run]) -> Vec<bool> {
        let (mut rest, mut without, mut ran) = (day.to_vec(), median.to_vec(), vec![false; runs.len()]);
        let (usual, stated): (Vec<usize>, Vec<usize>) = (0..runs.len()).partition(|i| runs[*i].usual);
        for i in usual {
            let run = &runs[i];
            ran[i] =
                run.as_usual(day, median, self.signs.off_share) || run.carried(day) && run.stepped(&rest, self.signs);
            if ran[i] {
                run.take_out(&mut rest);
            }
            run.take_out(&mut without);
        }
        // What is usual is no sign of what is not: neither the steps of a shift nor the shape of a morning.
        let mut beyond = less(&rest, &without);
        for row in rows(&stated, runs, day.len()) {
            let open = row.iter().all(|i| !ran[*i] && runs[*i].carried(&rest));
            if open && [&rest, &beyond].iter().all(|load| self.all_show(load, &row, runs)) {
                for i in row {
                    ran[i] = true;
                    runs[i].take_out(&mut rest);
                    runs[i].take_out(&mut beyond);
                }
            }
        }
        ran
    }

    /// Whether each of some runs shows when the others are taken out.
    fn all_show(&self, load: &[f64], row: &[usize], runs: &[Run]) -> bool {
        row.iter().all(|i| {
            let mut alone = load.to_vec();
            row.iter().filter(|k| *k != i).for_each(|k| runs[*k].take_out(&mut alone));
            runs[*i].stepped(&alone, self.signs)
        })
    }
}

/// How near the edges of machines' runs come that follow one another at once.
type Chain = (f64, Vec<Run>);

/// The chain whose edges come nearest, the first of equals.
fn best(chains: impl Iterator<Item = Chain>) -> Option<Chain> {
    chains.reduce(|a, b| if b.0 > a.0 { b } else { a })
}

/// A chain with the powers that a load shows.
fn as_read(mut chain: Vec<Run>, load: &[f64], listed_share: f64) -> Vec<Run> {
    let share = shown_share(&chain, load, listed_share);
    for run in &mut chain {
        run.kw *= share;
    }
    chain
}

/// Runs of which each follows the one before at once, the short rows first: every run alone is one.
fn rows(of: &[usize], runs: &[Run], n: usize) -> Vec<Vec<usize>> {
    let mut out: Vec<Vec<usize>> = of.iter().map(|i| vec![*i]).collect();
    let mut at = 0;
    while let Some(row) = out.get(at).filter(|_| out.len() < MOST_ROWS) {
        let end = row.last().map(|i| runs[*i].slots.end % n.max(1));
        let next = of.iter().filter(|n| Some(runs[**n].slots.start) == end && !row.contains(n));
        let longer: Vec<Vec<usize>> = next.map(|n| [row.as_slice(), &[*n]].concat()).collect();
        out.extend(longer);
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::tests::TERMS;
    use super::*;
    use std::ops::Range;

    /// A plant of 300 kW that works 8–20 with 200 kW more.
    fn shift(add: &[(Range<usize>, f64)]) -> Vec<f64> {
        let on = |s: usize, (range, kw): &(Range<usize>, f64)| if range.contains(&s) { *kw } else { 0.0 };
        (0..96).map(|s| 300.0 + on(s, &(32..80, 200.0)) + add.iter().map(|a| on(s, a)).sum::<f64>()).collect()
    }

    fn wanted(kw: f64, slots: usize, start: Option<usize>) -> Wanted {
        Wanted { kw, slots, start, next: Vec::new() }
    }

    fn found(day: &[f64], wanted: &[Wanted]) -> Vec<(Range<usize>, bool)> {
        let order: Vec<usize> = (0..wanted.len()).collect();
        let runs = Search { wanted, signs: &TERMS.signs }.runs(day, &order);
        runs.into_iter().map(|r| (r.slots, r.usual)).collect()
    }

    fn ran(day: &[f64], median: &[f64], wanted: &[Wanted]) -> Vec<bool> {
        let order: Vec<usize> = (0..wanted.len()).collect();
        let search = Search { wanted, signs: &TERMS.signs };
        search.ran_on(day, median, &search.runs(median, &order))
    }

    #[test]
    fn a_run_is_found_by_its_steps() {
        let day = shift(&[(40..56, 150.0), (44..52, 60.0)]);
        assert_eq!(found(&day, &[wanted(150.0, 16, None)]), [(40..56, true)]);
        assert_eq!(found(&day, &[wanted(60.0, 8, None)]), [(44..52, true)]);
        assert_eq!(found(&day, &[wanted(90.0, 20, None)]), [], "no steps so far apart");
        assert_eq!(found(&day, &[wanted(900.0, 16, None)]), [], "more than the load");
        assert_eq!(found(&day, &[wanted(90.0, 20, Some(10))]), [(10..30, false)], "stated, and not on the usual day");
        assert_eq!(ran(&day, &day, &[wanted(150.0, 16, None)]), [true]);
        assert_eq!(ran(&shift(&[(44..52, 60.0)]), &day, &[wanted(150.0, 16, None)]), [false]);
    }

    #[test]
    fn the_end_of_a_shift_is_no_machine() {
        // The naive case: the shift's fall at 20 is the machine's own to the kilowatt, and nothing rises at 16.
        assert_eq!(found(&shift(&[]), &[wanted(200.0, 16, None)]), []);
        // One that ends with the shift is seen by its own rise.
        assert_eq!(found(&shift(&[(64..80, 250.0)]), &[wanted(250.0, 16, None)]), [(64..80, true)]);
    }

    #[test]
    fn a_stated_start_is_no_proof_of_a_run() {
        let press = [wanted(200.0, 16, Some(40))];
        let (with, without) = (shift(&[(40..56, 200.0)]), shift(&[]));
        for median in [&with, &without] {
            assert_eq!(ran(&with, median, &press), [true]);
            // The naive case: the load carries 200 kW at any time.
            assert_eq!(ran(&without, median, &press), [false]);
            assert_eq!(ran(&[300.0; 96], median, &press), [false]);
        }
        // What heats up over an hour has no step, and what has none may be the rise of a morning.
        let slow: Vec<f64> = (0..96)
            .map(|s| {
                without[s]
                    + [0.25, 0.5, 0.75].get(s - s.min(40)).unwrap_or(&1.0)
                        * if (40..56).contains(&s) { 200.0 } else { 0.0 }
            })
            .collect();
        assert_eq!(ran(&slow, &without, &press), [false]);
    }

    #[test]
    fn the_bell_of_a_day_is_no_run() {
        // The naive case: from 10 to 18 the load stands above what is beside it by the power of a chiller.
        for (minutes, width) in [(15, 48), (60, 12)] {
            let n = 1440 / minutes;
            let bell = |s: usize| {
                let at = (s as f64 - n as f64 / 3.0) / f64::from(width);
                if (0.0..1.0).contains(&at) { 250.0 * (std::f64::consts::PI * at).sin() } else { 0.0 }
            };
            let day: Vec<f64> = (0..n).map(|s| 300.0 + bell(s)).collect();
            for kw in [80.0, 100.0, 160.0] {
                for (start, hours) in [(10, 8), (11, 6), (12, 4)] {
                    let slots = hours * n / 24;
                    assert_eq!(ran(&day, &day, &[wanted(kw, slots, Some(start * n / 24))]), [false], "{kw} {start}");
                    assert_eq!(found(&day, &[wanted(kw, slots, None)]), []);
                    let with: Vec<f64> = (0..n)
                        .map(|s| {
                            day[s] + if (start * n / 24..(start + hours) * n / 24).contains(&s) { kw } else { 0.0 }
                        })
                        .collect();
                    assert_eq!(ran(&with, &day, &[wanted(kw, slots, Some(start * n / 24))]), [true], "{kw} {start}");
                }
            }
        }
    }

    #[test]
    fn the_shape_of_a_morning_is_no_run() {
        // The naive case: after the start of work and before the break the load of the morning stands above what is
        // beside it by half the machine's power, on some days by more.
        let morning: Vec<f64> = shift(&[(33..47, 60.0), (34..44, 20.0)]);
        let noisy: Vec<f64> = morning.iter().enumerate().map(|(s, v)| v + (s * 7 % 13) as f64).collect();
        let press = [wanted(90.0, 8, Some(36))];
        assert_eq!(found(&morning, &press), [(36..44, false)]);
        assert_eq!(ran(&noisy, &morning, &press), [false]);
        let more: Vec<f64> = (0..96).map(|s| noisy[s] + if (36..44).contains(&s) { 90.0 } else { 0.0 }).collect();
        assert_eq!(ran(&more, &morning, &press), [true]);
    }

    #[test]
    fn runs_that_follow_one_another_at_once_are_seen_together() {
        let row = shift(&[(36..44, 200.0), (44..56, 150.0)]);
        let mut melt_cast = [wanted(150.0, 12, None), wanted(200.0, 8, None)];
        melt_cast[1].next = vec![0];
        let mut seen = found(&row, &melt_cast);
        seen.sort_by_key(|s| s.0.start);
        assert_eq!(seen, [(36..44, true), (44..56, true)]);
        let batches = |start: fn(usize) -> Option<usize>| {
            let of = |k: usize| Wanted { next: vec![k + 1], ..wanted(300.0, 4, start(k)) };
            [of(0), of(1), of(2)]
        };
        let oven = shift(&[(36..48, 300.0)]);
        assert_eq!(found(&oven, &batches(|_| None)), [(36..40, true), (40..44, true), (44..48, true)]);
        let stated = batches(|k| Some(36 + 4 * k));
        let idle = shift(&[]);
        assert_eq!(ran(&oven, &idle, &stated), [true; 3]);
        assert_eq!(ran(&idle, &idle, &stated), [false; 3]);
        assert_eq!(ran(&idle, &oven, &stated), [false; 3], "they usually run");
        assert_eq!(ran(&shift(&[(36..40, 300.0), (44..48, 300.0)]), &idle, &stated), [true, false, true]);
    }

    #[test]
    fn a_run_in_noise_is_seen_on_the_days_that_have_it() {
        // Another load of up to 120 kW either way beside a machine of 150 kW.
        let noise = |d: usize, s: usize| (((d * 7919 + s * 104_729 + d * s * 31) % 241) as f64) - 120.0;
        let day = |d: usize, on: bool| -> Vec<f64> {
            let base = if on { shift(&[(40..56, 150.0)]) } else { shift(&[]) };
            base.iter().enumerate().map(|(s, v)| v + noise(d, s)).collect()
        };
        let days: Vec<Vec<f64>> = (0..100).map(|d| day(d, d % 5 != 0)).collect();
        let median = medians(&days.iter().map(Vec::as_slice).collect::<Vec<_>>(), 96);
        let press = [wanted(150.0, 16, None)];
        assert_eq!(found(&median, &press), [(40..56, true)]);
        let right = days.iter().enumerate().filter(|(d, day)| ran(day, &median, &press) == [d % 5 != 0]).count();
        assert!(right >= 90, "{right} of 100 days");
    }
}
