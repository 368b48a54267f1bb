//! Whole days of 96 slots with machines that may be interrupted, at random.

use super::*;
use std::ops::Range;

const SLOTS: usize = 96;

impl Dice {
    fn within(&mut self, range: Range<usize>) -> usize {
        range.start + self.roll(range.len())
    }
}

/// Prices of three to five bands, an hour to five each.
pub(super) fn prices(d: &mut Dice) -> Vec<f64> {
    let bands = d.within(3..6);
    let (mut out, mut band) = (Vec::new(), 0);
    while out.len() < SLOTS {
        band = (band + d.within(1..bands)) % bands;
        out.extend(vec![[0.31, 0.58, 0.86, 1.12, 1.43][band]; 4 * d.within(1..6)]);
    }
    out.truncate(SLOTS);
    out
}

/// A machine of so many choices, whole or in parts.
pub(super) fn machine(d: &mut Dice, (choices, whole): (usize, bool), prices: &[f64]) -> Task {
    let n = d.within(4..33).min(choices.min(SLOTS) / 2);
    let kw = 10.0 * d.within(4..29) as f64 + [0.0, d.roll(100) as f64 / 10.0][d.roll(2)];
    let least = if whole { n } else { [1, 2, 4][d.roll(3)].min(n) };
    let mut out = task(kw, n, least, prices);
    out.cost.iter_mut().for_each(|c| *c *= 0.25 * 20.0);
    let open = if least == n { choices + n - 1 } else { choices }.min(SLOTS);
    let first = d.within(0..SLOTS - open + 1);
    out.allowed = (0..SLOTS).map(|s| (first..first + open).contains(&s)).collect();
    out
}

/// A month's maximum: its load has steps, hours or quarter hours of its own, its cost is straight, has a kink or a jump.
pub(super) fn month(d: &mut Dice, rough: usize, tasks: &[Task]) -> Peak {
    let (rise, fall, high) = (d.within(24..40), d.within(64..88), d.within(100..400) as f64);
    let mut hour = 0.0;
    let base_kw: Vec<f64> = (0..SLOTS)
        .map(|s| {
            hour = if s % 4 == 0 { 5.0 * d.roll(12) as f64 } else { hour };
            300.0 + if (rise..fall).contains(&s) { high } else { 0.0 } + [0.0, hour, d.roll(1000) as f64 / 10.0][rough]
        })
        .collect();
    let (top, total) = (base_kw.iter().copied().fold(0.0, f64::max), tasks.iter().map(|t| t.kw).sum::<f64>());
    let all: Vec<usize> = (0..tasks.len()).collect();
    let mut patterns = vec![Pattern { tasks: all.clone(), base_kw: base_kw.clone() }];
    if tasks.len() > 1 && d.roll(3) == 0 {
        let without = d.roll(tasks.len());
        let base_kw = base_kw.iter().map(|kw| kw + d.roll(60) as f64).collect();
        patterns.push(Pattern { tasks: all.into_iter().filter(|i| *i != without).collect(), base_kw });
    }
    let (price, kink) = (30.0 + d.roll(15) as f64, top + total * d.roll(60) as f64 / 100.0);
    let below = |share: f64| Piece { from: 0.0, to: kink, cost: price * kink * share, slope: 0.0 };
    let above = Piece { from: kink, to: f64::INFINITY, cost: price * kink, slope: 2.0 * price };
    let outlay = match d.roll(3) {
        0 => vec![Piece { from: 0.0, to: f64::INFINITY, cost: 0.0, slope: price }],
        1 => vec![below(1.0), above],
        _ => vec![below(1.0 / 1.05), above],
    };
    Peak { floor_kw: 0.9 * top + total * d.roll(40) as f64 / 100.0, patterns, outlay }
}

