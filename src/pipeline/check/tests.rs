//! Which hints come, and which do not, on labels that are right or wrong in one way.

use super::*;
use crate::input::Stamp;
use crate::input::{Midnight, Scale};
use crate::time::DstLabels;
use arrow::array::{Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

struct Silent;

impl Progress for Silent {
    fn start(&self, _: u64) {}
    fn advance(&self, _: u64) {}
}

const DAY: i64 = 86_400;
const STEP: i64 = 900;

/// A file of one customer's labels and kW.
fn job(dir: &Path, rows: &[(i64, f64)]) -> Job {
    let path = dir.join("r.parquet");
    let ids = StringArray::from(vec!["a"; rows.len()]);
    let ts = TimestampMicrosecondArray::from(rows.iter().map(|r| r.0 * 1_000_000).collect::<Vec<_>>());
    let kw = Float64Array::from(rows.iter().map(|r| r.1).collect::<Vec<_>>());
    let batch = RecordBatch::try_from_iter([
        ("customer_id", Arc::new(ids) as _),
        ("ts", Arc::new(ts) as _),
        ("kw", Arc::new(kw) as _),
    ])
    .unwrap();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    Job::new(vec![path.display().to_string()], PathBuf::new(), Date(20_454))
}

fn contradictions(job: &Job) -> Vec<String> {
    let report = check(job, &Silent).unwrap();
    report.hints.into_iter().filter(|h| h.kind == HintKind::Contradicted).map(|h| h.cure).collect()
}

/// A value that changes from day to day, so that midnight shows which day it belongs to.
fn kw(interval: i64) -> f64 {
    let (day, slot) = (interval.div_euclid(96), interval.rem_euclid(96));
    100.0 + 80.0 * (day % 3) as f64 + 0.2 * slot as f64
}

const FIRST: i64 = 20_089 * 96;

/// Interval ends whose last of a day is labelled 00:00 of the same date.
fn same_date() -> Vec<(i64, f64)> {
    let label = |i: i64| if (i + 1) % 96 == 0 { (i + 1) * STEP - DAY } else { (i + 1) * STEP };
    (FIRST..FIRST + 40 * 96).map(|i| (label(i), kw(i))).collect()
}

#[test]
fn the_last_row_of_a_day_at_midnight_of_its_own_date() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = same_date();
    let mut unsorted = job(dir.path(), &rows);
    assert_eq!(contradictions(&unsorted), ["use --stamp end --midnight same"]);
    unsorted.input.stamp = Stamp::End;
    unsorted.input.midnight = Midnight::Same;
    assert_eq!(contradictions(&unsorted), Vec::<String>::new());
    rows.sort_by_key(|r| r.0);
    assert_eq!(contradictions(&job(dir.path(), &rows)), ["use --stamp end --midnight same"], "values tell it");
}

#[test]
fn interval_starts_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let starts: Vec<_> = (FIRST..FIRST + 40 * 96).map(|i| (i * STEP, kw(i))).collect();
    assert_eq!(contradictions(&job(dir.path(), &starts)), Vec::<String>::new());
    let ends: Vec<_> = starts.iter().map(|(t, v)| (t + STEP, *v)).collect();
    let mut ended = job(dir.path(), &ends);
    assert_eq!(contradictions(&ended), ["use --stamp end"]);
    ended.input.stamp = Stamp::End;
    assert_eq!(contradictions(&ended), Vec::<String>::new());
}

#[test]
fn labels_that_keep_one_clock_and_labels_that_follow_the_wall() {
    let dir = tempfile::tempdir().unwrap();
    let zone = crate::time::Zone::new("Europe/Berlin", DstLabels::Repeat).unwrap();
    let year = FIRST..FIRST + 365 * 96;
    let one_clock: Vec<_> = year.clone().map(|i| (i * STEP, kw(i))).collect();
    let wall: Vec<_> = year.map(|i| (zone.local(i * STEP).local, kw(i))).collect();
    for (rows, right, wrong) in
        [(one_clock, DstLabels::None, DstLabels::Repeat), (wall, DstLabels::Repeat, DstLabels::None)]
    {
        let mut job = job(dir.path(), &rows);
        job.input.tz = "Europe/Berlin".into();
        job.input.dst_labels = wrong;
        assert!(contradictions(&job).iter().any(|c| c.contains("--dst-labels none")), "{wrong:?}");
        job.input.dst_labels = right;
        assert_eq!(contradictions(&job), Vec::<String>::new(), "{right:?}");
    }
}

