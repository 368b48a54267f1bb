//! The schedule against a linear program that is set up from the load, the envelope and the words of
//! the tariff alone, and solved by a simplex method.

use super::*;
use crate::curve::typical_days;
use crate::customer::BillingMode;
use crate::time::Interval;
use crate::units::Kw;
use crate::whatif::fixture::{Fixture, TARIFF, flat_year};
use crate::whatif::{Bounds, EnvelopeLimits};
use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem};

/// How the maximum is billed, in words of the contract.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Basis {
    Capacity,
    Actual { floor: f64 },
    ContractA { contract: f64 },
    ContractB { contract: f64 },
}

struct Case {
    fixture: Fixture,
    basis: Basis,
    prices: [f64; 3],
    demand_price: f64,
    limit_kw: Option<f64>,
    trouble_share: f64,
}

/// A seeded stream of numbers in 0..1.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.roll()
    }
}

fn tariff(case: (&[f64; 3], f64, Basis)) -> String {
    let ([peak, flat, valley], demand, basis) = case;
    let text = TARIFF
        .replace("price = 1.0 }", &format!("price = {peak:.4} }}"))
        .replace("price = 0.6 }", &format!("price = {flat:.4} }}"))
        .replace("price = 0.3 }", &format!("price = {valley:.4} }}"))
        .replace("price = 40.0", &format!("price = {demand:.2}"));
    match basis {
        Basis::Actual { floor } => text.replace("[capacity]", &format!("actual_floor_share = {floor}\n[capacity]")),
        Basis::ContractA { .. } => text.replace("rule = \"B\"", "rule = \"A\""),
        _ => text,
    }
}

/// A month of a random plant, hour by hour: shifts, a batch at varying hours, noise.
fn random(seed: u64) -> Case {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..8 {
        dice.roll();
    }
    let mut fixture = flat_year(0.0);
    (fixture.interval, fixture.n_days) = (Interval::M60, 31);
    let (base, shift, batch) = (dice.between(50.0, 400.0), dice.between(0.0, 500.0), dice.between(20.0, 400.0));
    let (starts, noise) = (6 + (dice.roll() * 6.0) as usize, dice.between(0.0, 60.0));
    fixture.kw = (0..31)
        .flat_map(|_| {
            let at = (dice.roll() * 20.0) as usize;
            let day: Vec<f64> = (0..24)
                .map(|h| {
                    let on = |yes: bool, kw: f64| if yes { kw } else { 0.0 };
                    let works = (starts..starts + 11).contains(&h);
                    base + on(works, shift) + on((at..at + 4).contains(&h), batch) + noise * dice.roll()
                })
                .collect();
            day
        })
        .collect();
    let top = fixture.kw.iter().copied().fold(0.0, f64::max);
    let basis = match seed % 5 {
        0 => Basis::Capacity,
        1 => Basis::Actual { floor: 0.0 },
        2 => Basis::Actual { floor: (dice.between(0.5, 1.1) * top * 2.0).round() / 2000.0 },
        3 => Basis::ContractA { contract: dice.between(0.7, 1.1) * top },
        _ => Basis::ContractB { contract: dice.between(0.7, 1.1) * top },
    };
    if let Basis::Actual { floor } = basis
        && floor > 1.0
    {
        fixture.customer.contract.capacity = Some(crate::units::Kva::new(2000.0));
    }
    let contract = &mut fixture.customer.contract;
    contract.billing_mode = Some(match basis {
        Basis::Capacity => BillingMode::Capacity,
        Basis::Actual { .. } => BillingMode::Demand,
        _ => BillingMode::Contract,
    });
    if let Basis::ContractA { contract: c } | Basis::ContractB { contract: c } = basis {
        contract.contract_demand = Some(Kw::new(c));
    }
    let flat = dice.between(0.4, 0.9);
    let prices = [flat * dice.between(1.2, 2.2), flat, flat * dice.between(0.2, 0.8)].map(|p| (p * 1e4).round() / 1e4);
    let demand_price = (dice.between(1.0, 60.0) * 100.0).round() / 100.0;
    let limit_kw = (dice.roll() < 0.3).then(|| top * dice.between(0.9, 1.05));
    let trouble_share = if dice.roll() < 0.5 { 0.0 } else { 0.02 };
    fixture.tariff = Some(tariff((&prices, demand_price, scaled(basis, &fixture))));
    Case { fixture, basis, prices, demand_price, limit_kw, trouble_share }
}

