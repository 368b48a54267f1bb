//! The exclusive group {way of billing × suspension × contracted demand} against brute force over real lists
//! of units: every set of units, every way of billing, every choice of months.

use super::tests::{More, run_with};
use super::*;
use crate::customer::{BillingMode, Transformer, UnitState};
use crate::report::AdviceText;
use crate::rule::{Thresholds, find};
use crate::tariff::OverLayer;
use crate::text::Language;
use crate::time::{Calendar, Date, DayKind};
use crate::units::{Kva, Kw};
use crate::whatif::fixture::{Fixture, TARIFF, flat_year, year};
use crate::whatif::{Change, Recontract, Size};
use std::sync::Arc;

#[test]
fn two_good_quarters_are_not_enough() {
    let months = |monthly: fn(u8) -> f64| {
        let days = year(|_, _| 0.0).days();
        year(move |day, _| monthly(days.date(day).ymd().1))
    };
    // By demand half a year costs 9,000 less a month, the other half 1,000 more.
    let mut basis = months(|month| if month <= 6 { 400.0 } else { 650.0 });
    basis.customer.contract.billing_mode = Some(BillingMode::Capacity);
    // Contracted anew, half a year costs 16,000 less a month, the other half no less.
    let mut sized = months(|month| if month <= 6 { 400.0 } else { 805.0 });
    sized.customer.contract.billing_mode = Some(BillingMode::Contract);
    sized.customer.contract.contract_demand = Some(Kw::new(800.0));
    for (f, code) in [(basis, "R04"), (sized, "R10")] {
        let with = |basis_quarters| {
            let thresholds = Thresholds { basis_quarters, ..Thresholds::default() };
            run_with(&f, &More { thresholds, ..More::default() }, &[find(code).unwrap()]).0
        };
        assert!(with(Thresholds::default().basis_quarters).is_empty(), "{code}: it wins in two of four quarters");
        let naive = with(2);
        assert!(naive[0].saving_alone.is_some_and(|s| s.to_f64() > 20_000.0), "{code}: {naive:?}");
        assert_eq!(naive[0].evidence.figures["quarters_won"].value, 2.0, "{code}");
    }
}

/// A seeded stream of numbers in 0..1.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[(self.roll() * of.len() as f64) as usize % of.len()]
    }
}

/// A plant of up to four units, some on hot standby, some that back each other up, with seasonal maxima
/// that may lie below the least billed demand.
fn plant(seed: u64) -> Fixture {
    let mut d = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..8 {
        d.roll();
    }
    let n = 2 + (d.roll() * 3.0) as usize;
    let paired = n == 4 && d.roll() < 0.5;
    let units: Vec<Transformer> = (0..n)
        .map(|k| {
            let rated = Transformer::running(&format!("T{k}"), d.one_of(&[315.0, 500.0, 630.0, 800.0, 1000.0]));
            let standby = k > 0 && d.roll() < 0.3;
            let state = if standby { UnitState::HotStandby } else { UnitState::Running };
            Transformer { state, interlock_group: (paired && k >= 2).then(|| "pair".into()), ..rated }
        })
        .collect();
    let kva: f64 = units.iter().map(|u| u.rating.get()).sum();
    let (low, high, quiet) = (kva * (0.05 + 0.3 * d.roll()), kva * (0.3 + 0.5 * d.roll()), d.roll());
    let monthly: Vec<f64> =
        (0..12).map(|_| (0.9 + 0.1 * d.roll()) * if d.roll() < quiet { low } else { high }).collect();
    let days = year(|_, _| 0.0).days();
    let month = |day: usize| usize::from(days.date(day).ymd().1) - 1;
    let mut f = year(|day, slot| monthly[month(day)] * if (32..80).contains(&slot) { 1.0 } else { 0.6 });
    // A year before that is much the same and not billed: whether a load falls again is another test's matter.
    let before = f.kw.iter().map(|kw| 0.97 * kw);
    (f.n_days, f.kw) = (2 * f.n_days, before.chain(f.kw.iter().copied()).collect());
    let floors = d.one_of(&["floor_share = 0.4\n", "floor_share = 0.4\nactual_floor_share = 0.4\n"]);
    let tariff = TARIFF.replace("over_contract_rule =", &format!("{floors}over_contract_rule ="));
    f.tariff = Some(tariff.replace("2020-01-01", "2026-01-01"));
    let contract = &mut f.customer.contract;
    contract.billing_mode = Some(d.one_of(&[BillingMode::Capacity, BillingMode::Demand, BillingMode::Contract]));
    contract.capacity = Some(Kva::new(kva));
    contract.contract_demand = Some(Kw::new((kva * (0.3 + 0.4 * d.roll())).round()));
    f.customer.supply_level = Some(d.one_of(&[2, 3]));
    f.customer.transformers = units;
    f
}

