mod shown;

use super::*;
use crate::customer::BillingMode;
use crate::whatif::fixture::{Fixture, TARIFF, machine, year};

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

/// The crusher as it is, where the list does not name the mill: a load comes back after it as that of a shift does.
fn stated_crusher() -> Equipment {
    Equipment { usual_start: Some(540), ..machine("crusher", 160.0, 240.0) }
}

pub(super) const TERMS: OperateTerms = OperateTerms {
    limit_kw: None,
    least_days: 5,
    signs: Signs {
        least_match: 0.5,
        sure_match: 0.9,
        most_power: 1.25,
        listed_share: 0.95,
        break_hours: 4.0,
        break_match: 0.5,
        lasting_share: 0.6,
        chance_factor: 3.0,
        off_share: 0.5,
        day_share: 0.15,
        power_days: 3,
        others_share: 0.1,
        lapse_days: 20,
        lapse_factor: 2.0,
        pause_days: 15,
    },
    same_share: 0.01,
    most_nodes: 10_000,
};

fn scheduled(f: &Fixture, equipment: &[Equipment]) -> (State, Operate) {
    let state = f.state();
    let operate = work_schedule(&state, &f.labels(), (equipment, &|_| true), TERMS).unwrap();
    (state, operate)
}

fn saved(before: &State, after: &State) -> Money {
    before.bill().unwrap().observed() - after.bill().unwrap().observed()
}

#[test]
fn a_run_may_go_on_past_midnight() {
    // Four hours between 22:00 and 02:00, in one run.
    let mut night = machine("crusher", 160.0, 240.0);
    (night.earliest, night.latest) = (22 * 60, 2 * 60);
    let (state, operate) = scheduled(&plant(BillingMode::Capacity), &[night, machine("mill", 90.0, 180.0)]);
    assert!(!operate.is_unfit());
    let moves = &operate.work().plans[0].moves;
    assert_eq!((&*moves[0].equipment, &moves[0].to), ("crusher", &vec![0..120, 1320..1440]));
    assert!(saved(&state, &operate.apply(&state)) > Money::ZERO);
}

