//! R11: of how much reading, and in which months, transformers are told to rest.

use super::suspended::{TWO_YEARS, plant, suspended, years};
use super::tests::{More, row, run_with};
use super::*;
use crate::customer::{BillingMode, Transformer};
use crate::report::AdviceText;
use crate::rule::{Outcome, find};
use crate::text::Language;
use crate::time::Date;
use crate::units::Kva;
use crate::whatif::fixture::Fixture;

/// A light load on 2 × 1,000 kVA of which so many days were read.
fn read(n_days: usize, reading_day: u8) -> (Fixture, More) {
    let (mut f, more) = plant(300.0, &[("A", 1000.0), ("B", 1000.0)], BillingMode::Capacity);
    f.n_days = n_days;
    f.kw.truncate(n_days * 96);
    f.customer.contract.reading_day = reading_day;
    (f, more)
}

fn answer((f, more): &(Fixture, More)) -> (Vec<Advice>, crate::analysis::Plan) {
    let (rows, plan, _) = run_with(f, more, &[find("R11").unwrap()]);
    (rows, plan)
}

#[test]
fn a_season_is_not_guessed_from_a_part_of_a_year() {
    // The naive promise of two months read: one month at rest, told as six.
    for n_days in [59, 120, 304] {
        let rows = answer(&read(n_days, 1)).0;
        let found = row(&rows, "R11").unwrap();
        assert!(found.verdict == Outcome::Missing && found.needs == ["year"], "{n_days}: {found:?}");
    }
    // Of whom no reading could change the answer none is asked for.
    for kw in [300.0, 1900.0] {
        let (mut f, more) = read(120, 1);
        f.kw.fill(kw);
        f.customer.transformers.truncate(if kw > 1000.0 { 2 } else { 1 });
        let (rows, plan) = answer(&(f, more));
        assert!(rows.is_empty() && plan.rejected[0].reason.is_some(), "{kw}: {rows:?}");
    }
}

#[test]
fn what_is_promised_are_the_months_that_are_told() {
    // Eleven months, or a year whose first and last cycle are cut: the naive year counts twelfths of eleven.
    for fixture in [read(334, 1), read(365, 20), read(365, 1)] {
        let (rows, plan) = answer(&fixture);
        let found = row(&rows, "R11").unwrap();
        let six = 6.0 * 25.0 * 1000.0;
        assert_eq!(found.evidence.figures["suspended_months"].value, 6.0);
        assert_eq!(found.saving_alone.unwrap().to_f64(), six);
        assert_eq!(found.saving_high.unwrap().to_f64(), 1.1 * six, "other prices, and no more months than are told");
        for sum in [plan.saving, plan.saving_headline, plan.bill_now.zip(plan.bill_after).map(|(now, then)| now - then)]
        {
            assert_eq!(sum, found.saving_alone);
        }
        let told = explain_advice(&serde_json::to_value(&found.evidence).unwrap(), "R11", &found.advice_id);
        assert!(told.contains("A year: 150,000.00") && told.contains("135,000.00 to 165,000.00"), "{told}");
    }
}

#[test]
fn another_way_of_billing_is_not_won_by_scattered_months() {
    // By capacity each month costs 1,900 more and each at rest 10,600 less: the naive months are spread over all quarters.
    let (f, mut more) = plant(890.0, &[("T1", 1000.0), ("T2", 500.0)], BillingMode::Demand);
    more.thresholds.suspend_loading = 0.9;
    let why = suspended(&f, &more).unwrap_err();
    assert!(why.contains("quarters in which it is cheaper: 2 of 4"), "{why}");
    // Of eleven months the twelfth would be a guess.
    let (mut f, more) = super::suspended::dearer_by_the_mode();
    assert!(suspended(&f, &more).is_ok());
    f.n_days = 334;
    f.kw.truncate(334 * 96);
    assert!(suspended(&f, &more).is_err());
}

#[test]
fn months_that_are_worth_the_same_begin_as_soon_as_they_can() {
    // The naive choice is that of the meter's noise: the six least maxima.
    let (mut f, mut more) = plant(0.0, &[("T1", 1000.0), ("T2", 800.0)], BillingMode::Capacity);
    let noise = |i: usize| ((i as f64 * 12.9898).sin() * 43_758.545).fract();
    f.kw = (0..365 * 96).map(|i| 300.0 + 20.0 * noise(i)).collect();
    for (today, months) in [
        ("2026-01-05", "2026-02-01 – 2026-07-31"),
        ("2026-02-10", "2026-03-01 – 2026-08-31"),
        ("2026-11-27", "2027-01-01 – 2027-06-30"),
    ] {
        more.today = today.parse().ok();
        assert_eq!(suspended(&f, &more).unwrap().evidence.notes["suspend_dates"], months, "{today}");
    }
}

/// 600 kW on 800 + 150 kVA over some years, but 850 kW for an hour on some days.
fn needles(n_days: usize, on: &[&str]) -> (Fixture, More) {
    let (mut f, more) = years(n_days, |_, _| 600.0);
    f.customer.transformers = [("A", 800.0), ("B", 150.0)].map(|(n, s)| Transformer::running(n, s)).into();
    f.customer.contract.capacity = Some(Kva::new(950.0));
    for day in on {
        let day = (day.parse::<Date>().unwrap().0 - f.from.0) as usize * 96;
        f.kw[day + 40..day + 44].fill(850.0);
    }
    (f, more)
}

#[test]
fn a_load_has_risen_that_has_not_fallen_again() {
    // By months December is high, and so is the load "until the end of the readings".
    for day in ["2024-06-03", "2024-12-03", "2024-12-16"] {
        let (f, more) = needles(366, &[day]);
        let found = suspended(&f, &more).unwrap();
        assert!(found.headline && found.saving_alone.unwrap().to_f64() == 6.0 * 25.0 * 150.0, "{day}: {found:?}");
    }
    let (f, more) = needles(366, &["2024-11-20", "2024-12-10", "2024-12-24"]);
    let found = suspended(&f, &more).unwrap();
    assert!(!found.headline && found.evidence.notes["high_since"] == "2024-12-10", "{:?}", found.evidence.notes);
    assert!(AdviceText::new(&found, Language::En).action.contains("from 2024-12-10 until the end of the readings"));
}

#[test]
fn months_without_a_doubt_rest_before_those_with_one() {
    // Any six months are worth the same; the naive choice has November and December, which were high the year before.
    for today in ["2026-01-05", "2026-05-20", "2026-09-15"] {
        for before in [&["2024-11-05", "2024-12-05"][..], &["2024-08-03"]] {
            let (f, more) = needles(TWO_YEARS, before);
            let found = suspended(&f, &More { today: today.parse().ok(), ..more }).unwrap();
            assert!(found.headline && found.saving_alone.unwrap().to_f64() == 6.0 * 25.0 * 150.0, "{today}: {found:?}");
        }
    }
}
