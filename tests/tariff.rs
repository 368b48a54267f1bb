//! `peakwise tariff` and `peakwise bill`: what they print, and what they write.

use super::support::{Outcome, Rows, arg, run};
use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;
use peakwise::tariff::{Compiled, Tariff, lint, urdb};
use peakwise::time::Interval;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// 2026-01-01T00:00 of the wall clock.
const NEW_YEAR_2026: i64 = 1_767_225_600;
const HUBEI: &str = "cn-hubei-2026-01-two-part-1-10kv";

/// January 2026 of one customer: 100 kW, and 300 kW from 18:00 to 20:00 on the 14th; 0.75 kvar a kW.
struct Place {
    dir: TempDir,
    readings: PathBuf,
}

impl Place {
    fn new() -> Outcome<Self> {
        let dir = tempfile::tempdir()?;
        let readings = dir.path().join("readings.parquet");
        let n = 31 * 96;
        let kw = |i: i64| if (13 * 96 + 72..13 * 96 + 80).contains(&i) { 300.0 } else { 100.0 };
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("customer_id", Arc::new((0..n).map(|_| Some("A")).collect::<StringArray>())),
            (
                "ts",
                Arc::new(
                    (0..n).map(|i| Some((NEW_YEAR_2026 + i * 900) * 1_000_000)).collect::<TimestampMicrosecondArray>(),
                ),
            ),
            ("kw", Arc::new((0..n).map(|i| Some(kw(i))).collect::<Float64Array>())),
            ("kvar", Arc::new((0..n).map(|i| Some(kw(i) * 0.75)).collect::<Float64Array>())),
        ];
        let batch = RecordBatch::try_from_iter(columns)?;
        let mut writer = ArrowWriter::try_new(File::create(&readings)?, batch.schema(), None)?;
        writer.write(&batch)?;
        writer.close()?;
        Ok(Self { dir, readings })
    }

    fn file(&self, name: &str, text: &str) -> Outcome<String> {
        let path = self.dir.path().join(name);
        fs::write(&path, text)?;
        Ok(arg(&path))
    }

    fn bill(&self, more: &[&str]) -> Outcome<(i32, String, String)> {
        let customers =
            self.file("c.csv", "customer_id,capacity_kva,billing_mode,market_status\nA,500,demand,agency\n")?;
        let readings = arg(&self.readings);
        let all = ["bill", &readings, "--customers", &customers, "--tariff", HUBEI];
        run(all.into_iter().chain(more.iter().copied()))
    }
}

/// A line of a text that has all parts.
fn line<'a>(text: &'a str, parts: &[&str]) -> Outcome<&'a str> {
    let found = text.lines().find(|l| parts.iter().all(|p| l.contains(p)));
    found.ok_or_else(|| format!("no line with {parts:?} in:\n{text}").into())
}

#[test]
fn the_catalogue_is_listed_with_source_state_and_validity() -> Outcome {
    let (code, printed, _) = run(["tariff", "list", "--ids"])?;
    assert!(code == 0 && printed.lines().any(|l| l == HUBEI), "{printed}");
    let (code, printed, _) = run(["tariff", "list", "hubei"])?;
    assert!(code == 0 && printed.contains("second hand") && !printed.contains("demo-two-part"), "{printed}");
    assert_eq!(run(["tariff", "list", "no such place"])?.0, 1);
    Ok(())
}

#[test]
fn a_tariff_is_shown_whole_and_as_its_file() -> Outcome {
    let (code, printed, _) = run(["tariff", "show", HUBEI])?;
    assert_eq!(code, 0);
    for part in ["source", "1.049999", "schedule", "18:00-20:00", "demand", "42"] {
        assert!(printed.contains(part), "{part} is not in:\n{printed}");
    }
    let (_, printed, _) = run(["tariff", "show", HUBEI, "--toml"])?;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tariffs/cn-hubei-2026-01-two-part-1-10kv.toml");
    assert_eq!(printed, fs::read_to_string(file)?);
    Ok(())
}

