//! Files as they come, written by the tests and read through the whole of `input`.

mod cells;
mod coarse;
mod encodings;
mod orders;

use super::place::{Meaning, place};
use super::{InputOptions, Readings};
use crate::curve::{Load, VALID};
use crate::time::{Interval, Zone};
use arrow::array::{
    ArrayRef, BinaryArray, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int8Array, Int32Array,
    Int64Array, LargeStringArray, PrimitiveArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, UInt32Array, UInt64Array,
};
use arrow::datatypes::{Int32Type, TimestampSecondType};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

type Columns = Vec<(&'static str, ArrayRef)>;

fn write(path: &Path, columns: Columns) {
    write_with(path, columns, None);
}

fn write_with(path: &Path, columns: Columns, properties: Option<WriterProperties>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap();
    let mut w = ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), properties).unwrap();
    w.write(&batch).unwrap();
    w.close().unwrap();
}

/// Loads of every meter, by `customer/meter`, in the options' zone.
fn loads(dir: &Path, options: InputOptions) -> Result<BTreeMap<String, Load>, String> {
    let zone = Arc::new(Zone::new(&options.tz, options.dst_labels).unwrap());
    let readings = Readings::open(&[dir.display().to_string()], options).map_err(|e| e.to_string())?;
    let lists: Vec<Vec<u32>> = (0..readings.meters().len() as u32).map(|m| vec![m]).collect();
    let out = Mutex::new(Ok(BTreeMap::new()));
    let each = |c: usize, segments: super::MeterSegments| {
        let key = &readings.meters()[c];
        let name = format!("{}/{}", key.customer.as_deref().unwrap_or(""), key.meter);
        let meaning = Meaning { zone: Arc::clone(&zone), options: &readings.options, multiplier: 1.0 };
        let load = segments.and_then(|mut s| place(&mut s[0].1, &meaning));
        let mut out = out.lock().unwrap();
        match (load, out.as_mut()) {
            (Ok(Some(load)), Ok(map)) => drop(map.insert(name, load)),
            (Err(e), Ok(_)) => *out = Err(e),
            _ => {}
        }
    };
    readings.for_each_customer(&lists, each, |_| {});
    out.into_inner().unwrap()
}

fn only(dir: &Path, options: InputOptions) -> Load {
    let loads = loads(dir, options).unwrap();
    assert_eq!(loads.len(), 1, "{:?}", loads.keys());
    loads.into_values().next().unwrap()
}

fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn ids(n: usize) -> ArrayRef {
    text(&vec!["a"; n])
}

fn doubles(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

/// Naive seconds since 1970.
fn seconds(values: &[i64]) -> ArrayRef {
    Arc::new(PrimitiveArray::<TimestampSecondType>::from(values.to_vec()))
}

fn at(text: &str) -> i64 {
    super::stamp::parse_stamp(text).unwrap().0
}

/// The valid values in order.
fn valid(load: &Load) -> Vec<f64> {
    load.kw().iter().zip(load.flags()).filter(|(_, f)| *f & VALID != 0).map(|(v, _)| *v).collect()
}

/// `n` labels from a first one, `step` minutes apart.
fn labels(first: &str, step: i64, n: usize) -> Vec<i64> {
    (0..n as i64).map(|i| at(first) + i * step * 60).collect()
}

#[test]
fn every_type_of_id_is_the_same_text() {
    let dir = tempfile::tempdir().unwrap();
    let columns: Vec<ArrayRef> = vec![
        text(&["101", "7"]),
        Arc::new(LargeStringArray::from(vec!["101", "7"])),
        Arc::new(StringViewArray::from(vec!["101", "7"])),
        Arc::new(BinaryArray::from(vec![&b"101"[..], b"7"])),
        Arc::new(vec!["101", "7"].into_iter().collect::<DictionaryArray<Int32Type>>()),
        Arc::new(Int32Array::from(vec![101, 7])),
        Arc::new(Int64Array::from(vec![101, 7])),
        Arc::new(UInt64Array::from(vec![101, 7])),
        Arc::new(Float64Array::from(vec![101.0, 7.0])),
        Arc::new(Decimal128Array::from(vec![101, 7]).with_precision_and_scale(20, 0).unwrap()),
        text(&["101  ", " 7"]),
    ];
    for (i, id) in columns.into_iter().enumerate() {
        let ts = seconds(&[labels("2025-01-01 00:00", 15, 11)[i]; 2]);
        write(
            &dir.path().join(format!("{i}.parquet")),
            vec![("meter_id", id), ("ts", ts), ("kw", doubles(&[1.0, 2.0]))],
        );
    }
    let loads = loads(dir.path(), InputOptions::default()).unwrap();
    assert_eq!(loads.keys().collect::<Vec<_>>(), ["/101", "/7"]);
    assert_eq!(loads["/7"].n_valid(), 11);
}

#[test]
fn rounded_ids_are_refused_and_null_ids_counted() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.parquet");
    let ts = || seconds(&labels("2025-01-01 00:00", 15, 3));
    write(&file, vec![("meter_id", doubles(&[1.5, 2.0, 3.0])), ("ts", ts()), ("kw", doubles(&[1.0; 3]))]);
    assert!(loads(dir.path(), InputOptions::default()).unwrap_err().contains("rounded"));
    let id = Arc::new(StringArray::from(vec![Some("a"), None, Some(" ")]));
    write(&file, vec![("meter_id", id), ("ts", ts()), ("kw", doubles(&[1.0; 3]))]);
    let readings = Readings::open(&[file.display().to_string()], InputOptions::default()).unwrap();
    assert_eq!((readings.meters().len(), readings.index.rows_without_id), (1, 2));
}

