//! The powers and energies that a recommendation carries: what falls, what could be lowered on request, and
//! nothing else.

use super::guards::{advice, light};
use super::tests::{More, run_with};
use super::*;
use crate::customer::{Event, EventKind, Meter, MeteringSide, Sector};
use crate::quality::{Issue, Severity};
use crate::time::Date;
use crate::units::Kw;
use crate::whatif::fixture::{Fixture, flat_year, year};

#[test]
fn what_falls_is_a_maximum_and_nothing_else() {
    let powers = |f: &Fixture, code: &str| {
        let found = advice(f, &More::default(), code);
        (found.kw_reduced, found.kw_potential)
    };
    // R19: the size of a swing; R09: a load that is higher.
    let erratic = year(|d, s| if s == d * 37 % 96 { 500.0 } else { 200.0 });
    assert_eq!(powers(&erratic, "R19"), (None, None));
    let mut drifted = flat_year(300.0);
    drifted.n_days = 730;
    drifted.kw = (0..730 * 96).map(|i| if i / 96 < 650 { 300.0 } else { 345.0 }).collect();
    drifted.customer.sector = Some(Sector::DiscreteManufacturing);
    assert_eq!(powers(&drifted, "R09"), (None, None));
    assert_eq!(powers(&low_days(300.0), "R15"), (None, Some(Kw::new(200.0))), "no bill falls by it");
}

