//! Rows of a longer interval than the meter's.

use super::*;

/// Wide rows: `days` dates from a first one, `points` values each.
fn wide(first: &str, points: usize, days: &[Vec<f64>]) -> Columns {
    let names: &[&str] = if points == 24 { &HOURS } else { &QUARTERS };
    let dates = (0..days.len() as i64).map(|d| at(first) + d * 86_400).collect::<Vec<_>>();
    let mut columns = vec![("customer_id", ids(days.len())), ("date", seconds(&dates))];
    for (p, name) in names.iter().enumerate() {
        columns.push((*name, doubles(&days.iter().map(|d| d[p]).collect::<Vec<_>>())));
    }
    columns
}

const QUARTERS: [&str; 96] = names();
const HOURS: [&str; 24] = names();

/// `P1`, `P2`, …
const fn names<const N: usize>() -> [&'static str; N] {
    const ALL: &str = "P1P2P3P4P5P6P7P8P9P10P11P12P13P14P15P16P17P18P19P20P21P22P23P24P25P26P27P28P29P30P31P32P33P34\
        P35P36P37P38P39P40P41P42P43P44P45P46P47P48P49P50P51P52P53P54P55P56P57P58P59P60P61P62P63P64P65P66P67P68P69\
        P70P71P72P73P74P75P76P77P78P79P80P81P82P83P84P85P86P87P88P89P90P91P92P93P94P95P96";
    let mut out = [""; N];
    let (mut i, mut rest) = (0, ALL);
    while i < N {
        let (name, after) = rest.split_at(if i < 9 { 2 } else { 3 });
        out[i] = name;
        rest = after;
        i += 1;
    }
    out
}

fn day(points: usize, value: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..points).map(value).collect()
}

#[test]
fn days_of_24_points_beside_days_of_96_keep_their_energy() {
    let dir = tempfile::tempdir().unwrap();
    let fine = vec![day(96, |p| 100.0 + p as f64), day(96, |p| 50.0 + p as f64)];
    let coarse = vec![day(24, |p| 200.0 + p as f64)];
    write(&dir.path().join("a.parquet"), wide("2025-01-01", 96, &fine));
    write(&dir.path().join("b.parquet"), wide("2025-01-03", 24, &coarse));
    let load = only(dir.path(), InputOptions::default());
    assert_eq!(load.interval(), Interval::M15);
    let spread = coarse[0].iter().flat_map(|v| [*v; 4]);
    assert_eq!(valid(&load), [fine.concat(), spread.collect()].concat());
    assert_eq!((load.placement().rows, load.placement().coarser), (192 + 24, 24));
}

#[test]
fn the_finer_of_two_exports_of_a_day_counts_and_the_coarser_is_surplus() {
    let fine = vec![day(96, |p| p as f64)];
    // Another mean than that of the quarters: the coarse row still gives way.
    let coarse = vec![day(24, |p| 7.0 + p as f64)];
    for (first, second) in [("a", "b"), ("b", "a")] {
        let dir = tempfile::tempdir().unwrap();
        write(&dir.path().join(format!("{first}.parquet")), wide("2025-01-01", 96, &fine));
        write(&dir.path().join(format!("{second}.parquet")), wide("2025-01-01", 24, &coarse));
        let load = only(dir.path(), InputOptions::default());
        assert_eq!(valid(&load), fine[0]);
        let p = load.placement();
        assert_eq!((p.rows, p.duplicates, p.conflicts), (96 + 24, 24, 0));
    }
}

#[test]
fn an_hourly_file_fills_what_the_file_of_quarters_lacks() {
    for (fine_name, coarse_name) in [("a", "b"), ("b", "a")] {
        let dir = tempfile::tempdir().unwrap();
        let fine = labels("2025-01-01 00:00", 15, 96);
        let coarse = labels("2025-01-01 12:00", 60, 24);
        let file = |name: &str, ts: &[i64], kwh: f64| {
            let values = doubles(&vec![kwh; ts.len()]);
            write(
                &dir.path().join(format!("{name}.parquet")),
                vec![("customer_id", ids(ts.len())), ("ts", seconds(ts)), ("kwh", values)],
            );
        };
        file(fine_name, &fine, 10.0);
        file(coarse_name, &coarse, 80.0);
        let load = only(dir.path(), InputOptions::default());
        assert_eq!(valid(&load), [vec![40.0; 96], vec![80.0; 48]].concat());
        assert_eq!((load.placement().conflicts, load.placement().duplicates), (0, 12));
    }
}

#[test]
fn hourly_energy_in_the_repeated_hour_beside_quarters_is_not_multiplied() {
    let hourly = wall_labels("Europe/Berlin", "2016-10-28T22:00Z", 60, 49, false);
    let quarters = wall_labels("Europe/Berlin", "2016-10-30T23:00Z", 15, 96, false);
    let n = hourly.len() + quarters.len();
    let kwh = [vec![60.0; hourly.len()], vec![15.0; quarters.len()]].concat();
    let dir = tempfile::tempdir().unwrap();
    write(
        &dir.path().join("a.parquet"),
        vec![("customer_id", ids(n)), ("ts", seconds(&[hourly, quarters].concat())), ("kwh", doubles(&kwh))],
    );
    let options = InputOptions { tz: "Europe/Berlin".into(), ..InputOptions::default() };
    assert_eq!(valid(&only(dir.path(), options)), vec![60.0; n + 49 * 3]);
}

#[test]
fn hours_across_a_clock_change_of_half_an_hour_keep_their_energy() {
    // Lord Howe puts its clock back by half an hour on 2025-04-06; the meter goes on by the hour.
    let stamps = wall_labels("Australia/Lord_Howe", "2025-04-04T13:00Z", 60, 96, false);
    let kw: Vec<f64> = (0..96).map(f64::from).collect();
    let dir = tempfile::tempdir().unwrap();
    write(
        &dir.path().join("a.parquet"),
        vec![("customer_id", ids(96)), ("ts", seconds(&stamps)), ("kw", doubles(&kw))],
    );
    let options = InputOptions { tz: "Australia/Lord_Howe".into(), ..InputOptions::default() };
    let load = only(dir.path(), options);
    assert_eq!(load.interval(), Interval::M30);
    assert_eq!(valid(&load), kw.iter().flat_map(|v| [*v; 2]).collect::<Vec<_>>());
}
