//! Bills against hand calculation, special days, and properties.

use super::testkit::{At, FLAT, JANUARY, TWO_BANDS, compiled, date, parse, supply, without};
use super::{Bill, BillState, Compiled, CycleBill, Line, LineKind, Supply, Tariff, Terms, bill, price, usage};
use crate::curve::{Channels, Estimates, Load, PowerKind, REACTIVE, VALID};
use crate::customer::{BillingMode, Contract, MarketStatus};
use crate::time::Interval;
use crate::units::{Kva, Kw, Kwh, Ratio};
use proptest::prelude::*;
use std::sync::Arc;

const BERLIN: At<'_> = At { zone: "Europe/Berlin", interval: Interval::M15, from: "2026-01-01", to: "2026-12-31" };
const NIGHT_HOUR: &str = "[[schedule]]\nwindows = { high = [\"02:00-03:00\"], low = [\"03:00-02:00\"] }\n";
const DEMAND: &str = "\n[demand]\nprice = 40.0\nwindow_minutes = 15\n";

fn shipped(id: &str) -> Compiled {
    Compiled::new(Arc::new(Tariff::builtin(id).unwrap()), Interval::M15, None).unwrap()
}

fn contract(mode: BillingMode) -> Contract {
    Contract { billing_mode: Some(mode), pf_standard: Some(Ratio::new(0.9)), ..Contract::default() }
}

fn one(load: Load, contract: &Contract, tariff: &Compiled) -> Bill {
    let cycles = load.cycles(1);
    bill(&[supply("main", load)], &cycles, &Terms::new(contract, &[]), tariff)
}

fn amounts(bill: &Bill) -> Vec<String> {
    bill.cycles[0].lines.iter().map(|l| format!("{} {}", l.name, l.amount)).collect()
}

fn lines_of(bill: &Bill, kind: LineKind) -> Vec<&super::Line> {
    bill.cycles.iter().flat_map(|c| &c.lines).filter(|l| l.kind == kind).collect()
}

