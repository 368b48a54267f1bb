//! Codes and names: each once, each with a card that the program prints, each documented.

use super::support::{Outcome, run};
use peakwise::indicator::INDICATORS;
use peakwise::output::{FLEET_TABLES, TABLES};
use peakwise::quality::CHECKS;
use peakwise::rule::RULES;
use std::collections::BTreeSet;

fn codes() -> Vec<&'static str> {
    let rules = RULES.iter().map(|r| r.code());
    rules.chain(INDICATORS.iter().map(|i| i.code())).chain(CHECKS.iter().map(|c| c.code())).collect()
}

#[test]
fn no_code_is_used_twice_whatever_the_case() {
    let mut seen = BTreeSet::new();
    for code in codes() {
        assert!(seen.insert(code.to_lowercase()), "{code} is used twice");
    }
    assert!(seen.len() > 40, "{} codes", seen.len());
}

#[test]
fn codes_have_their_form() {
    let numbered = |code: &str, letter: char, most: u32| {
        let number: Option<u32> = code.strip_prefix(letter).filter(|n| n.len() == 2).and_then(|n| n.parse().ok());
        assert!(number.is_some_and(|n| (1..=most).contains(&n)), "{code}");
    };
    for rule in RULES {
        numbered(rule.code(), 'R', 22);
    }
    for check in CHECKS {
        numbered(check.code(), 'V', 99);
    }
    for indicator in INDICATORS {
        let code = indicator.code();
        assert!(code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{code}");
    }
}

#[test]
fn every_card_can_be_read() -> Outcome {
    for code in codes() {
        let card = peakwise::explain::card(code)?;
        assert!(card.len() > 200, "{code} has hardly a card: {card}");
        assert!(card.starts_with("# "), "{code}: {card}");
    }
    let (code, printed, _) = run(["explain", "r05"])?;
    assert_eq!(code, 0);
    assert_eq!(printed.trim_end(), peakwise::explain::card("R05")?.trim_end());
    Ok(())
}

#[test]
fn tables_and_their_columns_are_named_once() {
    let mut names = BTreeSet::new();
    for table in TABLES {
        assert!(names.insert(table.name()), "{}", table.name());
        let schema = table.schema();
        assert_eq!(schema.field(0).name(), "customer_id", "{}", table.name());
        let mut columns = BTreeSet::new();
        for field in schema.fields() {
            assert!(columns.insert(field.name().clone()), "{}.{} twice", table.name(), field.name());
        }
        // Every wall clock is followed by its instant.
        for (i, field) in schema.fields().iter().enumerate() {
            if matches!(field.data_type(), arrow::datatypes::DataType::Timestamp(_, None)) {
                let next = schema.fields().get(i + 1).map_or("", |f| f.name());
                assert_eq!(next, format!("{}_utc", field.name()), "{}", table.name());
            }
        }
    }
}

/// The columns that other programs rely on, in their order; more may only follow them.
#[test]
fn tables_begin_with_the_columns_of_the_contract() {
    let contract = [
        (
            "customers",
            "customer_id, status, reason, tz, interval_min, first_start, last_start, n_expected, n_valid, n_missing, n_invalid, n_duplicate, n_estimated, kwh, kwh_export, max_kw, max_at, min_kw, mean_kw, load_factor, power_factor, bill_total, saving_total, currency",
        ),
        (
            "daily",
            "customer_id, date, day_kind, n_expected, n_valid, kwh, max_kw, max_at, min_kw, mean_kw, load_factor, peak_valley_kw, peak_valley_ratio",
        ),
        (
            "monthly",
            "customer_id, month, partial, n_expected, n_valid, kwh, kwh_sharp, kwh_peak, kwh_flat, kwh_valley, kwh_deep, kvarh, max_kw, max_at, load_factor, power_factor",
        ),
        ("curves", "customer_id, date, kw"),
        ("typical_days", "customer_id, day_kind, season, slot, mean_kw, p10_kw, p50_kw, p90_kw, n_days"),
        (
            "peaks",
            "customer_id, kind, month, rank, start, end, max_kw, margin_kw, kwh_above, shape, day_kind, recurrence",
        ),
        (
            "bills",
            "customer_id, supply_point, month, scenario, line, period, quantity, unit, price, amount, amount_exact, tariff, note",
        ),
        (
            "advice",
            "customer_id, advice_id, rank, code, verdict, tier, priority, saving_alone, saving_joint, saving_low, saving_high, saving_joint_observed, currency, kwh_saved, kwh_shifted, kw_reduced, confidence, exclusive_group, needs, evidence, audience",
        ),
        ("quality", "customer_id, meter_id, code, severity, first_start, last_start, n_intervals, evidence"),
        (
            "reconciliation",
            "customer_id, month, line, quantity_issued, quantity_recomputed, unit, amount_issued, amount_recomputed, difference, share, within_limit, cause, explanation",
        ),
        (
            "schedule",
            "customer_id, months, day_kind, equipment, run, kw, n_days, from, start, end, saving_observed, currency",
        ),
        ("schedule_curves", "customer_id, months, day_kind, n_days, slot, before_kw, after_kw"),
    ];
    assert_eq!(TABLES.iter().map(|t| t.name()).collect::<Vec<_>>(), contract.map(|c| c.0));
    assert_eq!(FLEET_TABLES.iter().map(|t| t.name()).collect::<Vec<_>>(), ["portfolio", "visits", "fleet_hours"]);
    for (table, (name, columns)) in TABLES.iter().zip(contract) {
        let schema = table.schema();
        let ours: Vec<&str> =
            schema.fields().iter().map(|f| f.name().as_str()).filter(|n| !n.ends_with("_utc")).collect();
        let wanted: Vec<&str> = columns.split(", ").collect();
        assert_eq!(ours.get(..wanted.len()), Some(wanted.as_slice()), "{name}");
    }
}