#[test]
fn a_day_is_drawn_as_a_ruler_with_times_and_prices() -> Outcome {
    let (code, printed, _) = run(["tariff", "calendar", HUBEI, "--date", "2026-01-14"])?;
    assert_eq!(code, 0, "{printed}");
    assert!(!printed.contains('\u{1b}'), "no colour outside a terminal");
    line(&printed, &["2026-01-14 Wednesday"])?;
    let sharp = line(&printed, &["sharp", "████", "1.049999"])?;
    assert_eq!(sharp.matches('█').count(), 4, "two hours are four half hours: {sharp}");
    assert_eq!(sharp.matches(['█', '·']).count(), 48, "{sharp}");
    line(&printed, &["18:00–20:00", "(sharp)", "1.049999"])?;
    line(&printed, &["00:00–06:00", "(valley)"])?;
    Ok(())
}

#[test]
fn lint_points_at_every_fault_by_line_and_column() -> Outcome {
    let place = Place::new()?;
    let (_, good, _) = run(["tariff", "show", "demo-two-part", "--toml"])?;
    let file = place.file("good.toml", &good)?;
    let (code, printed, _) = run(["tariff", "lint", &file])?;
    assert!(code == 0 && printed.contains("exactly one of 5 bands"), "{printed}");
    let bad = good.replace("verified", "verifyed").replace("window_minutes = 15", "window_minutes = \"long\"");
    let file = place.file("bad.toml", &bad)?;
    let (code, printed, _) = run(["tariff", "lint", &file])?;
    assert_eq!(code, 1, "{printed}");
    for (key, cure) in [("verifyed", "use one of"), ("verified", "add it"), ("demand.window_minutes", "")] {
        let found = line(&printed, &[&format!(": {key}: "), cure])?;
        let place: Vec<&str> = found.trim_start_matches(&file).split(':').collect();
        assert!(place[1].parse::<usize>().is_ok() && place[2].parse::<usize>().is_ok(), "{found}");
    }
    assert!(printed.ends_with("3 faults\n"), "{printed}");
    Ok(())
}

#[test]
fn a_bill_is_printed_line_by_line_and_written_only_where_asked() -> Outcome {
    let place = Place::new()?;
    let (code, printed, message) = place.bill(&[])?;
    assert_eq!((code, message.as_str()), (0, ""), "{printed}");
    // By hand: 18–20 h on 31 days at 100 kW and once 200 kW more for two hours.
    line(&printed, &["(sharp)", "6,600.000", "kWh"])?;
    line(&printed, &["(valley)", "24,800.000", "kWh"])?;
    line(&printed, &["kW ", "300.000", "42", "12,600.00"])?;
    assert_eq!(fs::read_dir(place.dir.path())?.count(), 2, "readings and customers alone");
    let out = place.dir.path().join("out");
    let (code, _, message) = place.bill(&["--out", &arg(&out), "--quiet"])?;
    assert_eq!(code, 0, "{message}");
    let bills = Rows::of(&out, "bills")?;
    assert!(bills.ids("scenario")?.iter().all(|s| s == "recomputed"));
    assert_eq!(fs::read_dir(out.join("tables"))?.count(), 1);
    Ok(())
}