#[test]
fn every_type_of_power_is_the_same_number() {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Float32Array::from(vec![Some(3.0), None, Some(5.0)])),
        Arc::new(Int32Array::from(vec![Some(3), None, Some(5)])),
        Arc::new(Int64Array::from(vec![Some(3), None, Some(5)])),
        Arc::new(UInt32Array::from(vec![Some(3), None, Some(5)])),
        Arc::new(UInt64Array::from(vec![Some(3), None, Some(5)])),
        Arc::new(Int8Array::from(vec![Some(3), None, Some(5)])),
        Arc::new(Decimal128Array::from(vec![Some(300), None, Some(500)]).with_precision_and_scale(7, 2).unwrap()),
        Arc::new(Decimal128Array::from(vec![Some(300), None, Some(500)]).with_precision_and_scale(30, 2).unwrap()),
        Arc::new(StringArray::from(vec![Some(" 3"), Some(""), Some("5.0")])),
        Arc::new(vec![Some("3"), None, Some("5")].into_iter().collect::<DictionaryArray<Int32Type>>()),
    ];
    for kw in columns {
        let dir = tempfile::tempdir().unwrap();
        let kind = kw.data_type().clone();
        let ts = seconds(&labels("2025-01-01 00:00", 15, 3));
        write(&dir.path().join("x.parquet"), vec![("meter_id", ids(3)), ("ts", ts), ("kw", kw)]);
        let load = only(dir.path(), InputOptions::default());
        assert_eq!((valid(&load), load.placement().null), (vec![3.0, 5.0], 1), "{kind}");
    }
    let dir = tempfile::tempdir().unwrap();
    let ts = seconds(&labels("2025-01-01 00:00", 15, 2));
    write(&dir.path().join("x.parquet"), vec![("meter_id", ids(2)), ("ts", ts), ("kw", text(&["3", "1,250"]))]);
    let e = loads(dir.path(), InputOptions::default()).unwrap_err();
    assert!(e.contains("x.parquet: row group 0, column kw: row 1 of the row group holds \"1,250\""), "{e}");
}

#[test]
fn every_type_of_stamp_is_the_same_instant() {
    let l = labels("2025-01-01 00:00", 15, 8);
    let scaled = |by: i64| l.iter().map(|v| v * by).collect::<Vec<i64>>();
    let utc = |by: i64| l.iter().map(|v| (v - 8 * 3600) * by).collect::<Vec<i64>>();
    let texts = |f: &dyn Fn(i64, i64) -> String| {
        let all: Vec<String> = (0..8).map(|i| f(i / 4, i % 4 * 15)).collect();
        Arc::new(StringArray::from(all)) as ArrayRef
    };
    let columns: Vec<ArrayRef> = vec![
        seconds(&l),
        Arc::new(TimestampMillisecondArray::from(scaled(1_000))),
        Arc::new(TimestampMicrosecondArray::from(scaled(1_000_000))),
        Arc::new(TimestampNanosecondArray::from(scaled(1_000_000_000))),
        Arc::new(TimestampNanosecondArray::from(utc(1_000_000_000)).with_timezone("UTC")),
        Arc::new(TimestampMillisecondArray::from(utc(1_000)).with_timezone("Europe/Berlin")),
        Arc::new(Int64Array::from(utc(1_000))),
        texts(&|h, m| format!("2025-01-01 {h:02}:{m:02}")),
        texts(&|h, m| format!("2025/1/1 {h}:{m:02}:00")),
        texts(&|h, m| format!("202501010{h}{m:02}00")),
        texts(&|h, m| format!("2024-12-31T{}:{m:02}:00Z", h + 16)),
    ];
    for ts in columns {
        let dir = tempfile::tempdir().unwrap();
        let kind = ts.data_type().clone();
        let kw = doubles(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        write(&dir.path().join("x.parquet"), vec![("meter_id", ids(8)), ("ts", ts), ("kw", kw)]);
        let load = only(dir.path(), InputOptions::default());
        assert_eq!(load.kw()[..8], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], "{kind}");
        assert_eq!(load.days().first().to_string(), "2025-01-01", "{kind}");
    }
}

