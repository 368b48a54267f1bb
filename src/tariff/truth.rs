//! Bills against independently computed ones, where `PEAKWISE_DATA` names the folder of real sets.
//! The readers below know these two sets' labels and share nothing with the program's own input.

use super::charge::rate_basis_points;
use super::{Bill, Compiled, LineKind, Supply, Tariff, Terms, bill, usage};
use crate::curve::{Channels, Days, Load, Placement, PowerKind, REACTIVE, VALID};
use crate::customer::{BillingMode, Contract};
use crate::text::said;
use crate::time::{Date, DstLabels, Instant, Interval, Shift, Zone};
use crate::units::{Kva, Ratio};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float32Type, Float64Type, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Outcome<T> = std::result::Result<T, Box<dyn Error>>;

/// A label in seconds of wall clock, kW, lagging (or signed) and leading kvar.
type Row = (i64, f64, f64, Option<f64>);

fn data() -> Option<PathBuf> {
    let dir = std::env::var_os("PEAKWISE_DATA").map(PathBuf::from);
    if dir.is_none() {
        eprintln!("skipped: PEAKWISE_DATA is not set");
    }
    dir
}

fn batches(path: &Path) -> Outcome<Vec<RecordBatch>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?.build()?;
    Ok(reader.collect::<Result<_, _>>()?)
}

fn numbers(batch: &RecordBatch, name: &str) -> Outcome<Vec<f64>> {
    let column = batch.column_by_name(name).ok_or_else(|| format!("no column {name}"))?;
    Ok(match column.data_type() {
        DataType::Float32 => column.as_primitive::<Float32Type>().values().iter().map(|v| f64::from(*v)).collect(),
        _ => column.as_primitive::<Float64Type>().values().to_vec(),
    })
}

fn texts(batch: &RecordBatch, name: &str) -> Outcome<Vec<String>> {
    let column = batch.column_by_name(name).ok_or_else(|| format!("no column {name}"))?;
    let text = arrow::compute::cast(column, &DataType::Utf8)?;
    Ok(text.as_string::<i32>().iter().map(|t| t.unwrap_or_default().to_owned()).collect())
}

/// Rows of each customer, in the file's order.
fn rows(path: &Path, read: impl Fn(&RecordBatch) -> Outcome<Vec<Row>>) -> Outcome<BTreeMap<String, Vec<Row>>> {
    let mut out: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for batch in batches(path)? {
        for (id, row) in texts(&batch, "customer_id")?.into_iter().zip(read(&batch)?) {
            out.entry(id).or_default().push(row);
        }
    }
    Ok(out)
}

fn stamps(batch: &RecordBatch) -> Outcome<Vec<i64>> {
    let column = batch.column_by_name("ts").ok_or("no column ts")?;
    Ok(column.as_primitive::<TimestampMicrosecondType>().values().iter().map(|t| t.div_euclid(1_000_000)).collect())
}

/// kWh a quarter hour, stamped at its end; the row labelled 00:00 is the 24:00 of the same date.
fn steel(batch: &RecordBatch) -> Outcome<Vec<Row>> {
    let (kwh, lag, lead) = (numbers(batch, "kwh")?, numbers(batch, "kvarh_lag")?, numbers(batch, "kvarh_lead")?);
    let start = |t: i64| if t.rem_euclid(86_400) == 0 { t + 86_400 - 900 } else { t - 900 };
    let quarter = stamps(batch)?.into_iter().zip(kwh).zip(lag.into_iter().zip(lead));
    Ok(quarter.map(|((t, kwh), (lag, lead))| (start(t), kwh * 4.0, lag * 4.0, Some(lead * 4.0))).collect())
}

/// Mean kW and signed kvar, stamped at the start by the wall clock.
fn simbench(batch: &RecordBatch) -> Outcome<Vec<Row>> {
    let cells = stamps(batch)?.into_iter().zip(numbers(batch, "kw")?).zip(numbers(batch, "kvar")?);
    Ok(cells.map(|((t, kw), kvar)| (t, kw, kvar, None)).collect())
}

/// Places rows on the day axis; the second row of a repeated label is the hour's second pass.
fn load(rows: &[Row], zone: &Arc<Zone>) -> Outcome<Load> {
    let date = |r: &Row| Instant { utc: 0, local: r.0 }.date();
    let (first, last) = (rows.iter().map(date).min(), rows.iter().map(date).max());
    let (first, last) = first.zip(last).ok_or_else(|| said("readings.empty_column"))?;
    let days = Days::new(Arc::clone(zone), Interval::M15, first, last);
    let n = days.len_intervals();
    let mut channels = Channels {
        kw: vec![0.0; n],
        kvar: Some(vec![0.0; n]),
        kvar_lead: rows.iter().any(|r| r.3.is_some()).then(|| vec![0.0; n]),
        flags: vec![0; n],
        export_kw: None,
    };
    for (at, kw, lag, lead) in rows {
        let day = days.day_of(Instant { utc: 0, local: *at }.date()).ok_or("no day")?;
        let wall = at.rem_euclid(86_400);
        let (a, b) = days.shift(day).unwrap_or(Shift { at: 86_400, by: 3_600 }).elapsed(wall);
        let index = |elapsed: i64| days.range(day).start + (elapsed / 900) as usize;
        let mut free = [a, b].into_iter().flatten().map(index).filter(|i| channels.flags[*i] == 0);
        let index = free.next().ok_or("a label is there too often")?;
        channels.kw[index] = *kw;
        channels.flags[index] = VALID | REACTIVE;
        for (array, value) in [(&mut channels.kvar, Some(*lag)), (&mut channels.kvar_lead, *lead)] {
            if let Some((array, value)) = array.as_mut().zip(value) {
                array[index] = value;
            }
        }
    }
    Ok(Load::new(days, 0..n, channels, Placement::default(), PowerKind::Mean))
}