#[test]
fn a_register_bill_takes_whole_registers_and_flat_as_the_rest() -> Outcome {
    let place = Place::new()?;
    let customers = place.file(
        "own.csv",
        "customer_id,capacity_kva,billing_mode,market_status,pf_standard\nA,500,demand,agency,0.90\n",
    )?;
    let meters = place.file("m.csv", "meter_id,customer_id,multiplier,values_multiplied\nA,A,100,yes\n")?;
    // The intervals have 6,600 kWh sharp, 18,600 peak, 24,800 flat and 24,800 valley, and 300 kW.
    let registers = place.file(
        "r.csv",
        "meter_id,read_at,total_kwh,sharp_kwh,peak_kwh,valley_kwh,kvarh_lag,kvarh_lead,max_demand_kw\n\
         A,2026-01-01 00:00,1000,100,200,300,0,0,\n\
         A,2026-02-01 00:00,1748.074,166.036,386.02,548.004,240,0,3.052\n",
    )?;
    let (readings, out) = (arg(&place.readings), place.dir.path().join("out"));
    let all = ["bill", &readings, "--customers", &customers, "--meters", &meters, "--registers", &registers];
    let bill = |more: &[&str]| run(all.into_iter().chain(["--tariff", HUBEI]).chain(more.iter().copied()));
    let (code, printed, message) = bill(&["--register-bill", "--out", &arg(&out)])?;
    assert_eq!((code, message.as_str()), (0, ""), "{printed}");
    for parts in [
        ["(sharp)", "6,604.000", "1.004799", "6,635.69"],
        ["(peak)", "18,602.000", "0.803761", "14,951.56"],
        ["(flat)", "24,801.000", "0.606686", "15,046.42"],
        ["(valley)", "24,800.000", "0.387724", "9,615.56"],
        ["需量电费", "305.200", "42", "12,818.40"],
        ["政府性基金及附加", "74,807.000", "0.0452", "3,381.28"],
        // cos φ = 74 807 / √(74 807² + 24 000²) = 0.952: −0.75 % of 59 067.63.
        ["功率因数调整电费", "59,067.630", "-0.0075", "−443.01"],
        ["total", "", "", "62,005.90"],
    ] {
        line(&printed, &parts)?;
    }
    let (_, explained, _) = run(["explain", &arg(&out), "A", "2026-01", "flat"])?;
    line(&explained, &["total register less the others"])?;
    // Without the switch the intervals are billed.
    let (_, printed, _) = bill(&[])?;
    line(&printed, &["(flat)", "24,800.000"])?;
    // Without registers the intervals come in whole kWh, and the line says so.
    let (code, printed, _) = place.bill(&["--register-bill", "--out", &arg(&out), "--force"])?;
    assert_eq!(code, 0, "{printed}");
    let (_, explained, _) = run(["explain", &arg(&out), "A", "2026-01", "flat"])?;
    line(&explained, &["no register reading: intervals in whole steps"])?;
    let out = place.dir.path().join("analysed");
    let all = ["analyze", &readings, "--customers", &customers, "--meters", &meters, "--registers", &registers];
    let (code, _, message) = run(all.into_iter().chain(["--tariff", HUBEI, "--register-bill", "--out", &arg(&out)]))?;
    assert_eq!(code, 0, "{message}");
    let total: f64 = Rows::of(&out, "bills")?.reals("amount")?.into_iter().flatten().sum();
    assert!((total - 62_005.90).abs() < 1e-6, "{total}");
    Ok(())
}

#[test]
fn scenarios_are_compared_line_by_line() -> Outcome {
    let place = Place::new()?;
    let out = place.dir.path().join("out");
    let more = ["--mode", "capacity", "--against", "demo-two-part", "--out", &arg(&out)];
    let (code, printed, message) = place.bill(&more)?;
    assert_eq!(code, 0, "{message}");
    let bills = Rows::of(&out, "bills")?;
    let (scenarios, kinds, amounts) = (bills.ids("scenario")?, bills.ids("line")?, bills.reals("amount")?);
    let sum = |scenario: &str, kind: Option<&str>| -> f64 {
        let rows = scenarios.iter().zip(&kinds).zip(&amounts);
        rows.filter(|((s, k), _)| *s == scenario && kind.is_none_or(|kind| *k == kind)).filter_map(|(_, a)| *a).sum()
    };
    assert_eq!(sum("recomputed", Some("demand")), 12_600.0);
    assert_eq!(sum("capacity", Some("demand")), 0.0);
    assert!((sum("capacity", Some("capacity")) - 500.0 * 26.3).abs() < 1e-6);
    assert!(sum("demo-two-part, capacity", None) > 0.0);
    let difference = sum("capacity", None) - sum("recomputed", None);
    assert!((difference - (13_150.0 - 12_600.0)).abs() < 1e-6, "{difference}");
    line(&printed, &["month", "recomputed", "capacity", "difference", "demo-two-part"])?;
    line(&printed, &["2026-01", "550.00"])?;
    Ok(())
}