#[test]
fn a_bad_stamp_costs_its_row_and_a_column_without_stamps_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.parquet");
    let put =
        |ts: &[&str]| write(&file, vec![("meter_id", ids(3)), ("ts", text(ts)), ("kw", doubles(&[1.0, 2.0, 3.0]))]);
    put(&["2025-01-01 00:00", "n/a", "2025-01-01 00:15"]);
    let load = only(dir.path(), InputOptions::default());
    assert_eq!((valid(&load), load.placement().bad_stamps), (vec![1.0, 3.0], 1));
    put(&["x", "y", "z"]);
    assert!(loads(dir.path(), InputOptions::default()).unwrap_err().contains("\"x\" is no instant"));
    put(&["2025-01-01 00:00", "2025-01-01 00:15Z", "2025-01-01 00:30"]);
    assert!(loads(dir.path(), InputOptions::default()).unwrap_err().contains("some have none"));
}

#[test]
fn empty_files_and_row_groups_are_let_be() {
    let dir = tempfile::tempdir().unwrap();
    let ts = seconds(&labels("2025-01-01 00:00", 15, 2));
    write(&dir.path().join("b.parquet"), vec![("meter_id", ids(2)), ("ts", ts), ("kw", doubles(&[1.0, 2.0]))]);
    write(&dir.path().join("a.parquet"), vec![("meter_id", ids(0)), ("ts", seconds(&[])), ("kw", doubles(&[]))]);
    assert_eq!(valid(&only(dir.path(), InputOptions::default())), [1.0, 2.0]);
}

#[test]
fn partitions_give_ids_and_dates() {
    let dir = tempfile::tempdir().unwrap();
    for (folder, kw) in [("customer_id=A%20B/meter_id=m1", 1.0), ("customer_id=A%20B/meter_id=m2", 2.0)] {
        let ts = seconds(&labels("2025-01-01 00:00", 15, 2));
        write(&dir.path().join(folder).join("x.parquet"), vec![("ts", ts), ("kw", doubles(&[kw; 2]))]);
    }
    let loads = loads(dir.path(), InputOptions::default()).unwrap();
    assert_eq!(loads.keys().collect::<Vec<_>>(), ["A B/m1", "A B/m2"]);
}

#[test]
fn copies_agree_or_conflict_whatever_their_order() {
    let t = labels("2025-01-01 00:00", 15, 6);
    // First copies, second copies: equal, zeros of both signs, null and value, NaN and value, conflict, lone.
    let a = [Some(1.0), Some(0.0), None, Some(f64::NAN), Some(5.0), Some(6.0)];
    let b = [Some(1.0), Some(-0.0), Some(3.0), Some(4.0), Some(5.5), None];
    let mut seen = Vec::new();
    for names in [["1", "2"], ["2", "1"]] {
        let dir = tempfile::tempdir().unwrap();
        for (name, kw) in names.iter().zip([a, b]) {
            let kw = Arc::new(Float64Array::from(kw.to_vec()));
            write(
                &dir.path().join(format!("{name}.parquet")),
                vec![("meter_id", ids(6)), ("ts", seconds(&t)), ("kw", kw)],
            );
        }
        let load = only(dir.path(), InputOptions::default());
        let p = load.placement();
        assert_eq!((valid(&load), p.duplicates, p.conflicts), (vec![1.0, 0.0, 3.0, 6.0], 6, 2));
        seen.push(load.kw().iter().map(|v| v.to_bits()).collect::<Vec<_>>());
    }
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn an_infinite_reactive_value_is_no_reading() {
    let dir = tempfile::tempdir().unwrap();
    let ts = seconds(&labels("2025-01-01 00:00", 15, 3));
    let kvar = doubles(&[1.0, f64::INFINITY, f64::NAN]);
    let columns = vec![("meter_id", ids(3)), ("ts", ts), ("kw", doubles(&[1.0; 3])), ("kvar", kvar)];
    write(&dir.path().join("x.parquet"), columns);
    let load = only(dir.path(), InputOptions::default());
    let reactive: Vec<bool> = load.flags()[..3].iter().map(|f| f & crate::curve::REACTIVE != 0).collect();
    assert_eq!(reactive, [true, false, false]);
}

#[test]
fn stamps_outside_the_table_are_bad_and_stretch_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut t = labels("2025-01-01 00:00", 15, 5);
    (t[1], t[3]) = (0, at("2099-12-31 00:00"));
    write(&dir.path().join("x.parquet"), vec![("meter_id", ids(5)), ("ts", seconds(&t)), ("kw", doubles(&[1.0; 5]))]);
    let load = only(dir.path(), InputOptions { interval: Some(Interval::M15), ..InputOptions::default() });
    assert_eq!((load.n_valid(), load.placement().bad_stamps, load.span().len()), (3, 2, 5));
}

