//! Real sets against independently computed truth, where `PEAKWISE_DATA` names their folder.
//!
//! The truth counts labels as the sources have them; where it differs from an interval start, from a
//! clock that changes or from a billing cycle, the comparison says so.

use super::support::{Outcome, Rows, arg, run};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn data() -> Option<PathBuf> {
    let dir = std::env::var_os("PEAKWISE_DATA").map(PathBuf::from);
    if dir.is_none() {
        eprintln!("skipped: PEAKWISE_DATA is not set");
    }
    // Relative to the package, as cargo runs tests there.
    dir
}

/// A truth file: rows of named cells.
struct Truth(Vec<BTreeMap<String, String>>);

impl Truth {
    fn read(path: &Path) -> Outcome<Self> {
        let mut reader = csv::Reader::from_path(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let header = reader.headers()?.clone();
        let row = |r: csv::StringRecord| header.iter().map(str::to_owned).zip(r.iter().map(str::to_owned)).collect();
        Ok(Self(reader.records().map(|r| r.map(row)).collect::<Result<_, _>>()?))
    }
}

type Row = BTreeMap<String, String>;

fn number(row: &Row, name: &str) -> Option<f64> {
    row.get(name).and_then(|v| v.parse().ok())
}

fn whole(row: &Row, name: &str) -> Outcome<i64> {
    row.get(name).and_then(|v| v.parse().ok()).ok_or_else(|| format!("no {name} in {row:?}").into())
}

/// Equal up to the order of addition and the single precision of some sources.
fn close(what: &str, ours: Option<f64>, theirs: Option<f64>) {
    let same = match (ours, theirs) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * b.abs().max(1.0),
        (a, b) => a == b,
    };
    assert!(same, "{what}: {ours:?} is not {theirs:?}");
}

/// One run of the program into a directory of its own.
struct Run {
    dir: TempDir,
}

impl Run {
    fn new(readings: &[PathBuf], more: &[&str]) -> Outcome<Self> {
        let dir = tempfile::tempdir()?;
        let mut all = vec!["analyze".to_owned()];
        all.extend(readings.iter().map(|p| arg(p)));
        all.extend(["--out".to_owned(), arg(&dir.path().join("out")), "--format".into(), "none".into()]);
        all.extend(more.iter().map(|s| (*s).to_owned()));
        let (code, printed, message) = run(all)?;
        assert_eq!(code, 0, "{printed}{message}");
        Ok(Self { dir })
    }

    fn table(&self, name: &str) -> Outcome<Rows> {
        Rows::of(&self.dir.path().join("out"), name)
    }
}

/// Row of each customer in the customers table.
fn by_id(customers: &Rows) -> Outcome<BTreeMap<String, usize>> {
    Ok(customers.ids("customer_id")?.into_iter().enumerate().map(|(i, id)| (id, i)).collect())
}

/// What the customers of a set have in common with their truth: counts, energy, extremes, factors.
/// With `clock_changes`, labels are surplus and absent only because a clock changed: the repeated
/// hour is real and the absent one is not expected.
fn customers(run: &Run, truth: &Path, clock_changes: bool, instants: bool) -> Outcome<usize> {
    let table = run.table("customers")?;
    let rows = by_id(&table)?;
    let truth = Truth::read(&truth.join("customers_truth.csv"))?;
    assert_eq!(rows.len(), truth.0.len(), "customers");
    let n = |c: &str| table.wholes(c);
    let r = |c: &str| table.reals(c);
    let (expected, valid, missing, invalid, duplicate) =
        (n("n_expected")?, n("n_valid")?, n("n_missing")?, n("n_invalid")?, n("n_duplicate")?);
    let (kwh, max, min, mean) = (r("kwh")?, r("max_kw")?, r("min_kw")?, r("mean_kw")?);
    let (lf, pf, kvarh, at) = (r("load_factor")?, r("power_factor")?, r("kvarh")?, table.instants("max_at")?);
    for t in &truth.0 {
        let id = &t["customer_id"];
        let i = *rows.get(id).ok_or_else(|| format!("{id} is not in the customers table"))?;
        let (surplus, absent) = (whole(t, "n_duplicate_ts_rows")?, whole(t, "n_missing_slots")?);
        if clock_changes {
            assert_eq!((surplus, absent), (4, 4), "{id}: labels of one spring and one autumn hour");
            assert_eq!(duplicate[i], Some(0), "{id}: the repeated hour is real");
            assert_eq!(expected[i], Some(whole(t, "n_rows")?), "{id}");
        } else {
            assert_eq!(duplicate[i], Some(surplus), "{id}");
            assert_eq!(expected[i], Some(whole(t, "n_expected_slots")?), "{id}");
        }
        let nulls = whole(t, "n_null")? + if clock_changes { 0 } else { absent };
        assert_eq!(missing[i], Some(nulls), "missing of {id}");
        assert_eq!((valid[i], invalid[i]), (Some(whole(t, "n_values")?), Some(0)), "valid and invalid of {id}");
        close(&format!("kwh of {id}"), kwh[i], number(t, "total_kwh"));
        close(&format!("max of {id}"), max[i], number(t, "max_kw"));
        close(&format!("min of {id}"), min[i], number(t, "min_kw"));
        close(&format!("mean of {id}"), mean[i], number(t, "mean_kw"));
        close(&format!("load factor of {id}"), lf[i], number(t, "load_factor_mean_over_max"));
        close(&format!("kvarh of {id}"), kvarh[i], number(t, "total_kvarh"));
        close(&format!("power factor of {id}"), pf[i], number(t, "pf_from_totals"));
        if instants {
            assert_eq!(at[i].as_deref(), t.get("max_kw_first_ts").map(String::as_str), "maximum of {id}");
        }
    }
    Ok(truth.0.len())
}