#[test]
fn issued_bills_stand_beside_recomputed_ones_with_the_cause_of_each_difference() -> Outcome {
    let place = Place::new()?;
    let out = place.dir.path().join("out");
    // Sharp energy rounded, demand with the rebate, and a component that the tariff file lacks.
    let issued = place.file(
        "i.csv",
        "customer_id,month,line,quantity,amount\nA,2026-01,energy sharp,6600,6631.60\nA,2026-01,需量电费,300,11340\n\
         A,2026-01,additional levy,1,500\n",
    )?;
    let (code, printed, message) = place.bill(&["--issued", &issued, "--out", &arg(&out)])?;
    assert_eq!(code, 0, "{message}");
    let rows = Rows::of(&out, "reconciliation")?;
    let found: Vec<(String, Option<String>)> = rows.ids("line")?.into_iter().zip(rows.text("cause")?).collect();
    let cause = |name: &str| found.iter().find(|f| f.0 == name).and_then(|f| f.1.clone());
    assert_eq!(cause("energy sharp").as_deref(), Some("rounding"), "{found:?}");
    assert_eq!(cause("需量电费").as_deref(), Some("rebate"), "{found:?}");
    assert_eq!(cause("additional levy").as_deref(), Some("missing_component"), "{found:?}");
    assert!(found.iter().any(|f| f.1.as_deref() == Some("not_issued")), "valley energy: {found:?}");
    assert_eq!(found.last().map(|f| f.0.as_str()), Some("total"));
    line(&printed, &["Issued bills: unreconciled"])?;
    assert!(!Rows::of(&out, "bills")?.ids("scenario")?.iter().any(|s| s.contains("issued")));
    Ok(())
}

#[test]
fn a_customer_whose_bills_agree_is_reconciled_in_the_tables() -> Outcome {
    let place = Place::new()?;
    let out = place.dir.path().join("out");
    place.bill(&["--out", &arg(&out), "--quiet"])?;
    let total: f64 = Rows::of(&out, "bills")?.reals("amount")?.into_iter().flatten().sum();
    let customers =
        place.file("c.csv", "customer_id,capacity_kva,billing_mode,market_status\nA,500,demand,agency\n")?;
    for (factor, state) in [(1.0, "reconciled"), (1.009, "reconciled"), (1.02, "unreconciled")] {
        let issued = format!("customer_id,month,line,amount\nA,2026年1月,合计,{:.2}\n", total * factor);
        let issued = place.file("i.csv", &issued)?;
        let out = place.dir.path().join(format!("out-{factor}"));
        let readings = arg(&place.readings);
        let all = ["analyze", &readings, "--customers", &customers, "--tariff", HUBEI, "--issued", &issued];
        let (code, _, message) = run(all.into_iter().chain(["--out", &arg(&out)]))?;
        assert_eq!(code, 0, "{message}");
        assert_eq!(Rows::of(&out, "customers")?.ids("reconciliation")?, [state], "× {factor}");
        let page = fs::read_to_string(out.join("customers/A.html"))?;
        let word = if state == "reconciled" { "Reconciled:" } else { "Unreconciled: in 2026-01" };
        assert!(page.contains(word), "× {factor}");
    }
    Ok(())
}

