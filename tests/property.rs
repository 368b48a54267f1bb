//! The same readings give the same bytes, however they are laid out, ordered, split, typed or worked
//! on.

use super::support::{Outcome, Rows, tables};
use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    UInt32Array,
};
use arrow::compute::{cast, concat_batches, filter_record_batch, take_record_batch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, TimeUnit, TimestampMicrosecondType};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use peakwise::output::{FLEET_TABLES, TABLES};
use peakwise::pipeline::{Job, Progress, convert, run};
use peakwise::synth::{Fleet, FleetSpec, LAYOUTS, Mix, StampUnit, Written, write_fleet};
use peakwise::time::Interval;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

struct Silent;

impl Progress for Silent {
    fn start(&self, _rows: u64) {}
    fn advance(&self, _rows: u64) {}
}

/// Files of a fleet and a place for more.
struct Bench {
    dir: TempDir,
    fleet: Fleet,
    written: Written,
}

type Bytes = BTreeMap<String, Vec<u8>>;

impl Bench {
    /// A fleet of one customer a scenario, as one long file.
    fn new(first: &str, days: u32, mix: &[(&str, &[&str])]) -> Outcome<Self> {
        let dir = tempfile::tempdir()?;
        let spec = FleetSpec {
            seed: 7,
            customers: mix.len() as u64,
            interval: Interval::M15,
            first: first.parse()?,
            days,
            mix: Mix::from_names("test", mix)?,
        };
        let fleet = Fleet::new(spec)?;
        let written = Self::layout(&dir, &fleet, "long")?;
        Ok(Self { dir, fleet, written })
    }

    fn layout(dir: &TempDir, fleet: &Fleet, name: &str) -> Outcome<Written> {
        let to = dir.path().join(format!("layout-{name}"));
        fs::create_dir(&to)?;
        let layout = LAYOUTS.iter().find(|l| l.name() == name).ok_or("no such layout")?;
        Ok(write_fleet(&to, fleet, *layout, StampUnit::default())?)
    }

    /// The readings of the long file.
    fn rows(&self) -> Outcome<RecordBatch> {
        Ok(Rows::read(&self.written.readings[0])?.batch)
    }

    /// Writes batches into a new directory, one file each.
    fn write(&self, name: &str, parts: &[RecordBatch]) -> Outcome<PathBuf> {
        let dir = self.dir.path().join(name);
        fs::create_dir(&dir)?;
        for (i, part) in parts.iter().enumerate() {
            // Small row groups: a customer spans several, and several customers share one.
            let properties = WriterProperties::builder().set_max_row_group_row_count(Some(5_000)).build();
            let file = File::create(dir.join(format!("part-{i:03}.parquet")))?;
            let mut writer = ArrowWriter::try_new(file, part.schema(), Some(properties))?;
            writer.write(part)?;
            writer.close()?;
        }
        Ok(dir)
    }

    /// A job over readings with all side files, every table, no pages.
    fn job(&self, readings: &Path, out: &str) -> Outcome<Job> {
        let mut job = Job::new(vec![readings.display().to_string()], self.dir.path().join(out), "2026-01-01".parse()?);
        job.register.customers = Some(self.written.customers.clone());
        job.register.meters = Some(self.written.meters.clone());
        job.register.transformers = Some(self.written.transformers.clone());
        job.tariffs = vec!["demo-two-part".into()];
        job.curves = true;
        job.formats = Vec::new();
        job.hash = false;
        job.force = true;
        job.input.reactive = true;
        Ok(job)
    }

    fn tables(&self, readings: &Path, threads: usize) -> Outcome<Bytes> {
        let job = self.job(readings, "out")?;
        run_with(&job, threads)
    }

    /// The tables of the long file as it was generated.
    fn reference(&self) -> Outcome<Bytes> {
        let tables = self.tables(&self.written.readings[0], 1)?;
        assert_eq!(tables.len(), TABLES.len() + FLEET_TABLES.len(), "{:?}", tables.keys());
        // Work schedules need a list of equipment.
        let filled = |(name, t): (&String, &Vec<u8>)| name.starts_with("schedule") || t.len() > 1_000;
        assert!(tables.iter().all(filled), "a table is empty");
        Ok(tables)
    }
}