/// Every month of a truth file whose months are those of interval starts.
fn months(run: &Run, truth: &Path) -> Outcome<usize> {
    let table = run.table("monthly")?;
    let keys: BTreeMap<(String, String), usize> =
        table.ids("customer_id")?.into_iter().zip(table.ids("month")?).zip(0..).collect();
    let r = |c: &str| table.reals(c);
    let (kwh, max, lf, pf, kvarh, min) =
        (r("kwh")?, r("max_kw")?, r("load_factor")?, r("power_factor")?, r("kvarh")?, r("min_kw")?);
    let (valid, at) = (table.wholes("n_valid")?, table.instants("max_at")?);
    let truth = Truth::read(truth)?;
    for t in &truth.0 {
        let key = (t["customer_id"].clone(), t["month"].clone());
        let Some(i) = keys.get(&key).copied() else {
            assert_eq!(whole(t, "n_values")?, 0, "{key:?} is not in the monthly table");
            continue;
        };
        assert_eq!(valid[i], Some(whole(t, "n_values")?), "{key:?}");
        if valid[i] == Some(0) {
            assert_eq!(kwh[i], None, "{key:?}: without a reading there is no energy");
            continue;
        }
        close(&format!("kwh of {key:?}"), kwh[i], number(t, "kwh"));
        close(&format!("max of {key:?}"), max[i], number(t, "max_kw"));
        close(&format!("min of {key:?}"), min[i], number(t, "min_kw"));
        close(&format!("load factor of {key:?}"), lf[i], number(t, "load_factor"));
        close(&format!("kvarh of {key:?}"), kvarh[i], number(t, "kvarh"));
        close(&format!("power factor of {key:?}"), pf[i], number(t, "pf"));
        assert_eq!(at[i].as_deref(), t.get("max_kw_first_ts").map(String::as_str), "maximum of {key:?}");
    }
    Ok(truth.0.len())
}

fn steel(dir: &Path) -> Outcome<Run> {
    // Its own register, completed by what a bill needs.
    let side = tempfile::tempdir()?;
    let file = side.path().join("customers.csv");
    fs::write(&file, "customer_id,tz,billing_mode,pf_standard\nKR-STEEL-01,Asia/Seoul,demand,0.90\n")?;
    Run::new(
        &[dir.join("steel_kr/readings.parquet")],
        &[
            "--stamp",
            "end",
            "--midnight",
            "same",
            "--customers",
            &arg(&file),
            "--tariff",
            "cn-hubei-2026-01-two-part-1-10kv",
            "--prices-as-of",
            "2026-01-15",
            "--calendar",
            "none",
        ],
    )
}

#[test]
fn steel_by_interval_start_with_midnight_put_right() -> Outcome {
    let Some(dir) = data() else { return Ok(()) };
    let run = steel(&dir)?;
    let truth = dir.join("steel_kr/truth");
    let n = customers(&run, &truth, false, false)?;
    // The truth's instant is the label, which is the interval's end.
    let label = Truth::read(&truth.join("customers_truth.csv"))?.0[0]["max_kw_first_ts"].clone();
    assert_eq!(label, "2018-11-22 09:45");
    assert_eq!(run.table("customers")?.instants("max_at")?, [Some("2018-11-22 09:30".to_owned())]);
    let starts = months(&run, &truth.join("monthly_truth_by_interval_start.csv"))?;
    println!("steel: {n} customer, {starts} months by interval start");
    assert_eq!((n, starts), (1, 12));
    Ok(())
}

