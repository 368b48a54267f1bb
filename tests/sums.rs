//! The sums and semantics of the tables, on the demonstration.

use super::support::{Outcome, Rows, demo};
use arrow::array::AsArray;
use arrow::datatypes::{DataType, Float64Type};
use std::collections::{BTreeMap, BTreeSet};

const TABLES: [&str; 8] = ["customers", "daily", "monthly", "typical_days", "peaks", "bills", "advice", "quality"];

/// The first and last date of each billing month of calendar cycles: `2025-01`.
fn month_of(date: &str) -> String {
    date.chars().take(7).collect()
}

/// Adds in the order of rows, by key.
fn added<K: Ord>(keys: impl IntoIterator<Item = K>, values: impl IntoIterator<Item = Option<f64>>) -> BTreeMap<K, f64> {
    let mut out = BTreeMap::new();
    for (key, value) in keys.into_iter().zip(values) {
        if let Some(value) = value {
            *out.entry(key).or_insert(0.0) += value;
        }
    }
    out
}

/// Σ daily = monthly = customers, to the last bit, for energy both ways and reactive energy.
#[test]
fn energies_of_days_months_and_customers_are_equal_bit_by_bit() -> Outcome {
    let (daily, monthly, customers) = (demo().table("daily")?, demo().table("monthly")?, demo().table("customers")?);
    let months: Vec<(String, String)> =
        daily.ids("customer_id")?.into_iter().zip(daily.ids("date")?.iter().map(|d| month_of(d))).collect();
    for column in ["kwh", "kvarh", "kwh_export"] {
        let by_month = added(months.clone(), daily.reals(column)?);
        let keys: Vec<_> = monthly.ids("customer_id")?.into_iter().zip(monthly.ids("month")?).collect();
        let mut compared = 0;
        for (key, value) in keys.iter().zip(monthly.reals(column)?) {
            assert_eq!(by_month.get(key).copied(), value, "{column} of {key:?}");
            compared += usize::from(value.is_some());
        }
        let by_customer = added(monthly.ids("customer_id")?, monthly.reals(column)?);
        for (id, value) in customers.ids("customer_id")?.iter().zip(customers.reals(column)?) {
            assert_eq!(by_customer.get(id).copied(), value, "{column} of {id}");
        }
        let least = if column == "kwh_export" { 1 } else { 12 * customers.len() };
        assert!(compared >= least, "only {compared} months have {column}");
    }
    Ok(())
}

#[test]
fn energies_of_periods_add_up_to_the_months() -> Outcome {
    let monthly = demo().table("monthly")?;
    let periods = ["kwh_sharp", "kwh_peak", "kwh_flat", "kwh_valley", "kwh_deep"];
    let columns = periods.map(|p| monthly.reals(p));
    let kwh = monthly.reals("kwh")?;
    let mut sums = vec![Some(0.0); monthly.len()];
    for column in columns {
        for (sum, value) in sums.iter_mut().zip(column?) {
            *sum = sum.zip(value).map(|(a, b)| a + b);
        }
    }
    let estimated = monthly.wholes("n_estimated")?;
    for (row, (sum, kwh)) in sums.iter().zip(&kwh).enumerate() {
        let (sum, kwh) = sum.zip(*kwh).ok_or_else(|| format!("row {row} has no energy by period"))?;
        // Periods are over what was measured, as kwh is.
        assert!(
            (sum - kwh).abs() <= 1e-9 * kwh.abs().max(1.0),
            "row {row} ({:?} estimated): {sum} is not {kwh}",
            estimated[row]
        );
    }
    Ok(())
}