fn run_with(job: &Job, threads: usize) -> Outcome<Bytes> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let summary = pool.install(|| run(job, &Silent))?;
    tables(&summary.out)
}

fn assert_same(what: &str, ours: &Bytes, reference: &Bytes) {
    assert_eq!(ours.keys().collect::<Vec<_>>(), reference.keys().collect::<Vec<_>>(), "{what}");
    let differing: Vec<&String> =
        ours.iter().filter(|(name, bytes)| reference[*name] != **bytes).map(|t| t.0).collect();
    assert!(differing.is_empty(), "{what}: other bytes in {differing:?}");
}

/// Customers of every kind that wide rows can hold; the clock of China does not change.
const PLAIN: &[(&str, &[&str])] =
    &[("two_shift", &["needle_peaks"]), ("hospital", &["gaps"]), ("pv_backfeed", &[]), ("two_feeds", &[])];

fn plain() -> Outcome<Bench> {
    Bench::new("2025-05-20", 50, PLAIN)
}

fn with_column(batch: &RecordBatch, name: &str, column: ArrayRef) -> Outcome<RecordBatch> {
    let at = batch.schema().index_of(name)?;
    let mut fields: Vec<Field> = batch.schema().fields().iter().map(|f| f.as_ref().clone()).collect();
    fields[at] = Field::new(name, column.data_type().clone(), true);
    let mut columns = batch.columns().to_vec();
    columns[at] = column;
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn converted(batch: &RecordBatch, name: &str, to: &DataType) -> Outcome<RecordBatch> {
    let column = cast(batch.column_by_name(name).ok_or("no such column")?, to)?;
    with_column(batch, name, column)
}

/// Rows in an order that has nothing to do with theirs.
fn shuffled(batch: &RecordBatch) -> Outcome<RecordBatch> {
    let mut order: Vec<u32> = (0..batch.num_rows() as u32).collect();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for i in (1..order.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(i, (state >> 33) as usize % (i + 1));
    }
    Ok(take_record_batch(batch, &UInt32Array::from(order))?)
}

fn newest_first(batch: &RecordBatch) -> Outcome<RecordBatch> {
    let order: UInt32Array = (0..batch.num_rows() as u32).rev().collect();
    Ok(take_record_batch(batch, &order)?)
}

/// Parts of rows of uneven length.
fn parts(batch: &RecordBatch) -> Vec<RecordBatch> {
    let (mut out, mut at) = (Vec::new(), 0);
    while at < batch.num_rows() {
        let n = (611 + 877 * (out.len() % 5)).min(batch.num_rows() - at);
        out.push(batch.slice(at, n));
        at += n;
    }
    out
}

#[test]
fn long_monthly_daily_and_wide_files_and_any_threads_give_the_same_bytes() -> Outcome {
    let bench = plain()?;
    let reference = bench.reference()?;
    for threads in [2, 4] {
        assert_same(&format!("{threads} threads"), &bench.tables(&bench.written.readings[0], threads)?, &reference);
    }
    for layout in ["monthly", "daily", "wide"] {
        Bench::layout(&bench.dir, &bench.fleet, layout)?;
        let readings = bench.dir.path().join(format!("layout-{layout}/readings"));
        for threads in [1, 4] {
            assert_same(&format!("{layout}, {threads} threads"), &bench.tables(&readings, threads)?, &reference);
        }
    }
    Ok(())
}

/// Rows that wait in a temporary file, customers in another order than that of their ids.
#[test]
fn memory_and_the_order_of_customers_do_not_matter() -> Outcome {
    let bench = plain()?;
    let reference = bench.reference()?;
    let tight = |readings: &Path| -> Outcome<Bytes> {
        let mut job = bench.job(readings, "out")?;
        job.input.memory = 0;
        run_with(&job, 2)
    };
    for layout in ["daily", "monthly"] {
        Bench::layout(&bench.dir, &bench.fleet, layout)?;
        let readings = bench.dir.path().join(format!("layout-{layout}/readings"));
        assert_same(&format!("{layout} in little memory"), &tight(&readings)?, &reference);
    }
    let rows = bench.rows()?;
    let ids = cast(rows.column_by_name("meter_id").ok_or("no id")?, &DataType::Utf8)?;
    let mut starts = vec![0];
    starts.extend(
        (1..rows.num_rows()).filter(|i| ids.as_string::<i32>().value(*i) != ids.as_string::<i32>().value(i - 1)),
    );
    starts.push(rows.num_rows());
    let customers: Vec<RecordBatch> = starts.windows(2).map(|w| rows.slice(w[0], w[1] - w[0])).rev().collect();
    let backwards = bench.write("backwards", &[concat_batches(&rows.schema(), &customers)?])?;
    assert_same("last id first", &bench.tables(&backwards, 2)?, &reference);
    assert_same("shuffled in little memory", &tight(&bench.write("loose", &parts(&shuffled(&rows)?))?)?, &reference);
    Ok(())
}

/// A converted copy gives the same tables, and is the same whatever the number of threads.
#[test]
fn converted_readings_give_the_same_bytes() -> Outcome {
    for (first, mix) in [("2025-05-20", PLAIN), ("2025-10-01", GERMAN)] {
        let bench = Bench::new(first, 40, mix)?;
        let reference = bench.reference()?;
        for layout in ["long", "daily", "wide"].into_iter().filter(|l| mix == PLAIN || *l != "wide") {
            if layout != "long" {
                Bench::layout(&bench.dir, &bench.fleet, layout)?;
            }
            let readings = bench.dir.path().join(format!("layout-{layout}/readings")).display().to_string();
            let copy = |threads: usize| -> Outcome<Bytes> {
                let out = bench.dir.path().join(format!("{layout}-copy"));
                let options = bench.job(Path::new(&readings), "out")?.input;
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
                let done = pool.install(|| convert(std::slice::from_ref(&readings), options, (&out, true), &Silent))?;
                assert!(done.failed.is_empty(), "{:?}", done.failed);
                fs::read_dir(&out)?
                    .map(|f| f.map(|f| Ok((f.file_name().to_string_lossy().into_owned(), fs::read(f.path())?)))?)
                    .collect()
            };
            assert_same(&format!("{layout}, threads of a copy"), &copy(1)?, &copy(4)?);
            let out = bench.dir.path().join(format!("{layout}-copy"));
            assert_same(&format!("{layout}, converted"), &bench.tables(&out, 2)?, &reference);
        }
    }
    Ok(())
}

#[test]
fn order_of_rows_and_split_of_files_do_not_matter() -> Outcome {
    let bench = plain()?;
    let reference = bench.reference()?;
    let rows = bench.rows()?;
    for (name, files) in [
        ("shuffled", vec![shuffled(&rows)?]),
        ("newest-first", vec![newest_first(&rows)?]),
        ("split", parts(&rows)),
        ("shuffled-and-split", parts(&shuffled(&rows)?)),
    ] {
        let readings = bench.write(name, &files)?;
        assert_same(name, &bench.tables(&readings, 2)?, &reference);
    }
    Ok(())
}

#[test]
fn types_of_ids_and_stamps_do_not_matter() -> Outcome {
    let bench = plain()?;
    let reference = bench.reference()?;
    let rows = bench.rows()?;
    let naive = |unit| DataType::Timestamp(unit, None);
    let eight_hours = |seconds: i64| seconds - 8 * 3600;
    let utc: TimestampMicrosecondArray = stamps(&rows)?.into_iter().map(|s| Some(eight_hours(s) * 1_000_000)).collect();
    for (name, rows) in [
        ("plain-ids", converted(&rows, "meter_id", &DataType::Utf8)?),
        ("large-ids", converted(&rows, "meter_id", &DataType::LargeUtf8)?),
        ("view-ids", converted(&converted(&rows, "meter_id", &DataType::Utf8)?, "meter_id", &DataType::Utf8View)?),
        ("milliseconds", converted(&rows, "ts", &naive(TimeUnit::Millisecond))?),
        ("nanoseconds", converted(&rows, "ts", &naive(TimeUnit::Nanosecond))?),
        ("utc", with_column(&rows, "ts", Arc::new(utc.clone().with_timezone("UTC")))?),
        ("shanghai", with_column(&rows, "ts", Arc::new(utc.with_timezone("Asia/Shanghai")))?),
        ("text-stamps", text_stamps(&rows)?),
    ] {
        let readings = bench.write(name, &[rows])?;
        assert_same(name, &bench.tables(&readings, 2)?, &reference);
    }
    Ok(())
}

fn stamps(batch: &RecordBatch) -> Outcome<Vec<i64>> {
    let column = batch.column_by_name("ts").ok_or("no ts")?;
    Ok(column.as_primitive::<TimestampMicrosecondType>().values().iter().map(|t| t.div_euclid(1_000_000)).collect())
}

fn text_stamps(batch: &RecordBatch) -> Outcome<RecordBatch> {
    let label =
        |s: i64| Ok::<_, jiff::Error>(jiff::Timestamp::from_second(s)?.strftime("%Y-%m-%d %H:%M:%S").to_string());
    let labels = stamps(batch)?.into_iter().map(label).collect::<Result<Vec<_>, _>>()?;
    with_column(batch, "ts", Arc::new(StringArray::from(labels)))
}

/// Whole numbers are ids in plain decimal; the readings are then their own customers.
#[test]
fn integer_ids_are_their_decimal_text() -> Outcome {
    let bench = plain()?;
    let rows = bench.rows()?;
    let text = cast(rows.column_by_name("meter_id").ok_or("no id")?, &DataType::Utf8)?;
    let whole = cast(&text, &DataType::Int64)?;
    assert_eq!(whole.null_count(), 0, "the ids are digits");
    let decimal = cast(&whole, &DataType::Utf8)?;
    let mut found = Vec::new();
    for (name, ids) in [("decimal", decimal), ("whole", whole.clone()), ("unsigned", cast(&whole, &DataType::UInt64)?)]
    {
        let readings = bench.write(name, &[with_column(&rows, "meter_id", ids)?])?;
        let mut job = bench.job(&readings, name)?;
        (job.register.customers, job.register.meters, job.register.transformers) = (None, None, None);
        found.push(run_with(&job, 2)?);
    }
    assert_same("int64", &found[1], &found[0]);
    assert_same("uint64", &found[2], &found[0]);
    let first = whole.as_primitive::<Int64Type>().value(0).to_string();
    let customers = Rows::of(&bench.dir.path().join("whole"), "customers")?;
    assert!(customers.ids("customer_id")?.contains(&first), "{first} is a customer");
    assert_eq!(customers.len(), 5, "four customers, one with two feeds");
    Ok(())
}

/// Files that overlap: equal copies change nothing but the count of surplus rows.
#[test]
fn copies_in_a_second_file_are_counted_and_nothing_else() -> Outcome {
    let bench = plain()?;
    bench.reference()?;
    let out = bench.dir.path().join("out");
    let names = ["customers", "daily", "monthly", "curves", "typical_days", "peaks", "bills", "advice"];
    let read = || -> Outcome<BTreeMap<&str, RecordBatch>> {
        names.iter().map(|n| Ok((*n, Rows::of(&out, n)?.batch))).collect()
    };
    let reference = read()?;
    let rows = bench.rows()?;
    let (from, n) = (rows.num_rows() / 3, rows.num_rows() / 4);
    let readings = bench.write("overlap", &[rows.clone(), rows.slice(from, n)])?;
    bench.tables(&readings, 2)?;
    let mut surplus = 0;
    for (name, ours) in read()? {
        for (field, column) in ours.schema().fields().iter().zip(ours.columns()) {
            let theirs = reference[name].column_by_name(field.name()).ok_or("no such column")?;
            if field.name() == "n_duplicate" {
                let sum = |c: &dyn Array| {
                    cast(c, &DataType::Int64).map(|c| c.as_primitive::<Int64Type>().iter().flatten().sum::<i64>())
                };
                surplus = sum(column)? - sum(theirs)?;
            } else {
                assert_eq!(column, theirs, "{name}.{}", field.name());
            }
        }
    }
    // A customer of two feeds counts the copies of both.
    assert_eq!(surplus, n as i64);
    Ok(())
}

/// Germany's clock: 92 quarter hours on a spring day, 100 on an autumn day.
const GERMAN: &[(&str, &[&str])] = &[("school", &["dst"]), ("two_shift", &["dst", "gaps"]), ("mall", &[])];

fn clock_change(first: &str, date: &str, n_expected: i64) -> Outcome {
    let bench = Bench::new(first, 40, GERMAN)?;
    let reference = bench.reference()?;
    let out = bench.dir.path().join("out");
    let customers = Rows::of(&out, "customers")?;
    let berlin: Vec<String> = customers
        .ids("customer_id")?
        .into_iter()
        .zip(customers.ids("tz")?)
        .filter(|(_, tz)| tz == "Europe/Berlin")
        .map(|(id, _)| id)
        .collect();
    assert_eq!(berlin.len(), 2, "two customers live in Germany");
    let daily = Rows::of(&out, "daily")?;
    let (ids, dates, counts) = (daily.ids("customer_id")?, daily.ids("date")?, daily.wholes("n_expected")?);
    let on_the_day: Vec<Option<i64>> =
        (0..daily.len()).filter(|r| dates[*r] == date && berlin.contains(&ids[*r])).map(|r| counts[r]).collect();
    assert_eq!(on_the_day, [Some(n_expected), Some(n_expected)], "{date}");
    for layout in ["monthly", "daily"] {
        Bench::layout(&bench.dir, &bench.fleet, layout)?;
        let readings = bench.dir.path().join(format!("layout-{layout}/readings"));
        assert_same(layout, &bench.tables(&readings, 4)?, &reference);
    }
    // As instants the rows may come in any order, the repeated hour too.
    let utc = in_utc(&bench.rows()?, &zones(&bench)?)?;
    for (name, rows) in
        [("utc", utc.clone()), ("utc-shuffled", shuffled(&utc)?), ("utc-newest-first", newest_first(&utc)?)]
    {
        let readings = bench.write(name, &[rows])?;
        assert_same(name, &bench.tables(&readings, 2)?, &reference);
    }
    Ok(())
}

/// The zone of each meter, from the side files.
fn zones(bench: &Bench) -> Outcome<HashMap<String, jiff::tz::TimeZone>> {
    let column = |path: &Path, name: &str| -> Outcome<Vec<String>> {
        let mut reader = csv::Reader::from_path(path)?;
        let at = reader.headers()?.iter().position(|h| h == name).ok_or("no such column")?;
        reader.records().map(|r| Ok(r?.get(at).ok_or("no such cell")?.to_owned())).collect()
    };
    let tz: HashMap<String, String> = column(&bench.written.customers, "customer_id")?
        .into_iter()
        .zip(column(&bench.written.customers, "tz")?)
        .collect();
    let meters = column(&bench.written.meters, "meter_id")?.into_iter();
    meters
        .zip(column(&bench.written.meters, "customer_id")?)
        .map(|(meter, customer)| Ok((meter, jiff::tz::TimeZone::get(&tz[&customer])?)))
        .collect()
}

/// Labels as instants: the second copy of an ambiguous label is the later instant.
fn in_utc(rows: &RecordBatch, zones: &HashMap<String, jiff::tz::TimeZone>) -> Outcome<RecordBatch> {
    let ids = cast(rows.column_by_name("meter_id").ok_or("no id")?, &DataType::Utf8)?;
    let mut seen: HashMap<(String, i64), u32> = HashMap::new();
    let mut utc = Vec::with_capacity(rows.num_rows());
    for (id, label) in ids.as_string::<i32>().iter().zip(stamps(rows)?) {
        let id = id.ok_or("a row without id")?;
        let civil = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_second(label)?);
        let ambiguous = zones[id].to_ambiguous_timestamp(civil);
        let copies = seen.entry((id.to_owned(), label)).or_default();
        let instant = if *copies == 0 { ambiguous.earlier()? } else { ambiguous.later()? };
        *copies += 1;
        utc.push(instant.as_second() * 1_000_000);
    }
    let column = TimestampMicrosecondArray::from(utc).with_timezone("UTC");
    with_column(rows, "ts", Arc::new(column))
}