/// Read as labelled, the months are those of the labels.
#[test]
fn steel_by_label_when_labels_are_taken_for_starts() -> Outcome {
    let Some(dir) = data() else { return Ok(()) };
    let run = Run::new(&[dir.join("steel_kr/readings.parquet")], &["--tz", "Asia/Seoul"])?;
    let truth = dir.join("steel_kr/truth");
    assert_eq!(customers(&run, &truth, false, true)?, 1);
    assert_eq!(months(&run, &truth.join("monthly_truth_by_label.csv"))?, 12);
    Ok(())
}

#[test]
fn steel_bills_at_the_prices_of_hubei() -> Outcome {
    let Some(dir) = data() else { return Ok(()) };
    let run = steel(&dir)?;
    let (bills, monthly) = (run.table("bills")?, run.table("monthly")?);
    let (months, lines, exact) = (bills.ids("month")?, bills.ids("line")?, bills.reals("amount_exact")?);
    let truth = Truth::read(&dir.join("steel_kr/truth/bill_hubei_2026_01_two_part_10kv.csv"))?;
    for (i, t) in truth.0.iter().enumerate() {
        let sum = |kinds: &[&str]| -> f64 {
            let rows = (0..bills.len()).filter(|r| months[*r] == t["month"] && kinds.contains(&lines[*r].as_str()));
            rows.filter_map(|r| exact[r]).sum()
        };
        let cent = |what: &str, ours: f64, name: &str| -> Outcome {
            let theirs = number(t, name).ok_or("no such cell")?;
            assert!((ours - theirs).abs() < 0.005, "{what} of {}: {ours} is not {theirs}", t["month"]);
            Ok(())
        };
        cent("energy", sum(&["energy", "fund"]), "energy_cny")?;
        cent("demand", sum(&["demand"]), "demand_cny")?;
        cent("adjustment", sum(&["power_factor"]), "pf_adj_cny_without_gov_fund_demand_mode")?;
        assert_eq!(monthly.ids("month")?[i], t["month"]);
        for (ours, theirs) in [
            ("kwh_sharp", "sharp_kwh"),
            ("kwh_peak", "peak_kwh"),
            ("kwh_flat", "flat_kwh"),
            ("kwh_valley", "valley_kwh"),
        ] {
            close(&format!("{ours} of {}", t["month"]), monthly.reals(ours)?[i], number(t, theirs));
        }
        assert_eq!(monthly.reals("kwh_deep")?[i], Some(0.0), "the tariff has no deep valley");
    }
    println!("steel: {} bills of energy, demand and power factor", truth.0.len());
    assert_eq!(truth.0.len(), 12);
    Ok(())
}

#[test]
fn simbench_over_both_clock_changes() -> Outcome {
    let Some(dir) = data() else { return Ok(()) };
    let set = dir.join("simbench_de");
    let run = Run::new(&[set.join("readings.parquet")], &["--customers", &arg(&set.join("customers.csv"))])?;
    let n = customers(&run, &set.join("truth"), true, true)?;
    let m = months(&run, &set.join("truth/monthly_truth_by_label.csv"))?;
    let daily = run.table("daily")?;
    for (date, expected) in [("2016-03-27", 92), ("2016-10-30", 100)] {
        let dates = daily.ids("date")?;
        let counts = daily.wholes("n_valid")?;
        let on: Vec<i64> = (0..daily.len()).filter(|r| dates[*r] == date).filter_map(|r| counts[r]).collect();
        assert_eq!(on, vec![expected; 60], "{date}");
    }
    println!("simbench: {n} customers, {m} months, {} duplicate labels", 60 * 4);
    assert_eq!((n, m), (60, 720));
    Ok(())
}

#[test]
fn buildings_whose_dates_all_have_24_labels() -> Outcome {
    let Some(dir) = data() else { return Ok(()) };
    let set = dir.join("bdg2");
    let arguments = ["--customers", &arg(&set.join("customers.csv")), "--dst-labels", "none"];
    let run = Run::new(&[set.join("readings.parquet")], &arguments)?;
    let table = run.table("customers")?;
    // A customer whose first or last readings are null is clipped to the rows, which are there.
    let n = customers(&run, &set.join("truth"), false, true)?;
    let m = months(&run, &set.join("truth/monthly_truth_by_label.csv"))?;
    let nulls = table.wholes("n_missing")?.iter().flatten().sum::<i64>();
    assert_eq!(nulls, 73_246);
    let gaps = null_runs(&run, &set.join("truth/null_runs.csv"), 60)?;
    println!("bdg2: {n} customers, {m} months, {nulls} nulls in {gaps} listed runs");
    assert_eq!((n, m), (96, 2304));
    Ok(())
}