#[test]
fn counts_of_intervals_add_up() -> Outcome {
    let customers = demo().table("customers")?;
    let n = |c: &str| customers.wholes(c);
    let (expected, valid, missing, invalid) = (n("n_expected")?, n("n_valid")?, n("n_missing")?, n("n_invalid")?);
    let (estimated, duplicate) = (n("n_estimated")?, n("n_duplicate")?);
    for row in 0..customers.len() {
        let sum = valid[row].zip(missing[row]).zip(invalid[row]).map(|((v, m), i)| v + m + i);
        assert_eq!(sum, expected[row], "row {row}");
        assert!(estimated[row] <= missing[row].zip(invalid[row]).map(|(m, i)| m + i), "row {row}");
    }
    assert!(missing.iter().flatten().any(|m| *m > 0), "a customer with gaps was planted");
    assert!(duplicate.iter().flatten().any(|d| *d > 0), "a customer with duplicates was planted");
    for table in ["daily", "monthly"] {
        let rows = demo().table(table)?;
        for column in ["n_expected", "n_valid"] {
            let values = rows.wholes(column)?.into_iter().map(|v| v.map(|v| v as f64));
            let sums = added(rows.ids("customer_id")?, values);
            for (id, value) in customers.ids("customer_id")?.iter().zip(n(column)?) {
                assert_eq!(sums.get(id).copied(), value.map(|v| v as f64), "{column} of {id} in {table}");
            }
        }
    }
    Ok(())
}

/// A line's amount is its exact amount rounded half away from zero; lines are those of billed months.
#[test]
fn bill_lines_are_rounded_alone_and_cover_complete_months_only() -> Outcome {
    let (bills, monthly, customers) = (demo().table("bills")?, demo().table("monthly")?, demo().table("customers")?);
    let amounts = bills.reals("amount")?;
    let (quantity, price, kind) = (bills.reals("quantity")?, bills.reals("price")?, bills.ids("line")?);
    for (row, (amount, exact)) in amounts.iter().zip(bills.reals("amount_exact")?).enumerate() {
        let (amount, exact) = amount.zip(exact).ok_or("a line without amount")?;
        let product = quantity[row].zip(price[row]).map(|(q, p)| q * p).ok_or("a line without quantity")?;
        assert!((amount - product).abs() <= 0.005 + 1e-9 * product.abs(), "row {row}: {amount} of {product}");
        // The adjustment is a rate on rounded lines; its exact amount is the rate on exact ones.
        let lines = if kind[row] == "power_factor" { 40.0 * price[row].unwrap_or_default().abs() } else { 0.0 };
        assert!((amount - exact).abs() <= 0.005 * (1.0 + lines) + 1e-9 * exact.abs(), "row {row}: {amount} of {exact}");
    }
    let keys: Vec<(String, String)> = bills.ids("customer_id")?.into_iter().zip(bills.ids("month")?).collect();
    let by_month = added(keys, amounts);
    let partial: BTreeSet<(String, String)> = monthly
        .ids("customer_id")?
        .into_iter()
        .zip(monthly.ids("month")?)
        .zip(monthly.batch.column_by_name("partial").ok_or("partial")?.as_boolean().iter())
        .filter(|(_, p)| *p == Some(true))
        .map(|(k, _)| k)
        .collect();
    assert!(by_month.keys().all(|k| !partial.contains(k)), "a partial month was billed");
    // With twelve billed months the annual bill is their sum; with fewer, their mean times twelve.
    let mut totals: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    for ((id, _), sum) in &by_month {
        let entry = totals.entry(id).or_default();
        *entry = (entry.0 + sum, entry.1 + 1);
    }
    let mut compared = 0;
    for (id, total) in customers.ids("customer_id")?.iter().zip(customers.reals("bill_total")?) {
        let Some(total) = total else { continue };
        let (sum, n) = totals.get(id.as_str()).copied().ok_or("a bill without lines")?;
        let annual = if n == 12 { sum } else { sum / n as f64 * 12.0 };
        assert!((annual - total).abs() < 0.01, "{id}: {n} months of {sum} are not {total}");
        compared += 1;
    }
    assert!(compared > 20, "only {compared} customers have an annual bill");
    Ok(())
}

