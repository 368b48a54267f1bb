//! Rows in any order are the same loads.

use super::*;

/// Rows of five meters over three days, instant by instant: meter, stamp and kW.
fn instant_by_instant(without: Option<usize>) -> Vec<(&'static str, i64, f64)> {
    const METERS: [&str; 5] = ["m4", "m1", "m5", "m2", "m3"];
    let at = labels("2025-01-01 00:00", 15, 288);
    let row = |(i, t): (usize, i64)| METERS.into_iter().zip(0..).map(move |(m, k)| (m, t, (i * 7 + k) as f64));
    let rows = at.into_iter().enumerate().flat_map(row);
    rows.enumerate().filter(|(i, _)| Some(*i) != without).map(|(_, row)| row).collect()
}

fn write_rows(path: &Path, rows: &[(&str, i64, f64)], group: usize, pair: bool) {
    let meters: Vec<&str> = rows.iter().map(|r| r.0).collect();
    // Two meters are of one customer.
    let owners: Vec<&str> = meters.iter().map(|m| if *m < "m3" { "A" } else { "B" }).collect();
    let stamps: Vec<i64> = rows.iter().map(|r| r.1).collect();
    let kw: Vec<f64> = rows.iter().map(|r| r.2).collect();
    let mut columns = vec![("meter_id", text(&meters)), ("ts", seconds(&stamps)), ("kw", doubles(&kw))];
    if pair {
        columns.push(("customer_id", text(&owners)));
    }
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group));
    write_with(path, columns, Some(properties.build()));
}

fn values(dir: &Path) -> BTreeMap<String, (Vec<f64>, u32, u32)> {
    let loads = loads(dir, InputOptions::default()).unwrap();
    let of = |load: &Load| (valid(load), load.placement().rows, load.placement().duplicates);
    loads.iter().map(|(id, load)| (id.clone(), of(load))).collect()
}

#[test]
fn instants_of_many_meters_are_the_same_as_meter_by_meter() {
    for (without, pair) in [(None, false), (None, true), (Some(700), false), (Some(0), true)] {
        let mut rows = instant_by_instant(without);
        let of_instants = |group: usize| {
            let dir = tempfile::tempdir().unwrap();
            write_rows(&dir.path().join("a.parquet"), &rows, group, pair);
            values(dir.path())
        };
        // Groups that end with an instant and within one.
        let seen = [10_000, 480, 96, 37].map(of_instants);
        rows.sort_by_key(|r| r.0);
        let dir = tempfile::tempdir().unwrap();
        write_rows(&dir.path().join("a.parquet"), &rows, 10_000, pair);
        let meter_by_meter = values(dir.path());
        assert_eq!(meter_by_meter.len(), 5);
        for seen in seen {
            assert_eq!(seen, meter_by_meter);
        }
    }
}

#[test]
fn a_file_a_day_is_gathered_by_meter_in_any_order_of_files_and_row_by_row() {
    let rows = instant_by_instant(None);
    let dir = tempfile::tempdir().unwrap();
    let day = rows.len() / 3;
    // The second day is read last.
    for (name, part) in [("a", 0..day), ("c", day..2 * day), ("b", 2 * day..3 * day)] {
        write_rows(&dir.path().join(format!("{name}.parquet")), &rows[part], 10_000, false);
    }
    let apart = tempfile::tempdir().unwrap();
    write_rows(&apart.path().join("a.parquet"), &rows, 10_000, false);
    assert_eq!(values(dir.path()), values(apart.path()));
}

#[test]
fn a_meter_that_comes_twice_in_each_round_is_sorted_too() {
    let stamps = labels("2025-01-01 00:00", 15, 96);
    let rows: Vec<(&str, i64, f64)> =
        stamps.iter().flat_map(|t| [("a", *t, 1.0), ("b", *t, 2.0), ("a", *t, 1.0)]).collect();
    let dir = tempfile::tempdir().unwrap();
    write_rows(&dir.path().join("x.parquet"), &rows, 10_000, false);
    let seen: Vec<_> = values(dir.path()).into_values().collect();
    assert_eq!(seen, [(vec![1.0; 96], 192, 96), (vec![2.0; 96], 96, 0)]);
}

#[test]
fn the_same_ids_in_the_same_bytes_are_of_their_own_folder() {
    let dir = tempfile::tempdir().unwrap();
    let stamps = labels("2025-01-01 00:00", 15, 96);
    let rows: Vec<(&str, i64, f64)> = stamps.iter().flat_map(|t| [("m1", *t, 1.0), ("m2", *t, 2.0)]).collect();
    let customers: Vec<String> = (10..60).map(|c| format!("C{c}")).collect();
    for customer in &customers {
        write_rows(&dir.path().join(format!("customer_id={customer}/x.parquet")), &rows, 10_000, false);
    }
    let seen: Vec<String> = values(dir.path()).into_keys().collect();
    let meters = |c: &String| ["m1", "m2"].map(|m| format!("{c}/{m}"));
    assert_eq!(seen, customers.iter().flat_map(meters).collect::<Vec<_>>());
}