#[test]
fn a_spring_day_of_92_quarter_hours_is_the_same_in_every_layout() -> Outcome {
    clock_change("2025-03-05", "2025-03-30", 92)
}

#[test]
fn an_autumn_day_of_100_quarter_hours_is_the_same_in_every_layout() -> Outcome {
    clock_change("2025-10-01", "2025-10-26", 100)
}

/// A row that is absent, a null and, apart from its count, a value that is no number are one thing:
/// no reading. Energy of the others stays to the bit.
#[test]
fn nulls_and_absent_rows_are_missing_and_no_number_is_invalid() -> Outcome {
    let bench = Bench::new("2025-05-20", 40, &[("two_shift", &[]), ("continuous", &[])])?;
    let rows = bench.rows()?;
    let hit = |row: usize| row % 97 == 13 && row > 200;
    let kw = rows.column_by_name("kw").ok_or("no kw")?.as_primitive::<arrow::datatypes::Float64Type>().clone();
    let changed = |to: Option<f64>| -> Float64Array {
        (0..kw.len()).map(|i| if hit(i) { to } else { kw.is_valid(i).then(|| kw.value(i)) }).collect()
    };
    let keep: arrow::array::BooleanArray = (0..rows.num_rows()).map(|i| Some(!hit(i))).collect();
    let n = (0..rows.num_rows()).filter(|i| hit(*i)).count() as i64;
    let mut found = Vec::new();
    for (name, rows, column) in [
        ("absent", filter_record_batch(&rows, &keep)?, "n_missing"),
        ("null", with_column(&rows, "kw", Arc::new(changed(None)))?, "n_missing"),
        ("nan", with_column(&rows, "kw", Arc::new(changed(Some(f64::NAN))))?, "n_invalid"),
        ("infinite", with_column(&rows, "kw", Arc::new(changed(Some(f64::INFINITY))))?, "n_invalid"),
    ] {
        let readings = bench.write(name, &[rows])?;
        bench.tables(&readings, 2)?;
        let customers = Rows::of(&bench.dir.path().join("out"), "customers")?;
        assert_eq!(customers.wholes(column)?.iter().flatten().sum::<i64>(), n, "{column} of {name}");
        let n_valid = customers.wholes("n_valid")?.iter().flatten().sum::<i64>();
        assert_eq!(n_valid + n, rows_of(&bench), "{name}");
        found.push((name, customers.reals("kwh")?, customers.reals("max_kw")?, customers.reals("min_kw")?));
    }
    for other in &found[1..] {
        assert_eq!((&other.1, &other.2, &other.3), (&found[0].1, &found[0].2, &found[0].3), "{}", other.0);
    }
    Ok(())
}