#[test]
fn a_meter_of_two_customers_is_handed_to_both() {
    let dir = tempfile::tempdir().unwrap();
    let ts = seconds(&labels("2025-01-01 00:00", 15, 4));
    write(&dir.path().join("x.parquet"), vec![("meter_id", ids(4)), ("ts", ts), ("kw", doubles(&[1.0; 4]))]);
    let readings = Readings::open(&[dir.path().display().to_string()], InputOptions::default()).unwrap();
    let rows = Mutex::new(Vec::new());
    let each = |c: usize, s: super::MeterSegments| {
        rows.lock().unwrap().push((c, s.unwrap().iter().flat_map(|m| &m.1).map(|s| s.rows.len()).sum::<usize>()));
    };
    readings.for_each_customer(&[vec![0], vec![0]], each, |_| {});
    let mut rows = rows.into_inner().unwrap();
    rows.sort_unstable();
    assert_eq!(rows, [(0, 4), (1, 4)]);
}

#[test]
fn a_rows_own_multiplier_takes_the_place_of_the_meters() {
    let dir = tempfile::tempdir().unwrap();
    let ts = seconds(&labels("2025-01-01 00:00", 15, 2));
    let own = Arc::new(Float64Array::from(vec![Some(30.0), None]));
    let columns = vec![("meter_id", ids(2)), ("ts", ts), ("kw", doubles(&[1.0, 1.0])), ("倍率", own as ArrayRef)];
    write(&dir.path().join("x.parquet"), columns);
    let options = InputOptions { values_multiplied: false, ..InputOptions::default() };
    let readings = Readings::open(&[dir.path().display().to_string()], options).unwrap();
    let zone = Arc::new(Zone::new("Asia/Shanghai", crate::time::DstLabels::Repeat).unwrap());
    let meaning = Meaning { zone, options: &readings.options, multiplier: 20.0 };
    let got = Mutex::new(Vec::new());
    let each = |_: usize, s: super::MeterSegments| {
        *got.lock().unwrap() = valid(&place(&mut s.unwrap()[0].1, &meaning).unwrap().unwrap());
    };
    readings.for_each_customer(&[vec![0]], each, |_| {});
    assert_eq!(got.into_inner().unwrap(), [30.0, 20.0]);
}

#[test]
fn shuffled_rows_are_the_same_load() {
    let n = 96 * 40;
    let t = labels("2025-01-01 00:00", 15, n);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_key(|i| (*i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17).wrapping_mul(0xBF58_476D));
    let dir = tempfile::tempdir().unwrap();
    let ts = seconds(&order.iter().map(|i| t[*i]).collect::<Vec<_>>());
    let kw = doubles(&order.iter().map(|i| *i as f64).collect::<Vec<_>>());
    write(&dir.path().join("x.parquet"), vec![("meter_id", ids(n)), ("ts", ts), ("kw", kw)]);
    let load = only(dir.path(), InputOptions::default());
    assert_eq!(load.interval(), Interval::M15);
    assert!(load.kw().iter().enumerate().all(|(i, v)| *v == i as f64));
}

/// Wall-clock labels of a zone for consecutive real intervals, by jiff alone.
fn wall_labels(zone: &str, first_utc: &str, minutes: i64, n: i64, end: bool) -> Vec<i64> {
    let tz = jiff::tz::TimeZone::get(zone).unwrap();
    let first = at(first_utc);
    let label = |i: i64| {
        let utc = first + (i + i64::from(end)) * minutes * 60;
        utc + i64::from(tz.to_offset(jiff::Timestamp::from_second(utc).unwrap()).seconds())
    };
    (0..n).map(label).collect()
}