/// A floor in shares of the capacity that the customer has.
fn scaled(basis: Basis, f: &Fixture) -> Basis {
    match basis {
        Basis::Actual { floor } => Basis::Actual {
            floor: floor * 1000.0 / f.customer.contract.capacity.map_or(1000.0, crate::units::Kva::get),
        },
        other => other,
    }
}

/// Least cost of moving and of the maximum, from first principles.
fn by_simplex(case: &Case, kw: &[f64], bounds: impl Fn(usize) -> Bounds, price: impl Fn(usize) -> f64) -> f64 {
    let p = case.demand_price;
    let limit = case.limit_kw.unwrap_or(f64::INFINITY);
    // Convex parts of the demand's cost: (least, most, constant, slope, from) of price × (constant + slope · (M − from)⁺).
    let parts: Vec<(f64, f64, f64, f64, f64)> = match case.basis {
        Basis::Capacity => vec![(0.0, f64::INFINITY, 0.0, 0.0, 0.0)],
        Basis::Actual { floor } => vec![(0.0, f64::INFINITY, 1000.0 * floor, 1.0, 1000.0 * floor)],
        Basis::ContractB { contract: c } => vec![(0.0, f64::INFINITY, c, 2.0, 1.05 * c)],
        Basis::ContractA { contract: c } => {
            vec![(0.0, 1.05 * c, c, 0.0, 0.0), (1.05 * c, f64::INFINITY, 1.05 * c, 2.0, 1.05 * c)]
        }
    };
    let comfort = case.trouble_share * case.prices.iter().sum::<f64>() / 3.0;
    let mut best = f64::INFINITY;
    for (least, most, constant, slope, from) in parts {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let maximum = problem.add_var(0.0, (least, most));
        let over = problem.add_var(p * slope, (0.0, f64::INFINITY));
        problem.add_constraint([(maximum, 1.0), (over, -1.0)], ComparisonOp::Le, from);
        for (day, kw) in kw.chunks(case.fixture.interval.slots()).enumerate() {
            let mut sum = LinearExpr::empty();
            for (slot, l) in kw.iter().enumerate() {
                let b = bounds(day * kw.len() + slot);
                let (out, into) = ((b.flexible * l).min(l - b.floor_kw).max(0.0), (b.high_kw.min(limit) - l).max(0.0));
                let (c, hours) = (price(slot), case.fixture.interval.hours());
                let u = problem.add_var(hours * (c + comfort), (0.0, into));
                let v = problem.add_var(hours * (comfort - c), (0.0, out));
                sum.add(u, 1.0);
                sum.add(v, -1.0);
                problem.add_constraint([(u, 1.0), (v, -1.0), (maximum, -1.0)], ComparisonOp::Le, -l);
            }
            problem.add_constraint(sum, ComparisonOp::Eq, 0.0);
        }
        if let Ok(solution) = problem.solve().map(|s| s.into_solution().unwrap()) {
            best = best.min(solution.objective() + p * constant);
        }
    }
    best
}

fn band(case: &Case, slot: usize) -> f64 {
    let hour = slot / (case.fixture.interval.slots() / 24);
    case.prices[if hour < 8 {
        2
    } else if hour < 20 {
        0
    } else {
        1
    }]
}

fn exact_total(state: &State) -> f64 {
    state.bill().unwrap().cycles.iter().flat_map(|c| &c.lines).map(|l| l.amount_exact).sum()
}

fn terms(case: &Case) -> ShiftTerms {
    let granularity = Granularity { block_minutes: 0, step_kw: 0.0 };
    ShiftTerms { granularity, limit_kw: case.limit_kw, trouble_share: case.trouble_share, ramp_kw: None, weekly: false }
}

#[test]
fn two_hundred_random_customer_months_cost_what_the_linear_program_costs() {
    let mut moved = 0;
    for seed in 0..200 {
        let case = random(seed);
        let (state, labels) = (case.fixture.state(), Arc::new(case.fixture.labels()));
        let limits = EnvelopeLimits {
            flexible_cap: 0.6,
            flexible_least: 0.02,
            min_days: 3,
            working_share: 0.25,
            flat_share: 0.05,
        };
        let envelope = Arc::new(Envelope::learn(state.load(), &labels, &typical_days(state.load(), &labels), limits));
        let shift = Shift::new(Arc::clone(&envelope), Arc::clone(&labels), terms(&case));
        let after = shift.solve(&state);
        let (_, proof) = after.proofs[0];
        let bounds = |i: usize| envelope.at(labels.kinds[i / 24], labels.seasons[i / 24], i % 24);
        let best = by_simplex(&case, state.load().kw(), bounds, |slot| band(&case, slot));
        let bill = exact_total(&state);
        let what = format!("seed {seed}, {:?}: {proof:?}, simplex {best}, bill {bill}", case.basis);
        assert!((proof.cost - best).abs() <= 1e-6 * bill, "{what}");
        assert!((proof.cost - proof.bound).abs() <= 1e-6 * bill, "the bound is not tight: {what}");
        if case.trouble_share == 0.0 {
            let saved = bill - exact_total(&after.state);
            assert!((saved - (proof.before - proof.cost)).abs() <= 1e-6 * bill, "{saved} by the bills; {what}");
        }
        moved += usize::from(proof.cost < proof.before - 1.0);
    }
    assert!(moved > 100, "{moved} of 200 months have something to move");
}