#[test]
fn a_bill_line_is_explained_with_its_intervals_prices_and_rule() -> Outcome {
    let place = Place::new()?;
    let out = place.dir.path().join("out");
    place.bill(&["--out", &arg(&out), "--quiet"])?;
    let explain = |line: &str| run(["explain", &arg(&out), "A", "2026-01", line]);
    let (code, printed, message) = explain("demand")?;
    assert_eq!(code, 0, "{message}");
    line(&printed, &["300 kW × 42 = 12600.00"])?;
    line(&printed, &["300 kW from 2026-01-14 18:00", "the maximum"])?;
    line(&printed, &["its lead over the next: 200 kW"])?;
    let (_, printed, _) = explain("sharp")?;
    line(&printed, &["6600 kWh measured + 0 kWh estimated"])?;
    line(&printed, &["18:00-20:00 on 31 days"])?;
    line(&printed, &["Price a kWh", "0.1263"])?;
    let (code, _, message) = explain("nothing")?;
    assert!(code == 1 && message.contains("its lines are") && message.contains("demand"), "{message}");
    let (code, _, message) = run(["explain", &arg(&out), "A", "2026-02", "demand"])?;
    assert!(code == 1 && message.contains("billed months are 2026-01"), "{message}");
    Ok(())
}

/// Components of the whole tariff, a sliding demand, a charge on kVA within a band, and a power factor.
const RARE: &str = r#"
id = "rare"
name = "Rare"
currency = "CNY"
source = "invented for tests"
verified = "illustrative"
effective_from = "2026-01-01"
[[component]]
name = "energy"
price = 0.5
floats = true
[[component]]
name = "grid"
price = 0.1
[[band]]
name = "high"
period = "peak"
ratio = 1.6
[[band]]
name = "low"
period = "flat"
[[schedule]]
windows = { high = ["08:00-20:00"], low = ["20:00-08:00"] }
[demand]
name = "kW"
price = 40
window_minutes = 30
window = "sliding"
always = true
[[demand_charge]]
name = "evening kVA"
price = 2
unit = "kva"
bands = ["high"]
[power_factor]
table = "CN-1983"
"#;

#[test]
fn every_kind_of_line_is_explained_as_it_was_measured() -> Outcome {
    let place = Place::new()?;
    let tariff = place.file("rare.toml", RARE)?;
    let customers = place.file("c.csv", "customer_id,pf_standard\nA,0.90\n")?;
    let (readings, out) = (arg(&place.readings), place.dir.path().join("out"));
    let all = ["bill", &readings, "--customers", &customers, "--tariff", &tariff, "--out", &arg(&out)];
    let (code, _, message) = run(all)?;
    assert_eq!(code, 0, "{message}");
    let explain = |line: &str| run(["explain", &arg(&out), "A", "2026-01", line]).map(|r| r.1);
    let high = explain("high")?;
    line(&high, &["37600 kWh measured + 0 kWh estimated"])?;
    line(&high, &["Price a kWh: energy 0.5 × 1.6 = 0.8 + grid 0.1"])?;
    line(&explain("low")?, &["Price a kWh: energy 0.5 + grid 0.1"])?;
    let demand = explain("kW")?;
    line(&demand, &["Highest sliding means of 30 minutes, at least 2 hours apart"])?;
    line(&demand, &["300 kW from 2026-01-14 18:00", "the maximum"])?;
    let charge = explain("evening kVA")?;
    line(&charge, &["375 kVA × 2 = 750.00"])?;
    line(&charge, &["Highest means of 15 minutes within high, at least 2 hours apart"])?;
    line(&charge, &["375 kVA from 2026-01-14 18:00", "the maximum"])?;
    line(&charge, &["its lead over the next: 250 kVA"])?;
    let factor = explain("power_factor")?;
    line(&factor, &["74800 kWh and 56100 kvarh in the month"])?;
    line(&factor, &["cos φ", "= 0.8, rounded 0.80"])?;
    line(&factor, &["table of standard 0.90: +5.00 % of"])?;
    Ok(())
}

const SHANDONG: &str = "cn-shandong-2026-two-part-template";