#[test]
fn joint_savings_add_up_and_what_is_outside_the_plan_has_none() -> Outcome {
    let (advice, customers) = (demo().table("advice")?, demo().table("customers")?);
    let (verdict, rank) = (advice.ids("verdict")?, advice.wholes("rank")?);
    let (joint, alone) = (advice.reals("saving_joint")?, advice.reals("saving_alone")?);
    let (observed, ids) = (advice.reals("saving_joint_observed")?, advice.ids("customer_id")?);
    let needs = advice.text("needs")?;
    let outside = (0..advice.len()).filter(|row| alone[*row].is_some() && joint[*row].is_none()).count();
    assert!(outside > 0, "some advice is offered beside what is in the plan");
    for row in 0..advice.len() {
        if verdict[row] == "missing" {
            assert!(
                needs[row].is_some() && rank[row].is_none() && joint[row].is_none() && alone[row].is_none(),
                "row {row}"
            );
        }
        // In the fleet every billed year is whole, so that what is in the plan has both figures.
        assert_eq!(joint[row].is_some(), observed[row].is_some(), "row {row}");
    }
    let sums = added(ids.clone(), joint);
    let mut compared = 0;
    for (id, total) in customers.ids("customer_id")?.iter().zip(customers.reals("saving_total")?) {
        if let (Some(sum), Some(total)) = (sums.get(id), total) {
            assert!((sum - total).abs() < 0.01, "{id}: joint savings of {sum} are not {total}");
            compared += usize::from(total > 0.0);
        }
    }
    assert!(compared > 5, "only {compared} customers save something");
    // What counts in the headline comes before what does not, and what is in the plan before what is not.
    let (headline, joint) = (advice.flags("headline")?, advice.reals("saving_joint")?);
    let mut standing: BTreeMap<&str, Vec<(i64, bool, bool)>> = BTreeMap::new();
    for (row, id) in ids.iter().enumerate() {
        let of = |rank| (rank, headline[row], joint[row].is_some());
        standing.entry(id).or_default().extend(rank[row].map(of));
    }
    for (id, mut rows) in standing {
        rows.sort_unstable();
        let falls = rows.windows(2).all(|w| (w[0].1 && w[0].2, w[0].2) >= (w[1].1 && w[1].2, w[1].2));
        assert!(falls, "{id}: {rows:?}");
    }
    // Ranks are 1, 2, 3… within a customer.
    let mut ranks: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (id, rank) in ids.iter().zip(&rank) {
        ranks.entry(id).or_default().extend(rank);
    }
    for (id, ranks) in ranks {
        assert_eq!(ranks, (1..=ranks.len() as i64).collect::<Vec<_>>(), "ranks of {id}");
    }
    Ok(())
}

#[test]
fn no_real_is_nan_and_no_table_is_empty() -> Outcome {
    for name in TABLES {
        let rows = demo().table(name)?;
        assert!(rows.len() > 0, "{name} is empty");
        for (field, column) in rows.batch.schema().fields().iter().zip(rows.batch.columns()) {
            if *field.data_type() == DataType::Float64 {
                let bad = column.as_primitive::<Float64Type>().iter().flatten().find(|v| !v.is_finite());
                assert_eq!(bad, None, "{name}.{}", field.name());
            }
            assert!(!matches!(field.data_type(), DataType::Float32), "{name}.{} is no DOUBLE", field.name());
        }
    }
    Ok(())
}

