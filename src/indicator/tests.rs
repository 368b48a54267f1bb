//! What holds of every indicator, and special cases that concern several.

use super::card::{Card, HEADINGS};
use super::example::{Case, parse};
use super::*;
use crate::curve::{Load, testing};
use crate::customer::Transformer;
use std::collections::BTreeSet;

#[test]
fn every_card_is_complete() {
    for i in INDICATORS {
        let card = Card::new(i.card());
        assert_eq!(card.code(), Some(i.code()), "title is `# code — 中文 / English`");
        let (zh, en) = card.names().unwrap_or_default();
        assert!(zh.chars().any(|c| !c.is_ascii()) && en.is_ascii() && !en.is_empty(), "{}: names", i.code());
        assert_eq!(card.headings(), HEADINGS, "{}", i.code());
        for heading in HEADINGS {
            assert!(card.section(heading).is_some_and(|s| s.len() > 2), "{}: {heading} is empty", i.code());
        }
        let unit = card.section("Unit and range").unwrap();
        assert!(unit.starts_with(if i.unit().is_empty() { "Ratio" } else { i.unit() }), "{}: {unit}", i.code());
    }
}

#[test]
fn codes_are_unique_and_found() {
    let codes: BTreeSet<&str> = INDICATORS.iter().map(|i| i.code()).collect();
    assert_eq!(codes.len(), INDICATORS.len());
    assert!(codes.iter().all(|c| find(c).is_some_and(|i| i.code() == *c)));
    assert!(find("nothing").is_none());
}

#[test]
fn every_example_is_true() {
    for i in INDICATORS {
        let examples = Card::new(i.card()).examples();
        assert!(!examples.is_empty(), "{} has no example", i.code());
        for lines in examples {
            let Some((case, expected, tolerance)) = parse(&lines) else { panic!("{}: {lines:?}", i.code()) };
            let got = case.value(*i);
            let same = match (got, expected) {
                (Some(g), Some(e)) => (g - e).abs() <= tolerance * e.abs().max(1.0),
                (g, e) => g == e,
            };
            assert!(same, "{}: {lines:?} gives {got:?}", i.code());
        }
    }
}

fn readings_of(kw: &[f64]) -> Vec<Reading> {
    Case::of(testing::load(60, &[kw])).view(readings)
}

#[test]
fn readings_stand_in_table_order() {
    let r = readings_of(&[1.0; 24]);
    assert!(r.iter().zip(INDICATORS).all(|(r, i)| (r.code, r.unit) == (i.code(), i.unit())));
    assert_eq!(r.len(), INDICATORS.len());
}

#[test]
fn a_load_of_zeros_has_no_ratio() {
    for r in readings_of(&[0.0; 24 * 400]) {
        assert!(r.value.is_none() || !r.unit.is_empty(), "{} of nothing is {:?}", r.code, r.value);
    }
}

#[test]
fn nothing_at_all_has_no_indicator() {
    assert!(readings_of(&[f64::NAN; 48]).iter().all(|r| r.value.is_none()));
    assert!(readings_of(&[]).iter().all(|r| r.value.is_none()));
}

#[test]
fn a_tenth_of_the_capacity_is_a_load_and_a_thousandth_is_none() {
    let load_factor = |kw: f64| {
        let mut case = Case::of(testing::load(60, &[&[kw; 24]]));
        case.contract.capacity = Some(crate::units::Kva::new(1000.0));
        case.value(find("daily_load_factor").unwrap())
    };
    assert_eq!((load_factor(100.0), load_factor(1.0)), (Some(1.0), None));
}

#[test]
fn gaps_beyond_the_threshold_withhold_what_rests_on_extremes() {
    let with_gaps = |n: usize| {
        let mut kw = vec![50.0; 24 * 20];
        kw[..n].fill(f64::NAN);
        kw[479] = 100.0;
        Case::of(testing::load(60, &[&kw]))
    };
    let value = |n: usize, code: &str| {
        let case = with_gaps(n);
        // The leading gap is expected: the span begins with it.
        case.value(find(code).unwrap())
    };
    assert!(value(24, "load_factor").is_some(), "exactly 95 %");
    assert!(value(25, "load_factor").is_none());
    assert!(value(48, "night_share").is_some(), "exactly 90 %");
    assert!(value(49, "night_share").is_none());
}

#[test]
fn back_feed_makes_negative_minima_and_no_panic() {
    let day: Vec<f64> = (0..24).map(|h| if (10..15).contains(&h) { -80.0 } else { 100.0 }).collect();
    let case = Case::of(testing::load(60, &[&day]));
    assert_eq!(case.value(find("daily_min_load_factor").unwrap()), Some(-0.8));
    assert_eq!(case.value(find("peak_valley_ratio").unwrap()), Some(1.8));
    case.view(readings);
}

#[test]
fn clock_changes_use_real_hours() {
    // A year in Berlin has 8784 hours in 2016, one day of 23 and one of 25.
    let load = testing::load_in("Europe/Berlin", "2016-01-01", 60, &[50.0; 8784]);
    let case = Case::of(load);
    assert_eq!(case.value(find("max_load_hours").unwrap()), Some(8784.0));
    assert_eq!(case.value(find("annual_load_factor").unwrap()), Some(1.0));
    assert_eq!(case.value(find("seasonal_imbalance").unwrap()), Some(1.0));
}

#[test]
fn transformers_in_force_at_the_time_carry_the_load() {
    use crate::customer::UnitState;
    let mut kw = vec![100.0; 48];
    kw[24..].fill(400.0);
    let load = testing::load(60, &[&kw]);
    let channels = crate::curve::Channels {
        kvar: Some(vec![0.0; 48]),
        flags: vec![crate::curve::VALID | crate::curve::REACTIVE; 48],
        kw,
        ..Default::default()
    };
    let load = Load::new(load.days().clone(), 0..48, channels, *load.placement(), load.power_kind());
    let second_day = load.date(1);
    let mut case = Case::of(load);
    let loading = find("transformer_loading").unwrap();
    assert_eq!(case.value(loading), None, "no rating known");
    case.contract.capacity = Some(crate::units::Kva::new(1000.0));
    assert_eq!(case.value(loading), Some(0.4));
    let unit = example::running;
    case.transformers = vec![
        Transformer { valid_to: Some(second_day), ..unit(200.0) },
        Transformer { valid_from: Some(second_day), ..unit(1000.0) },
        Transformer { state: UnitState::Sealed, ..unit(5000.0) },
    ];
    assert_eq!(case.value(loading), Some(0.5), "100 kVA on 200 on the first day");
    let group = Some("A".to_owned());
    case.transformers = vec![
        Transformer { interlock_group: group.clone(), ..unit(800.0) },
        Transformer { interlock_group: group, ..unit(500.0) },
    ];
    assert_eq!(case.value(loading), Some(0.5), "a pair that backs each other up counts once");
}