#[test]
fn watts_read_as_kilowatts() {
    let dir = tempfile::tempdir().unwrap();
    let rows: Vec<_> = (FIRST..FIRST + 96 * 10).map(|i| (i * STEP, 1000.0 * kw(i))).collect();
    let mut job = job(dir.path(), &rows);
    let customers = dir.path().join("customers.csv");
    std::fs::write(&customers, "customer_id,capacity_kva\na,400\n").unwrap();
    job.register.customers = Some(customers);
    assert_eq!(contradictions(&job), ["values look like W: use --unit w"]);
    job.input.scale = Scale::Unit;
    assert_eq!(contradictions(&job), Vec::<String>::new());
}

#[test]
fn a_failed_and_a_registered_customer_come_first() {
    let dir = tempfile::tempdir().unwrap();
    let seven_minutes: Vec<_> = (0..300).map(|i| (FIRST * STEP + i * 420, kw(i))).collect();
    let mut job = job(dir.path(), &seven_minutes);
    let customers = dir.path().join("customers.csv");
    std::fs::write(&customers, "customer_id,name\na,\nb,\n").unwrap();
    job.register.customers = Some(customers);
    let report = check(&job, &Silent).unwrap();
    assert_eq!((report.ok, report.skipped, report.failed), (0, 1, 1));
    let listed: Vec<_> = report.worst.iter().map(|c| (c.customer_id.as_str(), c.status)).collect();
    assert_eq!(listed, [("a", "failed"), ("b", "skipped")]);
    assert!(report.worst[0].reason.as_ref().is_some_and(|r| r.contains("every 420 s")));
}

#[test]
fn newest_first_and_gaps_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let rows: Vec<_> =
        (FIRST..FIRST + 96 * 30).filter(|i| (i - FIRST) % 960 >= 48).map(|i| (i * STEP, kw(i))).rev().collect();
    let report = check(&job(dir.path(), &rows), &Silent).unwrap();
    assert_eq!(report.forms[0].time_order, "newest first");
    let gap = report.quality.iter().find(|q| q.code == "V02").unwrap();
    assert_eq!((gap.customers, gap.worst.as_deref()), (1, Some("a")));
    // The first half day lies before the first reading: it is not expected.
    assert_eq!((report.worst[0].n_expected, report.worst[0].n_valid), (96 * 30 - 48, 96 * 30 - 3 * 48));
}

#[test]
fn clock_changes_of_another_zone_name_it() {
    let dir = tempfile::tempdir().unwrap();
    let zone = crate::time::Zone::new("Europe/Berlin", DstLabels::Repeat).unwrap();
    // From 2025-10-20, over the autumn change.
    let autumn: Vec<_> = (20_381 * 96..20_401 * 96).map(|i| (zone.local(i * STEP).local, kw(i))).collect();
    let newest_first: Vec<_> = autumn.iter().rev().copied().collect();
    for rows in [&autumn, &newest_first] {
        let report = check(&job(dir.path(), rows), &Silent).unwrap();
        let hint = report.hints.iter().find(|h| h.cure.contains("--tz")).unwrap();
        assert_eq!(hint.kind, HintKind::Contradicted);
        assert!(hint.what.contains("repeat an hour at 2025-10-26 02:00"), "{}", hint.what);
        assert!(hint.cure.starts_with("use --tz Europe/Berlin (Europe/Paris"), "{}", hint.cure);
        let mut right = job(dir.path(), rows);
        right.input.tz = "Europe/Berlin".into();
        assert_eq!(contradictions(&right), Vec::<String>::new());
    }
    // Three quarters of an hour that are missing at another time are no clock change.
    let gap: Vec<_> = (FIRST..FIRST + 96 * 20).filter(|i| !(200..204).contains(&(i - FIRST))).collect();
    let rows: Vec<_> = gap.into_iter().map(|i| (i * STEP, kw(i))).collect();
    assert_eq!(contradictions(&job(dir.path(), &rows)), Vec::<String>::new());
}

