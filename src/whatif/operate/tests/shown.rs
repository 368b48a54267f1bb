//! What a load shows of machines, and what it does not.

use super::*;

/// A plant of 300 kW that works 8–20 with so much more on workdays, resting for an hour at noon where it does.
fn shift(kw: f64, rests: bool, more: impl Fn(usize, usize) -> f64) -> Fixture {
    let mut f = year(|_, _| 0.0);
    let kinds = f.labels().kinds;
    let at = |d: usize, s: usize| {
        let works = kinds[d] == DayKind::Workday && (32..80).contains(&s) && !(rests && (48..52).contains(&s));
        300.0 + if works { kw } else { 0.0 } + ((d * 7 + s * 3) % 11) as f64
    };
    f.kw = (0..365).flat_map(|d| (0..96).map(move |s| (d, s))).map(|(d, s)| at(d, s) + more(d, s)).collect();
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    f
}

#[test]
fn a_shift_before_its_break_is_no_machine() {
    // The naive case: the load rises at 8 and falls at 12 by about the machine's power, as that of a morning does.
    let plain = shift(200.0, true, |_, _| 0.0);
    for kw in [140.0, 190.0, 240.0, 260.0, 300.0] {
        for usual_start in [None, Some(480)] {
            let list = [Equipment { usual_start, ..machine("press", kw, 240.0) }];
            let (_, operate) = scheduled(&plain, &list);
            // Who states power and hours to the point is believed.
            assert_eq!(operate.work().plans.is_empty(), kw != 190.0 || usual_start.is_none(), "{kw} {usual_start:?}");
        }
    }
    // Nor is it where the afternoon is weaker, or the break longer.
    let works = plain.labels().kinds;
    for (afternoon, kw) in [(52..68, 160.0), (60..80, 200.0), (52..68, 120.0), (52..68, 135.0)] {
        let on = |d: usize, s: usize| {
            let of = |range: &Range<usize>, kw: f64| if range.contains(&s) { kw } else { 0.0 };
            if works[d] == DayKind::Workday { of(&(32..48), 200.0) + of(&afternoon, kw) } else { 0.0 }
        };
        for listed in [200.0, 250.0] {
            let (_, operate) = scheduled(&shift(0.0, false, on), &[machine("press", listed, 240.0)]);
            assert!(operate.work().plans.is_empty(), "{afternoon:?} {listed}");
        }
    }
    // A machine beside it is seen, whether its level is that of the afternoon or not.
    for (range, kw) in [(16..28, 200.0), (56..68, 200.0), (36..48, 90.0)] {
        let on = |_: usize, s: usize| if range.contains(&s) { kw } else { 0.0 };
        let minutes = range.len() as f64 * 15.0;
        let (_, operate) = scheduled(&shift(200.0, true, on), &[machine("press", kw, minutes)]);
        assert!(operate.work().unseen.is_empty(), "{range:?}");
    }
}

#[test]
fn what_moves_is_the_power_that_the_load_shows() {
    let works = shift(0.0, false, |_, _| 0.0).labels().kinds;
    let cases = [(110.0, 0.0, Some(110.0)), (150.0, 0.0, Some(150.0)), (195.0, 0.0, Some(200.0)), (300.0, 0.0, None)];
    // A lathe of 80 kW starts with the press: together they rise by 200 kW.
    for (real, lathe, moved) in cases.into_iter().chain([(120.0, 80.0, Some(120.0))]) {
        let on = |d: usize, s: usize| {
            let of = |range: Range<usize>, kw: f64| {
                if works[d] == DayKind::Workday && range.contains(&s) { kw } else { 0.0 }
            };
            of(40..56, real) + of(40..72, lathe)
        };
        let f = shift(200.0, false, on);
        let (_, operate) = scheduled(&f, &[machine("press", 200.0, 240.0)]);
        let kw = operate.work().plans.first().map(|p| p.moves[0].kw.get());
        // The naive case: 200 kW leave a load that holds 110 of them.
        match moved {
            Some(kw_moved) => assert!((kw.unwrap() - kw_moved).abs() < 3.0, "{real}: {kw:?}"),
            None => assert_eq!(kw, None, "half as much again is another load"),
        }
    }
}