/// The reference case of the scheduling model: 30 days of 96 slots, a fifth of the load may move,
/// ratios of Zhejiang's prices of 2026 (1.85, 1, 0.4 on a flat price of 0.65), 39 a kW.
fn reference(demand_price: f64) -> Case {
    let mut fixture = flat_year(0.0);
    fixture.n_days = 31;
    let shape = |d: usize, s: usize| {
        let hours = s as f64 / 4.0;
        let day = 800.0 + 350.0 * (std::f64::consts::PI * ((hours - 6.0) / 14.0).clamp(0.0, 1.0)).sin();
        day + ((d * 37 + s * 13) % 29) as f64 * 4.0 + if (66..78).contains(&s) { 140.0 } else { 0.0 }
    };
    fixture.kw = (0..31).flat_map(|d| (0..96).map(move |s| shape(d, s))).collect();
    let prices = [0.65 * 1.85, 0.65, 0.65 * 0.4];
    let basis = Basis::Actual { floor: 0.0 };
    fixture.tariff = Some(tariff((&prices, demand_price, basis)).replace(
        "windows = { peak = [\"08:00-20:00\"], valley = [\"00:00-08:00\"], flat = [\"20:00-24:00\"] }",
        "windows = { peak = [\"16:00-23:00\"], valley = [\"00:00-07:00\", \"11:00-14:00\"], flat = [\"07:00-11:00\", \"14:00-16:00\", \"23:00-24:00\"] }",
    ));
    Case { fixture, basis, prices, demand_price, limit_kw: None, trouble_share: 0.0 }
}

#[test]
fn the_reference_case_of_the_scheduling_model() {
    let price = |slot: usize| match slot / 4 {
        16..23 => 0.65 * 1.85,
        0..7 | 11..14 => 0.65 * 0.4,
        _ => 0.65,
    };
    let bounds = Bounds { flexible: 0.2, floor_kw: 0.0, high_kw: 1500.0, median_kw: 0.0 };
    let envelope = Arc::new(Envelope::daily(96, |_| bounds));
    let solve = |demand: f64| {
        let case = reference(demand);
        let state = case.fixture.state();
        let shift = Shift::new(Arc::clone(&envelope), Arc::new(case.fixture.labels()), terms(&case));
        let after = shift.solve(&state);
        let energy = |s: &State| exact_total(s) - demand * s.load().max_kw(0..31 * 96).unwrap().0;
        let maximum = after.state.load().max_kw(0..31 * 96).unwrap().0;
        (case, after.proofs[0].1, energy(&state) - energy(&after.state), maximum, state)
    };
    let (_, alone, energy_alone, maximum_alone, state) = solve(0.0);
    let (case, joint, energy_joint, maximum_joint, _) = solve(39.0);
    let present = state.load().max_kw(0..31 * 96).unwrap().0;
    println!("energy alone: saves {energy_alone:.2} of energy, maximum {maximum_alone:.1} of {present:.1} kW");
    println!("with demand:  saves {energy_joint:.2} of energy, maximum {maximum_joint:.1} kW");
    assert!(energy_alone > 30_000.0 && energy_joint <= energy_alone + 1e-6);
    let (given_up, gained) = (energy_alone - energy_joint, 39.0 * (maximum_alone - maximum_joint));
    assert!(
        gained > 9_000.0 && given_up < 0.002 * gained,
        "{given_up} of energy for {gained} of demand: next to nothing"
    );
    assert!(alone.cost < alone.before && joint.cost < joint.before);
    let best = by_simplex(&case, state.load().kw(), |_| bounds, price);
    assert!((joint.cost - best).abs() <= 1e-6 * exact_total(&state), "{} against {best}", joint.cost);
}