#[test]
fn every_shipped_file_is_free_of_faults() -> Outcome {
    for shipped in Tariff::builtin_list() {
        let (_, faults) = lint(Path::new(shipped.id), shipped.text)?;
        assert_eq!(faults, [], "{}", shipped.id);
    }
    Ok(())
}

/// Hours a day of sharp, peak, flat, valley and deep, counted by hand from the notices.
#[test]
fn templates_have_the_hours_of_their_notices_and_cover_each_day_once() -> Outcome {
    let days: &[(&str, &str, [f64; 5])] = &[
        (SHANDONG, "2026-01-14", [3.0, 4.0, 8.0, 6.0, 3.0]),
        (SHANDONG, "2026-04-14", [3.0, 2.0, 14.0, 2.0, 3.0]),
        (SHANDONG, "2026-06-16", [5.0, 2.0, 12.0, 5.0, 0.0]),
        (SHANDONG, "2026-07-14", [5.0, 2.0, 12.0, 5.0, 0.0]),
        (SHANDONG, "2026-10-14", [2.0, 3.0, 14.0, 2.0, 3.0]),
        ("cn-zhejiang-2026-two-part-template", "2026-09-15", [0.0, 7.0, 7.0, 10.0, 0.0]),
        ("cn-zhejiang-2026-two-part-template", "2026-07-14", [4.0, 3.0, 7.0, 10.0, 0.0]),
        // National Day: 9 to 15 is deep.
        ("cn-zhejiang-2026-two-part-template", "2026-10-01", [0.0, 7.0, 4.0, 7.0, 6.0]),
        ("cn-jiangsu-industry-two-part-template", "2026-07-14", [3.0, 5.0, 8.0, 8.0, 0.0]),
        ("cn-jiangsu-industry-two-part-template", "2026-01-14", [2.0, 6.0, 8.0, 8.0, 0.0]),
        ("cn-jiangsu-industry-two-part-template", "2026-04-14", [0.0, 7.0, 9.0, 8.0, 0.0]),
        ("cn-guangdong-two-part-template", "2026-04-14", [0.0, 7.0, 9.0, 8.0, 0.0]),
        ("cn-guangdong-two-part-template", "2026-08-14", [3.0, 4.0, 9.0, 8.0, 0.0]),
        ("cn-hebei-south-two-part-template", "2026-04-14", [0.0, 8.0, 8.0, 5.0, 3.0]),
        ("cn-hebei-south-two-part-template", "2026-07-14", [3.0, 5.0, 8.0, 8.0, 0.0]),
        ("cn-hebei-south-two-part-template", "2026-10-14", [0.0, 8.0, 8.0, 6.0, 2.0]),
        ("cn-hebei-south-two-part-template", "2026-01-14", [2.0, 6.0, 8.0, 8.0, 0.0]),
        ("cn-shanghai-2026-summer-two-part-template", "2026-08-14", [2.0, 8.0, 6.0, 8.0, 0.0]),
        // A Saturday of September: the night is deep valley.
        ("cn-shanghai-2026-summer-two-part-template", "2026-09-12", [0.0, 10.0, 6.0, 0.0, 8.0]),
    ];
    for (id, date, expected) in days {
        let compiled = Compiled::new(Arc::new(Tariff::builtin(id)?), Interval::M15, None)?;
        let mut hours = [0.0; 5];
        for segment in compiled.segments(date.parse()?) {
            hours[compiled.bands()[segment.band].period as usize] += segment.slots.len() as f64 / 4.0;
        }
        assert_eq!(hours, *expected, "{id} {date}");
        assert_eq!(hours.iter().sum::<f64>(), 24.0, "{id} {date}");
    }
    Ok(())
}