fn rows_of(bench: &Bench) -> i64 {
    bench.written.n_readings as i64
}

/// Copies that disagree make their interval invalid, whichever comes first.
#[test]
fn conflicting_copies_are_invalid_in_either_order() -> Outcome {
    let bench = Bench::new("2025-05-20", 40, &[("two_shift", &[])])?;
    let rows = bench.rows()?;
    let mut other = rows.slice(1_000, 12);
    let kw: Float64Array = other
        .column_by_name("kw")
        .ok_or("no kw")?
        .as_primitive::<arrow::datatypes::Float64Type>()
        .unary(|v| v * 2.0 + 1.0);
    other = with_column(&other, "kw", Arc::new(kw))?;
    let ids = cast(other.column_by_name("meter_id").ok_or("no id")?, &DataType::Utf8)?;
    other = with_column(&other, "meter_id", ids)?;
    let rows = converted(&rows, "meter_id", &DataType::Utf8)?;
    let other = RecordBatch::try_new(rows_schema(&rows), other.columns().to_vec())?;
    let rows = RecordBatch::try_new(rows_schema(&rows), rows.columns().to_vec())?;
    let before = bench.write("before", &[concat_batches(&rows.schema(), [&other, &rows])?])?;
    let after = bench.write("after", &[rows, other])?;
    let tables = bench.tables(&before, 2)?;
    assert_same("copies first or last", &bench.tables(&after, 2)?, &tables);
    let customers = Rows::of(&bench.dir.path().join("out"), "customers")?;
    assert_eq!(customers.wholes("n_invalid")?, [Some(12)]);
    assert_eq!(customers.wholes("n_duplicate")?, [Some(12)]);
    Ok(())
}

