//! Each cause of a difference, by hand.

use super::*;
use crate::curve::{Estimates, Load};
use crate::customer::{BillingMode, Contract};
use crate::tariff::testkit::{JANUARY, TWO_BANDS, compiled, supply, without};
use crate::tariff::{Supply, Terms, bill, usage};
use crate::time::Interval;
use crate::units::{Kva, Ratio};

const REST: &str = "[[schedule]]\nwindows = { high = [\"08:00-20:00\"], low = [\"20:00-08:00\"] }\n\
    [demand]\nprice = 40\nwindow_minutes = 15\n[rebate]\nkwh_per_kva = 260\nfactor = 0.9\n\
    [power_factor]\ntable = \"CN-1983\"\n[[fund]]\nname = \"fund\"\nprice = 0.05\n[[fixed]]\nname = \"fee\"\nprice = 100\n";

/// 100 kW and 75 kvar in January. By hand: 37 200 kWh in each band, 37 200.00 and 9 300.00; 100 kW,
/// 4 000.00; cos φ 0.80, +5 % of 50 500.00, 2 525.00; fund 3 720.00; fee 100.00.
fn load() -> Load {
    JANUARY.load(|_| 100.0, Some(75.0))
}

fn reconciled(load: &Load, points: usize, low_side: bool, issued: &[(&str, Option<f64>, &str)]) -> MonthReconciliation {
    let tariff = compiled(&format!("{TWO_BANDS}{REST}"), Interval::M15);
    let contract = Contract {
        billing_mode: Some(BillingMode::Demand),
        capacity: Some(Kva::new(1000.0)),
        pf_standard: Some(Ratio::new(0.9)),
        ..Contract::default()
    };
    let cycles = load.cycles(1);
    let supplies: Vec<Supply> = (0..points).map(|p| supply(&format!("P{p}"), load.clone())).collect();
    let bill = bill(&supplies, &cycles, &Terms::new(&contract, &[]), &tariff);
    let usages: Vec<(Arc<str>, Usage)> =
        supplies.iter().map(|s| (Arc::clone(&s.id), usage(&s.load, &cycles, &tariff))).collect();
    let side = low_side.then_some(MeteringSide::Low);
    let meters = [Meter { metering_side: side, ..Meter::alone(&"P0".into()) }];
    let line = |(name, quantity, amount): &(&str, Option<f64>, &str)| IssuedLine {
        month: cycles[0].month,
        line: (*name).into(),
        quantity: *quantity,
        amount: Money::new(amount.parse().unwrap()),
    };
    let issued: Vec<IssuedLine> = issued.iter().map(line).collect();
    let recomputed = Recomputed { bill: &bill, usages: &usages, tariff: &tariff, meters: &meters };
    reconcile(&issued, &recomputed).months.remove(0)
}

/// The cause of one issued line.
fn cause(load: &Load, low_side: bool, line: (&str, Option<f64>, &str)) -> Option<Cause> {
    reconciled(load, 1, low_side, &[line]).lines[0].cause
}

#[test]
fn each_cause_is_told_from_the_months_facts() {
    let of = |line| cause(&load(), false, line);
    assert_eq!(of(("high", Some(37_200.0), "37200.00")), None);
    assert_eq!(of(("high", Some(37_200.0), "37200.01")), Some(Cause::Rounding));
    assert_eq!(of(("high", Some(3_720.0), "3720.00")), Some(Cause::Multiplier { ratio: 0.1 }));
    assert_eq!(of(("high", Some(37_200.0), "40920.00")), Some(Cause::Price { issued: 1.1, recomputed: 1.0 }));
    assert_eq!(of(("high", Some(35_000.0), "35000.00")), Some(Cause::Quantity));
    assert_eq!(of(("low", None, "9500.00")), Some(Cause::Unexplained));
    assert_eq!(of(("fund", Some(7_440.0), "372.00")), Some(Cause::Multiplier { ratio: 0.1 }));
    assert_eq!(of(("fee", Some(2.0), "200.00")), Some(Cause::Quantity));
    assert_eq!(of(("附加费", Some(1.0), "50.00")), Some(Cause::MissingComponent));
    assert_eq!(of(("需量电费", Some(100.0), "3600.00")), Some(Cause::Rebate { factor: 0.9, on_issued: true }));
    assert_eq!(of(("需量电费", Some(105.0), "4200.00")), Some(Cause::SlidingDemand { ratio: 1.05 }));
    assert_eq!(of(("需量电费", Some(90.0), "3600.00")), Some(Cause::Quantity));
    assert_eq!(of(("力调电费", Some(50_500.0), "1515.00")), Some(Cause::Rate { issued: 0.03, recomputed: 0.05 }));
    assert_eq!(of(("力调电费", Some(50_000.0), "2500.00")), Some(Cause::Base));
}