#[test]
fn clock_changes_keep_every_interval_whether_stamps_are_starts_or_ends() {
    for (day, n) in [("2016-03-26T23:00Z", 92), ("2016-10-29T22:00Z", 100)] {
        for end in [false, true] {
            let stamps = wall_labels("Europe/Berlin", day, 15, n, end);
            let kw: Vec<f64> = (0..n).map(|i| 10.0 + i as f64).collect();
            let stamp = if end { super::Stamp::End } else { super::Stamp::Start };
            let options = InputOptions { tz: "Europe/Berlin".into(), stamp, ..InputOptions::default() };
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("a.parquet");
            write(&file, vec![("customer_id", ids(n as usize)), ("ts", seconds(&stamps)), ("kw", doubles(&kw))]);
            let load = only(dir.path(), options.clone());
            assert_eq!(valid(&load), kw, "{day} end {end}");
            assert_eq!(load.span().len(), n as usize);
            assert_eq!(load.instant(load.span().start).utc, at(day));
            // Newest first is the same load.
            let (mut back, mut kw_back) = (stamps.clone(), kw.clone());
            back.reverse();
            kw_back.reverse();
            write(&file, vec![("customer_id", ids(n as usize)), ("ts", seconds(&back)), ("kw", doubles(&kw_back))]);
            assert_eq!(valid(&only(dir.path(), options)), kw, "{day} end {end}, newest first");
        }
    }
}

#[test]
fn hourly_rows_newest_first_keep_the_two_passes_apart() {
    let stamps = wall_labels("Europe/Berlin", "2016-10-28T22:00Z", 60, 73, false);
    let kw: Vec<f64> = (0..73).map(f64::from).collect();
    let dir = tempfile::tempdir().unwrap();
    let rev = |v: &[i64]| v.iter().rev().copied().collect::<Vec<_>>();
    let values: Vec<f64> = kw.iter().rev().copied().collect();
    write(
        &dir.path().join("a.parquet"),
        vec![("customer_id", ids(73)), ("ts", seconds(&rev(&stamps))), ("kw", doubles(&values))],
    );
    let options = InputOptions { tz: "Europe/Berlin".into(), ..InputOptions::default() };
    assert_eq!(valid(&only(dir.path(), options)), kw);
}

#[test]
fn a_meter_that_changes_from_half_hours_to_quarters_keeps_its_energy_and_its_power() {
    // Two days of half hours at 100 kW, then two days of quarters at 60 kW.
    for (name, end) in [("kw", false), ("kwh", false), ("kwh", true), ("kw", true)] {
        let shift = i64::from(end);
        let mut stamps = labels("2025-01-01", 30, 96).iter().map(|s| s + shift * 1800).collect::<Vec<_>>();
        stamps.extend(labels("2025-01-03", 15, 192).iter().map(|s| s + shift * 900));
        let (coarse, fine) = if name == "kw" { (100.0, 60.0) } else { (50.0, 15.0) };
        let values: Vec<f64> = [vec![coarse; 96], vec![fine; 192]].concat();
        let dir = tempfile::tempdir().unwrap();
        write(
            &dir.path().join("a.parquet"),
            vec![("customer_id", ids(288)), ("ts", seconds(&stamps)), (name, doubles(&values))],
        );
        let stamp = if end { super::Stamp::End } else { super::Stamp::Start };
        let load = only(dir.path(), InputOptions { stamp, ..InputOptions::default() });
        assert_eq!(load.interval(), Interval::M15);
        assert_eq!(valid(&load), [vec![100.0; 192], vec![60.0; 192]].concat(), "{name} end {end}");
        assert_eq!((load.placement().rows, load.placement().coarser), (288, 96));
    }
}

#[test]
fn gaps_are_not_longer_intervals() {
    let mut stamps = labels("2025-01-01", 15, 96);
    stamps.retain(|s| (s / 900) % 7 != 3);
    let n = stamps.len();
    let dir = tempfile::tempdir().unwrap();
    write(
        &dir.path().join("a.parquet"),
        vec![("customer_id", ids(n)), ("ts", seconds(&stamps)), ("kw", doubles(&vec![5.0; n]))],
    );
    let load = only(dir.path(), InputOptions::default());
    assert_eq!((load.n_valid(), load.placement().coarser), (n, 0));
}
