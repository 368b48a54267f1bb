//! Each guard of the rules with the naive case that it stops.

use super::tests::{More, everything, needles, row, run, run_with, with_facts};
use super::*;
use crate::customer::{
    BillingMode, Event, EventKind, Meter, RegisterReading, RegisterReadings, Sector, Transformer, Wiring,
};
use crate::register::{Group, Terms};
use crate::rule::{Audience, Outcome, Thresholds, Tier};
use crate::tariff::{Compiled, Tariff};
use crate::time::DAY_SECONDS;
use crate::units::{Kva, Kw};
use crate::whatif::fixture::{Fixture, TARIFF, flat_year, year};
use std::path::Path;
use std::sync::Arc;

fn advises(f: &Fixture, more: &More, code: &str) -> bool {
    let rule = crate::rule::find(code).unwrap();
    row(&run_with(f, more, &[rule]).0, code).is_some_and(|r| r.verdict == Outcome::Advise)
}

pub(super) fn advice(f: &Fixture, more: &More, code: &str) -> Advice {
    let rule = crate::rule::find(code).unwrap();
    let rows = run_with(f, more, &[rule]).0;
    row(&rows, code).filter(|r| r.verdict == Outcome::Advise).cloned().unwrap_or_else(|| panic!("{code}: {rows:?}"))
}

/// 300 kW behind the given units, billed by capacity, supply level 3.
pub(super) fn light(units: &[(&str, f64)]) -> Fixture {
    let mut f = flat_year(300.0);
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    f.customer.contract.capacity = Some(Kva::new(units.iter().map(|u| u.1).sum()));
    f.customer.transformers = units.iter().map(|(n, kva)| Transformer::running(n, *kva)).collect();
    f.customer.supply_level = Some(3);
    f
}

/// A start-up peak in each of the first `months` months.
fn starts(months: u8) -> Fixture {
    let mut f = year(|_, s| if (32..80).contains(&s) { 300.0 } else { 200.0 });
    let (days, labels) = (f.days(), f.labels());
    for d in (0..365).filter(|d| labels.kinds[*d] == crate::time::DayKind::Workday && days.date(*d).ymd().1 <= months) {
        f.kw[d * 96 + 33] = 420.0;
    }
    f
}

fn meter(id: &str) -> Meter {
    Meter::alone(&id.into())
}

/// A demand register that shows `kw` at the end of every month of 2025.
fn registers(kw: f64) -> RegisterReadings {
    let f = flat_year(1.0);
    let state = f.state();
    let at = |c: &crate::time::Cycle| RegisterReading {
        read_at: i64::from(c.dates.end.0) * DAY_SECONDS,
        max_demand_kw: Some(kw),
        ..RegisterReading::default()
    };
    RegisterReadings::from([("T1".into(), state.cycles().iter().map(at).collect())])
}

#[test]
fn the_reference_is_told_by_its_percentile() {
    let of = |base_reference| {
        let more = More { thresholds: Thresholds { base_reference, ..Thresholds::default() }, ..More::default() };
        advice(&everything(BillingMode::Demand, 1000.0), &more, "R06").evidence.notes["reference"].clone()
    };
    assert!(of(0.05).starts_with("percentile 5 of") && of(0.07).starts_with("percentile 7 of"), "{}", of(0.07));
}