/// What is left when some units rest: in sum, an interlocked pair once; and the largest of the rest.
fn left(units: &[Transformer], resting: usize) -> (f64, f64) {
    let stay = || units.iter().enumerate().filter(|(k, _)| resting & 1 << k == 0).map(|(_, u)| u);
    let alone: f64 = stay().filter(|u| u.interlock_group.is_none()).map(|u| u.rating.get()).sum();
    let pair = stay().filter(|u| u.interlock_group.is_some()).map(|u| u.rating.get()).fold(0.0, f64::max);
    (alone + pair, stay().map(|u| u.rating.get()).fold(0.0, f64::max))
}

/// The latest year of two.
const YEAR: std::ops::Range<usize> = 12..24;

/// The day on which each contract is applied for: the fifth working day before its cycle.
fn known(state: &State) -> Arc<[Date]> {
    let calendar = Calendar::china().unwrap();
    let working = |d: &Date| calendar.kind(*d) == DayKind::Workday;
    let closes = |start: Date| (1..60).map(|k| start.plus(-k)).filter(working).nth(4).unwrap();
    state.cycles().iter().map(|c| closes(c.dates.start)).collect()
}

/// The best saving of all: no suspension, or any set of units in the months that are best for it, under
/// each way of billing. A month's bill depends on its own suspension alone, so that the best months are
/// the six that save most.
fn brute_force(f: &Fixture) -> f64 {
    let state = f.state();
    let size = Size {
        layers: [OverLayer { above: 1.05, factor: 2.0 }].into(),
        from_limit: false,
        floor_share: 0.4,
        multiples: (1.0, 1.3),
        step: 0.01,
        least_year_before: 6,
        known: known(&state),
        next: None,
    };
    let modes: [Option<&dyn Change>; 4] = [
        None,
        Some(&Recontract { billing_mode: BillingMode::Capacity, contract_demand: None }),
        Some(&Recontract { billing_mode: BillingMode::Demand, contract_demand: None }),
        Some(&size),
    ];
    let total = |s: &State, m: usize| s.bill().unwrap().cycles[m].total().to_f64();
    let now: f64 = YEAR.map(|m| total(&state, m)).sum();
    let units = &f.customer.transformers;
    let mut best = 0.0_f64;
    for mode in modes {
        let under = |s: &State| mode.map_or_else(|| s.clone(), |m| m.apply(s));
        let whole = under(&state);
        let saved: f64 = now - YEAR.map(|m| total(&whole, m)).sum::<f64>();
        best = best.max(saved);
        for resting in 1..1usize << units.len() {
            let (kva, largest) = left(units, resting);
            let touches_pair = (0..units.len()).any(|k| resting & 1 << k != 0 && units[k].interlock_group.is_some());
            if touches_pair || kva < 315.0 {
                continue;
            }
            let rest = |(k, u): (usize, &Transformer)| {
                let state = if resting & 1 << k == 0 { u.state } else { UnitState::Suspended };
                Transformer { state, ..u.clone() }
            };
            let reduced = under(&state.with_transformers(units.iter().enumerate().map(rest).collect()));
            let carried = |m: &usize| {
                // Without reactive readings cos φ 0.9 is taken.
                let days = state.load().range_of_days(state.cycles()[*m].days.clone());
                let apparent = state.load().max_kw(days).unwrap().0 / 0.9;
                let reserve = f.customer.supply_level == Some(2);
                apparent <= 0.8 * kva && (!reserve || apparent <= kva - largest)
            };
            let months = YEAR.filter(carried).map(|m| total(&whole, m) - total(&reduced, m));
            let mut months: Vec<f64> = months.filter(|s| *s > 0.0).collect();
            months.sort_by(|a, b| b.total_cmp(a));
            best = best.max(saved + months.iter().take(6).sum::<f64>());
        }
    }
    best
}