#[test]
fn losses_of_a_suspension_are_no_load_that_moves() {
    let mut f = light(&[("T1", 1000.0), ("T2", 800.0)]);
    for unit in &mut f.customer.transformers {
        (unit.p0_kw, unit.pk_kw) = (Some(1.5), Some(10.0));
    }
    let high = Meter { metering_side: Some(MeteringSide::High), ..Meter::alone(&"T1".into()) };
    let found = advice(&f, &More { meters: vec![high], ..More::default() }, "R11");
    assert_eq!((found.kw_reduced, found.kwh_saved, found.kwh_shifted), (None, None, None));
    assert_eq!(found.evidence.notes["losses"], "counted");
    // Of 300 kW 1.5 kW of no-load losses fall away; load losses per kW² grow from Pk / S² of both to that of the rest.
    let rest: f64 = if found.evidence.notes["units"] == "T1" { 800.0 } else { 1000.0 };
    let hours = 24.0
        * (found.evidence.arithmetic.as_ref().unwrap().monthly_saving.iter())
            .zip([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
            .filter(|(saved, _)| **saved > Money::ZERO)
            .map(|(_, days)| f64::from(days))
            .sum::<f64>();
    let kw = 1.5 - 300.0 * 300.0 * (10.0 / (rest * rest) - 20.0 / (1800.0 * 1800.0));
    let spared = found.evidence.figures["losses_spared"].value;
    assert!(hours > 4_000.0 && (spared - kw * hours).abs() < 1.0, "{spared} kWh, not {}", kw * hours);
    assert!(!found.evidence.figures.contains_key("losses_added"));
}

/// 500 kW from 8 to 20 o'clock, on every fifth day another power; 200 kW otherwise.
fn low_days(kw: f64) -> Fixture {
    year(move |d, s| match s {
        32..80 if d % 5 == 0 => kw,
        32..80 => 500.0,
        _ => 200.0,
    })
}

#[test]
fn days_without_work_or_readings_are_no_flexibility() {
    let advises = |f: &Fixture, more: &More| {
        let rows = run_with(f, more, &[crate::rule::find("R15").unwrap()]).0;
        rows.first().map(|r| r.evidence.figures["days_left_out"].value)
    };
    let plain = More::default();
    assert_eq!(advises(&low_days(300.0), &plain), Some(0.0));
    assert_eq!(advises(&low_days(0.0), &plain), None, "a dead channel, though work goes on every day of the week");
    assert_eq!(advises(&low_days(210.0), &plain), None, "no more than by night, though rest days are worked");
    // Plants that stand still on rest days: a working day like those was none, one at half load was.
    let resting = |kw: f64| {
        let mut f = low_days(kw);
        let labels = f.labels();
        let rests = |d: usize| labels.kinds[d] != crate::time::DayKind::Workday;
        f.kw.iter_mut().enumerate().filter(|(i, _)| rests(i / 96)).for_each(|(_, kw)| *kw = 200.0);
        f
    };
    assert_eq!(advises(&resting(210.0), &plain), None);
    assert!(advises(&resting(350.0), &plain).is_some());
    // The same value all day long, as check V09 says of each of these days.
    let stuck = |d: usize| Issue {
        code: "V09",
        severity: Severity::Advisory,
        meter: None,
        first: Some(d * 96),
        last: Some(d * 96 + 95),
        n_intervals: 96,
        evidence: serde_json::Value::Null,
    };
    let low = low_days(300.0);
    let told = More { issues: (0..365).filter(|d| d % 5 == 0).map(stuck).collect(), ..More::default() };
    assert_eq!(advises(&low, &told), None);
    let sum = Issue { n_intervals: 96, first: Some(0), last: Some(364 * 96 + 95), ..stuck(0) };
    assert!(advises(&low, &More { issues: vec![sum], ..More::default() }).is_some(), "a sum of runs has no place");
    // Shutdowns are listed; a curtailment is what is asked for.
    let listed = |kind| {
        let mut f = low_days(300.0);
        let day = |d: &i32| f.from.plus(*d)..f.from.plus(*d + 1);
        f.customer.events = (0..365).filter(|d| d % 5 == 0).map(|d| Event::on_dates(day(&d), kind)).collect();
        advises(&f, &More::default())
    };
    assert_eq!(listed(EventKind::Shutdown), None);
    assert_eq!(listed(EventKind::Curtailment), Some(0.0));
}

#[test]
fn growth_weeks_off_fridays_and_alternating_shifts_are_no_low_days() {
    let told = |f: &Fixture| run_with(f, &More::default(), &[crate::rule::find("R15").unwrap()]).0.len();
    let work = |d: usize| Date::from_ymd(2025, 1, 1).unwrap().plus(d as i32).weekday();
    let by_day = |kw: &dyn Fn(usize, usize) -> f64| year(|d, s| if (32..80).contains(&s) { kw(d, s) } else { 400.0 });
    // The naive measure, median less tenth percentile slot by slot over the season, finds 250 kW and more in each.
    assert_eq!(told(&by_day(&|d, _| if d < 108 { 600.0 } else { 1_000.0 })), 0, "growth in April");
    assert_eq!(told(&by_day(&|d, _| if (185..206).contains(&d) { 600.0 } else { 1_000.0 })), 0, "three weeks off");
    assert_eq!(told(&by_day(&|d, s| if work(d) == 4 && s >= 48 { 400.0 } else { 1_000.0 })), 0, "Friday afternoons");
    let early = |d: usize, s: usize| (d / 7 % 2 == 0) == (s < 56);
    assert_eq!(told(&by_day(&|d, s| if early(d, s) { 1_000.0 } else { 500.0 })), 0, "shifts in turn");
    // Weeks that take turns: 500 kW of 1,000, which no working day is below. The days around and the like weekdays of
    // every week are mostly of the other kind.
    for weeks in [2, 3] {
        assert_eq!(told(&by_day(&|d, _| if d / 7 % weeks == 0 { 500.0 } else { 1_000.0 })), 0, "every {weeks} weeks");
    }
    assert_eq!(
        told(&by_day(&|d, _| if work(d) == 4 && d / 7 % 2 == 0 { 500.0 } else { 1_000.0 })),
        0,
        "Fridays in turn"
    );
    // One day in eight at seven tenths stays.
    let f = by_day(&|d, _| if d % 8 == 0 { 700.0 } else { 1_000.0 });
    let found = advice(&f, &More::default(), "R15");
    assert_eq!(found.kw_potential, Some(Kw::new(300.0)));
    // What is told beside it agrees with it, of a load that rises and falls over the season as well.
    for f in [f, by_day(&|d, _| if d % 8 == 0 { 600.0 } else { 800.0 + 2.0 * (d % 90) as f64 })] {
        let figures = advice(&f, &More::default(), "R15").evidence.figures;
        let [usual, low, potential] = ["usual", "low", "potential"].map(|name| figures[name].value);
        assert!(low > 0.0 && usual - low >= potential - 1e-9, "{usual} {low} {potential}");
    }
}