#[test]
fn the_school() -> Outcome {
    let Some(dir) = data() else { return Ok(()) };
    let set = dir.join("nmecr_school");
    let arguments = ["--tz", "America/Los_Angeles", "--dst-labels", "none"];
    let run = Run::new(&[set.join("readings.parquet")], &arguments)?;
    let n = customers(&run, &set.join("truth"), false, true)?;
    let m = months(&run, &set.join("truth/monthly_truth_by_label.csv"))?;
    let gaps = null_runs(&run, &set.join("truth/null_runs.csv"), 60)?;
    println!("school: {n} customer, {m} months, {gaps} runs of nulls");
    assert_eq!((n, m, gaps), (1, 12, 5));
    Ok(())
}

/// Runs of nulls of two hours and more are gaps, each with its first, its last and its length. A
/// customer with more than the check lists one by one is compared by those listed.
fn null_runs(run: &Run, truth: &Path, minutes: i64) -> Outcome<usize> {
    let quality = run.table("quality")?;
    let (ids, codes, n) = (quality.ids("customer_id")?, quality.ids("code")?, quality.wholes("n_intervals")?);
    let (first, last, evidence) =
        (quality.instants("first_start")?, quality.instants("last_start")?, quality.ids("evidence")?);
    let mut listed: BTreeMap<(String, String), (String, i64)> = BTreeMap::new();
    for row in 0..quality.len() {
        let about: serde_json::Value = serde_json::from_str(&evidence[row])?;
        if codes[row] == "V02"
            && about["finding"] == "gap"
            && let (Some(first), Some(last), Some(n)) = (&first[row], &last[row], n[row])
        {
            listed.insert((ids[row].clone(), first.clone()), (last.clone(), n));
        }
    }
    let truth = Truth::read(truth)?;
    let mut wanted: BTreeMap<(String, String), (String, i64)> = BTreeMap::new();
    for t in &truth.0 {
        let n = whole(t, "n")?;
        if n * minutes >= 120 {
            wanted.insert((t["customer_id"].clone(), t["from_ts"].clone()), (t["to_ts"].clone(), n));
        }
    }
    for (key, gap) in &wanted {
        assert_eq!(listed.get(key), Some(gap), "null run of {key:?}");
    }
    assert_eq!(listed.len(), wanted.len(), "gaps that are none");
    Ok(wanted.len())
}

/// The wide Chinese files hold steel's year by interval start, active and reactive in two files.
#[test]
fn wide_chinese_files_equal_the_long_ones() -> Outcome {
    let Some(dir) = data() else { return Ok(()) };
    let set = dir.join("samples/cn_wide96");
    let files = [set.join("steel_wide96_p.parquet"), set.join("steel_wide96_q.parquet")];
    let run = Run::new(&files, &["--tz", "Asia/Seoul", "--calendar", "none"])?;
    let (wide, long) = (run.table("monthly")?, steel(&dir)?.table("monthly")?);
    assert_eq!((wide.len(), long.len()), (12, 12));
    assert_eq!(wide.instants("max_at")?, long.instants("max_at")?);
    assert_eq!(wide.wholes("n_valid")?, long.wholes("n_valid")?);
    for column in ["kwh", "max_kw", "load_factor"] {
        for (row, (ours, theirs)) in wide.reals(column)?.into_iter().zip(long.reals(column)?).enumerate() {
            close(&format!("{column} of month {}", row + 1), ours, theirs);
        }
    }
    // The second file holds the lagging reactive power alone.
    let lag: f64 = Rows::read(&dir.join("steel_kr/readings.parquet"))?.reals("kvarh_lag")?.into_iter().flatten().sum();
    let customers = run.table("customers")?;
    close("lagging kvarh", customers.reals("kvarh")?[0], Some(lag));
    let kwh = customers.reals("kwh")?[0].ok_or("no energy")?;
    close("power factor", customers.reals("power_factor")?[0], Some(kwh / kwh.hypot(lag)));
    println!("wide: 12 months equal to those of the long file");
    Ok(())
}
