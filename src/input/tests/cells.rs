//! Cells that cannot be used: what they cost, and what they do not.

use super::*;
use crate::curve::PowerKind;
use crate::curve::{CONFLICT, INVALID, REACTIVE};

/// The message that each meter failed with, by id.
fn failures(dir: &Path) -> BTreeMap<String, Option<String>> {
    let readings = Readings::open(&[dir.display().to_string()], InputOptions::default()).unwrap();
    let lists: Vec<Vec<u32>> = (0..readings.meters().len() as u32).map(|m| vec![m]).collect();
    let out = Mutex::new(BTreeMap::new());
    let each = |c: usize, segments: super::super::MeterSegments| {
        out.lock().unwrap().insert(readings.meters()[c].meter.to_string(), segments.err());
    };
    readings.for_each_customer(&lists, each, |_| {});
    out.into_inner().unwrap()
}

#[test]
fn a_bad_text_cell_costs_its_meter_alone() {
    // Meter by meter, and row by row.
    for order in [["a", "a", "a", "b", "b", "b"], ["a", "b", "a", "b", "a", "b"]] {
        let dir = tempfile::tempdir().unwrap();
        let row = (0..6).filter(|i| order[*i] == "b").nth(1).unwrap();
        let t: Vec<i64> = (0..6)
            .map(|i| labels("2025-01-01 00:00", 15, 3)[order[..i].iter().filter(|o| **o == order[i]).count()])
            .collect();
        let kw: Vec<&str> = (0..6).map(|i| if i == row { "1,250" } else { "3.5" }).collect();
        let columns = vec![("meter_id", text(&order)), ("ts", seconds(&t)), ("kw", text(&kw))];
        write(&dir.path().join("x.parquet"), columns);
        let failed = failures(dir.path());
        assert_eq!(failed["a"], None);
        let what = failed["b"].as_ref().unwrap();
        let says =
            format!("x.parquet: row group 0, column kw: row {row} of the row group holds \"1,250\", no number; export");
        assert!(what.contains(&says), "{what}");
    }
}

#[test]
fn words_for_nothing_are_nulls() {
    let dir = tempfile::tempdir().unwrap();
    let ts = seconds(&labels("2025-01-01 00:00", 15, 7));
    let kw = text(&["1", "n/a", "-", "NULL", " ", "\\N", "2"]);
    write(&dir.path().join("x.parquet"), vec![("meter_id", ids(7)), ("ts", ts), ("kw", kw)]);
    let load = only(dir.path(), InputOptions::default());
    assert_eq!((valid(&load), load.placement().null), (vec![1.0, 2.0], 5));
}

#[test]
fn bytes_that_are_no_text_are_no_ids() {
    let dir = tempfile::tempdir().unwrap();
    let id = Arc::new(BinaryArray::from(vec![&b"a"[..], b"\xff\xfe"]));
    let ts = seconds(&labels("2025-01-01 00:00", 15, 2));
    write(&dir.path().join("x.parquet"), vec![("meter_id", id), ("ts", ts), ("kw", doubles(&[1.0, 2.0]))]);
    let e = loads(dir.path(), InputOptions::default()).unwrap_err();
    assert!(e.contains("column meter_id: row 1 of the row group holds bytes that are no UTF-8 text (ff fe)"), "{e}");
    assert!(e.contains("export the column as text"), "{e}");
}

/// A load of 5 kWh every quarter hour with an export of 3 kWh but for some cells.
fn exporting(export: Vec<Option<f64>>) -> Load {
    let dir = tempfile::tempdir().unwrap();
    let n = export.len();
    let ts = seconds(&labels("2025-01-01 00:00", 15, n));
    let export = Arc::new(Float64Array::from(export)) as ArrayRef;
    let columns = vec![("meter_id", ids(n)), ("ts", ts), ("kwh", doubles(&vec![5.0; n])), ("kwh_export", export)];
    write(&dir.path().join("x.parquet"), columns);
    only(dir.path(), InputOptions::default())
}

#[test]
fn an_unknown_export_is_no_zero() {
    let load = exporting(vec![Some(3.0), None, Some(f64::NAN), Some(f64::INFINITY), Some(0.0)]);
    assert_eq!(valid(&load), [8.0, 20.0]);
    let unusable: Vec<bool> = load.flags()[1..4].iter().map(|f| f & INVALID != 0).collect();
    assert_eq!(unusable, [false, true, true], "a null is missing");
    let seen = load.placement();
    assert_eq!((seen.export.null, seen.export.nan, seen.export.infinite, seen.export_unknown), (1, 1, 1, 3));
    let never = exporting(vec![None; 3]);
    assert_eq!((valid(&never), never.placement().export_unknown), (vec![20.0; 3], 0), "a meter that does not export");
}