/// A day of some machines, and how they run today.
fn random(seed: u64, machines: usize) -> (Problem, Plan) {
    let mut d = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..5 {
        d.roll(2);
    }
    let (prices, some_whole) = (prices(&mut d), d.roll(3) == 0);
    let mut tasks: Vec<Task> =
        (0..machines).map(|i| machine(&mut d, (288 / machines, some_whole && i % 2 == 1), &prices)).collect();
    match d.roll(6) {
        0 if machines > 1 => tasks[1].after = vec![0],
        1 if machines > 2 => (tasks[0].crew, tasks[2].crew) = (Some(0), Some(0)),
        _ => {}
    }
    let rough = d.roll(3);
    let peaks: Vec<Peak> = (0..d.within(1..4)).map(|_| month(&mut d, rough, &tasks)).collect();
    day(&mut d, tasks, peaks)
}

/// A day of these machines, sometimes under a limit, and how they run today: in the middle of where they may.
pub(super) fn day(d: &mut Dice, tasks: Vec<Task>, peaks: Vec<Peak>) -> (Problem, Plan) {
    let loads = peaks.iter().flat_map(|p| &p.patterns).flat_map(|p| &p.base_kw);
    let limit = loads.copied().fold(0.0, f64::max) + 0.6 * tasks.iter().map(|t| t.kw).sum::<f64>();
    let limit_kw = (d.roll(5) == 0).then_some(limit);
    let present = tasks.iter().map(|t| {
        let open: Vec<usize> = (0..SLOTS).filter(|s| t.allowed[*s]).collect();
        let start = open[0] + (open.len() - t.slots) / 2;
        (0..SLOTS).map(|s| (start..start + t.slots).contains(&s)).collect()
    });
    let present = present.collect();
    (Problem { slots: SLOTS, tasks, peaks, limit_kw }, present)
}

/// Of some days how many are possible, and how many of them are proved; each plan keeps its conditions and its bound.
fn proved(seeds: Range<u64>, machines: &[usize]) -> (usize, usize) {
    let (mut possible, mut proved) = (0, 0);
    for seed in seeds {
        let (p, present) = random(seed, machines[seed as usize % machines.len()]);
        assert!((200..=MOST_BINARIES).contains(&program::choices(&p)), "seed {seed}");
        let Some(found) = programmed(&p, &present, MOST_NODES) else {
            println!("seed {seed}: no schedule");
            continue;
        };
        assert!(p.keeps(&found.plan) && conditions(&p, &found.plan), "seed {seed}");
        assert!(found.bound <= found.cost && found.nodes < MOST_NODES + 4, "seed {seed}");
        assert!(!p.keeps(&present) || found.cost <= p.cost(&present), "seed {seed}");
        let gap = (found.cost - found.bound) / found.cost;
        assert!(!found.exact || gap <= 1e-6, "seed {seed}: {gap}");
        let runs = p.tasks.iter().map(|t| format!("{}/{}", t.slots, t.least_run)).collect::<Vec<_>>().join(" ");
        println!("seed {seed}: {runs}, {} maxima, nodes {}, gap {gap:.1e}", p.peaks.len(), found.nodes);
        possible += 1;
        proved += usize::from(found.exact);
    }
    (possible, proved)
}

#[test]
fn days_of_up_to_288_choices_in_parts_are_proved() {
    assert_eq!(proved(0..12, &[3, 4]), (12, 12));
}

/// What is left open are days of six machines of which one waits for another, at several maxima.
#[test]
#[ignore = "minutes of work"]
fn more_days_in_parts_are_proved_mostly() {
    for (seeds, machines, share) in [(100..200, &[3, 4][..], 97), (200..230, &[6], 90)] {
        let (possible, proved) = proved(seeds, machines);
        println!("{proved} of {possible} proved with {machines:?} machines");
        assert!(100 * proved >= share * possible, "{proved} of {possible}");
    }
}

#[test]
fn the_search_finds_what_the_plain_program_proves() {
    let mut compared = 0;
    for seed in 0..30 {
        let (p, present) = random(seed, 1 + seed as usize % 2);
        let plain = plain::solve(&p, true, 300);
        let (true, Some(plan)) = (plain.exact, plain.plan) else { continue };
        let (found, best) = (programmed(&p, &present, MOST_NODES).unwrap(), p.cost(&plan));
        assert!(found.exact && (found.cost - best).abs() <= 1e-6 * best, "seed {seed}: {} of {best}", found.cost);
        compared += 1;
    }
    assert!(compared >= 10, "{compared}");
}
