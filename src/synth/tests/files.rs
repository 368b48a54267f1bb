//! Layouts agree, files say what was planted, and the shipped data are what they are said to be.

use super::*;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int32Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::{self, File};
use std::path::Path;

/// Rows of one meter and label, sorted: `(meter, seconds, kw bits, kvar bits)`.
type Rows = Vec<(String, i64, Option<u64>, Option<u64>)>;

fn batches(path: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
    reader.map(|b| b.unwrap()).collect()
}

fn ids(batch: &RecordBatch) -> Vec<String> {
    let ids = batch.column_by_name("meter_id").unwrap();
    if let Some(texts) = ids.as_string_opt::<i32>() {
        return texts.iter().map(|t| t.unwrap().to_owned()).collect();
    }
    let ids = ids.as_dictionary::<Int32Type>();
    let texts = ids.values().as_string::<i32>();
    ids.keys().values().iter().map(|k| texts.value(*k as usize).to_owned()).collect()
}

fn long_rows(path: &Path) -> Rows {
    let mut out = Rows::new();
    for b in batches(path) {
        let ts = b.column_by_name("ts").unwrap();
        let seconds: Vec<i64> = match ts.data_type() {
            DataType::Timestamp(TimeUnit::Microsecond, None) => {
                ts.as_primitive::<TimestampMicrosecondType>().values().iter().map(|v| v / 1_000_000).collect()
            }
            _ => ts.as_primitive::<TimestampMillisecondType>().values().iter().map(|v| v / 1_000).collect(),
        };
        let value = |name: &str| b.column_by_name(name).unwrap().as_primitive::<Float64Type>().clone();
        let (kw, kvar) = (value("kw"), value("kvar"));
        for (i, id) in ids(&b).into_iter().enumerate() {
            let bits = |a: &arrow::array::Float64Array| a.is_valid(i).then(|| a.value(i).to_bits());
            out.push((id, seconds[i], bits(&kw), bits(&kvar)));
        }
    }
    out
}

fn wide_values(path: &Path, letter: &str) -> BTreeMap<(String, i64), u64> {
    let mut out = BTreeMap::new();
    for b in batches(path) {
        let dates = b.column_by_name("date").unwrap().as_primitive::<Date32Type>().clone();
        for (i, id) in ids(&b).into_iter().enumerate() {
            for slot in 0..96 {
                let column = b.column_by_name(&format!("{letter}{}", slot + 1)).unwrap().as_primitive::<Float64Type>();
                if column.is_valid(i) {
                    let at = i64::from(dates.value(i)) * 86_400 + slot * 900;
                    assert!(out.insert((id.clone(), at), column.value(i).to_bits()).is_none());
                }
            }
        }
    }
    out
}

fn written(dir: &Path, layout: &str, mix: &str, stamps: StampUnit) -> Result<Written> {
    let first = "2025-03-20".parse()?;
    let (layout, mix) = (layout.to_owned(), mix.to_owned());
    let truth = Some(dir.join("truth.json"));
    run(&SynthOptions {
        out: dir.join("fleet"),
        customers: 29,
        seed: 5,
        first,
        days: 45,
        layout,
        mix,
        stamps,
        truth,
        ..SynthOptions::default()
    })
}

#[test]
fn layouts_hold_the_same_values() -> Result<()> {
    let temp = tempfile::tempdir().unwrap();
    let make = |layout: &str, mix: &str| {
        let dir = temp.path().join(format!("{layout}-{mix}"));
        fs::create_dir(&dir).unwrap();
        let stamps = if layout == "daily" { StampUnit::Milliseconds } else { StampUnit::Microseconds };
        written(&dir, layout, mix, stamps)
    };
    for mix in ["standard", "full"] {
        let rows = |w: &Written| {
            let mut all: Rows = w.readings.iter().flat_map(|p| long_rows(p)).collect();
            assert_eq!(all.len() as u64, w.n_readings);
            all.sort();
            all
        };
        let (long, monthly, daily) = (make("long", mix)?, make("monthly", mix)?, make("daily", mix)?);
        let expected = rows(&long);
        assert_eq!((long.readings.len(), monthly.readings.len(), daily.readings.len()), (1, 3, 45));
        assert!(expected == rows(&monthly) && expected == rows(&daily), "{mix}");
        for name in ["customers.csv", "meters.csv", "transformers.csv"] {
            let text = |w: &Written| fs::read(w.customers.with_file_name(name)).unwrap();
            assert!(text(&long) == text(&monthly) && text(&long) == text(&daily));
        }
        if mix == "full" {
            let refused = make("wide", mix).map_err(|e| e.to_string());
            assert!(refused.is_err_and(|e| e.contains("--mix standard")));
            continue;
        }
        let wide = make("wide", mix)?;
        let (kw, kvar) = (wide_values(&wide.readings[0], "P"), wide_values(&wide.readings[1], "Q"));
        let present: Vec<_> = expected.iter().filter(|r| r.2.is_some()).collect();
        assert_eq!((present.len(), present.len()), (kw.len(), kvar.len()));
        for (id, at, p, q) in present {
            let key = (id.clone(), *at);
            assert_eq!((kw.get(&key), kvar.get(&key)), (p.as_ref(), q.as_ref()));
        }
    }
    Ok(())
}