#[test]
fn another_load_inside_the_hours_of_a_machine_is_none_of_it() {
    let works = shift(0.0, false, |_, _| 0.0).labels().kinds;
    let list = [machine("press", 200.0, 240.0)];
    let seen = |of: &[(Range<usize>, f64)]| {
        let on = |d: usize, s: usize| -> f64 {
            let inside = |(range, kw): &(Range<usize>, f64)| if range.contains(&s) { *kw } else { 0.0 };
            if works[d] == DayKind::Workday { of.iter().map(inside).sum() } else { 0.0 }
        };
        let (_, operate) = scheduled(&shift(100.0, false, on), &list);
        operate.work().plans.first().map(|p| (p.moves[0].from[0].start / 60, p.moves[0].kw.get().round()))
    };
    // The naive case: in its hours the load stands above what is beside them by the power of both.
    assert_eq!(seen(&[(40..56, 120.0), (42..54, 80.0)]), Some((10, 120.0)));
    // The naive case: 250 kW rise at 16 and end at 18, the shift of 100 kW falls at 20, and so a press ran from 16 to 20.
    let late = (64..72, 250.0);
    assert_eq!(seen(std::slice::from_ref(&late)), None);
    // Nor do two of 200 kW of half an hour each, at the hours of its start and of its end.
    assert_eq!(seen(&[(40..42, 200.0), (54..56, 200.0)]), None);
    assert_eq!(seen(&[(64..68, 200.0), (32..80, 100.0)]), None, "nor one of an hour and as great a shift");
    // One that starts within a shift and ends behind it does.
    assert_eq!(seen(&[(72..88, 200.0)]), Some((18, 200.0)));
    assert_eq!(seen(&[(40..56, 120.0), (42..54, 80.0), late]), Some((10, 120.0)));
}

#[test]
fn days_of_something_smaller_are_no_days_of_the_machine() {
    let works = shift(0.0, false, |_, _| 0.0).labels().kinds;
    for usual_start in [None, Some(600)] {
        for other in [0.0, 90.0, 100.0, 110.0] {
            // On each third day another product, or the machine at part of its power.
            let kw = |d: usize| if d % 3 == 0 { other } else { 150.0 };
            let on = |d: usize, s: usize| {
                if works[d] == DayKind::Workday && (40..56).contains(&s) { kw(d) } else { 0.0 }
            };
            let list = [Equipment { usual_start, ..machine("press", 150.0, 240.0) }];
            let (_, operate) = scheduled(&shift(100.0, false, on), &list);
            let days = (0..365).filter(|d| works[*d] == DayKind::Workday && d % 3 != 0).count();
            let [plan] = &operate.work().plans[..] else { panic!("{} plans", operate.work().plans.len()) };
            // The naive case: all working days, at the power of most.
            assert_eq!((plan.n_days, plan.moves[0].kw.get().round()), (days, 150.0), "{other}");
        }
    }
}

#[test]
fn a_row_of_machines_moves_with_the_power_that_it_shows() {
    let works = shift(0.0, false, |_, _| 0.0).labels().kinds;
    let on = |d: usize, s: usize| match s {
        36..52 if works[d] == DayKind::Workday => 120.0,
        52..72 if works[d] == DayKind::Workday => 80.0,
        _ => 0.0,
    };
    let of = |name: &str, kw: f64, minutes: f64| Equipment { crew: Some("A".into()), ..machine(name, kw, minutes) };
    let (_, operate) = scheduled(&shift(100.0, false, on), &[of("melt", 150.0, 240.0), of("cast", 100.0, 300.0)]);
    let moved: Vec<f64> = operate.work().plans[0].moves.iter().map(|m| m.kw.get()).collect();
    // The naive case: 150 and 100 kW leave a load that holds 120 and 80 of them.
    assert!(moved.len() == 2 && (moved[0] - 120.0).abs() < 3.0 && (moved[1] - 80.0).abs() < 3.0, "{moved:?}");
}

#[test]
fn a_run_past_midnight_is_seen_at_its_hours() {
    let on = |_: usize, s: usize| if !(8..72).contains(&s) { 250.0 } else { 0.0 };
    for usual_start in [None, Some(18 * 60)] {
        let list = [Equipment { usual_start, ..machine("press", 250.0, 480.0) }];
        let (_, operate) = scheduled(&shift(200.0, false, on), &list);
        let work = operate.work();
        assert!(work.unseen.is_empty() && work.stated_unseen.is_empty(), "{usual_start:?}");
        // Two hours from 1.00 and four from 0.60, all to 0.30, every day.
        let by_hand = 365.0 * 250.0 * (2.0 * 0.7 + 4.0 * 0.3);
        assert!((work.saving.to_f64() / by_hand - 1.0).abs() < 0.02, "{} for {by_hand}", work.saving);
    }
}