#[test]
fn starts_count_when_billed_seen_in_three_months_and_borne_out() {
    let more = More::default();
    assert!(advises(&starts(3), &more, "R02") && !advises(&starts(2), &more, "R02"), "two months may be a test run");
    let mut capacity = starts(12);
    capacity.customer.contract.billing_mode = Some(BillingMode::Capacity);
    assert!(!advises(&capacity, &more, "R02"), "worth nothing under capacity billing");
    let mut ample = starts(12);
    ample.customer.contract.billing_mode = Some(BillingMode::Contract);
    ample.customer.contract.contract_demand = Some(Kw::new(900.0));
    assert!(!advises(&ample, &more, "R02"), "nor under a contract that the starts do not reach");
    let with = |kw: f64| More { meters: vec![meter("T1")], registers: registers(kw), ..More::default() };
    assert!(advises(&starts(12), &with(415.0), "R02"), "within 3 %");
    assert!(!advises(&starts(12), &with(310.0), "R02"), "the register saw no such peak: an artefact");
    assert!(advises(&needles(12), &with(550.0), "R03") && !advises(&needles(12), &with(310.0), "R03"));
    // A register slides: 15 minutes across two readings of 420 and 300 kW may have seen up to their sum.
    assert!(
        advises(&needles(12), &with(600.0), "R03"),
        "above the maximum of fixed intervals, within a sliding window"
    );
    assert!(advises(&starts(12), &with(460.0), "R02"));
    assert!(!advises(&needles(12), &with(2_000.0), "R03"), "no window over these readings comes so high");
    let reason = |f: &Fixture, more: &More| {
        with_facts(f, more, |facts| match crate::rule::find("R03").unwrap().judge(facts) {
            Verdict::Nothing(reason) => reason,
            _ => panic!("silent"),
        })
    };
    let refuted = reason(&needles(12), &with(310.0));
    assert!(
        refuted.contains("not refuted: 0 of 12") && refuted.contains("in 12 more the demand register"),
        "{refuted}"
    );
    assert!(refuted.contains("than 3 %"), "{refuted}");
    let few = reason(&needles(2), &with(550.0));
    assert!(!few.contains("register"), "months without a needle are not refuted: {few}");
}

#[test]
fn a_contract_that_only_hindsight_wins_is_not_advised() {
    // 600 kW contracted at 600/1.05 would save 4.8 %; 10 % more would be billed double.
    assert!(!advises(&flat_year(600.0), &More::default(), "R10"));
    let mut far = flat_year(600.0);
    far.customer.contract.billing_mode = Some(BillingMode::Contract);
    far.customer.contract.contract_demand = Some(Kw::new(900.0));
    let found = advice(&far, &More::default(), "R10");
    assert!(found.evidence.figures["saving_with_adverse_maxima"].value > 0.0);
    // The cycle after the readings is January 2026; a year later that is past, and the next one is told.
    for (today, by) in [(None, "2025-12-25"), (Some("2025-12-20"), "2025-12-25"), (Some("2026-11-27"), "2026-12-25")] {
        let more = More { today: today.map(|d| d.parse().unwrap()), ..More::default() };
        assert_eq!(advice(&far, &more, "R10").evidence.notes["apply_by"], by, "{today:?}");
    }
    assert!(found.evidence.notes.contains_key("worst_month") && found.evidence.notes["ask"].contains("production"));
    // Maxima that nobody can foretell cost more under contracts than by actual demand.
    let mut erratic = year(|d, _| if d / 31 % 2 == 0 { 300.0 } else { 700.0 });
    erratic.customer.contract.billing_mode = Some(BillingMode::Demand);
    assert!(!advises(&erratic, &More::default(), "R10"));
}

#[test]
fn without_a_stated_rule_nothing_is_billed_under_a_contract() {
    let mut f = flat_year(600.0);
    f.tariff = Some(TARIFF.replace("over_contract_rule = \"B\"\nover_contract_source = \"invented for tests\"\n", ""));
    f.customer.contract.billing_mode = Some(BillingMode::Contract);
    f.customer.contract.contract_demand = Some(Kw::new(400.0));
    let found = advice(&f, &More::default(), "R10");
    let figure = |n: &str| found.evidence.figures[n].value;
    assert_eq!((found.saving_alone, found.saving_joint), (None, None));
    // D = 600, C = 400: A bills 2D − 1.05C = 780, B bills C + 2(D − 1.05C) = 760.
    assert_eq!((figure("billed_less_favourable"), figure("billed_more_favourable")), (12.0 * 780.0, 12.0 * 760.0));
}

