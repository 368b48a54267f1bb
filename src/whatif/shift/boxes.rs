//! Filling inside the search on the cap, against the same boxes as a linear program and by brute force.

use super::cap::Solved;
use super::filling::Filling;
use super::linear::{self, Coupling};
use super::month::{Cell, Month, Steps};
use crate::schedule::Piece;

/// A seeded stream of numbers in 0..1.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn by_simplex(m: &Month) -> Solved {
    let conserved = (0..m.day_ends.len()).map(|d| d..d + 1).collect();
    linear::solve(m, &Coupling { conserved, ramp_kw: None, kw: &[] })
}

/// Days of hourly cells in up to five prices; maxima with floor, kink and jump.
fn random(seed: u64, days: usize) -> Month {
    let mut d = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..8 {
        d.roll();
    }
    let classes = 1 + (d.roll() * 5.0) as usize;
    let mut prices: Vec<f64> = (0..classes).map(|_| 0.1 + d.roll()).collect();
    prices.sort_by(f64::total_cmp);
    let of_hour: Vec<usize> = (0..24).map(|_| (d.roll() * classes as f64) as usize).collect();
    let top = 1000.0;
    let (scale, flexible) = (600.0 + 400.0 * d.roll(), d.roll());
    let mut m = Month { prices, hours: 1.0, comfort: if d.roll() < 0.5 { 0.0 } else { 0.01 }, ..Month::default() };
    for day in 0..days {
        for (hour, class) in of_hour.iter().enumerate() {
            let base = (scale * (0.3 + 0.7 * d.roll())).min(top);
            let (lo, hi) = (-base * flexible * d.roll(), 300.0 * d.roll() * d.roll());
            let top = if seed % 7 == 0 { 0.0 } else { top };
            if d.roll() < 0.9 {
                let (start, class) = ((day * 24 + hour) as u32, *class as u16);
                m.cells.push(Cell { start, len: 1, class, lo, hi, top, base });
                if top > 0.0 {
                    m.least_cap = m.least_cap.max((base + lo) / top);
                }
            } else if top > 0.0 {
                m.least_cap = m.least_cap.max(base / top);
            }
        }
        m.day_ends.push(m.cells.len());
    }
    m.top = if seed % 7 == 0 { 0.0 } else { top };
    let free = |c: &Cell| if c.top > 0.0 { (c.hi + c.base) / c.top } else { 0.0 };
    m.most_cap = m.cells.iter().map(free).fold(1.0, f64::max);
    let (price, kink) = (1000.0 * 60.0 * d.roll(), 0.5 + 0.7 * d.roll());
    let jump = if seed % 3 == 0 { 0.05 * price } else { 0.0 };
    if seed % 7 != 0 {
        let at = kink * (1.0 - 1e-9);
        m.outlay = match seed % 4 {
            0 => vec![Piece { from: 0.0, to: f64::INFINITY, cost: 0.0, slope: price }],
            1 => vec![
                Piece { from: 0.0, to: kink, cost: price * kink, slope: 0.0 },
                Piece { from: kink, to: f64::INFINITY, cost: price * kink, slope: price },
            ],
            _ => vec![
                Piece { from: 0.0, to: at, cost: price, slope: 0.0 },
                Piece { from: kink, to: f64::INFINITY, cost: price + jump, slope: 2.0 * price },
            ],
        };
    }
    m
}

fn solve(m: &Month) -> Solved {
    m.solve(&mut Filling::default())
}

fn sound(m: &Month, s: &Solved, what: &str) {
    assert!(s.deltas.iter().zip(&m.cells).all(|(x, c)| *x >= c.lo - 1e-9 && *x <= c.hi + 1e-9), "{what}: bounds");
    let mut start = 0;
    for end in &m.day_ends {
        let sum: f64 = s.deltas[start..*end].iter().sum();
        assert!(sum.abs() < 1e-6, "{what}: a day's energy changes by {sum}");
        start = *end;
    }
    let (moving, cap) = m.cost_of(&s.deltas);
    assert!((moving + m.outlay_at(cap) - s.cost).abs() < 1e-6 * s.cost.abs().max(1.0), "{what}: its own cost");
    assert!(s.bound <= s.cost + 1e-9 * s.cost.abs() && s.cost <= s.before + 1e-9, "{what}: {s:?}");
}