#[test]
fn a_machine_has_the_least_power_that_a_kind_of_day_shows() {
    let works = shift(0.0, false, |_, _| 0.0).labels().kinds;
    let kw = |f: &Fixture, listed: f64| -> Vec<f64> {
        let (_, operate) = scheduled(f, &[machine("press", listed, 240.0)]);
        operate.work().plans.iter().map(|p| p.moves[0].kw.get()).collect()
    };
    // The naive case: on days off half a shift of 80 kW works at the hours of the press of 120, and both step as one of 200.
    let half = shift(80.0, false, |d, s| {
        if (40..56).contains(&s) { if works[d] == DayKind::Workday { 120.0 } else { 200.0 } } else { 0.0 }
    });
    assert!(kw(&half, 200.0).iter().all(|kw| (kw - 120.0).abs() < 3.0) && !kw(&half, 200.0).is_empty());
    // As it starts the shift of 100 kW ends on workdays: less than its 250 kW moves on all days, never more.
    let hidden = shift(100.0, false, |_, s| if (80..96).contains(&s) { 250.0 } else { 0.0 });
    assert_eq!(kw(&hidden, 250.0), [150.0; 3]);
}

#[test]
fn what_has_moved_already_or_has_gone_is_not_moved() {
    let works = shift(0.0, false, |_, _| 0.0).labels().kinds;
    let press = machine("press", 200.0, 240.0);
    let plant = |hours: &dyn Fn(usize) -> Range<usize>| {
        shift(200.0, false, |d, s| if works[d] == DayKind::Workday && hours(d).contains(&s) { 200.0 } else { 0.0 })
    };
    for until in [181, 243] {
        for late in [0..0, 0..16] {
            let f = plant(&|d| if d < until { 40..56 } else { late.clone() });
            for usual_start in [None, Some(600)] {
                let (_, operate) = scheduled(&f, &[Equipment { usual_start, ..press.clone() }]);
                let work = operate.work();
                // The naive case: eight months of the past year promised for the next one.
                assert!(work.plans.is_empty(), "{until} {late:?} {usual_start:?}: {:?}", work.plans);
                let last = work.lapsed.first().map(|l| f.days().day_of(l.last).unwrap());
                // What half of the year shows is not on the median day, unless its start is stated.
                let seen = until == 243 || usual_start.is_some();
                assert_eq!(last.is_some_and(|d| d < until && d + 5 > until), seen, "{last:?}");
            }
        }
    }
    // On days off it has gone, on working days it runs on: the naive cases are a note that it has gone, and 20 holidays
    // that are moved because eight since October are too few to tell.
    let days_off = shift(100.0, false, |d, s| {
        if (40..56).contains(&s) && (works[d] == DayKind::Workday || d < 270) { 200.0 } else { 0.0 }
    });
    let (_, operate) = scheduled(&days_off, std::slice::from_ref(&press));
    let work = operate.work();
    assert!(!work.plans.is_empty() && work.plans.iter().all(|p| p.day_kind == DayKind::Workday), "{:?}", work.plans);
    let kinds: Vec<&[DayKind]> = work.lapsed.iter().map(|l| l.kinds.as_slice()).collect();
    assert_eq!(kinds, [[DayKind::Restday, DayKind::Holiday]]);
    // A machine of a season rests behind it, for longer than before it, too.
    for season in [151..243, 59..212] {
        let summer = plant(&|d| if season.contains(&d) { 40..56 } else { 0..0 });
        let (_, operate) = scheduled(&summer, &[Equipment { usual_start: Some(600), ..press.clone() }]);
        assert!(!operate.work().plans.is_empty() && operate.work().lapsed.is_empty(), "{season:?}");
    }
}