#[test]
fn suspensions_keep_reserves_and_count_six_months() {
    let more = More::default();
    let f = light(&[("A", 1000.0), ("B", 800.0)]);
    let found = advice(&f, &more, "R11");
    // Naive: a year of the 1,000 kVA, 300,000.
    assert_eq!(found.saving_alone.map(Money::to_f64), Some(6.0 * 25.0 * 1000.0));
    assert_eq!(found.evidence.figures["suspended_months"].value, 6.0);
    assert!(found.evidence.constants.contains_key("restoration_workdays"));
    for (what, change) in [
        ("class-1", (|f: &mut Fixture| f.customer.supply_level = Some(1)) as fn(&mut Fixture)),
        ("two feeds", |f| f.shares = vec![|_| 0.5, |_| 0.5]),
        ("N−1 of level 2", |f| f.customer.supply_level = Some(2)),
        ("units that back each other up", |f| {
            f.customer.transformers.iter_mut().for_each(|u| u.interlock_group = Some("g".into()));
        }),
        ("full load", |f| f.kw.fill(1200.0)),
        ("demand billing", |f| {
            f.customer.contract.billing_mode = Some(BillingMode::Demand);
            f.customer.transformers[0].rating = Kva::new(10.0);
        }),
    ] {
        let mut g = light(&[("A", 1000.0), ("B", 800.0)]);
        change(&mut g);
        assert!(!advises(&g, &more, "R11"), "{what}");
    }
    let mut level2 = light(&[("A", 1000.0), ("B", 800.0), ("C", 800.0)]);
    level2.customer.supply_level = Some(2);
    assert!(advises(&level2, &more, "R11"), "two units stay");
    let mut small = light(&[("A", 1000.0), ("B", 200.0)]);
    small.kw.fill(100.0);
    let found = advice(&small, &more, "R11");
    assert_eq!(found.evidence.notes["units"], "B", "200 kVA that stay would make a single-part customer");
}

#[test]
fn another_basis_asks_whether_production_will_change() {
    let mut f = flat_year(100.0);
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    let found = advice(&f, &More::default(), "R04");
    assert!(found.evidence.notes["ask"].contains("production"), "{:?}", found.evidence.notes);
}

#[test]
fn contract_choices_are_one() {
    let mut f = light(&[("A", 1000.0), ("B", 800.0)]);
    f.kw.fill(420.0);
    let rows = run(&f).0;
    let group: Vec<&Advice> = rows.iter().filter(|r| r.exclusive_group == Some("contract")).collect();
    assert!(group.len() >= 2, "{rows:?}");
    let placed: Vec<&&Advice> = group.iter().filter(|r| r.saving_joint.is_some()).collect();
    assert_eq!(placed.len(), 1);
    let best = group.iter().filter_map(|r| r.saving_alone).max();
    assert_eq!(placed[0].saving_alone, best, "nothing else changes the customer");
    assert!(group.iter().all(|r| r.saving_alone.is_some()), "the others are offered");
}

#[test]
fn places_that_must_run_are_not_shut_down() {
    let mut f = year(|_, _| 0.0);
    let labels = f.labels();
    f.kw = (0..365 * 96)
        .map(|i| match labels.kinds[i / 96] {
            crate::time::DayKind::Workday if (32..80).contains(&(i % 96)) => 500.0,
            crate::time::DayKind::Workday => 100.0,
            crate::time::DayKind::Restday => 170.0,
            crate::time::DayKind::Holiday => 60.0,
        })
        .collect();
    assert!(advice(&f, &More::default(), "R07").saving_alone.is_some());
    for sector in [Sector::Hospital, Sector::ColdStore, Sector::ContinuousProcess, Sector::DataCentre] {
        f.customer.sector = Some(sector);
        assert!(!advises(&f, &More::default(), "R07"), "{sector:?}");
    }
    f.customer.sector = None;
    let question = advice(&f, &More { no_calendar: true, ..More::default() }, "R07");
    assert!(question.saving_alone.is_none() && question.evidence.notes["ask"].contains("without production"));
}