#[test]
fn losses_are_a_cause_on_the_low_side_alone() {
    // 3 % of 37 200 kWh are 1 116 kWh.
    let line = ("high", Some(38_316.0), "38316.00");
    let Some(Cause::Losses { share }) = cause(&load(), true, line) else { panic!("no losses") };
    assert!((share - 0.03).abs() < 1e-12);
    assert_eq!(cause(&load(), false, line), Some(Cause::Quantity));
    let Some(Cause::Losses { share }) = cause(&load(), true, ("fund", Some(75_888.0), "3794.40")) else {
        panic!("none")
    };
    assert!((share - 0.02).abs() < 1e-12);
}

#[test]
fn estimates_are_a_cause_as_far_as_they_reach() {
    // Four quarter hours from 10:00 of the first day are estimated at 100 kW: 100 kWh of `high`.
    let mut load = without(&load(), &[40, 41, 42, 43]);
    load.estimates = Estimates { index: vec![40, 41, 42, 43], kw: vec![100.0; 4], kvar: vec![75.0; 4] };
    let of = |line| cause(&load, false, line);
    assert_eq!(of(("high", Some(37_150.0), "37150.00")), Some(Cause::Estimated { kwh: 100.0 }));
    assert_eq!(of(("high", Some(37_050.0), "37050.00")), Some(Cause::Quantity), "150 kWh are more than that");
    assert_eq!(of(("high", Some(37_200.0), "40920.00")), Some(Cause::Price { issued: 1.1, recomputed: 1.0 }));
}

/// Name, issued and recomputed amount, and cause of each line.
fn rows(month: &MonthReconciliation) -> Vec<String> {
    let amount = |s: Option<Side>| s.map_or("-".into(), |s| s.amount.to_string());
    let row = |l: &LineReconciliation| {
        format!("{} {} {} {}", l.line, amount(l.issued), amount(l.recomputed), l.cause.map_or("", |c| c.code()))
    };
    month.lines.iter().map(row).collect()
}

#[test]
fn lines_that_were_not_issued_are_told_once_a_name() {
    // Two supply points: every line twice.
    let month = reconciled(&load(), 2, false, &[("high", None, "74400.00"), ("low", None, "18600.00")]);
    assert_eq!(
        rows(&month),
        [
            "high 74400.00 74400.00 ",
            "low 18600.00 18600.00 ",
            "demand - 8000.00 not_issued",
            "power factor - 5050.00 not_issued",
            "fund - 7440.00 not_issued",
            "fee - 100.00 not_issued"
        ]
    );
    assert_eq!(month.issued.to_string(), "93000.00");
}

#[test]
fn an_issued_total_speaks_for_the_lines_that_were_not_given() {
    // By hand: 37 200 + 9 300 + 4 000 + 2 525 + 3 720 + 100 = 56 845.
    let month = reconciled(&load(), 1, false, &[("high", None, "37200.00"), ("total", None, "56845.00")]);
    assert_eq!(rows(&month), ["high 37200.00 37200.00 ", "other lines (其他) 19645.00 19645.00 "]);
    assert_eq!(month.share, Some(0.0));
    let month = reconciled(&load(), 1, false, &[("high", None, "37200.00"), ("total", None, "57845.00")]);
    assert_eq!(rows(&month)[1], "other lines (其他) 20645.00 19645.00 unexplained");
    // Where the lines are the total, the bill has no others.
    let month = reconciled(&load(), 1, false, &[("high", None, "37200.00"), ("total", None, "37200.00")]);
    assert_eq!(rows(&month).len(), 6, "{:?}", rows(&month));
}

#[test]
fn an_issued_sum_contains_the_lines_beside_it() {
    let sum = [("high", Some(37_200.0), "37200.00"), ("电度电费", Some(74_400.0), "46500.00")];
    let month = reconciled(&load(), 1, false, &sum);
    assert_eq!(rows(&month)[..2], ["high 37200.00 37200.00 ", "电度电费 9300.00 9300.00 "]);
    assert_eq!(month.lines[1].issued.and_then(|s| s.quantity), Some(37_200.0));
    assert_eq!(month.issued.to_string(), "46500.00");
    let beside = [("high", Some(37_200.0), "37200.00"), ("电度电费", Some(37_200.0), "9300.00")];
    assert_eq!(rows(&reconciled(&load(), 1, false, &beside))[1], "电度电费 9300.00 9300.00 ");
}

#[test]
fn a_rate_follows_from_the_issued_charges_where_all_are_there() {
    let all =
        [("high", None, "37200.00"), ("low", None, "9300.00"), ("demand", None, "4000.00"), ("力调", None, "1515.00")];
    let of = |issued: &[(&str, Option<f64>, &str)]| {
        reconciled(&load(), 1, false, issued).lines.iter().find(|l| &*l.line == "力调").and_then(|l| l.cause)
    };
    assert_eq!(of(&all), Some(Cause::Rate { issued: 0.03, recomputed: 0.05 }));
    assert_eq!(of(&all[1..]), Some(Cause::Unexplained), "a part of the base says nothing of the rate");
}