/// A file of one customer's columns beside id and instant.
fn with_columns(dir: &Path, columns: Vec<(&str, Vec<f64>)>) -> Job {
    let n = columns[0].1.len();
    let path = dir.join("r.parquet");
    let ts: Vec<i64> = (0..n as i64).map(|i| (FIRST + i) * STEP * 1_000_000).collect();
    let mut all: Vec<(&str, arrow::array::ArrayRef)> = vec![
        ("customer_id", Arc::new(StringArray::from(vec!["a"; n]))),
        ("ts", Arc::new(TimestampMicrosecondArray::from(ts))),
    ];
    all.extend(columns.into_iter().map(|(name, v)| (name, Arc::new(Float64Array::from(v)) as _)));
    let batch = RecordBatch::try_from_iter(all).unwrap();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    Job::new(vec![path.display().to_string()], PathBuf::new(), Date(20_454))
}

#[test]
fn power_and_energy_that_contradict_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let of = |kwh: f64| with_columns(dir.path(), vec![("kw", vec![20.0; 96]), ("kwh", vec![kwh; 96])]);
    assert_eq!(contradictions(&of(5.0)), Vec::<String>::new());
    let mut job = of(6.0);
    let report = check(&job, &Silent).unwrap();
    let hint = report.hints.iter().find(|h| h.what.contains("contradict")).unwrap();
    assert!(hint.what.contains("energy is 0.300 h of the power (median of 96 rows), where intervals are 15 minutes"));
    assert_eq!(hint.cure, "ask the source which is right; --column kwh=kwh reads the other");
    assert!(
        report.notes.iter().any(|n| n.contains("kw and kwh hold one quantity, as power and as energy: kw is read")),
        "{:?}",
        report.notes
    );
    job.input.columns.insert("kwh".into(), "kwh".into());
    let report = check(&job, &Silent).unwrap();
    assert!(report.notes.iter().any(|n| n.contains("kwh is read")), "{:?}", report.notes);
}

#[test]
fn a_customer_without_a_usable_interval_says_why_and_the_cure() {
    let dir = tempfile::tempdir().unwrap();
    let reason = |job: &Job| {
        let report = check(job, &Silent).unwrap();
        assert_eq!((report.ok, report.skipped), (0, 1));
        report.worst[0].reason.clone().unwrap()
    };
    let of = |columns| reason(&with_columns(dir.path(), columns));
    for (column, says) in [
        ("kwh_export", "it has export readings but no imported power or energy; give the files that hold it"),
        ("kvarh", "it has reactive readings but no imported power or energy; give the files"),
    ] {
        let why = of(vec![(column, vec![1.0; 96])]);
        assert!(why.starts_with("no usable interval: ") && why.contains(says), "{why}");
    }
    let why = of(vec![("kw", vec![f64::NAN; 96])]);
    assert!(why.contains("none of its 96 readings has a value that can be used: 96 NaN"), "{why}");
    let why = of(vec![("kw", vec![1.0])]);
    assert!(
        why.contains("one reading alone does not tell the length of its interval; state it with --interval"),
        "{why}"
    );
    let off: Vec<_> = (0..96).map(|i| ((FIRST + i) * STEP + 7, 1.0)).collect();
    let why = reason(&job(dir.path(), &off));
    assert!(why.contains("none of its stamps is on the grid"), "{why}");
}

#[test]
fn data_kinds_that_are_not_read_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r.parquet");
    let mut columns: Vec<(String, arrow::array::ArrayRef)> = vec![
        ("用户编号".into(), Arc::new(StringArray::from(vec!["a"; 2]))),
        ("日期".into(), Arc::new(StringArray::from(vec!["2025-01-01"; 2]))),
        ("数据类型".into(), Arc::new(StringArray::from(vec!["电压", "电流"]))),
    ];
    columns.extend((1..=24).map(|p| (format!("P{p}"), Arc::new(Float64Array::from(vec![220.0, 5.0])) as _)));
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let job = Job::new(vec![path.display().to_string()], PathBuf::new(), Date(20_454));
    let report = check(&job, &Silent).unwrap();
    let why = report.worst[0].reason.clone().unwrap();
    assert!(why.contains("its data kinds are \"电压\", \"电流\", of which none is read; write kW"), "{why}");
}

#[test]
fn nothing_to_read_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let none = check(&with_columns(dir.path(), vec![("kw", Vec::new())]), &Silent).unwrap_err().to_string();
    assert!(none.contains("nothing could be done: no row is in the files of the readings (1); export"), "{none}");
}
