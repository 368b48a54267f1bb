//! R11, R12: what the transformers carry, and which of them.

use super::guards::{advice, light};
use super::tests::{More, run_with, with_facts};
use super::*;
use crate::customer::Transformer;
use crate::rule::Tier;
use crate::units::Kva;
use crate::whatif::fixture::{Fixture, flat_year};

#[test]
fn a_bank_is_judged_as_a_whole() {
    // The naive case: 560 kW would be too much for the smaller unit alone, and 1,700 kW for either.
    let mut f = flat_year(560.0);
    f.customer.transformers = vec![Transformer::running("T1", 1_600.0), Transformer::running("T2", 400.0)];
    let rule = [crate::rule::find("R12").unwrap()];
    assert!(run_with(&f, &More::default(), &rule).0.is_empty());
    f.kw.fill(1_700.0);
    let found = advice(&f, &More::default(), "R12");
    assert!(found.evidence.notes["units"].contains("single units only with meters of their own"));
    let figure = |name: &str| found.evidence.figures[name].value;
    assert_eq!([figure("rating_kva"), figure("highest_loading")], [2_000.0, 0.85], "of both together");
    let names = |text: &String| text.contains("T1") || text.contains("T2");
    assert!(!found.evidence.notes.values().any(names), "{:?}", found.evidence.notes);
    assert_eq!((found.saving_alone, found.headline, found.tier), (None, false, Tier::Inform));
}

#[test]
fn the_worst_hours_of_a_long_run_are_told() {
    // The naive cases: a run was told by its least, whatever stood within it.
    for (level, within) in [(1_020.0, 1_500.0), (850.0, 990.0)] {
        let mut f = flat_year(level);
        f.customer.transformers = vec![Transformer::running("T1", 1_000.0)];
        f.kw[96 * 40 + 32..96 * 40 + 44].fill(within);
        let found = advice(&f, &More::default(), "R12").evidence;
        let figure = |name: &str| found.figures[name].value;
        assert_eq!([figure("highest_kva"), figure("highest_loading")], [within, within / 1_000.0]);
        assert!(found.notes["worst_from"].ends_with("08:00"), "{}", found.notes["worst_from"]);
    }
}

#[test]
fn a_load_is_heavy_on_what_is_in_service_that_day() {
    let mut f = flat_year(1_100.0);
    let reason = |f: &Fixture| {
        with_facts(f, &More::default(), |facts| match crate::rule::find("R12").unwrap().judge(facts) {
            Verdict::Nothing(reason) => reason,
            _ => String::new(),
        })
    };
    f.customer.transformers = ["T1", "T2"].map(|n| Transformer::running(n, 1_250.0)).to_vec();
    assert!(reason(&f).contains("never above 80%"));
    // One of them goes: heavy from then on, not the whole year.
    f.customer.transformers[1].valid_to = Some("2025-12-20".parse().unwrap());
    let figures = |f: &Fixture| advice(f, &More::default(), "R12").evidence.figures;
    let found = figures(&f);
    assert_eq!([found["heavy_days"].value, found["heavy_hours"].value], [12.0, 12.0 * 24.0]);
    assert_eq!([found["rating_kva"].value, found["highest_loading"].value], [1_250.0, 0.88]);
    // Two ratings at heavy times are not told as one.
    f.kw[..96 * 5].fill(2_000.0);
    let found = figures(&f);
    assert_eq!([found["heavy_days"].value, found["rating_worst_kva"].value], [17.0, 1_250.0]);
    assert!(!found.contains_key("rating_kva"));
    // Of units that back each other up one carries the load.
    let mut f = flat_year(1_100.0);
    f.customer.transformers = ["T1", "T2"].map(|n| Transformer::running(n, 1_250.0)).to_vec();
    f.customer.transformers.iter_mut().for_each(|t| t.interlock_group = Some("a".into()));
    assert_eq!(figures(&f)["highest_loading"].value, 0.88);
    // What leads counts as what lags, and the two against each other.
    let mut f = flat_year(600.0);
    f.customer.transformers = vec![Transformer::running("T1", 1_000.0)];
    (f.kvar, f.kvar_lead) = (Some(vec![0.0; f.kw.len()]), Some(vec![800.0; f.kw.len()]));
    assert_eq!(figures(&f)["highest_kva"].value, 1_000.0);
    f.kvar = Some(vec![800.0; f.kw.len()]);
    assert!(reason(&f).contains("never above 80%"));
}