/// A wall clock and its instant belong together in the customer's zone, as another library sees it.
#[test]
fn every_instant_is_the_same_in_both_columns() -> Outcome {
    let customers = demo().table("customers")?;
    let zones: BTreeMap<String, String> = customers.ids("customer_id")?.into_iter().zip(customers.ids("tz")?).collect();
    assert!(zones.values().collect::<BTreeSet<_>>().len() > 1, "the fleet has two zones");
    let mut compared = 0;
    for name in TABLES {
        let rows = demo().table(name)?;
        let ids = rows.ids("customer_id")?;
        let schema = rows.batch.schema();
        for field in schema.fields().iter().filter(|f| f.name().ends_with("_utc")) {
            let local = rows.seconds(field.name().trim_end_matches("_utc"))?;
            for (row, (local, utc)) in local.iter().zip(rows.seconds(field.name())?).enumerate() {
                let Some((local, utc)) = local.zip(utc) else {
                    assert_eq!(local.is_some(), utc.is_some(), "{name}.{} row {row}", field.name());
                    continue;
                };
                let zone = jiff::tz::TimeZone::get(&zones[&ids[row]])?;
                let offset = zone.to_offset(jiff::Timestamp::from_second(utc)?).seconds();
                assert_eq!(local, utc + i64::from(offset), "{name}.{} row {row}", field.name());
                compared += 1;
            }
        }
    }
    assert!(compared > 10_000, "only {compared} instants");
    Ok(())
}

/// A month's maximum is its days' and a customer's its months', at the earliest instant.
#[test]
fn maxima_agree_between_tables() -> Outcome {
    let maxima = |rows: &Rows| -> Outcome<BTreeMap<String, (f64, i64)>> {
        let mut out: BTreeMap<String, (f64, i64)> = BTreeMap::new();
        for ((id, kw), at) in
            rows.ids("customer_id")?.into_iter().zip(rows.reals("max_kw")?).zip(rows.seconds("max_at_utc")?)
        {
            let Some((kw, at)) = kw.zip(at) else { continue };
            let best = out.entry(id).or_insert((kw, at));
            if kw > best.0 || (kw == best.0 && at < best.1) {
                *best = (kw, at);
            }
        }
        Ok(out)
    };
    let customers = maxima(&demo().table("customers")?)?;
    assert_eq!(customers, maxima(&demo().table("monthly")?)?);
    assert_eq!(customers, maxima(&demo().table("daily")?)?);
    Ok(())
}

/// What a customer could pay less is the part of the plan that is promised, and never more than the plan.
#[test]
fn the_headline_is_the_promised_part_of_the_plan() -> Outcome {
    let (customers, advice) = (demo().table("customers")?, demo().table("advice")?);
    let (ids, joint) = (advice.ids("customer_id")?, advice.reals("saving_joint")?);
    let (tiers, counts) = (advice.ids("tier")?, advice.flags("headline")?);
    let promised = advice.reals("saving_headline")?;
    for (promised, counts) in promised.iter().zip(&counts) {
        assert_eq!(promised.is_some(), *counts, "what counts, and nothing else, adds to the sum");
    }
    let headline = added(ids.clone(), promised);
    let whole = added(ids.clone(), joint.clone());
    let (found, total) = (customers.reals("saving_headline")?, customers.reals("saving_total")?);
    let mut apart = 0;
    for (id, (found, total)) in customers.ids("customer_id")?.iter().zip(found.into_iter().zip(total)) {
        let (Some(found), Some(total)) = (found, total) else { continue };
        let sum = |of: &BTreeMap<String, f64>| of.get(id).copied().unwrap_or_default();
        assert!((found - sum(&headline)).abs() < 0.005, "{id}: {found}");
        assert!((total - sum(&whole)).abs() < 0.02, "{id}: {total}, twelve months billed");
        apart += usize::from(total - found > 0.02);
    }
    assert!(apart >= 3, "potentials and investments are in the plan of {apart} customers");
    for ((tier, counts), joint) in tiers.iter().zip(&counts).zip(&joint) {
        assert!(!counts || (joint.is_some() && ["counter", "operate"].contains(&tier.as_str())), "{tier}");
    }
    let potentials = advice.ids("code")?.iter().zip(&counts).filter(|(code, c)| *code == "R01" && !**c).count();
    assert!(potentials > 0, "a technical potential is in no headline");
    Ok(())
}