#[test]
fn boxes_cost_what_the_linear_program_costs() {
    let mut moved = 0;
    for seed in 0..300 {
        let m = random(seed, 3 + seed as usize % 5);
        let (s, best) = (solve(&m), by_simplex(&m));
        let what = format!("seed {seed}");
        sound(&m, &s, &what);
        let scale = best.cost.abs() + best.before.abs() + 1.0;
        assert!((s.cost - best.cost).abs() <= 1e-8 * scale, "{what}: {} against {}", s.cost, best.cost);
        assert!((s.cost - s.bound).abs() <= 1e-8 * scale, "{what}: bound {} of {}", s.bound, s.cost);
        moved += usize::from(s.cost < s.before - 1.0);
    }
    assert!(moved > 150, "{moved} of 300 move");
}

#[test]
fn greedy_alone_lies_between_the_linear_program_and_nothing() {
    for seed in (1..120).filter(|s| s % 4 == 0 && s % 7 != 0) {
        let m = random(seed, 4);
        let deltas = solve(&Month { outlay: Vec::new(), ..m.clone() }).deltas;
        let (moving, cap) = m.cost_of(&deltas);
        let (greedy, best) = (moving + m.outlay_at(cap), solve(&m));
        assert!(by_simplex(&m).cost <= best.cost + 1e-6 && best.cost <= greedy + 1e-6, "seed {seed}");
        assert!(best.cost <= best.before, "seed {seed}");
    }
}

#[test]
fn whole_steps_keep_all_conditions_and_come_near_the_bound() {
    let (mut saved, mut possible) = (0.0, 0.0);
    for seed in 0..120 {
        let mut m = random(seed, 5);
        let step = 10.0;
        for c in &mut m.cells {
            (c.lo, c.hi) = (-Steps::of(step).floor(-c.lo), Steps::of(step).floor(c.hi));
        }
        let bound = solve(&m);
        m.steps = Steps::of(step);
        let s = solve(&m);
        sound(&m, &s, &format!("seed {seed}"));
        assert!(s.deltas.iter().all(|x| (x / step - (x / step).round()).abs() < 1e-9), "seed {seed}: whole steps");
        assert!((s.bound - bound.bound).abs() <= 1e-9 * bound.bound.abs().max(1.0));
        saved += s.before - s.cost;
        possible += bound.before - bound.cost;
    }
    println!("whole steps save {saved:.0} of {possible:.0}");
    assert!(saved > 0.9 * possible, "{saved} of {possible}");
}

#[test]
fn equal_prices_move_nothing() {
    let mut m = random(7, 3);
    m.comfort = 0.01;
    m.prices.iter_mut().for_each(|p| *p = 0.5);
    assert!(solve(&m).deltas.iter().all(|x| *x == 0.0), "moving costs the comfort price and saves nothing");
}

#[test]
fn a_ramp_limit_costs_something_and_a_week_gains_something() {
    for seed in [1, 2, 4] {
        let m = random(seed, 5);
        let kw: Vec<f64> = {
            let mut kw = vec![500.0; 5 * 24];
            m.cells.iter().for_each(|c| kw[c.run().start] = c.base);
            kw
        };
        let daily: Vec<_> = (0..5).map(|d| d..d + 1).collect();
        let free = linear::solve(&m, &Coupling { conserved: daily.clone(), ramp_kw: None, kw: &kw });
        let ramped = linear::solve(&m, &Coupling { conserved: daily, ramp_kw: Some(40.0), kw: &kw });
        let weekly = linear::solve(&m, &Coupling { conserved: vec![0..5], ramp_kw: None, kw: &kw });
        assert!(weekly.cost <= free.cost + 1e-6 && free.cost <= ramped.cost + 1e-6);
        assert!(ramped.cost < ramped.before && weekly.cost < free.cost, "seed {seed}");
        let mut moved = kw.clone();
        m.cells.iter().zip(&ramped.deltas).for_each(|(c, x)| moved[c.run().start] += x);
        for (old, new) in kw.windows(2).zip(moved.windows(2)) {
            assert!((new[1] - new[0]).abs() <= (old[1] - old[0]).abs().max(40.0) + 1e-6, "seed {seed}: a step");
        }
    }
}