fn state(bill: &Bill) -> String {
    match &bill.cycles[0].state {
        BillState::Unbillable(why) => why.clone(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_month_by_hand_to_the_fen() {
    // 1000 kW and 750 kvar throughout January: cos φ 0.80, +5 % under 0.90. A day has 2 h sharp,
    // 6 h peak, 8 h flat, 8 h valley; 31 days. Prices are the printed ones less the fund 0.0452.
    let tariff = shipped("cn-hubei-2026-01-two-part-1-10kv");
    let contract = Contract { capacity: Some(Kva::new(2000.0)), ..contract(BillingMode::Capacity) };
    let bill = one(JANUARY.load(|_| 1000.0, Some(750.0)), &contract, &tariff);
    assert_eq!(
        amounts(&bill),
        [
            "尖峰 62297.54",             // 62 000 × 1.004799
            "高峰 149499.55",            // 186 000 × 0.803761
            "平段 150458.13",            // 248 000 × 0.606686
            "低谷 96155.55",             // 248 000 × 0.387724
            "容量电费 52600.00",         // 2000 × 26.3
            "功率因数调整电费 25550.54", // 511 010.77 × 5 %
            "政府性基金及附加 33628.80", // 744 000 × 0.0452
        ]
    );
    assert_eq!(bill.observed().to_string(), "570190.11");
    assert!((bill.cycles[0].total_exact() - 570_190.102_2).abs() < 1e-6);
    assert_eq!(bill.notes, ["it is not known whose energy price applies: advice on energy prices is withheld"]);
}

#[test]
fn the_rebate_is_reached_at_260_kwh_per_kva() {
    let tariff = shipped("cn-hubei-2026-01-two-part-1-10kv");
    let price = |kva: f64| {
        let contract = Contract { capacity: Some(Kva::new(kva)), ..contract(BillingMode::Demand) };
        let bill = one(JANUARY.load(|_| 100.0, None), &contract, &tariff);
        lines_of(&bill, LineKind::Demand)[0].price
    };
    // 74 400 kWh in the month.
    assert_eq!(price(74_400.0 / 260.0), 37.8);
    assert_eq!(price(74_400.0 / 259.99), 42.0);
    let bill = one(JANUARY.load(|_| 100.0, None), &contract(BillingMode::Demand), &tariff);
    assert!(bill.notes.contains(&"rebate on the demand price not checked: missing capacity_kva".to_owned()));
}

#[test]
fn what_a_line_needs_and_lacks_makes_the_cycle_unbillable() {
    let tariff = shipped("demo-two-part");
    let load = || JANUARY.load(|_| 100.0, None);
    assert_eq!(state(&one(load(), &Contract::default(), &tariff)), "missing: billing_mode");
    assert_eq!(state(&one(load(), &contract(BillingMode::Capacity), &tariff)), "missing: capacity_kva");
    assert_eq!(state(&one(load(), &contract(BillingMode::Contract), &tariff)), "missing: contract_demand_kw");
    assert!(state(&one(load(), &contract(BillingMode::Single), &tariff)).contains("no price in tariff demo-two-part"));
    let retail = Contract { market_status: Some(MarketStatus::Retail), ..contract(BillingMode::Demand) };
    assert!(state(&one(load(), &retail, &tariff)).starts_with("missing: retail price"));
    let hubei = shipped("cn-hubei-2026-01-two-part-1-10kv");
    let signed = Contract {
        contract_demand: Some(Kw::new(90.0)),
        capacity: Some(Kva::new(1.0)),
        ..contract(BillingMode::Contract)
    };
    assert_eq!(state(&one(load(), &signed, &hubei)), "tariff does not state over_contract_rule");
    let february = At { from: "2026-02-01", to: "2026-02-28", ..JANUARY }.load(|_| 100.0, None);
    assert!(
        state(&one(february, &contract(BillingMode::Demand), &hubei)).contains("effective 2026-01-01 to 2026-01-31")
    );
}

#[test]
fn a_power_factor_is_never_assumed() {
    let tariff = shipped("demo-two-part");
    let unknown = Contract { pf_standard: None, ..contract(BillingMode::Demand) };
    let bill = one(JANUARY.load(|_| 100.0, Some(50.0)), &unknown, &tariff);
    assert!(bill.cycles[0].is_billed() && lines_of(&bill, LineKind::PowerFactor).is_empty());
    assert!(bill.notes.contains(&"power factor not billed: missing pf_standard".to_owned()));
    let bill = one(JANUARY.load(|_| 100.0, None), &contract(BillingMode::Demand), &tariff);
    assert!(bill.notes.contains(&"power factor not billed: no reactive data".to_owned()));
    let odd = Contract { pf_standard: Some(Ratio::new(0.95)), ..contract(BillingMode::Demand) };
    let bill = one(JANUARY.load(|_| 100.0, Some(50.0)), &odd, &tariff);
    assert!(bill.notes.iter().any(|n| n.contains("0.95 is not one of")));
}

#[test]
fn contract_demand_has_a_floor_and_two_readings() {
    let tariff = shipped("demo-two-part");
    let billed = |d: f64, c: f64, s: f64| {
        let terms = Contract {
            contract_demand: Some(Kw::new(c)),
            capacity: Some(Kva::new(s)),
            ..contract(BillingMode::Contract)
        };
        let bill = one(JANUARY.load(|i| if i == 500 { d } else { 1.0 }, None), &terms, &tariff);
        lines_of(&bill, LineKind::Demand)[0].quantity
    };
    assert_eq!(billed(1050.0, 1000.0, 2000.0), 1000.0);
    assert_eq!(billed(1200.0, 1000.0, 2000.0), 1300.0, "rule B of the file");
    assert_eq!(billed(500.0, 300.0, 2000.0), 800.0, "40 % of 2000 kVA");
}

#[test]
fn the_repeated_hour_counts_twice_and_the_absent_one_not() {
    let tariff = compiled(&format!("{TWO_BANDS}{NIGHT_HOUR}"), Interval::M15);
    for interval in [Interval::M5, Interval::M15, Interval::M30, Interval::M60] {
        let load = At { interval, ..BERLIN }.load(|_| 100.0, None);
        let used = usage(&load, &load.cycles(1), &tariff);
        let hours = |month: usize| [used.cycles[month].kwh[0].get() / 100.0, used.cycles[month].kwh[1].get() / 100.0];
        assert_eq!(hours(0), [31.0, 31.0 * 23.0]);
        assert_eq!(hours(2), [30.0, 31.0 * 23.0], "29 March");
        assert_eq!(hours(9), [32.0, 31.0 * 23.0], "25 October");
    }
}

#[test]
fn demand_windows_are_aligned_to_the_clock() {
    let at = |minutes: u32, interval: Interval, kw: fn(usize) -> f64| {
        let demand = DEMAND.replace("15", &minutes.to_string());
        let tariff = compiled(&format!("{FLAT}{demand}"), Interval::M15);
        let load = At { interval, ..JANUARY }.load(kw, None);
        let used = usage(&load, &load.cycles(1), &tariff);
        used.cycles[0].demand.map(|d| (d.kw.get(), d.index))
    };
    // Quarter hours 101 and 102 are the highest, but lie in different half hours.
    let kw = |i: usize| [10.0, 40.0, 50.0, 20.0].get(i.wrapping_sub(100)).copied().unwrap_or(5.0);
    assert_eq!(at(15, Interval::M15, kw), Some((50.0, 102)));
    assert_eq!(at(30, Interval::M15, kw), Some((35.0, 102)));
    assert_eq!(at(60, Interval::M15, kw), Some((30.0, 100)));
    assert_eq!(at(15, Interval::M60, kw), Some((50.0, 102)), "native where the window is finer");
    assert_eq!(at(15, Interval::M5, |i| f64::from(u32::from((300..303).contains(&i)))), Some((1.0, 300)));
    assert_eq!(at(15, Interval::M15, |_| 7.0), Some((7.0, 0)), "the first of equals");
}

#[test]
fn a_finer_window_than_the_data_is_said() {
    let tariff = compiled(&format!("{FLAT}{DEMAND}always = true\n"), Interval::M60);
    let load = At { interval: Interval::M60, ..JANUARY }.load(|_| 10.0, None);
    let bill = one(load, &Contract::default(), &tariff);
    assert_eq!(
        bill.notes,
        ["the tariff's demand window of 15 min is finer than the data: means of 60 minutes are used, a lower bound"]
    );
    assert_eq!(lines_of(&bill, LineKind::Demand)[0].note, "means of 60 min: a lower bound");
}

/// Energy and demand of instantaneous samples are marked on their lines, whatever the way of billing.
#[test]
fn lines_that_rest_on_samples_say_so() {
    let demand =
        DEMAND.replace("[demand]\n", "[demand]\nover_contract_rule = \"B\"\nover_contract_source = \"test\"\n");
    let charge = "[[demand_charge]]\nname = \"peak demand\"\nprice = 2.0\nwindow_minutes = 15\n";
    let tariff = compiled(&format!("{FLAT}{demand}{charge}"), Interval::M15);
    for mode in [BillingMode::Demand, BillingMode::Contract] {
        let load = JANUARY.load(|i| if i == 200 { 90.0 } else { 30.0 }, None);
        let bill = one(load.clone(), &Contract { contract_demand: Some(Kw::new(50.0)), ..contract(mode) }, &tariff);
        assert!(bill.cycles[0].lines.iter().all(|l| !l.note.contains("sample")), "a mean is no sample");
        let (days, span, at) = (load.days().clone(), load.span().clone(), *load.placement());
        let sampled = Load::new(days, span, load.channels().clone(), at, PowerKind::Instant);
        let bill = one(sampled, &Contract { contract_demand: Some(Kw::new(50.0)), ..contract(mode) }, &tariff);
        let demand = lines_of(&bill, LineKind::Demand);
        assert_eq!(demand.len(), 2, "{mode:?}");
        for line in demand {
            assert!(line.note.contains("momentary samples: the demand is indicative"), "{}: {}", line.name, line.note);
        }
        assert_eq!(lines_of(&bill, LineKind::Energy)[0].note, "momentary samples: the energy is an estimate");
    }
}

#[test]
fn what_all_lines_say_is_told_once() {
    let bill = |notes: &[&str]| {
        let tariff = compiled(&format!("{FLAT}{DEMAND}always = true\n"), Interval::M15);
        let bill = one(JANUARY.load(|_| 10.0, None), &Contract::default(), &tariff);
        let line = lines_of(&bill, LineKind::Energy)[0].clone();
        let lines = notes.iter().map(|n| Line { note: (*n).to_owned(), ..line.clone() }).collect();
        CycleBill { lines, ..bill.cycles[0].clone() }
    };
    for (notes, common, own) in [
        (["a; v", "v", "b, c; v"], "v", ["a", "", "b, c"]),
        (["v", "v", "v"], "v", ["", "", ""]),
        (["a; v", "w", "v"], "", ["a; v", "w", "v"]),
        (["", "", "a"], "", ["", "", "a"]),
        (["xv", "v", "v"], "", ["xv", "v", "v"]),
    ] {
        let cycle = bill(&notes);
        assert_eq!(cycle.common_note(), common, "{notes:?}");
        assert_eq!(cycle.lines.iter().map(|l| l.own_note(common)).collect::<Vec<_>>(), own, "{notes:?}");
    }
}

#[test]
fn a_window_with_an_unusable_interval_sets_no_maximum() {
    let tariff = compiled(&format!("{FLAT}{}", DEMAND.replace("15", "30")), Interval::M15);
    let load = without(&JANUARY.load(|i| if i == 200 { 90.0 } else { 30.0 }, None), &[201]);
    let used = usage(&load, &load.cycles(1), &tariff);
    assert_eq!(used.cycles[0].demand.map(|d| (d.kw.get(), d.index)), Some((30.0, 0)));
}

#[test]
fn open_intervals_are_unbillable_and_estimates_are_billed_and_said() {
    let tariff = compiled(&format!("{FLAT}{DEMAND}always = true\n"), Interval::M15);
    let mut load = without(&JANUARY.load(|_| 40.0, None), &[10, 11]);
    let bill = one(load.clone(), &Contract::default(), &tariff);
    assert_eq!(state(&bill), "2 intervals without reading or estimate");
    load.estimates = Estimates { index: vec![10, 11], kw: vec![400.0, 80.0], kvar: Vec::new() };
    let used = usage(&load, &load.cycles(1), &tariff);
    assert_eq!(used.kwh_by_period(0, &tariff)[2], Kwh::new((31.0 * 96.0 - 2.0) * 10.0), "measured only");
    assert_eq!(used.cycles[0].demand.map(|d| d.kw.get()), Some(40.0), "never from an estimate");
    let bill = one(load, &Contract::default(), &tariff);
    let energy = lines_of(&bill, LineKind::Energy)[0];
    assert_eq!((energy.quantity, energy.note.as_str()), ((31.0 * 96.0 - 2.0) * 10.0 + 120.0, "120.000 kWh estimated"));
    assert_eq!(lines_of(&bill, LineKind::Demand)[0].note, "2 estimated intervals are in no maximum");
}

#[test]
fn export_is_neither_billed_nor_netted() {
    let tariff = compiled(&format!("{FLAT}{DEMAND}always = true\n"), Interval::M15);
    let load = JANUARY.load(|i| if i % 2 == 0 { 40.0 } else { -400.0 }, None);
    let used = usage(&load, &load.cycles(1), &tariff);
    assert_eq!(used.cycles[0].kwh[0], Kwh::new(31.0 * 48.0 * 10.0));
    let channels = Channels { export_kw: Some(vec![5.0; load.kw().len()]), ..load.channels().clone() };
    let load = Load::new(load.days().clone(), load.span().clone(), channels, *load.placement(), PowerKind::Mean);
    let load = without(&load, &[0]);
    let used = usage(&load, &load.cycles(1), &tariff);
    assert_eq!(used.cycles[0].kwh[0], Kwh::new((31.0 * 48.0 - 1.0) * 45.0 * 0.25), "net plus metered export");
    assert_eq!(used.cycles[0].demand.map(|d| d.kw.get()), Some(45.0));
}

#[test]
fn cycles_cut_by_the_data_are_measured_and_not_billed() {
    let tariff = compiled(FLAT, Interval::M15);
    let load = At { to: "2026-02-10", ..JANUARY }.load(|_| 40.0, None);
    let bill = one(load.clone(), &Contract::default(), &tariff);
    assert_eq!(bill.cycles[1].state, BillState::Partial);
    assert!(bill.cycles[1].lines.is_empty());
    let used = usage(&load, &load.cycles(1), &tariff);
    assert_eq!(used.kwh_by_period(1, &tariff)[2], Kwh::new(400.0 * 24.0));
}

#[test]
fn maxima_of_supply_points_are_added_not_the_maximum_of_the_sum() {
    let tariff = compiled(&format!("{FLAT}{DEMAND}always = true\n"), Interval::M15);
    let a = JANUARY.load(|i| if i == 5 { 100.0 } else { 10.0 }, None);
    let b = JANUARY.load(|i| if i == 9 { 70.0 } else { 10.0 }, None);
    let cycles = a.cycles(1);
    let supplies = [supply("a", a), supply("b", b)];
    let bill = bill(&supplies, &cycles, &Terms::new(&Contract::default(), &[]), &tariff);
    let kw: f64 = lines_of(&bill, LineKind::Demand).iter().map(|l| l.quantity).sum();
    assert_eq!(kw, 170.0);
}

#[test]
fn a_supply_point_with_days_of_its_own_is_placed_by_date() {
    let tariff = compiled(FLAT, Interval::M15);
    let a = At { to: "2026-02-28", ..JANUARY }.load(|_| 4.0, None);
    let late = At { from: "2026-02-01", to: "2026-02-28", ..JANUARY }.load(|_| 8.0, None);
    let cycles = a.cycles(1);
    let bill = bill(&[supply("a", a), supply("late", late)], &cycles, &Terms::new(&Contract::default(), &[]), &tariff);
    let kwh = |m: usize| bill.cycles[m].lines.iter().map(|l| l.quantity).sum::<f64>();
    assert_eq!((kwh(0), kwh(1)), (4.0 * 744.0, 12.0 * 672.0));
    assert_eq!(bill.notes, ["supply point late has no readings in 2026-01"]);
}

#[test]
fn prices_as_of_a_date_hold_for_every_year_and_are_said() {
    let tariff = Arc::new(Tariff::builtin("cn-hubei-2026-01-single-part-35kv").unwrap());
    let tariff = Compiled::new(tariff, Interval::M15, Some(date("2026-01-15"))).unwrap();
    let bill =
        one(At { from: "2018-07-01", to: "2018-07-31", ..JANUARY }.load(|_| 4.0, None), &Contract::default(), &tariff);
    assert!(bill.cycles[0].is_billed());
    assert!(bill.cycles[0].lines.iter().all(|l| l.note.contains("prices as of 2026-01-15")));
    assert_eq!(lines_of(&bill, LineKind::Energy)[0].quantity, 31.0 * 2.0 * 4.0);
}

#[test]
fn a_year_is_twelve_cycles_or_the_mean_of_fewer() {
    let tariff = compiled(FLAT, Interval::M15);
    let year = At { from: "2025-01-01", to: "2026-03-31", ..JANUARY };
    let bill = one(year.load(|_| 1.0, None), &Contract::default(), &tariff);
    let annual = bill.annual(&tariff).unwrap();
    assert_eq!((annual.cycles.len(), annual.cycles[0], annual.short), (12, 3, false));
    assert_eq!(annual.amount.to_string(), "4380.00");
    let bill = one(At { to: "2026-03-31", ..JANUARY }.load(|_| 1.0, None), &Contract::default(), &tariff);
    let annual = bill.annual(&tariff).unwrap();
    assert_eq!((annual.amount.to_string(), annual.short), ("4320.00".into(), true), "90 days × 24 × 0.5 × 4");
}

#[test]
fn no_year_without_every_season_of_the_tariff() {
    let tariff = shipped("demo-two-part");
    let demand = contract(BillingMode::Demand);
    let of = |from, to| one(At { from, to, ..JANUARY }.load(|_| 1.0, None), &demand, &tariff);
    let bill = of("2025-01-01", "2025-06-30");
    assert_eq!(bill.annual(&tariff), None);
    let gap = bill.annual_gap(&tariff);
    assert_eq!(gap.as_deref(), Some("no billed cycle has the tariff's windows of month 07, 08"));
    // January, February: both halves of winter; April: transition; July: both halves of summer.
    assert!(of("2025-01-01", "2025-07-31").annual(&tariff).is_some_and(|a| a.short));
    let none = one(JANUARY.load(|_| 1.0, None), &Contract::default(), &tariff);
    assert_eq!(none.annual_gap(&tariff).as_deref(), Some("no cycle is billed"));
}

#[test]
fn the_reference_job_bills_without_a_contract() {
    let bill = one(JANUARY.load(|_| 100.0, None), &Contract::default(), &shipped("bench-j1"));
    // 3100 kWh an hour of the day: sharp 2 h, peak 6 h, flat 8 h, valley 8 h.
    assert_eq!(amounts(&bill), ["sharp 8060.00", "peak 19530.00", "flat 16864.00", "valley 7936.00", "demand 4000.00"]);
}

fn any_load(interval: Interval) -> impl Strategy<Value = Load> {
    let n = 31 * interval.slots();
    (prop::collection::vec(-50.0..500.0f64, n), prop::collection::vec(0u8..20, n)).prop_map(move |(kw, gone)| {
        let flags = gone.iter().map(|g| if *g == 0 { 0 } else { VALID | REACTIVE }).collect();
        let days = At { interval, ..JANUARY }.days();
        let channels = Channels { kw, flags, ..Channels::default() };
        Load::new(days, 0..n, channels, crate::curve::Placement::default(), PowerKind::Mean)
    })
}

fn any_interval() -> impl Strategy<Value = Load> {
    prop_oneof![any_load(Interval::M15), any_load(Interval::M30), any_load(Interval::M60)]
}

fn cents(bill: &Bill) -> Option<i128> {
    bill.observed().hundredths()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn bands_add_up_to_the_import(load in any_interval()) {
        let tariff = shipped("demo-two-part");
        let used = usage(&load, &load.cycles(1), &tariff);
        let bands: f64 = used.cycles[0].kwh.iter().map(|k| k.get()).sum();
        let import = load.import_kwh(0..load.kw().len());
        prop_assert!((bands - import).abs() <= 1e-9 * import);
        let periods: f64 = used.kwh_by_period(0, &tariff).iter().map(|k| k.get()).sum();
        prop_assert!((periods - bands).abs() <= 1e-9 * import);
        prop_assert_eq!(used.cycles[0].n_open(), load.kw().len() - load.n_valid());
        let highest = (0..load.kw().len()).filter(|i| load.is_valid(*i)).map(|i| load.import_kw(i)).fold(0.0, f64::max);
        prop_assert_eq!(used.cycles[0].demand.map(|d| d.kw.get()), Some(highest));
    }

    #[test]
    fn a_bill_is_monotone_in_its_prices(kw in 0.0..1e4f64, cheap in 0.0..2.0f64, more in 0.0..2.0f64) {
        let at = |price: f64| {
            let text = FLAT.replace("price = 0.5", &format!("price = {price:?}"));
            cents(&one(JANUARY.load(|i| kw + (i % 7) as f64, None), &Contract::default(), &compiled(&text, Interval::M15)))
        };
        prop_assert!(at(cheap) <= at(cheap + more));
    }

    #[test]
    fn a_supply_point_without_load_changes_only_fixed_lines(kw in 1.0..1e4f64, kvar in 0.0..1e4f64, metered in any::<bool>()) {
        let fixed = "\n[[fixed]]\nname = \"meter\"\nprice = 12.5\nper = \"supply_point\"\n";
        let text = Tariff::builtin_list().iter().find(|s| s.id == "demo-two-part").map(|s| format!("{}{fixed}", s.text));
        let tariff = compiled(&text.unwrap(), Interval::M15);
        let main = supply("main", JANUARY.load(|i| kw + (i % 5) as f64, Some(kvar)));
        let idle = supply("idle", JANUARY.load(|_| 0.0, metered.then_some(0.0)));
        let cycles = main.load.cycles(1);
        let terms = contract(BillingMode::Demand);
        let of = |supplies: &[Supply]| bill(supplies, &cycles, &Terms::new(&terms, &[]), &tariff);
        let (alone, both) = (of(std::slice::from_ref(&main)), of(&[main.clone(), idle]));
        let rest = |b: &Bill| b.cycles[0].lines.iter().filter(|l| l.kind != LineKind::Fixed).cloned().collect::<Vec<_>>();
        prop_assert_eq!(rest(&alone), rest(&both));
        prop_assert_eq!(lines_of(&both, LineKind::Fixed).len(), 2);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*", from in 0usize..400, to in 0usize..400) {
        let _ = parse(&text);
        let spoilt: String = TWO_BANDS.chars().take(from).chain(TWO_BANDS.chars().skip(to)).collect();
        let _ = parse(&format!("{spoilt}{NIGHT_HOUR}"));
    }
}

#[test]
fn other_terms_need_no_second_look_at_the_load() {
    let tariff = shipped("demo-two-part");
    let load = JANUARY.load(|i| (i % 96) as f64, Some(20.0));
    let cycles = load.cycles(1);
    let usages = [(Arc::from("main"), usage(&load, &cycles, &tariff))];
    let terms = contract(BillingMode::Demand);
    let priced = price(&usages, &cycles, &Terms::new(&terms, &[]), &tariff);
    assert_eq!(priced, one(load, &terms, &tariff));
}