#[test]
fn clouds_are_neither_flexibility_nor_starts_nor_waste() {
    // The naive case: on every fifth day the sun is out and the meter reads far less at midday.
    let cloudy = |generation: f64| {
        let labels = flat_year(0.0).labels();
        year(move |d, s| {
            let work = labels.kinds[d] == crate::time::DayKind::Workday;
            let load = if work && (32..80).contains(&s) { 500.0 } else { 300.0 };
            load - if d % 5 == 0 && (40..64).contains(&s) { generation } else { 0.0 }
        })
    };
    let more = More::default();
    let naive = cloudy(240.0);
    assert!(advises(&naive, &more, "R15"), "260 kW of 500 look like a load that can be lowered");
    let mut moving = everything(BillingMode::Demand, 1000.0);
    assert!(advises(&moving, &more, "R01"));
    let fed_back = cloudy(700.0);
    for code in ["R01", "R02", "R06", "R15"] {
        assert!(!advises(&fed_back, &more, code), "{code} behind own generation");
    }
    let metered =
        More { meters: vec![Meter { role: crate::customer::MeterRole::Generation, ..meter("PV") }], ..More::default() };
    assert!(
        !advises(&naive, &metered, "R15") && !advises(&moving, &metered, "R01"),
        "a meter of generation tells as much"
    );
    moving.kw.iter_mut().enumerate().filter(|(i, _)| i / 96 % 5 == 0 && i % 96 == 48).for_each(|(_, kw)| *kw -= 600.0);
    assert!(!advises(&moving, &more, "R01"), "it feeds back at noon");
}

#[test]
fn a_potential_states_what_it_leaves_out() {
    let found = advice(&everything(BillingMode::Demand, 1000.0), &More::default(), "R01");
    assert!(found.evidence.notes["not_deducted"].contains("labour"));
    assert!(found.evidence.notes["kind"].contains("technical potential"));
    assert_eq!((found.evidence.constants["block"].value, found.evidence.constants["step"].value), (60.0, 10.0));
}

#[test]
fn cooling_is_judged_where_people_are_cooled() {
    let f = everything(BillingMode::Demand, 1000.0);
    let rule = crate::rule::find("R08").unwrap();
    let silent = |sector| {
        let mut g = everything(BillingMode::Demand, 1000.0);
        g.customer.sector = Some(sector);
        run_with(&g, &More::default(), &[rule]).0.is_empty()
    };
    assert!(silent(Sector::DiscreteManufacturing), "its load follows output, not the weather");
    assert!(!silent(Sector::Commercial), "it asks for the temperature");
    assert!(!run_with(&f, &More::default(), &[rule]).0.is_empty(), "an unknown sector is asked for");
}

pub(super) fn terms(text: &str) -> Terms {
    toml::from_str(text).unwrap()
}

pub(super) const BATTERY: &str =
    "[battery]\ncapex_per_kwh = 500\nhours = 2\nround_trip = 0.9\ncycle_life = 6000\nlife_years = 12\n";
pub(super) const PV: &str =
    "[pv]\ncapex_per_kwp = 3000\nkwp = 100\nkwh_per_kwp = 1000\nlatitude = 31\nlife_years = 20\n";

#[test]
fn investments_need_the_users_terms_and_never_could_be_paid() {
    let f = everything(BillingMode::Demand, 1000.0);
    let (rows, _, _) = run(&f);
    for (code, need) in [("R13", "battery"), ("R14", "pv"), ("R17", "voltage"), ("R22", "product")] {
        assert!(row(&rows, code).is_some_and(|r| r.needs.contains(&need.to_owned())), "{code}");
    }
    let more = More { terms: terms(&format!("{BATTERY}{PV}")), ..More::default() };
    let (rows, _, _) = run_with(&f, &more, RULES);
    for code in ["R13", "R14"] {
        let r = row(&rows, code).unwrap();
        assert_eq!((r.tier, r.headline), (Tier::Invest, false), "{code}");
    }
    let (r03, r13) = (row(&rows, "R03").unwrap(), row(&rows, "R13").unwrap());
    assert!(r03.saving_joint.is_some() && r13.saving_joint.is_none(), "care goes before investment");
}

#[test]
fn low_days_promise_no_revenue() {
    let mut f = year(|d, s| match (32..80).contains(&s) {
        true if d % 5 == 0 => 300.0,
        true => 500.0,
        false => 200.0,
    });
    let found = advice(&f, &More::default(), "R15");
    assert!(found.saving_alone.is_none() && found.kw_potential.is_some_and(|kw| kw >= Kw::new(100.0)));
    assert_eq!(found.kw_reduced, None, "no bill falls by it");
    f.customer.supply_level = Some(1);
    assert!(!advises(&f, &More::default(), "R15"), "class-1 supply");
}