/// The Hubei table of January 2026 on every month; its tariff without the rebate.
fn hubei() -> Outcome<Compiled> {
    let tariff = Tariff::builtin("cn-hubei-2026-01-two-part-1-10kv")?;
    Ok(Compiled::new(Arc::new(tariff), Interval::M15, Some("2026-01-01".parse::<Date>()?))?)
}

fn billed(load: &Load, mode: BillingMode, capacity: Option<f64>, tariff: &Compiled) -> Bill {
    let contract = Contract {
        billing_mode: Some(mode),
        capacity: capacity.map(Kva::new),
        pf_standard: Some(Ratio::new(0.9)),
        ..Contract::default()
    };
    let terms = Terms { rebate: false, ..Terms::new(&contract, &[]) };
    let supplies = [Supply { id: "main".into(), load: load.clone() }];
    bill(&supplies, &load.cycles(1), &terms, tariff)
}

fn close(what: &str, row: &csv::StringRecord, ours: f64, theirs: &str) -> Outcome<()> {
    let theirs: f64 = theirs.parse()?;
    assert!(
        (ours - theirs).abs() < 0.005,
        "{what} of {:?}: {ours} is not {theirs}",
        row.iter().take(2).collect::<Vec<_>>()
    );
    Ok(())
}

fn compare(set: &str, rows: &BTreeMap<String, Vec<Row>>, zone: &str) -> Outcome<usize> {
    let Some(dir) = data() else { return Ok(0) };
    let zone = Arc::new(Zone::new(zone, DstLabels::Repeat)?);
    let tariff = hubei()?;
    let mut loads = BTreeMap::new();
    for (id, rows) in rows {
        loads.insert(id.as_str(), load(rows, &zone)?);
    }
    let path = dir.join(set).join("truth/bill_hubei_2026_01_two_part_10kv.csv");
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let mut n = 0;
    for row in reader.records() {
        let row = row?;
        let cell = |name: &str| header.iter().position(|h| h == name).and_then(|i| row.get(i)).unwrap_or_default();
        let load = loads.get(cell("customer_id")).ok_or("no load")?;
        let kva: Option<f64> = cell("capacity_cny").parse::<f64>().ok().map(|c| c / 26.3);
        let bill = billed(load, BillingMode::Demand, kva, &tariff);
        let at = bill.cycles.iter().position(|c| c.month.to_string() == cell("month")).ok_or("no cycle")?;
        let sum = |bill: &Bill, kinds: &[LineKind]| -> f64 {
            let lines = bill.cycles[at].lines.iter().filter(|l| kinds.contains(&l.kind));
            lines.map(|l| l.amount_exact).sum()
        };
        close("energy", &row, sum(&bill, &[LineKind::Energy, LineKind::Fund]), cell("energy_cny"))?;
        close("demand", &row, sum(&bill, &[LineKind::Demand]), cell("demand_cny"))?;
        let adjustment = cell("pf_adj_cny_without_gov_fund_demand_mode");
        close("adjustment", &row, sum(&bill, &[LineKind::PowerFactor]), adjustment)?;
        if kva.is_some() {
            let bill = billed(load, BillingMode::Capacity, kva, &tariff);
            close("capacity", &row, sum(&bill, &[LineKind::Capacity]), cell("capacity_cny"))?;
        }
        let by_period = usage(load, &load.cycles(1), &tariff).kwh_by_period(at, &tariff);
        for (name, kwh) in ["sharp_kwh", "peak_kwh", "flat_kwh", "valley_kwh"].iter().zip(by_period) {
            close(name, &row, kwh.get(), cell(name))?;
        }
        n += 1;
    }
    Ok(n)
}

#[test]
fn steel_bills_equal_the_truth() -> Outcome<()> {
    let Some(dir) = data() else { return Ok(()) };
    let rows = rows(&dir.join("steel_kr/readings.parquet"), steel)?;
    assert_eq!(compare("steel_kr", &rows, "Asia/Seoul")?, 12);
    Ok(())
}

#[test]
fn simbench_bills_equal_the_truth_over_both_clock_changes() -> Outcome<()> {
    let Some(dir) = data() else { return Ok(()) };
    let rows = rows(&dir.join("simbench_de/readings.parquet"), simbench)?;
    assert_eq!(compare("simbench_de", &rows, "Europe/Berlin")?, 720);
    Ok(())
}

#[test]
fn the_power_factor_table_equals_the_published_one() -> Outcome<()> {
    let Some(dir) = data() else { return Ok(()) };
    let mut reader = csv::Reader::from_path(dir.join("tariffs/cn/pf_adjustment_1983.csv"))?;
    let mut cells = 0;
    for row in reader.records() {
        let row = row?;
        let number = |i: usize| row.get(i).unwrap_or_default().parse::<f64>();
        let k = (number(0)? * 100.0).round() as u32;
        for (i, standard) in [90, 85, 80].into_iter().enumerate() {
            let theirs = (number(i + 1)? * 100.0).round() as i64;
            assert_eq!(rate_basis_points(standard, k), Some(theirs), "standard {standard}, cos φ {k}");
            cells += 1;
        }
    }
    assert_eq!(cells, 303);
    Ok(())
}
