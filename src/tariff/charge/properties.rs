//! What chains of versions, splits of months and demand windows must satisfy.

use super::super::testkit::{At, FLAT, JANUARY, TWO_BANDS, compiled, date, parse, supply};
use super::super::{Compiled, Conditions, LineKind, Supply, Terms, bill, usage};
use super::tests::{DAY_NIGHT, YEAR, lines};
use crate::curve::{Channels, Load, PowerKind};
use crate::customer::{BillingMode, Contract};
use crate::time::{Date, Interval};
use crate::units::{Kva, Ratio};
use proptest::prelude::*;
use std::sync::Arc;

/// Two versions of a tariff, the second from a date on, with other prices where `later` is given.
fn chain(text: &str, from: Date, later: Option<(&str, &str)>) -> Compiled {
    let series = |t: &str, id: &str| t.replace("id = \"", &format!("series = \"s\"\nid = \"{id}"));
    let last = from.plus(-1);
    let first = series(text, "a-").replace("2030-12-31", &last.to_string());
    let second = series(text, "b-").replace("2020-01-01", &from.to_string());
    let second = later.map_or(second.clone(), |(a, b)| second.replace(a, b));
    let versions = [first, second].map(|t| Arc::new(parse(&t).unwrap()));
    Compiled::chain(versions.to_vec(), Interval::M15, Conditions::default()).unwrap()
}

const EVERYTHING: &str = "[demand]\nprice = 40\nwindow_minutes = 15\n[capacity]\nprice = 25\n[power_factor]\ntable = \"CN-1983\"\n\
    [[fund]]\nname = \"fund\"\nprice = 0.05\n[[fixed]]\nname = \"fee\"\nprice = 100\n[[tax]]\nname = \"vat\"\nrate = 0.13\n\
    [[demand_charge]]\nname = \"high\"\nprice = 3\nbands = [\"high\"]\nratchet = { share = 0.9 }\n[[minimum]]\nname = \"least\"\namount = 1e6\n";

#[test]
fn a_month_in_which_prices_change_is_split_by_day() {
    let text = format!(
        "{TWO_BANDS}{DAY_NIGHT}[demand]\nprice = 31\nwindow_minutes = 15\n[[fixed]]\nname = \"fee\"\nprice = 31\n"
    );
    let load = JANUARY.load(|_| 10.0, None);
    let cycles = load.cycles(1);
    let contract = Contract { billing_mode: Some(BillingMode::Demand), ..Contract::default() };
    let of = |tariff: &Compiled| bill(&[supply("main", load.clone())], &cycles, &Terms::new(&contract, &[]), tariff);
    let tariff = chain(&text, date("2026-01-11"), Some(("price = 31", "price = 62")));
    let bill = of(&tariff);
    assert_eq!(
        lines(&bill, 0, &[LineKind::Energy]),
        ["high 3720.000 3720.00", "low 3720.000 930.00"],
        "unchanged prices merge"
    );
    assert_eq!(
        lines(&bill, 0, &[LineKind::Demand]),
        ["demand 3.226 100.00", "demand 6.774 420.00"],
        "10 and 21 days of 31"
    );
    assert_eq!(lines(&bill, 0, &[LineKind::Fixed]), ["fee 0.323 10.00", "fee 0.677 42.00"]);
    let tariff = chain(&text, date("2026-01-11"), Some(("price = 1.0", "price = 2.0")));
    assert_eq!(
        lines(&of(&tariff), 0, &[LineKind::Energy]),
        ["high 1200.000 1200.00", "low 3720.000 930.00", "high 2520.000 5040.00"]
    );
    assert_eq!(&*of(&tariff).tariff, "s", "the series");
}

#[test]
fn prices_that_change_within_a_reading_day_cycle_split_it_by_day() {
    // Third to fourth regulatory cycle: 2026-08-01, inside the cycle from 20 July to 20 August.
    let text = format!("{TWO_BANDS}{DAY_NIGHT}[demand]\nprice = 42\nwindow_minutes = 15\n");
    let load = YEAR.load(|_| 10.0, None);
    let cycles = load.cycles(20);
    let at = cycles.iter().position(|c| c.month.to_string() == "2026-08").unwrap();
    let contract = Contract { billing_mode: Some(BillingMode::Demand), ..Contract::default() };
    let tariff = chain(&text, date("2026-08-01"), Some(("price = 1.0", "price = 0.9")));
    let whole = bill(&[supply("main", load)], &cycles, &Terms::new(&contract, &[]), &tariff);
    assert_eq!(
        lines(&whole, at, &[LineKind::Energy, LineKind::Demand]),
        ["high 1440.000 1440.00", "low 3720.000 930.00", "high 2280.000 2052.00", "demand 10.000 420.00"],
        "12 days before, 19 days after; the demand price is the same"
    );
    assert_eq!(lines(&whole, at - 1, &[LineKind::Energy])[0], "high 3600.000 3600.00");
    assert_eq!(lines(&whole, at + 1, &[LineKind::Energy])[1], "high 3720.000 3348.00");
}