/// 110 kV, 2026: 0.5014 floats, 0.13317 does not.
#[test]
fn shandong_prices_are_floating_times_ratio_plus_fixed() -> Outcome {
    let shipped = Tariff::builtin_list().iter().find(|s| s.id == SHANDONG).ok_or("shipped")?;
    let mut text = shipped.text.to_owned();
    // The first two prices are those of the floating and the fixed part, the third the fund.
    for price in ["0.5014", "0.13317", "0"] {
        text = text.replacen("price = \"?\"", &format!("price = {price}"), 1);
    }
    let filled = Tariff::parse(Path::new("filled.toml"), &text.replace("\"?\"", "1.0"))?;
    let compiled = Compiled::new(Arc::new(filled), Interval::M15, None)?;
    let prices: Vec<f64> = compiled.bands().iter().map(|b| b.price).collect();
    for (price, expected) in prices.iter().zip([1.135_97, 0.985_55, 0.634_57, 0.283_59, 0.183_31]) {
        assert!((price - expected).abs() < 1e-5, "{prices:?}");
    }
    Ok(())
}

#[test]
fn a_template_refuses_to_bill_and_says_where_prices_go() -> Outcome {
    let place = Place::new()?;
    let readings = arg(&place.readings);
    let customers =
        place.file("c.csv", "customer_id,capacity_kva,billing_mode,market_status\nA,500,demand,agency\n")?;
    let (code, printed, _) = run(["bill", &readings, "--customers", &customers, "--tariff", SHANDONG])?;
    assert_eq!(code, 0, "{printed}");
    line(&printed, &["not billed", "is a template", "component[0].price"])?;
    let (_, printed, _) = run(["tariff", "list", "shandong"])?;
    line(&printed, &[SHANDONG, "template"])?;
    Ok(())
}

