use super::*;
use crate::customer::BillingMode;
use crate::whatif::fixture::{Fixture, year};

fn machine(name: &str, kw: f64, run_minutes: f64) -> Equipment {
    Equipment {
        name: name.into(),
        rating: Kw::new(kw),
        run_minutes,
        earliest: 0,
        latest: 1440,
        interruptible: false,
        min_run_minutes: 0,
        precedes: Vec::new(),
        crew: None,
        usual_start: None,
    }
}

/// A plant that works 8–20 with a crusher (160 kW, 9–13) and a mill (90 kW, 14–17) on workdays.
fn plant(mode: BillingMode) -> Fixture {
    let mut f = year(|_, _| 0.0);
    let kinds = f.labels().kinds;
    f.kw = (0..365)
        .flat_map(|d| {
            let works = kinds[d] == DayKind::Workday;
            (0..96).map(move |s| {
                let on = |range: Range<usize>, kw: f64| if works && range.contains(&s) { kw } else { 0.0 };
                200.0 + ((d * 7 + s * 3) % 11) as f64 + on(32..80, 180.0) + on(36..52, 160.0) + on(56..68, 90.0)
            })
        })
        .collect();
    f.customer.contract.billing_mode = Some(mode);
    f
}

const TERMS: OperateTerms = OperateTerms { limit_kw: None, least_days: 5, least_match: 0.5, off_share: 0.5, most_nodes: 10_000 };

fn scheduled(f: &Fixture, equipment: &[Equipment]) -> (State, Operate) {
    let state = f.state();
    let operate = work_schedule(&state, &f.labels(), (equipment, &|_| true), TERMS).unwrap();
    (state, operate)
}

fn saved(before: &State, after: &State) -> Money {
    before.bill().unwrap().observed() - after.bill().unwrap().observed()
}

#[test]
fn machines_of_a_list_move_to_the_valley_and_the_moves_add_up() {
    for mode in [BillingMode::Demand, BillingMode::Capacity] {
        let f = plant(mode);
        let (state, operate) = scheduled(&f, &[machine("crusher", 160.0, 240.0), machine("mill", 90.0, 180.0)]);
        let work = operate.work();
        assert!(work.exact && work.unseen.is_empty() && work.gap <= 1e-3, "{work:?}");
        let [plan] = &work.plans[..] else { panic!("{} plans", work.plans.len()) };
        assert_eq!((plan.day_kind, plan.months.len(), plan.moves.len()), (DayKind::Workday, 12, 2));
        assert_eq!(plan.moves[0].from, [540..780]);
        assert_eq!(plan.moves[1].from, [840..1020]);
        assert!(plan.moves.iter().all(|m| m.to.iter().all(|r| r.end <= 480)), "all in the valley: {:?}", plan.moves);
        let after = operate.apply(&state);
        assert_eq!(saved(&state, &after), work.saving);
        assert_eq!(plan.moves.iter().map(|m| m.saving).sum::<Money>(), work.saving);
        // By hand: each kWh moves from 1.00 to 0.30.
        let days = plan.moves[0].n_days as f64;
        let energy = days * (160.0 * 4.0 + 90.0 * 3.0) * 0.7;
        let demand = work.saving.to_f64() - energy;
        if mode == BillingMode::Capacity {
            assert!(demand.abs() < 1.0, "{} against {energy}", work.saving);
        } else {
            assert!(demand > 12.0 * 40.0 * 100.0, "the maximum falls too: {demand}");
        }
        for day in 0..365 {
            let energy = |s: &State| crate::curve::sum(s.load().day_kw(day));
            assert!((energy(&state) - energy(&after)).abs() < 1e-6);
        }
    }
}

#[test]
fn windows_order_and_crews_are_kept() {
    let mut crusher = machine("crusher", 160.0, 240.0);
    let mut mill = machine("mill", 90.0, 180.0);
    crusher.precedes = vec!["mill".into()];
    (crusher.earliest, crusher.latest) = (180, 1440);
    (crusher.crew, mill.crew) = (Some("A".into()), Some("A".into()));
    (mill.interruptible, mill.min_run_minutes) = (true, 60);
    let (_, operate) = scheduled(&plant(BillingMode::Capacity), &[crusher, mill]);
    let moves = &operate.work().plans[0].moves;
    let of = |name: &str| moves.iter().find(|m| m.equipment.as_ref() == name);
    // Both want the valley; it holds 5 hours from 03:00: the crusher's four, and one of the mill's.
    let crusher = of("crusher").map(|m| m.to.clone()).unwrap();
    assert_eq!(crusher, [180..420]);
    let mill = of("mill").map(|m| m.to.clone()).unwrap();
    assert!(mill.iter().all(|r| r.start >= 420 && r.end - r.start >= 60), "{mill:?}");
    assert_eq!(mill[0].start, 420);
}

#[test]
fn a_machine_that_is_not_seen_is_named_unless_its_start_is_given() {
    let f = plant(BillingMode::Capacity);
    let mut ghost = machine("ghost", 70.0, 300.0);
    let (_, operate) = scheduled(&f, &[ghost.clone()]);
    assert_eq!(operate.work().unseen, ["ghost".into()]);
    assert!(operate.work().plans.is_empty());
    ghost.usual_start = Some(600);
    let (_, operate) = scheduled(&f, &[ghost]);
    assert_eq!(operate.work().plans[0].moves[0].from, [600..900]);
}

#[test]
fn what_runs_where_it_is_cheapest_stays() {
    let f = plant(BillingMode::Capacity);
    let mut crusher = machine("crusher", 160.0, 240.0);
    (crusher.earliest, crusher.latest) = (480, 1080);
    let (state, operate) = scheduled(&f, &[crusher]);
    assert!(operate.work().plans.is_empty(), "all of its window has one price");
    assert_eq!(operate.apply(&state).load().kw(), state.load().kw());
}

#[test]
fn clock_times_and_months_in_words() {
    let month = |t: &str| Month::of(t.parse().unwrap());
    assert_eq!(clocks(&[0..240, 1380..1440]), "00:00–04:00, 23:00–24:00");
    let all = ["2025-01-01", "2025-02-01", "2025-12-01"].map(month);
    assert_eq!(months(&all), "2025-01–2025-02, 2025-12");
}
