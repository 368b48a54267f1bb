//! Every month's bill against those of independent engines, kept in `fixtures/reference`.

use super::testkit::{At, date};
use super::{Compiled, LineKind, Supply, Tariff, Terms, bill};
use crate::curve::{Channels, Load, Placement, PowerKind, VALID};
use crate::customer::Contract;
use crate::time::Interval;
use arrow::array::AsArray;
use arrow::datatypes::Float64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

type Outcome<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// The meter and the year that `scripts/bill_references.py` uses.
const METER: &str = "SB-G3-M-MV4.101-15";
const YEAR: At<'_> = At { zone: "Asia/Shanghai", interval: Interval::M15, from: "2018-01-01", to: "2018-12-31" };
/// What exact amounts may differ by, in the tariff's currency.
const TOLERANCE: f64 = 1e-6;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn load() -> Outcome<Load> {
    let file = File::open(root().join("fixtures/simbench/readings.parquet"))?;
    let mut kw = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file)?.build()? {
        let batch = batch?;
        let ids = batch.column_by_name("meter_id").ok_or("no meter_id")?;
        let ids = arrow::compute::cast(ids, &arrow::datatypes::DataType::Utf8)?;
        let values = batch.column_by_name("kw").ok_or("no kw")?.as_primitive::<Float64Type>();
        let own = ids.as_string::<i32>().iter().zip(values.values()).filter(|(id, _)| *id == Some(METER));
        kw.extend(own.map(|(_, v)| *v));
    }
    let days = YEAR.days();
    let n = days.len_intervals();
    kw.truncate(n);
    assert_eq!((kw.len(), days.first()), (35_040, date("2018-01-01")));
    let channels = Channels { kw, flags: vec![VALID; n], ..Channels::default() };
    Ok(Load::new(days, 0..n, channels, Placement::default(), PowerKind::Mean))
}

fn compare(name: &str) -> Outcome {
    let path = root().join("fixtures/reference").join(format!("{name}.toml"));
    equal(name, Tariff::parse(&path, &std::fs::read_to_string(&path)?)?)
}

fn equal(name: &str, tariff: Tariff) -> Outcome {
    let dir = root().join("fixtures/reference");
    let tariff = Compiled::new(Arc::new(tariff), Interval::M15, None)?;
    let load = load()?;
    let cycles = load.cycles(1);
    let supplies = [Supply { id: "main".into(), load }];
    let bill = bill(&supplies, &cycles, &Terms::new(&Contract::default(), &[]), &tariff);
    let mut reader = csv::Reader::from_path(dir.join(format!("{name}.csv")))?;
    let mut compared = 0;
    for (cycle, row) in bill.cycles.iter().zip(reader.records()) {
        let row = row?;
        assert_eq!(row.get(0), Some(cycle.month.to_string().as_str()));
        assert!(cycle.is_billed(), "{name} {}: {:?}", cycle.month, cycle.state);
        for (column, kind) in [(1, LineKind::Energy), (2, LineKind::Demand), (3, LineKind::Fixed)] {
            let ours: f64 = cycle.lines.iter().filter(|l| l.kind == kind).map(|l| l.amount_exact).sum();
            let theirs: f64 = row.get(column).ok_or("short row")?.parse()?;
            assert!((ours - theirs).abs() < TOLERANCE, "{name} {} {kind:?}: {ours} is not {theirs}", cycle.month);
            compared += 1;
        }
        let known = [LineKind::Energy, LineKind::Demand, LineKind::Fixed];
        assert!(cycle.lines.iter().all(|l| known.contains(&l.kind)));
    }
    assert_eq!(compared, 36);
    Ok(())
}

#[test]
fn seasonal_time_of_use_equals_pysam() -> Outcome {
    compare("pysam_tou")
}

#[test]
fn demand_of_periods_in_tiers_equals_pysam() -> Outcome {
    compare("pysam_demand")
}

#[test]
fn a_ratchet_equals_pysam() -> Outcome {
    compare("pysam_ratchet")
}

#[test]
fn tiers_equal_pysam() -> Outcome {
    compare("pysam_tiers")
}

#[test]
fn windows_on_half_hours_equal_eeco() -> Outcome {
    compare("eeco_half_hours")
}

#[test]
fn an_imported_rate_of_the_us_database_equals_pysam() -> Outcome {
    let path = root().join("fixtures/reference/pysam_urdb.json");
    let files = super::urdb::import(&path, &std::fs::read_to_string(&path)?, &super::urdb::ImportOptions::default())?;
    assert_eq!(files.len(), 1);
    equal("pysam_urdb", Tariff::parse(Path::new("pysam_urdb.toml"), &files[0])?)
}