/// A rate with most of what the database's fields can say; invented.
fn rate() -> serde_json::Value {
    let hours = |f: &dyn Fn(usize, usize) -> usize| -> Vec<Vec<usize>> {
        (0..12).map(|m| (0..24).map(|h| f(m, h)).collect()).collect()
    };
    let summer = |m: usize| (5..9).contains(&m);
    serde_json::json!({
        "label": "0123456789abcdef01234567", "name": "Large General Service TOU", "utility": "Example Light & Power",
        "startdate": 1_704_067_200, "sector": "Industrial", "source": "https://example.org/lgs.pdf", "eiaid": 1,
        "energyratestructure": [[{"rate": 0.06, "adj": 0.002, "unit": "kWh"}], [{"rate": 0.12, "unit": "kWh", "sell": 0.03}]],
        "energyweekdayschedule": hours(&|m, h| usize::from(summer(m) && (12..18).contains(&h))),
        "energyweekendschedule": hours(&|_, _| 0),
        "flatdemandunit": "kW", "flatdemandstructure": [[{"rate": 5.0, "max": 100}, {"rate": 4.0}]],
        "flatdemandmonths": vec![0; 12],
        "demandunits": "kW", "demandratestructure": [[{"rate": 0}], [{"rate": 9.5, "adj": 0.5}]],
        "demandweekdayschedule": hours(&|m, h| usize::from(summer(m) && (14..18).contains(&h))),
        "demandweekendschedule": hours(&|_, _| 0),
        "demandwindow": 15, "demandratchetpercentage": vec![0.8; 12],
        "fixedchargefirstmeter": 150.0, "fixedchargeunits": "$/month", "minmonthlycharge": 500,
        "peakkwcapacitymin": 50, "fueladjustmentsmonthly": [0.001, 0.001, 0.001, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    })
}

#[test]
fn a_rate_of_the_utility_rate_database_becomes_a_tariff_file_without_faults() -> Outcome {
    let place = Place::new()?;
    let json = place.file("rate.json", &rate().to_string())?;
    let file = arg(&place.dir.path().join("rate.toml"));
    let (code, _, message) = run(["tariff", "import", "urdb", &json, "--out", &file])?;
    assert_eq!(code, 0, "{message}");
    let (code, printed, _) = run(["tariff", "lint", &file])?;
    assert_eq!(code, 0, "{printed}");
    let tariff = Tariff::parse(Path::new(&file), &fs::read_to_string(&file)?)?;
    assert_eq!(&*tariff.id, "urdb-0123456789abcdef01234567");
    assert_eq!(tariff.effective_from.to_string(), "2024-01-01");
    let compiled = Compiled::new(Arc::new(tariff), Interval::M15, None)?;
    // 2024-07-10 is a Wednesday: 6 h at 0.12, of which 4 h in the demand period.
    let hours = |date: &str, price: f64| -> Outcome<f64> {
        let of =
            compiled.segments(date.parse()?).iter().filter(|s| (compiled.bands()[s.band].price - price).abs() < 1e-9);
        Ok(of.map(|s| s.slots.len() as f64 / 4.0).sum())
    };
    assert_eq!((hours("2024-07-10", 0.12)?, hours("2024-07-10", 0.062)?), (6.0, 18.0));
    assert_eq!((hours("2024-07-13", 0.12)?, hours("2024-01-10", 0.062)?), (0.0, 24.0));
    let t = compiled.tariff();
    assert_eq!(t.demand_charges.len(), 2);
    assert_eq!(t.demand_charges[0].tiers.len(), 2);
    assert!(t.demand_charges[0].ratchet.is_some(), "the ratchet is on the charge of any hour");
    assert_eq!(t.demand_charges[1].months, [6, 7, 8, 9]);
    assert_eq!(t.demand_charges[1].price.map(peakwise::tariff::Price::get), Some(10.0), "adj adds to rate");
    assert_eq!((t.fixed.len(), t.minimums.len(), t.price_series.len()), (1, 1, 2));
    Ok(())
}

#[test]
fn what_a_tariff_file_cannot_say_is_refused_by_name_and_never_dropped() -> Outcome {
    let place = Place::new()?;
    let mut rate = rate();
    rate["usenetmetering"] = true.into();
    rate["coincidentratestructure"] = serde_json::json!([[{"rate": 3.0}]]);
    rate["somethingnew"] = 7.into();
    rate["energyratestructure"][0][0]["unit"] = "kWh/kW daily".into();
    let json = place.file("rate.json", &rate.to_string())?;
    let (code, _, message) = run(["tariff", "import", "urdb", &json])?;
    assert_eq!(code, 1);
    for name in ["usenetmetering", "coincidentratestructure", "somethingnew", "energyratestructure[0][0].unit"] {
        line(&message, &[&format!("{name}: "), "--ignore"])?;
    }
    assert!(message.contains("4 fields are not expressed"), "{message}");
    rate["energyratestructure"][0][0]["unit"] = "kWh".into();
    let json = place.file("rate.json", &rate.to_string())?;
    let ignore = "usenetmetering,coincidentratestructure,somethingnew";
    let (code, printed, message) = run(["tariff", "import", "urdb", &json, "--ignore", ignore])?;
    assert_eq!(code, 0, "{message}");
    line(&printed, &["# left out on request: somethingnew = 7"])?;
    Ok(())
}

/// Every sample of the data folder either becomes a file without faults or is refused with the reason.
#[test]
fn samples_of_the_utility_rate_database_import_or_say_why_not() -> Outcome {
    let Some(data) = std::env::var_os("PEAKWISE_DATA").map(PathBuf::from) else { return Ok(()) };
    let options = urdb::ImportOptions { effective_from: Some("2020-01-01".parse()?), ..Default::default() };
    let mut imported = 0;
    for entry in fs::read_dir(data.join("tariffs/urdb_reopt"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        match urdb::import(&path, &fs::read_to_string(&path)?, &options) {
            Ok(files) => {
                imported += files.len();
                for file in files {
                    assert_eq!(lint(&path, &file)?.1, [], "{}", path.display());
                }
            }
            Err(e) => {
                let e = e.to_string();
                assert!(e.contains("urdb_label") || e.contains("energyratestructure: it is missing"), "{e}");
            }
        }
    }
    assert_eq!(imported, 1, "the one sample that holds a rate");
    Ok(())
}