#[test]
fn three_wire_meters_show_no_imbalance() {
    let with = |wiring| More { meters: vec![Meter { wiring: Some(wiring), ..meter("T1") }], ..More::default() };
    let rows = |wiring| run_with(&flat_year(300.0), &with(wiring), &[crate::rule::find("R16").unwrap()]).0;
    assert!(rows(Wiring::ThreeWire).is_empty());
    assert_eq!(rows(Wiring::FourWire)[0].needs, ["phase_currents"]);
}

#[test]
fn metering_faults_are_internal() {
    let more = More { meters: vec![Meter { ct_ratio: Some(400.0), ..meter("T1") }], ..More::default() };
    let found = advice(&flat_year(100.0), &more, "R18");
    assert_eq!((found.audience, found.saving_alone), (Audience::Internal, None));
}

#[test]
fn a_start_at_eight_is_no_swing() {
    let shift = year(|_, s| if (32..80).contains(&s) { 600.0 } else { 100.0 });
    assert!(!advises(&shift, &More::default(), "R19"));
    let mut erratic = flat_year(200.0);
    for d in 0..365 {
        erratic.kw[d * 96 + d * 37 % 96] += 400.0;
    }
    assert!(advises(&erratic, &More::default(), "R19"));
}

#[test]
fn peers_are_not_exposed() {
    let mut f = year(|_, s| if (32..80).contains(&s) { 600.0 } else { 100.0 });
    f.customer.sector = Some(Sector::DiscreteManufacturing);
    let with = |n: usize, largest_share: f64| More {
        peers: Some(Group {
            sector: Sector::DiscreteManufacturing,
            n,
            largest_share,
            load_factor: [0.7, 0.8, 0.9],
            base_to_peak: None,
        }),
        ..More::default()
    };
    let found = advice(&f, &with(8, 0.25), "R20");
    let shown: Vec<f64> = found.evidence.figures.values().map(|f| f.value).collect();
    assert!(!shown.iter().any(|v| [0.7, 0.8, 0.9].contains(v)), "the quarter alone: {shown:?}");
    assert!(!advises(&f, &with(7, 0.2), "R20") && !advises(&f, &with(20, 0.26), "R20"));
}

#[test]
fn a_known_change_of_production_is_no_drift() {
    let mut f = flat_year(300.0);
    f.n_days = 730;
    f.kw = (0..730 * 96).map(|i| if i / 96 < 650 { 300.0 } else { 345.0 }).collect();
    assert!(!advises(&f, &More::default(), "R09"), "the weather may have made it");
    f.customer.sector = Some(Sector::DiscreteManufacturing);
    assert!(advises(&f, &More::default(), "R09"));
    let day = f.from.plus(650);
    f.customer.events = vec![Event::on_dates(day..day.plus(1), EventKind::ProductionChange)];
    assert!(!advises(&f, &More::default(), "R09"));
}

#[test]
fn products_name_no_supplier_and_print_the_lock_in() {
    let mut f = flat_year(25.0);
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    let single = TARIFF.split("[demand]").next().unwrap().replace("test-two-part", "single");
    let compiled = |f: &Fixture| {
        let tariff = Tariff::parse(Path::new("single.toml"), &single).unwrap();
        Arc::new(Compiled::new(Arc::new(tariff), f.interval, None).unwrap())
    };
    let product = "[[product]]\ntariff = \"single\"\nbilling_mode = \"single\"\nlock_in_months = 12\n";
    let more = More { terms: terms(product), tariffs: vec![("single".into(), compiled(&f))], ..More::default() };
    let found = advice(&f, &more, "R22");
    assert_eq!(found.evidence.figures["lock_in_months"].value, 12.0);
    assert_eq!(found.saving_alone.map(Money::to_f64), Some(12.0 * 25.0 * 1000.0), "the capacity charge falls away");
    let out_of_range = product.to_owned() + "capacity_kva = [100, 315]\n";
    let more = More { terms: terms(&out_of_range), tariffs: vec![("single".into(), compiled(&f))], ..More::default() };
    assert!(!advises(&f, &more, "R22"), "1,000 kVA may not choose it");
}
