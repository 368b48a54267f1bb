//! What few bills have and few tests reach, each by hand.

use super::super::testkit::{At, FLAT, JANUARY, compiled, date, parse, supply};
use super::super::{Bill, Compiled, Conditions, LineKind, SystemPeak, Terms, bill};
use super::tests::{YEAR, lines};
use crate::curve::{Channels, Load, Placement, PowerKind, REACTIVE, VALID};
use crate::customer::{BillingMode, Contract, Transformer, UnitState};
use crate::time::{DAY_SECONDS, Date, Interval};
use crate::units::Ratio;
use std::sync::Arc;

fn unit(name: &str, kva: f64, state: UnitState, dates: (Option<Date>, Option<Date>)) -> Transformer {
    Transformer { state, valid_from: dates.0, valid_to: dates.1, ..Transformer::running(name, kva) }
}

#[test]
fn a_suspension_and_a_price_change_within_one_month() {
    // 25 a kVA to 10 January, 31 from the 11th; unit A is suspended from the 16th.
    let version = |id: &str, from: &str, to: &str, price: f64| {
        let text = format!("{FLAT}[capacity]\nprice = {price:?}\n").replace("id = \"flat\"", &format!("id = \"{id}\""));
        Arc::new(parse(&text.replace("2020-01-01", from).replace("2030-12-31", to)).unwrap())
    };
    let versions = vec![version("a", "2020-01-01", "2026-01-10", 25.0), version("b", "2026-01-11", "2030-12-31", 31.0)];
    let tariff = Compiled::chain(versions, Interval::M15, Conditions::default()).unwrap();
    let contract = Contract { billing_mode: Some(BillingMode::Capacity), ..Contract::default() };
    let day = date("2026-01-16");
    let units = [
        unit("A", 600.0, UnitState::Running, (None, Some(day))),
        unit("A", 600.0, UnitState::Suspended, (Some(day), None)),
        unit("B", 1000.0, UnitState::Running, (None, None)),
    ];
    let load = JANUARY.load(|_| 1.0, None);
    let cycles = load.cycles(1);
    let bill = bill(&[supply("main", load)], &cycles, &Terms::new(&contract, &units), &tariff);
    // B: 1000 kVA for 10 and 21 of 31 days. A: 600 kVA for 10 and 5 days at 1/30 a day.
    // 322.580645 + 200 kVA at 25; 677.419355 + 100 kVA at 31.
    assert_eq!(lines(&bill, 0, &[LineKind::Capacity]), ["capacity 522.581 13064.52", "capacity 777.419 24100.00"]);
}

#[test]
fn the_demand_price_of_a_season_holds_on_its_days() {
    let text = |season: &str| {
        format!(
            "{FLAT}[demand]\nprice = 31\nwindow_minutes = 15\nalways = true\n[[demand.season]]\nprice = 62\n{season}\n"
        )
    };
    let billed = |season: &str| {
        let load = At { to: "2026-02-28", ..JANUARY }.load(|_| 10.0, None);
        let cycles = load.cycles(1);
        let contract = Contract::default();
        bill(&[supply("main", load)], &cycles, &Terms::new(&contract, &[]), &compiled(&text(season), Interval::M15))
    };
    let split = billed("spans = [{ from = \"01-11\", to = \"02-14\" }]");
    // 10 kW: 10 days of 31 at 31 and 21 at 62; in February 14 days of 28 at each.
    assert_eq!(lines(&split, 0, &[LineKind::Demand]), ["demand 3.226 100.00", "demand 6.774 420.00"]);
    assert_eq!(lines(&split, 1, &[LineKind::Demand]), ["demand 5.000 310.00", "demand 5.000 155.00"]);
    let month = billed("months = [2, 3]");
    assert_eq!(lines(&month, 0, &[LineKind::Demand]), ["demand 10.000 310.00"]);
    assert_eq!(lines(&month, 1, &[LineKind::Demand]), ["demand 10.000 620.00"]);
}

/// January: by turns 100 kW with 75 kvar, and 50 kW fed back with 200 kvar.
fn feeds_back() -> Load {
    let days = JANUARY.days();
    let n = days.len_intervals();
    let turn = |a: f64, b: f64| (0..n).map(|i| if i % 2 == 0 { a } else { b }).collect();
    let channels = Channels {
        kw: turn(100.0, -50.0),
        kvar: Some(turn(75.0, 200.0)),
        flags: vec![VALID | REACTIVE; n],
        ..Channels::default()
    };
    Load::new(days, 0..n, channels, Placement::default(), PowerKind::Mean)
}

