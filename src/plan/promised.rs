//! What is promised: the headline by itself, and no two that contradict each other.

use super::guards::{BATTERY, PV, terms};
use super::tests::{More, apply, row, run_with, synthetic_customers};
use super::*;
use crate::customer::{BillingMode, Equipment};
use crate::tariff::{Compiled, Tariff};
use crate::time::DayKind;
use crate::units::Ratio;
use crate::whatif::fixture::{Fixture, TARIFF, flat_year, machine, year};
use crate::whatif::{Change, ChangeTariff, Recontract};
use std::path::Path;
use std::sync::Arc;

/// What is promised of each recommendation: code, sum, range and confidence.
fn promised(rows: &[Advice]) -> Vec<(&'static str, [Option<Money>; 3], Option<Ratio>)> {
    let told = |r: &Advice| (r.code, [r.saving_headline, r.saving_low, r.saving_high], r.confidence);
    let mut out: Vec<_> = rows.iter().filter(|r| r.headline).map(told).collect();
    out.sort_by_key(|r| r.0);
    out
}

#[test]
fn what_is_bought_or_only_possible_changes_nothing_that_is_promised() {
    let (mut moved, mut compared) = (0, 0);
    for (i, f) in synthetic_customers().iter().enumerate() {
        let sold = More { terms: terms(&format!("{BATTERY}{PV}")), ..More::default() };
        // The naive sum, of what is left in the whole plan, changes with what is bought.
        let naive = |rows: &[Advice]| rows.iter().filter(|r| r.headline).filter_map(|r| r.saving_joint).sum::<Money>();
        let free: Vec<&dyn Rule> =
            RULES.iter().filter(|r| !["R01", "R13", "R14"].contains(&r.code())).copied().collect();
        let (alone, plan, state) = run_with(f, &More::default(), &free);
        for (rules, more) in [(&free[..], &sold), (RULES, &More::default()), (RULES, &sold)] {
            let (rows, other, _) = run_with(f, more, rules);
            assert_eq!(other.saving_headline, plan.saving_headline, "customer {i}");
            assert_eq!(promised(&rows), promised(&alone), "customer {i}");
            let told: Money = rows.iter().filter_map(|r| r.saving_headline).sum();
            assert_eq!(Some(told), other.saving_headline, "customer {i}");
            assert_eq!(other.saving, Some(rows.iter().filter_map(|r| r.saving_joint).sum()), "customer {i}");
            moved += usize::from(naive(&rows) != naive(&alone));
            compared += 1;
        }
        // Its members applied one after the other and billed once.
        let after = apply((f, &More::default()), &state, |r| row(&alone, r.code()).is_some_and(|r| r.headline));
        let year = Year::of(&state).unwrap();
        let billed = |s: &State| year.amount(s.bill().unwrap()).unwrap();
        assert_eq!(plan.saving_headline, Some(billed(&state) - billed(&after)), "customer {i}");
    }
    assert!(moved >= compared / 3, "the naive sum differs in {moved} of {compared}");
}

/// A product whose energy is cheaper by a share, billed in a way of its own or as now.
fn product(f: &Fixture, cheaper: f64, mode: Option<&str>) -> More {
    let price = |p: f64| (format!("price = {p:.1} }}"), format!("price = {:.4} }}", p * (1.0 - cheaper)));
    let text =
        [1.0, 0.6, 0.3].map(price).iter().fold(TARIFF.replace("test-two-part", "package"), |text, (now, then)| {
            assert!(text.contains(now.as_str()), "{now}");
            text.replace(now.as_str(), then)
        });
    let tariff = Tariff::parse(Path::new("package.toml"), &text).unwrap();
    let compiled = Arc::new(Compiled::new(Arc::new(tariff), f.interval, None).unwrap());
    let mode = mode.map(|m| format!("billing_mode = \"{m}\"\n")).unwrap_or_default();
    let offer = format!("[[product]]\ntariff = \"package\"\n{mode}lock_in_months = 12\n");
    More { terms: terms(&offer), tariffs: vec![("package".into(), compiled)], ..More::default() }
}