/// The schema with every column nullable.
fn rows_schema(rows: &RecordBatch) -> Arc<Schema> {
    let fields: Vec<Field> = rows.schema().fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect();
    Arc::new(Schema::new(fields))
}

/// A table asked for alone has the bytes that it has among all.
#[test]
fn tables_asked_for_alone_are_the_same() -> Outcome {
    let bench = plain()?;
    let reference = bench.reference()?;
    for name in reference.keys() {
        let mut job = bench.job(&bench.written.readings[0], "alone")?;
        job.curves = false;
        job.tables = Some(vec![name.clone()]);
        let alone = run_with(&job, 2)?;
        assert_eq!(alone.keys().collect::<Vec<_>>(), [name]);
        assert!(alone[name] == reference[name], "{name} alone has other bytes");
    }
    Ok(())
}

/// A restriction to a customer gives its rows as the whole fleet has them.
#[test]
fn a_customer_alone_has_the_rows_that_it_has_in_the_fleet() -> Outcome {
    let bench = plain()?;
    bench.reference()?;
    let whole = bench.dir.path().join("out");
    let id = Rows::of(&whole, "customers")?.ids("customer_id")?[1].clone();
    let mut job = bench.job(&bench.written.readings[0], "one")?;
    job.only = vec![id.clone()];
    run_with(&job, 2)?;
    for name in ["customers", "daily", "monthly", "curves", "typical_days", "peaks", "bills", "advice", "quality"] {
        let all = Rows::of(&whole, name)?;
        let mine: arrow::array::BooleanArray = all.ids("customer_id")?.iter().map(|i| Some(*i == id)).collect();
        let alone = Rows::of(&bench.dir.path().join("one"), name)?.batch;
        assert_eq!(filter_record_batch(&all.batch, &mine)?, alone, "{name}");
    }
    Ok(())
}

/// Ids of whole numbers beyond 2^53 keep every digit.
#[test]
fn long_integer_ids_keep_their_digits() -> Outcome {
    let bench = Bench::new("2025-05-20", 10, &[("mall", &[])])?;
    let rows = bench.rows()?;
    let id = 9_007_199_254_740_993_i64;
    let rows = with_column(&rows, "meter_id", Arc::new(Int64Array::from(vec![id; rows.num_rows()])))?;
    let readings = bench.write("large", &[rows])?;
    let mut job = bench.job(&readings, "large-out")?;
    (job.register.customers, job.register.meters, job.register.transformers) = (None, None, None);
    run_with(&job, 1)?;
    let customers = Rows::of(&bench.dir.path().join("large-out"), "customers")?;
    assert_eq!(customers.ids("customer_id")?, [id.to_string()]);
    Ok(())
}