#[test]
fn an_overload_within_a_longer_heavy_run_is_said_at_once() {
    // One day of 8 h at 850 kW with 3 h at 1,100 kW among them, on 1,000 kVA; alone; and among forty heavy days.
    let of = |heavy_days: usize, level: f64| {
        let mut f = flat_year(400.0);
        f.customer.transformers = vec![Transformer::running("T1", 1_000.0)];
        (0..heavy_days).for_each(|d| f.kw[d * 96 + 32..d * 96 + 64].fill(level));
        f.kw[44..56].fill(1_100.0);
        let found = advice(&f, &More::default(), "R12");
        let figures = ["highest_kva", "runs_over_rating", "hours_over_rating", "heavy_hours", "heavy_days"];
        (found.priority, figures.map(|name| found.evidence.figures[name].value))
    };
    assert_eq!(of(1, 850.0), (1, [1_100.0, 1.0, 3.0, 8.0, 1.0]));
    assert_eq!(of(1, 400.0), (1, [1_100.0, 1.0, 3.0, 3.0, 1.0]));
    assert_eq!(of(40, 850.0), (1, [1_100.0, 1.0, 3.0, 320.0, 40.0]));
}

#[test]
fn a_load_that_a_greater_unit_has_outgrown_is_not_heavy() {
    // 1,000 kVA until June, 1,600 kVA from then on, as in the register a year and a half later.
    let unit = |name: &str, kva: f64, from: Option<&str>, to: Option<&str>| Transformer {
        valid_from: from.map(|d| d.parse().unwrap()),
        valid_to: to.map(|d| d.parse().unwrap()),
        ..Transformer::running(name, kva)
    };
    let mut f = flat_year(900.0);
    f.customer.transformers =
        vec![unit("T1", 1_000.0, None, Some("2025-06-01")), unit("T2", 1_600.0, Some("2025-06-01"), None)];
    let later = More { today: Some("2026-11-27".parse().unwrap()), ..More::default() };
    let reason = |f: &Fixture, more: &More| {
        with_facts(f, more, |facts| match crate::rule::find("R12").unwrap().judge(facts) {
            Verdict::Nothing(reason) => reason,
            _ => String::new(),
        })
    };
    assert_eq!(
        reason(&f, &later),
        "until 2025-05-31 heavy on the 1000 kVA in service then, not on the 1600 kVA of today"
    );
    // A unit that comes after the readings, before the run.
    f.customer.transformers[1].valid_from = Some("2026-03-01".parse().unwrap());
    f.customer.transformers[0].valid_to = Some("2026-03-01".parse().unwrap());
    assert!(reason(&f, &later).starts_with("until 2025-12-31"));
    assert_eq!(advice(&f, &More::default(), "R12").evidence.figures["rating_kva"].value, 1_000.0);
    // What would be heavy on today's is told as that.
    f.customer.transformers[1].rating = Kva::new(1_100.0);
    let figures = advice(&f, &later, "R12").evidence.figures;
    assert_eq!([figures["rating_kva"].value, figures["highest_loading"].value], [1_100.0, 900.0 / 1_100.0]);
    // A unit that rested for a summer may rest again.
    f.customer.transformers = vec![
        unit("T1", 1_000.0, None, None),
        unit("T2", 600.0, None, Some("2025-06-01")),
        unit("T2", 600.0, Some("2025-09-01"), None),
    ];
    assert_eq!(advice(&f, &later, "R12").evidence.figures["heavy_days"].value, 92.0);
}

#[test]
fn what_leads_is_carried_by_the_units_that_stay() {
    let mut f = light(&[("T1", 1000.0), ("T2", 1000.0)]);
    (f.kvar, f.kvar_lead) = (Some(vec![0.0; f.kw.len()]), Some(vec![400.0; f.kw.len()]));
    assert_eq!(advice(&f, &More::default(), "R11").evidence.figures["highest_kva"].value, 500.0);
}