#[test]
fn the_group_is_as_good_as_brute_force() {
    // The tests of other contracts, of the register and the noise guard are other tests' matter.
    let thresholds = Thresholds {
        noise_money: 0.01,
        noise_share: 0.0,
        basis_quarters: 0,
        basis_margin: 0.0,
        suspend_scatter_share: 0.0,
        heavy_over_loading: 10.0,
        ..Thresholds::default()
    };
    let more = More { thresholds, ..More::default() };
    let rules = ["R04", "R10", "R11"].map(|code| find(code).unwrap());
    let (mut suspended, mut sized, mut standby) = (0, 0, 0);
    for seed in 0..40 {
        let f = plant(seed);
        let (rows, plan, _) = run_with(&f, &more, &rules);
        let expected = brute_force(&f);
        let found = plan.saving_observed.map_or(0.0, Money::to_f64);
        assert!((found - expected).abs() < 0.02, "seed {seed}: {found} against {expected}\n{rows:#?}");
        let Some(taken) = rows.iter().find(|r| r.saving_joint.is_some()) else { continue };
        let note = |name: &str| taken.evidence.notes.get(name).map_or("", |n| n.as_str());
        suspended += usize::from(taken.code == "R11");
        sized += usize::from(taken.code == "R11" && note("to_mode") == "contract");
        let on_standby = f.customer.transformers.iter().filter(|u| u.state == UnitState::HotStandby);
        standby += usize::from(on_standby.into_iter().any(|u| note("units").contains(&u.unit)));
    }
    println!("{suspended} suspend, {sized} contract, {standby} standby");
    assert!(suspended >= 8 && sized >= 1 && standby >= 2, "{suspended} suspend, {sized} contract, {standby} standby");
}

#[test]
fn a_contract_that_is_sized_from_old_readings_says_so_and_names_no_power() {
    let mut f = flat_year(600.0);
    f.customer.contract.billing_mode = Some(BillingMode::Contract);
    f.customer.contract.contract_demand = Some(Kw::new(900.0));
    for (today, old) in [("2025-12-20", false), ("2026-02-10", false), ("2026-03-10", true), ("2026-11-27", true)] {
        let more = More { today: today.parse().ok(), ..More::default() };
        let (rows, _, _) = run_with(&f, &more, &[find("R10").unwrap()]);
        let told = AdviceText::new(&rows[0], Language::En);
        assert_eq!(told.action.contains("The readings end on 2025-12-31"), old, "{today}: {}", told.action);
        assert_eq!(told.finding.contains("where the readings end"), old, "{today}: {}", told.finding);
        assert_eq!(told.action.contains(" kW"), !old, "{today}: {}", told.action);
    }
}

#[test]
fn a_contract_is_sized_by_what_is_read_when_it_is_applied_for() {
    let of = |kw: &dyn Fn(u8, u8) -> f64, today: Option<&str>| {
        let days = flat_year(0.0).days();
        let mut f = year(|d, _| kw(days.date(d).ymd().1, days.date(d).ymd().2));
        f.customer.contract.billing_mode = Some(BillingMode::Contract);
        f.customer.contract.contract_demand = Some(Kw::new(1200.0));
        let more = More { today: today.map(|d| d.parse().unwrap()), ..More::default() };
        run_with(&f, &more, &[find("R10").unwrap()]).0.remove(0)
    };
    let figure = |row: &crate::rule::Advice, name: &str| row.evidence.figures[name].value;
    let june = |peak: u8| {
        let kw = |month, day| if (month, day) == (5, peak) { 800.0 } else { 700.0 };
        figure(&of(&kw, None), "contract_2025-06")
    };
    // The application for June closes on 26 May; the naive contract knows of 31 May.
    assert!((june(25), june(26)) == (june(2), june(31)) && june(25) > june(26), "{} {}", june(25), june(26));
    // 40 kW more from the middle of each month.
    let growing = |month, day| 500.0 + 40.0 * f64::from(month - u8::from(day < 15));
    let (row, near) = (of(&growing, Some("2026-01-05")), of(&growing, None));
    // February is sized by December, with the errors of two months; January by December up to its 24th.
    assert_eq!((&*row.evidence.notes["contract_from"], &*row.evidence.notes["sized_to"]), ("2026-02-01", "2025-12-31"));
    assert_eq!(
        (&*near.evidence.notes["contract_from"], &*near.evidence.notes["sized_to"]),
        ("2026-01-01", "2025-12-24")
    );
    assert!(figure(&row, "forecast_error_next") > 1.2 * figure(&near, "forecast_error_next"));
    assert_eq!(figure(&row, "forecast_error"), figure(&near, "forecast_error"));
    let told = AdviceText::new(&row, Language::En).action;
    assert!(told.contains("from 2026-02-01 on") && told.contains("up to 2025-12-31"), "{told}");
}