#[test]
fn a_product_and_a_contract_that_contradict_each_other_are_not_in_one_plan() {
    // 800 kW on 1,000 kVA, billed by demand: by capacity 12 · (40 · 800 − 25 · 1,000) = 84,000 less.
    let f = flat_year(800.0);
    assert_eq!(f.customer.contract.billing_mode, Some(BillingMode::Demand));
    let contract = ["R04", "R10", "R22"].map(|code| crate::rule::find(code).unwrap());
    let planned = |rows: &[Advice]| {
        let placed = rows.iter().filter(|r| r.saving_joint.is_some());
        let mut out: Vec<_> = placed.map(|r| (r.code, r.saving_joint.unwrap().to_f64())).collect();
        out.sort_by_key(|r| r.0);
        out
    };
    let alone = |rows: &[Advice], code: &str| row(rows, code).unwrap().saving_alone.unwrap().to_f64();
    for (cheaper, mode, taken) in [
        // The naive plan has both: change to capacity, and the product that is billed by demand.
        (0.05, Some("demand"), &["R22"][..]),
        // The product's gain is the lesser, so that it is the alternative.
        (0.01, Some("demand"), &["R04"][..]),
        // The product itself is billed as R04 says: that need not be said twice.
        (0.05, Some("capacity"), &["R22"][..]),
        // The product leaves the way of billing open: both can be had.
        (0.05, None, &["R04", "R22"][..]),
    ] {
        let more = product(&f, cheaper, mode);
        let (rows, plan, state) = run_with(&f, &more, &contract);
        let what = format!("{cheaper} {mode:?}: {rows:#?}");
        assert_eq!(planned(&rows).iter().map(|r| r.0).collect::<Vec<_>>(), taken, "{what}");
        let saving = plan.saving.unwrap().to_f64();
        assert!((planned(&rows).iter().map(|r| r.1).sum::<f64>() - saving).abs() < 0.01, "{what}");
        assert!(rows.iter().all(|r| r.saving_alone.is_some() || !r.needs.is_empty()), "the other is offered: {what}");
        // No pair of a mode and a product saves more.
        let tariff = &more.tariffs[0].1;
        let own = mode.map(|m| if m == "demand" { BillingMode::Demand } else { BillingMode::Capacity });
        let bought = ChangeTariff { tariff: Arc::clone(tariff), billing_mode: own, voltage_kv: None };
        let capacity = Recontract { billing_mode: BillingMode::Capacity, contract_demand: None };
        let pairs = [capacity.apply(&state), bought.apply(&state), bought.apply(&capacity.apply(&state))];
        let year = Year::of(&state).unwrap();
        let least = pairs.iter().map(|s| year.amount(s.bill().unwrap()).unwrap()).min().unwrap();
        assert_eq!(plan.bill_after, Some(least), "{what}");
        assert!(alone(&rows, "R22") > 0.0 && alone(&rows, "R04") == 84_000.0, "{what}");
    }
}

/// A listed crusher of 160 kW that runs 9–13 on workdays, as stated; from July on `furnace` kW run from midnight to 8 as
/// well, which without that would look like a shift before its break.
fn crusher(furnace: f64) -> Fixture {
    let kinds = flat_year(0.0).labels().kinds;
    let mut f = year(move |d, s| {
        let on = |range: std::ops::Range<usize>, kw: f64| if range.contains(&s) { kw } else { 0.0 };
        let works = if kinds[d] == DayKind::Workday { on(32..80, 180.0) + on(36..52, 160.0) } else { 0.0 };
        200.0 + works + if d >= 181 { on(0..32, furnace) } else { 0.0 }
    });
    f.customer.contract.billing_mode = Some(BillingMode::Demand);
    f.customer.equipment = vec![Equipment { usual_start: Some(540), ..machine("crusher", 160.0, 240.0) }];
    f
}