#[test]
fn versions_must_follow_each_other() {
    let version = |id: &str, from: &str, to: &str| {
        let text = FLAT
            .replace("id = \"flat\"", &format!("id = \"{id}\""))
            .replace("2020-01-01", from)
            .replace("2030-12-31", to);
        Arc::new(parse(&text).unwrap())
    };
    let (a, b) = (version("a", "2020-01-01", "2026-06-30"), version("b", "2026-07-01", "2026-12-31"));
    let gap = version("c", "2027-02-01", "2027-12-31");
    let over = version("d", "2026-06-30", "2026-12-31");
    let of = |v: Vec<Arc<super::super::Tariff>>| Compiled::chain(v, Interval::M15, Conditions::default());
    let e = of(vec![over, Arc::clone(&a)]).map(|_| ()).unwrap_err().to_string();
    assert!(e.contains("effective_to: a is effective 2020-01-01 to 2026-06-30, into version d; end it before"), "{e}");
    let chained = of(vec![gap, b, a]).unwrap();
    assert!(chained.prices_cover(&(date("2026-06-15")..date("2026-07-15"))));
    assert!(!chained.prices_cover(&(date("2026-12-15")..date("2027-03-15"))), "nothing is in force in January");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn splitting_a_month_at_any_day_changes_nothing_when_prices_do_not(day in 1i32..59, kw in 1.0..1e4f64, mode in 0..2) {
        let text = format!("{TWO_BANDS}{DAY_NIGHT}{EVERYTHING}");
        let load = At { to: "2026-02-28", ..JANUARY }.load(|i| kw + (i % 97) as f64, Some(kw / 2.0));
        let cycles = load.cycles(1);
        let contract = Contract {
            billing_mode: Some(if mode == 0 { BillingMode::Demand } else { BillingMode::Capacity }),
            capacity: Some(Kva::new(630.0)),
            pf_standard: Some(Ratio::new(0.85)),
            ..Contract::default()
        };
        let supplies: Vec<Supply> = vec![supply("main", load)];
        let of = |tariff: &Compiled| {
            let mut bill = bill(&supplies, &cycles, &Terms::new(&contract, &[]), tariff);
            bill.tariff = "".into();
            for line in bill.cycles.iter_mut().flat_map(|c| &mut c.lines) {
                line.origin = "".into();
            }
            bill
        };
        let whole = of(&compiled(&text, Interval::M15));
        prop_assert!(whole.cycles.iter().all(|c| c.lines.len() >= 7));
        prop_assert_eq!(whole, of(&chain(&text, date("2026-01-01").plus(day), None)));
    }

    #[test]
    fn a_sliding_maximum_is_never_below_the_fixed_one_nor_above_its_bound(kw in prop::collection::vec(0.0..1e3f64, 96 * 31)) {
        let text = |window: &str| format!("{FLAT}[demand]\nprice = 1\nwindow_minutes = 30\nwindow = \"{window}\"\n");
        let load = JANUARY.load(|i| kw[i], None);
        let of = |window: &str| usage(&load, &load.cycles(1), &compiled(&text(window), Interval::M15)).cycles[0].clone();
        let (fixed, sliding) = (of("fixed").demand.unwrap(), of("sliding"));
        let (least, most) = (sliding.demand.unwrap().kw, sliding.demand_bound.unwrap());
        prop_assert!(fixed.kw <= least && least <= most);
        let pairs = (0..kw.len() - 1).map(|i| f64::midpoint(kw[i], kw[i + 1])).fold(0.0, f64::max);
        prop_assert!((least.get() - pairs).abs() < 1e-9);
    }

    #[test]
    fn demand_by_slices_is_demand_by_brute_force(kw in prop::collection::vec(-50.0..500.0f64, 96 * 31), gone in prop::collection::vec(0u8..30, 96 * 31), window in 0..3usize) {
        let minutes = [15, 30, 60][window];
        let text = format!("{TWO_BANDS}{DAY_NIGHT}[[demand_charge]]\nname = \"x\"\nprice = 1\nbands = [\"high\"]\nwindow_minutes = {minutes}\n");
        let flags = gone.iter().map(|g| u8::from(*g != 0)).collect();
        let days = JANUARY.days();
        let channels = Channels { kw: kw.clone(), flags, ..Channels::default() };
        let load = Load::new(days, 0..kw.len(), channels, crate::curve::Placement::default(), PowerKind::Mean);
        let found = usage(&load, &load.cycles(1), &compiled(&text, Interval::M15)).cycles[0].measured[0].max.map(|m| (m.kw.get(), m.index));
        let n = minutes / 15;
        let mut best: Option<(f64, usize)> = None;
        for first in (0..kw.len()).step_by(n) {
            let window = first..first + n;
            let inside = window.clone().all(|i| (32..80).contains(&(i % 96)) && gone[i] != 0);
            let mean = window.map(|i| kw[i].max(0.0)).sum::<f64>() / n as f64;
            if inside && best.is_none_or(|b| mean > b.0) {
                best = Some((mean, first));
            }
        }
        prop_assert_eq!(found, best);
    }
}
