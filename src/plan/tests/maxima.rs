//! What is said of maxima and of the way in which they are billed.

use super::*;

#[test]
fn needles_count_when_billed_and_seen_in_three_months() {
    assert!(advised(&needles(3)).contains(&"R03"));
    assert!(!advised(&needles(2)).contains(&"R03"), "two months may be a test run");
    let mut capacity = needles(12);
    capacity.customer.contract.billing_mode = Some(BillingMode::Capacity);
    assert!(!advised(&capacity).contains(&"R03"), "worth nothing under capacity billing");
    let coarse = More { quantum: Some(Kw::new(100.0)), ..More::default() };
    assert!(row(&run_with(&needles(12), &coarse, RULES).0, "R03").is_none(), "250 kW are below 3 steps of 100 kW");
}

#[test]
fn a_plateau_is_no_needle() {
    let f = needles(12);
    let labels = f.labels();
    let peak = |m: i32| Peak {
        kind: PeakKind::Billing,
        month: Some(Month(2025 * 12 + m)),
        rank: 1,
        span: 0..1,
        max_kw: Kw::new(550.0),
        margin_kw: None,
        kwh_above: None,
        shape: Some(Shape::Plateau),
        day_kind: labels.kinds[0],
        recurrence: None,
    };
    let more = More { peaks: (0..12).map(peak).collect(), ..More::default() };
    assert!(row(&run_with(&f, &more, RULES).0, "R03").is_none());
}

#[test]
fn under_contract_only_what_lies_above_105_percent_pays() {
    let mut f = needles(12);
    f.customer.contract.billing_mode = Some(BillingMode::Contract);
    let r03 = |f: &Fixture| row(&run(f).0, "R03").and_then(|r| r.saving_alone);
    f.customer.contract.contract_demand = Some(Kw::new(600.0));
    assert_eq!(r03(&f), None, "the contract covers the needle");
    f.customer.contract.contract_demand = Some(Kw::new(400.0));
    // Rule B: 2 · (550 − 420) · 40 a month.
    let saving = r03(&f).unwrap().to_f64();
    assert!((saving - 12.0 * 2.0 * 130.0 * 40.0).abs() < 1000.0, "{saving}");
}

#[test]
fn capacity_billing_at_40_percent_saves_exactly_the_difference() {
    let mut f = flat_year(400.0);
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    let (rows, plan, _) = run(&f);
    let r04 = row(&rows, "R04").unwrap();
    assert_eq!(r04.saving_alone.map(|m| m.to_string()), Some("108000.00".into()), "12 · (25 · 1000 − 40 · 400)");
    assert_eq!((r04.saving_joint, plan.saving), (r04.saving_alone, r04.saving_alone));
    assert_eq!((r04.tier, r04.holds, r04.rank), (Tier::Counter, Some((12, 12)), Some(1)));
    assert_eq!(r04.confidence, Some(Ratio::new(0.5)), "full coverage, equal months, no issued bill");
    assert_eq!(
        (r04.saving_low.unwrap().to_string(), r04.saving_high.unwrap().to_string()),
        ("97200.00".into(), "118800.00".into())
    );
    assert_eq!(r04.evidence.figures["worst_month_extra_cost"].value, -9000.0);
}

#[test]
fn a_mode_that_only_just_won_is_not_advised() {
    // 10 % more demand would turn it; in two quarters it loses.
    let mut close = flat_year(580.0);
    close.customer.contract.billing_mode = Some(BillingMode::Capacity);
    assert!(!advised(&close).contains(&"R04"));
    let mut half_year = year(|d, _| if d < 181 { 100.0 } else { 900.0 });
    half_year.customer.contract.billing_mode = Some(BillingMode::Capacity);
    let (rows, _, _) = run(&half_year);
    assert!(row(&rows, "R04").is_none(), "wins over the year, in two quarters of four");
    let mut touching_five = year(|d, _| if (59..242).contains(&d) { 900.0 } else { 100.0 });
    touching_five.from = "2025-02-01".parse().unwrap();
    touching_five.customer.contract.billing_mode = Some(BillingMode::Capacity);
    assert!(row(&run(&touching_five).0, "R04").is_none(), "three won of the five that its months touch");
    let mut short = flat_year(400.0);
    short.n_days = 181;
    short.kw.truncate(181 * 96);
    short.customer.contract.billing_mode = Some(BillingMode::Capacity);
    assert!(!advised(&short).contains(&"R04"), "two quarters do not tell a year");
    let mut to_capacity = flat_year(660.0);
    assert!(!advised(&to_capacity).contains(&"R04"), "10 % less demand would turn it");
    to_capacity.kw.fill(800.0);
    assert!(advised(&to_capacity).contains(&"R04"));
}