#[test]
fn a_schedule_that_unseen_months_do_not_keep_is_not_promised() {
    let r01 = [crate::rule::find("R01").unwrap()];
    let of = |f: &Fixture, more: &More| {
        let (rows, plan, _) = run_with(f, more, &r01);
        let found = row(&rows, "R01").unwrap_or_else(|| panic!("{rows:?}")).clone();
        let share = found.evidence.figures["backtest_share"].value;
        let ends = [found.saving_low, found.saving_joint].map(|m| m.unwrap().to_f64());
        (share, found.headline, ends, plan.saving_headline.unwrap())
    };
    let (share, headline, [low, mid], promised) = of(&crusher(0.0), &More::default());
    assert!(share > 0.99 && headline && low > 0.8 * mid && promised > Money::ZERO, "{share}");
    // From July on the plan of the first months makes a new maximum with the furnace: most of it is lost.
    let uneven = crusher(400.0);
    let test = crate::rule::Thresholds { gone_share: 0.1, ..Default::default() };
    let (share, headline, [low, mid], promised) = of(&uneven, &More { thresholds: test.clone(), ..More::default() });
    assert!(share > 0.1 && share < 0.6, "{share}");
    assert!(low <= 0.9 * share * mid + 0.01, "the range begins at what was kept, at lower prices: {low} of {mid}");
    assert!(!headline && promised == Money::ZERO, "the naive headline counts {mid} of which {share} was kept");
    let lenient = crate::rule::Thresholds { shift_backtest_promised: 0.1, ..test };
    assert!(of(&uneven, &More { thresholds: lenient, ..More::default() }).1, "the share can be set");
}

/// Needles of 440 kW above 350, billed by demand, 500 kVA. The naive plan caps the needles for 35,000, and takes the
/// maximum off the bill besides.
#[test]
fn what_the_chosen_contract_leaves_nothing_of_is_an_alternative_to_it() {
    let kinds = flat_year(0.0).labels().kinds;
    let days = flat_year(0.0).days();
    let mut f = year(|d, s| {
        let works = kinds[d] == DayKind::Workday && (32..80).contains(&s);
        if days.date(d).ymd().2 == 12 && s == 40 {
            440.0
        } else if works {
            350.0
        } else {
            150.0
        }
    });
    f.customer.contract.billing_mode = Some(BillingMode::Demand);
    f.customer.contract.capacity = Some(crate::units::Kva::new(500.0));
    let rules = |codes: &[&str]| codes.iter().map(|c| crate::rule::find(c).unwrap()).collect::<Vec<_>>();
    let (rows, plan, _) = run_with(&f, &More::default(), &rules(&["R03", "R04"]));
    let (needle, basis) = (row(&rows, "R03").unwrap(), row(&rows, "R04").unwrap());
    assert!(needle.saving_alone > Some(Money::new(30_000.into())), "{needle:?}");
    assert_eq!((needle.headline, needle.saving_headline, needle.saving_joint), (false, None, None));
    assert_eq!((basis.saving_joint, basis.saving_headline), (basis.saving_alone, basis.saving_alone));
    assert_eq!((plan.saving, plan.saving_headline), (basis.saving_alone, basis.saving_alone));
    // Without the other way of billing it is the plan.
    let (alone, plan, _) = run_with(&f, &More::default(), &rules(&["R03"]));
    let needle = row(&alone, "R03").unwrap();
    assert!(needle.headline && needle.saving_joint == plan.saving && needle.saving_joint == needle.saving_alone);
}

#[test]
fn what_is_bought_makes_no_plan_dearer() {
    for (i, (f, more)) in super::offered::offered_customers().iter().enumerate() {
        let whole = run_with(f, more, RULES).1.saving;
        for out in ["R13", "R14"] {
            let rules: Vec<&dyn Rule> = RULES.iter().filter(|r| r.code() != out).copied().collect();
            let without = run_with(f, more, &rules).1.saving;
            assert!(whole >= without, "customer {i}: {whole:?} with {out}, {without:?} without");
        }
    }
}