#[test]
fn reactive_energy_while_feeding_back_counts_only_where_the_tariff_says_so() {
    let contract = Contract { pf_standard: Some(Ratio::new(0.9)), ..Contract::default() };
    let billed = |back_feed: &str| -> Bill {
        let text = format!("{FLAT}[power_factor]\ntable = \"CN-1983\"\nback_feed = \"{back_feed}\"\n");
        let load = feeds_back();
        let cycles = load.cycles(1);
        bill(&[supply("main", load)], &cycles, &Terms::new(&contract, &[]), &compiled(&text, Interval::M15))
    };
    // 372 h at 100 kW are 37 200 kWh, 18 600.00. Ignored: cos φ = 100 / 125 = 0.80, +5 %.
    let (ignored, counted) = (billed("ignore"), billed("count"));
    assert_eq!(lines(&ignored, 0, &[LineKind::PowerFactor]), ["power factor 18600.000 930.00"]);
    assert!(ignored.cycles[0].lines[1].note.starts_with("cos φ 0.80"), "{}", ignored.cycles[0].lines[1].note);
    // Counted: 100 / √(100² + 275²) = 0.34: 15 + 2 × (65 − 34) = 77 %.
    assert_eq!(lines(&counted, 0, &[LineKind::PowerFactor]), ["power factor 18600.000 14322.00"]);
    assert!(counted.cycles[0].lines[1].note.starts_with("cos φ 0.34"), "{}", counted.cycles[0].lines[1].note);
}

#[test]
fn coincident_peaks_of_previous_months_count_as_far_back_as_the_tariff_says() {
    let text =
        format!("{FLAT}[[coincident]]\nname = \"system\"\nprice = 2\nbasis = \"previous_months\"\nmonths_back = 3\n");
    let peak = |day: &str, hour: i64| SystemPeak {
        start: i64::from(date(day).0) * DAY_SECONDS + hour * 3600,
        minutes: 60,
        system: None,
        source: "test".into(),
    };
    let system_peaks = Some(vec![peak("2026-07-15", 16), peak("2026-09-03", 3)].into());
    let conditions = Conditions { system_peaks, ..Conditions::default() };
    let tariff = Compiled::chain(vec![Arc::new(parse(&text).unwrap())], Interval::M15, conditions).unwrap();
    // 16:00 to 17:00 has (70 + 3 × 30) / 4 = 40 kW, 3:00 to 4:00 has 30.
    let load = YEAR.load(|i| if i % 96 == 64 { 70.0 } else { 30.0 }, None);
    let cycles = load.cycles(1);
    let contract = Contract::default();
    let bill = bill(&[supply("main", load)], &cycles, &Terms::new(&contract, &[]), &tariff);
    let billed: Vec<String> = (0..12).map(|c| lines(&bill, c, &[LineKind::Coincident]).join(", ")).collect();
    let mut expected = vec![""; 7];
    // August and September look back at July, October at July and September, then September alone.
    expected.extend(["system 40.000 80.00", "system 40.000 80.00", "system 35.000 70.00", "system 30.000 60.00"]);
    expected.push("system 30.000 60.00");
    assert_eq!(billed, expected);
}

/// The lookback test of NREL's REopt.jl, on the same rate: 1 kW all the year but 100 kW in one hour of January
/// costs 100 kW in January and 35 % of them in each other month, in summer at the summer's price.
#[test]
fn a_ratchet_carries_the_winter_s_demand_into_the_summer() {
    let expected = 10.5 * 100.0 + 5.0 * 10.5 * 35.0 + 6.0 * 11.5 * 35.0;
    let tariff = Arc::new(crate::tariff::Tariff::builtin("us-ct-wallingford-primary-northford").unwrap());
    let tariff = Compiled::new(tariff, Interval::M60, Some(date("2013-07-01"))).unwrap();
    let year = At { zone: "America/New_York", interval: Interval::M60, from: "2017-01-01", to: "2017-12-31" };
    let load = year.load(|i| if i == 7 { 100.0 } else { 1.0 }, Some(0.0));
    let cycles = load.cycles(1);
    let bill = bill(&[supply("main", load)], &cycles, &Terms::new(&Contract::default(), &[]), &tariff);
    let of = |name: &str| {
        let lines = bill.cycles.iter().flat_map(|c| &c.lines).filter(|l| l.name.starts_with(name));
        lines.map(|l| l.amount_exact).sum::<f64>()
    };
    assert!((of("demand") - expected).abs() < 1e-9 && (expected - 5302.5).abs() < 1e-9, "{}", of("demand"));
    assert_eq!((of("reactive power"), of("customer charge")), (0.0, 12.0 * 275.0));
}