#[test]
fn copies_of_an_export_that_disagree_are_a_conflict() {
    let dir = tempfile::tempdir().unwrap();
    let t = labels("2025-01-01 00:00", 15, 3);
    for (name, export) in [("1", [3.0, f64::NAN, 3.0]), ("2", [3.0, 2.0, 9.0])] {
        let columns = vec![
            ("meter_id", ids(3)),
            ("ts", seconds(&t)),
            ("kwh", doubles(&[5.0; 3])),
            ("kwh_export", doubles(&export)),
            ("kvarh", doubles(&export)),
        ];
        write(&dir.path().join(format!("{name}.parquet")), columns);
    }
    let load = only(dir.path(), InputOptions::default());
    assert_eq!(valid(&load), [8.0, 12.0], "the other copy of a NaN stands");
    assert_eq!(load.flags()[2] & CONFLICT, CONFLICT);
    let seen = load.placement();
    assert_eq!((seen.export.conflicts, seen.export.nan, seen.export_unknown), (1, 1, 1));
    assert_eq!((seen.reactive.conflicts, seen.reactive.nan, seen.conflicts), (1, 1, 0));
}

#[test]
fn reactive_power_is_unknown_where_one_of_its_directions_is() {
    let dir = tempfile::tempdir().unwrap();
    let ts = seconds(&labels("2025-01-01 00:00", 15, 3));
    let lead = Arc::new(Float64Array::from(vec![Some(0.5), None, Some(0.0)])) as ArrayRef;
    let columns = vec![
        ("meter_id", ids(3)),
        ("ts", ts),
        ("kwh", doubles(&[5.0; 3])),
        ("kvarh_lag", doubles(&[1.0; 3])),
        ("kvarh_lead", lead),
    ];
    write(&dir.path().join("x.parquet"), columns);
    let load = only(dir.path(), InputOptions::default());
    let read: Vec<bool> = load.flags()[..3].iter().map(|f| f & REACTIVE != 0).collect();
    assert_eq!(read, [true, false, true]);
}

#[test]
fn a_kind_column_says_what_rows_hold() {
    let dir = tempfile::tempdir().unwrap();
    let t = labels("2025-01-01 00:00", 15, 2);
    let columns = |kind: &[&str], name| {
        vec![
            ("用户编号", ids(6)),
            ("数据时间", seconds(&[t[0], t[0], t[0], t[1], t[1], t[1]])),
            ("数据类型", text(kind)),
            (name, doubles(&[5.0, 2.0, 220.0, 6.0, 3.0, 221.0])),
        ]
    };
    for (kind, name, factor) in [
        (["有功功率", "无功功率", "电压"], "功率", 1.0),
        (["kWh", "kvarh", "V"], "电量", 4.0),
        (["active", "reactive", "voltage"], "kwh", 4.0),
    ] {
        let file = dir.path().join("x.parquet");
        write(&file, columns(&[kind, kind].concat(), name));
        let load = only(dir.path(), InputOptions::default());
        assert_eq!(valid(&load), [5.0 * factor, 6.0 * factor], "{kind:?}");
        assert_eq!(load.channels().kvar.as_ref().unwrap()[..2], [2.0 * factor, 3.0 * factor], "{kind:?}");
        assert_eq!(load.placement().duplicates, 0);
    }
}

#[test]
fn words_that_name_no_quantity_leave_long_rows_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let ts = seconds(&labels("2025-01-01 00:00", 15, 2));
    let columns =
        vec![("用户编号", ids(2)), ("数据时间", ts), ("类型", text(&["工业", "工业"])), ("功率", doubles(&[5.0, 6.0]))];
    write(&dir.path().join("x.parquet"), columns);
    assert_eq!(valid(&only(dir.path(), InputOptions::default())), [5.0, 6.0]);
}

#[test]
fn wide_rows_of_reactive_energy_are_no_active_energy() {
    for kind in ["kvarh", "kvarh lag", "KVARH_LAG"] {
        let dir = tempfile::tempdir().unwrap();
        let mut columns: Columns =
            vec![("customer_id", ids(2)), ("date", text(&["2025-01-01"; 2])), ("data_type", text(&["kWh", kind]))];
        let names: Vec<&'static str> = (1..=24).map(|p| &*Box::leak(format!("P{p}").into_boxed_str())).collect();
        columns.extend(names.into_iter().map(|n| (n, doubles(&[25.0, 9.0]))));
        write(&dir.path().join("x.parquet"), columns);
        let load = only(dir.path(), InputOptions::default());
        assert_eq!((valid(&load), load.placement().duplicates), (vec![25.0; 24], 0), "{kind}");
        assert_eq!(load.channels().kvar, Some(vec![9.0; 24]), "{kind}");
    }
}

/// With both at hand the energy of intervals is read in place of sampled power, and is no sample.
#[test]
fn energy_is_no_sample() {
    let (id, ts) = (("meter_id", ids(96)), ("ts", seconds(&labels("2025-03-01 00:00", 15, 96))));
    let (kw, kwh) = (("kw", doubles(&[40.0; 96])), ("kwh", doubles(&[9.0; 96])));
    let instant = InputOptions { power_kind: PowerKind::Instant, ..InputOptions::default() };
    for (columns, kind, mean) in [
        (vec![id.clone(), ts.clone(), kw.clone()], PowerKind::Instant, 40.0),
        (vec![id.clone(), ts.clone(), kwh.clone()], PowerKind::Mean, 36.0),
        (vec![id, ts, kw, kwh], PowerKind::Mean, 36.0),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(&dir.path().join("a.parquet"), columns);
        let load = only(dir.path(), instant.clone());
        assert_eq!((load.power_kind(), valid(&load)[0]), (kind, mean));
    }
}