#[test]
fn a_list_that_leaves_no_schedule_is_told_apart_from_one_that_cannot_be_bettered() {
    let mut both = [machine("crusher", 160.0, 240.0), machine("mill", 90.0, 180.0)];
    for m in &mut both {
        (m.earliest, m.latest, m.crew) = (0, 360, Some("A".into()));
    }
    let (_, operate) = scheduled(&plant(BillingMode::Capacity), &both);
    assert!(operate.is_unfit() && operate.work().plans.is_empty(), "seven hours of one crew in six");
    let there = plant(BillingMode::Capacity);
    let stays = Equipment { earliest: 540, latest: 780, ..stated_crusher() };
    let (_, operate) = scheduled(&there, &[stays]);
    assert!(!operate.is_unfit() && operate.work().plans.is_empty() && operate.work().stated_unseen.is_empty());
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
fn a_machine_that_is_not_seen_is_named_whether_its_start_is_stated_or_not() {
    let f = plant(BillingMode::Capacity);
    let mut ghost = machine("ghost", 70.0, 300.0);
    let (_, operate) = scheduled(&f, &[ghost.clone()]);
    assert_eq!(operate.work().unseen, ["ghost".into()]);
    assert!(operate.work().plans.is_empty());
    // The naive case: the load at the stated hours is more than 70 kW, and so the machine runs.
    ghost.usual_start = Some(600);
    let (_, operate) = scheduled(&f, &[ghost.clone(), machine("mill", 90.0, 180.0)]);
    let work = operate.work();
    assert_eq!((work.unseen.len(), &work.stated_unseen[..]), (0, &["ghost".into()][..]));
    assert!(work.plans.iter().flat_map(|p| &p.moves).all(|m| &*m.equipment == "mill"), "{work:?}");
    let test = work_backtest(&f.state(), &f.labels(), (&[ghost], &|_| true), TERMS, 6).unwrap();
    assert_eq!((test.claimed, test.share()), (Money::ZERO, None));
}

/// A plant of 300 kW that works 8–20 with 200 kW more, and a press of 200 kW from 10 to 14 on some working days.
fn press(on: impl Fn(usize) -> bool) -> (Fixture, Vec<usize>) {
    let mut f = year(|_, _| 0.0);
    let kinds = f.labels().kinds;
    let works = |d: &usize| kinds[*d] == DayKind::Workday;
    let days: Vec<usize> = (0..365).filter(works).enumerate().filter(|(k, _)| on(*k)).map(|(_, d)| d).collect();
    let within = |holds: bool, range: Range<usize>, s: usize| if holds && range.contains(&s) { 200.0 } else { 0.0 };
    let ran = |d: usize| days.contains(&d);
    let at = |d: usize, s: usize| within(works(&d), 32..80, s) + within(ran(d), 40..56, s);
    f.kw = (0..365)
        .flat_map(|d| (0..96).map(move |s| (d, s)))
        .map(|(d, s)| 300.0 + ((d * 7 + s * 3) % 11) as f64 + at(d, s))
        .collect();
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    (f, days)
}

#[test]
fn a_stated_start_promises_only_what_the_days_show() {
    for every in [1, 3] {
        let (f, days) = press(|k| k % every == 0);
        let stated = Equipment { usual_start: Some(600), ..machine("press", 200.0, 240.0) };
        let (state, operate) = scheduled(&f, std::slice::from_ref(&stated));
        let work = operate.work();
        // The naive case: rest days and holidays, and all working days where it runs on a third of them.
        assert!(work.plans.iter().all(|p| p.day_kind == DayKind::Workday), "{:?}", work.plans);
        let [plan] = &work.plans[..] else { panic!("{} plans", work.plans.len()) };
        assert_eq!((plan.n_days, plan.moves[0].n_days), (days.len(), days.len()));
        let by_hand = days.len() as f64 * 200.0 * 4.0 * 0.7;
        assert!((work.saving.to_f64() - by_hand).abs() < 1.0, "{} for {by_hand}", work.saving);
        // The mean day is one on which it runs: all of its power leaves.
        assert!((plan.before_kw[45] - plan.after_kw[45] - 200.0).abs() < 1e-6 && plan.before_kw[45] > 699.0);
        let after = operate.apply(&state);
        for day in (0..365).filter(|d| !days.contains(d)) {
            assert_eq!(state.load().day_kw(day), after.load().day_kw(day));
        }
        let test = work_backtest(&state, &f.labels(), (&[stated], &|_| true), TERMS, 6).unwrap();
        let later = days.iter().filter(|d| **d >= 181).count() as f64 * 560.0;
        assert!((test.claimed.to_f64() - later).abs() < 1.0, "{test:?} for {later}");
    }
}

#[test]
fn what_runs_on_few_days_is_not_taken_for_the_end_of_the_shift() {
    // The naive case: 200 kW fall at 20, so a machine of 200 kW ran from 16.
    let (_, operate) = scheduled(&press(|k| k % 3 == 0).0, &[machine("press", 200.0, 240.0)]);
    assert_eq!((&operate.work().unseen[..], operate.work().plans.len()), (&["press".into()][..], 0));
}

#[test]
fn noise_does_not_make_a_stated_machine() {
    // The naive case: some days rise and fall by its power at its hours by chance.
    let mut f = year(|d, s| 600.0 + ((d * 7919 + s * 104_729 + d * s * 31) % 401) as f64 - 200.0);
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    let stated = Equipment { usual_start: Some(600), ..machine("press", 120.0, 60.0) };
    let (_, operate) = scheduled(&f, &[stated]);
    assert_eq!((&operate.work().stated_unseen[..], operate.work().plans.len()), (&["press".into()][..], 0));
}

#[test]
fn what_runs_where_it_is_cheapest_stays() {
    let f = plant(BillingMode::Capacity);
    let crusher = Equipment { earliest: 480, latest: 1080, ..stated_crusher() };
    let (state, operate) = scheduled(&f, &[crusher]);
    assert!(operate.work().plans.is_empty() && operate.work().stated_unseen.is_empty(), "its window has one price");
    assert_eq!(operate.apply(&state).load().kw(), state.load().kw());
}

#[test]
fn clock_times_and_months_in_words() {
    let month = |t: &str| Month::of(t.parse().unwrap());
    assert_eq!(clocks(&[0..240, 600..660, 1380..1440]), "10:00–11:00, 23:00–04:00", "one run past midnight");
    assert_eq!(clocks(&[60..240, 1380..1440]), "01:00–04:00, 23:00–24:00");
    let all = ["2025-01-01", "2025-02-01", "2025-12-01"].map(month);
    assert_eq!(months(&all), "2025-01–2025-02, 2025-12");
}

#[test]
fn what_the_first_months_teach_is_kept_in_later_ones_that_are_like_them() {
    let test = |f: &Fixture| {
        let list = [machine("crusher", 160.0, 240.0), machine("mill", 90.0, 180.0)];
        work_backtest(&f.state(), &f.labels(), (&list, &|_| true), TERMS, 6).unwrap()
    };
    for mode in [BillingMode::Demand, BillingMode::Capacity] {
        let same = test(&plant(mode));
        assert!(same.claimed > Money::ZERO && same.share().unwrap() > 0.99, "{same:?}");
        assert!(same.realised <= same.claimed, "{same:?}");
        // From July on the crusher no longer runs: only the mill's part is there.
        let mut f = plant(mode);
        let kinds = f.labels().kinds;
        for day in (181..365).filter(|d| kinds[*d] == DayKind::Workday) {
            f.kw[day * 96 + 36..day * 96 + 52].iter_mut().for_each(|v| *v -= 160.0);
        }
        let less = test(&f);
        assert!(less.claimed < same.claimed && less.realised <= less.claimed, "{less:?}");
    }
}

#[test]
fn each_move_is_priced_after_those_that_save_more() {
    let (_, operate) =
        scheduled(&plant(BillingMode::Demand), &[machine("mill", 90.0, 180.0), machine("crusher", 160.0, 240.0)]);
    let work = operate.work();
    assert!(work.plans.iter().flat_map(|p| &p.moves).all(|m| m.saving > Money::ZERO), "{work:?}");
    assert_eq!(work.plans.iter().flat_map(|p| &p.moves).map(|m| m.saving).sum::<Money>(), work.saving);
}

#[test]
fn months_share_a_schedule_where_that_costs_little() {
    let mut f = plant(BillingMode::Capacity);
    let windows = "windows = { peak = [\"08:00-20:00\"], valley = [\"00:00-08:00\"], flat = [\"20:00-24:00\"] }";
    assert!(TARIFF.contains(windows));
    let half = |months: &str, valley: &str, rest: &str| {
        format!("months = {months}\nwindows = {{ peak = [\"08:00-20:00\"], valley = [\"{valley}\"], flat = [{rest}] }}")
    };
    let first = half("[1, 2, 3, 4, 5, 6]", "00:00-04:00", "\"04:00-08:00\", \"20:00-24:00\"");
    let second = half("[7, 8, 9, 10, 11, 12]", "00:15-04:15", "\"00:00-00:15\", \"04:15-08:00\", \"20:00-24:00\"");
    f.tariff = Some(TARIFF.replace(windows, &format!("{first}\n[[schedule]]\n{second}")));
    let hours = |same_share: f64| {
        let (state, labels) = (f.state(), f.labels());
        let terms = OperateTerms { same_share, ..TERMS };
        let operate = work_schedule(&state, &labels, (&[stated_crusher()], &|_| true), terms).unwrap();
        let work = operate.work();
        (work.plans.iter().map(|p| p.moves[0].to.clone()).collect::<Vec<_>>(), work.gap, work.exact, work.saving)
    };
    let (own, no_gap, exact, most) = hours(0.0);
    assert_eq!((own.as_slice(), exact), ([vec![0..240], vec![15..255]].as_slice(), true));
    let (shared, gap, exact, saving) = hours(0.05);
    assert_eq!((shared.as_slice(), exact), ([vec![0..240], vec![0..240]].as_slice(), false));
    // A quarter of an hour at 0.60 instead of 0.30 on each day of the second half: the gap is what it costs.
    let cost = (most - saving).to_f64();
    assert!(no_gap < 0.01 && cost > 1000.0 && (gap - cost).abs() < 0.05, "{gap} {cost}");
}