#[test]
fn a_reactive_reading_that_did_not_come_is_none_of_zero() {
    // The naive case: a column that other customers of the file have filled made cos φ 1.
    let mut plant = light(&[("T1", 1000.0), ("T2", 800.0)]);
    plant.kw.fill(620.0);
    let mut heavy = flat_year(900.0);
    heavy.customer.transformers = vec![Transformer::running("T1", 1_000.0)];
    for (f, code) in [(&mut plant, "R11"), (&mut heavy, "R12")] {
        let without = advice(f, &More::default(), code);
        f.kvar = Some(vec![f64::NAN; f.kw.len()]);
        assert_eq!(advice(f, &More::default(), code), without);
        // Zero throughout is a channel that does not measure; the bill alone follows what it says.
        f.kvar = Some(vec![0.0; f.kw.len()]);
        let dead = advice(f, &More::default(), code).evidence;
        let same = |name: &str| dead.figures.get(name) == without.evidence.figures.get(name);
        assert!(["highest_kva", "remaining_kva", "power_factor_least"].into_iter().all(same), "{code}");
        assert_eq!(dead.notes["reactive"], without.evidence.notes["reactive"]);
    }
    // Every other day is read, at cos φ 0.96: the others may be heavier.
    let with_gaps = |kw: f64, cos_phi: f64| {
        move |i: usize| {
            if (i / 96) % 2 == 0 { kw * (1.0 / (cos_phi * cos_phi) - 1.0_f64).sqrt() } else { f64::NAN }
        }
    };
    plant.kvar = Some((0..plant.kw.len()).map(with_gaps(620.0, 0.96)).collect());
    let found = advice(&plant, &More::default(), "R11").evidence;
    assert_eq!(found.notes["units"], "T2", "what stays must carry 620 kW at cos φ 0.9");
    assert!((found.figures["highest_kva"].value - 620.0 / 0.9).abs() < 1e-9);
    assert!(found.notes["reactive"].contains("part of the intervals"));
    // Where they all are worse than what is assumed, the readings are what counts.
    plant.kvar = Some((0..plant.kw.len()).map(with_gaps(620.0, 0.8)).collect());
    let found = advice(&plant, &More::default(), "R11").evidence;
    assert!((found.figures["highest_kva"].value - 775.0).abs() < 1e-3);
    assert!((found.figures["power_factor_least"].value - 0.775).abs() < 1e-9);
    // What was not read makes a lower bound of what is told.
    heavy.kvar = Some((0..heavy.kw.len()).map(with_gaps(900.0, 0.95)).collect());
    let found = advice(&heavy, &More::default(), "R12").evidence;
    assert!(found.notes["reactive"].contains("lower bound") && found.notes["confidence_by"].contains("lower bound"));
    assert!((found.figures["highest_kva"].value - 900.0 / 0.95).abs() < 1e-9, "of the hours that were read");
}

#[test]
fn what_is_fed_back_is_not_called_a_load() {
    let mut f = flat_year(300.0);
    f.customer.transformers = vec![Transformer::running("T1", 1_000.0)];
    f.kw.iter_mut().enumerate().filter(|(i, _)| (40..56).contains(&(i % 96))).for_each(|(_, kw)| *kw = -950.0);
    let found = advice(&f, &More::default(), "R12");
    assert_eq!(found.evidence.figures["fed_back_kva"].value, 950.0);
    let told = crate::report::AdviceText::new(&found, crate::text::Language::En);
    assert!(told.finding.contains("950 kVA were fed back"), "{}", told.finding);
    assert!(told.action.contains("what may be fed back (950 kVA at present)"), "{}", told.action);
    f.kw.fill(950.0);
    let told = crate::report::AdviceText::new(&advice(&f, &More::default(), "R12"), crate::text::Language::En);
    assert!(!told.finding.contains("fed back") && told.action.contains("plan more capacity"));
}