#[test]
fn equal_options_make_equal_bytes_and_a_used_directory_is_refused() -> Result<()> {
    let temp = tempfile::tempdir().unwrap();
    let dirs = ["a", "b"].map(|n| temp.path().join(n));
    for d in &dirs {
        fs::create_dir(d).unwrap();
    }
    let bytes = |d: &Path| -> Result<Vec<Vec<u8>>> {
        let w = written(d, "long", "full", StampUnit::Microseconds)?;
        let mut files = w.readings.clone();
        files.extend([w.customers, w.meters, w.transformers]);
        files.extend(w.truth);
        Ok(files.iter().map(|f| fs::read(f).unwrap()).collect())
    };
    assert!(bytes(&dirs[0])? == bytes(&dirs[1])?);
    let again = written(&dirs[0], "long", "full", StampUnit::Microseconds).map_err(|e| e.to_string());
    assert!(again.is_err_and(|e| e.contains("not empty")));
    let left: Vec<_> = fs::read_dir(&dirs[0]).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "no temporary directory stays behind: {left:?}");
    Ok(())
}

#[test]
fn the_truth_file_names_what_was_planted() -> Result<()> {
    let temp = tempfile::tempdir().unwrap();
    let w = written(temp.path(), "long", "standard", StampUnit::Microseconds)?;
    let text = fs::read_to_string(w.truth.unwrap()).unwrap();
    let truth: serde_json::Value = serde_json::from_str(&text).unwrap();
    let customers = truth["customers"].as_array().unwrap();
    assert_eq!((customers.len(), truth["seed"].as_u64()), (29, Some(5)));
    let block = &customers[9]["planted"][0];
    assert_eq!(block["behaviour"], "shiftable_block");
    assert_eq!(block["figures"]["block_kw"]["unit"], "kW");
    assert!(block["figures"]["movable_kwh"]["value"].as_f64().unwrap() > 1000.0);
    Ok(())
}

#[test]
fn the_demonstration_is_one_set_of_inputs() -> Result<()> {
    let temp = tempfile::tempdir().unwrap();
    let demo = demo_inputs(temp.path())?;
    let rows = |p: &Path| csv::Reader::from_path(p).unwrap().into_records().map(|r| r.unwrap()).collect::<Vec<_>>();
    let (customers, meters) = (rows(&demo.customers), rows(&demo.meters));
    assert_eq!((customers.len(), meters.len()), (32, 33));
    let known: Vec<&str> = meters.iter().map(|m| &m[0]).collect();
    let mut metered: Vec<String> = demo.readings.iter().flat_map(|p| long_rows(p)).map(|r| r.0).collect();
    metered.sort();
    metered.dedup();
    assert_eq!(metered.len(), 33);
    assert!(metered.iter().all(|id| known.contains(&id.as_str())));
    assert!(meters.iter().all(|m| customers.iter().any(|c| c[0] == m[1])));
    let size: u64 = demo.readings.iter().map(|p| fs::metadata(p).unwrap().len()).sum();
    assert!(size < 6_000_000, "{size} bytes");
    Ok(())
}

#[test]
fn the_demonstration_has_both_kinds_of_misfit() -> Result<()> {
    let fleet = demo::demo_fleet()?;
    let misfits = (0..fleet.spec().customers).map(|i| fleet.customer(i));
    let misfits = misfits.filter(|c| c.planted.iter().any(|p| p.behaviour == "capacity_misfit"));
    let mut modes: Vec<BillingMode> = misfits.map(|c| c.register.billing_mode).collect();
    modes.sort();
    assert_eq!(modes, [BillingMode::Capacity, BillingMode::Demand]);
    Ok(())
}

#[test]
fn the_fixture_is_small_and_keeps_the_wall_clock_of_its_source() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/simbench");
    let size: u64 = fs::read_dir(&folder).unwrap().map(|f| f.unwrap().metadata().unwrap().len()).sum();
    assert!(size <= 3 << 20, "{size} bytes");
    assert!(folder.join("LICENSE").exists() && folder.join("README.md").exists());
    let mut per_meter: BTreeMap<String, Rows> = BTreeMap::new();
    for row in long_rows(&folder.join("readings.parquet")) {
        per_meter.entry(row.0.clone()).or_default().push(row);
    }
    assert!(per_meter.len() >= 12);
    let at = |text: &str| -> Result<i64> { Ok(i64::from(text.parse::<Date>()?.0) * 86_400) };
    let (spring, autumn) = (at("2016-03-27")?, at("2016-10-30")?);
    for (id, rows) in per_meter {
        assert_eq!(rows.len(), 35_136, "{id}");
        let of = |day: i64| rows.iter().filter(|r| (day..day + 86_400).contains(&r.1)).count();
        assert_eq!((of(spring), of(autumn)), (92, 100), "{id}");
        assert!(rows.iter().all(|r| r.2.is_some() && r.3.is_some()), "{id}: no nulls");
    }
    Ok(())
}
