//! Days at the limit of choices, of every kind that a list of equipment can ask for.

use super::days::{day, machine, month, prices};
use super::*;

/// How the machines of a day hang together.
#[derive(Debug, Clone, Copy)]
enum Tie {
    Free,
    /// The second waits for the first.
    Waits,
    /// Each of three waits for the one before.
    Chain,
    /// Three share a crew.
    Crew,
    /// The second waits for the first and shares a crew with the third.
    Both,
}

/// What a day is made of.
#[derive(Debug, Clone, Copy)]
struct Kind {
    machines: usize,
    /// One of so many runs whole, the others in parts.
    whole: Option<usize>,
    tie: Tie,
    /// Maxima that are billed.
    maxima: usize,
}

/// 120 kinds: three and six machines.
fn kinds() -> Vec<Kind> {
    let mut out = Vec::new();
    for machines in [3, 6] {
        for whole in [Some(1), None, Some(2)] {
            for tie in [Tie::Free, Tie::Waits, Tie::Chain, Tie::Crew, Tie::Both] {
                out.extend((0..4).map(|maxima| Kind { machines, whole, tie, maxima }));
            }
        }
    }
    out
}

fn random(seed: u64, kind: Kind) -> (Problem, Plan) {
    let mut d = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..5 {
        d.roll(2);
    }
    let prices = prices(&mut d);
    let whole = |i: usize| kind.whole.is_some_and(|n| i % n == 0);
    let choices = MOST_BINARIES / kind.machines;
    let mut tasks: Vec<Task> = (0..kind.machines).map(|i| machine(&mut d, (choices, whole(i)), &prices)).collect();
    tie(&mut tasks, kind.tie);
    let rough = d.roll(3);
    let peaks: Vec<Peak> = (0..kind.maxima).map(|_| month(&mut d, rough, &tasks)).collect();
    day(&mut d, tasks, peaks)
}

fn crew(tasks: &mut [Task]) {
    for t in tasks {
        t.crew = Some(0);
    }
}

fn tie(tasks: &mut [Task], tie: Tie) {
    match tie {
        Tie::Free => {}
        Tie::Waits => tasks[1].after = vec![0],
        Tie::Chain => (tasks[1].after, tasks[2].after) = (vec![0], vec![1]),
        Tie::Crew => crew(&mut tasks[..3]),
        Tie::Both => {
            tasks[1].after = vec![0];
            crew(&mut tasks[1..3]);
        }
    }
}

/// The first day of a kind that has a schedule.
fn possible(at: usize) -> (Kind, (Problem, Plan)) {
    let kind = kinds()[at];
    let mut days = (0..50).map(|k| random(1000 * at as u64 + k, kind));
    (kind, days.find(|(p, _)| descend::construct(p).is_some()).unwrap())
}

/// Cutting ends before levels took 427, 581, 649 and 775 relaxations.
#[test]
fn machines_that_wait_are_proved_by_cutting_what_lifts_the_bound_more() {
    for at in [7, 11, 38, 70] {
        let (kind, (p, present)) = possible(at);
        let found = programmed(&p, &present, 100).unwrap();
        assert!(found.exact, "{kind:?}: {} of {} after {}", found.bound, found.cost, found.nodes);
    }
}

/// The longest is a chain of three among six machines in parts, with three maxima under a limit: half of the time.
#[test]
#[ignore = "a quarter of an hour"]
fn days_of_every_kind_at_the_limit_of_choices_are_proved() {
    for at in 0..kinds().len() {
        let (kind, (p, present)) = possible(at);
        let found = programmed(&p, &present, MOST_NODES).unwrap();
        assert!(p.keeps(&found.plan) && conditions(&p, &found.plan) && found.bound <= found.cost, "{kind:?}");
        let gap = (found.cost - found.bound) / found.cost;
        println!("{at} {kind:?}: {} choices, {} nodes, gap {gap:.1e}", program::choices(&p), found.nodes);
        assert!(found.exact, "{at} {kind:?}: {gap}");
    }
}