#[test]
fn a_start_more_must_pay() {
    // By night the load wavers by a few kW: three parts of a charge would lower the maximum by a little.
    let wavering = |_: usize, s: usize| if s < 32 { 95.0 + ((s * 5) % 9) as f64 } else { 0.0 };
    let on = |d: usize, s: usize| wavering(d, s) + if (64..80).contains(&s) { 250.0 } else { 0.0 };
    let mut f = shift(200.0, false, on);
    f.customer.contract.billing_mode = Some(BillingMode::Demand);
    let charger = Equipment {
        interruptible: true,
        min_run_minutes: 60,
        usual_start: Some(16 * 60),
        ..machine("charger", 250.0, 240.0)
    };
    let runs = |same_share: f64| {
        let terms = OperateTerms { same_share, ..TERMS };
        let list = std::slice::from_ref(&charger);
        let operate = work_schedule(&f.state(), &f.labels(), (list, &|_| true), terms).unwrap();
        let work = operate.work();
        (work.plans[0].moves[0].to.len(), work.gap, work.saving)
    };
    let ((parts, no_gap, most), (whole, gap, saving)) = (runs(0.0), runs(0.01));
    assert!(parts > 1 && whole == 1, "{parts} {whole}");
    assert!(no_gap < 0.01 && gap >= (most - saving).to_f64() - 0.05, "{gap} for {most} less {saving}");
}

#[test]
fn a_machine_runs_whole_where_only_another_must_be_interrupted() {
    // By night 250 kW from 2 to 3: six hours whole would stand on them, four from 3 on would not.
    let works = year(|_, _| 0.0).labels().kinds;
    let on = |d: usize, s: usize| {
        let of = |range: Range<usize>, kw: f64| if range.contains(&s) { kw } else { 0.0 };
        let machines = if works[d] == DayKind::Workday { of(36..60, 150.0) + of(40..56, 80.0) } else { 0.0 };
        of(8..12, 250.0) + machines
    };
    let mut f = shift(100.0, false, on);
    f.customer.contract.billing_mode = Some(BillingMode::Demand);
    let parted = |name: &str, kw: f64, minutes: f64| Equipment {
        interruptible: true,
        min_run_minutes: 30,
        ..machine(name, kw, minutes)
    };
    let (_, operate) = scheduled(&f, &[parted("oven", 150.0, 360.0), parted("mill", 80.0, 240.0)]);
    let moves = &operate.work().plans[0].moves;
    let runs = |name: &str| moves.iter().find(|m| &*m.equipment == name).map(|m| m.to.len());
    // The naive case: since the oven cannot run whole, the mill is interrupted, too.
    assert_eq!((runs("oven"), runs("mill")), (Some(2), Some(1)), "{moves:?}");
}

#[test]
fn what_odd_days_lack_or_cut_short_is_no_power_of_a_machine() {
    // A press of 120 kW from 10 to 14, listed with 200; on three days nothing else runs in these hours, either. The naive
    // power beyond the other days is all that these lack.
    let kinds = year(|_, _| 0.0).labels().kinds;
    let workdays: Vec<usize> = (0..365).filter(|d| kinds[*d] == DayKind::Workday).collect();
    let of = |odd: &[usize], odd_press: Range<usize>, odd_shift: bool, press: f64| {
        let odd: Vec<usize> = odd.iter().map(|i| workdays[*i]).collect();
        let mut f = year(|d, s| {
            let works = kinds[d] == DayKind::Workday;
            let is_odd = odd.contains(&d);
            let shift = works && (32..80).contains(&s) && (!is_odd || odd_shift || !(40..56).contains(&s));
            let runs = works && if is_odd { odd_press.contains(&s) } else { (40..56).contains(&s) };
            200.0 + if shift { 200.0 } else { 0.0 } + if runs { press } else { 0.0 }
        });
        f.customer.contract.billing_mode = Some(BillingMode::Capacity);
        f
    };
    let told = |f: &Fixture, listed: f64| {
        let (_, operate) = scheduled(f, &[machine("press", listed, 240.0)]);
        let moves: Vec<Move> = operate.work().plans.iter().flat_map(|p| p.moves.clone()).collect();
        let days: usize = moves.iter().filter(|m| m.n_days > 0).map(|m| m.n_days).sum();
        (moves.iter().map(|m| m.kw.get()).fold(0.0, f64::max), days)
    };
    let (kw, _) = told(&of(&[20, 90, 170], 0..0, false, 120.0), 200.0);
    assert!((kw - 120.0).abs() < 1.0, "{kw} kW");
    // As listed, and on twelve days for two hours alone: the naive reading beyond these days has no rise.
    let short: Vec<usize> = (0..12).map(|i| 20 * i + 3).collect();
    let (kw, days) = told(&of(&short, 40..48, true, 150.0), 150.0);
    assert!((kw - 150.0).abs() < 1.0 && days >= workdays.len() - 12 - 3, "{kw} kW on {days} days");
}
